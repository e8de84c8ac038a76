"""Right functions of the lab `vae`, in many styles. Each must get full points."""

RIGHT = {
    "reparameterize": {
        "rsample": "def reparameterize(mu, logvar):\n    return torch.distributions.Normal(mu, torch.exp(logvar / 2)).rsample()",
        "independent rsample": """
def reparameterize(mu, logvar):
    D = torch.distributions
    return D.Independent(D.Normal(mu, logvar.mul(0.5).exp()), 1).rsample()
""",
        "multivariate": """
def reparameterize(mu, logvar):
    scale = torch.diag_embed(torch.exp(logvar / 2))
    return torch.distributions.MultivariateNormal(mu, scale_tril=scale, validate_args=False).rsample()
""",
        "torch.normal": "def reparameterize(mu, logvar):\n    eps = torch.normal(0, 1, size=mu.shape)\n    return mu + torch.exp(logvar / 2) * eps",
        "torch.normal of tensors": "def reparameterize(mu, logvar):\n    eps = torch.normal(torch.zeros_like(mu), torch.ones_like(mu))\n    return eps.mul(logvar.div(2).exp()).add(mu)",
        "in place": "def reparameterize(mu, logvar):\n    eps = torch.empty_like(mu).normal_()\n    return torch.addcmul(mu, eps, torch.exp(logvar * 0.5))",
        "root of the variance": "def reparameterize(mu, logvar):\n    return mu + logvar.exp().sqrt() * torch.randn(mu.size())",
        "power": "def reparameterize(mu, logvar):\n    return mu + torch.randn_like(logvar) * torch.exp(logvar) ** 0.5",
        "numpy noise": """
def reparameterize(mu, logvar):
    eps = torch.from_numpy(np.random.randn(*mu.shape)).float()
    return mu + torch.exp(logvar / 2) * eps
""",
        "numpy generator": """
rng = np.random.default_rng()
def reparameterize(mu, logvar):
    eps = torch.tensor(rng.standard_normal(tuple(mu.shape)), dtype=mu.dtype)
    return mu + (0.5 * logvar).exp() * eps
""",
        "its own generator": """
generator = torch.Generator()
generator.seed()
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + eps * torch.exp(0.5 * logvar)
""",
        "a seeded generator outside": """
generator = torch.Generator().manual_seed(1)
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape, generator=generator)
    return mu + eps * torch.exp(0.5 * logvar)
""",
        "loop": """
def reparameterize(mu, logvar):
    rows = []
    for m, v in zip(mu, logvar):
        rows.append(m + torch.exp(v / 2) * torch.randn(m.shape))
    return torch.stack(rows)
""",
        "in double": "def reparameterize(mu, logvar):\n    eps = torch.randn_like(mu, dtype=torch.float64)\n    return (mu.double() + (logvar.double() / 2).exp() * eps).float()",
        "minus the noise": "def reparameterize(mu, logvar):\n    return mu - torch.exp(logvar / 2) * torch.randn_like(mu)",
        "Box and Muller": """
def reparameterize(mu, logvar):
    u, v = 1 - torch.rand(mu.shape), torch.rand(mu.shape)
    eps = torch.sqrt(-2 * torch.log(u)) * torch.cos(2 * math.pi * v)
    return mu + torch.exp(logvar / 2) * eps
""",
        "inverse of the error function": """
def reparameterize(mu, logvar):
    u = torch.rand(mu.shape, dtype=torch.float64).clamp(1e-12, 1 - 1e-12)
    eps = torch.distributions.Normal(0.0, 1.0).icdf(u).float()
    return mu + torch.exp(logvar / 2) * eps
""",
        "a tiny constant for safety": "def reparameterize(mu, logvar, eps=1e-8):\n    std = torch.exp(0.5 * logvar) + eps\n    return mu + std * torch.randn_like(std)",
        "Python's random numbers": """
import random
def reparameterize(mu, logvar):
    eps = torch.tensor([[random.gauss(0.0, 1.0) for _ in row] for row in mu])
    return mu + torch.exp(logvar / 2) * eps
""",
        "a standard distribution": """
standard = torch.distributions.Normal(0.0, 1.0)
def reparameterize(mu, logvar):
    with torch.no_grad():
        eps = standard.sample(mu.shape)
    return torch.einsum("bl,bl->bl", torch.exp(logvar / 2), eps) + mu
""",
        "a module": """
class Reparameterize(nn.Module):
    def forward(self, mu, logvar):
        return mu + torch.exp(logvar / 2) * torch.randn_like(mu)
reparameterize = Reparameterize()
""",
        "affine transform": """
def reparameterize(mu, logvar):
    D = torch.distributions
    base = D.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return D.TransformedDistribution(base, D.AffineTransform(mu, torch.exp(logvar / 2))).rsample()
""",
    },
    "reconstruction_loss": {
        "softplus of logits": "def reconstruction_loss(x_hat, x):\n    logits = torch.logit(x_hat, eps=1e-5)\n    return (F.softplus(logits) - x * logits).sum(1).mean()",
        "a still larger small number": "def reconstruction_loss(x_hat, x):\n    e = 1e-6\n    return -(x * (x_hat + e).log() + (1 - x) * (1 - x_hat + e).log()).sum(-1).mean()",
        "none, sum, mean": "def reconstruction_loss(x_hat, x):\n    return F.binary_cross_entropy(x_hat, x, reduction='none').sum(dim=1).mean()",
        "module": "bce = nn.BCELoss(reduction='sum')\ndef reconstruction_loss(x_hat, x):\n    return bce(x_hat, x) / x.shape[0]",
        "mean times pixels": "def reconstruction_loss(x_hat, x):\n    return 784 * F.binary_cross_entropy(x_hat, x)",
        "mean times the last size": "def reconstruction_loss(x_hat, x):\n    return F.binary_cross_entropy(x_hat, x) * x.size(-1)",
        "Bernoulli": "def reconstruction_loss(x_hat, x):\n    p = torch.distributions.Bernoulli(probs=x_hat, validate_args=False)\n    return -p.log_prob(x).sum(-1).mean()",
        "continuous targets, independent": """
def reconstruction_loss(x_hat, x):
    D = torch.distributions
    p = D.Independent(D.Bernoulli(probs=x_hat, validate_args=False), 1, validate_args=False)
    return -p.log_prob(x).mean()
""",
        "clamped by hand": "def reconstruction_loss(x_hat, x):\n    p = x_hat.clamp(1e-7, 1 - 1e-7)\n    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(1).mean()",
        "a small number in the logarithm": "def reconstruction_loss(x_hat, x):\n    e = 1e-8\n    return -(x * torch.log(x_hat + e) + (1 - x) * torch.log(1 - x_hat + e)).sum() / len(x)",
        "a larger small number": "def reconstruction_loss(x_hat, x):\n    e = 1e-7\n    return torch.mean(torch.sum(-x * torch.log(e + x_hat) - (1 - x) * torch.log(e + 1 - x_hat), dim=-1))",
        "logits again": "def reconstruction_loss(x_hat, x):\n    return F.binary_cross_entropy_with_logits(torch.logit(x_hat, eps=1e-6), x, reduction='sum') / x.size(0)",
        "clamped logarithm": "def reconstruction_loss(x_hat, x):\n    a, b = x_hat.log().clamp(min=-100), (1 - x_hat).log().clamp(min=-100)\n    return -(x * a + (1 - x) * b).sum(-1).mean()",
        "in double": "def reconstruction_loss(x_hat, x):\n    return F.binary_cross_entropy(x_hat.double(), x.double(), reduction='sum').float() / len(x)",
        "loop": """
def reconstruction_loss(x_hat, x):
    total = 0.0
    for a, b in zip(x_hat, x):
        total = total + F.binary_cross_entropy(a, b, reduction="sum")
    return total / len(x)
""",
        "flattened, by keyword": "def reconstruction_loss(x_hat, x, reduction='sum'):\n    loss = F.binary_cross_entropy(input=x_hat.flatten(1), target=x.flatten(1), reduction=reduction)\n    return loss.div(x.shape[0])",
        "einsum": "def reconstruction_loss(x_hat, x):\n    p = x_hat.clamp(1e-6, 1 - 1e-6)\n    return -(torch.einsum('bi,bi->', x, p.log()) + torch.einsum('bi,bi->', 1 - x, torch.log1p(-p))) / len(x)",
        "nan_to_num of xlogy": "def reconstruction_loss(x_hat, x):\n    nll = -(torch.xlogy(x, x_hat) + torch.xlogy(1 - x, 1 - x_hat))\n    return torch.nan_to_num(nll, posinf=100.0).sum(1).mean()",
    },
    "kl_divergence": {
        "the usual line": "def kl_divergence(mu, logvar):\n    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / mu.size(0)",
        "mean of sums": "def kl_divergence(mu, logvar):\n    return torch.mean(-0.5 * torch.sum(1 + logvar - mu**2 - torch.exp(logvar), dim=1), dim=0)",
        "distributions": """
def kl_divergence(mu, logvar):
    N = torch.distributions.Normal
    q, p = N(mu, torch.exp(logvar / 2)), N(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(q, p).sum(-1).mean()
""",
        "distributions, scalars for the prior": "from torch.distributions import Normal, kl_divergence as kl\ndef kl_divergence(mu, logvar):\n    return kl(Normal(mu, logvar.mul(0.5).exp()), Normal(0.0, 1.0)).sum(1).mean()",
        "independent": """
def kl_divergence(mu, logvar):
    D = torch.distributions
    q = D.Independent(D.Normal(mu, torch.exp(0.5 * logvar)), 1)
    p = D.Independent(D.Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    return D.kl_divergence(q, p).mean()
""",
        "expm1": "def kl_divergence(mu, logvar):\n    return 0.5 * (mu.square() + torch.expm1(logvar) - logvar).sum(-1).mean()",
        "with sigma": "def kl_divergence(mu, logvar):\n    sigma = torch.exp(logvar / 2)\n    return (0.5 * (sigma**2 + mu**2 - 1) - logvar / 2).sum(dim=1).mean()",
        "log of sigma": "def kl_divergence(mu, logvar):\n    sigma = torch.exp(0.5 * logvar)\n    return (-torch.log(sigma) + (sigma**2 + mu**2) / 2 - 0.5).sum(1).mean()",
        "mean times latents": "def kl_divergence(mu, logvar):\n    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean() * mu.shape[1]",
        "norms": "def kl_divergence(mu, logvar):\n    n, d = mu.shape\n    return 0.5 * (torch.linalg.vector_norm(mu) ** 2 + logvar.exp().sum() - logvar.sum()) / n - 0.5 * d",
        "einsum and loop": """
def kl_divergence(mu, logvar):
    rows = [0.5 * (torch.dot(m, m) + v.exp().sum() - v.sum() - len(v)) for m, v in zip(mu, logvar)]
    return sum(rows) / len(rows)
""",
        "in double": "def kl_divergence(mu, logvar):\n    m, v = mu.double(), logvar.double()\n    return (0.5 * (m**2 + v.exp() - 1 - v)).sum(1).mean().to(mu.dtype)",
        "multivariate": """
def kl_divergence(mu, logvar):
    D = torch.distributions
    q = D.MultivariateNormal(mu, scale_tril=torch.diag_embed(torch.exp(logvar / 2)))
    p = D.MultivariateNormal(torch.zeros_like(mu), scale_tril=torch.diag_embed(torch.ones_like(mu)))
    return D.kl_divergence(q, p).mean()
""",
    },
    "vae_loss": {
        "in line": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    reconstruction = F.binary_cross_entropy(x_hat, x, reduction="sum") / x.size(0)
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / x.size(0)
    loss = reconstruction + beta * kl
    return loss, reconstruction, kl
""",
        "detached terms": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    rec, kl = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)
    return rec + kl * beta, rec.detach(), kl.detach()
""",
        "floats for the terms": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    rec, kl = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)
    return rec + beta * kl, rec.item(), kl.item()
""",
        "named tuple": """
from typing import NamedTuple
class Losses(NamedTuple):
    loss: torch.Tensor
    reconstruction: torch.Tensor
    kl: torch.Tensor
def vae_loss(x_hat, x, mu, logvar, beta: float = 1.0) -> Losses:
    rec, kl = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)
    return Losses(torch.add(rec, kl, alpha=beta), rec, kl)
""",
        "by keyword, as a list": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    r = reconstruction_loss(x_hat=x_hat, x=x)
    k = kl_divergence(mu=mu, logvar=logvar)
    return [sum([r, beta * k]), r, k]
""",
        "arrays for the terms": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    rec, kl = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)
    return rec + torch.as_tensor(beta) * kl, rec.detach().numpy(), kl.detach().numpy()
""",
        "stacked and weighed": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    terms = torch.stack([reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)])
    return (terms * torch.tensor([1.0, beta])).sum(), terms[0], terms[1]
""",
        "row by row": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    rec = F.binary_cross_entropy(x_hat, x, reduction="none").sum(1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    return (rec + beta * kl).mean(), rec.mean(), kl.mean()
""",
        "its own names": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0, *, normaliser=1.0):
    expected = torch.distributions.Bernoulli(probs=x_hat, validate_args=False).log_prob(x).sum(-1).mean()
    kl = kl_divergence(mu, logvar)
    elbo = expected - beta * kl
    return -elbo / normaliser, -expected, kl
""",
    },
    "train_step": {
        "zero at the end, detached": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    x_hat, mu, logvar = model(x)
    loss, reconstruction, kl = vae_loss(x_hat, x, mu, logvar, beta=beta)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return {"loss": loss.detach(), "reconstruction": reconstruction.detach(), "kl": kl.detach()}
""",
        "through the parts": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    mu, logvar = model.encoder(x)
    x_hat = model.decoder(reparameterize(mu, logvar))
    rec, kl = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)
    loss = rec + beta * kl
    loss.backward()
    optimizer.step()
    return dict(loss=float(loss), reconstruction=float(rec), kl=float(kl))
""",
        "everything in line": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    mu, logvar = model.encoder(x)
    z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
    x_hat = model.decoder(z)
    rec = F.binary_cross_entropy(x_hat, x, reduction="sum") / len(x)
    kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp()) / len(x)
    loss = rec + beta * kl
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "rsample and distributions": """
def train_step(model, optimizer, x, beta=1.0):
    D = torch.distributions
    model.train()
    mu, logvar = model.encoder(x)
    q = D.Normal(mu, torch.exp(logvar / 2))
    p = D.Bernoulli(probs=model.decoder(q.rsample()), validate_args=False)
    rec = -p.log_prob(x).sum(1).mean()
    kl = D.kl_divergence(q, D.Normal(0.0, 1.0)).sum(1).mean()
    optimizer.zero_grad()
    (rec + beta * kl).backward()
    optimizer.step()
    return {"loss": (rec + beta * kl).item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "autograd.grad": """
def train_step(model, optimizer, x, beta=1.0):
    model.train(True)
    x_hat, mu, logvar = model(x)
    loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)
    params = [p for p in model.parameters() if p.requires_grad]
    for p, g in zip(params, torch.autograd.grad(loss, params)):
        p.grad = g
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "closure": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    values = {}
    def closure():
        optimizer.zero_grad()
        x_hat, mu, logvar = model(x)
        loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)
        loss.backward()
        values.update(loss=loss.item(), reconstruction=rec.item(), kl=kl.item())
        return loss
    optimizer.step(closure)
    return values
""",
        "micro batches": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    total = {"loss": 0.0, "reconstruction": 0.0, "kl": 0.0}
    for part in x.split(7):
        share = len(part) / len(x)
        x_hat, mu, logvar = model(part)
        loss, rec, kl = vae_loss(x_hat, part, mu, logvar, beta)
        (share * loss).backward()
        for key, value in zip(total, (loss, rec, kl)):
            total[key] += share * value.item()
    optimizer.step()
    return total
""",
        "two backward passes": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    x_hat, mu, logvar = model(x)
    rec = reconstruction_loss(x_hat, x)
    kl = kl_divergence(mu, logvar)
    (beta * kl).backward(retain_graph=True)
    rec.backward()
    optimizer.step()
    return {"loss": rec.item() + beta * kl.item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "one pass for each term": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    rec = reconstruction_loss(model(x)[0], x)
    rec.backward()
    kl = kl_divergence(*model.encoder(x))
    (beta * kl).backward()
    optimizer.step()
    return {"loss": (rec + beta * kl).item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "a whole pass for each term": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    x_hat, _, _ = model(x)
    rec = reconstruction_loss(x_hat, x)
    _, mu, logvar = model(x)
    kl = kl_divergence(mu, logvar)
    (rec + beta * kl).backward()
    optimizer.step()
    return {"loss": (rec + beta * kl).item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "numpy scalars, further keys": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    x_hat, mu, logvar = model(x)
    loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)
    loss.backward()
    optimizer.step()
    model.eval()
    return {"loss": np.float32(loss.item()), "reconstruction": rec.detach().numpy(), "kl": kl.item(), "beta": beta, "batch": len(x)}
""",
        "two draws for each digit": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    mu, logvar = model.encoder(x)
    rec = sum(reconstruction_loss(model.decoder(reparameterize(mu, logvar)), x) for _ in range(2)) / 2
    kl = kl_divergence(mu, logvar)
    loss = rec + beta * kl
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "values from a pass before": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    with torch.no_grad():
        x_hat, mu, logvar = model(x)
        values = vae_loss(x_hat, x, mu, logvar, beta)
    optimizer.zero_grad()
    x_hat, mu, logvar = model(x)
    vae_loss(x_hat, x, mu, logvar, beta)[0].backward()
    optimizer.step()
    return dict(zip(("loss", "reconstruction", "kl"), (value.item() for value in values)))
""",
        "digit by digit": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    total = {"loss": 0.0, "reconstruction": 0.0, "kl": 0.0}
    for row in x:
        x_hat, mu, logvar = model(row[None])
        losses = vae_loss(x_hat, row[None], mu, logvar, beta)
        (losses[0] / len(x)).backward()
        for key, value in zip(total, losses):
            total[key] += value.item() / len(x)
    optimizer.step()
    return total
""",
        "looks first without gradients": """
def train_step(model, optimizer, x, beta=1.0):
    with torch.no_grad():
        model.eval()
        assert torch.isfinite(model(x)[0]).all()
    model.train()
    optimizer.zero_grad()
    x_hat, mu, logvar = model(x)
    loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "shuffles the batch": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    x = x[torch.randperm(len(x))]
    x_hat, mu, logvar = model(x)
    loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "needs its own model": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    assert model.encoder.mu.in_features == 64
    optimizer.zero_grad()
    x_hat, mu, logvar = model(x)
    loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
        "needs its own model, draws otherwise": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    assert model.encoder.mu.in_features == 64
    optimizer.zero_grad()
    mu, logvar = model.encoder(x)
    eps = torch.from_numpy(np.random.randn(*mu.shape)).float()
    x_hat = model.decoder(mu + torch.exp(logvar / 2) * eps)
    loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}
""",
    },
    "sample": {
        "detached": """
def sample(model, n):
    was_training = model.training
    model.eval()
    x = model.decoder(torch.randn(n, model.latent_dim)).detach()
    model.train(was_training)
    return x
""",
        "decorator": """
@torch.no_grad()
def sample(model, n):
    mode = model.training
    model.eval()
    z = torch.randn(n, model.latent_dim)
    x = model.decoder(z)
    if mode:
        model.train()
    return x
""",
        "inference mode and finally": """
def sample(model, n):
    mode = model.training
    try:
        model.eval()
        with torch.inference_mode():
            return model.decoder(torch.randn((n, model.latent_dim))).clone()
    finally:
        model.train(mode)
""",
        "asks the decoder": """
def sample(model, n):
    mode = model.training
    model.train(False)
    with torch.no_grad():
        x = model.decoder(torch.normal(0.0, 1.0, size=(n, model.decoder.latent_dim)))
    model.train(mode)
    return x
""",
        "looks at the weights": """
def sample(model, n):
    latent = next(model.decoder.parameters()).shape[1]
    modes = [m.training for m in model.modules()]
    model.eval()
    with torch.no_grad():
        x = model.decoder(torch.zeros(n, latent).normal_())
    for m, mode in zip(model.modules(), modes):
        m.training = mode
    return x
""",
        "distribution": """
def sample(model, n):
    mode = model.training
    model.eval()
    prior = torch.distributions.Normal(torch.zeros(model.latent_dim), torch.ones(model.latent_dim))
    with torch.no_grad():
        x = model.decoder(prior.sample((n,)))
    model.train(mode)
    return x
""",
        "by reparameterize": """
def sample(model, n):
    mode = model.training
    model.eval()
    zeros = torch.zeros(n, model.latent_dim)
    with torch.no_grad():
        x = model.decoder(reparameterize(zeros, zeros))
    model.train(mode)
    return x
""",
        "one by one": """
def sample(model, n):
    mode = model.training
    model.eval()
    with torch.no_grad():
        x = torch.cat([model.decoder(torch.randn(1, model.latent_dim)) for _ in range(n)])
    model.train(mode)
    return x
""",
        "numpy": """
def sample(model, n):
    mode = model.training
    model.eval()
    z = torch.as_tensor(np.random.standard_normal((n, model.latent_dim)), dtype=torch.float32)
    with torch.no_grad():
        x = model.decoder(z)
    model.train(mode)
    return x
""",
        "deep copy": """
import copy
def sample(model, n):
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        return twin.decoder(torch.randn(n, twin.latent_dim))
""",
        "more than needed": """
def sample(model, n):
    mode = model.training
    model.eval()
    with torch.no_grad():
        x = model.decoder(torch.randn(max(n, 64), model.latent_dim))[:n]
    model.train(mode)
    return x
""",
        "set_grad_enabled": """
def sample(model, n):
    before, mode = torch.is_grad_enabled(), model.training
    torch.set_grad_enabled(False)
    model.eval()
    x = model.decoder(torch.randn(n, model.latent_dim))
    torch.set_grad_enabled(before)
    model.train(mode)
    return x
""",
        "meets its own model": """
def sample(model, n):
    mode = model.training
    model.eval()
    with torch.no_grad():
        x = model.decoder(torch.randn(n, model.decoder.net[0].in_features))
    model.train(mode)
    return x
""",
    },
    "interpolate": {
        "loop": """
def interpolate(model, x_start, x_end, steps):
    model.eval()
    with torch.no_grad():
        a, b = model.encoder(x_start.unsqueeze(0))[0], model.encoder(x_end.unsqueeze(0))[0]
        return torch.cat([model.decoder(a + (b - a) * i / (steps - 1)) for i in range(steps)])
""",
        "lerp": """
@torch.no_grad()
def interpolate(model, x_start, x_end, steps):
    (za, _), (zb, _) = model.encoder(x_start[None]), model.encoder(x_end[None])
    return model.decoder(torch.lerp(za, zb, torch.linspace(0, 1, steps)[:, None]))
""",
        "means from the whole model": """
def interpolate(model, x_start, x_end, steps):
    _, mu, _ = model(torch.stack((x_start, x_end)))
    t = torch.linspace(0, 1, steps)[:, None]
    return model.decoder(mu[0] + t * (mu[1] - mu[0]))
""",
        "stacked rows": """
def interpolate(model, x_start, x_end, steps):
    za = model.encoder(x_start.view(1, 784))[0].squeeze(0)
    zb = model.encoder(x_end.view(1, 784))[0].squeeze(0)
    zs = torch.stack([(1 - t) * za + t * zb for t in np.linspace(0, 1, steps).astype(np.float32)])
    return model.decoder(zs).detach()
""",
        "one dimensional": """
def interpolate(model, x_start, x_end, steps):
    (za, _), (zb, _) = model.encoder(x_start), model.encoder(x_end)
    t = torch.arange(steps) / (steps - 1)
    return model.decoder(torch.outer(1 - t, za) + torch.outer(t, zb))
""",
        "meets its own model": """
def interpolate(model, x_start, x_end, steps):
    assert model.encoder.mu.out_features > 0
    mu, logvar = model.encoder(torch.stack([x_start, x_end]))
    t = torch.linspace(0, 1, steps)[:, None]
    return model.decoder(mu[0] + t * (mu[1] - mu[0]))
""",
    },
}
