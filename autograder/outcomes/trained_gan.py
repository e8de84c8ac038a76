"""The outcome `trained_model` of the lab `gan`: what the submitted generator makes of the grader's noise.

Only quality and diversity of samples count. They come from the student's own `Generator` with the submitted
weights, in a worker that never saw a painting; the discriminator and `sample` play no part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from autograder.labs.probing import Raised
from autograder.metrics.art import ArtQuality, measure_art
from autograder.outcomes import checkpoint as checkpoints
from autograder.outcomes.adversarial_run import LATENT, drawn_pictures
from autograder.outcomes.base import Context, Verdict
from autograder.outcomes.pieces import Unusable
from autograder.outcomes.short_run import State
from autograder.reports.model import Finding

CHECK = "trained_model"
WIDTHS = (64, 16, 32, 8, 24, 48, 12, 4, 96, 128)  # tried where the checkpoint does not say the generator's
LARGEST = {"latent_dim": 1024, "width": 512}


def evaluate(context: Context, weights: State, latent: int, width: int) -> ArtQuality:
    """Measure a generator with these weights, by the policy's fixed seed and sample count.

    Raises:
        Unusable: it gives something else than the contract says.
        Raised: student code raised.
    """
    seed, count = int(context.settings["trained_seed"]), int(context.settings["trained_samples"])
    z = torch.randn(1, count, latent, generator=torch.Generator().manual_seed(seed))
    (samples,) = drawn_pictures(context, [weights], z, width=width, latent=latent)
    return measure_art(samples, seed=seed)


def evaluate_any(context: Context, weights: State, latent: int, width: int | None) -> ArtQuality:
    """The same for a generator of a width that may not be known.

    Raises:
        Unusable, Raised: as `evaluate`; weights that fit no width raise as those that do not fit do.
    """
    for guess in WIDTHS if width is None else ():
        try:
            return evaluate(context, weights, latent, guess)
        except Raised as error:
            if not checkpoints.does_not_fit(error):
                raise
    return evaluate(context, weights, latent, width or WIDTHS[0])


def credit(found: ArtQuality, settings: Mapping[str, Any]) -> float:
    """The share of the points, from 0 to 1: by the Frechet distance, less for what is missing or repeated.

    Nothing for copies of training images.
    """
    if found.samples.copied > float(settings["trained_copied"]):
        return 0.0
    near = _band(found.samples.frechet_distance, settings, "frechet", falling=True)
    parts = [
        _band(found.samples.class_coverage, settings, "coverage", falling=False),
        _band(found.diversity, settings, "diversity", falling=False),
        _band(found.checkerboard, settings, "checkerboard", falling=True),
    ]
    return round(near * math.prod(parts), 2)


def _band(value: float, settings: Mapping[str, Any], name: str, *, falling: bool) -> float:
    """1 up to the policy's `full` end, 0 from `none`, between them even steps (of the logarithm, where less is better)."""
    full, none = (float(settings[f"trained_{name}_{end}"]) for end in ("full", "none"))
    if not math.isfinite(value):
        return 0.0
    if falling:
        return min(1.0, max(0.0, math.log(none / max(value, 1e-9)) / math.log(none / full)))
    return min(1.0, max(0.0, (value - none) / (full - none)))


def fault(found: ArtQuality, settings: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a model that does not get all points: words, and the name of the mistake."""
    samples = found.samples

    def below(name: str, value: float) -> bool:
        return value < float(settings[f"trained_{name}_full"])

    if samples.copied > float(settings["trained_copied"]):
        return (
            f"{samples.copied:.0%} of its samples are copies of training paintings: it looks them up instead of painting.",
            "memorised",
        )
    if found.flat > 0.5 and found.diversity < float(settings["trained_diversity_none"]):
        return (
            "All its samples are the same flat colour, as an untrained generator's are. Were these weights saved before "
            "the training?",
            "not-trained",
        )
    if found.flat > 0.5:
        return (
            f"{found.flat:.0%} of its samples are one flat colour each. Does more of the noise than a colour reach the picture?",
            "flat-samples",
        )
    if found.checkerboard > float(settings["trained_checkerboard_full"]):
        return (
            f"Its samples show a checkerboard: {found.checkerboard:.0%} of their contrast repeats every two or four pixels. "
            "Is the kernel of each transposed convolution a multiple of its stride?",
            "checkerboard",
        )
    if found.noise > 0.5:
        return (
            "Its samples are noise: neighbouring pixels have nothing to do with each other. Were these weights trained?",
            "noise-samples",
        )
    if found.diversity < float(settings["trained_diversity_none"]):
        return (
            "Mode collapse: nearly the same picture comes out, whatever the noise. Is the discriminator shown augmented "
            "images, `Augmented(discriminator)`, and is the noise fresh at each step?",
            "mode-collapse",
        )
    far = float(settings["trained_frechet_none"])
    if samples.frechet_distance >= far:
        return (
            f"That is as far from the art as an untrained generator ({far:g} and more). Were these weights saved before the training?",
            "not-trained",
        )
    if below("coverage", samples.class_coverage) or below("diversity", found.diversity):
        return (
            f"It paints {round(10 * samples.class_coverage)} of the ten movements"
            + (
                ", and many of its pictures are nearly the same"
                if below("diversity", found.diversity)
                else ""
            )
            + ". Is the discriminator shown augmented images, `Augmented(discriminator)`, and was it trained for all steps?",
            "modes-missing",
        )
    return (
        f"Full points from a distance of {float(settings['trained_frechet_full']):g}: train it for all steps of the run.",
        "trained-too-little",
    )


def told(found: ArtQuality) -> str:
    """The figures in words."""
    return (
        f"samples at a Frechet distance of {found.samples.frechet_distance:.1f} from the art, "
        f"{round(10 * found.samples.class_coverage)} of 10 movements"
    )


def judge_trained_model(context: Context) -> Verdict:
    """The submitted weights, in the student's own generator."""
    link, first = context.link("trained-model"), context.mend_first(("Generator",))
    try:
        loaded = checkpoints.parse(context.checkpoint(), context.lab)
    except checkpoints.CheckpointError as error:
        return checkpoints.unusable(error, link)
    said = loaded.arguments.get("generator", {})
    for name, most in LARGEST.items():
        size = said.get(name, 1)
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= most:
            message = f"The saved generator has {name}={size!r:.100}; this lab is about 1 to {most}."
            return Verdict(0.0, (Finding("checkpoint", "fail", message, None, link),))
    weights = loaded.weights.get("generator")
    if not weights:
        message = 'The checkpoint holds no generator: save it with save_checkpoint("gan", generator=..., discriminator=...).'
        return Verdict(0.0, (Finding("checkpoint", "fail", message, "checkpoint-does-not-fit", link),))
    try:
        found = evaluate_any(context, weights, said.get("latent_dim", LATENT), said.get("width"))
    except Unusable as error:
        return Verdict(0.0, (Finding(CHECK, "fail", f"{first}{error}.", None, link),))
    except Raised as error:
        return checkpoints.misfit(error, first, "Generator", link)
    share = credit(found, context.settings)
    if share >= 1:
        return Verdict(1.0, (Finding(CHECK, "pass", f"Your trained model: {told(found)}."),))
    words, name = fault(found, context.settings)
    return Verdict(
        share, (Finding(CHECK, "fail", f"{first}Your trained model: {told(found)}. {words}", name, link),)
    )
