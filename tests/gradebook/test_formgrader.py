"""The formgrader in a real Jupyter server: its Autograde button, its page of a submission."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import open_gradebook, script_sources

TOKEN = "test"


class Server:
    """A running Jupyter server and the requests that the formgrader's pages send."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path: str, method: str = "GET") -> str:
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(f"{self.url}{path}", headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return str(answer.read().decode())

    def api(self, path: str, method: str = "GET") -> Any:
        return json.loads(self.ask(f"/formgrader/api/{path}", method))


@pytest.fixture
def server(again: Path, tmp_path: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = tmp_path / "settings"
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}",
               "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]  # fmt: skip
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_RUNTIME_DIR": str(settings)}
    log = (tmp_path / "server.log").open("w")
    process = subprocess.Popen(command, cwd=again.parent, env=environment, stdout=log, stderr=log)
    try:
        running = Server(port)
        for _ in range(600):
            try:
                running.api("assignments")
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, (tmp_path / "server.log").read_text()
                time.sleep(0.2)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


def test_the_autograde_button_grades_with_our_engine(again: Path, server: Server) -> None:
    with open_gradebook(again) as gradebook:
        before = gradebook.find_submission("ae", "hostile").score
    report = again / "reports" / "hostile" / "ae.json"
    report.unlink()
    answer = server.api("submission/ae/hostile/autograde", "POST")
    assert answer["success"], answer
    assert report.exists()
    with open_gradebook(again) as gradebook:
        assert gradebook.find_submission("ae", "hostile").score == before

    submissions = server.api("submitted_notebooks/ae/ae")
    (number,) = (one["id"] for one in submissions if one["student"] == "hostile")
    page = server.ask(f"/formgrader/submissions/{number}/")
    assert "Because" in page
    assert re.search(r"not written yet|not yet right|right", page)
    assert "alert(" not in script_sources(page)
