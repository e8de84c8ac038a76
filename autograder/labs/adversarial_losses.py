"""Both losses of the lab `gan`: what is right, and which slips are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from autograder.labs.hypotheses import Hypothesis, constant_factor, constant_shift, diagnose, diagnose_scaled
from autograder.labs.judge import Judge, Severity
from autograder.labs.losses import Loss, judge_loss, same_gradient
from autograder.labs.probing import Answer, Raised, Step, T, call

Tensor = torch.Tensor
SMOOTHING = 0.9
LIMIT = 10.0  # logits within it are judged by value
FAR = (50.0, -50.0, 20.0, -20.0)  # these only for being finite


def bce(logits: Tensor, target: Tensor | float) -> Tensor:
    """Binary cross-entropy on logits, entry by entry: log(1 + exp(l)) - t l."""
    return functional.softplus(logits) - target * logits


def d_loss(real: Tensor, fake: Tensor, smoothing: Tensor | float = SMOOTHING) -> Tensor:
    """Real against `smoothing`, fake against 0 (Goodfellow et al. 2014; one-sided, Salimans et al. 2016, 3.4)."""
    return bce(real, smoothing).mean() + bce(fake, 0.0).mean()


def g_loss(fake: Tensor) -> Tensor:
    """The non-saturating loss -log D(G(z)) (Goodfellow et al. 2014, section 3)."""
    return bce(fake, 1.0).mean()


def _prob(logits: Tensor) -> Tensor:
    return torch.sigmoid(logits)


def _targets(on_real: Callable[[Tensor | float], Tensor | float], on_fake: Callable[[Tensor | float], Tensor | float]) -> Callable[..., Tensor]:  # fmt: skip
    return lambda r, f, s=SMOOTHING: bce(r, on_real(s)).mean() + bce(f, on_fake(s)).mean()


def _slip(
    name: str, message: str, formula: Callable[..., Tensor], severity: Severity = "wrong"
) -> Hypothesis:
    return Hypothesis(name, formula, message, severity)


_RIGHT_D = "real logits go against `smoothing`, fake ones against 0"
_SQUARED = "This is the least-squares loss (LSGAN); this lab asks for the binary cross-entropy on logits."
_HINGE = "This is the hinge loss; this lab asks for the binary cross-entropy on logits."
_WASSERSTEIN = "This is the Wasserstein loss, a difference of means; this lab asks for the binary cross-entropy on logits."
_TWICE = "A sigmoid comes before a loss that has one already: with `binary_cross_entropy_with_logits` pass logits as they are."
D_HYPOTHESES = (
    _slip("labels-swapped", f"The labels are swapped; {_RIGHT_D}.", _targets(lambda s: 0.0, lambda s: s)),
    _slip("labels-swapped", f"The labels are swapped; {_RIGHT_D}.", _targets(lambda s: 0.0, lambda s: 1.0)),
    _slip("labels-swapped", f"The labels are swapped; {_RIGHT_D}.", _targets(lambda s: 1 - s, lambda s: s)),
    _slip("labels-swapped", f"The labels are swapped; {_RIGHT_D}.", _targets(lambda s: 1 - s, lambda s: 1.0)),
    _slip("fake-target-one", f"Fake logits go against 1, as if they were real; {_RIGHT_D}.", _targets(lambda s: s, lambda s: 1.0)),
    _slip("fake-target-one", f"Fake logits go against `smoothing`, as if they were real; {_RIGHT_D}.", _targets(lambda s: s, lambda s: s)),
    _slip("fake-target-one", f"Both go against 1; {_RIGHT_D}.", _targets(lambda s: 1.0, lambda s: 1.0)),
    _slip("fake-smoothed", "The labels of fakes are smoothed too. Smooth the real ones only: a smoothed 0 keeps fakes where they are (Salimans et al. 2016).", _targets(lambda s: s, lambda s: 1 - s)),
    _slip("fake-smoothed", "Half the smoothing goes to each label; smooth the real ones only, with the target `smoothing`.", _targets(lambda s: (1 + s) / 2, lambda s: (1 - s) / 2)),
    _slip("smoothing-on-fake", f"The labels of fakes are smoothed instead of the real ones; {_RIGHT_D}.", _targets(lambda s: 1.0, lambda s: 1 - s)),
    _slip("smoothing-on-fake", f"`smoothing` is the target of the fakes; {_RIGHT_D}.", _targets(lambda s: 1.0, lambda s: s)),
    _slip("smoothing-not-applied", "`smoothing` does not come in: real logits go against 1; they should go against `smoothing`.", _targets(lambda s: 1.0, lambda s: 0.0), "near"),
    _slip("smoothing-hard-coded", "`smoothing` does not come in: real logits always go against 0.9; use the argument.", _targets(lambda s: 0.9, lambda s: 0.0), "near"),
    _slip("smoothing-inverted", "Real logits go against 1 - smoothing: `smoothing` is the target itself, 0.9 by default.", _targets(lambda s: 1 - s, lambda s: 0.0)),
    _slip("smoothing-as-weight", "`smoothing` weighs the real half of the loss; it is the target of the real logits.", lambda r, f, s=SMOOTHING: s * bce(r, 1.0).mean() + bce(f, 0.0).mean()),
    _slip("smoothing-as-weight", "`smoothing` scales the real logits; it is their target.", lambda r, f, s=SMOOTHING: bce(s * r, 1.0).mean() + bce(f, 0.0).mean()),
    _slip("summed-over-batch", "It is summed over the batch; each half should be a mean.", lambda r, f, s=SMOOTHING: bce(r, s).sum() + bce(f, 0.0).sum(), "near"),
    _slip("loss-halved", "It is half of the loss: the two means should be added, not averaged.", lambda r, f, s=SMOOTHING: d_loss(r, f, s) / 2, "near"),
    _slip("mean-of-all", "It is one mean over real and fake together. Each half should be a mean of its own, and the two added.", lambda r, f, s=SMOOTHING: torch.cat([bce(r, s), bce(f, 0.0)]).mean(), "near"),
    _slip("sigmoid-twice", _TWICE, lambda r, f, s=SMOOTHING: d_loss(_prob(r), _prob(f), s)),
    _slip("sigmoid-twice", _TWICE, lambda r, f, s=SMOOTHING: d_loss(_prob(r), _prob(f), 1.0)),
    _slip("loss-negated", "This is the negative of the loss: minimising it makes the discriminator worse.", lambda r, f, s=SMOOTHING: -d_loss(r, f, s)),
    _slip("loss-negated", "This is the negative of the loss, without smoothing: minimising it makes the discriminator worse.", lambda r, f, s=SMOOTHING: -d_loss(r, f, 1.0)),
    _slip("halves-subtracted", "One half is subtracted from the other; add them.", lambda r, f, s=SMOOTHING: bce(r, s).mean() - bce(f, 0.0).mean()),
    _slip("fake-left-out", f"Only the real logits come in; {_RIGHT_D}.", lambda r, f, s=SMOOTHING: bce(r, s).mean()),
    _slip("real-left-out", f"Only the fake logits come in; {_RIGHT_D}.", lambda r, f, s=SMOOTHING: bce(f, 0.0).mean()),
    _slip("real-counted-twice", f"The real logits come in twice, the fake ones not at all; {_RIGHT_D}.", lambda r, f, s=SMOOTHING: bce(r, s).mean() + bce(r, 0.0).mean()),
    _slip("real-counted-twice", "The half of the real logits counts twice; add the two halves as they are.", lambda r, f, s=SMOOTHING: 2 * bce(r, s).mean() + bce(f, 0.0).mean()),
    _slip("fake-counted-twice", f"The fake logits come in twice, the real ones not at all; {_RIGHT_D}.", lambda r, f, s=SMOOTHING: bce(f, s).mean() + bce(f, 0.0).mean()),
    _slip("fake-counted-twice", "The half of the fake logits counts twice; add the two halves as they are.", lambda r, f, s=SMOOTHING: bce(r, s).mean() + 2 * bce(f, 0.0).mean()),
    *(_slip("least-squares-loss", _SQUARED, _squared) for _squared in (
        lambda r, f, s=SMOOTHING: ((r - s) ** 2).mean() + (f**2).mean(),
        lambda r, f, s=SMOOTHING: (((r - s) ** 2).mean() + (f**2).mean()) / 2,
        lambda r, f, s=SMOOTHING: ((_prob(r) - s) ** 2).mean() + (_prob(f) ** 2).mean(),
        lambda r, f, s=SMOOTHING: ((r - 1) ** 2).mean() + (f**2).mean(),
        lambda r, f, s=SMOOTHING: (((r - 1) ** 2).mean() + (f**2).mean()) / 2,
    )),
    _slip("hinge-loss", _HINGE, lambda r, f, s=SMOOTHING: (1 - r).relu().mean() + (1 + f).relu().mean()),
    _slip("hinge-loss", _HINGE, lambda r, f, s=SMOOTHING: (s - r).relu().mean() + (1 + f).relu().mean()),
    _slip("wasserstein-loss", _WASSERSTEIN, lambda r, f, s=SMOOTHING: f.mean() - r.mean()),
    _slip("wasserstein-loss", _WASSERSTEIN, lambda r, f, s=SMOOTHING: r.mean() - f.mean()),
    _slip("wasserstein-loss", _WASSERSTEIN, lambda r, f, s=SMOOTHING: f.mean() - s * r.mean()),
    _slip("log-base", "The logarithm is to base 2; take the natural one.", lambda r, f, s=SMOOTHING: d_loss(r, f, s) / math.log(2)),
)  # fmt: skip

_RIGHT_G = "the generator wants its fakes taken for real, so the target is 1"
_SATURATING = "This is the saturating loss log(1 - D(G(z))): where the discriminator is sure of a fake, its gradient is next to nothing. Take -log D(G(z)), the cross-entropy against 1."
G_HYPOTHESES = (
    _slip("saturating-loss", _SATURATING, lambda f: -bce(f, 0.0).mean()),
    _slip("generator-target-zero", f"Fake logits go against 0: that trains the generator to be found out; {_RIGHT_G}.", lambda f: bce(f, 0.0).mean()),
    _slip("generator-target-smoothed", "The target is 0.9. Only the discriminator's real labels are smoothed; the generator's target is 1.", lambda f: bce(f, 0.9).mean()),
    _slip("generator-target-zero", f"Fake logits go against 0.1; {_RIGHT_G}.", lambda f: bce(f, 0.1).mean()),
    _slip("loss-negated", f"This is log D(G(z)) without its minus sign: minimising it makes fakes worse; {_RIGHT_G}.", lambda f: -bce(f, 1.0).mean()),
    _slip("summed-over-batch", "It is summed over the batch; it should be a mean.", lambda f: bce(f, 1.0).sum(), "near"),
    _slip("loss-halved", "It is half of the loss.", lambda f: bce(f, 1.0).mean() / 2, "near"),
    _slip("sigmoid-twice", _TWICE, lambda f: bce(_prob(f), 1.0).mean()),
    _slip("least-squares-loss", _SQUARED, lambda f: ((f - 1) ** 2).mean()),
    _slip("least-squares-loss", _SQUARED, lambda f: ((f - 1) ** 2).mean() / 2),
    _slip("least-squares-loss", _SQUARED, lambda f: ((_prob(f) - 1) ** 2).mean()),
    _slip("wasserstein-loss", "This is minus the mean logit, the loss of a Wasserstein or hinge GAN; this lab asks for the binary cross-entropy against 1.", lambda f: -f.mean()),
    _slip("wasserstein-loss", "This is the mean logit, a Wasserstein loss with its sign flipped; this lab asks for the binary cross-entropy against 1.", lambda f: f.mean()),
    _slip("hinge-loss", _HINGE, lambda f: (1 - f).relu().mean()),
    _slip("probability-not-logarithm", "The logarithm is missing: this is minus the mean probability.", lambda f: -_prob(f).mean()),
    _slip("probability-not-logarithm", "The logarithm is missing: this is the mean of 1 - D.", lambda f: (1 - _prob(f)).mean()),
    _slip("log-base", "The logarithm is to base 2; take the natural one.", lambda f: bce(f, 1.0).mean() / math.log(2)),
)  # fmt: skip


def _logits(j: Judge, n: int) -> Tensor:
    """Far from 0, where most mistakes agree with the truth."""
    return j.normal(n, scale=3.0).clamp(-LIMIT, LIMIT)


def judge_generator_loss(j: Judge) -> None:
    """Against 1, on batches of several sizes; finite far out."""
    loss = Loss(
        "generator_loss",
        "the cross-entropy against 1",
        "the non-saturating loss: the cross-entropy of the fake logits against 1, a mean",
        g_loss,
        G_HYPOTHESES,
        learns=(0,),
        learner="the fake logits",
    )
    with _Probabilities(j):
        judge_loss(j, loss, [(_logits(j, n),) for n in (1, 7, 2, 5, 128)])
        _judge_far(j, [(torch.tensor(FAR),), *((torch.full((3,), level),) for level in FAR)])


# How `discriminator_loss` is called, time and again: sizes of the two batches, smoothing, how it is given.
CALLS = (
    (7, 5, None, ""), (5, 7, 0.7, "keyword"), (1, 3, 1.0, "position"), (2, 1, None, ""),
    (1, 1, 0.8, "position"), (128, 128, None, ""), (4, 64, 0.6, "keyword"),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One call of `discriminator_loss`."""

    real: Tensor
    fake: Tensor
    smoothing: float | None
    how: str

    @property
    def inputs(self) -> tuple[Tensor, Tensor, Tensor]:
        s = SMOOTHING if self.smoothing is None else self.smoothing
        return self.real.double(), self.fake.double(), torch.tensor(s, dtype=torch.float64)


def judge_discriminator_loss(j: Judge) -> None:
    """Batches that differ in size, `smoothing` left out, by position and by keyword; finite far out."""
    cases = [Case(_logits(j, r), _logits(j, f), s, how) for r, f, s, how in CALLS]
    tensors = {f"{name}{i}": t for i, c in enumerate(cases) for name, t in (("r", c.real), ("f", c.fake))}
    tensors["one"] = torch.ones(())
    what = "`discriminator_loss`"
    with _Probabilities(j):
        j.need_scalar(j.ask([_call(cases[0], 0, j.new_seed())], tensors)[0], what=what)
        answers = j.ask([_call(case, i, j.new_seed(), vjp=True) for i, case in enumerate(cases)], tensors)
        got = [float(j.need_scalar(answer, what=what)) for answer in answers]
        expected = [float(d_loss(*case.inputs)) for case in cases]
        if all(map(j.same_number, got, expected)):
            j.passed("matches_definition", "It is the cross-entropy of real logits against `smoothing` plus that of fake ones against 0.")  # fmt: skip
        else:
            again = j.ask([_call(case, i, j.new_seed()) for i, case in enumerate(cases)], tensors)
            others = [float(j.need_scalar(answer, what=what)) for answer in again]
            _name_d_loss(j, cases, got, expected, others)
        _judge_d_gradient(j, answers, cases)
        if any(answer.result.get("changed_inputs") for answer in answers):
            j.fail("leaves_input", "`discriminator_loss` changes its input in place.", severity="flaw", misconception="input-modified")  # fmt: skip
        far = [(torch.tensor(FAR), torch.tensor(FAR).flip(0))]
        far += [(torch.full((2,), a), torch.full((3,), b)) for a in FAR[:2] for b in FAR[:2]]
        _judge_far(j, far)


def _call(case: Case, i: int, seed: int, *, vjp: bool = False) -> Step:
    args = [T(f"r{i}", grad=True), T(f"f{i}", grad=True)]
    options: dict[str, Any] = {}
    if case.how == "position":
        args += [{"value": case.smoothing}]
    elif case.how == "keyword":
        options["kwargs"] = {"smoothing": {"value": case.smoothing}}
    if vjp:
        options["vjp"] = {"leaves": [{"path": [], "cotangent": "one"}], "inputs": [f"r{i}", f"f{i}"]}
    return call("discriminator_loss", *args, seed=seed, **options)


def _name_d_loss(
    j: Judge, cases: list[Case], got: list[float], expected: list[float], again: list[float]
) -> None:
    check = "matches_definition"
    inputs = [case.inputs for case in cases]
    fits = [j.same_number(g, e) for g, e in zip(got, expected, strict=True)]
    given = [i for i, case in enumerate(cases) if case.smoothing is not None]
    found = diagnose(D_HYPOTHESES, inputs, got)
    if found is None:  # where the default was turned round as well, all but the default tells
        some = diagnose(D_HYPOTHESES, [inputs[i] for i in given], [got[i] for i in given])
        found = some if some is not None and some.name == "smoothing-inverted" else None
    factor = constant_factor(got, expected)
    if not all(map(math.isfinite, got)):
        j.fail(check, f"On ordinary logits it is {next(g for g in got if not math.isfinite(g))}: does it take the logarithm of a "
                      "logit, which may be negative? Use `F.binary_cross_entropy_with_logits`.", misconception="loss-not-finite")  # fmt: skip
    elif not all(j.same_number(g, a) for g, a in zip(got, again, strict=True) if math.isfinite(a)):
        raise j.stop(
            check,
            "It gives another value each time; a loss of given logits has one.",
            misconception="loss-random",
        )
    elif found is not None:
        j.fail(check, found.message, severity=found.severity, misconception=found.name)
    elif all(fits[i] for i in given):
        j.fail(check, "Right where `smoothing` is given, but its default is not 0.9.", severity="near", misconception="smoothing-default")  # fmt: skip
    elif factor is not None and factor > 0:
        j.fail(check, f"Right but for a constant: your value is {factor:.4g} times the loss.", severity="near", misconception="constant-factor")  # fmt: skip
    elif scaled := diagnose_scaled(D_HYPOTHESES, inputs, got, expected):
        j.fail(check, scaled.message, misconception=scaled.hypothesis.name)
    elif factor is not None:
        j.fail(check, f"Your value is {factor:.4g} times the loss: its sign is flipped, and a constant is off.", misconception="sign-and-factor")  # fmt: skip
    elif (shift := constant_shift(got, expected)) is not None:
        j.fail(check, f"Right but for a constant: your value is the loss {shift:+.4g} each time.", severity="near", misconception="constant-added")  # fmt: skip
    else:
        i = fits.index(False)
        sizes = f"{len(cases[i].real)} real and {len(cases[i].fake)} fake logits"
        told = "" if cases[i].smoothing is None else f" with smoothing = {cases[i].smoothing:g}"
        j.fail(check, f"On {sizes}{told} your value is {got[i]:.5g}; it should be {expected[i]:.5g}: {_RIGHT_D}, each a mean, added.")  # fmt: skip


def _judge_d_gradient(j: Judge, answers: list[Answer], cases: list[Case]) -> None:
    """Both halves send the gradient of the definition; where the value is off already, only that there is one."""
    left_out = ("fake-left-out", "real-left-out", "real-counted-twice", "fake-counted-twice")
    told = any(f.misconception in left_out for f in j.findings)
    for i, name in ((i, name) for i in range(len(cases)) for name in "rf"):
        if answers[i].gradients().get(f"input:{name}{i}") is None and not told:
            which = "real" if name == "r" else "fake"
            j.fail("gradient", f"No gradient flows from the loss to the {which} logits, so nothing can learn from them. Keep to "
                   "torch operations: no `.item()`, `.detach()`, `.data` or numpy inside the loss.", misconception="graph-cut")  # fmt: skip
            return
    if j.credit < 1:
        return
    for i, case in enumerate(cases):
        real, fake, s = case.inputs
        leaves = (real.requires_grad_(), fake.requires_grad_())
        for name, wanted in zip("rf", torch.autograd.grad(d_loss(real, fake, s), leaves), strict=True):
            g = answers[i].gradients()[f"input:{name}{i}"]
            if g is None or not same_gradient(j, g * len(wanted), wanted * len(wanted)):
                j.fail("gradient", "The value is right, but the gradient is not that of the cross-entropy.")
                return
    j.passed("gradient", "Its gradient is right: -0.4 for real logits of 0, +0.5 for fake ones, over their number.")  # fmt: skip


def _judge_far(j: Judge, batches: Sequence[tuple[Tensor, ...]]) -> None:
    """Logits of +-50: value and gradient are numbers."""
    name = j.component.name
    tensors = {f"{k}.{i}": t for i, batch in enumerate(batches) for k, t in enumerate(batch)}
    tensors["one"] = torch.ones(())
    steps = []
    for i, batch in enumerate(batches):
        keys = [f"{k}.{i}" for k in range(len(batch))]
        vjp = {"leaves": [{"path": [], "cotangent": "one"}], "inputs": keys}
        steps += [call(name, *(T(key, grad=True) for key in keys), vjp=vjp, seed=j.new_seed())]
    answers = j.ask(steps, tensors)
    values = [float(j.need_scalar(answer, what=f"`{name}`")) for answer in answers]
    if not all(map(math.isfinite, values)):
        j.fail("far_logits", "At logits of +-50 it is NaN or infinite: in float32 the sigmoid of 50 is exactly 1, and log(0) is -inf. Use "
               "`F.binary_cross_entropy_with_logits`, `F.softplus` or `F.logsigmoid`, which never take that logarithm.",
               severity="near", misconception="log-of-sigmoid")  # fmt: skip
        return
    j.passed("far_logits", "It stays finite at logits of +-50.")
    gradients = [g for answer in answers for g in answer.gradients().values() if g is not None]
    if not all(bool(torch.isfinite(g).all()) for g in gradients):
        j.note("far_logits_gradient", "At logits of +-50 its gradient is NaN or infinite, though its value is not: work on the logits, "
               "with `F.binary_cross_entropy_with_logits` or `F.softplus`.")  # fmt: skip


class _Probabilities:
    """Names the mistake where torch refuses logits that were passed for probabilities."""

    def __init__(self, j: Judge) -> None:
        self.j = j

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, Raised) and "between 0 and 1" in str(error.info.get("message")):
            raise self.j.stop("matches_definition", "Logits are passed to a loss of probabilities (torch: \"all elements of input should be between "
                              "0 and 1\"). Use `F.binary_cross_entropy_with_logits`.", misconception="logits-into-bce")  # fmt: skip
