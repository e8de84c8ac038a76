"""Outcomes of the lab `ae`: does the student's training learn, and is the trained model good?

Held-out losses are computed in pieces: the encoder's worker gets the digits, the decoder's worker, which
never saw them, gets the codes, and the grader compares. What a whole forward pass claims is no evidence.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from autograder.labs.networks import build, mode
from autograder.labs.probing import Answer, Asks, H, Raised, Step, T, ask, call_handle
from autograder.labs.stand_in import define
from autograder.outcomes import checkpoint as checkpoints
from autograder.outcomes.base import Context, Outcome, Verdict
from autograder.outcomes.heldout import heldout_digits, training_digits
from autograder.reports.model import Finding

LATENT = 32
TRAINING, HELDOUT = 2048, 500  # digits of a short run
NETWORKS = ("Encoder", "Decoder", "AutoEncoder")
NEEDS = (*NETWORKS, "reconstruction_loss", "train_step")

State = dict[str, torch.Tensor]


class Unusable(Exception):
    """The student's networks gave something that cannot be evaluated; the message says what."""


def heldout_losses(
    context: Context, states: list[State], x: torch.Tensor, latent: int = LATENT
) -> tuple[list[float], list[float]]:
    """Mean squared error on digits `x` `(N, 784)` under each set of weights: in pieces, and as `forward` claims.

    Raises:
        Unusable: a code or a reconstruction has the wrong shape or type.
    """
    tensors = {f"s{i}.{key}": value for i, state in enumerate(states) for key, value in state.items()}
    with context.workers.fork() as worker:
        found = _through(worker, context, ("encoder", ""), tensors, [x] * len(states), latent)
    codes, claimed = found[::2], found[1::2]
    for code in codes:
        if code is None or tuple(code.shape) != (len(x), latent) or code.dtype != torch.float32:
            raise Unusable(f"`model.encoder` should give float32 codes of shape ({len(x)}, {latent})")
    with context.workers.apart() as worker:
        inputs = [_blurred(code, context.seed_for("blur")) for code in codes if code is not None]
        pictures = _through(worker, context, ("decoder",), tensors, inputs, latent)
    return [_loss(picture, x) for picture in pictures], [_loss(picture, x) for picture in claimed]


def _blurred(code: torch.Tensor, seed: int) -> torch.Tensor:
    """The code with a hundredth of its spread as noise: nothing to a model, the end of pixels packed into bits."""
    noise = torch.randn(code.shape, generator=torch.Generator().manual_seed(seed))
    return code + 0.01 * code.std(0, correction=0) * noise


def _loss(picture: torch.Tensor | None, x: torch.Tensor) -> float:
    if picture is None or picture.shape != x.shape:
        raise Unusable(f"the model should give pictures of shape ({len(x)}, 784)")
    return float(((picture.double() - x.double()) ** 2).mean())


def _through(
    worker: Asks,
    context: Context,
    parts: tuple[str, ...],
    states: State,
    inputs: list[torch.Tensor],
    latent: int,
) -> list[torch.Tensor | None]:
    """Each input through parts of the model ("" for all of it), under each set of weights, in eval mode."""
    steps: list[Step] = [build("model", "AutoEncoder", latent, 0)]
    for i in range(len(inputs)):
        steps += [{"op": "load", "of": "model", "prefix": f"s{i}."}, mode("model", training=False)]
        steps += [call_handle("model", T(f"x{i}"), path=part, seed=0, grad_mode=False) for part in parts]
    tensors = states | {f"x{i}": x for i, x in enumerate(inputs)}
    answers = ask(worker, steps, tensors, timeout=context.timeout)[1:]
    size = 2 + len(parts)
    calls = [answers[i : i + size][2:] for i in range(0, len(answers), size)]
    return [answer.tensor(answer.value.get("key")) for group in calls for answer in group]


# learns ---------------------------------------------------------------------------------------


def short_run(
    context: Context, function: dict[str, str], start: State | None
) -> tuple[State, State, list[Any]]:
    """Train the student's model by `function` for a fixed number of steps; weights before and after, losses."""
    settings = context.settings
    steps_count, batch = int(settings["learns_steps"]), int(settings["learns_batch"])
    generator = torch.Generator().manual_seed(context.seed_for("batches"))
    rows = torch.randint(0, TRAINING, (steps_count, batch), generator=generator)
    tensors: State = {"x": training_digits(TRAINING), "rows": rows}
    steps: list[Step] = [build("model", "AutoEncoder", LATENT, context.seed_for("weights"))]
    if start is not None:  # the control run: only its worker ever sees a right step
        steps = [define(keep=("train_step",)), *steps]
        steps += [{"op": "load", "of": "model", "prefix": "start."}]
        tensors |= {f"start.{key}": value for key, value in start.items()}
    options = {"lr": float(settings["learns_rate"])}
    steps += [{"op": "state", "of": "model", "what": ["state_dict"]}]
    steps += [{"op": "optimizer", "of": ["model"], "kind": "Adam", "options": options, "store": "optimizer"}]
    args = [H("model"), H("optimizer"), {"batch": "x"}]
    steps += [{"op": "loop", "fn": function, "args": args, "rows": "rows", "seed": context.seed_for("noise")}]
    steps += [{"op": "state", "of": "model", "what": ["state_dict"]}]
    with context.workers.fork() as worker:
        answers = ask(worker, steps, tensors, timeout=context.timeout)
    before, after = (_weights(answer) for answer in (answers[-4], answers[-1]))
    values = answers[-2].result.get("values")
    return before, after, values if isinstance(values, list) else []


def _weights(answer: Answer) -> State:
    return {key: value for key, value in answer.tensor_map("state_dict").items() if value is not None}


def judge_learns(context: Context) -> Verdict:
    """The held-out loss falls as in a control run from the same weights on the same batches."""
    check, link = "learns", context.link("learns")
    first = context.mend_first(NEEDS)
    x = heldout_digits()[0][:HELDOUT]
    try:
        start, mine, values = short_run(context, {"name": "train_step"}, None)
        _, control, _ = short_run(context, {"ref": "train_step"}, start)
        if not all(torch.isfinite(value).all() for value in mine.values() if value.is_floating_point()):
            at = next(
                (i for i, v in enumerate(values) if not isinstance(v, int | float) or not math.isfinite(v)),
                None,
            )
            message = f"{first}In a short training run the weights become NaN or infinite" + (
                f" (the loss first at step {at + 1})." if at is not None else "."
            )
            return Verdict(0.0, (Finding(check, "fail", message, "training-diverges", link),))
        (before, got, expected), (*_, claimed) = heldout_losses(context, [start, mine, control], x)
    except Unusable as error:
        return Verdict(0.0, (Finding(check, "fail", f"{first}{error}.", None, link),))
    told = f"held-out loss {before:.4f} before, {got:.4f} after {int(context.settings['learns_steps'])} steps, {expected:.4f} in a control run"
    if expected > 1.1 * claimed + 0.005:
        message = (
            f"{first}`forward` claims a held-out loss of {claimed:.4f}, but the digits go through `.encoder` and then "
            f"`.decoder` with {expected:.4f}: something reaches the output past the code."
        )
        return Verdict(0.0, (Finding(check, "fail", message, "forward-is-not-the-composition", link),))
    fall = before - expected
    wanted = float(context.settings["learns_progress"])
    findings: list[Finding] = []
    if fall < 0.1 * before:
        # With nothing to see in the loss, the weights must have moved as far as right steps move them.
        if not _distance(start, mine) >= 0.5 * _distance(start, control) > 0:
            message = (
                f"{first}Training hardly moves the weights, or the network cannot be trained at all: {told}."
            )
            return Verdict(0.0, (Finding(check, "fail", message, "no-update", link),))
        findings.append(
            Finding(check, "note", f"Your network learns slowly even with right steps: {told}.", None, link)
        )
    # Rounding and dropout make two right runs differ a little; a twentieth of the control's loss is far beyond that.
    allowed = expected + max((1 - wanted) * max(fall, 0.0), 0.05 * expected)
    if math.isfinite(got) and got <= allowed:
        findings.insert(0, Finding(check, "pass", f"Your training learns: {told}."))
        return Verdict(1.0, tuple(findings))
    share = (before - got) / fall if fall > 0 and math.isfinite(got) else 0.0
    words = "It does not learn" if share < 0.1 else "It learns much less than it could"
    findings.insert(0, Finding(check, "fail", f"{first}{words}: {told}.", None, link))
    return Verdict(0.5 if share >= wanted / 2 else 0.0, tuple(findings))


def _distance(a: State, b: State) -> float:
    squares = [
        float((b[key].double() - value.double()).square().sum()) for key, value in a.items() if key in b
    ]
    return math.sqrt(sum(squares))


# trained_model --------------------------------------------------------------------------------


def judge_trained_model(context: Context) -> Verdict:
    """The submitted weights, in the student's own classes, on digits that nobody trained on."""
    check, link = "trained_model", context.link("trained-model")
    first = context.mend_first(NETWORKS)
    try:
        loaded = checkpoints.parse(context.checkpoint(), context.lab)
    except checkpoints.CheckpointMissing as error:
        return Verdict(0.0, (Finding("checkpoint", "fail", str(error), None, link),), "missing")
    except checkpoints.CheckpointError as error:
        return Verdict(0.0, (Finding("checkpoint", "fail", str(error), None, link),))
    latent = loaded.arguments.get("model", {}).get("latent_dim", LATENT)
    if not isinstance(latent, int) or isinstance(latent, bool) or not 1 <= latent <= LATENT:
        message = f"The saved model has latent_dim={latent!r}; this lab is about at most {LATENT} numbers for a digit."
        return Verdict(0.0, (Finding("checkpoint", "fail", message[:300], "bottleneck-too-wide", link),))
    count = int(context.settings["trained_samples"])
    x = heldout_digits()[0]
    order = torch.randperm(
        len(x), generator=torch.Generator().manual_seed(int(context.settings["trained_seed"]))
    )
    try:
        (loss,), _ = heldout_losses(context, [loaded.weights.get("model", {})], x[order[:count]], latent)
    except Unusable as error:
        return Verdict(0.0, (Finding(check, "fail", f"{first}{error}.", None, link),))
    except Raised as error:
        if "state_dict" not in str(error.info.get("message")):
            raise
        message = f"{first}The checkpoint does not fit your `AutoEncoder`: train again with the classes as they are now, and save."
        return Verdict(0.0, (Finding("checkpoint", "fail", message, "checkpoint-does-not-fit", link),))
    return _band(context, loss, first)


def _band(context: Context, loss: float, first: str) -> Verdict:
    full, none = (float(context.settings[f"trained_mse_{end}"]) for end in ("full", "none"))
    link = context.link("trained-model")
    told = f"Held-out loss of your trained model: {loss:.4f} per pixel"
    if loss <= full:
        return Verdict(1.0, (Finding("trained_model", "pass", f"{told}."),))
    credit = math.log(none / loss) / math.log(none / full) if full < loss < none else 0.0
    if credit <= 0 or not math.isfinite(loss):
        message = (
            f"{first}{told}, no better than showing the mean digit every time ({none:.3f}). Was it trained?"
        )
        return Verdict(0.0, (Finding("trained_model", "fail", message, "not-trained", link),))
    message = f"{first}{told}; full points from {full:.4f}. Train it for all epochs of the full run."
    return Verdict(round(credit, 2), (Finding("trained_model", "fail", message, "trained-too-little", link),))


OUTCOMES = (
    Outcome("learns", "learns", NEEDS, judge_learns),
    Outcome("trained_model", "trained-model", NETWORKS, judge_trained_model),
)
