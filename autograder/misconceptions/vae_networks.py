"""The mistakes in the networks of the lab `vae`."""

from __future__ import annotations

from autograder.misconceptions.ae import DECODER as AE_DECODER
from autograder.misconceptions.ae import decoder
from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Entries, Known, Mistake, written_down
from autograder.misconceptions.writing import indented

H, HEADS = "h = F.relu(self.hidden(x))", "return self.mu(h), self.logvar(h)"
OUT = "return self.decoder(z), mu, logvar"


def _encoder(*body: str) -> str:
    return f"""class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.hidden = nn.Linear(784, 64)
        self.mu = nn.Linear(64, latent_dim)
        self.logvar = nn.Linear(64, latent_dim)

    def forward(self, x):
{indented(body, 8)}"""


def _vae(*body: str) -> str:
    return f"""class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)

    def forward(self, x):
        mu, logvar = self.encoder(x)
{indented(body, 8)}"""


def _heads(mu: str, logvar: str, *before: str) -> str:
    return _encoder(*(before or (H,)), f"return {mu}, {logvar}")


def _logvar(form: str) -> str:
    return _heads("self.mu(h)", form)


def _mu(form: str) -> str:
    return _heads(form, "self.logvar(h)")


def _z(form: str) -> str:
    return _vae(f"z = {form}", OUT)


ENCODER: Entries = {
    "one-head": Known("Print `mu` and `logvar` of one digit beside each other: can one change without the other?", {
        "": _heads("self.mu(h)", "self.mu(h)"),
        "scaled": _encoder(H, "mu = self.mu(h)", "return mu, 2 * mu + 1"),
        "minus the mean": _encoder(H, "mu = self.mu(h)", "return mu, -mu"),
    }),
    "activation-on-logvar": Known("Which values may a logarithm of a variance take, and which can yours?", {
        "relu": _logvar("F.relu(self.logvar(h))"),
        "softplus": _logvar("F.softplus(self.logvar(h))"),
        "exp": _logvar("torch.exp(self.logvar(h))"),
        "sigma": _logvar("torch.exp(0.5 * self.logvar(h))"),
        "sigmoid": _logvar("torch.sigmoid(self.logvar(h))"),
        "tanh": _logvar("torch.tanh(self.logvar(h))"),
        "logsigmoid": _logvar("F.logsigmoid(self.logvar(h))"),
        "abs": _logvar("self.logvar(h).abs()"),
        "square": _logvar("self.logvar(h) ** 2"),
        "leaky relu": _logvar("F.leaky_relu(self.logvar(h))"),
        "elu": _logvar("F.elu(self.logvar(h))"),
        "gelu": _logvar("F.gelu(self.logvar(h))"),
        "clamped at 1": _logvar("self.logvar(h).clamp(-1, 1)"),
        "clamped at 4": _logvar("self.logvar(h).clamp(-4, 4)"),
        "clamped at 2 above": _logvar("self.logvar(h).clamp(-20, 2)"),
        "clamped at 0 above": _logvar("self.logvar(h).clamp(-20, 0)"),
    }),
    "activation-on-mu": Known("Which values may a mean take, and which can yours?", {
        "relu": _mu("F.relu(self.mu(h))"),
        "tanh": _mu("torch.tanh(self.mu(h))"),
        "sigmoid": _mu("torch.sigmoid(self.mu(h))"),
        "softplus": _mu("F.softplus(self.mu(h))"),
        "leaky relu": _mu("F.leaky_relu(self.mu(h))"),
        "abs": _mu("self.mu(h).abs()"),
        "on both": (_heads("F.relu(self.mu(h))", "F.relu(self.logvar(h))"), "activation-on-logvar"),
    }),
    "input-ignored": {
        "logvar a constant": _logvar("torch.zeros_like(self.logvar(h)) + self.logvar.bias"),
        "logvar of half of the digit": _encoder(H, "upper = torch.cat([x[:, :392], 0 * x[:, 392:]], 1)", "return self.mu(h), self.logvar(F.relu(self.hidden(upper)))"),
    },
    "graph-cut": {
        "logvar detached": _logvar("self.logvar(h).detach()"),
        "logvar of detached features": _logvar("self.logvar(h.detach())"),
        "mu of detached features": _mu("self.mu(h.detach())"),
        "no_grad": _encoder("with torch.no_grad():", "    " + H, HEADS),
    },
    "random-in-eval-mode": {
        "samples already": (_encoder(H, "mu, logvar = self.mu(h), self.logvar(h)", "return mu + torch.exp(logvar / 2) * torch.randn_like(mu), logvar"), "activation-on-mu"),
        "dropout": _encoder("h = F.dropout(F.relu(self.hidden(x)), 0.5)", HEADS),
    },
    "rows-mixed": {
        "batch mean": _encoder("h = F.relu(self.hidden(x - x.mean(0)))", HEADS),
        "logvar over the batch": _encoder(H, "logvar = self.logvar(h)", "return self.mu(h), logvar - logvar.mean(0)"),
    },
    "input-modified": {"": _encoder("x.mul_(2).sub_(1)", H, HEADS)},
    "reseeds-global-state": {"": _encoder(H, HEADS).replace("super()", "torch.manual_seed(0)\n        super()")},
    "layers-not-registered": {"": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.layers = [nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)]

    def forward(self, x):
        h = F.relu(self.layers[0](x))
        return self.layers[1](h), self.layers[2](h)
"""},
}  # fmt: skip

DECODER: Entries = {
    **AE_DECODER,
    "random-in-eval-mode": {
        "dropout": decoder("h = F.dropout(h, 0.5)", "return torch.sigmoid(self.pixels(h))"),
        "draws pixels": (decoder("p = torch.sigmoid(self.pixels(h))", "return torch.bernoulli(p).detach() + p - p.detach()"), "output-rounded"),
        "adds noise": decoder("return torch.sigmoid(self.pixels(h + torch.randn_like(h)))"),
    },
}  # fmt: skip

VAE: Entries = {
    "decoder-fed-the-mean": Known("Run the same digit through the model twice: should the two pictures be equal to the last decimal?", {
        "": _vae("return self.decoder(mu), mu, logvar"),
        "in eval mode": _z("reparameterize(mu, logvar) if self.training else mu"),
        "in train mode": _z("mu if self.training else reparameterize(mu, logvar)"),
    }),
    "eps-missing": Known("Run the same digit through the model twice, in eval mode: where is chance?", {
        "in eval mode": _z("reparameterize(mu, logvar) if self.training else mu + torch.exp(logvar / 2)"),
        "": _z("mu + torch.exp(logvar / 2)"),
    }),
    "graph-cut": {
        "z detached": _z("reparameterize(mu, logvar).detach()"),
        "sample": _z("torch.distributions.Normal(mu, torch.exp(logvar / 2)).sample()"),
        "mu detached": _z("reparameterize(mu.detach(), logvar)"),
        "logvar detached": _z("reparameterize(mu, logvar.detach())"),
        "picture detached": _vae("return self.decoder(reparameterize(mu, logvar)).detach(), mu, logvar"),
    },
    "std-is-variance": Known("For logvar = 2, what is sigma, and which spread do your draws have?", {"": _z("mu + torch.exp(logvar) * torch.randn_like(mu)")}),
    "std-is-logvar": Known("For logvar = 0, what is sigma, and which spread do your draws have?", {"": _z("mu + logvar * torch.randn_like(mu)")}),
    "std-missing": Known("For logvar = -10, how much should z differ from mu, and how much does it?", {"": _z("mu + torch.randn_like(mu)")}),
    "noise-uniform": {"": _z("mu + torch.exp(logvar / 2) * torch.rand_like(mu)")},
    "noise-shared-by-rows": {"": _z("mu + torch.exp(logvar / 2) * torch.randn(mu.shape[1])")},
    "noise-shared-by-dims": {"": _z("mu + torch.exp(logvar / 2) * torch.randn(len(mu), 1)")},
    "noise-shared": {"": _z("mu + torch.exp(logvar / 2) * torch.randn(1)")},
    "noise-not-fresh": {
        "seeded generator": _vae("g = torch.Generator().manual_seed(0)", "z = mu + torch.exp(logvar / 2) * torch.randn(mu.shape, generator=g)", OUT),
        "made once": _z("mu + torch.exp(logvar / 2) * self.eps[: len(mu)]").replace("self.latent_dim = latent_dim", "self.latent_dim = latent_dim\n        self.eps = torch.randn(1000, latent_dim)"),
    },
    "reseeds-global-state": {"": (_vae("torch.manual_seed(3)", "z = reparameterize(mu, logvar)", OUT), "noise-not-fresh")},
    "mu-and-logvar-swapped": Known("Print what the encoder returns and what you return or pass on, name by name, in their order.", {
        "returned": _vae("return self.decoder(reparameterize(mu, logvar)), logvar, mu"),
        "passed on": _z("reparameterize(logvar, mu)"),
    }),
    "parameters-ignored": Known("Run two different digits through the model: do the pictures know which is which?", {"": _z("torch.randn_like(mu)")}),
    "mean-left-out": Known("For logvar = -10, what should z be close to, and what is it close to?", {"": _z("torch.exp(logvar / 2) * torch.randn_like(mu)")}),
    "parameters-changed": Known("Compare what you return with what `.encoder` gives for the same digit: which of the three is not what the contract names?", {
        "sigma": _vae("return self.decoder(reparameterize(mu, logvar)), mu, torch.exp(logvar / 2)"),
        "sigma squared": _vae("return self.decoder(reparameterize(mu, logvar)), mu, logvar.exp()"),
        "z for mu": _vae("z = reparameterize(mu, logvar)", "return self.decoder(z), z, logvar"),
    }),
    "forward-is-not-the-composition": {
        "sigmoid again": _vae("return torch.sigmoid(self.decoder(reparameterize(mu, logvar))), mu, logvar"),
        "draws pixels": (_vae("return torch.bernoulli(self.decoder(reparameterize(mu, logvar))), mu, logvar"), "graph-cut"),
        "skip connection": _vae("return 0.5 * self.decoder(reparameterize(mu, logvar)) + 0.5 * x, mu, logvar"),
    },
    "not-sampled": Known("Which line of `forward` makes the picture, and from what?", {"returns its input": _vae("return x, mu, logvar")}),
    "parts-not-named": {"": _vae("z = reparameterize(mu, logvar)", "return self.dec(z), mu, logvar").replace("self.encoder", "self.enc").replace("self.decoder", "self.dec")},
}  # fmt: skip

MISTAKES: tuple[Mistake, ...] = (
    *written_down("vae", "Encoder", "effect", ENCODER, LOOKS),
    *written_down("vae", "Decoder", "effect", DECODER, LOOKS),
    *written_down("vae", "VAE", "effect", VAE, LOOKS),
)
