"""The untrusted side: runs a student's definitions and answers probes.

This package stands alone. It imports nothing of `autograder`, because inside the sandbox it is all
of the grader that exists (mounted there under the name `genlab_worker`). It knows no right answer.
"""
