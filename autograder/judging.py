"""Judges the components and outcomes of one lab, whoever answers the probes: sandbox or notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograder.labs import Lab
from autograder.labs.consequences import without_consequences
from autograder.labs.judge import Component, Judge, Stop
from autograder.labs.probing import Raised, Unanswered
from autograder.labs.raised import known_error, shapes_told
from autograder.loading import Loaded
from autograder.outcomes.base import Context, Outcome, Workers, derive
from autograder.policy import Policy
from autograder.reports.model import ComponentReport, ComponentStatus, Finding
from autograder.sandbox.errors import WorkerDied, WorkerTimeout

NEVER_RUN = ("timeout", "memory")  # an outcome is not tried with a component that ended so


class Judging:
    """The judgement of one submission, component by component, outcome by outcome."""

    def __init__(
        self,
        lab: Lab,
        *,
        policy: Policy,
        seed: int,
        loaded: Loaded,
        workers: Workers,
        checkpoint: Callable[[], bytes],
    ) -> None:
        self.lab = lab
        self.policy = policy
        self.seed = seed
        self.loaded = loaded
        self.workers = workers
        self.checkpoint = checkpoint
        self.statuses: dict[str, ComponentStatus] = {}
        self.kept: dict[str, Any] = {}  # between outcomes

    def component(self, component: Component) -> ComponentReport:
        """Judge one component; with stand-ins first, with the student's own others if those do not fit."""
        report = self._unbound(component)
        if report is None:
            report, misfit = self._judge(component, own=False)
            if misfit and self._own_others_pass(component):
                again, _ = self._judge(component, own=True)
                report = again if (again.score or 0) >= (report.score or 0) else report
        self.statuses[component.name] = report.status
        return report

    def outcome(self, outcome: Outcome) -> ComponentReport:
        """Judge one outcome; the components that it needs should have been judged before."""
        points = self._points(outcome.name)
        absent = [name for name in outcome.needs if self.statuses.get(name) == "missing"]
        if absent:
            names = ", ".join(f"`{name}`" for name in absent)
            finding = Finding(outcome.name, "fail", f"This needs {names}, still to be written.")
            return ComponentReport(outcome.name, "missing", 0.0, points, (finding,))
        for name in outcome.needs:
            status = self.statuses.get(name)
            if status in NEVER_RUN:
                words = "does not end" if status == "timeout" else "runs out of memory"
                finding = Finding(
                    outcome.name, "fail", f"First mend `{name}`: it {words}, so this was not tried."
                )
                return ComponentReport(outcome.name, status or "error", 0.0, points, (finding,))
        context = Context(
            self.lab.name,
            self.policy,
            self.policy.outcomes[self.lab.name],
            derive(self.seed, "outcomes"),  # the same for all: they share runs, whichever comes first
            self.workers,
            self.checkpoint,
            self.statuses,
            self.kept,
        )
        try:
            verdict = outcome.judge(context)
        except (Raised, WorkerDied, WorkerTimeout, Unanswered) as error:
            status, message = self._explain(error, outcome.name)
            if status == "missing":
                status = "error"
            finding = Finding(
                "runs",
                "fail",
                context.mend_first(outcome.needs) + message,
                None,
                context.link(outcome.anchor),
            )
            return ComponentReport(outcome.name, status, 0.0, points, (finding,))
        status = verdict.status or (
            "pass" if verdict.credit >= 1 else "partial" if verdict.credit > 0 else "fail"
        )
        return ComponentReport(
            outcome.name, status, _rounded(points * verdict.credit), points, verdict.findings
        )

    def _points(self, name: str) -> float:
        return float(self.policy.labs[self.lab.name].points.get(name, 0.0))

    def _unbound(self, component: Component) -> ComponentReport | None:
        """A report if the name is not bound at all: by an error in its cell, or because it is not there."""
        name, points = component.name, self._points(component.name)
        if self.loaded.bound.get(name):
            return None
        broken = self.loaded.syntax_errors.get(name)
        if broken is not None:
            where = f"line {broken.get('line')} of cell {broken.get('cell')}"
            message = f"The cell does not parse: {broken.get('type')}: {broken.get('message')} ({where})."
            return ComponentReport(name, "error", 0.0, points, (Finding("parses", "fail", message),))
        message = f"`{name}` is not defined anywhere in the notebook."
        if name in self.loaded.skipped_names:
            message = f"`{name}` is only made by cell {self.loaded.skipped_names[name]}, which trains or takes too long and is skipped by the grader. Define it in a cell of its own."
        return ComponentReport(name, "missing", 0.0, points, (Finding("defined", "fail", message),))

    def _own_others_pass(self, component: Component) -> bool:
        return all(self.statuses.get(name, "pass") == "pass" for name in component.stand_ins)

    def _judge(self, component: Component, *, own: bool) -> tuple[ComponentReport, bool]:
        """One judgement, and whether student code raised in it (so that a stand-in may not have fitted)."""
        points = self._points(component.name)
        seed = derive(self.seed, component.name, "own" if own else "")
        findings: list[Finding] = []
        try:
            with self.workers.fork() as worker:
                judge = Judge(
                    worker,
                    component,
                    lab=self.lab.name,
                    policy=self.policy,
                    seed=seed,
                    control=self.workers.fork,
                    own=own,
                )
                findings = judge.findings
                try:
                    component.judge(judge)
                except Stop:
                    judge.credit = 0.0
            return ComponentReport(
                component.name, judge.status, _rounded(points * judge.credit), points, _main_first(findings)
            ), False
        except (Raised, WorkerDied, WorkerTimeout, Unanswered) as error:
            status, message = self._explain(error, component.name)
            link = f"{self.policy.site}/{self.lab.name}/#{component.anchor}"
            known = known_error(component.name, error.info) if isinstance(error, Raised) else None
            name, meaning = known if known is not None and status == "error" else (None, "")
            finding = Finding(
                "runs" if status != "missing" else "written",
                "fail",
                " ".join(filter(None, [meaning, message])),
                name,
                link,
            )
            failed = without_consequences([finding, *(f for f in findings if f.status == "fail")])
            misfit = isinstance(error, Raised) and status == "error"
            return ComponentReport(component.name, status, 0.0, points, tuple(failed)), misfit

    def _explain(self, error: Exception, name: str) -> tuple[ComponentStatus, str]:
        """Status and words for what ended a judgement."""
        if isinstance(error, WorkerTimeout):
            return "timeout", "It did not end in the time that it has. Is there a loop that never stops?"
        if isinstance(error, WorkerDied):
            words = {"memory": "It used more memory than it may.", "cpu": "It used more time than it may."}
            status: ComponentStatus = {"memory": "memory", "cpu": "timeout"}.get(error.reason, "error")  # type: ignore[assignment]
            return status, words.get(
                error.reason, f"It ended the Python process that runs it ({error.detail})."
            )
        if isinstance(error, Unanswered):
            return "error", "It disturbs the process that runs it, so that no answer came back."
        assert isinstance(error, Raised)
        return self._explain_raised(error.info, name)

    def _explain_raised(self, info: Mapping[str, Any], name: str) -> tuple[ComponentStatus, str]:
        if info.get("memory"):
            return "memory", "It used more memory than it may."
        function = str(info.get("function") or "")
        if info.get("stub") and function.split(".")[0] == name:
            return "missing", f"`{name}` is still to be written."
        where = f" in line {info['line']}" if isinstance(info.get("line"), int) else ""
        where += f" of cell {info['cell']}" if where and isinstance(info.get("cell"), int) else ""
        message = f"It raised {info.get('type')}{where}: {info.get('message')}"
        shapes = shapes_told(self.lab.name, name, info)
        if shapes:
            message = message.rstrip(".") + "." + shapes
        absent = info.get("missing_name")
        if isinstance(absent, str) and absent in self.loaded.skipped_names:
            message += (
                f" — `{absent}` is only made by cell {self.loaded.skipped_names[absent]}, which trains or takes too "
                "long and is skipped by the grader. Use arguments, not variables of such a cell."
            )
        elif isinstance(absent, str):
            message += f" — `{absent}` is not there when the grader calls this. Use arguments, or define it in a cell above."
        return "error", message


def _rounded(points: float) -> float:
    return round(points, 2)


def _main_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """Failures before notes before passes, each in the order in which they were found; no mistake twice."""
    order = {"fail": 0, "note": 1, "pass": 2}
    return tuple(sorted(without_consequences(findings), key=lambda finding: order[finding.status]))
