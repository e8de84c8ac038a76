"""Judges `init_weights`: what `net.apply(init_weights)` leaves in the layers of networks that the grader makes.

The start of DCGAN: weights from N(0, 0.02), those of batch normalisation from N(1, 0.02), its biases 0
(Radford, Metz & Chintala 2016, section 4, https://arxiv.org/abs/1511.06434).
"""

from __future__ import annotations

import torch

from autograder.labs.judge import Judge
from autograder.labs.noise import noise_fault
from autograder.labs.probing import Answer, Raised, Step, call_handle, reseeds

STD = 0.02
# Names of classes hold neither "Conv" nor "BatchNorm": some tell layers by their names.
SOURCE = """
from torch import nn
def plain(shift=0.0):
    net = nn.Sequential(
        nn.Conv2d(3, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.LeakyReLU(0.2),
        nn.Sequential(nn.Conv2d(32, 24, 4, 2, 1), nn.BatchNorm2d(24)),
        nn.ConvTranspose2d(24, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.ConvTranspose2d(32, 24, 4, 2, 1), nn.BatchNorm2d(400),
    )
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d) and shift:
            nn.init.constant_(layer.bias, shift)
    return net
def without_biases():
    return nn.Sequential(nn.Conv2d(3, 8, 4, bias=False), nn.ConvTranspose2d(8, 3, 4, bias=False))
def others():
    return nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6), nn.GroupNorm(2, 6), nn.Dropout(), nn.Flatten(), nn.Tanh())
"""
CONVOLUTIONS, TRANSPOSED, NORMS = ("0", "3.0"), ("4", "7"), ("1", "3.1", "5", "8")


def judge_init_weights(j: Judge) -> None:
    """Convolutions of both kinds, then batch normalisation, then what else a network may hold."""
    j.ask([{"op": "define", "source": SOURCE, "keep": ["plain", "without_biases", "others"]}])
    steps: list[Step] = []
    for net, shift in (("one", 0.0), ("two", 0.3)):
        steps += [call_handle("plain", shift, store=net, returns=False), {"op": "state", "of": net}]
        steps += [_apply(j, net), {"op": "state", "of": net}]
    answers = j.ask([*steps, _apply(j, "two"), {"op": "state", "of": "two"}])
    before, first, second = (_parameters(j, answers[i]) for i in (1, 3, 7))
    again = _parameters(j, answers[9])
    if all(torch.equal(before[name], first[name]) for name in before):
        raise j.stop(
            "changes_weights",
            "`net.apply(init_weights)` changes no weight. Change them in place: `nn.init.normal_(module.weight, 0.0, 0.02)`.",
            misconception="weights-unchanged",
        )
    convolutions = _check_convolutions(j, before, first)
    _check_norms(j, before, first, second)
    if convolutions:
        drawn = [
            name for name in before if not torch.equal(before[name], first[name]) and first[name].dim() > 1
        ]
        weights = [[p[name] for name in drawn] for p in (first, second, again)]
        _check_fresh(j, [w for net in weights for w in net], [answers[i] for i in (2, 6, 8)])
    frozen = [name for name, flag in answers[3].result.get("requires_grad", {}).items() if not flag]
    if frozen:
        j.fail("leaves_requires_grad", "Afterwards some weights have requires_grad=False and would never learn.",
               severity="flaw", misconception="requires-grad-changed")  # fmt: skip
    _check_other_layers(j)


def _apply(j: Judge, net: str) -> Step:
    return call_handle(net, {"name": "init_weights"}, path="apply", seed=j.new_seed(), returns=False)


def _parameters(j: Judge, answer: Answer) -> dict[str, torch.Tensor]:
    """Finite float32 weights by name; of the right shapes, or the end of the judgement."""
    found = {}
    for name, weight in answer.tensor_map("parameters").items():
        if weight is None or weight.dtype != torch.float32:
            raise j.stop("dtype", f"Afterwards `{name}` is not float32 any more.")
        if not torch.isfinite(weight).all():
            raise j.stop("finite", f"Afterwards `{name}` contains NaN or infinite values.")
        found[name] = weight
    return found


def _check_convolutions(j: Judge, before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> bool:
    """Weights of both kinds of convolutions are draws from N(0, 0.02); whether those of one kind at least are."""
    faults = {}
    kinds = (("convolutions", CONVOLUTIONS), ("transposed convolutions", TRANSPOSED))
    for kind, layers in kinds:
        names = [f"{layer}.weight" for layer in layers]
        if all(torch.equal(before[name], after[name]) for name in names):
            faults[kind] = ("left out", "weights-unchanged")
            continue
        found = [_fault(after[name]) for name in names if after[name].shape == before[name].shape]
        worst = next((fault for fault in found if fault is not None), None)
        if worst is not None or len(found) < len(names):
            faults[kind] = worst or ("given another shape", "shape")
    if not faults:
        j.passed("convolutions", "The weights of both kinds of convolutions are drawn from N(0, 0.02).")
        return True
    kind, (told, misconception) = next(iter(faults.items()))
    if len(faults) == 1 and misconception == "weights-unchanged":
        layer = "nn.ConvTranspose2d" if kind == "transposed convolutions" else "nn.Conv2d"
        j.fail(
            "convolutions",
            f"The weights of {kind} stay as PyTorch made them: `{layer}` is a class of its own, to be named as well.",
            severity="near",
            misconception="transposed-convolutions-left-out" if "Trans" in layer else "convolutions-left-out",
        )
        return True
    which = "both kinds of convolutions" if len(faults) == 2 else kind
    j.fail(
        "convolutions",
        f"The weights of {which} should be drawn from N(0, 0.02), standard deviation 0.02; they are {told}.",
        misconception="convolutions-left-out" if misconception == "weights-unchanged" else misconception,
    )
    return len(faults) == 1


def _fault(weight: torch.Tensor, mean: float = 0.0) -> tuple[str, str] | None:
    """In words, and as a misconception, how a weight differs from draws from N(mean, 0.02); None if it does not.

    Right weights fail less than once in 10^9 calls (`noise`).
    """
    values = weight.detach().double().flatten()
    std, at = float(values.std()), float(values.mean())
    table = values.view(len(weight), -1) if weight.dim() > 1 else values[:, None]
    fault = noise_fault((table - mean) / STD)
    if fault is None:
        return None
    if std < 1e-6:
        return f"all {at:.3g}", "weights-constant"
    told = f"of mean {at:.3g} and standard deviation {std:.3g}"
    if abs(at - mean) > 0.3 * max(std, STD):
        return told, "init-mean"
    for wrong, name in ((STD**0.5, "std-is-variance"), (STD**2, "variance-is-std")):
        if abs(std / wrong - 1) < 0.15:
            return told, name
    if abs(std / STD - 1) > 0.2:
        return told, "init-scale"
    if fault in ("one-draw", "rows-share", "dims-share", "dependent"):
        return "the same values again and again", "noise-shared"
    return f"{told}, but not normal", "init-not-normal"


def _check_norms(
    j: Judge, before: dict[str, torch.Tensor], first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]
) -> None:
    """Batch normalisation: weights from N(1, 0.02), biases 0 whatever they were."""
    weights = torch.cat([first[f"{layer}.weight"].flatten() for layer in NORMS])
    biases, shifted = (torch.cat([p[f"{layer}.bias"].flatten() for layer in NORMS]) for p in (first, second))
    untouched = all(torch.equal(before[f"{layer}.weight"], first[f"{layer}.weight"]) for layer in NORMS)
    fault = _fault(weights, 1.0)
    if untouched:
        j.fail(
            "batch_norm",
            "The weights of batch normalisation stay at 1; draw them from N(1, 0.02).",
            severity="near",
            misconception="batch-norm-left-out",
        )
    elif fault is not None:
        zero = abs(float(weights.mean())) < 0.1
        reason = " Around 0 it would switch its channels off: the mean is 1." if zero else ""
        told, name = fault
        j.fail(
            "batch_norm",
            f"The weights of batch normalisation should be drawn from N(1, 0.02); they are {told}.{reason}",
            severity="near",
            misconception="batch-norm-mean-zero" if zero else name,
        )
    else:
        j.passed("batch_norm", "The weights of batch normalisation are drawn from N(1, 0.02).")
    if bool(biases.any()):
        j.fail(
            "batch_norm_bias",
            "The biases of batch normalisation should be 0: `nn.init.zeros_(module.bias)`.",
            severity="near",
            misconception="batch-norm-bias",
        )
    elif bool(shifted.any()) and not untouched:
        j.fail(
            "batch_norm_bias",
            "The biases of batch normalisation stay as they are. They start at 0 anyway in a new network, but "
            "should be 0 in any: `nn.init.zeros_(module.bias)`.",
            severity="flaw",
            misconception="batch-norm-bias",
        )
    elif not untouched:
        j.passed("batch_norm_bias", "The biases of batch normalisation are 0.")


def _check_fresh(j: Judge, weights: list[torch.Tensor], calls: list[Answer]) -> None:
    """Each layer and each call draws its own weights, and nothing is reseeded."""
    drawn = [w.flatten()[:1000] for w in weights]
    same = any(torch.equal(a, b) for i, a in enumerate(drawn) for b in drawn[:i] if len(a) == len(b))
    j.verdict(
        "fresh",
        not (same or reseeds(calls)),
        "Each layer and each call draws weights of its own.",
        "Two layers, or two networks, get the same weights: a seed is set inside. Leave seeds to the notebook.",
        severity="flaw",
        misconception="reseeds-global-state",
    )


def _check_other_layers(j: Judge) -> None:
    """Networks with layers of other kinds, or convolutions without biases, get through as well."""
    for make, what, misconception in (
        (
            "without_biases",
            "a convolution without a bias (`bias=False`); ask `if module.bias is not None`",
            "bias-assumed",
        ),
        (
            "others",
            "layers that are neither a convolution nor batch normalisation; leave those alone",
            "other-layers-break",
        ),
    ):
        try:
            j.ask([call_handle(make, store="net", returns=False), _apply(j, "net")])
        except Raised as error:
            j.fail(
                "other_layers",
                f"It raises {error.info.get('type')} ({error.info.get('message')}) at {what}.",
                severity="flaw",
                misconception=misconception,
            )
            return
    j.passed("other_layers", "Layers without a bias, and of other kinds, get through.")
