"""What an audit found, added up: by component and check, and whether it is worse than the last one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from autograder.labs import load_labs
from solutions.calibrate.jobs import Record


def matrix(lines: Sequence[Record], anchors: Sequence[Record]) -> dict[str, Any]:
    """Everything that the site shows of an audit.

    Args:
        lines: of all cases but the anchors.
        anchors: of the mistakes that other courses' tests let through, over many seeds.
    """
    alone = [line for line in lines if line["kind"] == "mistake"]
    entries = [entry(key, list(runs)) for key, runs in grouped(alone, "key").items()]
    return {
        "mistakes": total(entries),
        "components": [
            {"lab": lab, "component": component.name, **total(own), "checks": checks(own)}
            for lab, parts in load_labs().items()
            for component in parts.components
            if (own := [e for e in entries if (e["lab"], e["component"]) == (lab, component.name)])
        ],
        "entries": entries,
        "right": right([line for line in lines if line["kind"] == "right"]),
        "pairs": pairs([line for line in lines if line["kind"] == "pair"]),
        "anchors": [
            {"key": key, "runs": len(runs), "caught": sum(caught(run["found"]) for run in runs)}
            for key, runs in grouped(anchors, "key").items()
        ],
    }


def entry(key: str, runs: Sequence[Record]) -> dict[str, Any]:
    """One mistake of the catalogue in all its runs."""
    mistake = runs[0]["mistake"]
    founds = [run["found"][mistake["component"]] for run in runs]
    called = Counter(name for found in founds if (name := named(found, mistake)) is not None)
    first = next((f for f in founds if f["failed"]), founds[0])
    return {
        "key": key,
        **{name: mistake[name] for name in ("lab", "component", "name", "variant")},
        "message": first["failed"][0][2] if first["failed"] else "",
        "check": first["failed"][0][0] if first["failed"] else "",
        "share": first["share"],
        "runs": len(runs),
        "caught": sum(found["status"] != "pass" for found in founds),
        "named": called[mistake["name"]],
        "misnamed": sum(count for name, count in called.items() if name != mistake["name"]),
        "called": dict(called),
    }


def named(found: Record, mistake: Record) -> str | None:
    """The name that it was given: its own if that is among the names, else the first that is not true of it; None if none."""
    names = [name for _, name, _ in found["failed"] if name]
    if mistake["name"] in names:
        return str(mistake["name"])
    return next((name for name in names if name not in mistake["also"]), None)


def caught(found: Record) -> bool:
    """Whether no component got away with it."""
    return all(each["status"] != "pass" for each in found.values())


def total(entries: Iterable[Record]) -> dict[str, int]:
    """Sums over mistakes."""
    kept = list(entries)
    sums = {name: sum(entry[name] for entry in kept) for name in ("runs", "caught", "named", "misnamed")}
    return {"entries": len(kept), **sums}


def checks(entries: Iterable[Record]) -> dict[str, int]:
    """How many mistakes each check was the first to find."""
    return dict(Counter(entry["check"] for entry in entries if entry["check"]).most_common())


def right(lines: Sequence[Record]) -> dict[str, Any]:
    """Right solutions, and what was held against them."""
    held = [
        {"lab": line["lab"], "component": name, "check": check, "message": message}
        for line in lines
        for name, found in line["found"].items()
        for check, _, message in found["failed"]
    ]
    lost = sum(found["status"] != "pass" for line in lines for found in line["found"].values())
    return {
        "solutions": len({line["class"] for line in lines}),
        "runs": len(lines),
        "judgements": sum(len(line["found"]) for line in lines),
        "false_fails": lost,
        "held_against": held[:50],
    }


def pairs(lines: Sequence[Record]) -> dict[str, Any]:
    """Two mistakes in one solution: each found by its own component, and nothing else."""
    wrong = [(mistake, line["found"][mistake["component"]]) for line in lines for mistake in line["mistakes"]]
    others = [
        found
        for line in lines
        for name, found in line["found"].items()
        if name not in {mistake["component"] for mistake in line["mistakes"]}
    ]
    return {
        "runs": len(lines),
        "mistakes": len(wrong),
        "caught": sum(found["status"] != "pass" for _, found in wrong),
        "named": sum(named(found, mistake) == mistake["name"] for mistake, found in wrong),
        "others": len(others),
        "others_failed": sum(found["status"] != "pass" for found in others),
    }


def worse(new: Record, old: Record) -> list[str]:
    """In words, every number that got worse since the last audit."""
    found = []
    for what, less in (("caught", True), ("named", True), ("misnamed", False)):
        now, then = (share(each["mistakes"], what) for each in (new, old))
        if (now < then) if less else (now > then):
            found.append(f"mistakes {what}: {now:.2%}, it was {then:.2%}")
    if new["mistakes"]["entries"] < old["mistakes"]["entries"]:
        found.append(
            f"the catalogue has {new['mistakes']['entries']} entries, it had {old['mistakes']['entries']}"
        )
    if new["right"]["false_fails"] > old["right"]["false_fails"]:
        found.append(f"false fails: {new['right']['false_fails']}, it was {old['right']['false_fails']}")
    for what in ("caught", "named"):
        now, then = (each["pairs"][what] / max(each["pairs"]["mistakes"], 1) for each in (new, old))
        if now < then:
            found.append(f"mistakes in pairs {what}: {now:.2%}, it was {then:.2%}")
    before = {each["key"]: each for each in old["entries"]}
    for each in new["entries"]:
        then = before.get(each["key"])
        if then and each["caught"] < each["runs"] and then["caught"] == then["runs"]:
            found.append(f"{each['key']} is no longer caught")
    return found


def share(sums: Record, what: str) -> float:
    """Of the runs of mistakes."""
    return float(sums[what]) / max(int(sums["runs"]), 1)


def grouped(lines: Iterable[Record], by: str) -> dict[str, list[Record]]:
    """Lines with the same value, in the order in which they came."""
    found: dict[str, list[Record]] = {}
    for line in lines:
        found.setdefault(line[by], []).append(line)
    return found
