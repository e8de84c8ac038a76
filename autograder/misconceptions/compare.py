"""The mistakes of the lab `compare`: metrics that measure something else, and a table that loses something."""

from __future__ import annotations

from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Entries, Known, Mistake, written_down
from autograder.misconceptions.writing import function

CROSS = "cross = torch.linalg.eigvals(A @ B).real.clamp(min=0).sqrt().sum()"
SUM = "(d @ d + A.trace() + B.trace() - 2 * cross)"


def _frechet(back: str, *before: str, mean: str = "{}.mean(0)", cov: str = "torch.cov({}.T)") -> str:
    """The distance with another last line, other means or covariances, or lines before the last."""
    lines = [
        "a, b = features_a.double(), features_b.double()",
        f"d = {mean.format('a')} - {mean.format('b')}",
    ]
    lines += [f"A, B = {cov.format('a')}, {cov.format('b')}"]
    cross = [CROSS] if "cross" in back else []
    return function(
        "frechet_distance(features_a, features_b)", *lines, *before, *cross, f"return float({back})"
    )


_SAME = "Give it a set and itself, then a set and the same set moved by 2 along one feature: what should come out, and what does?"
_COUNT = (
    "Work it out by hand for one feature with means 0 and 3 and variances 1 and 4, then compare term by term."
)
FRECHET_DISTANCE: Entries = {
    "frechet-root": Known(_SAME, {"": _frechet(f"{SUM}.sqrt()")}),
    "frechet-without-means": Known(_SAME, {"": _frechet("A.trace() + B.trace() - 2 * cross")}),
    "frechet-means-only": Known("Give it two sets of equal means and different spread: does it notice?", {
        "": _frechet("d @ d"),
        "covariance of a twice": _frechet("d @ d + 2 * A.trace() - 2 * cross", "B = A"),
    }),
    "cross-term-not-doubled": Known(_COUNT, {"": _frechet("d @ d + A.trace() + B.trace() - cross")}),
    "cross-term-missing": Known(_SAME, {"": _frechet("d @ d + A.trace() + B.trace()")}),
    "cross-term-added": Known(_SAME, {"": _frechet("d @ d + A.trace() + B.trace() + 2 * cross")}),
    "cross-term-without-root": Known(_COUNT, {"": _frechet("d @ d + torch.trace(A + B - 2 * A @ B)")}),
    "root-of-entries": Known("What is the root of a matrix: multiply yours by itself, and compare with the matrix.", {"": _frechet("d @ d + torch.trace(A + B - 2 * (A @ B).abs().sqrt())")}),
    "covariance-diagonal-only": Known("Give it two sets of equal variances, one with correlated features: does it notice?", {
        "": _frechet("d @ d + ((a.std(0) - b.std(0)) ** 2).sum()"),
        "product of entries": _frechet("d @ d + torch.trace(A + B - 2 * (A * B).sqrt())"),
    }),
    "roots-multiplied": Known("Do the two covariances commute? If not, is the root of a product the product of the roots?", {"": function(
        "frechet_distance(features_a, features_b)", "def root(M):", "    w, v = torch.linalg.eigh(M)", "    return v @ torch.diag(w.clamp(min=0).sqrt()) @ v.T",
        "a, b = features_a.double(), features_b.double()", "d, A, B = a.mean(0) - b.mean(0), torch.cov(a.T), torch.cov(b.T)", "return float(d @ d + torch.trace(A + B - 2 * root(A) @ root(B)))")}),
    "means-not-squared": Known("Move one set twice as far: by what factor should the first term grow, and by what does it?", {"": _frechet("d.norm() + A.trace() + B.trace() - 2 * cross"), "absolute": _frechet("d.abs().sum() + A.trace() + B.trace() - 2 * cross")}),
    "averaged-over-features": Known("Give it every feature twice: what should happen to a sum over features?", {"": _frechet(f"{SUM} / len(A)"), "first term": _frechet("(d**2).mean() + A.trace() + B.trace() - 2 * cross")}),
    "means-over-everything": Known("Print the shape of your mean: how many features are there?", {"": _frechet("d**2 + A.trace() + B.trace() - 2 * cross", mean="{}.mean()")}),
    "covariance-not-centred": Known("Move both sets by the same vector: should the distance change?", {"": _frechet(SUM, cov="{0}.T @ {0} / len({0})")}),
    "covariance-not-divided": Known("Give it every sample twice: should a covariance change?", {"": _frechet(SUM, cov="({0} - {0}.mean(0)).T @ ({0} - {0}.mean(0))")}),
    "covariance-of-samples": Known("Print the shape of your covariance: how many features are there, and how many samples?", {"": _frechet(SUM, cov="torch.cov({})")}),
    "constant-factor": {"": _frechet(f"{SUM} / 2")},
    "distance-nan": Known("Look at the eigenvalues before the root: in floating point, are they all at least 0?", {"": _frechet("d @ d + A.trace() + B.trace() - 2 * root", "root = torch.linalg.eigvals(A @ B).real.sqrt().sum()")}),
    "distance-complex": Known("Print the type of what you return, for fewer samples than features too.", {"": "import scipy.linalg\n\n" + function(
        "frechet_distance(features_a, features_b)", "a, b = features_a.double().numpy(), features_b.double().numpy()", "A, B = np.cov(a.T), np.cov(b.T)", "d = a.mean(0) - b.mean(0)", "return d @ d + np.trace(A + B - 2 * scipy.linalg.sqrtm(A @ B))")}),
    "needs-full-rank": Known("Give it fewer samples than features: what rank has the covariance then?", {"Cholesky": _frechet("d @ d + A.trace() + B.trace() - 2 * root", "root = torch.linalg.svdvals(torch.linalg.cholesky(A).T @ torch.linalg.cholesky(B)).sum()")}),
    "metric-random": Known("Call it twice on the same sets: where does the difference come from?", {"": _frechet(SUM, "a = a[torch.randperm(len(a))[: len(a) // 2]]", "d = a.mean(0) - b.mean(0)")}),
    "reseeds-global-state": {"": _frechet(SUM, "torch.manual_seed(0)")},
    "input-modified": {"": _frechet(SUM, "features_a -= features_a.mean(0)")},
}  # fmt: skip

P, R = "p = (d <= r_real[:, None]).any(0).float().mean()", "r = (d <= r_fake).any(1).float().mean()"


def _pr(p: str = P, r: str = R, *, radius: str = "torch.cdist(x, x).sort(1).values[:, k]", before: str = "", back: str = "float(p), float(r)", k: str = "5") -> str:  # fmt: skip
    """Both with other radii, other formulas, or another last line."""
    lines = [
        "def radii(x):",
        f"    return {radius}",
        "d = torch.cdist(real, fake)",
        "r_real, r_fake = radii(real), radii(fake)",
    ]
    return function(f"precision_recall(real, fake, k={k})", *lines, *([before] if before else []), p, r, f"return {back}")  # fmt: skip


_BALLS = "Draw two points of each set on paper with their balls for k = 1: which points lie in which balls, and what does your code count?"
_WHO = "Precision asks about one set, recall about the other: whose points do you count, and whose balls?"
PRECISION_RECALL: Entries = {
    "precision-recall-swapped": Known("Take samples that are all alike and good: which of the two should be high?", {"": _pr(back="float(r), float(p)")}),
    "neighbour-counts-itself": Known("What is the distance of a point to its nearest point in its own set, in your code?", {"": _pr(radius="torch.cdist(x, x).topk(k, largest=False).values[:, -1]")}),
    "one-neighbour-too-many": Known("For k = 1, which place in the sorted distances is the nearest other point?", {"": _pr(radius="torch.cdist(x, x).sort(1).values[:, min(k + 1, len(x) - 1)]")}),
    "k-ignored": Known("Call it with k = 1 and with k = 8: should the balls not grow?", {"": _pr(radius="torch.cdist(x, x).sort(1).values[:, 5]")}),
    "k-default": Known("Compare your signature with the contract.", {"": _pr(k="3")}),
    "radius-of-the-other-set": Known(_WHO, {"": _pr("p = (d <= r_fake).any(0).float().mean()", "r = (d <= r_real[:, None]).any(1).float().mean()"), "of samples for both": _pr("p = (d <= r_fake).any(0).float().mean()")}),
    "coverage-for-recall": Known(_WHO, {"": _pr(r="r = (d <= r_real[:, None]).any(1).float().mean()")}),
    "density-for-precision": Known("Can your precision exceed 1? Take samples that all sit where real points are dense.", {
        "": _pr("p = (d <= r_real[:, None]).sum() / (k * len(fake))"),
        "and coverage": (_pr("p = (d <= r_real[:, None]).sum() / (k * len(fake))", "r = (d <= r_real[:, None]).any(1).float().mean()"), "coverage-for-recall"),
    }),
    "squared-and-plain-mixed": Known("Multiply all features by 10: should precision and recall change?", {"": _pr(radius="torch.cdist(x, x).sort(1).values[:, k] ** 2"), "distance": _pr(before="d = d**2")}),
    "mean-of-neighbours": Known("For k = 5, how many distances decide about a radius in the definition?", {"": _pr(radius="torch.cdist(x, x).sort(1).values[:, 1 : k + 1].mean(1)")}),
    "one-radius-for-all": Known("Print the radii of a dense and of a lonely point: should they be equal?", {"": _pr(radius="torch.cdist(x, x).sort(1).values[:, k].mean().expand(len(x))"), "largest": _pr(radius="torch.cdist(x, x).sort(1).values[:, k].max().expand(len(x))")}),
    "radius-across-sets": Known("Between points of which sets is a radius measured?", {"": _pr(before="r_real, r_fake = d.sort(1).values[:, k - 1], d.sort(0).values[k - 1]")}),
    "nearest-ball-only": Known("Can a point lie outside the ball of its nearest neighbour and still inside another one?", {"": _pr("p = (d.min(0).values <= r_real[d.argmin(0)]).float().mean()", "r = (d.min(1).values <= r_fake[d.argmin(1)]).float().mean()")}),
    "distance-not-euclidean": Known("Work out the distance of (0, 0) and (3, 4) with your code.", {"": _pr(radius="torch.cdist(x, x, p=1).sort(1).values[:, k]", before="d = torch.cdist(real, fake, p=1)")}),
    "in-every-ball": Known(_BALLS, {"": _pr("p = (d <= r_real[:, None]).all(0).float().mean()", "r = (d <= r_fake).all(1).float().mean()")}),
    "pairs-not-points": Known(_BALLS, {"": _pr("p = (d <= r_real[:, None]).float().mean()", "r = (d <= r_fake).float().mean()")}),
    "percent": Known("What is the largest value that a share can have?", {"": _pr(back="100 * float(p), 100 * float(r)")}),
    "missed-not-covered": Known("Give it the same set twice: should the shares be large or small?", {"": _pr(back="1 - float(p), 1 - float(r)")}),
    "divided-by-the-other-set": Known("Over how many points is each share taken? Give it sets of different size.", {"": _pr(back="float(p) * len(fake) / len(real), float(r) * len(real) / len(fake)")}),
    "input-modified": {"": _pr(before="real += 1")},
}  # fmt: skip


def _modes(back: str, *before: str) -> str:
    lines = ["counts = torch.bincount(labels, minlength=n_modes).float()", "shares = counts / len(labels)"]
    used = [lines[0]] + ([lines[1]] if any("shares" in line for line in (back, *before)) else [])
    return function("mode_coverage(labels, n_modes)", *used, *before, f"return float({back})")


_FAIR = "Take 10 modes and 1,000 samples: how many samples are a mode's fair share, and from how many on does it count for you?"
MODE_COVERAGE: Entries = {
    "present-is-covered": Known(_FAIR, {"": _modes("(counts > 0).float().mean()"), "unique": function("mode_coverage(labels, n_modes)", "return len(labels.unique()) / n_modes")}),
    "whole-fair-share": Known(_FAIR, {"": _modes("(counts >= len(labels) / n_modes).float().mean()")}),
    "threshold-not-of-fair-share": Known(_FAIR, {"a tenth of all": _modes("(shares >= 0.1).float().mean()"), "ten samples": _modes("(counts >= 10).float().mean()"), "a hundredth": _modes("(shares >= 0.01).float().mean()")}),
    "threshold-half": Known(_FAIR, {"": _modes("(counts >= len(labels) / n_modes / 2).float().mean()")}),
    "divided-by-seen-modes": Known("Let only one of ten modes be there: which share is that?", {"": _modes("(shares * n_modes >= 0.1).sum() / (counts > 0).sum()")}),
    "fair-share-among-seen": Known("Let only two of ten modes be there: does the fair share of one change?", {"": _modes("(counts >= len(labels) / (counts > 0).sum() / 10).float().mean()")}),
    "count-not-share": Known("What is the largest value that a share can have?", {"": _modes("(shares * n_modes >= 0.1).sum()")}),
    "missed-not-covered": Known("Let all modes be there: should the share be 1 or 0?", {"": _modes("(shares * n_modes < 0.1).float().mean()")}),
    "samples-not-modes": Known("What do you count: modes or samples?", {"": _modes("shares[shares * n_modes >= 0.1].sum()")}),
    "entropy-not-coverage": Known("Let one mode have half of all samples and the others the rest: are fewer modes covered then?", {"": _modes("torch.special.entr(shares).sum()"), "relative": _modes("torch.special.entr(shares).sum() / max(math.log(n_modes), 1e-9)"), "perplexity": _modes("torch.special.entr(shares).sum().exp() / n_modes")}),
    "percent": Known("What is the largest value that a share can have?", {"": _modes("100 * (shares * n_modes >= 0.1).float().mean()")}),
    "input-modified": {"": _modes("(shares * n_modes >= 0.1).float().mean()", "labels.copy_(labels.sort().values)")},
}  # fmt: skip

NEAR, ALONE = "d.topk(k, largest=False).indices", "torch.cdist(codes, codes).fill_diagonal_(torch.inf)"
WITH_ITSELF = "torch.cdist(codes, codes)"


def _knn(near: str = NEAR, *, back: str = "(votes == labels).float().mean()", d: str = ALONE, k: str = "5", before: str = "") -> str:  # fmt: skip
    lines = [
        f"d = {d}",
        f"near = {near}",
        *(["votes = labels[near].mode(1).values"] if "votes" in back else []),
    ]
    return function(f"latent_separability(codes, labels, k={k})", *([before] if before else []), *lines, f"return float({back})")  # fmt: skip


_OWN = "Give it random labels: which accuracy should come out, and which does?"
LATENT_SEPARABILITY: Entries = {
    "neighbour-counts-itself": Known(_OWN, {"": _knn(d=WITH_ITSELF), "beside k others": _knn("d.topk(k + 1, largest=False).indices", d=WITH_ITSELF)}),
    "k-ignored": Known("Call it with k = 1 and with k = 9: are the neighbours that you look at others?", {"always 5": _knn("d.topk(5, largest=False).indices"), "always 1": _knn("d.topk(1, largest=False).indices")}),
    "one-neighbour-too-many": Known("Print the number of neighbours of one code for k = 1.", {"": _knn("d.topk(min(k + 1, len(d)), largest=False).indices[:, : len(d) - 1]")}),
    "one-neighbour-too-few": Known("Print the number of neighbours of one code for k = 3.", {"": _knn("d.topk(max(k, 2), largest=False).indices[:, 1:]", d=WITH_ITSELF)}),
    "k-default": Known("Compare your signature with the contract.", {"": _knn(k="3")}),
    "centres-not-neighbours": Known("Put one class on a ring around another: what do neighbours say, and what does your code?", {"": function(
        "latent_separability(codes, labels, k=5)", "classes = labels.unique()", "centres = torch.stack([codes[labels == c].mean(0) for c in classes])", "nearest = classes[torch.cdist(codes, centres).argmin(1)]", "return float((nearest == labels).float().mean())")}),
    "scored-on-itself": Known(_OWN, {"": _knn("d.topk(1, largest=False).indices", d=WITH_ITSELF)}),
    "neighbours-not-majority": Known("Let three of five neighbours have the right label: what should that code count?", {"": _knn(back="(labels[near] == labels[:, None]).float().mean()")}),
    "any-neighbour-counts": Known("Let one of five neighbours have the right label: what should that code count?", {"": _knn(back="(labels[near] == labels[:, None]).any(1).float().mean()")}),
    "distance-not-euclidean": Known("Work out the distance of (0, 0) and (3, 4) with your code.", {"": _knn(d="torch.cdist(codes, codes, p=1).fill_diagonal_(torch.inf)"), "cosine": _knn(d="(1 - F.normalize(codes) @ F.normalize(codes).T).fill_diagonal_(torch.inf)")}),
    "farthest-neighbours": Known("Print the distances of the neighbours that you chose, beside the others.", {"": _knn("d.topk(k).indices", d=WITH_ITSELF)}),
    "commonest-label": Known("Shuffle the codes and leave the labels: should the accuracy stay the same?", {"": _knn(back="(labels == labels.mode().values).float().mean()")}),
    "error-not-accuracy": Known("Put two classes far apart: should the number be 1 or 0?", {"": _knn(back="(votes != labels).float().mean()")}),
    "percent": Known("What is the largest value that a share can have?", {"": _knn(back="100 * (votes == labels).float().mean()")}),
    "count-not-share": Known("What is the largest value that a share can have?", {"": _knn(back="(votes == labels).sum()")}),
    "reseeds-global-state": {"": _knn(before="torch.manual_seed(0)")},
    "input-modified": {"": _knn(before="codes.sub_(codes.mean(0))")},
}  # fmt: skip

FROM = 'pd.DataFrame.from_dict(results, orient="index")'


def _table(*lines: str) -> str:
    return "import pandas as pd\n\n" + function("comparison_table(results)", *lines)


_ORDER = "Print the names of the rows and of the columns beside the keys of `results`."
_GAPS = "Leave one metric of one model out, then give it None: what stands in that cell, and what would a reader think?"
_LOST = "Count rows and columns where a model lacks a metric: is each model and each metric still there?"
COMPARISON_TABLE: Entries = {
    "table-transposed": Known(_ORDER, {"": _table("return pd.DataFrame(results)")}),
    "order-not-as-met": Known(_ORDER, {"rows": _table(f"return {FROM}.sort_index()"), "columns": _table(f"return {FROM}.sort_index(axis=1)")}),
    "zero-for-missing": Known(_GAPS, {"": _table(f"return {FROM}.fillna(0)")}),
    "gap-filled": Known(_GAPS, {"dash": _table(f'return {FROM}.astype(object).fillna("-")'), "mean": _table(f"table = {FROM}.astype(float)", "return table.fillna(table.mean())")}),
    "models-dropped": Known(_LOST, {"": _table(f"return {FROM}.dropna()"), "empty ones": _table(f'return {FROM}.dropna(how="all")')}),
    "metrics-dropped": Known(_LOST, {"": _table(f"return {FROM}.dropna(axis=1)"), "of the first": _table("metrics = list(next(iter(results.values())))", f"return {FROM}[metrics]")}),
    "none-kept": Known(_GAPS, {"": _table(f"table = {FROM}.astype(object)", "return table.where(table.notna(), None)")}),
    "index-not-models": Known(_ORDER, {"a column": _table(f'return {FROM}.reset_index(names="model")'), "lost": _table("return pd.DataFrame(list(results.values()))")}),
    "table-rounded": Known("Compare a number of the table with the one that you were given, to the last digit.", {"": _table(f"return {FROM}.astype(float).round(3)")}),
    "cells-not-numbers": Known("Print `table.dtypes`: can one compute with it?", {"": _table(f'return {FROM}.astype(float).map(lambda v: v if v != v else f"{{v:.6f}}")')}),
    "models-added": Known(_LOST, {"": _table(f"table = {FROM}.astype(float)", "table.loc['mean'] = table.mean()", "return table")}),
    "not-a-table": Known("Print the type of what you return.", {"a dict": _table("return {model: dict(metrics) for model, metrics in results.items()}"), "nothing": _table(f"table = {FROM}")}),
}  # fmt: skip

MISTAKES: tuple[Mistake, ...] = (
    *written_down("compare", "frechet_distance", "numeric", FRECHET_DISTANCE, LOOKS),
    *written_down("compare", "precision_recall", "numeric", PRECISION_RECALL, LOOKS),
    *written_down("compare", "mode_coverage", "numeric", MODE_COVERAGE, LOOKS),
    *written_down("compare", "latent_separability", "numeric", LATENT_SEPARABILITY, LOOKS),
    *written_down("compare", "comparison_table", "numeric", COMPARISON_TABLE, LOOKS),
)
