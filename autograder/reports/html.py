"""The one place where reports become HTML: templates that escape everything, and their filters."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.reports import words

TEMPLATES = Path(__file__).parent


def render(template: str, **values: Any) -> str:
    """Render one template of this folder; every value is escaped unless a filter here made it markup."""
    return _environment().get_template(template).render(**values)


def prose(text: str) -> Markup:
    """Escaped text in which `code` between backticks is set as code and new lines stay new lines."""
    safe = str(escape(words.plain(text).strip()))
    safe = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", safe)
    return Markup(safe.replace("\n", "<br>"))  # the text was escaped above


def component(name: str) -> Markup:
    """The escaped name of a component, which a narrow column may break behind an underscore."""
    return Markup(str(escape(words.component_title(name))).replace("_", "_<wbr>"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "plain": words.one_line,
        "prose": prose,
        "number": words.number,
        "short_source": words.short_source,
        "component": component,
        "check": words.check_title,
        "web_link": words.web_link,
    }
    environment.globals |= {
        "component_words": words.COMPONENT_WORDS,
        "finding_words": words.FINDING_WORDS,
        "finding_wording": words.finding_wording,
        "component_points": words.component_points,
        "main_finding": words.main_finding,
        "hint": words.hint,
        "other_findings": words.other_findings,
        "passed_checks": words.passed_checks,
        "lab_title": words.lab_title,
        "automatic_points": words.automatic_points,
        "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),  # our own file
    }
    return environment
