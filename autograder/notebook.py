"""`check("name")` in a student's own kernel: the same checks, answered by the namespace itself."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder.judging import Judging
from autograder.labs import Lab, load_labs
from autograder.labs.probing import Asks, Tensors
from autograder.loading import Loaded
from autograder.outcomes import checkpoint as checkpoints
from autograder.outcomes.base import derive
from autograder.policy import load_policy
from autograder.reports.model import ComponentReport
from autograder.reports.notebook_html import component_html, component_text
from autograder.worker.probes import Probes


class Result:
    """What `check` found; shows itself as a table in a notebook and as text elsewhere."""

    def __init__(self, report: ComponentReport, lab: str | None = None) -> None:
        self.report = report
        self.lab = lab

    def _repr_html_(self) -> str:
        return component_html(self.report, self.lab)

    def __repr__(self) -> str:
        return component_text(self.report, self.lab)


class _Here:
    """A worker that is just the namespace."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.probes = Probes(namespace)

    def request(
        self, header: dict[str, Any], tensors: Tensors | None = None, *, timeout: float
    ) -> tuple[dict[str, Any], Tensors]:
        results, out = self.probes.run(header["steps"], tensors or {})
        return {"results": results}, out


class NamespaceWorkers:
    """Gives workers that are just a namespace: no sandbox, and one that lives on between them."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace

    @contextlib.contextmanager
    def fork(self) -> Iterator[Asks]:
        worker = _Here(self.namespace)
        try:
            yield worker
        finally:
            worker.probes.restore()

    apart = fork


def check(name: str, namespace: dict[str, Any], folder: Path | None = None) -> Result:
    """Judge one component or outcome by what it is bound to in a namespace.

    Args:
        name: such as "Encoder" or "trained_model".
        namespace: the globals of the notebook.
        folder: where the checkpoint lies; the working directory by default.

    Raises:
        ValueError: no lab has a component of that name; the message lists the names.
    """
    lab = _lab_of(name, namespace)
    policy = load_policy()
    limit = policy.limits["checkpoint_mb"]
    loaded = Loaded()
    loaded.bound = {component.name: component.name in namespace for component in lab.components}
    judging = Judging(
        lab,
        policy=policy,
        seed=derive(policy.seed, "notebook"),
        loaded=loaded,
        workers=NamespaceWorkers(namespace),
        checkpoint=lambda: checkpoints.read_bytes(folder or Path.cwd(), lab.name, limit_mb=limit),
    )
    with _undisturbed():
        for component in lab.components:
            if component.name == name:
                return Result(judging.component(component), lab.name)
        outcome = next(outcome for outcome in lab.outcomes if outcome.name == name)
        for component in lab.components:
            if component.name in outcome.needs:
                judging.component(component)
        return Result(judging.outcome(outcome), lab.name)


def _lab_of(name: str, namespace: dict[str, Any]) -> Lab:
    """The lab that has this component; of several, the one that the notebook calls `LAB`, as ours do in their
    first cell, else the one whose names it defines most.
    """
    labs = load_labs()
    having = [lab for lab in labs.values() if name in lab.names]
    if not having:
        known = sorted({known for lab in labs.values() for known in lab.names})
        raise ValueError(f"There is no component {name!r}. There are: {', '.join(known)}.")
    told = namespace.get("LAB")
    for lab in having:
        if isinstance(told, str) and lab.name == told:
            return lab
    return max(having, key=lambda lab: sum(component.name in namespace for component in lab.components))


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Leave the random states and the gradient mode of the kernel as they were.

    One thread meanwhile, as in the grader's workers: the same rounding, and no waiting for a busy core.
    """
    states = torch.get_rng_state(), random.getstate(), np.random.get_state(), torch.is_grad_enabled()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        np.random.set_state(states[2])
        torch.set_grad_enabled(states[3])
