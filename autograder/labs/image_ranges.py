"""Which values can generator and discriminator give? Judged over many random weights, small and large.

Weights are moved at random, and not only scaled, because spectral normalisation takes every scale out again.
"""

from __future__ import annotations

import torch

from autograder.labs.judge import Judge
from autograder.labs.networks import Network, mode
from autograder.labs.probing import Step, T, call_handle

ROWS = 4
BUILDS, MOVES = 8, 4  # of the weights of a discriminator
STUCK_ROUNDS = 4  # in which a bound is met before it is taken for one
MOVE = 0.1  # standard deviation of what is added to every weight, again and again
EDGE = 1 + 1e-4  # float32 may round a formula of tanh beyond 1


def outputs(j: Judge, net: Network, *, builds: int, moves: int, scale: float = 1.0) -> torch.Tensor:
    """What it gives in eval mode: `(builds * moves, entries)`, while the weights of each build move away from the start.

    Args:
        scale: of the inputs.
    """
    x = net.draw(j, (ROWS, *net.inputs(net.default_latent))) * scale
    rounds = []
    for _ in range(builds):
        steps: list[Step] = [net.build("net", j.new_seed())]
        steps += [call_handle("net", T("x"), returns=False)] * net.warm
        steps += [mode("net", training=False)]
        start = len(steps)
        for _ in range(moves):
            steps += [call_handle("net", T("x"), seed=j.new_seed())]
            steps += [{"op": "jitter", "of": "net", "size": MOVE}]
        for answer in j.ask(steps, {"x": x})[start::2]:
            y = answer.tensor(answer.value.get("key"))
            if y is not None and torch.isfinite(y).all():
                rounds.append(y.detach().double().flatten())
    return torch.stack(rounds) if rounds else torch.zeros(1, 1)


def check_image_range(j: Judge, net: Network) -> None:
    """Pictures in [-1, 1], of either sign, that reach both ends where the weights let them."""
    found = outputs(j, net, builds=3, moves=4)
    both = torch.cat([found, outputs(j, net, builds=1, moves=3, scale=30.0)])
    low, high = float(both.min()), float(both.max())
    good = "The pictures are in [-1, 1], with values of either sign."
    if low < -EDGE or high > EDGE:
        j.fail(
            "image_range",
            f"The pictures leave [-1, 1]: values from {low:.3g} to {high:.3g} for other weights. End with `nn.Tanh()`.",
            misconception="no-tanh-on-images",
        )
    elif low >= 0 or high <= 0:
        j.fail(
            "image_range",
            f"The pictures are never {'negative' if low >= 0 else 'positive'}: all values are within "
            f"[{low:.2g}, {high:.2g}]. The art is in [-1, 1]; end with `nn.Tanh()`, not with a sigmoid or a ReLU.",
            misconception="sigmoid-on-images",
        )
    elif (bound := _bound(both)) < 0.98:
        twice = abs(bound - 0.7616) < 1e-3  # tanh(1)
        reason = "tanh is applied twice." if twice else "a scaled tanh, or one activation too many?"
        j.fail(
            "image_range",
            f"However large the weights, no value goes beyond {bound:.3g}: {reason} Black and white are at -1 and 1.",
            severity="near",
            misconception="tanh-twice" if twice else "range-not-reached",
        )
    elif bool((found.view(len(found), ROWS, 3, -1).diff(dim=2).abs() < 1e-6).all()):
        j.fail(
            "image_range",
            "Red, green and blue are always the same: it paints in grey. The last layer should have three channels of its own.",
            misconception="grey-pictures",
        )
    else:
        j.passed("image_range", good)


def _bound(rounds: torch.Tensor) -> float:
    """The size at which outputs are stuck when the weights are large; 1 where nothing tells of one."""
    largest = float(rounds.abs().max())
    stuck = (rounds.abs() > 0.995 * largest).double().mean(1)
    return largest if float(stuck.max()) > 0.2 else 1.0


def check_logits(j: Judge, net: Network) -> None:
    """Logits: either sign, unbounded, no activation after the last layer."""
    found = outputs(j, net, builds=BUILDS, moves=MOVES)
    found = torch.cat([found, outputs(j, net, builds=2, moves=4, scale=30.0)]) if _small(found) else found
    low, high = float(found.min()), float(found.max())
    edge = found.abs() > 0.97 * min(1.0, float(found.abs().max()))
    stuck, stuck_rounds = float(edge.double().mean()), int(edge.any(1).sum())
    if low >= 0 and high <= EDGE:
        j.fail(
            "logits",
            f"The output stays within [{low:.2g}, {high:.2g}]: a sigmoid follows the last layer. Return the logits; "
            "the losses of this lab take them, and apply the sigmoid themselves where it cannot overflow.",
            misconception="sigmoid-on-logits",
        )
    elif low >= 0 or high <= 0:
        j.fail(
            "logits",
            f"The output is never {'negative' if low >= 0 else 'positive'}: an activation such as ReLU, softplus or "
            "a logarithm of a sigmoid follows the last layer. Logits have either sign: end with a plain layer.",
            misconception="activation-on-logits",
        )
    elif low >= -EDGE and high <= EDGE and stuck > 0.05 and stuck_rounds >= STUCK_ROUNDS:
        bound = min(1.0, float(found.abs().max()))
        j.fail(
            "logits",
            f"The output stays within [{-bound:.2g}, {bound:.2g}] however large the weights: an activation such as tanh "
            "follows the last layer. Logits have no bound: end with a plain layer.",
            misconception="activation-on-logits",
        )
    elif _bounded_below(found):
        j.fail(
            "logits",
            "One sign of the output stops at 1: an activation such as ELU follows the last layer. "
            "End with a plain layer.",
            severity="near",
            misconception="activation-on-logits",
        )
    else:
        j.passed("logits", "The output is a logit: either sign, no bound.")


def _small(rounds: torch.Tensor) -> bool:
    """Whether nothing speaks for values beyond 1: then larger inputs are tried as well."""
    return float(rounds.abs().max()) <= EDGE


def _bounded_below(rounds: torch.Tensor) -> bool:
    """Whether values of large weights are stuck at -1 and go far above 0, as after ELU (or the other way round)."""
    if len(rounds) != BUILDS * MOVES:
        return False
    late = rounds.view(BUILDS, MOVES, -1)[:, MOVES // 2 :].flatten(1)
    for signed in (late, -late):
        builds = int(((signed < 0).sum(1) >= 3).sum())  # one alone could be small by chance
        below, above = signed[signed < 0], signed[signed > 0]
        if builds >= 3 and float(below.min()) >= -EDGE and float(below.median()) < -0.9:
            return len(above) > 0 and float(above.median()) > 3
    return False
