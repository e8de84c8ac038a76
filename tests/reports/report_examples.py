"""Reports made by hand for the tests of this folder: ordinary ones and hostile ones."""

from __future__ import annotations

from autograder.reports.model import ComponentReport, Finding, Report

SITE = "https://genlab.example.org/ae/"
HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    "\x1b[31mred\x1b[0m\x07\u202eback {{ 7*7 }} & `</code>` \ud800"
)


def ok(check: str) -> Finding:
    return Finding(check, "pass", "As it should be.")


def bad(check: str, message: str, misconception: str | None = None, anchor: str = "encoder") -> Finding:
    return Finding(check, "fail", message, misconception, f"{SITE}#{anchor}")


PASSED = ComponentReport("Decoder", "pass", 8.0, 8.0, (ok("shape"), ok("output_range"), ok("gradients")))
FAILED = ComponentReport(
    "Encoder",
    "fail",
    4.0,
    8.0,
    (
        ok("shape"),
        bad("codes_of_either_sign", "None of 4,096 code values is below 0. Expected: both signs."),
        bad(
            "linear_last_layer",
            "Your codes are cut off at 0, as by a `ReLU` after the last layer. Remove the "
            "activation after the layer that makes the code: otherwise half of the "
            "latent space is out of reach.",
            "code-relu",
        ),
        Finding("device", "note", "Your `cuda` device was mapped to the CPU; this costs nothing."),
        ok("gradients"),
    ),
)


def component(
    name: str, status: str, score: float | None, points: float, *findings: Finding
) -> ComponentReport:
    return ComponentReport(name, status, score, points, findings)  # type: ignore[arg-type]


def full_report(student: str = "Zoë Müller, B.") -> Report:
    """One graded submission in which every status occurs."""
    components = (
        FAILED,
        PASSED,
        component("AutoEncoder", "pass", 8.0, 8.0, ok("composition"), ok("parts")),
        component(
            "reconstruction_loss",
            "partial",
            4.0,
            8.0,
            ok("scalar"),
            bad(
                "matches_definition",
                "Your loss is 784 times too large: it sums over the pixels. "
                "Take the mean over every element.",
                "loss-summed",
                "reconstruction-loss",
            ),
        ),
        component(
            "train_step",
            "timeout",
            0.0,
            12.0,
            bad("answers", "`train_step` did not return within 30 seconds.", None, "train-step"),
        ),
        component(
            "evaluate",
            "error",
            0.0,
            8.0,
            bad("runs", "AttributeError: 'NoneType' object has no attribute 'item' (line 7 of cell 14)"),
        ),
        component(
            "interpolate", "missing", 0.0, 8.0, bad("written", "Still the stub: nothing to judge yet.")
        ),
        component("learns", "memory", 0.0, 10.0, bad("memory", "The short run needed more than 3,072 MB.")),
        component("trained_model", "fail", 0.0, 15.0, bad("submitted", "There is no `ae.safetensors`.")),
        component("discussion_1", "pending", None, 5.0),
        component("discussion_2", "pending", None, 5.0),
        component("discussion_3", "pending", None, 5.0),
    )
    return Report(
        student=student,
        lab="ae",
        source="submitted/zoe/ae/ae.ipynb",
        submission_sha256="5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        seed=7,
        seconds=3.1,
        status="graded",
        message="",
        score=24.0,
        max_score=100.0,
        pending_points=15.0,
        components=components,
    )


def ungradable(student: str = "Émile Okafor") -> Report:
    message = "The file is not a notebook: its JSON ends in the middle of line 3. Submit it again."
    return Report(
        student, None, "submitted/emile/ae/ae.ipynb", "0" * 64, 7, 0.1, "ungradable", message, None, 0.0, 0.0
    )


def grader_error(student: str = "Ana") -> Report:
    return Report(
        student,
        "ae",
        "submitted/ana/ae/ae.ipynb",
        "1" * 64,
        7,
        0.1,
        "grader_error",
        "A worker could not start.",
        None,
        100.0,
        0.0,
    )


def known_mistake(student: str = "Ana") -> Report:
    """One component with a mistake of the catalogue, after a finding without a name."""
    look_alike = bad("finite", "Another check failed too.", None, "kl")
    finding = bad("matches_definition", "This is the negative of the KL divergence.", "kl-sign-flipped", "kl")
    part = component(
        "kl_divergence", "fail", 0.0, 6.0, look_alike, finding, bad("gradient", "No gradient.", "graph-cut")
    )
    return Report(student, "vae", "a/vae/vae.ipynb", "4" * 64, 7, 1.0, "graded", "", 0.0, 6.0, 0.0, (part,))


def perfect(student: str = "Nguyễn Thị Hạnh") -> Report:
    parts = (PASSED, component("train_step", "pass", 12.0, 12.0, ok("one_step")))
    return Report(student, "ae", "n/ae/ae.ipynb", "2" * 64, 7, 1.0, "graded", "", 20.0, 20.0, 0.0, parts)


KL_PATH = "KL 0.2 → 6.7 → 14.9 → 17.4 → 17.9 → 18.3 nats along the run; in a control run 0.2 → 6.7 → 14.9 → 17.4 → 17.9 → 18.3"
SETTLES = ComponentReport("kl_behaviour", "pass", 6.0, 6.0, (Finding("kl_behaviour", "pass", f"{KL_PATH}."),))
COLLAPSES = Finding(
    "kl_behaviour", "fail", f"The KL collapses: {KL_PATH}.", "posterior-collapse", f"{SITE}#kl"
)


def variational(student: str, outcome: ComponentReport = SETTLES) -> Report:
    """The lab with the most components, all right but for the outcome."""
    names = (
        "Encoder", "reparameterize", "Decoder", "VAE", "reconstruction_loss", "kl_divergence", "vae_loss", "train_step",
        "sample", "interpolate", "learns",
    )  # fmt: skip
    parts = tuple(component(name, "pass", 6.0, 6.0, ok("shape")) for name in names)
    last = (
        outcome,
        component("trained_model", "missing", 0.0, 13.0),
        component("discussion_1", "pending", None, 5.0),
    )
    score = 66.0 + (outcome.score or 0.0)
    return Report(
        student, "vae", "s/vae/vae.ipynb", "3" * 64, 7, 1.0, "graded", "", score, 90.0, 5.0, parts + last
    )


def hostile() -> Report:
    """Every string is an attack."""
    finding = Finding(HOSTILE, "fail", HOSTILE, HOSTILE, "javascript:alert(3)")
    part = ComponentReport(HOSTILE, "fail", 0.0, 8.0, (finding, Finding(HOSTILE, "pass", HOSTILE)))
    return Report(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 7, 1.0, "graded", HOSTILE, 0.0, 8.0, 0.0, (part,))
