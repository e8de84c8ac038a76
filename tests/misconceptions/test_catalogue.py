"""What every entry of the catalogue must be. Whether the grader catches and names them is tested with the labs."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from autograder.labs import load_labs
from autograder.misconceptions import load_catalogue, look_at
from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Known, Mistake, written_down

CATALOGUE = load_catalogue()


def test_no_two_entries_have_one_key_or_one_code() -> None:
    assert [key for key, count in Counter(m.key for m in CATALOGUE).items() if count > 1] == []
    codes = Counter((m.lab, m.component, m.code) for m in CATALOGUE)
    assert [code for code, count in codes.items() if count > 1] == []


def test_every_component_has_mistakes() -> None:
    known = {(m.lab, m.component) for m in CATALOGUE}
    assert known == {(lab.name, c.name) for lab in load_labs().values() for c in lab.components}
    assert len({(m.lab, m.component, m.name) for m in CATALOGUE}) >= 160


def test_names_are_kebab_case_and_keys_have_no_spaces() -> None:
    for mistake in CATALOGUE:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", mistake.name), mistake.key
        assert " " not in mistake.key


def test_code_defines_its_component_and_parses() -> None:
    for mistake in CATALOGUE:
        made = {
            node.name
            for node in ast.parse(mistake.code).body
            if isinstance(node, ast.ClassDef | ast.FunctionDef)
        }
        assert mistake.component in made, mistake.key


def test_hints_are_short_and_leave_the_answer_to_the_student() -> None:
    for look in {m.look for m in CATALOGUE} | {*LOOKS.values()}:
        assert re.match("[A-Z`]", look), look
        assert look[-1] in ".?", look
        assert len(look) <= 200, look
        assert not re.search(r"\b(replace|instead of|must be|correct)\b", look, re.IGNORECASE), look


def test_one_name_of_one_component_has_one_hint() -> None:
    hints: dict[tuple[str, str, str], set[str]] = {}
    for m in CATALOGUE:
        hints.setdefault((m.lab, m.component, m.name), set()).add(m.look)
    assert [key for key, looks in hints.items() if len(looks) > 1] == []
    assert all(look_at(*key) == next(iter(looks)) for key, looks in hints.items())


def test_a_hint_for_every_further_name() -> None:
    for mistake in CATALOGUE:
        for name in mistake.also:
            assert look_at(mistake.lab, mistake.component, name), f"{mistake.key}: {name}"


def test_a_mistake_in_the_sense_of_all_labs_has_the_common_hint() -> None:
    assert look_at("vae", "Encoder", "rows-mixed") == LOOKS["rows-mixed"]
    assert look_at(None, "Encoder", "rows-mixed") == LOOKS["rows-mixed"]
    assert look_at("vae", "Encoder", "no-such-mistake") is None
    assert look_at("vae", "Encoder", None) is None


def test_entries_are_written_down_with_a_name_a_hint_and_ways() -> None:
    known = {"b": Known("Look.", {"": "x = 1", "two words": ("y = 2", "c")}, "effect"), "a": {"": "z = 3"}}
    found = written_down("ae", "Encoder", "numeric", known, {"a": "Common."})
    assert found == (
        Mistake("ae", "Encoder", "b", "", "x = 1\n", "Look.", "effect"),
        Mistake("ae", "Encoder", "b", "two words", "y = 2\n", "Look.", "effect", ("c",)),
        Mistake("ae", "Encoder", "a", "", "z = 3\n", "Common.", "numeric"),
    )
    assert [m.key for m in found] == ["ae.Encoder.b", "ae.Encoder.b.two-words", "ae.Encoder.a"]


def test_a_name_without_any_hint_is_refused() -> None:
    with pytest.raises(KeyError):
        written_down("ae", "Encoder", "numeric", {"unheard-of": {"": "x = 1"}}, {})


# What courses' own public tests let pass.
ANCHORS = (
    "vae.VAE.decoder-fed-the-mean",
    "vae.train_step.decoder-fed-the-mean",
    "vae.VAE.graph-cut.z-detached",
    "vae.train_step.graph-cut.z-detached",
    "vae.reparameterize.graph-cut.z-detached",
    "vae.reparameterize.noise-shared-by-dims",
    "vae.VAE.noise-shared-by-dims",
    "gan.discriminator_loss.labels-swapped",
    "gan.discriminator_step.labels-swapped",
    "gan.generator_step.graph-cut.detached",
    "gan.discriminator_loss.real-counted-twice",
    "gan.discriminator_step.real-counted-twice",
)


def test_the_mistakes_that_survive_elsewhere_are_in_it() -> None:
    assert {*ANCHORS} <= {m.key for m in CATALOGUE}
