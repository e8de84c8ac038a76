"""Wrong solutions of the lab `compare` that the catalogue does not hold: none may get full points."""

FRECHET = """
import scipy.linalg
def frechet_distance(features_a, features_b):
    a, b = features_a.double().numpy(), features_b.double().numpy()
    A, B = np.cov(a.T), np.cov(b.T)
    d = a.mean(0) - b.mean(0)
    {before}
    return {back}
"""


def _frechet(back: str, before: str = "root = scipy.linalg.sqrtm(A @ B).real") -> str:
    return FRECHET.format(before=before, back=back)


def _pr(back: str, before: str = "pass") -> str:
    return f"""
def precision_recall(real, fake, k=5):
    {before}
    radii = lambda x: torch.cdist(x, x).sort(1).values[:, k]
    d = torch.cdist(real, fake)
    p = float((d <= radii(real)[:, None]).any(0).float().mean())
    r = float((d <= radii(fake)).any(1).float().mean())
    return {back}
"""


def _modes(back: str) -> str:
    return f"def mode_coverage(labels, n_modes):\n    counts = torch.bincount(labels, minlength=n_modes).float()\n    n = len(labels)\n    return {back}"


def _knn(d: str = "torch.cdist(codes, codes).fill_diagonal_(torch.inf)", near: str = "d.topk(k, largest=False).indices", back: str = "(votes == labels).float().mean()") -> str:  # fmt: skip
    return f"def latent_separability(codes, labels, k=5):\n    d = {d}\n    near = {near}\n    votes = labels[near].mode(1).values\n    return float({back})"


def _table(*lines: str) -> str:
    return "import pandas as pd\ndef comparison_table(results):\n    " + "\n    ".join(lines)


FROM = 'pd.DataFrame.from_dict(results, orient="index")'

WRONG = {
    "frechet_distance": {
        "root of each entry of a sum, NaN": _frechet("float(d @ d + np.sum(A + B - 2 * np.sqrt(A @ B)))"),
        "sum of all entries": _frechet("float(d @ d + np.sum(A + B - 2 * root))"),
        "one covariance twice as large": _frechet("float(d @ d + np.trace(2 * A + B - 2 * root))"),
        "large epsilon": _frechet("float(d @ d + np.trace(A + B - 2 * root))", "root = scipy.linalg.sqrtm((A + 0.1 * np.eye(len(A))) @ (B + 0.1 * np.eye(len(A)))).real"),
        "complex everywhere": _frechet("complex(d @ d + np.trace(A + B - 2 * root))"),
        "NaN for equal sets": _frechet("float(d @ d + np.trace(A + B - 2 * root)) if (d != 0).any() else math.nan"),
        "a tuple": _frechet("(d @ d, np.trace(A + B - 2 * root))"),
        "shape (1,)": _frechet("torch.tensor([d @ d + np.trace(A + B - 2 * root)])"),
        "double roots without a clamp": "def frechet_distance(features_a, features_b):\n    A, B = torch.cov(features_a.T), torch.cov(features_b.T)\n    w, v = torch.linalg.eigh(A)\n    half = v @ torch.diag(w.sqrt()) @ v.T\n    cross = torch.linalg.eigvalsh(half @ B @ half).sqrt().sum()\n    return float(((features_a.mean(0) - features_b.mean(0)) ** 2).sum() + A.trace() + B.trace() - 2 * cross)",
    },
    "precision_recall": {
        "precision alone": _pr("p"),
        "F1": _pr("2 * p * r / (p + r + 1e-9), r"),
        "a dict": _pr('{"precision": p, "recall": r}'),
        "rounded": _pr("round(p, 1), round(r, 1)"),
        "a random half": _pr("p, r", "fake = fake[torch.randperm(len(fake))[: max(k + 1, len(fake) // 2)]]"),
        "reals cut to the samples' number": _pr("p, r", "real = real[: max(len(fake), k + 1)]"),
    },
    "mode_coverage": {
        "half the fair share": _modes("float((counts >= n / n_modes / 2).float().mean())"),
        "a list": _modes("(counts >= n / n_modes / 10).tolist()"),
        "all but the last mode": _modes("float((counts[:-1] >= n / n_modes / 10).sum() / n_modes)"),
    },
    "latent_separability": {
        "half to train": _knn("torch.cdist(codes, codes[: len(codes) // 2 + 3])"),
        "the nearest left out": _knn("torch.cdist(codes, codes)", "d.topk(min(k + 2, len(d)), largest=False).indices[:, 2:]"),
        "the commonest label": _knn(back="(labels == labels.mode().values).float().mean()"),
    },
    "comparison_table": {
        "rows misplaced": _table(f"t = {FROM}.astype(float)", "return pd.DataFrame(t.values[::-1], index=t.index, columns=t.columns)"),
        "all of it NaN": _table(f"t = {FROM}.astype(float)", "return t * float('nan')"),
        "a Series": _table(f"return {FROM}.iloc[0]"),
        "an empty table": _table("return pd.DataFrame()"),
        "more rows than anyone asked for": _table(f"t = {FROM}", "return pd.concat([t] * 300)"),
        "None turned into NaN in the results": _table("for values in results.values():", "    for name in values:", "        values[name] = float('nan') if values[name] is None else values[name]", f"return {FROM}"),
    },
}  # fmt: skip
