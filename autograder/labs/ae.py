"""The lab `ae`: what each component must do, and how it is judged."""

from __future__ import annotations

import torch
from torch.nn import functional

from autograder.labs.digits import PIXELS, check_parts, draw_pixels, judge_decoder
from autograder.labs.evaluation import judge_evaluate
from autograder.labs.hypotheses import Hypothesis, constant_factor, diagnose
from autograder.labs.interpolation import judge_interpolate
from autograder.labs.judge import Component, Judge
from autograder.labs.networks import Network, build, judge_network, mode
from autograder.labs.probing import Answer, T, call, call_handle
from autograder.labs.ranges import check_linear_output
from autograder.labs.stand_in import define
from autograder.labs.steps import judge_train_step

ENCODER = Network("Encoder", lambda L: (PIXELS,), lambda L: (L,), draw_pixels, 32, "digit")
AUTOENCODER = Network("AutoEncoder", lambda L: (PIXELS,), lambda L: (PIXELS,), draw_pixels, 32, "digit")


def judge_encoder(j: Judge) -> None:
    judge_network(j, ENCODER)
    check_linear_output(j, ENCODER)


def judge_autoencoder(j: Judge) -> None:
    """`forward(x) = decoder(encoder(x))`, with parts that can be used on their own."""
    if not j.own:
        j.ask([define(*j.component.stand_ins, keep=())])
    latent, n = 6, 12
    x = j.digits(n)
    check_parts(j, AUTOENCODER.name, latent)
    judge_network(j, AUTOENCODER)
    steps = [build("net", AUTOENCODER.name, latent, j.new_seed()), mode("net", training=False)]
    steps += [call_handle("net", T("x")), call_handle("net", T("x"), path="encoder", store="z")]
    answers = j.ask(steps, {"x": x})
    x_hat = j.need_tensor(answers[2], (n, PIXELS), what="The output of `AutoEncoder`")
    z = j.need_tensor(
        answers[3], (n, latent), what="The output of `.encoder`", like=f" for latent_dim={latent}"
    )
    steps = [call_handle("net", T("z"), path="decoder")]
    decoded = j.need_tensor(j.ask(steps, {"z": z})[0], (n, PIXELS), what="The output of `.decoder`")
    ok = j.close(x_hat, decoded, scale=float(decoded.abs().max()))
    j.verdict(
        "composition",
        ok,
        "`forward(x)` is `decoder(encoder(x))`.",
        "`forward(x)` differs from `decoder(encoder(x))`: it should pass the digit through `.encoder` and the code "
        "through `.decoder`, with nothing in between or after.",
        misconception="forward-is-not-the-composition",
    )


MSE_HYPOTHESES = (
    Hypothesis("mse-summed", lambda a, b: ((a - b) ** 2).sum(),
               "This is the squared error summed over pixels and batch, not its mean: it grows with the batch.", "near"),
    Hypothesis("mse-summed-over-pixels", lambda a, b: ((a - b) ** 2).sum(-1).mean(),
               "This sums the squared error over the 784 pixels and averages over the batch only. "
               "The contract asks for the mean over every element.", "near"),
    Hypothesis("mse-summed-over-batch", lambda a, b: ((a - b) ** 2).mean(-1).sum(),
               "This averages over pixels but sums over the batch, so the loss depends on the batch size.", "near"),
    Hypothesis("mse-halved", lambda a, b: ((a - b) ** 2).mean() / 2, "This is half of the mean squared error (so are the smooth L1 and Huber losses for errors below 1).", "near"),
    Hypothesis("root-of-mse", lambda a, b: ((a - b) ** 2).mean().sqrt(),
               "This is the root of the mean squared error (RMSE); leave the root out."),
    Hypothesis("root-of-mse", lambda a, b: ((a - b) ** 2).sum(-1).sqrt().mean(),
               "This is the mean Euclidean distance; the mean squared error has no root."),
    Hypothesis("absolute-error", lambda a, b: (a - b).abs().mean(),
               "This is the mean absolute error (L1), not the mean squared error."),
    Hypothesis("square-of-mean-error", lambda a, b: (a - b).mean() ** 2,
               "This squares the mean error: positive and negative errors cancel first. Square each error, then average."),
    Hypothesis("error-not-squared", lambda a, b: (a - b).mean(),
               "This is the mean error without the square: positive and negative errors cancel."),
    Hypothesis("error-not-squared", lambda a, b: (b - a).mean(),
               "This is the mean error without the square: positive and negative errors cancel."),
    Hypothesis("mse-negated", lambda a, b: -((a - b) ** 2).mean(),
               "This is the negative of the mean squared error: minimising it makes the reconstruction worse."),
    Hypothesis("bce-instead-of-mse", lambda a, b: functional.binary_cross_entropy(a, b),
               "This is the binary cross-entropy; this lab uses the mean squared error (the VAE will use BCE)."),
    Hypothesis("bce-instead-of-mse", lambda a, b: functional.binary_cross_entropy(a, b, reduction="sum") / len(a),
               "This is the binary cross-entropy summed over pixels; this lab uses the mean squared error."),
    Hypothesis("cosine-instead-of-mse", lambda a, b: 1 - functional.cosine_similarity(a, b).mean(),
               "This is one minus the cosine similarity, which ignores brightness; use the mean squared error."),
    Hypothesis("variance-of-error", lambda a, b: (a - b).var(),
               "This is the variance of the error, which ignores a constant offset; use the mean of its square."),
    Hypothesis("largest-error", lambda a, b: ((a - b) ** 2).max(),
               "This is the largest squared error, not the mean over all."),
    Hypothesis("first-row-only", lambda a, b: ((a[:1] - b[:1]) ** 2).mean(),
               "This only looks at the first digit of the batch; average over all of them."),
)  # fmt: skip


def judge_reconstruction_loss(j: Judge) -> None:
    """Values and gradients on batches of several sizes, away from the easy cases."""
    name = "reconstruction_loss"
    sizes = (1, 2, 5, 7, 64)
    pairs = [(j.digits(n), j.digits(n)) for n in sizes]
    tensors = {f"a{i}": a for i, (a, _) in enumerate(pairs)} | {f"b{i}": b for i, (_, b) in enumerate(pairs)}
    tensors["one"] = torch.ones(())
    vjp = {"leaves": [{"path": [], "cotangent": "one"}]}
    steps = [
        call(name, T(f"a{i}", grad=True), T(f"b{i}"), vjp=vjp | {"inputs": [f"a{i}"]})
        for i in range(len(sizes))
    ]
    steps += [call(name, T("b1"), T("b1"))]
    answers = _scalar_answers(j, steps, tensors, name)
    got = [float(j.need_scalar(answer, what=f"`{name}`")) for answer in answers]
    expected = [float(((a.double() - b.double()) ** 2).mean()) for a, b in pairs] + [0.0]
    if all(j.same_number(g, e) for g, e in zip(got, expected, strict=True)):
        j.passed("matches_definition", "It is the mean squared error over every element.")
    else:
        _name_the_loss(j, pairs, got, expected)
    _check_loss_gradient(j, answers[:-1], pairs, got[:-1])
    if any(answer.result.get("changed_inputs") for answer in answers):
        j.fail(
            "leaves_input",
            f"`{name}` changes its input in place.",
            severity="flaw",
            misconception="input-modified",
        )


def _scalar_answers(
    j: Judge, steps: list[dict[str, object]], tensors: dict[str, torch.Tensor], name: str
) -> list[Answer]:
    """Look at the type of a first answer before asking for gradients, which need a scalar."""
    plain = call(name, T("a2", grad=True), T("b2"))
    j.need_scalar(j.ask([plain], tensors)[0], what=f"`{name}`")
    return j.ask(steps, tensors)


def _name_the_loss(
    j: Judge, pairs: list[tuple[torch.Tensor, torch.Tensor]], got: list[float], expected: list[float]
) -> None:
    found = diagnose(MSE_HYPOTHESES, pairs, got[:-1])
    factor = constant_factor(got[:-1], expected[:-1])
    if found is not None:
        j.fail("matches_definition", found.message, severity=found.severity, misconception=found.name)
    elif factor is not None and factor > 0:
        j.fail("matches_definition", f"Right but for a constant: your value is {factor:.4g} times the mean squared error.",
               severity="near", misconception="constant-factor")  # fmt: skip
    else:
        index = next(i for i, pair in enumerate(zip(got, expected, strict=True)) if not j.same_number(*pair))
        if index == len(pairs):  # the last probe: a batch against itself
            j.fail(
                "matches_definition",
                f"The loss of a batch against itself is {got[index]:.5g}; it should be 0.",
            )
            return
        j.fail(
            "matches_definition",
            f"On a random batch of {len(pairs[index][0])} your loss is {got[index]:.5g}; the mean squared error is {expected[index]:.5g}.",
        )


def _check_loss_gradient(
    j: Judge, answers: list[Answer], pairs: list[tuple[torch.Tensor, torch.Tensor]], got: list[float]
) -> None:
    """The gradient is that of the definition; where the value is off already, only that there is one."""
    gradients = [answer.gradients().get(f"input:a{i}") for i, answer in enumerate(answers)]
    if any(g is None for g in gradients):
        j.fail(
            "gradient",
            "No gradient flows from the loss to the reconstruction, so nothing can learn. "
            "Keep to torch operations: no `.item()`, `.detach()`, `.data` or numpy inside the loss.",
            misconception="graph-cut",
        )
        return
    if j.credit < 1:
        return
    truth = [2 * (a - b) / a.numel() for a, b in pairs]
    ok = all(g is not None and j.close(g * a.numel(), t * a.numel(), scale=1.0)
             for g, t, (a, _) in zip(gradients, truth, pairs, strict=True))  # fmt: skip
    j.verdict("gradient", ok, "Its gradient is right.",
              "The value is right, but the gradient is not that of the mean squared error.")  # fmt: skip


NETWORKS = ("Encoder", "Decoder", "AutoEncoder")
COMPONENTS = (
    Component("Encoder", "encoder", judge_encoder),
    Component("Decoder", "decoder", judge_decoder),
    Component(
        "AutoEncoder", "autoencoder", judge_autoencoder, ("Encoder", "Decoder"), ("Encoder", "Decoder")
    ),
    Component("reconstruction_loss", "reconstruction-loss", judge_reconstruction_loss),
    Component(
        "train_step",
        "train-step",
        judge_train_step,
        ("reconstruction_loss",),
        (*NETWORKS, "reconstruction_loss"),
    ),
    Component(
        "evaluate", "evaluate", judge_evaluate, ("reconstruction_loss",), (*NETWORKS, "reconstruction_loss")
    ),
    Component("interpolate", "interpolate", judge_interpolate, (), NETWORKS),
)
