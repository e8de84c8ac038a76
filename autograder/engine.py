"""Grades submissions: finds out what each is, runs it in the sandbox, judges, reports."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import torch

from autograder import __version__
from autograder.judging import Judging
from autograder.labs import Lab, load_labs
from autograder.loading import CannotRun, StudentCode
from autograder.outcomes import checkpoint as checkpoints
from autograder.outcomes.base import derive
from autograder.policy import Policy
from autograder.reports.model import ComponentReport, Finding, Report
from autograder.sandbox.host import Limits, Sandbox, SandboxKind, SandboxUnavailable
from autograder.submissions import ReadNotebook, Submission, read_notebook

OnReport = Callable[[Report], None]


class Grader:
    """Grades submissions in one warm sandbox; several threads may do so at once."""

    def __init__(
        self, policy: Policy, *, seed: int, sandbox: SandboxKind, only: Sequence[str] | None = None
    ) -> None:
        self.policy = policy
        self.seed = seed
        self.only = frozenset(only) if only else None
        self.sandbox = Sandbox(sandbox, limits_of(policy))
        self.peak_mb = 0.0  # of the largest worker so far

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.close()

    def grade(self, submission: Submission) -> Report:
        """The report on one submission. Only a broken installation makes it raise.

        Raises:
            SandboxUnavailable: the sandbox broke down.
        """
        start = time.monotonic()
        notebook = ReadNotebook("")
        try:
            notebook = read_notebook(submission.notebook, limit_mb=self.policy.limits["notebook_mb"])
            problem = submission.problem or notebook.problem or self._unknown_lab(notebook)
            if problem:
                return self._without_score(submission, notebook, "ungradable", problem, start)
            return self._judge(submission, notebook, start)
        except CannotRun as error:
            return self._without_score(
                submission, notebook, "ungradable", f"It cannot be run: {error}.", start
            )
        except SandboxUnavailable:
            raise
        except Exception as error:
            traceback.print_exc()
            message = f"The grader failed ({type(error).__name__}: {error}). This is not the student's fault; please report it."
            return self._without_score(submission, notebook, "grader_error", message, start)

    def _unknown_lab(self, notebook: ReadNotebook) -> str:
        if notebook.lab in load_labs() and notebook.lab in self.policy.labs:
            return ""
        return f"this version grades {', '.join(load_labs())}, and this is a notebook of the lab `{notebook.lab}`"

    def _judge(self, submission: Submission, notebook: ReadNotebook, start: float) -> Report:
        assert notebook.lab is not None
        lab = load_labs()[notebook.lab]
        points = self.policy.labs[lab.name]
        limit = self.policy.limits["checkpoint_mb"]
        checkpoint = cache(lambda: checkpoints.read_bytes(submission.folder, lab.name, limit_mb=limit))
        sha256 = _content_hash(notebook, checkpoint)
        code = StudentCode(self.sandbox, notebook, [c.name for c in lab.components], self.policy)
        try:
            judging = Judging(
                lab,
                policy=self.policy,
                # Probes differ from one submission to the next, and are the same whenever this one is graded.
                seed=derive(self.seed, sha256),
                loaded=code.load(),
                workers=code,
                checkpoint=checkpoint,
            )
            reports = [judging.component(c) for c in lab.components if self._wanted(c.name, lab)]
            reports += [judging.outcome(o) for o in lab.outcomes if self._wanted(o.name)]
            notes = tuple(Finding("notebook", "note", note) for note in code.loaded.notes)
        finally:
            code.close()
            self.peak_mb = max(self.peak_mb, code.peak_mb)
        if self.only is not None:
            reports = [report for report in reports if report.name in self.only]
        if notes and reports:
            first = reports[0]
            reports[0] = ComponentReport(
                first.name, first.status, first.score, first.max_score, first.findings + notes
            )
        pending = [
            ComponentReport(name, "pending", None, worth)
            for name, worth in points.discussion.items()
            if self._wanted(name)
        ]
        return Report(
            student=submission.student,
            lab=lab.name,
            source=str(submission.notebook),
            submission_sha256=sha256,
            seed=self.seed,
            seconds=round(time.monotonic() - start, 2),
            status="graded",
            message="",
            score=round(sum(report.score or 0.0 for report in reports), 2),
            max_score=sum(report.max_score for report in [*reports, *pending]),
            pending_points=sum(report.max_score for report in pending),
            components=(*reports, *pending),
        )

    def _wanted(self, name: str, lab: Lab | None = None) -> bool:
        """Whether to judge it: named by `only`, or needed by an outcome that is."""
        if self.only is None or name in self.only:
            return True
        return lab is not None and any(name in o.needs for o in lab.outcomes if o.name in self.only)

    def _without_score(
        self, submission: Submission, notebook: ReadNotebook, status: str, message: str, start: float
    ) -> Report:
        lab = notebook.lab or submission.lab
        points = self.policy.labs[lab].points if lab in self.policy.labs else {}
        return Report(
            student=submission.student,
            lab=lab,
            source=str(submission.notebook),
            submission_sha256=notebook.sha256,
            seed=self.seed,
            seconds=round(time.monotonic() - start, 2),
            status=status,  # type: ignore[arg-type]
            message=message,
            score=None,
            max_score=sum(points.values()),
            pending_points=0.0,
        )


def grade(
    submissions: Sequence[Submission],
    *,
    policy: Policy,
    seed: int | None = None,
    jobs: int = 1,
    sandbox: SandboxKind = "auto",
    only: Sequence[str] | None = None,
    on_report: OnReport | None = None,
) -> list[Report]:
    """Grade submissions; the reports come in the order of the submissions, whatever `jobs`.

    Args:
        seed: of the probes' random inputs; None for the policy's.
        jobs: how many submissions at once, in one warm sandbox.
        only: names of the components and outcomes to judge; None for all.
        on_report: called with each report as it is ready.

    Raises:
        SandboxUnavailable: no sandbox works here and none was allowed to be absent.
    """
    torch.set_num_threads(1)  # the truth is small arithmetic; the cores are for the workers
    lock = threading.Lock()
    grader = Grader(policy, seed=policy.seed if seed is None else seed, sandbox=sandbox, only=only)

    def one(submission: Submission) -> Report:
        report = grader.grade(submission)
        if on_report is not None:
            with lock:
                on_report(report)
        return report

    with contextlib.closing(grader), ThreadPoolExecutor(max(1, min(jobs, len(submissions) or 1))) as pool:
        try:
            return list(pool.map(one, submissions))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def limits_of(policy: Policy) -> Limits:
    """The sandbox limits that a policy sets."""
    limits = {key: int(value) for key, value in policy.limits.items()}
    return Limits(
        memory_mb=limits["memory_mb"],
        scratch_mb=limits["scratch_mb"],
        processes=limits["processes"],
        open_files=limits["open_files"],
        message_mb=limits["message_mb"],
    )


def versions() -> dict[str, str]:
    """What every report document names."""
    return {"genlab": __version__, "torch": str(torch.__version__)}


def _content_hash(notebook: ReadNotebook, checkpoint: Callable[[], bytes]) -> str:
    """Of the notebook and the checkpoint, if there is one: what the score depends on."""
    digest = hashlib.sha256(notebook.sha256.encode())
    with contextlib.suppress(checkpoints.CheckpointError):
        digest.update(checkpoint())
    return digest.hexdigest()
