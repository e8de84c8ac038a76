"""Judges `evaluate` of a reconstruction model: the loss in eval mode, and nothing else changed."""

from __future__ import annotations

from autograder.labs.effects import MARK, Promise, judge_effects, judge_grad_mode
from autograder.labs.judge import Judge
from autograder.labs.networks import build, mode
from autograder.labs.probing import H, T, call, call_handle
from autograder.labs.slips import flat, losses_along
from autograder.labs.stand_in import LATENT, define, stand_in_model

EVALUATE = Promise("evaluate", "evaluating must not train", "the batch", returns_graph=False)


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
    steps += [MARK]
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
    judge_effects(j, EVALUATE, rounds)
    judge_grad_mode(j, EVALUATE, rounds, T("x0"), {"x0": j.digits(2)})
