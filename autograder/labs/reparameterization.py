"""Judges `reparameterize`: the law of its draws, their freshness, and the gradients through them."""

from __future__ import annotations

import torch

from autograder.labs.gaussian import draw_fault, right_noise
from autograder.labs.judge import Judge
from autograder.labs.probing import Answer, T, call, reseeds

NAME = "reparameterize"
SHAPES = ((2048, 16), (16, 512), (1, 1), (1, 32), (5, 1))
EXTREME = (30.0, 20.0, -20.0, -30.0)


def judge_reparameterize(j: Judge) -> None:
    """`mu + exp(logvar / 2) * eps`, `eps` standard normal and fresh at each call, for each row and dimension."""
    tensors: dict[str, torch.Tensor] = {}
    for i, shape in enumerate(SHAPES):
        tensors |= {f"mu{i}": j.normal(*shape, scale=2.0), f"logvar{i}": j.uniform(*shape) * 7 - 3.5}
    tensors |= _extremes(j) | {"one0": torch.ones(SHAPES[0])}
    vjp = {"leaves": [{"path": [], "cotangent": "one0"}], "inputs": ["mu0", "logvar0"]}
    steps = [call(NAME, T(f"mu{i}"), T(f"logvar{i}"), seed=j.new_seed()) for i in range(len(SHAPES))]
    steps += [call(NAME, T("mu3"), T("logvar3"), seed=j.new_seed())]
    steps += [call(NAME, T("mu_far"), T("logvar_far"), seed=j.new_seed())]
    steps += [call(NAME, T("mu3"), T("logvar3"))] * 2  # on and on from one random state
    answers = j.ask(steps, tensors)
    draws = [
        j.need_tensor(answer, shape, what=f"`{NAME}` for inputs of shape {shape}")
        for answer, shape in zip(answers, (*SHAPES, SHAPES[3]), strict=False)
    ]
    grads = j.ask(
        [call(NAME, T("mu0", grad=True), T("logvar0", grad=True), vjp=vjp, seed=j.new_seed())], tensors
    )[0]
    drawn = j.need_tensor(grads, SHAPES[0], what=f"`{NAME}`")
    _judge_law(j, draws[:2], tensors)
    again = [j.need_tensor(answer, SHAPES[3], what=f"`{NAME}`") for answer in answers[-2:]]
    _judge_fresh(j, [(draws[0], drawn), (draws[3], draws[5]), (again[0], again[1])])
    _judge_gradients(j, grads, drawn, tensors)
    if j.credit == 1:
        _judge_extremes(j, answers[-3], tensors)
    if any(answer.result.get("changed_inputs") for answer in answers):
        j.fail(
            "leaves_input",
            f"`{NAME}` changes its inputs in place.",
            severity="flaw",
            misconception="input-modified",
        )
    if reseeds(answers[:-2]):  # those that began with a state of their own
        j.fail("leaves_random_state", f"`{NAME}` sets the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip


def _judge_law(j: Judge, draws: list[torch.Tensor], tensors: dict[str, torch.Tensor]) -> None:
    for i, z in enumerate(draws):
        fault = draw_fault(z, tensors[f"mu{i}"], tensors[f"logvar{i}"])
        if fault is not None:
            j.fail("draws", fault.message, severity=fault.severity, misconception=fault.name)
            return
    j.passed("draws", "It draws from N(mu, sigma^2), anew for every row and dimension.")


def _judge_fresh(j: Judge, pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Two calls with the same input differ, nearly everywhere."""
    if j.credit < 1 and any(f.misconception == "noise-missing" for f in j.findings):
        return  # told already
    same = any(float((a == b).double().mean()) > 0.5 for a, b in pairs)
    j.verdict(
        "fresh",
        not same,
        "The noise is fresh at each call.",
        "Two calls give the same noise: draw it inside the function, without a seed or a random state of its own.",
        misconception="noise-not-fresh",
    )


def _judge_gradients(j: Judge, answer: Answer, z: torch.Tensor, tensors: dict[str, torch.Tensor]) -> None:
    """dz/dmu is 1 and dz/dlogvar is eps * sigma / 2, element by element."""
    gradients = answer.gradients()
    missing = [
        name
        for name in ("mu", "logvar")
        if (g := gradients.get(f"input:{name}0")) is None or not bool((g != 0).any())
    ]
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        j.fail(
            "gradients",
            f"No gradient flows from z to {names}, so the encoder cannot learn from the reconstruction. Keep to torch "
            "operations on mu and logvar (no `.detach()`, `.data`, `no_grad`; `Normal.rsample()` instead of `.sample()`).",
            misconception="graph-cut",
        )
        return
    if j.credit < 1:
        return
    mu, logvar = tensors["mu0"], tensors["logvar0"]
    to_mu, to_logvar = gradients["input:mu0"], gradients["input:logvar0"]
    assert to_mu is not None
    assert to_logvar is not None
    expected = (right_noise(z, mu, logvar) * (logvar.double() / 2).exp() / 2).float()
    ok = j.close(to_mu, torch.ones_like(mu)) and j.close(to_logvar, expected, scale=1.0)
    j.verdict("gradients", ok, "Gradients reach mu and logvar, and are right.",
              "The draws are right, but dz/dmu should be 1 and dz/dlogvar should be eps * sigma / 2.")  # fmt: skip


def _extremes(j: Judge) -> dict[str, torch.Tensor]:
    """Columns of one extreme logvar each. Their mean is 0, so that a tiny sigma is not rounded away."""
    logvar = torch.tensor(EXTREME).expand(500, -1).clone()
    return {"mu_far": torch.zeros(500, len(EXTREME)), "logvar_far": logvar}


def _judge_extremes(j: Judge, answer: Answer, tensors: dict[str, torch.Tensor]) -> None:
    """Finite and of the right spread where logvar is +-30; sigma to float32's absolute tolerance."""
    shape = (500, len(EXTREME))
    z = j.need_tensor(answer, shape, what=f"`{NAME}` for logvar within [-30, 30]").double()
    for i, logvar in enumerate(EXTREME):
        sigma, spread = float(torch.tensor(logvar / 2).exp()), float((z[:, i] ** 2).mean().sqrt())
        if abs(spread - sigma) > j.policy.absolute + 0.3 * sigma:  # of 500 draws: 0.3 is nine standard errors
            j.fail(
                "extreme_logvar",
                f"At logvar = {logvar:g} the draws have standard deviation {spread:.3g}; sigma is {sigma:.3g}. "
                "Leave logvar as it is here; bounding it is the encoder's business.",
                misconception="logvar-clamped",
            )
            return
    j.passed("extreme_logvar", "It is right for logvar of +-30 too.")
