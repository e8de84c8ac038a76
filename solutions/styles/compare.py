"""Right solutions of the lab `compare`, in many styles. Each must get full points."""


def _frechet(cross: str, *, before: str = "pass", moments: str = "m, A, n, B = *both(features_a), *both(features_b)", back: str = "float(d @ d + A.trace() + B.trace() - 2 * cross)", both: str = "x.mean(0), torch.cov(x.T)", imports: str = "pass") -> str:  # fmt: skip
    return f"""
{imports}
def both(x):
    return {both}
def frechet_distance(features_a, features_b):
    {before}
    {moments}
    d = m - n
    cross = {cross}
    return {back}
"""


SCIPY = "import scipy.linalg"
NUMPY = {"both": "x.mean(axis=0), np.cov(x, rowvar=False)", "imports": SCIPY, "before": "features_a, features_b = features_a.numpy(), features_b.numpy()"}  # fmt: skip
CAST = "features_a, features_b = features_a.double(), features_b.double()"
BY_HAND = "x.mean(0), (x - x.mean(0)).T @ (x - x.mean(0)) / len(x)"

RIGHT = {
    "frechet_distance": {
        "eigenvalues of the product, complex roots, float32": _frechet("torch.linalg.eigvals(A @ B).sqrt().sum().real"),
        "eigenvalues, real, clamped, float32": _frechet("torch.linalg.eigvals(A @ B).real.clamp(min=0).sqrt().sum()"),
        "eigenvalues, absolute, float32": _frechet("torch.linalg.eigvals(A @ B).real.abs().sqrt().sum()"),
        "eigenvalues in float64": _frechet("torch.linalg.eigvals(A @ B).sqrt().real.sum()", before=CAST),
        "over N by hand, float32": _frechet("torch.linalg.eigvals(A @ B).sqrt().real.sum()", both=BY_HAND),
        "torch.cov with correction 0": _frechet("torch.linalg.eigvals(B @ A).sqrt().real.sum()", both="x.mean(0), torch.cov(x.T, correction=0)"),
        "uncentred products minus those of the means, float32": _frechet(
            "torch.linalg.eigvals(A @ B).sqrt().real.sum()", both="x.mean(0), x.T @ x / len(x) - torch.outer(x.mean(0), x.mean(0))"
        ),
        "numpy eigenvalues": _frechet("np.sqrt(np.linalg.eigvals(A @ B).astype(complex)).real.sum()", **NUMPY | {"imports": "pass"}),
        "sqrtm": _frechet("np.trace(scipy.linalg.sqrtm(A @ B).real)", **NUMPY),
        "sqrtm, a numpy scalar": _frechet("np.real(scipy.linalg.sqrtm(A @ B))", **NUMPY, back="np.sum((m - n) ** 2) + np.trace(A + B - 2 * cross)"),
        "sqrtm in float32": _frechet("np.trace(scipy.linalg.sqrtm(A.astype(np.float32) @ B.astype(np.float32)).real)", **NUMPY),
        "sqrtm, clipped at 0": _frechet("np.trace(scipy.linalg.sqrtm(A.dot(B)).real)", **NUMPY, back="max(0.0, float(d @ d + A.trace() + B.trace() - 2 * cross))"),
        "an epsilon on both diagonals": _frechet("np.trace(scipy.linalg.sqrtm((A + 1e-6 * np.eye(len(A))) @ (B + 1e-6 * np.eye(len(A)))).real)", **NUMPY),
        "as in pytorch-fid": """
from scipy import linalg
def frechet_distance(features_a, features_b, eps=1e-6):
    act1, act2 = features_a.detach().cpu().numpy(), features_b.detach().cpu().numpy()
    mu1, sigma1 = np.atleast_1d(np.mean(act1, axis=0)), np.atleast_2d(np.cov(act1, rowvar=False))
    mu2, sigma2 = np.atleast_1d(np.mean(act2, axis=0)), np.atleast_2d(np.cov(act2, rowvar=False))
    diff = mu1 - mu2
    covmean = linalg.sqrtm(sigma1.dot(sigma2))
    if isinstance(covmean, tuple):
        covmean = covmean[0]
    if not np.isfinite(covmean).all():
        print("fid calculation produces singular product")
        offset = np.eye(sigma1.shape[0]) * eps
        covmean = linalg.sqrtm((sigma1 + offset).dot(sigma2 + offset))
    if np.iscomplexobj(covmean):
        covmean = covmean.real
    return diff.dot(diff) + np.trace(sigma1) + np.trace(sigma2) - 2 * np.trace(covmean)
""",
        "symmetric form by eigh, float32": """
def sqrt_psd(matrix):
    values, vectors = torch.linalg.eigh(matrix)
    return vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
def frechet_distance(features_a, features_b):
    A, B = torch.cov(features_a.T), torch.cov(features_b.T)
    half = sqrt_psd(A)
    root = sqrt_psd(half @ B @ half)
    return ((features_a.mean(0) - features_b.mean(0)) ** 2).sum() + torch.trace(A + B - 2 * root)
""",
        "symmetric form, eigvalsh, float64, a 0-d tensor": """
def frechet_distance(features_a, features_b):
    a, b = features_a.to(torch.float64), features_b.to(torch.float64)
    A, B = torch.cov(a.T), torch.cov(b.T)
    values, vectors = torch.linalg.eigh(A)
    half = (vectors * values.clamp_min(1e-12).sqrt()) @ vectors.mT
    cross = torch.linalg.eigvalsh(half @ B @ half).clamp_min(0).sqrt().sum()
    return (a.mean(0) - b.mean(0)).pow(2).sum() + A.diagonal().sum() + B.diagonal().sum() - 2 * cross
""",
        "singular values of the data, float32": """
def frechet_distance(features_a, features_b):
    a = (features_a - features_a.mean(0)) / (len(features_a) - 1) ** 0.5
    b = (features_b - features_b.mean(0)) / (len(features_b) - 1) ** 0.5
    cross = torch.linalg.svdvals(a @ b.T).sum()
    return ((features_a.mean(0) - features_b.mean(0)).square().sum() + a.square().sum() + b.square().sum() - 2 * cross).item()
""",
        "nuclear norm of roots by SVD": """
def frechet_distance(features_a, features_b):
    def root(x):
        _, s, vh = torch.linalg.svd((x - x.mean(0)) / len(x) ** 0.5, full_matrices=False)
        return vh.T * s
    ra, rb = root(features_a), root(features_b)
    shift = torch.norm(features_a.mean(0) - features_b.mean(0)) ** 2
    return float(shift + ra.pow(2).sum() + rb.pow(2).sum() - 2 * torch.linalg.matrix_norm(ra.T @ rb, ord="nuc"))
""",
        "roots by scipy and back": """
import scipy.linalg
def frechet_distance(features_a, features_b):
    A, B = (np.cov(np.asarray(x, dtype=np.float64).T) for x in (features_a, features_b))
    half = np.real(scipy.linalg.sqrtm(A))
    root = torch.from_numpy(np.real(scipy.linalg.sqrtm(half @ B @ half)))
    return (features_a.mean(0) - features_b.mean(0)).pow(2).sum().item() + np.trace(A + B) - 2 * root.trace().item()
""",
    },
    "precision_recall": {
        "topk, strictly less": """
def precision_recall(real, fake, k=5):
    r_real = torch.cdist(real, real).topk(k + 1, largest=False).values[:, -1]
    r_fake = torch.cdist(fake, fake).topk(k + 1, largest=False).values[:, -1]
    d = torch.cdist(real, fake)
    precision = (d < r_real[:, None]).any(0).float().mean()
    recall = (d < r_fake[None, :]).any(1).float().mean()
    return precision.item(), recall.item()
""",
        "kthvalue, 0-d tensors in a list": """
def precision_recall(real, fake, k=5):
    radius = lambda x: torch.cdist(x, x).kthvalue(k + 1, dim=1).values
    d = torch.cdist(fake, real)
    return [(d <= radius(real)).any(1).float().mean(), (d.T <= radius(fake)).any(1).double().mean()]
""",
        "diagonal masked, broadcasting": """
def precision_recall(real, fake, k=5):
    def dist(a, b):
        return ((a[:, None, :] - b[None, :, :]) ** 2).sum(-1).sqrt()
    def radii(x):
        d = dist(x, x)
        d[torch.arange(len(x)), torch.arange(len(x))] = float("inf")
        return torch.sort(d, dim=1)[0][:, k - 1]
    d = dist(real, fake)
    precision = (d <= radii(real).unsqueeze(1)).any(dim=0).sum() / len(fake)
    recall = (d <= radii(fake).unsqueeze(0)).any(dim=1).sum() / len(real)
    return float(precision), float(recall)
""",
        "squared distances on both sides, products": """
def precision_recall(real, fake, k=5):
    def squared(a, b):
        return ((a ** 2).sum(1)[:, None] + (b ** 2).sum(1)[None] - 2 * a @ b.T).clamp(min=0)
    def inside(points, balls):
        radii = squared(balls, balls).sort(1).values[:, k]
        return (squared(points, balls) <= radii[None]).any(1)
    return inside(fake, real).float().mean().item(), inside(real, fake).float().mean().item()
""",
        "loops in numpy": """
def precision_recall(real, fake, k=5):
    real, fake = real.numpy(), fake.numpy()
    def radii(x):
        return [sorted(np.linalg.norm(x - p, axis=1))[k] for p in x]
    def share(points, centres, rs):
        hits = 0
        for p in points:
            if any(np.linalg.norm(p - c) <= r for c, r in zip(centres, rs)):
                hits += 1
        return hits / len(points)
    return share(fake, real, radii(real)), share(real, fake, radii(fake))
""",
        "numpy partition, numpy scalars": """
from scipy.spatial.distance import cdist
def precision_recall(real, fake, k=5):
    a, b = np.asarray(real), np.asarray(fake)
    ra, rb = np.partition(cdist(a, a), k, axis=1)[:, k], np.partition(cdist(b, b), k, axis=1)[:, k]
    d = cdist(a, b)
    return np.mean((d <= ra[:, None]).any(axis=0)), np.mean((d <= rb).any(axis=1))
""",
        "a kd-tree": """
from scipy.spatial import cKDTree
def precision_recall(real, fake, k=5):
    def share(points, centres):
        radii = cKDTree(centres.numpy()).query(centres.numpy(), k=[k + 1])[0][:, 0]
        return sum(bool((np.linalg.norm(centres.numpy() - p, axis=1) <= radii).any()) for p in points.numpy()) / len(points)
    return (share(fake, real), share(real, fake))
""",
        "cdist by products in float32, a tensor of two": """
@torch.no_grad()
def precision_recall(real, fake, k: int = 5):
    mode = "use_mm_for_euclid_dist"
    radii = [torch.cdist(x, x, compute_mode=mode).sort(dim=-1).values[:, k] for x in (real, fake)]
    d = torch.cdist(real, fake, compute_mode=mode)
    return torch.stack([(d <= radii[0][:, None]).any(0).float().mean(), (d <= radii[1]).any(1).float().mean()])
""",
    },
    "mode_coverage": {
        "loop": """
def mode_coverage(labels, n_modes):
    covered = 0
    for mode in range(n_modes):
        if (labels == mode).sum().item() >= len(labels) / n_modes / 10:
            covered += 1
    return covered / n_modes
""",
        "Counter": """
from collections import Counter
def mode_coverage(labels, n_modes):
    counts = Counter(labels.tolist())
    return sum(1 for n in counts.values() if n * n_modes * 10 >= len(labels)) / n_modes
""",
        "numpy, strictly more": """
def mode_coverage(labels, n_modes):
    shares = np.bincount(labels.numpy(), minlength=n_modes) / len(labels)
    return np.mean(shares > 0.1 / n_modes)
""",
        "one-hot": """
def mode_coverage(labels, n_modes):
    shares = F.one_hot(labels, n_modes).float().mean(0)
    return (shares * n_modes >= 0.1).sum() / n_modes
""",
        "unique": """
def mode_coverage(labels, n_modes):
    _, counts = labels.unique(return_counts=True)
    fair = labels.numel() / n_modes
    return float((counts >= 0.1 * fair).sum()) / n_modes
""",
        "histogram": """
def mode_coverage(labels, n_modes):
    counts = torch.histc(labels.float(), bins=n_modes, min=-0.5, max=n_modes - 0.5)
    return torch.mean((counts / counts.sum() >= 1 / (10 * n_modes)).to(torch.float64))
""",
        "scatter_add": """
def mode_coverage(labels, n_modes):
    counts = torch.zeros(n_modes).scatter_add_(0, labels, torch.ones(len(labels)))
    return float(np.float32((counts >= counts.mean() / 10).float().mean()))
""",
    },
    "latent_separability": {
        "topk k + 1, bincount": """
def latent_separability(codes, labels, k=5):
    order = torch.cdist(codes, codes).topk(k + 1, largest=False).indices[:, 1:]
    right = 0
    for i, rows in enumerate(order):
        right += int(torch.bincount(labels[rows]).argmax() == labels[i])
    return right / len(codes)
""",
        "Counter": """
from collections import Counter
def latent_separability(codes, labels, k=5):
    hits = []
    for i in range(len(codes)):
        d = (codes - codes[i]).norm(dim=1)
        others = [j for j in d.argsort().tolist() if j != i][:k]
        winner, _ = Counter(labels[others].tolist()).most_common(1)[0]
        hits.append(winner == labels[i].item())
    return sum(hits) / len(hits)
""",
        "numpy, argpartition": """
def latent_separability(codes, labels, k=5):
    x, y = codes.numpy(), labels.numpy()
    d = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))
    np.fill_diagonal(d, np.inf)
    near = np.argpartition(d, k - 1, axis=1)[:, :k]
    guesses = np.array([np.bincount(y[row]).argmax() for row in near])
    return (guesses == y).mean()
""",
        "one-hot votes, squared distances by products": """
def latent_separability(codes, labels, k=5):
    squares = (codes ** 2).sum(1)
    d = squares[:, None] + squares[None] - 2 * codes @ codes.T
    d.fill_diagonal_(1e9)
    votes = F.one_hot(labels)[d.argsort(1)[:, :k]].sum(1)
    return (votes.argmax(1) == labels).float().mean()
""",
        "sort, mode, eye": """
def latent_separability(codes, labels, k=5):
    d = torch.cdist(codes, codes) + torch.eye(len(codes)) * 1e6
    _, index = d.sort(dim=1)
    votes = torch.mode(labels[index[:, :k]], dim=1)[0]
    return torch.eq(votes, labels).double().mean().item()
""",
        "each left out in turn": """
def latent_separability(codes, labels, k=5):
    right = 0
    for i in range(codes.shape[0]):
        rest, names = torch.cat([codes[:i], codes[i + 1:]]), torch.cat([labels[:i], labels[i + 1:]])
        near = torch.cdist(codes[i:i + 1], rest)[0].topk(k, largest=False)[1]
        values, counts = names[near].unique(return_counts=True)
        right += (values[counts.argmax()] == labels[i]).item()
    return np.float64(right / codes.shape[0])
""",
        "a kd-tree": """
from scipy.spatial import cKDTree
def latent_separability(codes, labels, k=5):
    near = cKDTree(codes).query(codes, k=k + 1)[1][:, 1:]
    votes = [np.unique(names, return_counts=True) for names in labels.numpy()[near]]
    return float(np.mean([names[counts.argmax()] == own for (names, counts), own in zip(votes, labels.tolist())]))
""",
        "cdist by products": """
def latent_separability(codes, labels, k=5):
    d = torch.cdist(codes, codes, compute_mode="use_mm_for_euclid_dist")
    d[torch.eye(len(d), dtype=torch.bool)] = torch.inf
    return (labels[d.topk(k, 1, largest=False).indices].mode(1).values == labels).float().mean().item()
""",
    },
    "comparison_table": {
        "from_dict": """
import pandas as pd
def comparison_table(results):
    return pd.DataFrame.from_dict(results, orient="index")
""",
        "turned": "import pandas as pd\ndef comparison_table(results):\n    return pd.DataFrame(results).T",
        "turned, as float": "import pandas as pd\ndef comparison_table(results):\n    return pd.DataFrame(results, dtype=float).transpose()",
        "list of rows": """
import pandas as pd
def comparison_table(results):
    return pd.DataFrame(list(results.values()), index=list(results)).rename_axis("model")
""",
        "reindex": """
import pandas as pd
def comparison_table(results):
    metrics = list(dict.fromkeys(name for values in results.values() for name in values))
    table = pd.DataFrame({model: pd.Series(values, dtype="float64") for model, values in results.items()}).T
    return table.reindex(index=list(results), columns=metrics)
""",
        "cell by cell, dtype object": """
import pandas as pd
def comparison_table(results):
    metrics = []
    for values in results.values():
        for name in values:
            if name not in metrics:
                metrics.append(name)
    table = pd.DataFrame(index=list(results), columns=metrics, dtype=object)
    for model in results:
        for name in metrics:
            value = results[model].get(name)
            table.loc[model, name] = float("nan") if value is None else value
    return table
""",
        "columns one by one, with names": """
import pandas as pd
def comparison_table(results):
    table = pd.DataFrame(index=pd.Index(results.keys(), name="model"))
    for values in results.values():
        for name in values:
            if name not in table:
                table[name] = [np.nan if results[m].get(name) is None else results[m][name] for m in results]
    table.columns.name = "metric"
    return table
""",
        "nullable numbers": """
import pandas as pd
def comparison_table(results):
    return pd.DataFrame.from_dict(results, orient="index").astype("Float64")
""",
        "float32": """
import pandas as pd
def comparison_table(results):
    return pd.DataFrame.from_records(list(results.values()), index=list(results.keys())).astype(np.float32)
""",
    },
}  # fmt: skip
