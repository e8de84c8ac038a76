"""Judges `sample`: draws from the prior, decoded in eval mode, and nothing else changed."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from autograder.labs.digits import PIXELS
from autograder.labs.effects import MARK, Promise, judge_effects, judge_grad_mode
from autograder.labs.gaussian import draw_fault
from autograder.labs.generative import watched_keys
from autograder.labs.judge import Judge
from autograder.labs.networks import build, mode
from autograder.labs.probing import Answer, H, Step, T, call, call_handle
from autograder.labs.stand_in import LATENT, MODELS, define, stand_in_model

SAMPLE = Promise("sample", "sampling must not train", "an argument", returns_graph=True)
COUNTS = (400, 400, 1)  # in train mode, in eval mode, and one alone
WHAT = ("parameters", "gradients", "modes", "state_dict")


def judge_sample(j: Judge) -> None:
    """`n` fresh draws from N(0, I), decoded in eval mode; model, modes and gradient mode as they were."""
    tensors: dict[str, torch.Tensor] = {}
    model = None
    if j.own:
        tensors["x"] = j.digits(9)
        steps: list[Step] = [
            build("model", MODELS[j.lab], LATENT, j.new_seed()),
            mode("model", training=True),
        ]
        steps += [call_handle("model", T("x"), returns=False, seed=j.new_seed())]
    else:
        made, weights, model = stand_in_model(j, gain=1.0)
        tensors |= weights
        steps = [define(*j.component.stand_ins, lab=j.lab), *made]
    for part in ("decoder", "encoder"):
        steps += [{"op": "watch", "of": "model", "path": part, "store": f"{part}_seen"}]
    steps += [MARK]
    start = len(steps)
    for n, training in zip(COUNTS, (True, False, False), strict=True):
        steps += [mode("model", training=training), {"op": "state", "of": "model", "what": WHAT}]
        steps += [call(SAMPLE.name, H("model"), n, seed=j.new_seed())]
        steps += [{"op": "state", "of": "model", "what": WHAT}]
        steps += [{"op": "attributes", "of": "model", "paths": ["decoder.recorded"]}]
        steps += [{"op": "watched", "of": f"{part}_seen", "forget": True} for part in ("decoder", "encoder")]
    steps += [call(SAMPLE.name, H("model"), COUNTS[0])] * 2  # on and on from one random state
    answers = j.ask(steps, tensors)[start:]
    rounds = [answers[i : i + 7] for i in (0, 7, 14)]
    pictures = [
        j.need_tensor(r[2], (n, PIXELS), what=f"`{SAMPLE.name}` with n={n}")
        for n, r in zip(COUNTS, rounds, strict=True)
    ]
    before = j.credit
    if model is None:
        _judge_own_pictures(j, pictures, [r[5] for r in rounds])
    else:
        _judge_pictures(j, model, pictures)
    encoded = sum(
        len(z) for z in map(rounds[0][6].tensor, watched_keys(rounds[0][6])) if z is not None and z.dim()
    )
    if j.credit < before and encoded >= COUNTS[0]:
        j.fail("prior", "It sends something through the encoder: a sample needs none. Draw z from N(0, I), and decode it.",
               misconception="samples-through-the-encoder")  # fmt: skip
    again = [j.need_tensor(answer, (COUNTS[0], PIXELS), what=f"`{SAMPLE.name}`") for answer in answers[-2:]]
    if torch.equal(again[0], again[1]) and j.credit == before:
        j.fail("prior", "Two calls give the same pictures: draw z anew, without a seed or a random state of its own.",
               misconception="noise-not-fresh")  # fmt: skip
    judge_effects(j, SAMPLE, rounds[:2])
    if rounds[0][2].value.get("requires_grad") and not any(
        f.check == "no_gradients" and f.status == "fail" for f in j.findings
    ):
        j.fail("no_gradients", "What it returns still holds its graph: draw and decode under `torch.no_grad()`.",
               severity="flaw", misconception="sample-records-graph")  # fmt: skip
    judge_grad_mode(j, SAMPLE, rounds[:2], _plain(3), {})


def _plain(value: Any) -> Any:
    return {"value": value}


def _judge_pictures(j: Judge, model: nn.Module, pictures: list[torch.Tensor]) -> None:
    """The stand-in decoder can be inverted: each picture tells its z, and whether the decoder was in eval mode."""
    found: list[torch.Tensor] = []
    modes = []
    for picture in pictures:
        z, training = _latents(model, picture)
        if z is None:
            return _describe(j, pictures)
        found.append(z)
        modes.append(training)
    if any(modes):
        j.fail(
            "eval_mode",
            "It decodes in train mode when the model comes in train mode: switch it to eval mode first. "
            "Dropout and batch normalisation behave differently there.",
            severity="near",
            misconception="sample-in-train-mode",
        )
    else:
        j.passed("eval_mode", "It decodes in eval mode.")
    judge_prior(j, found)
    return None


def _latents(model: Any, picture: torch.Tensor) -> tuple[torch.Tensor | None, bool]:
    """The z that the decoder made these pictures from, and whether it did so in train mode; None if none fits."""
    p = picture.double()
    if not bool(((p > 0) & (p < 1)).all()):
        return None, False
    decoder = model.decoder
    weight, bias = decoder.weight.detach().double(), decoder.bias.detach().double()
    for shift, training in ((decoder.shift, False), (0.0, True)):
        target = (torch.logit(p) - shift) / decoder.gain - bias
        z = torch.linalg.lstsq(weight, target.T).solution.T
        if float((torch.sigmoid(decoder.gain * (z @ weight.T + bias) + shift) - p).abs().max()) < 1e-4:
            return z, training
    return None, False


def _describe(j: Judge, pictures: list[torch.Tensor]) -> None:
    """No z gives these pictures."""
    low, high = min(float(p.min()) for p in pictures), max(float(p.max()) for p in pictures)
    again = low > 0.49 and high < 0.74
    j.fail(
        "decodes",
        "A sigmoid is applied to what the decoder gives: its output is a probability already."
        if again
        else "The pictures are not what `model.decoder` makes of any z. Draw z from N(0, I) and return `model.decoder(z)`.",
        misconception="sigmoid-twice" if again else "not-decoded",
    )


def judge_prior(j: Judge, found: list[torch.Tensor]) -> None:
    """All z are independent draws from N(0, I), fresh at each call."""
    zero = [torch.zeros_like(z) for z in found]
    for z, none in zip(found[:2], zero, strict=False):
        fault = draw_fault(z, none, none)
        if fault is None:
            continue
        if fault.name.startswith("std-"):  # there is no sigma here to be taken for something else
            std = float(z.std())
            j.fail("prior", f"z has standard deviation {std:.3g}; it should be 1: torch.randn as it is.",
                   misconception="noise-scaled")  # fmt: skip
        elif fault.name == "noise-missing":
            j.fail("prior", "Every picture is decoded from the same z = 0. Draw z from N(0, I): torch.randn(n, latent_dim).",
                   misconception="noise-missing")  # fmt: skip
        else:
            message = fault.message.replace("(z - mu) / sigma", "z").replace(
                ", with sigma = exp(logvar / 2)", ""
            )
            j.fail("prior", message, severity=fault.severity, misconception=fault.name)
        return
    size = min(len(found[0]), len(found[1]))
    if float((found[0][:size] - found[1][:size]).abs().max()) < 1e-3:
        j.fail("prior", "Two calls draw the same z: draw it anew at each call, without a fixed seed.",
               misconception="noise-not-fresh")  # fmt: skip
        return
    j.passed("prior", "It draws from N(0, I), anew for every picture and dimension.")


def _judge_own_pictures(j: Judge, pictures: list[torch.Tensor], seen: list[Answer]) -> None:
    """The stand-in did not fit: on the student's own decoder, whose z was watched."""
    found = []
    for picture, answer in zip(pictures, seen, strict=True):
        parts = [answer.tensor(key) for key in watched_keys(answer)]
        kept = [z for z in parts if z is not None and z.dim() == 2 and z.shape[1] == LATENT]
        z = torch.cat(kept).float() if kept else torch.empty(0)
        if len(z) != len(picture):
            ok = float((pictures[0][0] - pictures[0][1]).abs().max()) > 1e-6
            j.verdict("prior", ok, "Its pictures differ.", "All its pictures are the same.")
            return
        found.append(z)
    steps = [mode("model", training=False), call_handle("model", T("z"), path="decoder", seed=j.new_seed())]
    decoded = j.need_tensor(
        j.ask(steps, {"z": found[0]})[1], (COUNTS[0], PIXELS), what="The output of `.decoder`"
    )
    j.verdict(
        "eval_mode",
        j.close(pictures[0], decoded, scale=1.0),
        "It decodes in eval mode.",
        "The pictures are not what `.decoder` makes of its draws in eval mode.",
        severity="near",
    )
    judge_prior(j, found)
