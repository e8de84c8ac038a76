"""Wrong solutions of the lab `compare`: none may get full points. Each is (source, misconception or None)."""


def _frechet(back: str, *, before: str = "pass", cov: str = "torch.cov(x.T)", mean: str = "x.mean(0)") -> str:
    return f"""
def psd(M):
    w, v = torch.linalg.eigh(M)
    return v @ torch.diag(w.clamp(min=0).sqrt()) @ v.T
def cov(x):
    return {cov}
def mean(x):
    return {mean}
def frechet_distance(features_a, features_b):
    a, b = features_a.double(), features_b.double()
    d, A, B = mean(a) - mean(b), cov(a), cov(b)
    cross = torch.linalg.eigvals(A @ B).real.clamp(min=0).sqrt().sum()
    {before}
    return float({back})
"""


FULL = "(d ** 2).sum() + A.trace() + B.trace() - 2 * cross"
NOT_CLAMPED = """
def frechet_distance(features_a, features_b):
    a, b = features_a{cast}, features_b{cast}
    A, B = torch.cov(a.T), torch.cov(b.T)
    w, v = torch.linalg.eigh(A)
    half = v @ torch.diag(w.sqrt()) @ v.T
    cross = torch.linalg.eigvalsh(half @ B @ half).sqrt().sum()
    return (((a.mean(0) - b.mean(0)) ** 2).sum() + A.trace() + B.trace() - 2 * cross).item()
"""
SQRTM = """
import scipy.linalg
def frechet_distance(features_a, features_b):
    a, b = features_a.double().numpy(), features_b.double().numpy()
    A, B = np.cov(a.T), np.cov(b.T)
    d = a.mean(0) - b.mean(0)
    return d @ d + np.trace(A + B - 2 * {root})
"""


def _pr(*lines: str, radius: str = "torch.cdist(x, x).sort(1).values[:, k]", back: str = "p, r") -> str:
    body = "\n    ".join(
        lines or ("p = (d <= ra[:, None]).any(0).float().mean()", "r = (d <= rb).any(1).float().mean()")
    )
    return f"""
def precision_recall(real, fake, k=5):
    radii = lambda x: {radius}
    ra, rb, d = radii(real), radii(fake), torch.cdist(real, fake)
    {body}
    p, r = float(p), float(r)
    return {back}
"""


P, R = "p = (d <= ra[:, None]).any(0).float().mean()", "r = (d <= rb).any(1).float().mean()"


def _modes(back: str) -> str:
    return f"def mode_coverage(labels, n_modes):\n    counts = torch.bincount(labels, minlength=n_modes).float()\n    n, shares = len(labels), counts / len(labels)\n    return float({back})"


def _knn(near: str, *, back: str = "(votes == labels).float().mean()", d: str = "torch.cdist(codes, codes).fill_diagonal_(torch.inf)", default: int = 5) -> str:  # fmt: skip
    return f"""
def latent_separability(codes, labels, k={default}):
    d = {d}
    near = {near}
    votes = labels[near].mode(1).values
    return float({back})
"""


NEAR = "d.topk(k, largest=False).indices"
WITH_ITSELF = "torch.cdist(codes, codes)"


def _table(*lines: str) -> str:
    return "import pandas as pd\ndef comparison_table(results):\n    " + "\n    ".join(lines)


RANDOM = "torch.manual_seed(0)"
FROM = 'pd.DataFrame.from_dict(results, orient="index")'

WRONG = {
    "frechet_distance": {
        "square root": (_frechet(f"({FULL}).sqrt()"), "frechet-root"),
        "no means": (_frechet("A.trace() + B.trace() - 2 * cross"), "frechet-without-means"),
        "means only": (_frechet("(d ** 2).sum()"), "frechet-means-only"),
        "covariance of a twice": (_frechet("(d ** 2).sum() + 2 * A.trace() - 2 * torch.linalg.eigvals(A @ A).real.clamp(min=0).sqrt().sum()"), "frechet-means-only"),
        "no factor 2": (_frechet("(d ** 2).sum() + A.trace() + B.trace() - cross"), "cross-term-not-doubled"),
        "no cross term": (_frechet("(d ** 2).sum() + A.trace() + B.trace()"), "cross-term-missing"),
        "plus": (_frechet("(d ** 2).sum() + A.trace() + B.trace() + 2 * cross"), "cross-term-added"),
        "no root": (_frechet("(d ** 2).sum() + torch.trace(A + B - 2 * A @ B)"), "cross-term-without-root"),
        "root of each entry": (_frechet("(d ** 2).sum() + torch.trace(A + B - 2 * (A @ B).abs().sqrt())"), "root-of-entries"),
        "root of each entry, NaN": (_frechet("(d ** 2).sum() + (A + B - 2 * (A @ B).sqrt()).sum()"), None),
        "product of entries": (_frechet("(d ** 2).sum() + torch.trace(A + B - 2 * (A * B).sqrt())"), "covariance-diagonal-only"),
        "variances only": (_frechet("(d ** 2).sum() + ((a.std(0) - b.std(0)) ** 2).sum()"), "covariance-diagonal-only"),
        "product of roots": (_frechet("(d ** 2).sum() + torch.trace(A + B - 2 * psd(A) @ psd(B))"), "roots-multiplied"),
        "norm of the means": (_frechet("d.norm() + A.trace() + B.trace() - 2 * cross"), "means-not-squared"),
        "absolute difference of the means": (_frechet("d.abs().sum() + A.trace() + B.trace() - 2 * cross"), "means-not-squared"),
        "mean of squares": (_frechet("(d ** 2).mean() + A.trace() + B.trace() - 2 * cross"), "averaged-over-features"),
        "over the features": (_frechet(f"({FULL}) / len(A)"), "averaged-over-features"),
        "one mean": (_frechet("d ** 2 + A.trace() + B.trace() - 2 * cross", mean="x.mean()"), "means-over-everything"),
        "sum of all entries": (_frechet("(d ** 2).sum() + (A + B - 2 * psd(A) @ psd(torch.linalg.inv(psd(A)) @ B @ torch.linalg.inv(psd(A))) @ psd(A)).sum()"), None),
        "not centred": (_frechet(FULL, cov="x.T @ x / len(x)"), "covariance-not-centred"),
        "not divided": (_frechet(FULL, cov="(x - x.mean(0)).T @ (x - x.mean(0))"), "covariance-not-divided"),
        "wrong axis": (_frechet(FULL, cov="torch.cov(x)"), "covariance-of-samples"),
        "halved": (_frechet(f"({FULL}) / 2"), "constant-factor"),
        "over N and over N - 1": (_frechet(FULL, before="A = A * 2 * (len(a) - 1) / len(a)"), None),
        "not clamped": (NOT_CLAMPED.format(cast=""), "distance-nan"),
        "not clamped, float64": (NOT_CLAMPED.format(cast=".double()"), "distance-nan"),
        "complex": (SQRTM.format(root="scipy.linalg.sqrtm(A @ B)"), "distance-complex"),
        "complex everywhere": (_frechet(FULL).replace(".real.clamp(min=0)", "").replace("return float", "return "), "distance-complex"),
        "Cholesky": (_frechet("(d ** 2).sum() + A.trace() + B.trace() - 2 * torch.linalg.svdvals(torch.linalg.cholesky(A).T @ torch.linalg.cholesky(B)).sum()"), "needs-full-rank"),
        "large epsilon": (_frechet("(d ** 2).sum() + A.trace() + B.trace() - 2 * torch.linalg.eigvals(A @ B).real.clamp(min=1e-3).sqrt().sum()"), None),
        "a random half": (_frechet(FULL, before="a = a[torch.randperm(len(a))[: len(a) // 2]]; d = mean(a) - mean(b)"), "metric-random"),
        "reseeds": (_frechet(FULL, before=RANDOM), "reseeds-global-state"),
        "centres in place": (_frechet(FULL, before="features_a -= features_a.mean(0)"), "input-modified"),
        "a list": (_frechet(FULL).replace("return float", "return 1, "), None),
    },
    "precision_recall": {
        "swapped": (_pr(back="r, p"), "precision-recall-swapped"),
        "itself counted": (_pr(radius="torch.cdist(x, x).topk(k, largest=False).values[:, -1]"), "neighbour-counts-itself"),
        "one too many": (_pr(radius="torch.cdist(x, x).sort(1).values[:, min(k + 1, len(x) - 1)]"), "one-neighbour-too-many"),
        "k ignored": (_pr(radius="torch.cdist(x, x).sort(1).values[:, 5]"), "k-ignored"),
        "default of 3": (_pr().replace("k=5", "k=3"), "k-default"),
        "radii of the other set": (_pr("p = (d <= rb).any(0).float().mean()", "r = (d <= ra[:, None]).any(1).float().mean()"), "radius-of-the-other-set"),
        "radii of the samples for both": (_pr("p = (d <= rb).any(0).float().mean()", R), "radius-of-the-other-set"),
        "coverage": (_pr(P, "r = (d <= ra[:, None]).any(1).float().mean()"), "coverage-for-recall"),
        "density": (_pr("p = (d <= ra[:, None]).sum() / (k * len(fake))", R), "density-for-precision"),
        "density and coverage": (_pr("p = (d <= ra[:, None]).sum() / (k * len(fake))", "r = (d <= ra[:, None]).any(1).float().mean()"), "density-for-precision"),
        "squared radius": (_pr(radius="torch.cdist(x, x).sort(1).values[:, k] ** 2"), "squared-and-plain-mixed"),
        "squared distance": (_pr("d = d ** 2", P, R), "squared-and-plain-mixed"),
        "mean of neighbours": (_pr(radius="torch.cdist(x, x).sort(1).values[:, 1 : k + 1].mean(1)"), "mean-of-neighbours"),
        "one radius": (_pr(radius="torch.cdist(x, x).sort(1).values[:, k].mean().expand(len(x))"), "one-radius-for-all"),
        "largest radius": (_pr(radius="torch.cdist(x, x).sort(1).values[:, k].max().expand(len(x))"), "one-radius-for-all"),
        "neighbours in the other set": (_pr("ra, rb = d.sort(1).values[:, k - 1], d.sort(0).values[k - 1]", P, R), "radius-across-sets"),
        "nearest ball only": (_pr("p = (d.min(0).values <= ra[d.argmin(0)]).float().mean()", "r = (d.min(1).values <= rb[d.argmin(1)]).float().mean()"), "nearest-ball-only"),
        "taxicab": (_pr().replace("cdist(real, fake)", "cdist(real, fake, p=1)").replace("cdist(x, x)", "cdist(x, x, p=1)"), "distance-not-euclidean"),
        "cosine": (_pr().replace("torch.cdist", "(lambda a, b: 1 - F.normalize(a) @ F.normalize(b).T)"), "distance-not-euclidean"),
        "every ball": (_pr("p = (d <= ra[:, None]).all(0).float().mean()", "r = (d <= rb).all(1).float().mean()"), "in-every-ball"),
        "pairs": (_pr("p = (d <= ra[:, None]).float().mean()", "r = (d <= rb).float().mean()"), "pairs-not-points"),
        "percent": (_pr(back="100 * p, 100 * r"), "percent"),
        "outside": (_pr(back="1 - p, 1 - r"), "missed-not-covered"),
        "lengths swapped": (_pr(back="p * len(fake) / len(real), r * len(real) / len(fake)"), "divided-by-the-other-set"),
        "precision alone": (_pr(back="p"), None),
        "F1": (_pr(back="2 * p * r / (p + r + 1e-9), r"), None),
        "a random half": (_pr("d = d[:, torch.randperm(d.shape[1])[: d.shape[1] // 2]]", P, "r = (d <= 1).any(1).float().mean()"), "metric-random"),
        "in place": (_pr("real += 1", P, R), "input-modified"),
    },
    "mode_coverage": {
        "present": (_modes("(counts > 0).float().mean()"), "present-is-covered"),
        "unique over modes": (_modes("len(labels.unique()) / n_modes"), "present-is-covered"),
        "whole fair share": (_modes("(counts >= n / n_modes).float().mean()"), "whole-fair-share"),
        "tenth of all": (_modes("(shares >= 0.1).float().mean()"), "threshold-not-of-fair-share"),
        "ten samples": (_modes("(counts >= 10).float().mean()"), "threshold-not-of-fair-share"),
        "one hundredth": (_modes("(shares >= 0.01).float().mean()"), "threshold-not-of-fair-share"),
        "seen modes": (_modes("(shares * n_modes >= 0.1).sum() / (counts > 0).sum()"), "divided-by-seen-modes"),
        "largest label": (_modes("(torch.bincount(labels) >= n / (int(labels.max()) + 1) / 10).float().mean()"), "divided-by-seen-modes"),
        "fair among seen": (_modes("(counts >= n / (counts > 0).sum() / 10).float().mean()"), "fair-share-among-seen"),
        "count": (_modes("(shares * n_modes >= 0.1).sum()"), "count-not-share"),
        "missed": (_modes("(shares * n_modes < 0.1).float().mean()"), "missed-not-covered"),
        "samples": (_modes("shares[shares * n_modes >= 0.1].sum()"), "samples-not-modes"),
        "entropy": (_modes("torch.special.entr(shares).sum()"), "entropy-not-coverage"),
        "relative entropy": (_modes("torch.special.entr(shares).sum() / max(math.log(n_modes), 1e-9)"), "entropy-not-coverage"),
        "perplexity": (_modes("torch.special.entr(shares).sum().exp() / n_modes"), "entropy-not-coverage"),
        "percent": (_modes("100 * (shares * n_modes >= 0.1).float().mean()"), "percent"),
        "sorts in place": (_modes("(labels.sort(out=(labels, torch.empty_like(labels))) and (shares * n_modes >= 0.1).float().mean())"), "input-modified"),
    },
    "latent_separability": {
        "itself counted": (_knn(NEAR, d=WITH_ITSELF), "neighbour-counts-itself"),
        "itself beside k others": (_knn("d.topk(k + 1, largest=False).indices", d=WITH_ITSELF), "neighbour-counts-itself"),
        "k of 1": (_knn("d.topk(1, largest=False).indices"), "k-ignored"),
        "always 5": (_knn("d.topk(5, largest=False).indices"), "k-ignored"),
        "k + 1": (_knn("d.topk(min(k + 1, len(d)), largest=False).indices[:, : len(d) - 1]"), "one-neighbour-too-many"),
        "k - 1": (_knn("d.topk(k, largest=False).indices[:, 1:] if k > 1 else d.topk(1, largest=False).indices", d=WITH_ITSELF), "one-neighbour-too-few"),
        "default of 3": (_knn(NEAR, default=3), "k-default"),
        "centres": ("""
def latent_separability(codes, labels, k=5):
    classes = labels.unique()
    centres = torch.stack([codes[labels == c].mean(0) for c in classes])
    return (classes[torch.cdist(codes, centres).argmin(1)] == labels).float().mean().item()
""", "centres-not-neighbours"),
        "scored on itself": (_knn("d.topk(1, largest=False).indices", d=WITH_ITSELF), "scored-on-itself"),
        "share of neighbours": (_knn(NEAR, back="(labels[near] == labels[:, None]).float().mean()"), "neighbours-not-majority"),
        "any neighbour": (_knn(NEAR, back="(labels[near] == labels[:, None]).any(1).float().mean()"), "any-neighbour-counts"),
        "taxicab": (_knn(NEAR, d="torch.cdist(codes, codes, p=1).fill_diagonal_(torch.inf)"), "distance-not-euclidean"),
        "cosine": (_knn(NEAR, d="(1 - F.normalize(codes) @ F.normalize(codes).T).fill_diagonal_(torch.inf)"), "distance-not-euclidean"),
        "farthest": (_knn("d.topk(k).indices", d=WITH_ITSELF), "farthest-neighbours"),
        "error": (_knn(NEAR, back="(votes != labels).float().mean()"), "error-not-accuracy"),
        "percent": (_knn(NEAR, back="100 * (votes == labels).float().mean()"), "percent"),
        "count": (_knn(NEAR, back="(votes == labels).sum()"), "count-not-share"),
        "half to train": (_knn(NEAR, d="torch.cdist(codes, codes[: len(codes) // 2 + 3])"), None),
        "reseeds": (_knn(NEAR, back=f"({RANDOM}) and (votes == labels).float().mean()"), "reseeds-global-state"),
        "standardises in place": (_knn(NEAR, back="(votes == labels).float().mean() + 0 * codes.sub_(1).sum()"), "input-modified"),
    },
    "comparison_table": {
        "transposed": (_table("return pd.DataFrame(results)"), "table-transposed"),
        "sorted rows": (_table(f"return {FROM}.sort_index()"), "order-not-as-met"),
        "sorted columns": (_table(f"return {FROM}.sort_index(axis=1)"), "order-not-as-met"),
        "zeros": (_table(f"return {FROM}.fillna(0)"), "zero-for-missing"),
        "a dash": (_table(f'return {FROM}.astype(object).fillna("-")'), "gap-filled"),
        "means": (_table(f"t = {FROM}.astype(float)", "return t.fillna(t.mean())"), "gap-filled"),
        "rows with gaps dropped": (_table(f"return {FROM}.dropna()"), "models-dropped"),
        "empty rows dropped": (_table(f'return {FROM}.dropna(how="all")'), "models-dropped"),
        "columns with gaps dropped": (_table(f"return {FROM}.dropna(axis=1)"), "metrics-dropped"),
        "shared metrics": (_table("shared = [k for k in next(iter(results.values())) if all(k in v for v in results.values())]", f"return {FROM}[shared]"), "metrics-dropped"),
        "metrics of the first": (_table(f"return {FROM}[list(next(iter(results.values())))]"), "metrics-dropped"),
        "None kept": (_table(f"t = {FROM}.astype(object)", "return t.where(t.notna(), None)"), "none-kept"),
        "names in a column": (_table(f'return {FROM}.reset_index(names="model")'), "index-not-models"),
        "names lost": (_table("return pd.DataFrame(list(results.values()))"), "index-not-models"),
        "rounded": (_table(f"return {FROM}.astype(float).round(3)"), "table-rounded"),
        "text": (_table(f'return {FROM}.astype(float).map(lambda v: v if v != v else f"{{v:.6f}}")'), "cells-not-numbers"),
        "mutated": (_table("for values in results.values():", "    for name in ('a', 'elbo'):", "        if name in values and values[name] is None: values[name] = float('nan')", f"return {FROM}"), "input-modified"),
        "mean row": (_table(f"t = {FROM}.astype(float)", "t.loc['mean'] = t.mean()", "return t"), "models-added"),
        "rows misplaced": (_table(f"t = {FROM}.astype(float)", "return pd.DataFrame(t.values[::-1], index=t.index, columns=t.columns)"), None),
        "a dict": (_table("return {m: dict(v) for m, v in results.items()}"), "not-a-table"),
        "a style": (_table("return None"), "not-a-table"),
    },
}  # fmt: skip
