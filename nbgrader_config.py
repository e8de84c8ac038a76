from autograder.gradebook.config import configure

configure(get_config(), __file__)  # noqa: F821  (traitlets gives `get_config` to this file)
