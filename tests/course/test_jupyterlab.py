"""A student's first hour in a real JupyterLab: open the notebook, write a part wrong, read why, mend it.

And the same notebook in the classic Notebook. Screenshots of both go to build/screenshots. (VS Code cannot be
run here; that the notebooks hold what it reads is a test of tests/solutions/test_anatomy.py.)
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "screenshots"
WRONG = "return ((x_hat - x) ** 2).sum()"
RIGHT = "return ((x_hat - x) ** 2).mean()"
SLOW = 120_000  # milliseconds to wait at most, on a machine with other things to do


@contextmanager
def serving(application: str, folder: Path, settings: Path) -> Iterator[str]:
    """A Jupyter server over the folder, as a user starts it but for the token; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = settings / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True, exist_ok=True)  # do not ask whether to fetch news
    (quiet / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    command = [sys.executable, "-m", application, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--IdentityProvider.token="]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GENLAB_")}
    environment |= {"JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_RUNTIME_DIR": str(settings / "run")}
    environment |= {"JUPYTERLAB_SETTINGS_DIR": str(settings / "lab" / "user-settings")}
    environment |= {"JUPYTERLAB_WORKSPACES_DIR": str(settings / "lab" / "workspaces")}
    environment |= {"PYTHONPATH": str(ROOT), "GENLAB_EPOCHS": "2"}
    log = (settings / "server.log").open("w")
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=10).close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, (settings / "server.log").read_text()
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # its kernels too
        process.wait(60)
        log.close()


class Notebook:
    """A notebook in a browser, worked with by keys and clicks alone."""

    def __init__(self, browser: Any, address: str) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=2)
        self.page.set_default_timeout(SLOW)
        self.page.goto(address)
        self.page.locator(".jp-Notebook").wait_for()
        self.wait_until_idle()

    @property
    def active(self) -> Any:
        """The selected cell."""
        return self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")

    def wait_until_idle(self) -> None:
        """Wait until the kernel has nothing to do, and no cell has a star in place of its number."""
        self.page.locator("[data-status='idle']").first.wait_for(state="attached")
        self.page.wait_for_function(
            "!Array.from(document.querySelectorAll('.jp-InputPrompt')).some(p => p.textContent.includes('*'))"
        )

    def source(self) -> str:
        """What stands in the selected cell."""
        return "\n".join(self.active.locator(".cm-line").all_inner_texts()) or self.active.inner_text()

    def run_until(self, text: str) -> None:
        """Run cell after cell, as with Shift+Enter, until the selected one holds the text."""
        for _ in range(60):
            if text in self.source():
                return
            self.page.keyboard.press("Shift+Enter")
            self.wait_until_idle()
        raise AssertionError(f"no cell below holds {text!r}")

    def replace_line(self, old: str, new: str) -> None:
        """Click into the line of the selected cell that holds the old text, and type the new one over it."""
        line = self.active.locator(".cm-line", has_text=old)
        line.scroll_into_view_if_needed()
        line.click()
        self.page.keyboard.press("End")
        self.page.keyboard.press("Shift+Home")  # to where the code of the line begins
        self.page.keyboard.type(new)
        assert new in self.source()
        assert old not in self.source()

    def run(self) -> None:
        """Run the selected cell and select the next one."""
        self.page.keyboard.press("Shift+Enter")
        self.wait_until_idle()

    def back(self, cells: int) -> None:
        """Select a cell further up."""
        self.page.keyboard.press("Escape")
        for _ in range(cells):
            self.page.keyboard.press("ArrowUp")

    def output_of(self, source: str) -> str:
        """The text below the cell that holds the given line, of whatever kind."""
        cell = self.page.locator(".jp-CodeCell", has=self.page.locator(".cm-line", has_text=source))
        return str(cell.locator(".jp-OutputArea").inner_text())

    def picture(self, name: str, heading: str = "") -> None:
        """Keep what is on the screen, scrolled to a heading."""
        if heading:
            self.page.get_by_role("heading", name=heading).evaluate("heading => heading.scrollIntoView()")
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The lab as `genlab start` lays it out for a student."""
    target = tmp_path / "notebooks" / "ae"
    target.mkdir(parents=True)
    shutil.copy(ROOT / "course" / "ae" / "ae.ipynb", target)
    return target


def test_in_jupyterlab_a_wrong_part_is_diagnosed_mended_and_passes(
    browser: Any, folder: Path, tmp_path: Path
) -> None:
    with serving("jupyterlab", folder, tmp_path / "settings") as address:
        notebook = Notebook(browser, f"{address}/lab/tree/ae.ipynb")
        notebook.page.locator(".jp-Notebook .jp-Cell").first.click()
        notebook.page.keyboard.press("Escape")
        notebook.picture("jupyterlab-1-opened")
        notebook.run_until("def reconstruction_loss")

        notebook.replace_line("raise NotImplementedError", WRONG)
        notebook.run()
        notebook.run()
        said = notebook.output_of('check("reconstruction_loss")')
        assert "4 of 8 points" in said
        assert "squared error summed over pixels and batch, not its mean" in said
        notebook.picture("jupyterlab-2-a-wrong-part", "Exercise 4")

        notebook.back(2)
        notebook.replace_line(WRONG, RIGHT)
        notebook.run()
        notebook.run()
        said = notebook.output_of('check("reconstruction_loss")')
        assert "8 of 8 points" in said
        assert "summed" not in said
        notebook.picture("jupyterlab-3-mended", "Exercise 4")

        notebook.page.keyboard.press("Control+s")
        notebook.page.locator(".jp-mod-dirty").wait_for(state="detached")
        notebook.page.close()
    assert RIGHT in (folder / "ae.ipynb").read_text(encoding="utf-8")


def test_the_classic_notebook_opens_the_lab_and_runs_its_first_cells(
    browser: Any, folder: Path, tmp_path: Path
) -> None:
    with serving("notebook", folder, tmp_path / "settings") as address:
        notebook = Notebook(browser, f"{address}/notebooks/ae.ipynb")
        notebook.page.locator(".jp-Notebook .jp-Cell").first.click()
        notebook.page.keyboard.press("Escape")
        notebook.run_until("mean = data.train_images.mean(0)")
        text = notebook.page.locator(".jp-Notebook").inner_text()
        assert re.search(r"10,000 digits to train, 2,000 to test, on c", text)
        figure = notebook.page.locator(".jp-OutputArea img[alt^='Twenty handwritten digits']")
        assert figure.evaluate("image => image.naturalWidth") > 100
        notebook.picture("notebook-first-cells")
        notebook.page.close()
