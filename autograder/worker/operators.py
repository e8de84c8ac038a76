"""Which tensor operators does a function run? Seen below modules and functions, however they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

TRANSPOSED = 6  # where `aten.convolution` takes whether it is a transposed one


def operators(function: Callable[[], object]) -> list[str]:
    """Names such as `aten.addmm`; transposed convolutions as `aten.convolution.transposed`.

    What compiled code runs is not seen.
    """
    with _Listening() as listening:
        function()
    return sorted(listening.names)


class _Listening(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes each operator, and runs it as it is."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: set[str] = set()

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = str(getattr(function, "overloadpacket", function))
        if name == "aten.convolution" and len(args) > TRANSPOSED and args[TRANSPOSED]:
            name += ".transposed"
        self.names.add(name)
        return function(*args, **(kwargs or {}))
