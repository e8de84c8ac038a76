"""Right networks in many styles, as the text that a student would write."""

from __future__ import annotations

import random
from dataclasses import dataclass

DEPTHS = (0, 1, 1, 1, 2, 2, 2, 3, 4, 6)
WIDTHS = (32, 48, 64, 100, 128, 128, 200, 256, 256, 400, 512)
WIDEST = {0: 0, 1: 512, 2: 400, 3: 256, 4: 200, 6: 200}  # by depth: wider ones mostly cost more of the same
ACTIVATIONS = ("ReLU", "ReLU", "ReLU", "LeakyReLU", "Tanh", "GELU", "SiLU", "ELU")
NORMS = ("", "", "", "", "BatchNorm1d", "LayerNorm")
DROPOUTS = (0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3)
EVERY = 25  # one network in so many is of these


@dataclass(frozen=True)
class Style:
    """A fully connected right network: hidden layers from the image to the code, mirrored on the way back."""

    widths: tuple[int, ...]
    activation: str = "ReLU"
    norm: str = ""
    dropout: float = 0.0
    clamp: bool = False  # logvar held within +-10

    @property
    def name(self) -> str:
        """Such as "512-256 Tanh BatchNorm1d dropout 0.2"."""
        parts = [
            "-".join(map(str, self.widths)) or "linear",
            self.activation if self.widths else "",
            self.norm,
        ]
        parts += [f"dropout {self.dropout:g}" if self.dropout else "", "clamped logvar" if self.clamp else ""]
        return " ".join(filter(None, parts))

    @property
    def narrow(self) -> bool:
        """Whether no layer is wider than 128: wrong runs are made with these, since width adds only cost."""
        return max(self.widths, default=0) <= 128

    def hidden(self, inputs: int | str, widths: tuple[int, ...]) -> tuple[str, int | str]:
        """Source of the hidden layers after `inputs` numbers, and how many numbers come out; a name is as good."""
        layers = []
        for width in widths:
            layers += [f"nn.Linear({inputs}, {width})"]
            layers += [f"nn.{self.norm}({width})"] if self.norm else []
            layers += [f"nn.{self.activation}()"]
            layers += [f"nn.Dropout({self.dropout})"] if self.dropout else []
            inputs = width
        return f"nn.Sequential({', '.join(layers)})", inputs


LARGE = (
    Style((400,)),
    Style((512, 256)),
    Style((256,) * 6),
    Style((1024,)),
    Style((400,), "Tanh", "BatchNorm1d"),
    Style((256,) * 6, "Tanh"),
    Style((512, 256), dropout=0.2),
    Style((2048,)),
)


def draw(seed: int) -> Style:
    """The style of a network, always the same for its number: random, but for some large ones."""
    if seed % EVERY == 0:
        return LARGE[seed // EVERY % len(LARGE)]
    dice = random.Random(f"style {seed}")
    depth = dice.choice(DEPTHS)
    allowed = [width for width in WIDTHS if width <= WIDEST[depth]]
    widths = tuple(sorted((dice.choice(allowed) for _ in range(depth)), reverse=True))
    if depth >= 3:  # deep ones as people write them: all layers alike
        widths = widths[:1] * depth
    plain = Style(
        widths, dice.choice(ACTIVATIONS), dice.choice(NORMS), dice.choice(DROPOUTS), dice.random() < 0.2
    )
    return plain if widths else Style((), clamp=plain.clamp)


def vae_source(style: Style) -> dict[str, str]:
    """The components of the lab `vae` in this style, by name; `train_step` among them."""
    encoder, last = style.hidden(784, style.widths)
    decoder, first = style.hidden("latent_dim", style.widths[::-1])
    clamp = ".clamp(-10, 10)" if style.clamp else ""
    return {
        "Encoder": f"""
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.hidden = {encoder}
        self.mu, self.logvar = nn.Linear({last}, latent_dim), nn.Linear({last}, latent_dim)
    def forward(self, x):
        h = self.hidden(x)
        return self.mu(h), self.logvar(h){clamp}
""",
        "Decoder": f"""
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.net = nn.Sequential(*{decoder}, nn.Linear({first}, 784), nn.Sigmoid())
    def forward(self, z):
        return self.net(z)
""",
        "reparameterize": """
def reparameterize(mu, logvar):
    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
""",
        "VAE": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
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
    return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean()
""",
        "vae_loss": """
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    reconstruction, kl = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)
    return reconstruction + beta * kl, reconstruction, kl
""",
        "train_step": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    x_hat, mu, logvar = model(x)
    loss, reconstruction, kl = vae_loss(x_hat, x, mu, logvar, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": reconstruction.item(), "kl": kl.item()}
""",
    }


def ae_source(style: Style) -> dict[str, str]:
    """The components of the lab `ae` in this style, by name; `train_step` among them."""
    encoder, last = style.hidden(784, style.widths)
    return {
        "Encoder": f"""
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(*{encoder}, nn.Linear({last}, latent_dim))
    def forward(self, x):
        return self.net(x)
""",
        "Decoder": vae_source(style)["Decoder"],
        "AutoEncoder": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        return self.decoder(self.encoder(x))
""",
        "reconstruction_loss": """
def reconstruction_loss(x_hat, x):
    return F.mse_loss(x_hat, x)
""",
        "train_step": """
def train_step(model, optimizer, x):
    model.train()
    loss = reconstruction_loss(model(x), x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
""",
    }
