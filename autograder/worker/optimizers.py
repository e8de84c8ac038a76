"""What is an optimiser? Its kind, its settings, whose parameters it moves, and how it moves them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch


def kinds(optimizer: object) -> list[str]:
    """Names of torch's own optimisers among its classes, the nearest first."""
    return [kind.__name__ for kind in type(optimizer).__mro__ if kind.__module__.startswith("torch.optim.")]


def settings(optimizer: Any) -> list[dict[str, Any]]:
    """Each group's numbers and flags; rates and betas may be tensors."""
    found = []
    for group in optimizer.param_groups:
        betas = group.get("betas")
        found.append(
            {
                "lr": _number(group.get("lr")),
                "betas": [_number(beta) for beta in betas] if isinstance(betas, tuple | list) else None,
                "maximize": bool(group.get("maximize")),
            }
        )
    return found


def owned(optimizer: Any, networks: Mapping[str, torch.nn.Module]) -> list[str]:
    """What it moves: `<network>:<parameter>`, or `?` for what belongs to none of the networks."""
    names = {id(p): f"{who}:{name}" for who, net in networks.items() for name, p in net.named_parameters()}
    return [names.get(id(p), "?") for group in optimizer.param_groups for p in group["params"]]


def moves(optimizer: Any, gradients: list[torch.Tensor]) -> list[float]:
    """Where a copy of it takes its first parameter's first entry, on these gradients; empty if it cannot step here."""
    try:
        return _path(copy.deepcopy(optimizer), gradients)
    except Exception:  # capturable ones step on a GPU only, for one
        return []


def _path(optimizer: Any, gradients: list[torch.Tensor]) -> list[float]:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    at = [float(parameters[0].detach().flatten()[0])]
    for gradient in gradients:
        for parameter in parameters:
            parameter.grad = torch.full_like(parameter, float(gradient))
        optimizer.step()
        at.append(float(parameters[0].detach().flatten()[0]))
    return at


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
