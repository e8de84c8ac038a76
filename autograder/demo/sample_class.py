"""The students of the sample class: who handed in what for which lab, and how long each trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.demo import answers_ae as ae
from autograder.demo import answers_compare as compare
from autograder.demo import answers_gan as gan
from autograder.demo import answers_vae as vae


@dataclass(frozen=True)
class Student:
    """A made-up student."""

    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """The name of the folder with what was handed in."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Sample:
    """One student's submission for one lab."""

    student: Student
    lab: str
    story: str  # what is to be seen in it
    cells: Mapping[str, str] = field(default_factory=dict)  # source by grade id; other cells as released
    epochs: int = 0  # of real training, saved as a checkpoint; 0: none handed in
    steps: int = 0  # or so many single training steps; of a GAN always these
    renamed: str = ""  # name of the file where it is not <lab>.ipynb
    cut_at: float = 1.0  # share of the file that arrived; below 1 its JSON is broken

    @property
    def file_name(self) -> str:
        """The notebook's name, as it was handed in."""
        return self.renamed or f"{self.lab}.ipynb"


AMARA = Student("Amara", "Okafor")
ZOE = Student("Zoë", "Müller, B.")
HANH = Student("Nguyễn Thị", "Hạnh")
JOSE = Student("José", "García-Ibáñez")
LINUS = Student("Linus", "Björk")
PRIYA = Student("Priya", "Raghunathan")
OLUWASEUN = Student("Olúwaṣeun", "Adéyẹmí")
FATIMA = Student("Fatima", "al-Zahra")
XIAOMING = Student("小明", "王")
MATTEO = Student("Matteo", "Rossi")
CHLOE = Student("Chloé", "Dubois")
JAN = Student("Jan", "Kowalski")
SOFIJA = Student("Софія", "Петренко")
AHMET = Student("Ahmet", "Yılmaz")


def ae_right(**changes: str) -> Mapping[str, str]:
    """Right answers of the lab `ae`, but for some components."""
    return {**ae.RIGHT, **changes}


def vae_right(**changes: str) -> Mapping[str, str]:
    """Right answers of the lab `vae`, but for some components."""
    return {**vae.RIGHT, **changes}


def gan_right(**changes: str) -> Mapping[str, str]:
    """Right answers of the lab `gan`, but for some components."""
    return {**gan.RIGHT, **changes}


def compare_right(**changes: str) -> Mapping[str, str]:
    """Right answers of the lab `compare`, but for some components."""
    return {**compare.RIGHT, **changes}


AE = (
    Sample(AMARA, "ae", "all right", ae_right(), epochs=12),
    Sample(ZOE, "ae", "all right, in another style", ae.RIGHT_IN_ANOTHER_STYLE, epochs=8),
    Sample(HANH, "ae", "a ReLU on the code", ae_right(**ae.RELU_ON_THE_CODE), epochs=3),
    Sample(JOSE, "ae", "no sigmoid in the decoder", ae_right(**ae.NO_SIGMOID)),
    Sample(LINUS, "ae", "loss summed, not averaged", ae_right(**ae.SUMMED_LOSS)),
    Sample(PRIYA, "ae", "gradients never cleared", ae_right(**ae.NO_ZERO_GRAD)),
    Sample(
        OLUWASEUN, "ae", "left in eval mode, and a typo",
        ae_right(**ae.STAYS_IN_EVAL_MODE, **ae.DOES_NOT_PARSE),
    ),
    Sample(FATIMA, "ae", "blends pixels, not codes", ae_right(**ae.BLENDS_PIXELS), epochs=3),
    Sample(XIAOMING, "ae", "trained for a single step", ae_right(), steps=1),
    Sample(MATTEO, "ae", "two components raise", ae_right(**ae.RAISES)),
    Sample(CHLOE, "ae", "a training step that never ends", ae_right(**ae.NEVER_ENDS)),
    Sample(JAN, "ae", "nothing written yet"),
    Sample(SOFIJA, "ae", "the file arrived broken", ae_right(), cut_at=0.6),
    Sample(AHMET, "ae", "handed in as `ae (1).ipynb`", ae_right(), renamed="ae (1).ipynb"),
)  # fmt: skip

VAE = (
    Sample(AMARA, "vae", "all right", vae_right(), epochs=12),
    Sample(
        LINUS, "vae", "mean over pixels: the model collapsed", vae_right(**vae.MEAN_OVER_PIXELS), epochs=2
    ),
    Sample(FATIMA, "vae", "one noise for all latents", vae_right(**vae.ONE_NOISE_FOR_ALL_LATENTS), epochs=3),
    Sample(JOSE, "vae", "the KL with its sign flipped", vae_right(**vae.KL_SIGN_FLIPPED)),
    Sample(HANH, "vae", "the variance taken for the deviation", vae_right(**vae.VARIANCE_FOR_STD)),
    Sample(PRIYA, "vae", "no gradient through the code", vae_right(**vae.Z_DETACHED)),
    Sample(JAN, "vae", "nothing written yet"),
)

GAN = (
    Sample(AMARA, "gan", "all right, but trained for seconds only", gan_right(), steps=180),
    Sample(ZOE, "gan", "all right, in another style", gan.RIGHT_IN_ANOTHER_STYLE),
    Sample(MATTEO, "gan", "the fakes not detached", gan_right(**gan.NO_DETACH)),
    Sample(HANH, "gan", "a sigmoid in the discriminator", gan_right(**gan.A_SIGMOID_AT_THE_END)),
    Sample(
        SOFIJA, "gan", "fakes smoothed too, and one generator update",
        gan_right(**gan.BOTH_SMOOTHED, **gan.ONE_GENERATOR_UPDATE),
    ),
    Sample(JAN, "gan", "nothing written yet"),
)  # fmt: skip

COMPARE = (
    Sample(AMARA, "compare", "all right", compare_right()),
    Sample(ZOE, "compare", "all right, in another style", compare.RIGHT_IN_ANOTHER_STYLE),
    Sample(LINUS, "compare", "a distance without the means", compare_right(**compare.MEANS_LEFT_OUT)),
    Sample(
        PRIYA, "compare", "precision for recall, and codes that vote for themselves",
        compare_right(**compare.SWAPPED, **compare.COUNTS_ITSELF),
    ),
    Sample(JAN, "compare", "nothing written yet"),
)  # fmt: skip

SAMPLES = (*AE, *VAE, *GAN, *COMPARE)
