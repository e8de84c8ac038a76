"""The students of the sample class: who handed in what, and how long each trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.demo import answers


@dataclass(frozen=True)
class Sample:
    """One made-up student's submission."""

    first_name: str
    last_name: str
    story: str  # what is to be seen in it
    cells: Mapping[str, str] = field(default_factory=dict)  # source by grade id; other cells as released
    epochs: int = 0  # of real training, saved as a checkpoint; 0: none handed in
    steps: int = 0  # or so many single training steps
    file_name: str = "ae.ipynb"
    cut_at: float = 1.0  # share of the file that arrived; below 1 its JSON is broken

    @property
    def student(self) -> str:
        """The name of the folder that was handed in."""
        return f"{self.first_name} {self.last_name}"


def right(**changes: str) -> Mapping[str, str]:
    """Right answers, but for some components."""
    return {**answers.RIGHT, **changes}


SAMPLES = (
    Sample("Amara", "Okafor", "all right", right(), epochs=12),
    Sample("Zoë", "Müller, B.", "all right, in another style", answers.RIGHT_IN_ANOTHER_STYLE, epochs=8),
    Sample("Nguyễn Thị", "Hạnh", "a ReLU on the code", right(**answers.RELU_ON_THE_CODE), epochs=3),
    Sample("José", "García-Ibáñez", "no sigmoid in the decoder", right(**answers.NO_SIGMOID)),
    Sample("Linus", "Björk", "loss summed, not averaged", right(**answers.SUMMED_LOSS)),
    Sample("Priya", "Raghunathan", "gradients never cleared", right(**answers.NO_ZERO_GRAD)),
    Sample(
        "Olúwaṣeun", "Adéyẹmí", "left in eval mode, and a typo",
        right(**answers.STAYS_IN_EVAL_MODE, **answers.DOES_NOT_PARSE),
    ),
    Sample("Fatima", "al-Zahra", "blends pixels, not codes", right(**answers.BLENDS_PIXELS), epochs=3),
    Sample("小明", "王", "trained for a single step", right(), steps=1),
    Sample("Matteo", "Rossi", "two components raise", right(**answers.RAISES)),
    Sample("Chloé", "Dubois", "a training step that never ends", right(**answers.NEVER_ENDS)),
    Sample("Jan", "Kowalski", "nothing written yet"),
    Sample("Софія", "Петренко", "the file arrived broken", right(), cut_at=0.6),
    Sample("Ahmet", "Yılmaz", "handed in as `ae (1).ipynb`", right(), file_name="ae (1).ipynb"),
)  # fmt: skip
