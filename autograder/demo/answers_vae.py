"""What students of the sample class wrote for the lab `vae`: right once, and wrong as beginners are."""

from __future__ import annotations

RIGHT = {
    "Encoder": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.hidden = nn.Linear(784, 256)
        self.mu = nn.Linear(256, latent_dim)
        self.logvar = nn.Linear(256, latent_dim)

    def forward(self, x):
        h = F.relu(self.hidden(x))
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
        self.layers = nn.Sequential(nn.Linear(latent_dim, 256), nn.ReLU(), nn.Linear(256, 784), nn.Sigmoid())

    def forward(self, z):
        return self.layers(z)
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
        z = reparameterize(mu, logvar)
        return self.decoder(z), mu, logvar
""",
    "reconstruction_loss": """
def reconstruction_loss(x_hat, x):
    return F.binary_cross_entropy(x_hat, x, reduction="sum") / x.shape[0]
""",
    "kl_divergence": """
def kl_divergence(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1).mean()
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
    return model.decoder((1 - t) * mu[0] + t * mu[1])
""",
    "discussion_1": "A mean over pixels makes the reconstruction 784 times as small, which is a beta of 784. No code "
    "saves 784 nats for each nat that it costs, so saying nothing is the best that this loss knows.",
    "discussion_2": "Copies got softer, since the codes may only hold some 20 nats; in return any draw from the prior "
    "is near a code that the decoder has seen.",
    "discussion_3": "The decoder learned from codes of digits and is asked for draws from the prior. Between the "
    "clouds of two digits the first are rare, and there the samples are half one digit and half the other.",
}

VARIANCE_FOR_STD = {
    "reparameterize": """
def reparameterize(mu, logvar):
    std = torch.exp(logvar)
    return mu + std * torch.randn_like(std)
""",
}

KL_SIGN_FLIPPED = {
    "kl_divergence": """
def kl_divergence(mu, logvar):
    return 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1).mean()
""",
}

MEAN_OVER_PIXELS = {
    "reconstruction_loss": """
def reconstruction_loss(x_hat, x):
    return F.binary_cross_entropy(x_hat, x)
""",
}

Z_DETACHED = {
    "VAE": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)

    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).sample()
        return self.decoder(z), mu, logvar
""",
}

ONE_NOISE_FOR_ALL_LATENTS = {
    "reparameterize": """
def reparameterize(mu, logvar):
    eps = torch.randn(mu.shape[0], 1)
    return mu + torch.exp(0.5 * logvar) * eps
""",
}
