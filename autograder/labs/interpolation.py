"""Judges `interpolate`: evenly spaced points on the line between two codes, decoded."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from autograder.labs.judge import Judge
from autograder.labs.networks import build, mode
from autograder.labs.probing import H, Step, T, call, call_handle, reseeds
from autograder.labs.stand_in import LATENT, MODELS, define, stand_in_model

Route = Callable[[Any, torch.Tensor, torch.Tensor, int], torch.Tensor]


@dataclass(frozen=True)
class Detour:
    """A known wrong path between two digits."""

    name: str
    message: str
    path: Route


Model = Any  # a network with .encoder and .decoder; torch types attributes of a module as Tensor | Module


def _tensor(value: Any) -> torch.Tensor:
    assert isinstance(value, torch.Tensor)
    return value


def code_of(model: Model, x: torch.Tensor) -> torch.Tensor:
    """The code of a picture; where the encoder gives mu and logvar, the mean."""
    code = model.encoder(x)
    return _tensor(code[0] if isinstance(code, tuple) else code)


def _reconstructed(model: Model, x: torch.Tensor) -> torch.Tensor:
    return _tensor(model.decoder(code_of(model, x)))


def _line(weights: Callable[[int], torch.Tensor]) -> Route:
    def path(model: Model, a: torch.Tensor, b: torch.Tensor, steps: int) -> torch.Tensor:
        t = weights(steps)[:, None]
        z_a, z_b = code_of(model, a[None]), code_of(model, b[None])
        return _tensor(model.decoder((1 - t) * z_a + t * z_b))

    return path


def _pixels(model: Model, a: torch.Tensor, b: torch.Tensor, steps: int) -> torch.Tensor:
    t = torch.linspace(0, 1, steps)[:, None]
    return (1 - t) * a + t * b


def _pixels_decoded(model: Model, a: torch.Tensor, b: torch.Tensor, steps: int) -> torch.Tensor:
    return _reconstructed(model, _pixels(model, a, b, steps))


def _decoded_ends(model: Model, a: torch.Tensor, b: torch.Tensor, steps: int) -> torch.Tensor:
    t = torch.linspace(0, 1, steps)[:, None]
    return (1 - t) * _reconstructed(model, a[None]) + t * _reconstructed(model, b[None])


def _sphere(model: Model, a: torch.Tensor, b: torch.Tensor, steps: int) -> torch.Tensor:
    z_a, z_b = code_of(model, a[None]), code_of(model, b[None])
    t = torch.linspace(0, 1, steps)[:, None]
    angle = torch.acos(nn.functional.cosine_similarity(z_a, z_b).clamp(-1, 1))
    z = (torch.sin((1 - t) * angle) * z_a + torch.sin(t * angle) * z_b) / torch.sin(angle)
    return _tensor(model.decoder(z))


_RIGHT = _line(lambda n: torch.linspace(0, 1, n))
DETOURS = (
    Detour("interpolates-pixels", "This mixes the two pictures pixel by pixel. Encode both, mix the codes, then decode.", _pixels),
    Detour("interpolates-pixels", "This mixes the pixels first and passes the mixture through the model. "
                                  "Mix the codes instead, then decode.", _pixels_decoded),
    Detour("interpolates-pixels", "This mixes the two reconstructions pixel by pixel. Mix the codes, then decode.", _decoded_ends),
    Detour("end-left-out", "The end image is not reached: `steps` points with both ends included are "
                           "`torch.linspace(0, 1, steps)`.", _line(lambda n: torch.arange(n) / n)),
    Detour("start-left-out", "The start image is left out: include both ends.", _line(lambda n: torch.arange(1, n + 1) / n)),
    Detour("ends-left-out", "Both ends are left out: include them.", _line(lambda n: torch.linspace(0, 1, n + 2)[1:-1])),
    Detour("interpolates-backwards", "The path runs from the end to the start.", _line(lambda n: torch.linspace(1, 0, n))),
    Detour("uneven-steps", "The points are not evenly spaced.", _line(lambda n: torch.linspace(0, 1, n) ** 2)),
    Detour("uneven-steps", "The points are not evenly spaced: they slow down at both ends.",
           _line(lambda n: (1 - torch.cos(math.pi * torch.linspace(0, 1, n))) / 2)),
    Detour("interpolates-on-the-sphere", "This walks on an arc (spherical interpolation); the contract asks for the straight line.", _sphere),
    Detour("interpolates-start-only", "Every point is the start image: the end never comes in.", _line(lambda n: torch.zeros(n))),
    Detour("walks-beyond", "This adds the end's code instead of moving towards it: use z_start + t (z_end - z_start).",
           lambda model, a, b, n: model.decoder(code_of(model, a[None]) + torch.linspace(0, 1, n)[:, None] * code_of(model, b[None]))),
)  # fmt: skip


def judge_interpolate(j: Judge) -> None:
    """Shape, both ends, evenly spaced in code space, for several numbers of steps."""
    counts = (2, 3, 7)
    tensors = {"a": j.digits(1)[0], "b": j.digits(1)[0]}
    if j.own:
        _judge_own(j, tensors, counts)
        return
    made, weights, model = stand_in_model(j, shift=0.0, gain=1.0)
    steps = [define(*j.component.stand_ins, lab=j.lab), *made, mode("model", training=False)]
    got = _asked(j, steps, tensors | weights, counts)
    with torch.no_grad():
        truth = [_RIGHT(model.eval(), tensors["a"], tensors["b"], n) for n in counts]
        if _all_close(j, got, truth):
            j.passed(
                "straight_line",
                "It decodes evenly spaced points of the line between the codes, both ends included.",
            )
            return
        if _is_random(j, tensors, got[-1]):
            return
        fitting = {
            d.name: d.message
            for d in DETOURS
            if _all_close(j, got[1:], [d.path(model, tensors["a"], tensors["b"], n) for n in counts[1:]])
        }
    if len(fitting) == 1:
        name, message = next(iter(fitting.items()))
        severity = (
            "near"
            if name in ("end-left-out", "start-left-out", "ends-left-out", "interpolates-backwards")
            else "wrong"
        )
        j.fail("straight_line", message, severity=severity, misconception=name)  # type: ignore[arg-type]
        return
    _describe(j, got, truth)


def _describe(j: Judge, got: list[torch.Tensor], truth: list[torch.Tensor]) -> None:
    first, last = j.close(got[-1][0], truth[-1][0], scale=1.0), j.close(got[-1][-1], truth[-1][-1], scale=1.0)
    ends = {
        (True, True): "Both ends are right, the points between are not",
        (True, False): "The first picture is right, the last is not",
        (False, True): "The last picture is right, the first is not",
        (False, False): "Neither end is the reconstruction of the given image",
    }[first, last]
    j.fail(
        "straight_line",
        f"{ends}. Encode both images, take evenly spaced points on the line between the codes, decode.",
    )


def _judge_own(j: Judge, tensors: dict[str, torch.Tensor], counts: tuple[int, ...]) -> None:
    """The stand-in did not fit: the same on the student's own model, in eval mode."""
    both = torch.stack([tensors["a"], tensors["b"]])
    steps = [build("model", MODELS[j.lab], LATENT, j.new_seed()), mode("model", training=False)]
    code = j.ask([*steps, call_handle("model", T("both"), path="encoder")], {"both": both})[2]
    items = code.value.get("items")  # where the encoder gives mu and logvar, the mean is the code
    value = items[0] if isinstance(items, list) and items else code.value
    codes = j.tensor_of(code, value, (2, LATENT), what="The output of `.encoder`")
    got = _asked(j, [mode("model", training=False)], tensors, counts)
    points = {f"z{n}": torch.lerp(codes[:1], codes[1:], torch.linspace(0, 1, n)[:, None]) for n in counts}
    steps = [mode("model", training=False), *(call_handle("model", T(key), path="decoder") for key in points)]
    truth = [
        j.need_tensor(a, (n, 784), what="The output of `.decoder`")
        for a, n in zip(j.ask(steps, points)[1:], counts, strict=True)
    ]
    if _all_close(j, got, truth):
        j.passed(
            "straight_line",
            "It decodes evenly spaced points of the line between the codes, both ends included.",
        )
    elif not _is_random(j, tensors, got[-1]):
        _describe(j, got, truth)


def _asked(
    j: Judge, steps: list[Step], tensors: dict[str, torch.Tensor], counts: tuple[int, ...]
) -> list[torch.Tensor]:
    """What `interpolate` gives for each number of steps."""
    asked = [call("interpolate", H("model"), T("a"), T("b"), n, seed=j.new_seed()) for n in counts]
    answers = j.ask([*steps, *asked], tensors)[-len(counts) :]
    if reseeds(answers):
        j.fail("leaves_random_state", "`interpolate` reseeds the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip
    return [
        j.need_tensor(answer, (n, 784), what=f"`interpolate` with steps={n}")
        for n, answer in zip(counts, answers, strict=True)
    ]


def _is_random(j: Judge, tensors: dict[str, torch.Tensor], got: torch.Tensor) -> bool:
    """Whether the same two pictures give another path each time, which is then told."""
    if j.close(_asked(j, [], tensors, (len(got),))[0], got, scale=1.0):
        return False
    j.fail(
        "straight_line",
        "The same two images give other pictures each time: the codes are sampled. Interpolate between the means mu, "
        "and pass the points to `.decoder`.",
        misconception="interpolates-sampled-codes",
    )
    return True


def _all_close(j: Judge, got: list[torch.Tensor], truth: list[torch.Tensor]) -> bool:
    return all(j.close(g, t, scale=1.0) for g, t in zip(got, truth, strict=True))
