"""What students of the sample class wrote for the lab `compare`: right in two styles, and wrong as beginners are."""

from __future__ import annotations

RIGHT = {
    "frechet_distance": """
def frechet_distance(features_a, features_b):
    a, b = features_a.double(), features_b.double()
    gap = a.mean(dim=0) - b.mean(dim=0)
    cov_a, cov_b = torch.cov(a.T), torch.cov(b.T)
    # The root of A B has the roots of its eigenvalues, which are real and not negative but for rounding.
    root = torch.linalg.eigvals(cov_a @ cov_b).real.clamp(min=0).sqrt().sum()
    distance = gap @ gap + cov_a.trace() + cov_b.trace() - 2 * root
    return max(distance.item(), 0.0)
""",
    "precision_recall": """
def precision_recall(real, fake, k=5):
    def share_inside(points, centres):
        to_others = torch.cdist(centres, centres).sort(dim=1).values
        radius = to_others[:, k]  # column 0 is the point itself
        return (torch.cdist(points, centres) <= radius).any(dim=1).double().mean().item()

    return share_inside(fake, real), share_inside(real, fake)
""",
    "mode_coverage": """
def mode_coverage(labels, n_modes):
    counts = torch.bincount(labels, minlength=n_modes)
    fair = len(labels) / n_modes
    return (counts >= fair / 10).double().mean().item()
""",
    "latent_separability": """
def latent_separability(codes, labels, k=5):
    distance = torch.cdist(codes, codes)
    distance.fill_diagonal_(float("inf"))
    nearest = distance.topk(k, largest=False).indices
    winner = labels[nearest].mode(dim=1).values
    return (winner == labels).double().mean().item()
""",
    "comparison_table": """
import pandas as pd


def comparison_table(results):
    return pd.DataFrame.from_dict(results, orient="index").astype(float)
""",
}

RIGHT_IN_ANOTHER_STYLE = {
    "frechet_distance": """
def frechet_distance(features_a, features_b):
    import numpy as np
    from scipy import linalg

    a, b = features_a.double().numpy(), features_b.double().numpy()
    A, B = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = linalg.eigh(A)
    half = vectors * np.sqrt(values.clip(min=0)) @ vectors.T
    roots = np.sqrt(linalg.eigvalsh(half @ B @ half).clip(min=0))
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(A) + np.trace(B) - 2 * roots.sum())
""",
    "precision_recall": """
def precision_recall(real, fake, k=5):
    def radii(points):
        distance = torch.cdist(points, points)
        distance.fill_diagonal_(float("inf"))
        return distance.kthvalue(k, dim=1).values

    across = torch.cdist(real, fake)
    precision = (across < radii(real)[:, None]).any(dim=0).float().mean()
    recall = (across < radii(fake)[None, :]).any(dim=1).float().mean()
    return precision.item(), recall.item()
""",
    "mode_coverage": """
def mode_coverage(labels, n_modes):
    covered = 0
    for mode in range(n_modes):
        if (labels == mode).sum().item() * n_modes * 10 >= len(labels):
            covered += 1
    return covered / n_modes
""",
    "latent_separability": """
from collections import Counter


def latent_separability(codes, labels, k=5):
    right = 0
    for i in range(len(codes)):
        distance = (codes - codes[i]).norm(dim=1)
        order = [j for j in distance.argsort().tolist() if j != i]
        votes = Counter(labels[order[:k]].tolist())
        right += votes.most_common(1)[0][0] == labels[i].item()
    return right / len(codes)
""",
    "comparison_table": """
import pandas as pd


def comparison_table(results):
    columns = list(dict.fromkeys(name for metrics in results.values() for name in metrics))
    rows = [[metrics.get(name) for name in columns] for metrics in results.values()]
    return pd.DataFrame(rows, index=list(results), columns=columns, dtype=float)
""",
}

MEANS_LEFT_OUT = {
    "frechet_distance": """
def frechet_distance(features_a, features_b):
    a, b = features_a.double(), features_b.double()
    cov_a, cov_b = torch.cov(a.T), torch.cov(b.T)
    root = torch.linalg.eigvals(cov_a @ cov_b).real.clamp(min=0).sqrt().sum()
    return (cov_a.trace() + cov_b.trace() - 2 * root).item()
""",
}

SWAPPED = {
    "precision_recall": """
def precision_recall(real, fake, k=5):
    def share_inside(points, centres):
        radius = torch.cdist(centres, centres).sort(dim=1).values[:, k]
        return (torch.cdist(points, centres) <= radius).any(dim=1).double().mean().item()

    return share_inside(real, fake), share_inside(fake, real)
""",
}

COUNTS_ITSELF = {
    "latent_separability": """
def latent_separability(codes, labels, k=5):
    nearest = torch.cdist(codes, codes).topk(k, largest=False).indices
    winner = labels[nearest].mode(dim=1).values
    return (winner == labels).double().mean().item()
""",
}
