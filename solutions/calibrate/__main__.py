"""`genlab calibrate LAB`: measures right and wrong submissions, fits the tails, writes what was found.

Results lie in build/calibration as lines of JSON; a run that was interrupted goes on where it was, and
one that is complete only writes the summary, autograder/outcomes/calibration/<lab>.json, anew.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from solutions.calibrate import gan, gan_summary, gan_trained, short_runs, styles, summary, trained
from solutions.calibrate.jobs import read, run

RAW = Path(__file__).parents[2] / "build" / "calibration"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="genlab calibrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lab", choices=[*sorted(short_runs.LABS), "gan"])
    parser.add_argument("--networks", type=int, default=250, help="four right short runs each (default 250)")
    parser.add_argument(
        "--faulty", type=int, default=100, help="narrow ones of these run with every wrong class too (100)"
    )
    parser.add_argument("--trained", type=int, default=25, help="right networks trained in full (25)")
    parser.add_argument("--trained-faulty", type=int, default=15, help="wrong models of each class (15)")
    parser.add_argument("--seeds", type=int, default=5, help="of the reference's own default run (5)")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one core each")
    options = parser.parse_args(argv)
    short, models = RAW / f"{options.lab}_short.jsonl", RAW / f"{options.lab}_trained.jsonl"
    networks, models_of, faulty = range(options.networks), range(options.trained), options.trained_faulty
    if options.lab == "gan":
        runs = gan.jobs(networks, with_faults=options.faulty)
        todo = gan_trained.jobs(range(options.seeds), models_of, faulty=range(faulty))
    else:
        runs = short_runs.jobs(options.lab, networks, with_faults=options.faulty)
        narrow = [network for network in networks if styles.draw(network).narrow][:faulty]
        todo = trained.jobs(options.lab, models_of, faulty=narrow, seeds=range(options.seeds))
    run(runs, short, processes=options.jobs)
    run(todo, models, processes=options.jobs)
    lines, made = list(read(short)), list(read(models))
    if options.lab == "gan":
        found = gan_summary.short_runs(lines), gan_summary.trained_models(made)
    else:
        found = summary.short_runs(options.lab, lines), summary.trained_models(options.lab, made)
    arguments = sys.argv[1:] if argv is None else argv
    path = summary.write(options.lab, *found, f"genlab calibrate {' '.join(arguments)}")
    print(f"wrote {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
