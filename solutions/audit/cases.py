"""What the audit grades: every mistake of the catalogue, right solutions in many styles, and mistakes among these.

Each case is one job whose result is kept as a line, so that an audit that was interrupted goes on where it was.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

import autograder
from autograder.labs import load_labs
from autograder.misconceptions import Mistake, load_catalogue
from solutions.audit.graded import graded
from solutions.calibrate.jobs import Job, Record
from solutions.styles import load_styles

GRADER = Path(autograder.__file__).parent
# How a style shows that it reaches into a network of the same make.
TIED = re.compile(r"(en|de)coder\.(net|mu)\b")
# What the public tests of other courses let through.
ANCHORS = (
    "vae.VAE.decoder-fed-the-mean",
    "vae.VAE.graph-cut.z-detached",
    "vae.reparameterize.graph-cut.z-detached",
    "vae.reparameterize.noise-shared-by-dims",
    "gan.discriminator_loss.labels-swapped",
    "gan.generator_step.graph-cut.detached",
    "gan.discriminator_loss.real-counted-twice",
)


def mistakes(seeds: Sequence[int]) -> Iterator[Job]:
    """Each mistake of the catalogue alone, the other components being right."""
    for mistake in load_catalogue():
        for seed in seeds:
            yield _alone(mistake, seed)


def anchors(seeds: Sequence[int]) -> Iterator[Job]:
    """Each of `ANCHORS`, over many seeds.

    Raises:
        KeyError: one is not in the catalogue.
    """
    catalogue = {mistake.key: mistake for mistake in load_catalogue()}
    for key in ANCHORS:
        for seed in seeds:
            yield _alone(catalogue[key], seed)


def right_solutions(count: int, seeds: Sequence[int]) -> Iterator[Job]:
    """Complete right solutions: the k-th takes the k-th style of each component, the labs in turn."""
    for k, lab in zip(range(count), itertools.cycle(load_labs()), strict=False):
        source = right_solution(lab, k // len(load_labs()))
        for seed in seeds:
            yield Job(
                seed, f"right {lab} {k} {_digest(*source.values())}", one_solution, (lab, source, seed), ""
            )


def mistakes_among_styles(count: int, seed: int) -> Iterator[Job]:
    """Two mistakes in two components of one lab, in a right solution of another style: both must be found, and only they."""
    dice = random.Random(seed)
    catalogue = load_catalogue()
    for k in range(count):
        first = dice.choice(catalogue)
        others = [m for m in catalogue if m.lab == first.lab and m.component != first.component]
        second = dice.choice(others)
        source = right_solution(first.lab, dice.randrange(100))
        name = f"pair {k} {first.key} {second.key} {_digest(first.code, second.code, *source.values())}"
        yield Job(seed, name, two_mistakes, (first, second, source, seed), "")


def right_solution(lab: str, k: int) -> dict[str, str]:
    """A complete right solution: of each component its k-th style, round and round.

    In place of one that only goes with networks of a certain make, the next one.
    """
    found = {}
    for name, each in load_styles(lab).items():
        texts = [*each.values()] * 2
        found[name] = next(text for text in texts[k % len(each) :] if not TIED.search(text))
    return found


def _alone(mistake: Mistake, seed: int) -> Job:
    return Job(seed, f"mistake {mistake.key} {_digest(mistake.code)}", one_mistake, (mistake, seed), "")


def one_mistake(mistake: Mistake, seed: int) -> Record:
    """What the grader says of one mistake."""
    found = graded(mistake.lab, {mistake.component: mistake.code}, seed=seed, only=[mistake.component])
    return {"kind": "mistake", "key": mistake.key, "mistake": asdict(mistake), "found": found}


def one_solution(lab: str, source: dict[str, str], seed: int) -> Record:
    """What the grader says of a right solution."""
    return {"kind": "right", "lab": lab, "found": graded(lab, source, seed=seed, only=[*source])}


def two_mistakes(first: Mistake, second: Mistake, source: dict[str, str], seed: int) -> Record:
    """What the grader says of two mistakes in a right solution of some style."""
    both = {mistake.component: mistake.code for mistake in (first, second)}
    found = graded(first.lab, source | both, seed=seed, only=[*source])
    return {"kind": "pair", "lab": first.lab, "mistakes": [asdict(first), asdict(second)], "found": found}


def _digest(*texts: str) -> str:
    """Changes with the code and with the grader, so that what was kept of another is not taken for it."""
    return hashlib.sha256("\0".join([fingerprint(), *texts]).encode()).hexdigest()[:8]


@cache
def fingerprint(folder: Path = GRADER) -> str:
    """Of the grader's own code and policy, on which a judgement depends."""
    files = sorted(path for kind in ("*.py", "*.toml") for path in folder.rglob(kind))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
