"""Judges `vae_loss`: the two terms, how beta weighs them, and the order in which they are returned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from autograder.labs.hypotheses import diagnose
from autograder.labs.judge import Judge
from autograder.labs.likelihoods import BCE_HYPOTHESES, KL_HYPOTHESES, bce, codes, kl, probabilities
from autograder.labs.losses import same_gradient
from autograder.labs.probing import Answer, T, call
from autograder.labs.stand_in import define

NAME = "vae_loss"
PARTS = ("loss", "reconstruction", "kl")
BETAS = (None, 1.0, 0.0, 0.5, 4.0)  # None: left out


def judge_vae_loss(j: Judge) -> None:
    """`(loss, reconstruction, kl)` with `loss = reconstruction + beta * kl`, and its gradient."""
    if not j.own:
        j.ask([define(*j.component.stand_ins, keep=(), lab=j.lab)])
    sizes = (1, 3, 6, 4, 9)
    batches = [(probabilities(j, n), j.digits(n), *codes(j, n, 5)) for n in sizes]
    a, b, mu, logvar = batches[-1]
    batches[-1] = (a, b, 0.2 * mu, 0.2 * logvar)  # a KL that is small, where some hold it up
    tensors = {f"{i}.{k}": t for i, batch in enumerate(batches) for k, t in enumerate(batch)}
    tensors["one"] = torch.ones(())
    steps = []
    for i, beta in enumerate(BETAS):
        inputs = [T(f"{i}.{k}", grad=k != 1) for k in range(4)]
        vjp = {"leaves": [{"path": [0], "cotangent": "one"}], "inputs": [f"{i}.{k}" for k in (0, 2, 3)]}
        if beta is None:
            steps += [call(NAME, *inputs, vjp=vjp, seed=j.new_seed())]
        elif i % 2:
            steps += [call(NAME, *inputs, beta, vjp=vjp, seed=j.new_seed())]
        else:
            steps += [call(NAME, *inputs, kwargs={"beta": {"value": beta}}, vjp=vjp, seed=j.new_seed())]
    first = {key: value for key, value in steps[1].items() if key != "vjp"}
    _read(j, j.ask([first], tensors)[0])
    answers = j.ask(steps, tensors)
    got = [_read(j, answer) for answer in answers]
    truth = [
        (float(bce(a.double(), b.double())), float(kl(m.double(), v.double()))) for a, b, m, v in batches
    ]
    betas = [1.0 if beta is None else beta for beta in BETAS]
    if _judge_terms(j, got, truth, batches) and _judge_sum(j, got, truth, betas):
        _judge_gradient(j, answers, batches, betas)
    if any(answer.result.get("changed_inputs") for answer in answers):
        j.fail(
            "leaves_input",
            f"`{NAME}` changes its inputs in place.",
            severity="flaw",
            misconception="input-modified",
        )


def _read(j: Judge, answer: Answer) -> tuple[float, float, float]:
    """The three numbers: a loss with its graph, and two terms with or without."""
    items = j.need_sequence(answer, PARTS, what=f"What `{NAME}` returns")
    loss = j.scalar_of(answer, items[0], what=f"`loss` of `{NAME}`")
    terms = []
    for name, item in zip(PARTS[1:], items[1:], strict=True):
        if item.get("type") in ("number", "ndarray"):
            terms.append(j.number_of(answer, item, what=f"`{name}` of `{NAME}`"))
        else:
            terms.append(float(j.scalar_of(answer, item, what=f"`{name}` of `{NAME}`")))
    return float(loss), terms[0], terms[1]


def _judge_terms(
    j: Judge,
    got: list[tuple[float, float, float]],
    truth: list[tuple[float, float]],
    batches: Sequence[tuple[torch.Tensor, ...]],
) -> bool:
    """Whether reconstruction and KL are what they should be."""

    def agree(values: list[float], expected: list[float]) -> bool:
        return all(j.same_number(a, b) for a, b in zip(values, expected, strict=True))

    _, recs, kls = (list(column) for column in zip(*got, strict=True))
    right_recs, right_kls = (list(column) for column in zip(*truth, strict=True))
    if agree(recs, right_recs) and agree(kls, right_kls):
        j.passed("terms", "It returns the reconstruction and the KL divergence beside the loss.")
        return True
    columns = list(zip(*got, strict=True))
    order = [_column(j, columns, expected) for expected in (right_recs, right_kls)]
    if all(order):
        j.fail(
            "terms",
            "The terms come back in another order: return `loss, reconstruction, kl`.",
            severity="near",
            misconception="terms-in-wrong-order",
        )
        return False
    if not agree(kls, right_kls) and agree(recs, right_recs):
        found = diagnose(KL_HYPOTHESES, [batch[2:] for batch in batches], kls)
        betas = [1.0 if beta is None else beta for beta in BETAS]
        if agree(kls, [beta * value for beta, value in zip(betas, right_kls, strict=True)]):
            j.fail(
                "terms",
                "The returned `kl` has beta in it already; return the plain KL divergence, and weigh it in the loss only.",
                severity="near",
                misconception="kl-returned-weighted",
            )
        else:
            j.fail("terms", "`kl`: " + (found.message if found else f"it is {kls[1]:.5g}; the KL divergence is {right_kls[1]:.5g}."),
                   severity=found.severity if found else "wrong", misconception=found.name if found else None)  # fmt: skip
        return False
    found = diagnose(BCE_HYPOTHESES, [batch[:2] for batch in batches], recs)
    j.fail("terms", "`reconstruction`: " + (found.message if found else f"it is {recs[1]:.5g}; the binary cross-entropy is {right_recs[1]:.5g}."),
           severity=found.severity if found else "wrong", misconception=found.name if found else None)  # fmt: skip
    return False


def _column(j: Judge, columns: list[tuple[float, ...]], expected: list[float]) -> bool:
    return any(all(map(j.same_number, column, expected)) for column in columns)


Form = Callable[[float, float, float], float]
SUMS: tuple[tuple[str, str, Form | None], ...] = (
    ("beta-ignored", "beta does not come in: the loss is reconstruction + kl whatever beta is.", lambda r, k, b: r + k),
    ("beta-on-reconstruction", "beta weighs the reconstruction; it belongs to the KL: reconstruction + beta * kl.", lambda r, k, b: b * r + k),
    ("beta-on-both", "beta weighs both terms; it belongs to the KL alone: reconstruction + beta * kl.", lambda r, k, b: b * (r + k)),
    ("beta-squared", "beta comes in twice (squared); it should weigh the KL once.", lambda r, k, b: r + b * b * k),
    ("kl-not-in-loss", "The KL divergence is not part of the loss: add beta * kl.", lambda r, k, b: r),
    ("reconstruction-not-in-loss", "The reconstruction is not part of the loss: add it.", lambda r, k, b: b * k),
    ("kl-subtracted", "The KL divergence is subtracted: the loss is reconstruction + beta * kl.", lambda r, k, b: r - b * k),
    ("loss-negated", "The loss is negated (this is the ELBO itself): minimising it makes everything worse.", lambda r, k, b: -(r + b * k)),
    ("reconstruction-subtracted", "The reconstruction is subtracted: the loss is reconstruction + beta * kl.", lambda r, k, b: b * k - r),
    ("beta-added", "beta is added to the loss instead of weighing the KL.", lambda r, k, b: r + k + b),
    ("beta-divides", "beta divides the KL; it should multiply it.", lambda r, k, b: r + k / b if b else float("nan")),
    ("beta-mixes", "The terms are weighed by 1 - beta and beta; it should be reconstruction + beta * kl.", lambda r, k, b: (1 - b) * r + b * k),
    ("beta-default-not-one", "Without `beta` the KL does not count fully: its default should be 1.0.", None),
    ("loss-averaged", "The loss is the mean of the two terms; it should be their sum.", lambda r, k, b: (r + b * k) / 2),
    ("terms-multiplied", "The terms are multiplied; the loss is reconstruction + beta * kl.", lambda r, k, b: r * b * k),
)  # fmt: skip


def _judge_sum(
    j: Judge, got: list[tuple[float, float, float]], truth: list[tuple[float, float]], betas: list[float]
) -> bool:
    losses = [values[0] for values in got]
    right = [r + beta * k for (r, k), beta in zip(truth, betas, strict=True)]
    fits = [j.same_number(value, wanted) for value, wanted in zip(losses, right, strict=True)]
    if all(fits):
        j.passed("weighted_sum", "The loss is reconstruction + beta * kl.")
        return True
    for name, message, form in SUMS:
        if form is None:
            fit = all(fits[1:])
        else:
            wanted = [form(r, k, beta) for (r, k), beta in zip(truth, betas, strict=True)]
            fit = all(j.same_number(v, w) for v, w in zip(losses, wanted, strict=True) if w == w)
        if fit:
            j.fail(
                "weighted_sum",
                message,
                severity="near" if name == "beta-default-not-one" else "wrong",
                misconception=name,
            )
            return False
    i = fits.index(False)
    j.fail(
        "weighted_sum",
        f"With beta = {betas[i]:g} the loss is {losses[i]:.5g}; reconstruction + beta * kl is {right[i]:.5g}.",
    )
    return False


def _judge_gradient(
    j: Judge, answers: list[Answer], batches: Sequence[tuple[torch.Tensor, ...]], betas: list[float]
) -> None:
    """Both terms send their gradient: to x_hat, and to mu and logvar."""
    for i, (answer, batch, beta) in enumerate(zip(answers, batches, betas, strict=True)):
        inputs = [t.double().requires_grad_(k != 1) for k, t in enumerate(batch)]
        wanted = torch.autograd.grad(
            bce(*inputs[:2]) + beta * kl(*inputs[2:]), [inputs[k] for k in (0, 2, 3)]
        )
        rows = len(batch[0])
        for k, expected in zip((0, 2, 3), wanted, strict=True):
            g = answer.gradients().get(f"input:{i}.{k}")
            if not bool(expected.any()) and (g is None or not bool(g.any())):
                continue
            term = "reconstruction" if k == 0 else "KL divergence"
            if g is None or (not bool(g.any())):
                j.fail("gradient", f"The {term} sends no gradient, so it is not minimised: keep it a tensor with its graph inside the "
                                   "loss (no `.item()`, `.detach()`, `no_grad`).", misconception="graph-cut")  # fmt: skip
                return
            if j.credit == 1 and not same_gradient(j, g * rows, expected * rows):
                j.fail("gradient", f"The values are right, but the gradient of the {term} is not.")
                return
    j.passed("gradient", "Both terms send their gradient.")
