"""Sample quality: how good are the samples of a generative model, beside real images?"""

from autograder.metrics.quality import Reference, SampleQuality, digits, measure, real_floor

__all__ = ["Reference", "SampleQuality", "digits", "measure", "real_floor"]
