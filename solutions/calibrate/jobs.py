"""Runs what is to be measured, in several processes, and keeps each result as a line: a rerun goes on where it was."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

RIGHT, DEFAULT_RUN = "right", "default run"
Record = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One thing to measure."""

    network: int  # its number stands for its style and every seed
    kind: str  # "right", or the wrong class
    make: Callable[..., Record]
    arguments: tuple[Any, ...]
    style: str  # of the network, in words


def run(jobs: Sequence[Job], out: Path, *, processes: int) -> None:
    """Measure what `out` does not hold yet, and append each result to it as a line of JSON."""
    out.parent.mkdir(parents=True, exist_ok=True)
    done = {(line["network"], line["class"]) for line in read(out)}
    left = [job for job in jobs if (job.network, job.kind) not in done]
    print(f"{out.name}: {len(jobs) - len(left)} of {len(jobs)} are there", flush=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        for i, record in enumerate(pool.map(measured, left), 1):
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            print(f"{out.name}: {len(jobs) - len(left) + i} of {len(jobs)}, {record['class']}", flush=True)


def measured(job: Job) -> Record:
    """The result of one job, with what it was and what it cost."""
    began = time.process_time()
    record = {"network": job.network, "style": job.style, "class": job.kind}
    record |= job.make(*job.arguments)
    return record | {"cpu_seconds": round(time.process_time() - began, 2)}


def read(out: Path) -> Iterator[Record]:
    """The results kept so far; a line cut off by an interruption is left out."""
    if not out.exists():
        return
    for line in out.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue
