"""A plain right solution of the lab `compare`, one text a component, and notebooks made from such texts."""

from __future__ import annotations

from pathlib import Path

from tests.labs.ae_base import IMPORTS, code_cell, component_cells, write_notebook

RIGHT = {
    "frechet_distance": """
def frechet_distance(features_a, features_b):
    a, b = features_a.double(), features_b.double()
    shift = a.mean(0) - b.mean(0)
    cov_a, cov_b = torch.cov(a.T), torch.cov(b.T)
    root = torch.linalg.eigvals(cov_a @ cov_b).real.clamp(min=0).sqrt().sum()
    return float(shift @ shift + cov_a.trace() + cov_b.trace() - 2 * root)
""",
    "precision_recall": """
def precision_recall(real, fake, k=5):
    def covered(points, centres):
        radii = torch.cdist(centres, centres).sort(dim=1).values[:, k]
        return (torch.cdist(points, centres) <= radii).any(dim=1).float().mean().item()
    return covered(fake, real), covered(real, fake)
""",
    "mode_coverage": """
def mode_coverage(labels, n_modes):
    counts = torch.bincount(labels, minlength=n_modes)
    return (counts >= 0.1 * len(labels) / n_modes).float().mean().item()
""",
    "latent_separability": """
def latent_separability(codes, labels, k=5):
    distances = torch.cdist(codes, codes).fill_diagonal_(float("inf"))
    neighbours = distances.topk(k, largest=False).indices
    votes = labels[neighbours].mode(dim=1).values
    return (votes == labels).float().mean().item()
""",
    "comparison_table": """
import pandas as pd
def comparison_table(results):
    return pd.DataFrame.from_dict(results, orient="index").astype(float)
""",
}


def solution_notebook(path: Path, **changed: str | None) -> Path:
    """The right solution with some components replaced (None leaves one out)."""
    cells = [code_cell(IMPORTS)]
    for name, source in (RIGHT | changed).items():
        if source is not None:
            cells += component_cells(name, source)
    return write_notebook(path, cells, lab="compare")
