"""Wrong functions of the lab `vae`: none may get full points. Those with a name are in the catalogue."""


def _draw(z: str, before: str = "pass") -> str:
    return f"def reparameterize(mu, logvar):\n    {before}\n    return {z}"


def _bce(value: str, before: str = "pass") -> str:
    return f"def reconstruction_loss(x_hat, x):\n    {before}\n    return {value}"


def _kl(value: str, before: str = "pass") -> str:
    return f"def kl_divergence(mu, logvar):\n    {before}\n    return {value}"


def _loss(returned: str, beta: str = "1.0", before: str = "pass") -> str:
    return (
        f"def vae_loss(x_hat, x, mu, logvar, beta={beta}):\n    r, k = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)\n"
        f"    {before}\n    return {returned}"
    )


def _step(*lines: str) -> str:
    return "def train_step(model, optimizer, x, beta=1.0):\n    " + "\n    ".join(lines)


def _sample(*lines: str) -> str:
    body = [
        "mode = model.training",
        "model.eval()",
        "with torch.no_grad():",
        *("    " + line for line in lines),
    ]
    return "def sample(model, n):\n    " + "\n    ".join([*body, "model.train(mode)", "return x"])


def _path(*lines: str) -> str:
    return "def interpolate(model, x_start, x_end, steps):\n    " + "\n    ".join(lines)


STD = "torch.exp(logvar / 2)"
PASS = "x_hat, mu, logvar = model(x)"
LOSS = "loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)"
MOVE = ("optimizer.zero_grad()", "loss.backward()", "optimizer.step()")
BACK = 'return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}'
START = ("model.train()", PASS)
MEANS = "mu, logvar = model.encoder(torch.stack([x_start, x_end]))"
T = "t = torch.linspace(0, 1, steps)[:, None]"
MIX = "model.decoder(mu[:1] + t * (mu[1:] - mu[:1]))"
DRAWN = "mu + torch.exp(logvar / 2) * torch.randn_like(mu)"
BCE = "F.binary_cross_entropy(x_hat, x, reduction='none')"
ROW = "0.5 * (mu**2 + logvar.exp() - 1 - logvar)"

WRONG = {
    "reparameterize": {
        "signs": _draw(f"mu + {STD} * torch.randn_like(mu).sign()"),
        "cut off": _draw(f"mu + {STD} * torch.randn_like(mu).clamp(-2, 2)"),
        "returns eps too": _draw(f"(mu + {STD} * torch.randn_like(mu), 1)"),
        "one row": _draw(f"(mu + {STD} * torch.randn_like(mu))[0]"),
        "float64": _draw(f"(mu + {STD} * torch.randn_like(mu)).double()"),
    },
    "reconstruction_loss": {
        "swapped, by hand": _bce("-(x_hat * torch.log(x.clamp(1e-6, 1)) + (1 - x_hat) * torch.log((1 - x).clamp(1e-6, 1))).sum(1).mean()"),
        "rounded reconstruction": _bce("F.binary_cross_entropy(x_hat.round(), x, reduction='sum') / len(x)"),
        "batch of 128": _bce(f"{BCE}.sum() / 128"),
        "a float": _bce(f"{BCE}.sum(1).mean().item()"),
        "clamped too far": _bce("F.binary_cross_entropy(x_hat.clamp(0.05, 0.95), x, reduction='sum') / len(x)"),
        "large number in the logarithm": _bce("-(x * (x_hat + 0.01).log() + (1 - x) * (1.01 - x_hat).log()).sum(1).mean()"),
        "mean first": _bce("F.binary_cross_entropy(x_hat.mean(0), x.mean(0), reduction='sum')"),
        "first row": _bce("F.binary_cross_entropy(x_hat[0], x[0], reduction='sum')"),
        "focal": _bce(f"({BCE} * (x - x_hat) ** 2).sum(1).mean()"),
        "nothing": "def reconstruction_loss(x_hat, x):\n    F.binary_cross_entropy(x_hat, x)",
    },
    "kl_divergence": {
        "batch of 128": _kl(f"({ROW}).sum() / 128"),
        "a float": _kl(f"({ROW}).sum(1).mean().item()"),
        "free bits": _kl(f"({ROW}).clamp(min=0.5).sum(1).mean()"),
        "absolute value": _kl("(0.5 * torch.sum(1 + logvar - mu**2 + logvar.exp(), 1)).abs().mean()"),
        "mean of the batch first": _kl("0.5 * (m**2 + v.exp() - 1 - v).sum()", "m, v = mu.mean(0), logvar.mean(0)"),
        "in row of one": _kl(f"({ROW}).sum(1).mean().reshape(1)"),
        "one argument": "def kl_divergence(mu):\n    return (mu**2).sum()",
    },
    "vae_loss": {
        "free bits": "def vae_loss(x_hat, x, mu, logvar, beta=1.0):\n    r, k = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar).clamp(min=3)\n    return r + beta * k, r, k",
        "the loss as a float": _loss("(r + beta * k).item(), r, k"),
        "only the loss": _loss("r + beta * k"),
        "a dict": _loss("dict(loss=r + beta * k, reconstruction=r, kl=k)"),
        "no beta": "def vae_loss(x_hat, x, mu, logvar):\n    r, k = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)\n    return r + k, r, k",
        "beta must be given": _loss("r + beta * k, r, k").replace("=1.0", ""),
        "kl weighed by the batch": _loss("r + beta * k / len(x), r, k"),
        "not reduced": _loss("r + beta * k, r, k", before="k = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)"),
    },
    "train_step": {
        "noisy input": _step("model.train()", "x_hat, mu, logvar = model((x + 0.3 * torch.randn_like(x)).clamp(0, 1))", LOSS, *MOVE, BACK),
        "wrong target": _step(*START, "loss, rec, kl = vae_loss(x_hat, 1 - x, mu, logvar, beta)", *MOVE, BACK),
        "zeros": _step(*START, LOSS, *MOVE, 'return {"loss": 0.0, "reconstruction": 0.0, "kl": 0.0}'),
        "no beta": "def train_step(model, optimizer, x):\n    " + "\n    ".join([*START, LOSS.replace(", beta", ""), *MOVE, BACK]),
    },
    "sample": {
        "truncated": _sample("x = model.decoder(torch.randn(n, model.latent_dim).clamp(-1, 1))"),
        "images": _sample("x = model.decoder(torch.randn(n, model.latent_dim)).view(n, 28, 28)"),
        "latents": _sample("x = torch.randn(n, model.latent_dim)"),
        "one picture": _sample("x = model.decoder(torch.randn(1, model.latent_dim))"),
        "a pair": _sample("x = model.decoder(torch.randn(n, model.latent_dim)), n"),
        "width 32": _sample("x = model.decoder(torch.randn(n, 32))"),
        "returns nothing": _sample("x = None"),
        "list": _sample("x = list(model.decoder(torch.randn(n, model.latent_dim)))"),
    },
    "interpolate": {
        "logvar": _path(MEANS, "mu = logvar", T, f"return {MIX}"),
        "codes": _path(MEANS, T, "return mu[:1] + t * (mu[1:] - mu[:1])"),
        "one more": _path(MEANS, "t = torch.linspace(0, 1, steps + 1)[:, None]", f"return {MIX}"),
        "always five": _path(MEANS, "t = torch.linspace(0, 1, 5)[:, None]", f"return {MIX}"),
        "eased": _path(MEANS, T, "t = t**3", f"return {MIX}"),
        "concatenated heads": _path("a, b = (torch.cat(model.encoder(x[None]), 1) for x in (x_start, x_end))", T, "return model.decoder(a + t * (b - a))"),
    },
}  # fmt: skip
