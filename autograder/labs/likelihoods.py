"""Reconstruction, KL and their sum in the lab `vae`: what is right, and which slips are known."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from autograder.labs.hypotheses import Hypothesis
from autograder.labs.judge import Judge
from autograder.labs.losses import Loss, judge_loss
from autograder.labs.probing import T, call

Entries = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # one number a pixel, or a latent dimension


def bce(x_hat: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """-log p(x | z) of Bernoulli pixels, summed over pixels, mean over the batch (Kingma & Welling 2014, C.1)."""
    return _bce(x_hat, x).sum(-1).mean()


def kl(mu: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    """KL(N(mu, sigma^2) to N(0, I)), summed over latents, mean over the batch (Kingma & Welling 2014, B)."""
    return _kl(mu, logvar).sum(-1).mean()


def _bce(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return -(b * torch.log(a) + (1 - b) * torch.log1p(-a))


def _kl(mu: torch.Tensor, lv: torch.Tensor) -> torch.Tensor:
    return 0.5 * (mu**2 + torch.expm1(lv) - lv)


REDUCTIONS: tuple[tuple[str, str, Callable[[torch.Tensor], torch.Tensor]], ...] = (
    ("", "", lambda e: e.sum(-1).mean()),
    ("averaged", "averaged over {dims} and batch; it should be summed over {dims}, and averaged over the batch only", lambda e: e.mean()),
    ("summed-over-batch", "summed over the batch too, so it grows with the batch size; it should be averaged over the batch", lambda e: e.sum()),
    ("averaged-and-summed-over-batch", "averaged over {dims} and summed over the batch; it should be the other way round", lambda e: e.mean(-1).sum()),
)  # fmt: skip


def _combined(
    prefix: str, what: str, dims: str, slips: tuple[tuple[str, str, Entries], ...]
) -> tuple[Hypothesis, ...]:
    """Every slip with every reduction; the slip gives the name, unless only the reduction is wrong."""
    found = []
    for slip, message, entries in slips:
        for reduction, words, reduce in REDUCTIONS:
            if not slip and not reduction:
                continue
            words = words.format(dims=dims)
            name = slip or f"{prefix}-{reduction}"
            told = (
                f"{message} Besides, it is {words}."
                if slip and reduction
                else message or f"This is {what}, {words}."
            )
            found.append(Hypothesis(name, _reduced(entries, reduce), told, "wrong" if slip else "near"))
    return tuple(found)


def _reduced(entries: Entries, reduce: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., torch.Tensor]:
    return lambda a, b: reduce(entries(a, b))


_RIGHT_BCE = "the binary cross-entropy is -(x log x_hat + (1 - x) log(1 - x_hat))"
BCE_HYPOTHESES = _combined("bce", "the binary cross-entropy", "pixels", (
    ("", "", _bce),
    ("bce-sign-flipped", f"This is the negative of the binary cross-entropy (the log-likelihood itself): minimising it makes reconstructions worse; {_RIGHT_BCE}.", lambda a, b: -_bce(a, b)),
    ("mse-instead-of-bce", "This is the squared error; this lab asks for the binary cross-entropy.", lambda a, b: (a - b) ** 2),
    ("mse-instead-of-bce", "This is half of the squared error (a Gaussian likelihood); this lab asks for the binary cross-entropy.", lambda a, b: (a - b) ** 2 / 2),
    ("absolute-error-instead-of-bce", "This is the absolute error; this lab asks for the binary cross-entropy.", lambda a, b: (a - b).abs()),
    ("logits-expected", "A sigmoid is applied to `x_hat`, which is a probability already: use the loss without logits.", lambda a, b: functional.binary_cross_entropy_with_logits(a, b, reduction="none")),
    ("bce-half-missing", f"Only bright pixels count: the half (1 - x) log(1 - x_hat) is missing; {_RIGHT_BCE}.", lambda a, b: -b * a.log()),
    ("bce-half-missing", f"Only dark pixels count: the half x log x_hat is missing; {_RIGHT_BCE}.", lambda a, b: -(1 - b) * torch.log1p(-a)),
    ("bce-arguments-swapped", "`x_hat` and `x` are swapped: the logarithms belong to the reconstruction `x_hat`.", lambda a, b: _clamped_bce(b, a)),
    ("bce-sign-within", f"One half has the wrong sign; {_RIGHT_BCE}.", lambda a, b: -(b * a.log() - (1 - b) * torch.log1p(-a))),
    ("bce-log-base", "The logarithm is to base 2; likelihoods are in nats (natural logarithm).", lambda a, b: _bce(a, b) / 0.6931471805599453),
    ("bce-log-base", "The logarithm is to base 10; likelihoods are in nats (natural logarithm).", lambda a, b: _bce(a, b) / 2.302585092994046),
    ("targets-rounded", "The target is rounded to 0 or 1 first; use the grey values as they are.", lambda a, b: _bce(a, (b > 0.5).double())),
    ("bce-kl-of-pixels", "This is the KL divergence of pixels: the entropy of the target is subtracted. The binary cross-entropy has no such term.", lambda a, b: _bce(a, b) - _entropy(b)),
    ("bce-of-continuous-bernoulli", "This is the continuous Bernoulli likelihood, with its normalising constant; this lab asks for the plain binary cross-entropy.", lambda a, b: _bce(a, b) - _log_constant(a)),
    ("bce-halved", "This is half of the binary cross-entropy.", lambda a, b: _bce(a, b) / 2),
))  # fmt: skip


def _clamped_bce(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return functional.binary_cross_entropy(a, b, reduction="none")  # its logarithms stop at -100


def _log_constant(a: torch.Tensor) -> torch.Tensor:
    """Of the continuous Bernoulli distribution (Loaiza-Ganem & Cunningham 2019, equation 8)."""
    far = torch.where(
        (a - 0.5).abs() < 1e-4, a + 2e-4, a
    )  # the formula is 0 / 0 at 1/2, where the value is log 2
    return torch.log(2 * torch.atanh(1 - 2 * far) / (1 - 2 * far))


def _entropy(b: torch.Tensor) -> torch.Tensor:
    return -(torch.xlogy(b, b) + torch.xlogy(1 - b, 1 - b))


_RIGHT_KL = "it should be 1/2 (mu^2 + exp(logvar) - 1 - logvar) for each latent"
KL_HYPOTHESES = _combined("kl", "the KL divergence", "latents", (
    ("", "", _kl),
    ("kl-sign-flipped", f"This is the negative of the KL divergence: minimising it drives the codes away from the prior; {_RIGHT_KL}.", lambda m, v: -_kl(m, v)),
    ("kl-half-missing", f"The factor 1/2 is missing: this is twice the KL divergence; {_RIGHT_KL}.", lambda m, v: 2 * _kl(m, v)),
    ("kl-half-missing", f"The factor 1/2 is missing and the sign is flipped; {_RIGHT_KL}.", lambda m, v: -2 * _kl(m, v)),
    ("kl-logvar-as-log-sigma", "logvar is taken for log sigma; it is log sigma squared, so sigma squared is exp(logvar), without another square.", lambda m, v: _kl(m, 2 * v)),
    ("kl-logvar-as-log-sigma", "The square of exp(logvar) is taken for sigma squared; sigma squared is exp(logvar).", lambda m, v: 0.5 * (m**2 + (2 * v).exp() - 1 - v)),
    ("kl-sigma-not-squared", f"sigma comes in without its square: exp(logvar / 2) instead of exp(logvar); {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 + (v / 2).exp() - 1 - v)),
    ("kl-sigma-not-squared", f"logvar is halved throughout, as if sigma stood for sigma squared; {_RIGHT_KL}.", lambda m, v: _kl(m, v / 2)),
    ("kl-logvar-as-sigma", "logvar itself is taken for sigma; sigma squared is exp(logvar).", lambda m, v: 0.5 * (m**2 + v**2 - 1 - (v**2).log())),
    ("kl-exp-missing", f"The exponential is missing, or logvar is squared in its place; {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 + v**2 - 1 - v)),
    ("kl-exp-missing", f"The exponential is missing: exp(logvar) is sigma squared; {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 + v - 1 - v)),
    ("kl-exp-missing", f"The term exp(logvar) is missing; {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 - 1 - v)),
    ("kl-mu-not-squared", f"mu comes in without its square; {_RIGHT_KL}.", lambda m, v: 0.5 * (m + torch.expm1(v) - v)),
    ("kl-mu-not-squared", f"|mu| comes in instead of mu squared; {_RIGHT_KL}.", lambda m, v: 0.5 * (m.abs() + torch.expm1(v) - v)),
    ("kl-mu-missing", f"mu does not come in; {_RIGHT_KL}.", lambda m, v: 0.5 * (torch.expm1(v) - v)),
    ("kl-logvar-missing", f"The term -logvar is missing; {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 + torch.expm1(v))),
    ("kl-sigma-ignored", f"Only mu comes in; {_RIGHT_KL}.", lambda m, v: 0.5 * m**2),
    ("kl-sigma-ignored", f"Only mu comes in, and the factor 1/2 is missing; {_RIGHT_KL}.", lambda m, v: m**2),
    ("kl-one-missing", f"The -1 is missing, so equal distributions do not give 0; {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 + v.exp() - v)),
    ("kl-one-missing", f"The 1 has the wrong sign; {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 + v.exp() + 1 - v)),
    ("kl-sign-within", f"The sign of exp(logvar) is wrong; {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 - v.exp() - 1 - v)),
    ("kl-sign-within", f"The sign of mu squared is wrong; {_RIGHT_KL}.", lambda m, v: 0.5 * (-(m**2) + torch.expm1(v) - v)),
    ("kl-sign-within", f"The sign of logvar is wrong; {_RIGHT_KL}.", lambda m, v: 0.5 * (m**2 + torch.expm1(v) + v)),
    ("kl-logvar-inverted", f"logvar has the wrong sign throughout, as if it were the precision; {_RIGHT_KL}.", lambda m, v: _kl(m, -v)),
    ("kl-reversed", "This is the KL divergence the other way round, of N(0, I) to N(mu, sigma^2). Swap the two.", lambda m, v: 0.5 * ((1 + m**2) * (-v).exp() - 1 + v)),
    ("kl-arguments-swapped", "mu and logvar are swapped.", lambda m, v: _kl(v, m)),
    ("kl-divided-by-pixels", "The KL divergence is divided by 784: weighed so against a sum over pixels it hardly counts.", lambda m, v: _kl(m, v) / 784),
    ("kl-of-the-mean", f"mu squared is doubled: the factor 1/2 covers only part of the sum; {_RIGHT_KL}.", lambda m, v: m**2 + 0.5 * (torch.expm1(v) - v)),
    ("kl-log-base", "The logarithm is to base 2; likelihoods are in nats.", lambda m, v: _kl(m, v) / 0.6931471805599453),
))  # fmt: skip


def judge_reconstruction_loss(j: Judge) -> None:
    """Binary cross-entropy of grey targets, and finite where the reconstruction is exactly 0 or 1."""
    loss = Loss(
        "reconstruction_loss",
        "the binary cross-entropy",
        "the binary cross-entropy, summed over pixels, averaged over the batch",
        bce,
        BCE_HYPOTHESES,
        learns=(0,),
        learner="the reconstruction",
    )
    judge_loss(j, loss, [(probabilities(j, n), j.digits(n)) for n in (1, 2, 5, 7, 64)])
    _judge_certain(j)


def probabilities(j: Judge, n: int) -> torch.Tensor:
    """Reconstructions `(n, 784)` in [1e-3, 1 - 1e-3], some of them near both ends."""
    return torch.sigmoid(j.normal(n, 784, scale=3.0)).clamp(1e-3, 1 - 1e-3)


def _judge_certain(j: Judge) -> None:
    """Pixels of exactly 0 and 1, on targets that agree and on targets that do not; also the gradient."""
    x = (j.uniform(4, 784) > 0.5).float()
    x_hat = torch.where(j.uniform(4, 784) > 0.5, x, (j.uniform(4, 784) > 0.5).float())
    tensors = {"x": x, "x_hat": x_hat, "one": torch.ones(())}
    vjp = {"leaves": [{"path": [], "cotangent": "one"}], "inputs": ["x_hat"]}
    steps = [
        call("reconstruction_loss", T(key, grad=True), T("x"), seed=j.new_seed()) for key in ("x", "x_hat")
    ]
    steps[0]["args"][0] = T("x")
    answers = j.ask([*steps, call("reconstruction_loss", T("x_hat", grad=True), T("x"), vjp=vjp)], tensors)
    values = [j.need_scalar(answer, what="`reconstruction_loss`") for answer in answers]
    gradient = answers[2].gradients().get("input:x_hat")
    if not all(bool(torch.isfinite(value)) for value in values):
        j.fail(
            "certain_pixels",
            "Where `x_hat` is exactly 0 or 1 the loss is NaN or infinite: log(0) = -inf, and 0 * inf is NaN. "
            "`F.binary_cross_entropy` takes care of that; by hand, clamp `x_hat` a little away from 0 and 1.",
            severity="near",
            misconception="log-of-zero",
        )
        return
    j.passed("certain_pixels", "It stays finite where `x_hat` is exactly 0 or 1.")
    if gradient is not None and not bool(torch.isfinite(gradient).all()):
        j.note(
            "certain_pixels_gradient",
            "Where `x_hat` is exactly 0 or 1 the gradient is NaN or infinite, though the loss is not: clamp `x_hat` "
            "before the logarithm, not the logarithm after it.",
        )


def judge_kl_divergence(j: Judge) -> None:
    """Away from mu = logvar = 0, with several numbers of latents; then logvar of +-30."""
    zero = torch.zeros(3, 5)
    loss = Loss(
        "kl_divergence",
        "the KL divergence",
        "the KL divergence to N(0, I), summed over latents, averaged over the batch",
        kl,
        KL_HYPOTHESES,
        learns=(0, 1),
        learner="mu and logvar",
        rest=((zero, zero), 0.0, "The KL divergence of N(0, I) to itself (mu = 0, logvar = 0)"),
        random=(
            "kl-estimated-by-sampling",
            "It gives another value each time: it is estimated from random draws. For two Gaussians there is a closed form.",
        ),
    )
    shapes = ((1, 4), (2, 3), (5, 8), (7, 1), (64, 32))
    judge_loss(j, loss, [codes(j, *shape) for shape in shapes])
    if j.credit == 1:
        _judge_extreme_logvar(j)


def codes(j: Judge, n: int, latent: int) -> tuple[torch.Tensor, torch.Tensor]:
    """mu and logvar `(n, latent)`, well away from 0."""
    return j.normal(n, latent, scale=2.0), j.normal(n, latent, scale=1.5)


def _judge_extreme_logvar(j: Judge) -> None:
    levels = (30.0, 15.0, -15.0, -30.0)
    pairs = [(j.normal(3, 4), torch.full((3, 4), level)) for level in levels]
    tensors = {f"{name}{i}": t for i, pair in enumerate(pairs) for name, t in zip("mv", pair, strict=True)}
    answers = j.ask([call("kl_divergence", T(f"m{i}"), T(f"v{i}")) for i in range(len(levels))], tensors)
    for level, pair, answer in zip(levels, pairs, answers, strict=True):
        got = float(j.need_scalar(answer, what="`kl_divergence`"))
        expected = float(kl(*(t.double() for t in pair)))
        if not j.same_number(got, expected):
            j.fail(
                "extreme_logvar",
                f"At logvar = {level:g} it is {got:.5g}; it should be {expected:.5g}. Compute with logvar itself, "
                "without bounding it or adding a small number to sigma.",
                severity="near",
                misconception="logvar-clamped",
            )
            return
    j.passed("extreme_logvar", "It is right for logvar of +-30 too.")
