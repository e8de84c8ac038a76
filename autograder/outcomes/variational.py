"""Outcomes of the lab `vae`: does the student's training learn, does its KL behave, is the model good?"""

from __future__ import annotations

from autograder.outcomes.base import Outcome

OUTCOMES: tuple[Outcome, ...] = ()
