"""Evaluates a model in pieces that cannot see each other, because what a whole forward pass claims is no evidence.

The encoder's worker gets the digits; the decoder's worker, which never saw them, gets what the grader
makes of the codes; the grader compares.
"""

from __future__ import annotations

import torch

from autograder.labs.networks import build, mode
from autograder.labs.probing import Answer, Asks, Step, T, ask, call_handle
from autograder.outcomes.base import Context
from autograder.outcomes.short_run import State


class Unusable(Exception):
    """The student's networks gave something that cannot be evaluated; the message says what."""


class Pieces:
    """The student's model under several sets of weights, asked part by part in eval mode.

    Args:
        model: the component that builds it.
        states: sets of weights, loaded one after the other.
    """

    def __init__(self, context: Context, model: str, latent: int, states: list[State]) -> None:
        self.context = context
        self.model = model
        self.latent = latent
        self.count = len(states)
        self.tensors = {
            f"s{i}.{key}": value for i, state in enumerate(states) for key, value in state.items()
        }

    def encoder(self, x: torch.Tensor, *, whole: bool = False) -> list[list[Answer]]:
        """For each set of weights what `.encoder` gives for digits `x`, and with `whole` what the model gives."""
        with self.context.workers.fork() as worker:
            parts = ("encoder", "") if whole else ("encoder",)
            return self._through(worker, parts, [{"x": x}] * self.count)

    def decoder(self, inputs: list[dict[str, torch.Tensor]]) -> list[list[torch.Tensor]]:
        """For each set of weights the pictures `(N, 784)` that `.decoder` makes of its inputs, by name.

        Raises:
            Unusable: something else than pictures came back.
        """
        with self.context.workers.apart() as worker:
            found = self._through(worker, ("decoder",), inputs)
        return [
            [picture(answer, len(z)) for answer, z in zip(answers, given.values(), strict=True)]
            for answers, given in zip(found, inputs, strict=True)
        ]

    def _through(
        self, worker: Asks, parts: tuple[str, ...], inputs: list[dict[str, torch.Tensor]]
    ) -> list[list[Answer]]:
        steps: list[Step] = [build("model", self.model, self.latent, 0)]
        tensors = dict(self.tensors)
        for i, given in enumerate(inputs):
            steps += [{"op": "load", "of": "model", "prefix": f"s{i}."}, mode("model", training=False)]
            for name, value in given.items():
                key = f"{name} {i}"
                tensors[key] = value
                steps += [call_handle("model", T(key), path=part, seed=0, grad_mode=False) for part in parts]
        answers = ask(worker, steps, tensors, timeout=self.context.timeout)
        calls = iter(
            a for step, a in zip(steps, answers, strict=True) if step["op"] == "call" and "path" in step["fn"]
        )
        return [[next(calls) for _ in range(len(given) * len(parts))] for given in inputs]


def picture(answer: Answer, count: int) -> torch.Tensor:
    """The pictures `(count, 784)` in an answer.

    Raises:
        Unusable: there are none of that shape.
    """
    value = answer.tensor(answer.value.get("key"))
    if value is None or tuple(value.shape) != (count, 784) or not value.is_floating_point():
        raise Unusable(f"the model should give pictures of shape ({count}, 784)")
    return value
