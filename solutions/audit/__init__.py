"""The audit that grades the grader: `genlab audit`."""
