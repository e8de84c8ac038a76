"""Judges `sample` of the lab `gan`: fresh noise from N(0, I) through the generator in eval mode, and nothing else changed."""

from __future__ import annotations

import re

import torch

from autograder.labs.effects import MARK, judge_effects, judge_grad_mode
from autograder.labs.image_networks import GENERATOR, IMAGE
from autograder.labs.judge import Judge
from autograder.labs.networks import build, mode
from autograder.labs.prior import SAMPLE, judge_prior
from autograder.labs.probing import Answer, H, Raised, Step, T, call, call_handle
from autograder.labs.stand_in import define, stand_in_pair
from autograder.labs.stand_ins.gan import Generator

LATENT = 13  # of the generator that it is given: not the 100 of the full run
COUNTS = (48, 48, 1)  # in train mode, in eval mode, and one alone
GIVEN = re.compile(r"it was given \(([\d, ]+)\)$")  # the end of what the stand-in generator raises
WHAT = ("parameters", "gradients", "modes", "state_dict")


def judge_sample(j: Judge) -> None:
    """`n` pictures of fresh draws from N(0, I) in eval mode; generator, modes and gradient mode as they were."""
    tensors: dict[str, torch.Tensor] = {}
    generator = None
    if j.own:
        tensors["z"] = j.normal(9, LATENT)
        steps: list[Step] = [
            build("model", GENERATOR.name, LATENT, j.new_seed(), width=8),
            mode("model", training=True),
        ]
        steps += [call_handle("model", T("z"), returns=False, seed=j.new_seed())]
    else:
        made, tensors, generator, _ = stand_in_pair(j, gain=1.0, latent=LATENT, stores=("model", "other"))
        steps = [define(*j.component.stand_ins, lab=j.lab), *made]
    steps += [MARK]
    start = len(steps)
    for n, training in zip(COUNTS, (True, False, False), strict=True):
        steps += [mode("model", training=training), {"op": "state", "of": "model", "what": WHAT}]
        steps += [call(SAMPLE.name, H("model"), n, seed=j.new_seed())]
        steps += [{"op": "state", "of": "model", "what": WHAT}]
        steps += [{"op": "attributes", "of": "model", "paths": ["body.recorded"]}]
    steps += [call(SAMPLE.name, H("model"), 2)] * 2  # on and on from one random state
    answers = _ask(j, steps, tensors)[start:]
    rounds = [answers[i : i + 5] for i in (0, 5, 10)]
    pictures = [
        j.need_tensor(r[2], (n, *IMAGE), what=f"`{SAMPLE.name}` with n={n}")
        for n, r in zip(COUNTS, rounds, strict=True)
    ]
    before = j.credit
    if generator is not None:
        _judge_pictures(j, generator, pictures)
    elif torch.equal(pictures[0][0], pictures[0][1]):
        j.fail(
            "prior", "All its pictures are the same: draw z for each.", misconception="noise-shared-by-rows"
        )
    again = [j.need_tensor(answer, (2, *IMAGE), what=f"`{SAMPLE.name}`") for answer in answers[-2:]]
    if torch.equal(again[0], again[1]) and j.credit == before:
        j.fail("prior", "Two calls give the same pictures: draw z anew, without a seed or a random state of its own.",
               misconception="noise-not-fresh")  # fmt: skip
    judge_effects(j, SAMPLE, rounds[:2])
    if rounds[0][2].value.get("requires_grad") and not any(
        f.check == "no_gradients" and f.status == "fail" for f in j.findings
    ):
        j.fail("no_gradients", "What it returns still holds its graph: draw and generate under `torch.no_grad()`.",
               severity="flaw", misconception="sample-records-graph")  # fmt: skip
    judge_grad_mode(j, SAMPLE, rounds[:2], {"value": 3}, {})


def _ask(j: Judge, steps: list[Step], tensors: dict[str, torch.Tensor]) -> list[Answer]:
    """The answers; noise of a wrong size is named before what it raised ends the judgement."""
    try:
        return j.ask(steps, tensors)
    except Raised as error:
        _name_wrong_noise(j, _refused(j) if j.own else error)
        raise


def _refused(j: Judge) -> Raised | None:
    """What is raised with the stand-in generator, where one's own did not work either."""
    made, tensors, _, _ = stand_in_pair(j, latent=LATENT, stores=("model", "other"))
    try:
        j.ask([define(*j.component.stand_ins, lab=j.lab), *made, call(SAMPLE.name, H("model"), 2)], tensors)
    except Raised as error:
        return error
    return None


def _name_wrong_noise(j: Judge, error: Raised | None) -> None:
    given = GIVEN.search(str(error.info.get("message", ""))) if error is not None else None
    if given is None:
        return
    shape = [int(n) for n in given.group(1).replace(",", " ").split()]
    if len(shape) == 2:
        j.fail("prior", f"The noise has {shape[1]} dimensions and the generator takes {LATENT}: ask it, "
               "`torch.randn(n, generator.latent_dim)`.", misconception="latent-dim-fixed")  # fmt: skip
    else:
        j.fail("prior", "The noise should have shape (n, latent_dim): the generator adds what further axes it needs.",
               misconception="noise-four-dimensional")  # fmt: skip


def _judge_pictures(j: Judge, generator: Generator, pictures: list[torch.Tensor]) -> None:
    """The stand-in generator can be inverted: each picture tells its z, and the mode that it was made in."""
    found: list[torch.Tensor] = []
    modes: list[bool] = []
    for picture in pictures:
        z, training = _latents(generator, picture)
        if z is None:
            scaled = all(_latents(generator, 2 * p - 1)[0] is not None for p in pictures)
            j.fail(
                "generates",
                "The pictures are moved to [0, 1]. Return them as the generator made them, in [-1, 1]; what draws them scales them."
                if scaled
                else "The pictures are not what the generator makes of any z: return `generator(z)` as it is.",
                severity="near" if scaled else "wrong",
                misconception="sample-rescaled" if scaled else "not-generated",
            )
            return
        found.append(z)
        modes.append(training)
    if any(modes):
        j.fail(
            "eval_mode",
            "It generates in train mode when the generator comes in train mode: switch it to eval mode first. "
            "Batch normalisation would make each picture depend on the others, and its statistics move.",
            severity="near",
            misconception="sample-in-train-mode",
        )
    else:
        j.passed("eval_mode", "It generates in eval mode.")
    judge_prior(j, found)


def _latents(generator: Generator, picture: torch.Tensor) -> tuple[torch.Tensor | None, bool]:
    """The z that these pictures were made from, and whether in train mode; None if none fits."""
    p = picture.double()
    squares = p[:, :, ::8, ::8].flatten(1)  # (B, 192)
    if not bool((squares.abs() < 1).all()):
        return None, False
    body = generator.body
    weight, bias = body.weight.detach().double(), body.bias.detach().double()
    for shift, training in ((body.shift, False), (0.0, True)):
        target = (torch.atanh(squares) - shift) / body.gain - bias
        z = torch.linalg.lstsq(weight, target.T).solution.T
        made = torch.tanh(body.gain * (z @ weight.T + bias) + shift).view(-1, 3, 8, 8)
        if float((made.repeat_interleave(8, 2).repeat_interleave(8, 3) - p).abs().max()) < 1e-4:
            return z, training
    return None, False
