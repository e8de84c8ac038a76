"""The grader of genlab: judges student notebooks by probes, never by running tests inside them."""

__version__ = "0.1.0"
