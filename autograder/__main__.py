"""`python -m autograder` is the command `genlab`."""

import sys

from autograder.cli import main

sys.exit(main())
