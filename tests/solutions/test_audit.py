"""The audit that grades the grader: what it adds up, when it fails, and one case of each kind for real."""

from __future__ import annotations

import pytest

from autograder.misconceptions import Mistake, load_catalogue
from autograder.sandbox.errors import SandboxUnavailable
from solutions.audit import cases
from solutions.audit.matrix import matrix, worse
from solutions.styles import load_styles

MISTAKE = {
    "lab": "vae", "component": "kl_divergence", "name": "kl-sign-flipped", "variant": "", "code": "pass\n",
    "look": "Which sign has it?", "shows": "numeric", "also": ("kl-half-missing",),
}  # fmt: skip


def line(status: str, *names: str | None, kind: str = "mistake", seed: int = 7) -> dict:
    failed = [["matches_definition", name, f"It is wrong: {name}."] for name in names]
    found = {"kl_divergence": {"status": status, "share": 0.0, "failed": failed}}
    if kind == "right":
        return {"kind": kind, "lab": "vae", "network": seed, "class": "right vae 0", "found": found}
    return {"kind": kind, "key": "vae.kl_divergence.kl-sign-flipped", "mistake": MISTAKE, "network": seed, "found": found}  # fmt: skip


def sums(*lines: dict) -> dict:
    return matrix(lines, [])["mistakes"]


def test_a_mistake_that_passes_is_not_caught():
    assert sums(line("pass"))["caught"] == 0


def test_a_mistake_is_named_when_its_name_is_among_those_that_are_given():
    assert sums(line("fail", None, "kl-sign-flipped"))["named"] == 1


def test_another_name_alone_is_a_wrong_name():
    found = sums(line("fail", "labels-swapped"))
    assert (found["caught"], found["named"], found["misnamed"]) == (1, 0, 1)


def test_a_further_name_that_is_true_of_it_is_no_wrong_name():
    assert sums(line("fail", "kl-half-missing"))["misnamed"] == 0


def test_no_name_is_neither_right_nor_wrong():
    found = sums(line("fail", None))
    assert (found["named"], found["misnamed"]) == (0, 0)


def test_right_code_that_loses_points_is_counted_and_told():
    found = matrix([line("fail", "labels-swapped", kind="right"), line("pass", kind="right")], [])["right"]
    assert found["false_fails"] == 1
    assert found["held_against"][0]["message"] == "It is wrong: labels-swapped."


@pytest.mark.parametrize(
    "now",
    [
        [line("pass"), line("pass", kind="right")],
        [line("fail", None), line("pass", kind="right")],
        [line("fail", "labels-swapped", "kl-sign-flipped"), line("fail", "x", kind="right")],
        [line("pass", kind="right")],
    ],
    ids=["no longer caught", "no longer named", "a false fail", "an entry less"],
)
def test_an_audit_is_worse(now):
    before = matrix([line("fail", "kl-sign-flipped"), line("pass", kind="right")], [])
    assert worse(matrix(now, []), before)


def test_the_same_audit_is_not_worse():
    before = matrix([line("fail", "kl-sign-flipped"), line("pass", kind="right")], [])
    assert worse(before, before) == []


def test_results_of_another_grader_are_not_taken_for_those_of_this_one(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text("relative = 1e-3")
    before = cases.fingerprint(tmp_path)
    policy.write_text("relative = 1e-2")
    cases.fingerprint.cache_clear()
    assert cases.fingerprint(tmp_path) != before


def test_every_anchor_is_in_the_catalogue():
    assert {*cases.ANCHORS} <= {mistake.key for mistake in load_catalogue()}


def test_complete_right_solutions_differ_in_every_component():
    for lab in ("ae", "vae", "gan", "compare"):
        one, other = (cases.right_solution(lab, k) for k in (0, 1))
        assert one.keys() == load_styles(lab).keys()
        assert all(one[name] != other[name] for name in one)


@pytest.fixture
def graded():
    from solutions.audit.graded import grader

    try:
        grader()
    except SandboxUnavailable as error:
        pytest.skip(f"no sandbox here: {error}")
    yield
    grader().close()
    grader.cache_clear()


@pytest.mark.usefixtures("graded")
def test_one_case_of_each_kind_is_graded_by_the_real_engine():
    wrong = next(m for m in load_catalogue() if (m.component, m.name) == ("kl_divergence", "kl-sign-flipped"))
    other: Mistake = next(m for m in load_catalogue() if m.lab == "vae" and m.component == "reparameterize")
    lines = [
        cases.one_mistake(wrong, 7),
        cases.one_solution("ae", cases.right_solution("ae", 3), 7) | {"class": "right"},
        cases.two_mistakes(wrong, other, cases.right_solution("vae", 2), 7),
    ]
    found = matrix(lines, [])
    assert found["mistakes"] == {"entries": 1, "runs": 1, "caught": 1, "named": 1, "misnamed": 0}
    assert found["right"]["false_fails"] == 0, found["right"]
    assert (found["pairs"]["caught"], found["pairs"]["others_failed"]) == (2, 0)
