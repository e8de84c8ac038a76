"""How does a notebook work away from home: on Colab, Kaggle or Binder?

By links that open it there, a first cell that installs the course where it is missing, and the file from
which Binder makes its machine. All of them are made from one setting, the address of the course's repository
(`[project.urls]` in pyproject.toml), and from the version: always a pinned release at an address that the
instructor owns, never the name of a package, which anybody may register.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from autograder import __version__

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
BINDER = Path(".binder/requirements.txt")
# What the labs import; jupyterlab, which only `genlab start` needs, would trouble the host's own.
NOT_NEEDED_AWAY = ("jupyterlab",)


class AddressError(Exception):
    """The address of the repository cannot be used; the message says what is expected."""


def repository(pyproject: Path = PYPROJECT) -> str | None:
    """The address of the course's repository on GitHub, or None where pyproject.toml gives none.

    Raises:
        AddressError: it is not on GitHub, from where alone Colab and Kaggle open notebooks.
    """
    address = _project(pyproject).get("urls", {}).get("Repository", "").removesuffix(".git").rstrip("/")
    if not address:
        return None
    parts = urlsplit(address)
    if (parts.scheme, parts.netloc) != ("https", "github.com") or parts.path.count("/") != 2:
        raise AddressError(
            f"pyproject.toml: `Repository` is {address!r}; expected https://github.com/<owner>/<name>, "
            "or no `Repository` at all for notebooks without links"
        )
    return address


def release(address: str) -> str:
    """The address of this version's wheel, attached to the release `v<version>` on GitHub."""
    return f"{address}/releases/download/v{__version__}/genlab-{__version__}-py3-none-any.whl"


def links(lab: str, address: str) -> str:
    """One line of markdown that opens this version's notebook elsewhere. Plain text: nothing is fetched to show it."""
    name = urlsplit(address).path.strip("/")
    notebook = f"{name}/blob/v{__version__}/course/{lab}/{lab}.ipynb"
    places = {
        "Colab": f"https://colab.research.google.com/github/{notebook}",
        "Kaggle": f"https://www.kaggle.com/kernels/welcome?src=https://github.com/{notebook}",
        "Binder": f"https://mybinder.org/v2/gh/{name}/v{__version__}?urlpath=lab/tree/course/{lab}/{lab}.ipynb",
    }
    return "**Open in** " + " · ".join(f"[{place}]({target})" for place, target in places.items())


def first_cell(address: str) -> str:
    """The code cell that installs the course where `course` cannot be imported, and does nothing elsewhere.

    The course itself comes without its dependencies, so that the host keeps its own versions; those that are
    missing altogether are fetched by name, and each of these names is a package of PyPI that we depend on.
    """
    return f"""\
try:
    from course import check  # installed already: nothing else happens here, and no network is needed
except ImportError:  # a new machine, as on Colab or Kaggle: install the course, once a session
    %pip install --quiet --no-deps {release(address)}
    %pip install --quiet {" ".join(_needed())}"""


def binder_requirements(address: str) -> str:
    """The text of `.binder/requirements.txt`, for a machine without a GPU."""
    return (
        "# Made by `make labs` from the address in pyproject.toml; Binder installs it.\n"
        "--extra-index-url https://download.pytorch.org/whl/cpu\n"
        f"genlab @ {release(address)}\n"
    )


def _needed() -> list[str]:
    """The names of the packages that the course depends on, without version ranges: hosts keep what they have."""
    lines = _project(PYPROJECT)["dependencies"]
    names = [line.split(">=")[0].strip() for line in lines]
    return [name for name in names if name not in NOT_NEEDED_AWAY]


def _project(pyproject: Path) -> dict:
    return tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
