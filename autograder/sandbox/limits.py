"""What one worker may use; made from the policy's section `limits`."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of one worker and all that it starts."""

    memory_mb: int = 3072  # private memory of one process, on top of what importing torch takes
    scratch_mb: int = 256  # files, /dev/shm included
    processes: int = 64  # threads count too
    open_files: int = 256
    message_mb: int = 1024  # largest single answer
    cpu_seconds: int = 600  # of one process

    def for_worker(self) -> dict[str, int]:
        """The plain numbers that travel to the zygote."""
        return asdict(self)
