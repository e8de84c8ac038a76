"""Is `z` a draw from N(mu, sigma^2), and if not, which known slip gives just this `z`?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from autograder.labs.judge import Severity
from autograder.labs.noise import noise_fault

Recover = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Draw:
    """What is wrong with a draw."""

    name: str  # of the misconception
    message: str
    severity: Severity = "wrong"


@dataclass(frozen=True)
class Form:
    """A known wrong formula: which noise its `z` was made from."""

    name: str
    message: str
    noise: Recover


_FRESH = "draw `eps` with `torch.randn_like(mu)`, a number of its own for every row and dimension"
SHARED = {
    "one-draw": Draw("noise-shared", f"One random number serves the whole batch: {_FRESH}."),
    "rows-share": Draw("noise-shared-by-rows", f"Every row of the batch gets the same noise: {_FRESH}."),
    "dims-share": Draw(
        "noise-shared-by-dims", f"Every latent dimension of a row gets the same noise: {_FRESH}."
    ),
}
FORMS = (
    Form("std-is-variance", "The noise is multiplied by exp(logvar). That is sigma squared; sigma is exp(logvar / 2).",
         lambda z, mu, lv: (z - mu) / lv.exp()),
    Form("std-is-logvar", "The noise is multiplied by logvar itself; sigma is exp(logvar / 2).",
         lambda z, mu, lv: (z - mu) / lv),
    Form("std-is-logvar", "The noise is multiplied by logvar / 2, the logarithm of sigma; sigma is exp(logvar / 2).",
         lambda z, mu, lv: (z - mu) / (lv / 2)),
    Form("std-missing", "The noise is not multiplied by sigma: z = mu + eps. It should be mu + exp(logvar / 2) * eps.",
         lambda z, mu, lv: z - mu),
    Form("std-inverted", "The noise is divided by sigma instead of multiplied: sigma is exp(logvar / 2), with a plus.",
         lambda z, mu, lv: (z - mu) / (-lv / 2).exp()),
    Form("std-is-variance", "The noise is multiplied by sigma to the fourth power, exp(2 logvar); sigma is exp(logvar / 2).",
         lambda z, mu, lv: (z - mu) / (2 * lv).exp()),
    Form("std-is-root-of-sigma", "The noise is multiplied by exp(logvar / 4), the root of sigma; sigma is exp(logvar / 2).",
         lambda z, mu, lv: (z - mu) / (lv / 4).exp()),
    Form("std-is-root-of-logvar", "The noise is multiplied by the root of |logvar|; sigma is exp(logvar / 2).",
         lambda z, mu, lv: (z - mu) / lv.abs().sqrt()),
    Form("std-is-softplus", "The noise is multiplied by softplus(logvar); here logvar is log sigma squared, so sigma is exp(logvar / 2).",
         lambda z, mu, lv: (z - mu) / torch.nn.functional.softplus(lv)),
    Form("std-is-softplus", "The noise is multiplied by the root of softplus(logvar); here logvar is log sigma squared, so sigma is exp(logvar / 2).",
         lambda z, mu, lv: (z - mu) / torch.nn.functional.softplus(lv).sqrt()),
    Form("mean-and-std-swapped", "Mean and sigma are swapped: this is sigma + mu * eps. It should be mu + sigma * eps.",
         lambda z, mu, lv: (z - (lv / 2).exp()) / mu),
    Form("mu-and-logvar-swapped", "mu and logvar are swapped: this is logvar + exp(mu / 2) * eps.",
         lambda z, mu, lv: (z - lv) / (mu / 2).exp()),
    Form("mean-left-out", "The mean is left out: this is sigma * eps. It should be mu + sigma * eps.",
         lambda z, mu, lv: z / (lv / 2).exp()),
    Form("parameters-ignored", "This is plain standard normal noise: neither mu nor logvar comes in.",
         lambda z, mu, lv: z),
    Form("noise-scales-everything", "The noise multiplies the mean too: this is (mu + sigma) * eps. It should be mu + sigma * eps.",
         lambda z, mu, lv: z / (mu + (lv / 2).exp())),
)  # fmt: skip


def right_noise(z: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    """`eps` of `z = mu + exp(logvar / 2) * eps` (Kingma & Welling 2014, section 2.4), in float64."""
    return (z.double() - mu.double()) / (logvar.double() / 2).exp()


def draw_fault(z: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor) -> Draw | None:
    """What is wrong with `z` as a draw from N(mu, sigma^2), all `(B, L)`; None if nothing is."""
    z, mu, logvar = z.double(), mu.double(), logvar.double()
    eps = right_noise(z, mu, logvar)
    fault = noise_fault(eps)
    if fault is None:
        return _entangled(eps, mu, logvar)
    if fault == "none":
        return Draw(
            "noise-missing", "There is no noise: this is mu itself. It should be mu + exp(logvar / 2) * eps."
        )
    for name, message, noise in ((f.name, f.message, f.noise(z, mu, logvar)) for f in FORMS):
        if fault not in (*SHARED, "dependent") and noise_fault(noise, strict=True) is None:
            return Draw(name, message)
    candidates = (eps,) if fault == "dependent" else (eps, *(form.noise(z, mu, logvar) for form in FORMS))
    for noise in candidates:
        known = _known(noise)
        if known is not None:
            return known
    return _described(fault, eps)


def _known(eps: torch.Tensor) -> Draw | None:
    """Noise of a wrong kind, whatever it was multiplied by."""
    fault = noise_fault(eps)
    if fault in SHARED:
        if (
            fault == "one-draw"
            and abs(float(eps.flatten()[0])) - 1 < 1e-3
            and abs(float(eps.flatten()[0])) > 0.999
        ):
            return Draw(
                "eps-missing", "There is no noise: this is mu + sigma. It should be mu + sigma * eps."
            )
        return SHARED[fault]
    if eps.numel() < 100 or not torch.isfinite(eps).all():
        return None
    for low, name in ((0.0, "[0, 1] (torch.rand), so it always pushes upwards"), (-1.0, "[-1, 1]")):
        share = (eps.flatten() - low) / (1 - low)  # of the way through the interval
        if noise_fault(torch.special.ndtri(share.clamp(1e-7, 1 - 1e-7))[:, None], strict=True) is None:
            return Draw(
                "noise-uniform", f"The noise is uniform in {name}. Draw it from N(0, 1): torch.randn."
            )
    return None


def _described(fault: str, eps: torch.Tensor) -> Draw:
    mean, std = float(eps.mean()), float(eps.std())
    match fault:
        case "mean":
            return Draw(
                "noise-off-centre",
                f"(z - mu) / sigma has mean {mean:.3g}; it should be standard normal noise with mean 0.",
            )
        case "scale":
            return Draw(
                "noise-scaled",
                f"(z - mu) / sigma has standard deviation {std:.3g}; it should be 1, with sigma = exp(logvar / 2).",
            )
        case "shape":
            return Draw(
                "noise-not-normal",
                "(z - mu) / sigma has mean 0 and variance 1 but is not normal: draw eps with torch.randn.",
            )
    return Draw("noise-dependent", f"The noise repeats itself within the batch: {_FRESH}.")


def _entangled(eps: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor) -> Draw | None:
    """Noise must not depend on mu, nor its size on logvar (then some other power of sigma is in)."""
    n = eps.numel()
    if n < 400:
        return None
    for values, against, words in (
        (eps, mu, "mu"),
        (eps, logvar, "logvar"),
        ((eps**2 - 1) / 2**0.5, logvar, "logvar"),
    ):
        centred = against - against.mean()
        size = float((centred**2).mean().sqrt())
        if size > 1e-6 and abs(float((values * centred).sum())) / size / n**0.5 > 9:
            return Draw(
                "noise-scaled",
                f"(z - mu) / sigma changes with {words}; it should be standard normal noise, whatever mu and logvar are.",
            )
    return None
