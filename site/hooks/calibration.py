"""A build hook of mkdocs: `{{ calibration }}` in a page becomes what `genlab calibrate` measured, lab by lab.

The measurements lie in `autograder/outcomes/calibration/<lab>.json`; one file more there is one section more on
the page. The pictures are drawn from the same files by `site/figures.py calibration`.
"""

from __future__ import annotations

import hashlib
import json
import math
import statistics as st
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

SITE = Path(__file__).parents[1]
if str(SITE) not in sys.path:
    sys.path.append(str(SITE))

from calibration_views import Row, View, in_order, plain, views  # noqa: E402  (the path has to come first)

MEASURED = SITE.parent / "autograder" / "outcomes" / "calibration"
PICTURES = SITE / "docs" / "assets" / "calibration"
PLACEHOLDER = "{{ calibration }}"
NAMES = {"ae": "AutoEncoder", "vae": "Variational AutoEncoder", "gan": "DCGAN"}
NOTHING_YET = "Nothing has been measured for this version yet: `genlab calibrate` does it."
LEGEND = (
    "Solid: right code. Hatched: wrong code, a row for each class. A bar is as high as the square root of its runs, so "
    "that single ones show; each row is as high as its own fullest bar. What ends further out than the axis, or "
    "diverges, is drawn at its end."
)
TRAINED = (
    "Right models are measured along their training too, so there are weaker ones among them; wrong ones are trained "
    "until they are wrong. What a model is worth is the policy's; *mostly named* is what most findings call its mistake."
)
MEASURES = {  # medians that the table of trained models shows, where they were measured
    "loss": "loss, median",
    "kl": "KL, median",
    "frechet_distance": "Fréchet distance, median",
    "class_coverage": "classes covered, median",
    "diversity": "diversity, median",
    "copied": "copies, median",
}


def on_page_markdown(markdown: str, /, *, page: Any, **_: Any) -> str:
    """Fill in the sections.

    Raises:
        PluginError: the pictures are not those of the measurements.
    """
    if PLACEHOLDER not in markdown:
        return markdown
    sources = sorted(MEASURED.glob("*.json"))
    drawn = json.loads((PICTURES / "numbers.json").read_text(encoding="utf-8")) if sources else {}
    for source in sources:
        if drawn.get(source.stem) != hashlib.sha256(source.read_bytes()).hexdigest():
            raise PluginError(
                f"{page.file.src_uri} shows histograms that are not those of {source.name}. "
                f"Draw them anew: python site/figures.py calibration"
            )
    sections = [section(json.loads(source.read_text(encoding="utf-8"))) for source in sources]
    return markdown.replace(PLACEHOLDER, "\n\n".join(sections) or NOTHING_YET)


def section(measured: Mapping[str, Any]) -> str:
    """The section of one lab, in Markdown."""
    lab, shown = measured["lab"], views(measured)
    name = NAMES.get(lab, lab)
    link = f"[{name}]({lab}.md)" if (SITE / "docs" / f"{lab}.md").exists() else name
    versions = ", ".join(f"{what} {version}" for what, version in measured.get("versions", {}).items())
    made = [f"`{measured['command']}`", versions, measured.get("machine", "")]
    judged = [view for view in shown if view.false_fail]
    parts = [
        f"## The lab `{lab}` {{ #{lab} }}",
        f"{link}: {counted(measured['runs'])}. Made with {'; '.join(filter(None, made))}.",
        overview(judged),
        *(one_view(view) for view in judged),
        caught(measured),
        *trained([view for view in shown if not view.false_fail], measured),
    ]
    return "\n\n".join(filter(None, parts))


def counted(runs: Mapping[str, int]) -> str:
    """How many runs there were, in words."""
    words = {
        "right": "{:,} short runs of right code",
        "networks": "of {:,} different networks",
        "pairs": "compared in {:,} pairs of the same network",
        "wrong": "{:,} runs of wrong code",
        "trained": "{:,} trained models",
    }
    said = {key: words[key].format(runs[key]) for key in words if runs.get(key)}
    first = " ".join(said.pop(key) for key in ("right", "networks") if key in said)
    return ", ".join(filter(None, [first, *said.values()]))


def overview(shown: Sequence[View]) -> str:
    """A line for each statistic: where it fails, and how often that would hit right code."""
    rows = [
        [
            f"[{view.title}](#{view.slug})",
            f"`{view.outcome}`",
            f"{view.side} {number(view.threshold)}",
            f"{view.false_fail['measured']:,} of {view.false_fail['runs']:,}",
            one_in(view.false_fail["fitted"]),
            one_in(view.false_fail["upper95"]),
        ]
        for view in shown
        if view.false_fail
    ]
    return table(
        ["what is measured", "outcome", "fails", "right code failed", "fitted rate", "95 % upper bound"], rows
    )


def one_view(view: View) -> str:
    """Heading, explanation, histogram and table of one statistic."""
    rows = [[shown(row), row.count, median(row.values), beyond(view, row)] for row in view.rows]
    heading = f"### {view.title} {{ #{view.slug} }}"
    numbers = table(["code", "measured", "median", "beyond"], rows).replace("\n", "\n    ")
    return "\n\n".join(
        [heading, view.what, figure(view), f'??? numbers "The same in numbers"\n\n    {numbers}']
    )


def figure(view: View) -> str:
    """The histogram in both schemes, with its words."""
    picture, words = f"assets/calibration/{view.slug}", alt(view)
    side = (
        "The shaded side of the line fails." if view.false_fail else "Beyond the solid line points are lost."
    )
    return (
        f"<figure markdown>\n![{words}]({picture}-light.svg#only-light)\n![{words}]({picture}-dark.svg#only-dark)\n"
        f"<figcaption markdown>{LEGEND} {side}</figcaption>\n</figure>"
    )


def caught(measured: Mapping[str, Any]) -> str:
    """Which outcome catches which class of wrong code, and which classes are left to the components' checks."""
    parts = []
    if measured.get("caught"):
        columns = list(dict.fromkeys(outcome for row in measured["caught"].values() for outcome in row))
        names = [f"`{name}`" if "_" in name or name == "learns" else name for name in columns]
        rows = [
            [plain(kind), *(cell(row.get(each)) for each in columns)]
            for kind, row in measured["caught"].items()
        ]
        lead = "Short runs of wrong code that an outcome fails, all its statistics together; in bold 99 of 100 and more."
        parts += [
            f"### What short runs catch {{ #{measured['lab']}-caught }}",
            lead,
            table(["wrong code", *names], rows),
        ]
    if measured.get("by_name_left"):
        parts.append("Left to the checks of single components, since not every training shows it:")
        parts.append(
            "\n".join(f"- **{plain(name)}**: {why}" for name, why in measured["by_name_left"].items())
        )
    return "\n\n".join(parts)


def trained(shown_views: Sequence[View], measured: Mapping[str, Any]) -> list[str]:
    """The trained models: two histograms, and what each kind is worth."""
    if not shown_views:
        return []
    kinds = in_order(measured["trained"]["kinds"])
    parts = [f"### Trained models {{ #{measured['lab']}-trained }}", TRAINED]
    for view in shown_views:
        parts += [f"**{view.title}.** {view.what}", figure(view)]
    medians = {MEASURES[name]: name for name in MEASURES if any(each.get(name) for _, each in kinds)}
    rows = []
    for kind, each in kinds:
        named = sorted(each.get("named", {}).items(), key=lambda item: -item[1])
        credit = f"{st.mean(each['credit']):.0%}" if each["credit"] else "–"
        values = [median(each.get(name, ())) for name in medians.values()]
        words = ", ".join(
            f"{plain(name)} ({count})" for name, count in named[:1]
        )  # all would need a page's width
        rows.append([kind, f"{each['models']:,}", f"{each['full points']:,}", credit, *values, words or "–"])
    head = ["models", "measured", "full points", "mean credit", *medians, "mostly named"]
    return [*parts, table(head, rows)]


def shown(row: Row) -> str:
    """A row's name, right code in bold."""
    return f"**{row.name}**" if row.right else row.name


def cell(counts: Mapping[str, int] | None) -> str:
    """How many of the runs were caught; a dash where the outcome does not look at that class."""
    if not counts or not counts.get("runs"):
        return "–"
    mark = "**{}**" if counts["caught"] >= 0.99 * counts["runs"] else "{}"
    return mark.format(f"{counts['caught']:,} of {counts['runs']:,}")


def beyond(view: View, row: Row) -> str:
    """How many of a row lie on the failing side."""
    return f"{sum(map(view.beyond, row.values)):,} of {len(row.values):,}"


def alt(view: View) -> str:
    """The words for those who cannot see the histogram."""
    right = [value for row in view.rows if row.right for value in row.finite]
    wrong = "; ".join(f"{row.name} around {median(row.values)}" for row in view.rows if not row.right)
    marks = ", ".join(f"{words} {number(place)}" for place, words in view.marks)
    return (
        f"Histograms: {view.title}. Right code lies between {number(min(right))} and {number(max(right))}; {marks}. "
        f"Wrong code, by its median: {wrong or 'none measured'}."
    )


def median(values: Sequence[float | None]) -> str:
    """The median of the runs that did not diverge."""
    kept = [value for value in values if value is not None and math.isfinite(value)]
    return number(st.median(kept)) if kept else "–"


def number(value: float) -> str:
    """Three digits, with a proper minus sign."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) >= 0.1 else f"{value:.3f}"
    return text.replace("-", "−")


def one_in(rate: float) -> str:
    """A rate as "1 in 50,000", with two digits."""
    if rate < 1e-9:
        return "under 1 in 1,000,000,000"
    if rate >= 0.5:
        return f"{rate:.0%}"
    size = 10 ** max(0, math.floor(math.log10(1 / rate)) - 1)
    return f"1 in {round(1 / rate / size) * size:,}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
