"""How the grader and a worker talk: length-capped frames of JSON and safetensors, never pickle.

A frame is a 16-byte prefix (magic, header length, payload length), a JSON object, and the bytes of a
safetensors file (empty when there are no tensors).
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

import torch
from safetensors import torch as safetensors

MAGIC = b"GLW1"
PREFIX = struct.Struct("<4sIQ")
HEADER_LIMIT = 16 * 2**20
CHUNK = 2**20

Tensors = dict[str, torch.Tensor]


class WireError(Exception):
    """The other side closed the channel or sent something that is not a frame."""


class ChannelClosed(WireError):
    """The other side closed the channel."""


def pack(header: dict[str, Any], tensors: Tensors | None = None) -> bytes:
    """Serialise one frame."""
    head = json.dumps(header).encode()
    body = safetensors.save(_separate(tensors)) if tensors else b""
    return PREFIX.pack(MAGIC, len(head), len(body)) + head + body


def _separate(tensors: Tensors) -> Tensors:
    """Contiguous tensors that share no memory, as safetensors wants them."""
    seen: set[int] = set()
    separate = {}
    for key, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        place = tensor.untyped_storage().data_ptr()
        separate[key] = tensor.clone() if place in seen or tensor.storage_offset() else tensor
        seen.add(place)
    return separate


def send(sock: socket.socket, header: dict[str, Any], tensors: Tensors | None = None) -> None:
    """Send one frame."""
    sock.sendall(pack(header, tensors))


def receive(
    sock: socket.socket, *, payload_limit: int, deadline: float | None = None
) -> tuple[dict[str, Any], Tensors]:
    """Receive one frame, wholly before `deadline` (in the time of `time.monotonic`) if one is given.

    Raises:
        WireError: the peer closed, or the frame is malformed or longer than the limits.
        TimeoutError: the deadline passed, however busily bytes were dribbling in.
    """
    magic, head_size, body_size = PREFIX.unpack(_exactly(sock, PREFIX.size, deadline))
    if magic != MAGIC or head_size > HEADER_LIMIT or body_size > payload_limit:
        raise WireError(f"not a frame, or too large: header {head_size}, payload {body_size} bytes")
    head, body = _exactly(sock, head_size, deadline), _exactly(sock, body_size, deadline)
    try:
        header = json.loads(head)
        tensors = safetensors.load(bytes(body)) if body else {}
    except Exception as error:  # hostile bytes: any parser error means the same
        raise WireError(f"unreadable frame: {type(error).__name__}") from None
    if not isinstance(header, dict):
        raise WireError("the header is not an object")
    return header, tensors


def _exactly(sock: socket.socket, size: int, deadline: float | None) -> bytearray:
    # Grown as bytes arrive: a peer that only claims a large frame costs no memory.
    buffer = bytearray()
    while len(buffer) < size:
        if deadline is not None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError("the frame was not complete in time")
            sock.settimeout(remaining)
        piece = sock.recv(min(size - len(buffer), CHUNK))
        if not piece:
            raise ChannelClosed("the channel was closed")
        buffer += piece
    return buffer
