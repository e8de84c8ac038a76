"""Judges `VAE` as a whole: its parts, and the draw between them, in train and in eval mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from autograder.labs import networks
from autograder.labs.digits import PIXELS, check_parts, draw_pixels
from autograder.labs.gaussian import Draw, draw_fault, right_noise
from autograder.labs.judge import Judge
from autograder.labs.networks import JITTER, Network, build, mode
from autograder.labs.probing import Answer, Step, T, call_handle
from autograder.labs.stand_in import define

VAE = Network(
    "VAE",
    lambda L: (PIXELS,),
    (("x_hat", lambda L: (PIXELS,)), ("mu", lambda L: (L,)), ("logvar", lambda L: (L,))),
    draw_pixels,
    32,
    "digit",
    random=("x_hat",),
)
LATENT, ROWS = 16, 96
GROWTH = 1.5  # of all weights, step by step, until logvar leaves the neighbourhood of 0


@dataclass(frozen=True)
class Pass:
    """One forward pass, and what went through the decoder in it."""

    x_hat: torch.Tensor
    mu: torch.Tensor
    logvar: torch.Tensor
    z: torch.Tensor | None  # None if the decoder was reached in a way that cannot be watched


def judge_vae(j: Judge) -> None:
    """`(x_hat, mu, logvar)`: the encoder's parameters, and the decoder's picture of a draw from them."""
    if not j.own:
        j.ask([define(*j.component.stand_ins, keep=(), lab=j.lab)])
    check_parts(j, VAE.name, LATENT)
    networks.check_builds(j, VAE)
    for latent in (VAE.default_latent, 7):
        networks.check_shapes(j, VAE, latent)
    x = j.digits(ROWS)
    _make(j, x)
    passes = {training: _passes(j, x, training=training) for training in (True, False)}
    if _judge_parameters(j, x):
        _judge_draws(j, passes)
    if j.credit == 1:
        _judge_composition(j, passes[False][0])
        networks.check_gradients(j, VAE)
    if j.credit == 1:
        _judge_gradient_through_z(j, x)
    networks.check_inputs(j, VAE)


def _make(j: Judge, x: torch.Tensor) -> None:
    """Make one `vae` to work with, its decoder watched, and scale its weights until logvar is well away from 0.

    Only then are sigma, sigma squared and 1 clearly different numbers.
    """
    j.ask(
        [
            build("vae", VAE.name, LATENT, j.new_seed()),
            JITTER | {"of": "vae"},
            mode("vae", training=False),
        ]
    )
    for _ in range(8):
        answer = j.ask([call_handle("vae", T("x"), seed=j.new_seed())], {"x": x})[0]
        _, _, logvar = VAE.read(j, answer, ROWS, LATENT, what="The output of `VAE` in eval mode")
        if float((logvar**2).mean()) > 0.6:
            break
        j.ask([{"op": "scale", "of": "vae", "factor": GROWTH}])
    j.ask([{"op": "watch", "of": "vae", "path": "decoder", "store": "seen"}])


def _passes(j: Judge, x: torch.Tensor, *, training: bool) -> list[Pass]:
    """Two passes of the same digits in one mode, from different random states."""
    steps: list[Step] = [mode("vae", training=training), {"op": "watched", "of": "seen", "forget": True}]
    for _ in range(2):
        steps += [
            call_handle("vae", T("x"), seed=j.new_seed()),
            {"op": "watched", "of": "seen", "forget": True},
        ]
    answers = j.ask(steps, {"x": x})[2:]
    what = f"The output of `VAE` in {'train' if training else 'eval'} mode"
    found = []
    for output, seen in (answers[:2], answers[2:]):
        x_hat, mu, logvar = VAE.read(j, output, ROWS, LATENT, what=what)
        found.append(Pass(x_hat, mu, logvar, _latents(seen)))
    return found


def _latents(seen: Answer) -> torch.Tensor | None:
    """What the decoder was given, where that is one code a digit (in one call or several)."""
    given = [seen.tensor(key) for key in watched_keys(seen)]
    tensors = [z for z in given if z is not None and z.dim() == 2 and z.shape[1] == LATENT]
    if not tensors or sum(map(len, tensors)) != ROWS:
        return None
    return torch.cat(tensors).float()


def watched_keys(seen: Answer) -> list[Any]:
    """Keys of the tensors that a watched part was given, in order."""
    items = seen.value.get("items")
    found = []
    for item in items if isinstance(items, list) else []:
        inner = item.get("items")
        value = inner.get("input") if isinstance(inner, dict) else None
        found.append(value.get("key") if isinstance(value, dict) else None)
    return found


def _judge_parameters(j: Judge, x: torch.Tensor) -> bool:
    """mu and logvar are those that `.encoder` gives."""
    steps = [mode("vae", training=False), call_handle("vae", T("x"), seed=j.new_seed())]
    steps += [call_handle("vae", T("x"), path="encoder", seed=j.new_seed())]
    answers = j.ask(steps, {"x": x})
    _, mu, logvar = VAE.read(j, answers[-2], ROWS, LATENT, what="The output of `VAE` in eval mode")
    names = ("mu", "logvar")
    items = j.need_sequence(answers[-1], names, what="The output of `.encoder`")
    shape = (ROWS, LATENT)
    right = [
        j.tensor_of(answers[-1], item, shape, what=f"`{name}` of `.encoder`")
        for item, name in zip(items, names, strict=True)
    ]
    pairs = list(zip((mu, logvar), right, strict=True))
    if all(j.close(got, wanted, scale=float(wanted.abs().max())) for got, wanted in pairs):
        j.passed("parameters", "mu and logvar are those of `.encoder`.")
        return True
    swapped = all(
        j.close(got, wanted, scale=float(wanted.abs().max()))
        for got, wanted in ((mu, right[1]), (logvar, right[0]))
    )
    j.fail(
        "parameters",
        "mu and logvar are returned in the wrong order: return `x_hat, mu, logvar`."
        if swapped
        else "The returned mu and logvar are not those that `.encoder` gives: pass them on as they are.",
        misconception="mu-and-logvar-swapped" if swapped else "parameters-changed",
    )
    return False


def _judge_draws(j: Judge, passes: dict[bool, list[Pass]]) -> None:
    """The decoder is fed a fresh draw from N(mu, sigma^2), in both modes."""
    faults = {training: _fault(j, both) for training, both in passes.items()}
    found = next((fault for fault in faults.values() if fault is not None), None)
    if found is None:
        j.passed("samples", "It reconstructs from a fresh draw of N(mu, sigma^2), in train and in eval mode.")
        return
    wrong = [training for training, fault in faults.items() if fault is not None]
    where = "" if len(wrong) == 2 else " in train mode" if wrong[0] else " in eval mode"
    if found.name == "noise-missing":
        j.fail(
            "samples",
            f"The decoder is fed the mean{where}, without noise. Reconstruct from a sampled latent "
            "`reparameterize(mu, logvar)`, in train and in eval mode.",
            misconception="decoder-fed-the-mean",
        )
        return
    words = f"{where.strip().capitalize()}: {found.message}" if where else found.message
    j.fail("samples", words, severity=found.severity, misconception=found.name)


def _fault(j: Judge, both: list[Pass]) -> Draw | None:
    first, second = both
    for one in both:
        if one.z is not None and (fault := draw_fault(one.z, one.mu, one.logvar)) is not None:
            return fault
    if first.z is not None and second.z is not None:
        if float((right_noise(first.z, first.mu, first.logvar) - right_noise(second.z, second.mu, second.logvar)).abs().max()) > 1e-3:  # fmt: skip
            return None
        return Draw(
            "noise-not-fresh",
            "Two passes draw the same noise: draw it anew at each call, without a fixed seed.",
        )
    if j.close(first.x_hat, second.x_hat, scale=1.0):
        return Draw(
            "not-sampled",
            "The same digits give the same reconstruction each time. Reconstruct from a sampled latent, in train and in eval mode.",
        )
    return None


def _judge_composition(j: Judge, one: Pass) -> None:
    """In eval mode `x_hat` is what `.decoder` makes of z."""
    if one.z is None:
        return
    steps = [mode("vae", training=False), call_handle("vae", T("z"), path="decoder", seed=j.new_seed())]
    decoded = j.need_tensor(j.ask(steps, {"z": one.z})[-1], (ROWS, PIXELS), what="The output of `.decoder`")
    j.verdict(
        "composition",
        j.close(one.x_hat, decoded, scale=float(decoded.abs().max())),
        "`x_hat` is what `.decoder` makes of the draw.",
        "`x_hat` is not what `.decoder` makes of the sampled latent: pass z through `.decoder`, with nothing after it.",
        misconception="forward-is-not-the-composition",
    )


def _judge_gradient_through_z(j: Judge, x: torch.Tensor) -> None:
    """The gradient of z is that of mu + sigma * eps: it reaches both heads, with the right size.

    For any cotangent w, the gradient of <w, z> in the encoder's weights is that of <w, mu> + <w eps sigma / 2, logvar>
    from the same pass, whatever the encoder.
    """
    steps: list[Step] = [{"op": "watched", "of": "seen", "forget": True}, mode("vae", training=True)]
    steps += [call_handle("vae", T("x"), seed=j.new_seed(), store="out"), {"op": "watched", "of": "seen"}]
    answers = j.ask(steps, {"x": x})
    _, mu, logvar = VAE.read(j, answers[-2], ROWS, LATENT, what="The output of `VAE` in train mode")
    z = _latents(answers[-1])
    _judge_decoder_in_use(j)
    if j.credit < 1 or z is None or len(watched_keys(answers[-1])) != 1:
        return
    w = j.normal(ROWS, LATENT)
    half = (right_noise(z, mu, logvar) * (logvar.double() / 2).exp() / 2).float()
    tensors = {"w": w, "u": w * half, "p": j.normal(ROWS, PIXELS)}
    leaves = [
        [{"of": "seen", "path": [0, "input"], "cotangent": "w"}],
        [{"of": "out", "path": [1], "cotangent": "w"}, {"of": "out", "path": [2], "cotangent": "u"}],
        [{"of": "out", "path": [1], "cotangent": "w"}],
        [{"of": "out", "path": [2], "cotangent": "u"}],
        [{"of": "out", "path": [0], "cotangent": "p"}],
    ]
    asked: list[Step] = [{"op": "vjp", "leaves": item, "parameters": ["vae"]} for item in leaves]
    found = j.ask(asked, tensors)
    if any(answer.result.get("once") for answer in found):
        return
    through, expected, by_mu, by_logvar, picture = _joined(found)
    if _near(through, expected) and float(picture[expected != 0].norm()) > 0:
        j.passed("gradient_through_z", "Gradients flow through the draw to both heads.")
        return
    cut = {
        "mu and logvar": not bool(through.any()) or not bool(picture[expected != 0].any()),
        "logvar": _near(through, by_mu),
        "mu": _near(through, by_logvar),
    }
    heads = next((heads for heads, is_cut in cut.items() if is_cut), None)
    if heads is None:
        j.fail(
            "gradient_through_z",
            "The draw is right, but the gradient through it is not that of mu + exp(logvar / 2) * eps.",
        )
        return
    j.fail(
        "gradient_through_z",
        f"No gradient flows from the reconstruction through z to {heads}: the draw is cut off from the graph "
        "(`.detach()`, `.data`, `no_grad`, or `Normal.sample()` instead of `.rsample()`).",
        misconception="graph-cut",
    )


def _judge_decoder_in_use(j: Judge) -> None:
    """The picture sends a gradient to `.decoder`, so it comes from there (parts that are methods have no weights)."""
    leaves = [{"of": "out", "path": [0], "cotangent": "p"}]
    asked: Step = {"op": "vjp", "leaves": leaves, "parameters": ["vae"]}
    gradients = j.ask([asked], {"p": j.normal(ROWS, PIXELS)})[0].gradients()
    inside = [g for name, g in gradients.items() if name.startswith("vae:decoder.")]
    if inside and not any(g is not None and bool(g.any()) for g in inside):
        j.fail(
            "composition",
            "`x_hat` does not come from `.decoder`: its weights have no part in it.",
            misconception="forward-is-not-the-composition",
        )


def _joined(answers: list[Answer]) -> list[torch.Tensor]:
    """The gradients of each answer in one vector, zero where there is none, in the same order for all."""
    tables = [answer.gradients() for answer in answers]
    shapes = {name: g.shape for table in tables for name, g in table.items() if g is not None}
    parts = [[table.get(name) for name in shapes] for table in tables]
    return [
        torch.cat(
            [torch.zeros(1)]
            + [
                (torch.zeros(shape) if g is None or g.shape != shape else g).flatten().float()
                for g, shape in zip(row, shapes.values(), strict=True)
            ]
        ).double()
        for row in parts
    ]


def _near(got: torch.Tensor, expected: torch.Tensor) -> bool:
    return got.shape == expected.shape and bool((got - expected).norm() <= 2e-3 * expected.norm())
