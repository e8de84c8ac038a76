"""`genlab audit`: grades the grader, with everything that is known to be wrong and everything that is known to be right.

Every mistake of the catalogue, complete right solutions in many styles, pairs of mistakes in solutions of other styles, and
over many seeds the mistakes that other courses' tests let through: all through the real engine. Results lie in
build/audit as lines of JSON; an audit that was interrupted goes on where it was. Prints the matrix, writes
autograder/misconceptions/audit.json, from which the site's page is made, and fails where a number got worse.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.engine import versions
from autograder.policy import load_policy
from solutions.audit import cases
from solutions.audit.matrix import matrix, share, worse
from solutions.calibrate.jobs import Job, Record, read, run

ROOT = Path(__file__).parents[2]
RAW = ROOT / "build" / "audit"
KEPT = ROOT / "autograder" / "misconceptions" / "audit.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 1 where a number got worse."""
    parser = argparse.ArgumentParser(
        prog="genlab audit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=2, help="for each mistake (default 2)")
    parser.add_argument("--solutions", type=int, default=24, help="complete right ones (24)")
    parser.add_argument("--right-seeds", type=int, default=20, help="for each of them (20)")
    parser.add_argument("--pairs", type=int, default=60, help="of mistakes in one solution (60)")
    parser.add_argument(
        "--anchor-seeds", type=int, default=200, help="for what other courses let through (200)"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes, one core each")
    parser.add_argument("--keep-old", action="store_true", help="compare only, and write nothing")
    options = parser.parse_args(argv)
    first = load_policy().seed
    lines = kept(
        [
            *cases.mistakes(range(first, first + options.seeds)),
            *cases.right_solutions(options.solutions, range(first, first + options.right_seeds)),
            *cases.mistakes_among_styles(options.pairs, first),
        ],
        RAW / "audit.jsonl",
        options.jobs,
    )
    anchors = kept(
        list(cases.anchors(range(first, first + options.anchor_seeds))), RAW / "anchors.jsonl", options.jobs
    )
    found = matrix(lines, anchors)
    print(table(found))
    worsened = worse(found, json.loads(KEPT.read_text(encoding="utf-8"))) if KEPT.exists() else []
    for what in worsened:
        print(f"worse: {what}", file=sys.stderr)
    if not options.keep_old and not worsened:
        arguments = " ".join(sys.argv[1:] if argv is None else argv)
        found = {"command": f"genlab audit {arguments}".strip(), "versions": versions(), **found}
        KEPT.write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"wrote {KEPT.relative_to(ROOT)}")
    return 1 if worsened else 0


def kept(jobs: Sequence[Job], out: Path, processes: int) -> list[Record]:
    """The results of these jobs; those that `out` holds already are not made again."""
    run(jobs, out, processes=processes)
    wanted = {(job.network, job.kind) for job in jobs}
    return [line for line in read(out) if (line["network"], line["class"]) in wanted]


def table(found: Record) -> str:
    """The matrix in words and figures."""
    rows = [f"{'':32}{'entries':>8}{'runs':>7}{'caught':>9}{'named':>9}{'misnamed':>9}"]
    for each in [*found["components"], {"lab": "all", "component": "", **found["mistakes"]}]:
        rows.append(
            f"{each['lab'] + ' ' + each['component']:32}{each['entries']:8}{each['runs']:7}"
            + "".join(f"{share(each, what):9.1%}" for what in ("caught", "named", "misnamed"))
        )
    right, pairs = found["right"], found["pairs"]
    rows += [
        "",
        f"right: {right['solutions']} solutions in {right['runs']} runs, {right['judgements']} judgements: {right['false_fails']} false fails",
        f"pairs: {pairs['mistakes']} mistakes: {pairs['caught']} caught, {pairs['named']} named; "
        f"of {pairs['others']} right components beside them {pairs['others_failed']} failed",
        *(f"{each['key']}: caught in {each['caught']} of {each['runs']} seeds" for each in found["anchors"]),
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
