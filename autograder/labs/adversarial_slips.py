"""Right and known wrong updates of a generator and a discriminator, carried out by the grader on its own pair."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from autograder.labs.adversarial_losses import D_HYPOTHESES, G_HYPOTHESES, d_loss, g_loss
from autograder.labs.judge import Severity
from autograder.labs.slips import flat

MOMENTUM = 0.9
Loss = Callable[..., torch.Tensor]


class Pair(nn.Module):
    """Both networks, so that their parameters have one order: the generator's first."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator


@dataclass(frozen=True)
class Given:
    """What one call is given: real images, the noise of each update in order, and whether old gradients lie there."""

    real: torch.Tensor  # (B, 3, 8, 8), the squares that the images are made of
    draws: tuple[torch.Tensor, ...]  # each (n, L)
    stale: bool = False


@dataclass(frozen=True)
class Way:
    """A way to make one call: a right one, or one with something changed.

    `order` has one letter an update: "d" and "g" for the two networks, "s" for a generator's on the fakes, and their
    graph, of the update before it, "a" for a generator's that adds to the gradients of the one before it.
    """

    order: str
    d_loss: Loss = d_loss
    g_loss: Loss = g_loss
    zero: str = "before"  # gradients are cleared "before" backward, "after" the step, or never ("")
    keeps: str = ""  # networks whose gradients are never cleared: "d", "g"
    steps: int = 1  # of the optimiser for one backward
    in_eval: str = ""  # networks that learn in eval mode: "d", "g"
    sign: float = 1.0
    clip: tuple[str, float] | None = None
    early: bool = False  # the optimiser steps before backward
    g_shown_eval: bool = False  # the generator is in eval mode while the discriminator learns; not judged
    d_shown_eval: bool = False  # the other way round; not judged

    @property
    def fresh(self) -> int:
        """How many times it draws noise."""
        return len(self.order) - self.order.count("s")


@dataclass(frozen=True)
class Slip:
    """A known wrong way."""

    name: str
    message: str
    severity: Severity
    way: Way


@dataclass
class Path:
    """What a way does: the losses of each call's updates, and all parameters after each call."""

    losses: list[list[float]] = field(default_factory=list)
    thetas: list[torch.Tensor] = field(default_factory=list)


def follow(pair: Pair, rates: tuple[float, float], givens: Sequence[Given], way: Way) -> Path:
    """The calls one after another, from the pair's parameters, with SGD of its own for each network.

    The stand-ins see squares of colours, which is all that there is in their images, so 8 x 8 pixels do.
    """
    trial: Any = copy.deepcopy(pair)
    nets = {"g": trial.generator, "d": trial.discriminator}
    optimizers = {
        who: torch.optim.SGD(nets[who].parameters(), lr=rate, momentum=MOMENTUM)
        for who, rate in zip("gd", rates, strict=True)
    }
    path = Path()
    for given in givens:
        if given.stale:
            for parameter in trial.parameters():
                parameter.grad = torch.ones_like(parameter)
        losses: list[float] = []
        fakes = None
        for letter, z in zip(way.order, given.draws, strict=True):
            who = "d" if letter == "d" else "g"
            net, optimizer = nets[who], optimizers[who]
            trial.generator.train(not (who in way.in_eval if who == "g" else way.g_shown_eval))
            trial.discriminator.train(not (who in way.in_eval if who == "d" else way.d_shown_eval))
            if letter == "d":
                fake = trial.generator.squares(z).detach()
                loss = way.d_loss(trial.discriminator(given.real), trial.discriminator(fake))
            else:
                fakes = fakes if letter == "s" and fakes is not None else trial.generator.squares(z)
                loss = way.g_loss(trial.discriminator(fakes))
            losses.append(float(loss.detach()))
            if way.early:
                optimizer.step()
            if way.zero == "before" and who not in way.keeps and letter != "a":
                optimizer.zero_grad()
            (way.sign * loss).backward(retain_graph=who == "g")  # type: ignore[no-untyped-call]
            _clip(net, way)
            for _ in range(0 if way.early else way.steps):
                optimizer.step()
            if way.zero == "after" and who not in way.keeps:
                optimizer.zero_grad()
        path.losses.append(losses)
        path.thetas.append(flat(trial))
    return path


def _clip(net: nn.Module, way: Way) -> None:
    if way.clip is not None:
        kind, limit = way.clip
        (nn.utils.clip_grad_norm_ if kind == "norm" else nn.utils.clip_grad_value_)(net.parameters(), limit)


# The catalogue ---------------------------------------------------------------------------------

_ZERO = "Gradients of earlier steps add up: call `zero_grad()` of the optimiser before `backward()`."
_STALE = (
    "Gradients that lay in the discriminator before, such as those that the generator's step leaves there, come into "
    "its update: call `opt_d.zero_grad()` before `backward()`."
)
_EVAL = "The step runs with {who} in eval mode: call `{call}` first."
_EARLY = "`{opt}.step()` runs before `loss.backward()`, on no gradient or an old one."
_CLIPPED = "The gradient is clipped before the update. The contract asks for the plain gradient."
# At the default smoothing, with as many fakes as real images, these are right or the same as another.
_SAME_HERE = ("smoothing-hard-coded", "mean-of-all", "loss-negated")


def slips_of(order: str) -> tuple[Slip, ...]:
    """What goes wrong in a call with these updates; what concerns one update concerns all of its network."""
    who = {"d": "the discriminator", "g": "the generator"}.get(order, "both networks")
    opt = {"d": "opt_d", "g": "opt_g"}.get(order, "optimizer")
    found = [
        Slip("zero-grad-missing", _ZERO, "near", Way(order, zero="")),
        Slip("step-in-eval-mode", _EVAL.format(who=who, call=".train()"), "flaw", Way(order, in_eval=order)),
        Slip("step-taken-twice", f"`{opt}.step()` runs twice for one batch.", "near", Way(order, steps=2)),
        Slip("gradient-ascent", "The step goes uphill: it minimises the negative loss.", "wrong", Way(order, sign=-1.0)),
        Slip("step-before-backward", _EARLY.format(opt=opt), "wrong", Way(order, early=True, zero="")),
        Slip("step-before-backward", _EARLY.format(opt=opt), "wrong", Way(order, early=True)),
    ]  # fmt: skip
    for kind in ("norm", "value"):
        found += [
            Slip("gradient-clipped", _CLIPPED, "flaw", Way(order, clip=(kind, limit)))
            for limit in (0.01, 0.1, 0.5, 1.0, 5.0)
        ]
    if order == "d":
        found += [Slip("zero-grad-missing", _STALE, "near", Way(order, zero="after"))]
    if "d" in order:
        known = [h for h in D_HYPOTHESES if h.name not in _SAME_HERE]
        found += [Slip(h.name, h.message, h.severity, Way(order, d_loss=h.formula)) for h in known]
    if "g" in order:
        known = [
            h for h in G_HYPOTHESES if h.name not in (*_SAME_HERE, "hinge-loss")
        ]  # minus the logit below 1
        found += [Slip(h.name, h.message, h.severity, Way(order, g_loss=h.formula)) for h in known]
    return tuple(found)


_ONE_TWO = "one update of the discriminator, then two of the generator"
TRAIN_SLIPS = (
    Slip("generator-updated-once", f"The generator is updated once: it should be {_ONE_TWO}.", "near", Way("dg")),
    Slip("generator-updated-too-often", f"The generator is updated three times: it should be {_ONE_TWO}.", "near", Way("dggg")),
    Slip("generator-updated-too-often", f"The generator is updated four times: it should be {_ONE_TWO}.", "near", Way("dgggg")),
    Slip("ratio-inverted", f"The discriminator is updated twice and the generator once: it should be {_ONE_TWO}.", "near", Way("ddg")),
    Slip("discriminator-updated-twice", f"The discriminator is updated twice: it should be {_ONE_TWO}.", "near", Way("ddgg")),
    Slip("discriminator-updated-twice", f"The discriminator is updated before each update of the generator: it should be {_ONE_TWO}.", "near", Way("dgdg")),
    Slip("generator-first", f"The generator is updated first: it should be {_ONE_TWO}.", "near", Way("ggd")),
    Slip("generator-first", f"The discriminator is updated between the generator's updates: it should be {_ONE_TWO}.", "near", Way("gdg")),
    Slip("generator-first", f"The generator is updated first, and once: it should be {_ONE_TWO}.", "near", Way("gd")),
    Slip("generator-not-updated", "Only the discriminator is updated.", "wrong", Way("d")),
    Slip("discriminator-not-updated", "Only the generator is updated.", "wrong", Way("gg")),
    Slip("discriminator-not-updated", "Only the generator is updated, and once.", "wrong", Way("g")),
    Slip("fake-graph-reused", "The generator's second update is made on the fakes of its first, made with weights that have moved since: draw new noise, and make new fakes.", "near", Way("dgs")),
    Slip("zero-grad-missing", "Gradients of the generator's first update come into its second: call `opt_g.zero_grad()` before each `backward()`.", "near", Way("dga")),
    Slip("zero-grad-missing", "The discriminator's gradients are never cleared: the generator's updates leave theirs there. Call `opt_d.zero_grad()` before its `backward()`.", "near", Way("dgg", keeps="d")),
    Slip("zero-grad-missing", "The generator's gradients are never cleared: call `opt_g.zero_grad()` before each `backward()`.", "near", Way("dgg", keeps="g")),
    Slip("zero-grad-missing", _STALE, "near", Way("dgg", zero="after")),
    Slip("step-in-eval-mode", _EVAL.format(who="the discriminator", call="discriminator.train()"), "flaw", Way("dgg", in_eval="d")),
    Slip("step-in-eval-mode", _EVAL.format(who="the generator", call="generator.train()"), "flaw", Way("dgg", in_eval="g")),
)  # fmt: skip
SLIPS = {"d": slips_of("d"), "g": slips_of("g"), "dgg": (*TRAIN_SLIPS, *slips_of("dgg"))}
