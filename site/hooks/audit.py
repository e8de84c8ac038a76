"""A build hook of mkdocs: `{{ audit }}` and `{{ mistakes }}` become what `genlab audit` found.

Both are made of `autograder/misconceptions/audit.json`: the first is the matrix of what was caught and named, the
second every mistake of the catalogue with its code, what the grader says of it, and what it does to training where
there is a picture of that (`assets/mistakes/<slug>-light.svg` and `-dark.svg`).
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

SITE = Path(__file__).parents[1]
FOUND = SITE.parent / "autograder" / "misconceptions" / "audit.json"
PICTURES = SITE / "docs" / "assets" / "mistakes"
NAMES = {"ae": "AutoEncoder", "vae": "Variational AutoEncoder", "gan": "GAN", "compare": "Comparison"}
NOTHING_YET = "Nothing has been measured for this version yet: `genlab audit` does it."
SURVIVORS = {
    "vae.VAE.decoder-fed-the-mean": "the decoder is fed mu in place of a sample",
    "vae.VAE.graph-cut.z-detached": "the latent is detached inside the VAE: its encoder learns from the KL alone",
    "vae.reparameterize.graph-cut.z-detached": "`reparameterize` returns a detached latent",
    "vae.reparameterize.noise-shared-by-dims": "one epsilon is shared over the dimensions",
    "gan.discriminator_loss.labels-swapped": "real and fake labels are swapped",
    "gan.generator_step.graph-cut.detached": "fakes are detached in the generator's step",
    "gan.discriminator_loss.real-counted-twice": "the real half of the loss is counted twice",
}


def on_page_markdown(markdown: str, /, **_: Any) -> str:
    """Fill in the passages."""
    for placeholder, made in (("{{ audit }}", matrix), ("{{ mistakes }}", gallery)):
        if placeholder in markdown:
            markdown = markdown.replace(placeholder, made(audit()) if audit() else NOTHING_YET)
    return markdown


@cache
def audit() -> Mapping[str, Any]:
    """What the last audit found; empty where there was none."""
    return json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}


@cache
def catalogue() -> Mapping[str, Any]:
    """The catalogue's mistakes by key: their code and what to look at."""
    if str(SITE.parent) not in sys.path:
        sys.path.insert(0, str(SITE.parent))
    from autograder.misconceptions import load_catalogue

    return {mistake.key: mistake for mistake in load_catalogue()}


def matrix(found: Mapping[str, Any]) -> str:
    """The page of the audit: sums, then each component, then what is neither caught nor named."""
    sums, right, pairs = found["mistakes"], found["right"], found["pairs"]
    parts = [
        f"Made with `{found['command']}`, "
        + ", ".join(f"{what} {version}" for what, version in found["versions"].items())
        + ".",
        table(
            ["wrong code", "cases", "caught", "named exactly", "named wrongly"],
            [
                [f"{sums['entries']} known mistakes, each alone", f"{sums['runs']:,}", *shares(sums)],
                ["two mistakes in a solution of another style", f"{pairs['mistakes']:,}",
                 percent(pairs["caught"], pairs["mistakes"]), percent(pairs["named"], pairs["mistakes"]), "–"],
            ],
        ),
        table(
            ["right code", "judgements", "false fails"],
            [
                [f"{right['solutions']} complete solutions, {right['runs']:,} runs", f"{right['judgements']:,}", right["false_fails"]],
                ["right components beside two mistakes", f"{pairs['others']:,}", pairs["others_failed"]],
            ],
        ),
        "## Sharper than what was there { #anchors }",
        "These mistakes pass the public tests of well-known courses. Here each was graded over many seeds.",
        table(
            ["mistake", "seeds", "caught"],
            [[SURVIVORS.get(each["key"], f"`{each['key']}`"), each["runs"], percent(each["caught"], each["runs"])]
             for each in found["anchors"]],
        ),
    ]  # fmt: skip
    for lab, rows in by(found["components"], "lab").items():
        parts += [
            f"## Lab `{lab}` {{ #{lab} }}",
            table(
                ["component", "mistakes", "caught", "named exactly", "named wrongly", "found by"],
                [[f"[`{row['component']}`](mistakes.md#{anchor(lab, row['component'])})", row["entries"], *shares(row),
                  ", ".join(f"{check} {count}" for check, count in row["checks"].items())] for row in rows],
            ),
        ]  # fmt: skip
    left = [each for each in found["entries"] if each["named"] < each["runs"]]
    if left:
        parts += [
            "## Not named { #not-named }",
            table(
                ["mistake", "runs", "caught", "named exactly", "called otherwise"],
                [[f"`{each['key']}`", each["runs"], each["caught"], each["named"],
                  ", ".join(f"{name} {count}" for name, count in each["called"].items() if name != each["name"]) or "–"]
                 for each in left],
            ),
        ]  # fmt: skip
    return "\n\n".join(parts)


def gallery(found: Mapping[str, Any]) -> str:
    """The page of mistakes: by lab and component, one folded passage each."""
    parts = []
    for lab, entries in by(found["entries"], "lab").items():
        parts.append(f"## {NAMES.get(lab, lab)} {{ #{lab} }}")
        for component, own in by(entries, "component").items():
            parts.append(f"### `{component}` {{ #{anchor(lab, component)} }}")
            parts += ["\n\n".join(passage(variants)) for variants in by(own, "name").values()]
    return "\n\n".join(parts)


def passage(variants: Sequence[Mapping[str, Any]]) -> list[str]:
    """One mistake: what the grader says, what to look at, what it does to training, and how it is written."""
    first = variants[0]
    known = catalogue()
    look = known[first["key"]].look if first["key"] in known else ""
    lines = [f"**The grader says:** {html.escape(first['message'], quote=False)}", f"**Look at:** {html.escape(look, quote=False)}"]  # fmt: skip
    slug = f"{first['lab']}-{first['component']}-{first['name']}"
    if (PICTURES / f"{slug}-light.svg").exists():
        words = f"What {plain(first['name'])} does to training, beside right code"
        lines.append(
            f"![{words}](assets/mistakes/{slug}-light.svg#only-light)\n![{words}](assets/mistakes/{slug}-dark.svg#only-dark)"
        )
    for each in variants:
        told = f"# {each['variant']}\n" if each["variant"] and len(variants) > 1 else ""
        if each["key"] in known:
            lines.append(f"```python\n{told}{known[each['key']].code.rstrip()}\n```")
    body = "\n\n".join(lines).replace("\n", "\n    ")
    return [f'??? failure "{plain(first["name"])}"', f"    {body}"]


def shares(sums: Mapping[str, Any]) -> list[str]:
    """Caught, named and misnamed as parts of the runs."""
    return [percent(sums[name], sums["runs"]) for name in ("caught", "named", "misnamed")]


def percent(part: int, whole: int) -> str:
    """All and none in full words of figures: 100 % is said only of all."""
    if not whole:
        return "–"
    if part in (0, whole):
        return f"{100 * part // whole} %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"


def anchor(lab: str, component: str) -> str:
    """Where the mistakes of a component are on their page."""
    return f"{lab}-{component.replace('_', '-').lower()}"


def plain(name: str) -> str:
    """A name in words."""
    return re.sub("-", " ", name)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown; the first column is words."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in line)} |" for line in lines)


def by(entries: Iterable[Mapping[str, Any]], key: str) -> dict[str, list[Mapping[str, Any]]]:
    """Entries with the same value, in the order in which they came."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in entries:
        found.setdefault(each[key], []).append(each)
    return found
