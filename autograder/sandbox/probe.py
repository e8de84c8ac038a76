"""Is there a sandbox on this machine? Found out by running one, never by looking for a name."""

from __future__ import annotations

import shutil
import subprocess

from .errors import SandboxUnavailable

_WAY_OUT = (
    "To grade code that you trust without protection, say `--sandbox none`. It then has all your rights."
)
_INSTALL = (
    "Install it: `sudo apt install bubblewrap` (Debian, Ubuntu), `sudo dnf install bubblewrap` (Fedora, "
    "RHEL), `sudo pacman -S bubblewrap` (Arch). On Windows use WSL; macOS has none."
)
_DENIED = (
    "Ask the administrator of this machine to allow unprivileged user namespaces: on Ubuntu 24.04 and "
    "later an AppArmor profile for bwrap, elsewhere `sysctl user.max_user_namespaces`; in a container, "
    "start it with `--security-opt seccomp=unconfined --security-opt systempaths=unconfined`."
)


def probe_sandbox(kind: str) -> str:
    """Run the smallest sandbox there is; returns "bubblewrap".

    Raises:
        SandboxUnavailable: bubblewrap is not installed, or is installed but denied.
    """
    if kind not in ("auto", "bubblewrap"):
        raise ValueError(
            f"there is no sandbox {kind!r}; there are auto and bubblewrap, and none for no sandbox"
        )
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise SandboxUnavailable(explain(""))
    command = [bubblewrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--ro-bind", "/", "/"]
    command += ["--proc", "/proc", "--dev", "/dev", "/bin/sh", "-c", "exit 0"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(explain(str(error))) from None
    if run.returncode:
        raise SandboxUnavailable(explain(run.stderr.strip() or f"exit status {run.returncode}"))
    return "bubblewrap"


def explain(reason: str) -> str:
    """The message for a person: what is missing, how to get it, the way out.

    Args:
        reason: what the program that did not start wrote to standard error.
    """
    if "Traceback" in reason or "No module named" in reason:
        lack = "The worker process for student code did not start, because Python failed in it."
        return f"{lack}\nIt says: {reason[-1500:]}\nInstall genlab again (`pip install --force-reinstall genlab`)."
    if shutil.which("bwrap") is None:
        lack = "There is no sandbox for student code: bubblewrap (`bwrap`) is not installed."
        return f"{lack}\n{_INSTALL}\n{_WAY_OUT}"
    lack = "There is no sandbox for student code: bubblewrap is installed but did not start."
    return f"{lack}\nIt says: {reason or 'nothing'}\n{_DENIED}\n{_WAY_OUT}"
