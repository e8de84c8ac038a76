"""The course's own results: what its models reach at the lab sheet's setups, over seeds."""
