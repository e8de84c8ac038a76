"""Judges `evaluate` of a reconstruction model: the loss in eval mode, and nothing else changed."""

from __future__ import annotations

import torch

from autograder.labs.judge import Judge
from autograder.labs.networks import build, mode
from autograder.labs.probing import Answer, H, Raised, T, call, call_handle, reseeds
from autograder.labs.slips import flat, losses_along
from autograder.labs.stand_in import LATENT, define, stand_in_model


def judge_evaluate(j: Judge) -> None:
    """The loss in eval mode; model, modes, gradients and the gradient mode as they were."""
    x = {f"x{i}": j.digits(n) for i, n in enumerate((9, 4))}
    tensors = dict(x)
    if j.own:
        steps = [build("model", "AutoEncoder", LATENT, j.new_seed())]
        steps += [mode("model", training=True), call_handle("model", T("x0"), returns=False)]
    else:
        made, weights, model = stand_in_model(j)
        tensors |= weights
        steps = [define(*j.component.stand_ins), *made]
    what = ["parameters", "gradients", "modes"]
    start = len(steps)
    for i, training in enumerate((True, False)):
        steps += [
            mode("model", training=training),
            {"op": "state", "of": "model", "what": [*what, "state_dict"]},
        ]
        steps += [call("evaluate", H("model"), T(f"x{i}"), seed=j.new_seed())]
        steps += [{"op": "state", "of": "model", "what": [*what, "state_dict"]}]
        steps += [{"op": "attributes", "of": "model", "paths": ["decoder.recorded", "encoder.recorded"]}]
        steps += [
            mode("model", training=False),
            call_handle("model", T(f"x{i}"), seed=j.new_seed(), grad_mode=False),
        ]
    answers = j.ask(steps, tensors)
    rounds = [answers[start:][i : i + 7] for i in (0, 7)]
    values = [j.need_number(r[2], what="`evaluate`") for r in rounds]
    outputs = [j.need_tensor(r[6], x[f"x{i}"].shape, what="The model's output") for i, r in enumerate(rounds)]
    expected = [float(((y.double() - x[f"x{i}"].double()) ** 2).mean()) for i, y in enumerate(outputs)]
    in_train = None if j.own else losses_along(model, [flat(model)] * 2, list(x.values()), training=True)
    if not j.own:  # computed here, not taken from the worker
        expected = losses_along(model, [flat(model)] * 2, list(x.values()), training=False)
    if all(map(j.same_number, values, expected)):
        j.passed("eval_loss", "It returns the loss in eval mode.")
    elif in_train is not None and all(
        j.same_number(value, train) or (i == 1 and j.same_number(value, expected[1]))
        for i, (value, train) in enumerate(zip(values, in_train, strict=True))
    ):
        j.fail(
            "eval_loss",
            "It returns the loss in train mode when the model comes in train mode: switch it to eval mode first. "
            "Dropout and batch normalisation behave differently there.",
            severity="near",
            misconception="evaluate-in-train-mode",
        )
    else:
        factor = values[0] / expected[0] if expected[0] else float("nan")
        j.fail("eval_loss", f"It returns {values[0]:.5g}; the loss of that batch in eval mode is {expected[0]:.5g} "
                            f"({factor:.3g} times).")  # fmt: skip
    _judge_evaluate_effects(j, rounds)
    _judge_grad_mode(j, rounds)


def _judge_grad_mode(j: Judge, rounds: list[list[Answer]]) -> None:
    """The global gradient mode stays on where it was on, and off where it was off."""
    kept = all(r[2].result.get("grad_mode") is True for r in rounds)
    try:
        answer = j.ask([call("evaluate", H("model"), T("x0"), grad_mode=False)], {"x0": j.digits(2)})[0]
        kept = kept and answer.result.get("grad_mode") is False
    except Raised:
        pass  # what it needs gradients for has been told already
    if not kept:
        j.fail("leaves_grad_mode", "It leaves the global gradient mode changed: use `with torch.no_grad():`, which puts it back.",
               severity="flaw", misconception="grad-mode-left-off")  # fmt: skip


def _judge_evaluate_effects(j: Judge, rounds: list[list[Answer]]) -> None:
    modes = [set(r[3].result.get("modes", {}).values()) for r in rounds]
    if modes == [{True}, {False}]:
        j.passed("restores_mode", "It leaves the model in the mode it was in.")
    else:
        which = (
            "train mode, and is left in eval mode"
            if modes[0] != {True}
            else "eval mode, and is left in train mode"
        )
        j.fail("restores_mode", f"The model comes in {which}. Put it back as it was: keep `model.training` before you change it.",
               severity="flaw", misconception="mode-not-restored")  # fmt: skip
    if any(r[1].result.get("requires_grad") != r[3].result.get("requires_grad") for r in rounds):
        j.fail("leaves_requires_grad", "Afterwards some parameters have another requires_grad; leave it as it was.",
               severity="flaw", misconception="requires-grad-changed")  # fmt: skip
    for r in rounds:
        before, after = (r[i].tensor_map("state_dict") for i in (1, 3))
        same = before.keys() == after.keys() and all(
            a is not None and b is not None and a.shape == b.shape and torch.equal(a, b)
            for a, b in ((before[key], after[key]) for key in before)
        )
        if not same:
            j.fail("leaves_model", "It changes the model's weights or statistics; evaluating must not train.",
                   misconception="evaluate-trains")  # fmt: skip
            break
    grown = any(g is not None for r in rounds for g in r[3].tensor_map("gradients").values())
    recorded = any(
        isinstance(flag, dict) and flag.get("value") is True
        for flag in (rounds[0][4].result.get("attributes") or {}).values()
    )
    if grown or recorded:
        j.fail("no_gradients", "It records gradients, which costs memory for nothing: run the model under `torch.no_grad()`.",
               severity="flaw", misconception="evaluate-records-graph")  # fmt: skip
    else:
        j.passed("no_gradients", "It records no gradients.")
    if reseeds([r[2] for r in rounds]):
        j.fail("leaves_random_state", "`evaluate` reseeds the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip
    if any(r[2].result.get("changed_inputs") for r in rounds):
        j.fail(
            "leaves_input",
            "`evaluate` changes the batch in place.",
            severity="flaw",
            misconception="input-modified",
        )
