"""`python -m autograder.demo`; everything is imported late, for the processes that train import this too."""

import sys

if __name__ == "__main__":
    from autograder.demo.run import main

    sys.exit(main())
