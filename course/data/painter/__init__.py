"""A painter of small abstract pictures: ten movements, seeded, labelled, the same bytes on every machine."""

from course.data.painter.atelier import MOVEMENTS, SOFTNESS, labels, paint
from course.data.painter.brushes import SIZE

__all__ = ["MOVEMENTS", "SIZE", "SOFTNESS", "labels", "paint"]
