"""The probes: what the grader can ask of a namespace, one small operation each.

A probe is a list of steps; each step is a JSON object with an `op`. Objects that student code
makes (networks, optimisers) stay here under a handle; only tensors and plain data travel.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch

from . import faults, optimizers
from .operators import operators
from .values import Encoder, leaf, plain, random_states, seed_everything
from .watching import watch
from .wire import Tensors

Step = dict[str, Any]


class Probes:
    """Answers probes about one namespace."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.handles: dict[str, Any] = {}
        self.replaced: dict[str, Any] = {}  # names that stand-ins cover, and what they covered
        self._absent = object()

    def run(self, steps: list[Step], tensors: Tensors) -> tuple[list[dict[str, Any]], Tensors]:
        """Run the steps in order; after the first that raises, the rest is left out."""
        results: list[dict[str, Any]] = []
        encoder = Encoder()
        for step in steps:
            operation: Callable[..., dict[str, Any]] = getattr(self, f"op_{step['op']}")
            try:
                results.append(operation(step, tensors, encoder))
            except BaseException as error:
                results.append({"error": faults.describe(error, self.namespace)})
                break
        return results, encoder.tensors

    def restore(self) -> None:
        """Take the stand-ins away again (in a student's own kernel the namespace goes on living)."""
        for name, value in self.replaced.items():
            if value is self._absent:
                self.namespace.pop(name, None)
            else:
                self.namespace[name] = value
        self.replaced.clear()
        self.handles.clear()

    # One method an operation ---------------------------------------------------------------

    def op_define(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Run the source of stand-ins; bind `names` of it in the student's namespace, keep `keep` as handles."""
        module: dict[str, Any] = {"__name__": "stand_in"}
        exec(compile(step["source"], "<stand-in>", "exec"), module)
        for name in step.get("names", []):
            covered = self.namespace.get(name, self._absent)
            aliases = [
                other for other, value in self.namespace.items() if value is covered and covered is not None
            ]
            for alias in {name, *aliases}:
                self.replaced.setdefault(alias, self.namespace.get(alias, self._absent))
                self.namespace[alias] = module[name]
        for name in step.get("keep", []):
            self.handles[name] = module[name]
        return {}

    def op_call(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Call `fn` on `args`; report the value, gradients if asked, and every side effect."""
        function = self._function(step["fn"])
        given: dict[str, torch.Tensor] = {}
        args = [self._argument(item, tensors, given) for item in step.get("args", [])]
        kwargs = {key: self._argument(item, tensors, given) for key, item in step.get("kwargs", {}).items()}
        if step.get("seed") is not None:
            seed_everything(step["seed"])
        before = random_states()
        result: dict[str, Any] = {}
        torch.set_grad_enabled(step.get("grad_mode", True))
        try:
            value = function(*args, **kwargs)
            result["grad_mode"] = torch.is_grad_enabled()
        finally:
            torch.set_grad_enabled(True)
        after = random_states()
        result["random"] = {"before": before, "after": after}
        result["changed_inputs"] = [
            key for key, tensor in given.items() if not _same(plain(tensor), tensors[key])
        ]
        result["changed_values"] = [
            str(position)
            for position, (item, arg) in enumerate(zip(step.get("args", []), args, strict=True))
            if isinstance(item.get("value"), dict | list) and repr(arg) != repr(item["value"])
        ]
        if "vjp" in step:
            outputs = [leaf(value, item["path"]) for item in step["vjp"]["leaves"]]
            keep = bool(step.get("store"))
            result["gradients"] = self._gradients(outputs, step["vjp"], given, tensors, encoder, keep=keep)
        if step.get("store"):
            self.handles[step["store"]] = value
        if step.get("returns", True):
            result["value"] = encoder.encode(value)
        elif isinstance(value, torch.nn.Module):
            result["value"] = {"type": "module", "of": type(value).__name__[:100]}
        return result

    def op_loop(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Call `fn` once a row of the index tensor `rows`; an argument {"batch": key} gets those rows of it."""
        function = self._function(step["fn"])
        rows = tensors[step["rows"]]
        seed_everything(step["seed"])
        values = []
        for index in rows:
            args = [
                tensors[item["batch"]][index] if "batch" in item else self._argument(item, tensors, {})
                for item in step["args"]
            ]
            values.append(Encoder().encode(function(*args)))
            torch.set_grad_enabled(True)
        item = step.get("item", "loss")  # of what returns a dict
        losses = [
            value.get("items", {}).get(item, {}) if value["type"] == "dict" else value for value in values
        ]
        return {"values": [loss.get("value") for loss in losses]}

    def op_attributes(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Which dotted attributes of a handle exist, and what they are."""
        found: dict[str, Any] = {}
        for path in step["paths"]:
            try:
                found[path] = encoder.encode(self._lookup({"ref": step["of"], "path": path}))
            except BaseException:
                found[path] = None
        return {"attributes": found}

    def op_state(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Parameters, buffers, gradients and modes of a network, as asked for in `what`."""
        module = self._lookup(step["of"])
        what = step.get("what", ["parameters"])
        result: dict[str, Any] = {}
        parameters = dict(module.named_parameters())
        if "parameters" in what:
            result["parameters"] = {name: encoder.put(p) for name, p in parameters.items()}
            result["requires_grad"] = {name: bool(p.requires_grad) for name, p in parameters.items()}
        if "state_dict" in what:
            result["state_dict"] = {
                name: encoder.put(value)
                for name, value in module.state_dict().items()
                if isinstance(value, torch.Tensor)
            }
        if "gradients" in what:
            result["gradients"] = {
                n: None if p.grad is None else encoder.put(p.grad) for n, p in parameters.items()
            }
        if "modes" in what:
            result["modes"] = {name: bool(m.training) for name, m in module.named_modules()}
        return result

    def op_load(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Load tensors (keys under `prefix`) into a network, strictly."""
        prefix = step["prefix"]
        state = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        self._lookup(step["of"]).load_state_dict(state, strict=step.get("strict", True))
        return {}

    def op_mark(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Give every parameter of a network a gradient of ones, and freeze the last one (unless told not to)."""
        parameters = list(self._lookup(step["of"]).parameters())
        for parameter in parameters:
            parameter.grad = torch.ones_like(parameter)
        if step.get("freeze", True):
            parameters[-1].requires_grad_(False)
        return {}

    def op_mode(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Put a network into train or eval mode."""
        self._lookup(step["of"]).train(step["training"])
        return {}

    def op_scale(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Multiply every floating parameter of a network by `factor`, in place."""
        with torch.no_grad():
            for parameter in self._lookup(step["of"]).parameters():
                if parameter.is_floating_point():
                    parameter.mul_(step["factor"])
        return {}

    def op_jitter(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Add N(0, size^2) to every floating parameter of a network, in place."""
        with torch.no_grad():
            for parameter in self._lookup(step["of"]).parameters():
                if parameter.is_floating_point():
                    parameter.add_(step["size"] * torch.randn_like(parameter))
        return {}

    def op_influence(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Which parameters move the output (the part of it at `path`) when they move a little.

        With a `seed` every pass draws the same noise; where the output is random all the same, nothing is told.
        """
        module, x, path = self._lookup(step["of"]), tensors[step["input"]], step.get("path", [])

        def output() -> torch.Tensor:
            if step.get("seed") is not None:
                seed_everything(step["seed"])
            return _flat(leaf(module(x), path))

        moved: list[str] = []
        with torch.no_grad():
            base = output()
            if step.get("seed") is not None and not torch.equal(base, output()):
                return {"moved": moved, "noisy": True}
            for name, parameter in module.named_parameters():
                kept = parameter.detach().clone()
                parameter.add_(step["size"] * (kept.abs().mean() + 0.1) * torch.randn_like(kept))
                moved_by = (output() - base).abs().max()
                parameter.copy_(kept)
                if moved_by > 0:
                    moved.append(name)
        return {"moved": moved}

    def op_operators(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Which tensor operators a network runs on an input."""
        module, x = self._lookup(step["of"]), tensors[step["input"]].clone()
        with torch.no_grad():
            return {"operators": operators(lambda: module(x))}

    def op_watch(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Keep, under `store`, what the part `path` of a handle is given from now on, with its graph."""
        *owners, last = step["path"].split(".")
        owner = self._lookup({"ref": step["of"], "path": ".".join(owners)})
        self.handles[step["store"]] = watch(owner, last)
        return {}

    def op_watched(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """What a watched part was given, in order; `forget` starts anew."""
        passes = self.handles[step["of"]]
        value = encoder.encode([dict(item) for item in passes])
        if step.get("forget"):
            passes.clear()
        return {"value": value}

    def op_vjp(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Gradients as in a call, of leaves (`of`, `path`) of kept values; the graph stays for a next one."""
        outputs = [leaf(self._lookup(item["of"]), item["path"]) for item in step["leaves"]]
        try:
            return {"gradients": self._gradients(outputs, step, {}, tensors, encoder, keep=True)}
        except RuntimeError as error:
            if "retain_graph" not in str(error):
                raise
            return {
                "gradients": {"graph": False, "of": {}},
                "once": True,
            }  # compiled code goes backward only once

    def op_optimizer(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Make a stock optimiser over a network's parameters."""
        parameters = [p for handle in step["of"] for p in self._lookup(handle).parameters()]
        self.handles[step["store"]] = getattr(torch.optim, step["kind"])(parameters, **step["options"])
        return {}

    def op_rate(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """Set an optimiser's learning rate."""
        for group in self._lookup(step["of"]).param_groups:
            group["lr"] = step["rate"]
        return {}

    def op_groups(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """An optimiser's hyperparameters by group, with how many tensors each group holds."""
        optimizer = self._lookup(step["of"])
        return {
            "groups": [
                {key: encoder.encode(value) for key, value in group.items() if key != "params"}
                | {"params": len(group["params"])}
                for group in optimizer.param_groups
            ]
        }

    def op_updates(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """How many updates an optimiser has made, by its own count: one number for each tensor with a state."""
        states = self._lookup(step["of"]).state.values()
        return {"updates": [float(state["step"]) for state in states if "step" in state]}

    def op_optimizers(self, step: Step, tensors: Tensors, encoder: Encoder) -> dict[str, Any]:
        """What each item of a kept tuple is, if it is an optimiser: see `optimizers`; `same` if all are one object."""
        items = list(self._lookup(step["of"]))
        networks = {handle: self._lookup(handle) for handle in step["networks"]}
        found: list[dict[str, Any] | None] = []
        for item in items:
            if not hasattr(item, "param_groups"):
                found.append(None)
                continue
            told = {"kinds": optimizers.kinds(item), "groups": optimizers.settings(item)}
            told["owned"] = optimizers.owned(item, networks)
            found.append(told | {"moves": optimizers.moves(item, list(tensors[step["gradients"]]))})
        return {"optimizers": found, "same": len({id(item) for item in items}) < len(items)}

    # Helpers -------------------------------------------------------------------------------

    def _function(self, spec: dict[str, Any]) -> Callable[..., Any]:
        return self.namespace[spec["name"]] if "name" in spec else self._lookup(spec)  # type: ignore[no-any-return]

    def _lookup(self, spec: str | dict[str, Any]) -> Any:
        if isinstance(spec, str):
            spec = {"ref": spec}
        value = self.handles[spec["ref"]]
        for part in filter(None, spec.get("path", "").split(".")):
            value = getattr(value, part)
        return value

    def _argument(self, item: dict[str, Any], tensors: Tensors, given: dict[str, torch.Tensor]) -> Any:
        if "tensor" in item:
            tensor = tensors[item["tensor"]].clone()
            if item.get("grad"):
                tensor.requires_grad_(True)
            given[item["tensor"]] = tensor
            return tensor
        if "name" in item:
            return self.namespace[item["name"]]
        # A copy: in a notebook the step is the grader's own, and student code may change what it is given.
        return self._lookup(item) if "ref" in item else copy.deepcopy(item["value"])

    def _gradients(
        self,
        outputs: list[Any],
        spec: dict[str, Any],
        given: Tensors,
        tensors: Tensors,
        encoder: Encoder,
        *,
        keep: bool,
    ) -> dict[str, Any]:
        """Vector-Jacobian products of outputs with the cotangents of the leaves, for inputs and parameters."""
        cotangents = [tensors[item["cotangent"]] for item in spec["leaves"]]
        kept = [(o, c) for o, c in zip(outputs, cotangents, strict=True) if o.requires_grad]
        wanted: dict[str, torch.Tensor] = {f"input:{key}": given[key] for key in spec.get("inputs", [])}
        frozen = []
        for handle in spec.get("parameters", []):
            for name, parameter in self._lookup(handle).named_parameters():
                if parameter.requires_grad:
                    wanted[f"{handle}:{name}"] = parameter
                else:
                    frozen.append(f"{handle}:{name}")
        if not kept or not wanted:
            return {"graph": False, "of": dict.fromkeys([*wanted, *frozen])}
        # One number to differentiate: with `grad_outputs` torch would import a second's worth of modules first.
        total = sum((o.to(c.dtype) * c.reshape(o.shape)).sum() for o, c in kept)
        found = torch.autograd.grad(total, list(wanted.values()), allow_unused=True, retain_graph=keep)
        grads = {key: None if g is None else encoder.put(g) for key, g in zip(wanted, found, strict=True)}
        return {"graph": True, "of": grads | dict.fromkeys(frozen)}


def _same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and torch.equal(a, b)


def _flat(value: Any) -> torch.Tensor:
    parts = value if isinstance(value, list | tuple) else [value]
    return torch.cat([part.detach().double().reshape(-1) for part in parts])
