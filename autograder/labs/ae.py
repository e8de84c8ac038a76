"""The lab `ae`: what each component must do, and how it is judged."""

from __future__ import annotations

from torch.nn import functional

from autograder.labs.digits import PIXELS, check_parts, draw_pixels, judge_decoder
from autograder.labs.evaluation import judge_evaluate
from autograder.labs.hypotheses import Hypothesis
from autograder.labs.interpolation import judge_interpolate
from autograder.labs.judge import Component, Judge
from autograder.labs.losses import Loss, judge_loss
from autograder.labs.networks import Network, build, judge_network, mode
from autograder.labs.probing import T, call_handle
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
    pairs = [(j.digits(n), j.digits(n)) for n in (1, 2, 5, 7, 64)]
    same = pairs[1][1]
    loss = Loss(
        "reconstruction_loss",
        "the mean squared error",
        "the mean squared error over every element",
        lambda a, b: ((a - b) ** 2).mean(),
        MSE_HYPOTHESES,
        learns=(0,),
        learner="the reconstruction",
        rest=((same, same), 0.0, "The loss of a batch against itself"),
    )
    judge_loss(j, loss, pairs)


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
