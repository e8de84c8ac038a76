"""A sample class, graded from end to end: `make demo`. Part of the repository, not of the package."""
