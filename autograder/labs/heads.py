"""Judges the encoder of the lab `vae`: one network with two heads, mu and logvar."""

from __future__ import annotations

import torch

from autograder.labs.digits import PIXELS, draw_pixels
from autograder.labs.judge import Judge
from autograder.labs.networks import BATCH, JITTER, TRIES, Network, build, judge_network, mode
from autograder.labs.probing import T, call_handle
from autograder.labs.ranges import spread

ENCODER = Network(
    "Encoder",
    lambda L: (PIXELS,),
    (("mu", lambda L: (L,)), ("logvar", lambda L: (L,))),
    draw_pixels,
    32,
    "digit",
)
REACH = 9.0  # logvar may be bounded at +-10 or wider, also softly


def judge_encoder(j: Judge) -> None:
    """A pair of different heads, each fed by the whole digit, trainable, and of either sign."""
    judge_network(j, ENCODER)
    check_different_heads(j)
    check_signs(j)


def check_different_heads(j: Judge) -> None:
    """logvar is not mu again, nor one fixed multiple of it plus a constant."""
    x = draw_pixels(j, (BATCH, PIXELS))
    for _ in range(TRIES):
        steps = [build("net", ENCODER.name, None, j.new_seed()), JITTER, mode("net", training=False)]
        answer = j.ask([*steps, call_handle("net", T("x"), seed=j.new_seed())], {"x": x})[3]
        mu, logvar = ENCODER.read(j, answer, BATCH, 32, what="The output of `Encoder`")
        if not _one_of_the_other(mu.double(), logvar.double()):
            j.passed("two_heads", "mu and logvar come from two heads of their own.")
            return
    j.fail(
        "two_heads",
        "mu and logvar are the same numbers, or one is a fixed multiple of the other. Each needs a linear layer of its "
        "own on top of what they share.",
        misconception="one-head",
    )


def _one_of_the_other(mu: torch.Tensor, logvar: torch.Tensor) -> bool:
    """Whether logvar = a mu + c for one number a, and c constant over the rows."""
    m, v = mu - mu.mean(0), logvar - logvar.mean(0)
    slope = (m * v).sum() / (m * m).sum().clamp(min=1e-30)
    return bool((v - slope * m).norm() < 1e-3 * v.norm())


def check_signs(j: Judge) -> None:
    """mu unbounded, logvar free within +-10: no activation on either head."""
    outputs = spread(j, ENCODER)
    mu = torch.cat([y.flatten() for y in outputs["mu"]])
    logvar = torch.cat([y.flatten() for y in outputs["logvar"]])
    fault = _squashed(mu, reach=float("inf"), floor=2.5)
    if fault is not None:
        j.fail(
            "either_sign",
            f"`mu` {fault}. End this head with a plain linear layer.",
            misconception="activation-on-mu",
        )
        return
    fault = _squashed(logvar, reach=REACH, floor=REACH)
    if fault is not None:
        meant = (
            " logvar is log sigma squared, not sigma: it is negative where sigma is below 1."
            if float(logvar.min()) >= 0
            else ""
        )
        j.fail("either_sign", f"`logvar` {fault}. End this head with a plain linear layer "
                              f"(clamping it at +-10 or wider is fine).{meant}", misconception="activation-on-logvar")  # fmt: skip
        return
    j.passed("either_sign", "Both heads are linear: either sign, far enough to both sides.")


def _squashed(y: torch.Tensor, *, reach: float, floor: float) -> str | None:
    """How an activation shows in the values of a head while its weights grow; None if it does not.

    Args:
        reach: a flat bound at this distance or farther is allowed.
        floor: both signs together must get this far.
    """
    low, high = float(y.min()), float(y.max())
    if low >= 0 or high <= 0:
        sign = "negative" if low >= 0 else "positive"
        return f"is never {sign}: an activation such as ReLU, softplus, sigmoid or exp follows its last layer"
    if max(high, -low) < floor:
        return f"stays within [{low:.3g}, {high:.3g}] however large the weights: an activation such as tanh, or a clamp, bounds it"
    for bound in (low, high):
        other = high if bound == low else -low
        if abs(bound) < reach and reach < float("inf") and _flat_at(y, bound):
            return f"stops at {bound:.3g} however large the weights: a clamp or an activation bounds it"
        if abs(bound) < 0.05 * other and not (abs(bound) >= reach and _flat_at(y, bound)):
            return (
                "has one sign squashed: an activation such as LeakyReLU, ELU or GELU follows its last layer"
            )
    return None


def _flat_at(y: torch.Tensor, bound: float) -> bool:
    """Whether many values crowd at the bound: it is a limit, not just the largest value met."""
    return float(((y - bound).abs() <= 0.01 * abs(bound)).double().mean()) > 0.02
