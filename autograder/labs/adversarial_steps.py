"""Judges the step functions of the lab `gan` by their effects on a stand-in generator and discriminator.

The draws are the student's: what noise the generator was given is watched, and from there on the right update has
nothing random left, so the grader makes it itself (`adversarial_slips`), in float64.
"""

from __future__ import annotations

from typing import Any

import torch

from autograder.labs.adversarial_losses import d_loss, g_loss
from autograder.labs.adversarial_slips import MOMENTUM, Given, Pair, follow
from autograder.labs.adversarial_trace import (
    LATENT,
    NETWORKS,
    SIZES,
    Bench,
    Trace,
    find,
    givens_of,
    readings,
    recognise,
    ways,
)
from autograder.labs.adversarial_values import judge_values, read_values
from autograder.labs.draws import passes
from autograder.labs.gaussian import draw_fault
from autograder.labs.judge import Judge
from autograder.labs.networks import mode
from autograder.labs.probing import Answer, H, Raised, Step, T, call
from autograder.labs.slips import flat
from autograder.labs.stand_in import define, stand_in_pair
from autograder.labs.steps import describe_update, flat_answer, judge_surroundings

ORDERS = {"discriminator_step": "d", "generator_step": "g", "train_step": "dgg"}
WHAT = ["parameters", "gradients"]


def judge_step(j: Judge) -> None:
    """Three calls in a row: whose parameters moved, and how; noise, returned values, and what must stay."""
    if j.own:
        from autograder.labs.adversarial_steps_own import judge_own_step

        judge_own_step(j)
        return
    name, order = j.component.name, ORDERS[j.component.name]
    steps, tensors, generator, discriminator = stand_in_pair(j, latent=LATENT)
    pair = Pair(generator, discriminator)
    reals = [torch.tanh(j.normal(n, 3, 8, 8, scale=1.5)) for n in SIZES]  # colours of squares
    tensors |= {
        f"real{i}": real.repeat_interleave(8, 2).repeat_interleave(8, 3) for i, real in enumerate(reals)
    }
    rates = _fitting_rates(j, pair, reals[0])
    steps = [define(*j.component.stand_ins, lab=j.lab), *steps, *optimizers_of(rates)]
    steps += [{"op": "watch", "of": "generator", "path": "body", "store": "seen"}]
    steps += [{"op": "groups", "of": "opt_g"}, {"op": "groups", "of": "opt_d"}]
    start = len(steps)
    for i in range(len(SIZES)):
        steps += _one_call(j, name, i)
    steps += [{"op": "groups", "of": "opt_g"}, {"op": "groups", "of": "opt_d"}]
    answers = j.ask(steps, tensors)
    rounds = [answers[at : at + 8] for at in range(start, len(answers) - 2, 8)]
    calls = [r[4] for r in rounds]
    thetas = [
        torch.cat([flat_answer(r[6], generator), flat_answer(r[7], discriminator)]).double() for r in rounds
    ]
    trace = Trace([read_values(j, answer) for answer in calls], thetas, [passes(r[5]) for r in rounds])
    bench = Bench(order, pair.double(), rates, [real.double() for real in reals])
    judge_trace(j, bench, trace)
    if order == "d":
        _judge_generator_gradients(j, [r[6] for r in rounds])
    judge_leftovers(j, calls, rounds[-1][6:8], answers[start - 2 : start], answers[-2:])


def optimizers_of(rates: tuple[float, float]) -> list[Step]:
    """Steps that make an optimiser for each network."""
    return [
        {"op": "optimizer", "of": [of], "kind": "SGD", "options": {"lr": rate, "momentum": MOMENTUM}, "store": store}
        for of, rate, store in zip(NETWORKS, rates, ("opt_g", "opt_d"), strict=True)
    ]  # fmt: skip


def arguments_of(name: str, i: int) -> list[Any]:
    """What the i-th call of a step function is given."""
    given: dict[str, list[Any]] = {
        "discriminator_step": [H("opt_d"), T(f"real{i}")],
        "generator_step": [H("opt_g"), SIZES[i]],
        "train_step": [H("opt_g"), H("opt_d"), T(f"real{i}")],
    }
    return [H("generator"), H("discriminator"), *given[name]]


def _one_call(j: Judge, name: str, i: int) -> list[Step]:
    """Eval mode for both, old gradients in both (but in the first call), the call, noise, and both networks."""
    old = name == "discriminator_step" and i > 0
    clean: Step = {"op": "state", "of": "generator", "what": []}
    marks: list[Step] = [{"op": "mark", "of": of, "freeze": False} if old else clean for of in NETWORKS]
    # A seed in the first call only: a random state that is put back at the end shows in the next ones.
    options: dict[str, Any] = {"seed": j.new_seed()} if i == 0 else {}
    return [
        *(mode(of, training=False) for of in NETWORKS),
        *marks,
        call(name, *arguments_of(name, i), **options),
        {"op": "watched", "of": "seen", "forget": True},
        *({"op": "state", "of": of, "what": WHAT} for of in NETWORKS),
    ]


def _fitting_rates(j: Judge, pair: Any, real: torch.Tensor) -> tuple[float, float]:
    """Rates at which one step moves no layer by more than a hundredth: visible, and still smooth."""
    z = j.normal(len(real), LATENT)
    pair.train()
    fakes = pair.discriminator(pair.generator(z))
    learning = (
        (g_loss(fakes), [pair.generator.body]),
        (d_loss(pair.discriminator(real), fakes), [pair.discriminator.body, pair.discriminator.head]),
    )
    rates = []
    for loss, layers in learning:
        weights = [layer.weight for layer in layers]
        gradients = torch.autograd.grad(loss, weights, retain_graph=True)
        sizes = [float(w.detach().norm() / g.norm()) for w, g in zip(weights, gradients, strict=True)]
        rates.append(0.01 * min(sizes))
    return rates[0], rates[1]


# Verdicts ----------------------------------------------------------------------------------------


def judge_trace(j: Judge, bench: Bench, trace: Trace) -> None:
    """Updates, noise and returned values."""
    if _judge_who_moved(j, bench, trace):
        return
    for way in ways(bench.order):
        found = find(bench, trace, way)
        if found is not None:
            givens, path = found
            if _judge_counts(j, bench, givens) and judge_noise(j, bench.order, [g.draws for g in givens]):
                j.passed("update", "The parameters move as the optimiser moves them on the plain gradient.")
                judge_values(j, bench, trace, givens, path, way)
            return
    slip = recognise(bench, trace)
    if slip is not None:
        j.fail("update", slip.message, severity=slip.severity, misconception=slip.name)
    elif _judge_raw_noise(j, trace):
        _describe(j, bench, trace)


def _judge_who_moved(j: Judge, bench: Bench, trace: Trace) -> bool:
    """Whether a network that should move stays, or one that should stay moves."""
    start = flat(bench.pair)
    moved = {
        network: any(
            not torch.equal(bench.part(theta, network).float(), bench.part(start, network).float())
            for theta in trace.thetas
        )
        for network in NETWORKS
    }
    expected = {"generator": "g" in bench.order, "discriminator": "d" in bench.order}
    if bench.order == "g" and not moved["generator"] and _cut_off(j):
        j.fail("update", "No gradient reaches the generator: its fakes are cut off from it (`.detach()`, `torch.no_grad()`), or what the "
                         "discriminator says of them is. In the generator's update the gradient flows through the discriminator.",
               misconception="graph-cut")  # fmt: skip
        return True
    if not any(moved.values()):
        j.fail("update", "The parameters do not move: are `loss.backward()` and the optimiser's `step()` both there, in this order, "
                         "with no `zero_grad()` between them?", misconception="no-update")  # fmt: skip
        return True
    for network in NETWORKS:
        if moved[network] and not expected[network]:
            j.fail("update", f"The {network}'s parameters change; this step updates the other network alone.", misconception=f"{network}-updated")  # fmt: skip
            return True
    for network in NETWORKS:
        if expected[network] and not moved[network]:
            j.fail("update", f"The {network}'s parameters do not move: does the right optimiser step, and does a gradient reach them?",
                   misconception=f"{network}-not-updated")  # fmt: skip
            return True
    return False


def _cut_off(j: Judge) -> bool:
    """Whether a call leaves gradients in the discriminator and none in the generator, which its optimiser does not clear here."""
    name = j.component.name
    args = [H("elsewhere") if argument == H("opt_g") else argument for argument in arguments_of(name, 0)]
    elsewhere: Step = {"op": "optimizer", "of": ["discriminator"], "kind": "SGD", "options": {"lr": 1e-9}, "store": "elsewhere"}  # fmt: skip
    states: list[Step] = [{"op": "state", "of": of, "what": ["gradients"]} for of in NETWORKS]
    try:
        answers = j.ask([elsewhere, call(name, *args, seed=j.new_seed()), *states])[2:]
    except Raised:
        return False
    generator, discriminator = (
        any(g is not None and bool(g.any()) for g in answer.tensor_map("gradients").values())
        for answer in answers
    )
    return discriminator and not generator


def _judge_counts(j: Judge, bench: Bench, givens: list[Given]) -> bool:
    """As many fakes as real images, in every update."""
    for given in givens:
        for letter, z in zip(bench.order, given.draws, strict=True):
            if len(z) == len(given.real):
                continue
            what = f"{len(z)} fakes for {len(given.real)} real images" if "d" in bench.order else f"{len(z)} fakes where batch_size is {len(given.real)}"  # fmt: skip
            whose = "discriminator" if letter == "d" else "generator"
            j.fail("fakes", f"The {whose} learns from {what}; take as many, also of a last, smaller batch.", severity="near",
                   misconception="fakes-miscounted")  # fmt: skip
            return False
    return True


def judge_noise(j: Judge, order: str, draws: list[tuple[torch.Tensor, ...]]) -> bool:
    """The noise is N(0, I), fresh at each call, and for each update of the generator."""
    if not any(bool(z.any()) for zs in draws for z in zs):
        return _judge_normal(j, torch.cat(draws[0]))
    if any(len(a) == len(b) and torch.equal(a, b) for a, b in zip(draws[0], draws[2], strict=True)):
        j.fail("noise", "Every call takes the same noise: draw it anew each time, without a fixed seed.", misconception="noise-not-fresh")  # fmt: skip
        return False
    for zs in draws:
        if len(zs) == 3 and len(zs[1]) == len(zs[2]) and torch.equal(zs[1], zs[2]):
            j.fail("noise", "Both updates of the generator take the same noise: draw it anew for each.", severity="near", misconception="noise-reused")  # fmt: skip
            return False
    unique: list[torch.Tensor] = []
    for z in (z for zs in draws for z in zs):
        if not any(len(z) == len(other) and torch.equal(z, other) for other in unique):
            unique.append(z)
    return _judge_normal(j, torch.cat(unique))


def _judge_normal(j: Judge, z: torch.Tensor) -> bool:
    zero = torch.zeros_like(z)
    fault = draw_fault(z, zero, zero)
    if fault is None:
        j.passed("noise", "Its noise is N(0, I), drawn anew.")
        return True
    if fault.name == "noise-missing":
        j.fail("noise", "All noise is 0: draw it from N(0, I), `torch.randn(n, generator.latent_dim)`.", misconception="noise-missing")  # fmt: skip
        return False
    message = fault.message.replace("(z - mu) / sigma", "The noise").replace(", with sigma = exp(logvar / 2)", "")  # fmt: skip
    message = message.replace("`eps` with `torch.randn_like(mu)`", "it with `torch.randn`")
    j.fail("noise", message, severity=fault.severity, misconception=fault.name)
    return False


def _judge_raw_noise(j: Judge, trace: Trace) -> bool:
    """Where no update explains the moves: whether the noise alone is at fault already."""
    zs = [z for items in trace.passes for z, _ in items if z.shape[1] == LATENT]
    if not zs:
        j.fail("update", "The generator is not run: make fakes from noise, `generator(z)`.", misconception="generator-not-run")  # fmt: skip
        return False
    zero = torch.zeros_like(torch.cat(zs))
    return draw_fault(torch.cat(zs), zero, zero) is None or _judge_normal(j, torch.cat(zs))


def _describe(j: Judge, bench: Bench, trace: Trace) -> None:
    """No known slip fits: say what differs, for the network that differs first."""
    start = flat(bench.pair)
    for way in ways(bench.order):
        for draws in readings(trace.passes, SIZES, way):
            truth = follow(bench.pair, bench.rates, givens_of(bench, draws), way).thetas
            for network in ("discriminator", "generator"):
                if ("d" if network == "discriminator" else "g") in bench.order and not bench.same(trace.thetas, truth, network):  # fmt: skip
                    got, right = ([bench.part(t, network) for t in thetas] for thetas in (trace.thetas, truth))  # fmt: skip
                    describe_update(j, bench.part(start, network), got, right)
                    return
    made = sum(len(z) for z, _ in trace.passes[0])
    updates = f"each of {len(bench.order)} updates" if len(bench.order) > 1 else "the update"
    j.fail("update", f"The generator makes {made} fakes in a call where the batch is {SIZES[0]}; there should be as many as the batch has images, for {updates}.",
           misconception="fakes-miscounted")  # fmt: skip


def _judge_generator_gradients(j: Judge, states: list[Answer]) -> None:
    """The discriminator's step gives the generator none: they stay as they were, or are cleared."""
    for i, state in enumerate(states):
        for g in state.tensor_map("gradients").values():
            if g is not None and bool(g.any()) and not (i > 0 and bool((g == 1).all())):
                j.fail("generator_untouched", "The generator gets gradients: the graph of the fakes leads into it. Make them under "
                       "`torch.no_grad()`, or pass `fake.detach()` to the discriminator.", severity="near", misconception="fakes-not-detached")  # fmt: skip
                return
    j.passed("generator_untouched", "The generator gets no gradients.")


def judge_leftovers(
    j: Judge, calls: list[Answer], states: list[Answer], before: list[Answer], after: list[Answer]
) -> None:
    """Settings of the optimisers, requires_grad, inputs, gradient mode and random state."""
    if any(a.result.get("groups") != b.result.get("groups") for a, b in zip(before, after, strict=True)):
        j.fail("leaves_optimizer", "It changes an optimiser's settings; leave the parameter groups as they are.",
               severity="flaw", misconception="optimizer-changed")  # fmt: skip
    tables = [state.result.get("requires_grad") for state in states]
    if not all(isinstance(table, dict) and all(table.values()) for table in tables):
        j.fail("leaves_requires_grad", "Afterwards some parameters have requires_grad=False; leave it as it was.",
               severity="flaw", misconception="requires-grad-changed")  # fmt: skip
    judge_surroundings(j, calls, j.component.name)
