"""Judges `make_optimizers`: Adam with beta1 0.5, two rates, each optimiser on its own network's parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch

from autograder.labs.judge import Judge
from autograder.labs.probing import Answer, H, Step, Unanswered, call, call_handle, reseeds
from autograder.labs.stand_in import PAIR, define, stand_in_pair

BETAS = (0.5, 0.999)  # Radford et al. 2016, section 4
NETWORKS = ("generator", "discriminator")
GRADIENTS = (1.0, -3.0, 0.5)  # on which an optimiser of another class shows whether it moves as Adam does
GIVES = "should be a tuple (opt_g, opt_d)"


@dataclass(frozen=True)
class Made:
    """One optimiser, as the worker describes it."""

    kinds: list[str]
    rates: list[float]
    betas: list[tuple[float, ...]]
    maximizes: bool
    owned: list[str]
    path: list[float]

    @property
    def networks(self) -> set[str]:
        return {name.partition(":")[0] for name in self.owned}

    @property
    def kind(self) -> str:
        return self.kinds[0] if self.kinds else "an optimiser of your own"

    @property
    def is_adam(self) -> bool:
        if {"Adam", "AdamW"} & set(self.kinds):
            return True
        return self.kinds[:1] in ([], ["Optimizer"]) and _moves_as_adam(self.path, self.rates)


def judge_make_optimizers(j: Judge) -> None:
    """On a plain discriminator, and on one inside a wrapper, as the lab trains it."""
    steps, tensors, generator, discriminator = stand_in_pair(j)
    steps = [define(keep=(*PAIR, "Wrapped"), lab=j.lab), *steps]
    steps += [call_handle("Wrapped", H("discriminator"), store="wrapped", returns=False)]
    for store, given in (("plain", "discriminator"), ("around", "wrapped")):
        steps += [call(j.component.name, H("generator"), H(given), store=store, seed=j.new_seed())]
    asked = j.ask(steps, tensors)[-2:]
    for answer in asked:
        told = _items(j, answer)
        if told != ["object", "object"]:
            raise j.stop(
                "shape", f"What `make_optimizers` returns {GIVES}; both should be optimisers of torch."
            )
    described: list[Step] = [
        {
            "op": "optimizers",
            "of": store,
            "networks": ["generator", "discriminator"],
            "gradients": "gradients",
        }
        for store in ("plain", "around")
    ]
    answers = j.ask(described, {"gradients": torch.tensor(GRADIENTS)})
    every = [
        {f"{who}:{name}" for name, _ in network.named_parameters()}
        for who, network in zip(NETWORKS, (generator, discriminator), strict=True)
    ]
    for answer, where in zip(answers, ("", " of a discriminator inside a wrapper"), strict=True):
        made = [_made(j, item) for item in _list(answer.result.get("optimizers"))]
        if len(made) != 2:
            raise Unanswered("optimizers")
        if not _judge_ownership(j, made, every, where, same=answer.result.get("same") is True):
            return
    j.passed("parameters", "Each optimiser has all parameters of its own network, and no others.")
    _judge_settings(j, made)
    if reseeds(asked):
        j.fail("leaves_random_state", "`make_optimizers` reseeds the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip


def _judge_ownership(j: Judge, made: list[Made], every: list[set[str]], where: str, *, same: bool) -> bool:
    """Whose parameters each of them moves."""
    opt_g, opt_d = made
    if same:
        message = "One optimiser serves both networks: its step moves both. Make two, each with its own network's parameters."
        j.fail("parameters", message, misconception="one-optimizer")
    elif opt_g.networks == {NETWORKS[1]} and opt_d.networks == {NETWORKS[0]}:
        message = "The optimisers come back in the other order: return `opt_g, opt_d`, the generator's first."
        j.fail("parameters", message, severity="near", misconception="optimizers-swapped")
    elif opt_g.networks == opt_d.networks and opt_g.networks in ({NETWORKS[0]}, {NETWORKS[1]}):
        message = f"Both optimisers have the {min(opt_g.networks)}'s parameters; each should have its own network's."
        j.fail("parameters", message, misconception="optimizers-on-one-network")
    elif foreign := [
        (name, min(optimizer.networks - {own}))
        for name, own, optimizer in zip(("opt_g", "opt_d"), NETWORKS, made, strict=True)
        if optimizer.networks - {own}
    ]:
        name, whose = foreign[0]
        what = f"the {whose}'s" if whose in NETWORKS else "others'"
        message = f"`{name}` has {what} parameters too, so its step moves them as well: give it `.parameters()` of its own network only."
        j.fail("parameters", message, misconception="optimizer-of-both" if whose in NETWORKS else "optimizer-of-others")  # fmt: skip
    elif missing := [
        (name, sorted(wanted - set(optimizer.owned)))
        for name, wanted, optimizer in zip(("opt_g", "opt_d"), every, made, strict=True)
        if wanted - set(optimizer.owned)
    ]:
        name, left = missing[0]
        some = ", ".join(f"`{entry.partition(':')[2]}`" for entry in left[:3])
        j.fail(
            "parameters",
            f"`{name}` lacks parameters{where}, which then never learn: {some}. Give it all of `.parameters()`.",
            severity="near",
            misconception="parameters-left-out",
        )
    else:
        return True
    return False


def _judge_settings(j: Judge, made: list[Made]) -> None:
    """Kind, rates and betas."""
    other = next((optimizer for optimizer in made if not optimizer.is_adam), None)
    if other is not None:
        j.fail("adam", f"This lab asks for Adam or AdamW; this is {other.kind}.", severity="near", misconception="not-adam")  # fmt: skip
        return
    if any(optimizer.maximizes for optimizer in made):
        j.fail("adam", "With maximize=True it goes uphill: both losses are to be minimised.", misconception="gradient-ascent")  # fmt: skip
        return
    j.passed("adam", "Both are Adam.")
    rates = [set(optimizer.rates) for optimizer in made]
    flat = sorted(rates[0] | rates[1])
    if not all(math.isfinite(rate) and rate > 0 for rate in flat):
        j.fail("rates", "A learning rate is not positive, so nothing is learned with it.", misconception="rate-not-positive")  # fmt: skip
    elif rates[0] == rates[1]:
        j.fail(
            "rates",
            f"Both learning rates are {flat[0]:g}; this lab asks for two different ones.",
            severity="near",
            misconception="equal-rates",
        )
    else:
        j.passed("rates", "The learning rates are positive and different.")
    betas = {pair for optimizer in made for pair in optimizer.betas}
    wrong = next((pair for pair in sorted(betas) if not _near(pair, BETAS)), None)
    if wrong is None:
        j.passed("betas", "The betas are 0.5 and 0.999.")
        return
    name = "betas-default" if _near(wrong, (0.9, 0.999)) else "betas-wrong"
    told = ", ".join(f"{beta:g}" for beta in wrong)
    why = (
        "the default, whose long memory makes adversarial training swing"
        if name == "betas-default"
        else "not those of this lab"
    )
    j.fail("betas", f"The betas are ({told}), {why}: pass betas=(0.5, 0.999) (Radford et al. 2016).", severity="near", misconception=name)  # fmt: skip


# Reading what the worker sends ---------------------------------------------------------------


def _items(j: Judge, answer: Answer) -> list[str]:
    """The types of a returned pair."""
    return [str(item.get("type")) for item in j.need_sequence(answer, ("opt_g", "opt_d"), what="What `make_optimizers` returns")]  # fmt: skip


def _made(j: Judge, item: Any) -> Made:
    if item is None:
        raise j.stop("shape", f"What `make_optimizers` returns {GIVES}; both should be optimisers of torch.")
    if not isinstance(item, dict):
        raise Unanswered("optimizers")
    groups = [group for group in _list(item.get("groups")) if isinstance(group, dict)]
    betas = [tuple(numbers(group["betas"])) for group in groups if isinstance(group.get("betas"), list)]
    return Made(
        [str(kind) for kind in _list(item.get("kinds"))],
        numbers(group.get("lr") for group in groups),
        betas,
        any(group.get("maximize") is True for group in groups),
        [str(name) for name in _list(item.get("owned"))],
        numbers(_list(item.get("moves"))),
    )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unanswered("optimizers")
    return value


def numbers(values: Iterable[Any]) -> list[float]:
    """NaN for what is no number; the worker is not trusted, and float() does not take integers of any size."""
    return [
        float(v) if isinstance(v, float) or (isinstance(v, int) and abs(v) < 2**1000) else math.nan
        for v in values
    ]


def _near(pair: tuple[float, ...], wanted: tuple[float, float]) -> bool:
    return len(pair) == 2 and all(abs(a - b) < 1e-6 for a, b in zip(pair, wanted, strict=True))


def _moves_as_adam(path: list[float], rates: list[float]) -> bool:
    """Whether an optimiser of the student's own class moves a weight as Adam with these betas does (Kingma & Ba 2015)."""
    if len(path) != len(GRADIENTS) + 1 or not rates:
        return False
    rate, first, second, at = rates[0], 0.0, 0.0, path[0]
    for step, (gradient, reached) in enumerate(zip(GRADIENTS, path[1:], strict=True), start=1):
        first = BETAS[0] * first + (1 - BETAS[0]) * gradient
        second = BETAS[1] * second + (1 - BETAS[1]) * gradient**2
        at -= rate * (first / (1 - BETAS[0] ** step)) / math.sqrt(second / (1 - BETAS[1] ** step))
        if not abs(reached - at) <= 0.02 * step * rate:
            return False
    return True
