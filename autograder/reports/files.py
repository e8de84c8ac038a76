"""Writing results so that a reader never meets half a file, under names that are safe anywhere."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import unicodedata
from pathlib import Path


def write_atomically(path: Path, text: str) -> Path:
    """Write `text` to `path` in one step: whoever looks sees the old file or the new one.

    Folders are made as needed.

    Raises:
        OSError: the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.name == "posix":  # mkstemp makes files private; a result is as readable as its folder says
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return path


def safe_name(*parts: str) -> str:
    """A file name for people and every file system: readable letters plus a hash of the exact parts.

    The hash keeps "Ana" and "ANA", or two names without any Latin letter, apart.
    """
    letters = unicodedata.normalize("NFKD", "-".join(parts)).encode("ascii", "ignore").decode().lower()
    readable = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40].strip("-")
    exact = "\0".join(parts).encode("utf-8", "surrogatepass")
    return "-".join(filter(None, [readable, hashlib.sha256(exact).hexdigest()[:8]]))
