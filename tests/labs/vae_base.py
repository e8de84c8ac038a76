"""A plain right solution of the lab `vae`, one text a component, and notebooks made from such texts."""

from __future__ import annotations

from pathlib import Path

from tests.labs.ae_base import IMPORTS, code_cell, component_cells, write_notebook

RIGHT = {
    "Encoder": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.body = nn.Sequential(nn.Linear(784, 64), nn.ReLU())
        self.mu = nn.Linear(64, latent_dim)
        self.logvar = nn.Linear(64, latent_dim)
    def forward(self, x):
        h = self.body(x)
        return self.mu(h), self.logvar(h)
""",
    "reparameterize": """
def reparameterize(mu, logvar):
    std = torch.exp(0.5 * logvar)
    return mu + std * torch.randn_like(std)
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
    "VAE": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        return self.decoder(reparameterize(mu, logvar)), mu, logvar
""",
    "reconstruction_loss": """
def reconstruction_loss(x_hat, x):
    return F.binary_cross_entropy(x_hat, x, reduction="sum") / len(x)
""",
    "kl_divergence": """
def kl_divergence(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1).mean()
""",
    "vae_loss": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    reconstruction = reconstruction_loss(x_hat, x)
    kl = kl_divergence(mu, logvar)
    return reconstruction + beta * kl, reconstruction, kl
""",
    "train_step": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    optimizer.zero_grad()
    x_hat, mu, logvar = model(x)
    loss, reconstruction, kl = vae_loss(x_hat, x, mu, logvar, beta)
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": reconstruction.item(), "kl": kl.item()}
""",
    "sample": """
def sample(model, n):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        x = model.decoder(torch.randn(n, model.latent_dim))
    model.train(was_training)
    return x
""",
    "interpolate": """
def interpolate(model, x_start, x_end, steps):
    mu, _ = model.encoder(torch.stack([x_start, x_end]))
    t = torch.linspace(0, 1, steps).unsqueeze(1)
    return model.decoder((1 - t) * mu[:1] + t * mu[1:])
""",
}


def solution_notebook(path: Path, **changed: str | None) -> Path:
    """The right solution with some components replaced (None leaves one out)."""
    cells = [code_cell(IMPORTS)]
    for name, source in (RIGHT | changed).items():
        if source is not None:
            cells += component_cells(name, source)
    return write_notebook(path, cells, lab="vae")
