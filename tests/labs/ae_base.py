"""A plain right solution of the lab `ae`, one text a component, and notebooks made from such texts."""

from __future__ import annotations

import json
from pathlib import Path

IMPORTS = """
import torch
import torch.nn.functional as F
from torch import nn
"""

RIGHT = {
    "Encoder": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.net = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, latent_dim))
    def forward(self, x):
        return self.net(x)
""",
    "Decoder": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.net = nn.Sequential(nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid())
    def forward(self, z):
        return self.net(z)
""",
    "AutoEncoder": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)
    def forward(self, x):
        return self.decoder(self.encoder(x))
""",
    "reconstruction_loss": """
def reconstruction_loss(x_hat, x):
    return F.mse_loss(x_hat, x)
""",
    "train_step": """
def train_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    loss = reconstruction_loss(model(x), x)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
    "evaluate": """
def evaluate(model, x):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = reconstruction_loss(model(x), x)
    model.train(was_training)
    return loss.item()
""",
    "interpolate": """
def interpolate(model, x_start, x_end, steps):
    z = model.encoder(torch.stack([x_start, x_end]))
    t = torch.linspace(0, 1, steps).unsqueeze(1)
    return model.decoder((1 - t) * z[:1] + t * z[1:])
""",
}


def code_cell(source: str, **metadata: object) -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def component_cells(name: str, source: str) -> list[dict[str, object]]:
    """A solution cell and its check cell, with nbgrader's ids."""
    solution = {"grade_id": name, "grade": False, "solution": True, "locked": False, "schema_version": 3}
    grade = {
        "grade_id": f"check_{name}",
        "grade": True,
        "solution": False,
        "locked": True,
        "schema_version": 3,
    }
    return [code_cell(source, nbgrader=solution), code_cell(f'check("{name}")', nbgrader=grade)]


def write_notebook(path: Path, cells: list[dict[str, object]], lab: str | None = "ae") -> Path:
    metadata = {"genlab": {"lab": lab}} if lab else {}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def solution_notebook(path: Path, **changed: str) -> Path:
    """The right solution with some components replaced (None leaves one out)."""
    cells = [code_cell(IMPORTS)]
    for name, source in (RIGHT | changed).items():
        if source is not None:
            cells += component_cells(name, source)
    return write_notebook(path, cells)
