"""Right networks of the lab `vae`, in many styles. Each must get full points."""

RIGHT = {
    "Encoder": {
        "chunked": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 2 * latent_dim))
    def forward(self, x):
        return self.net(x).chunk(2, dim=-1)
""",
        "sliced, as a list": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.net = nn.Sequential(nn.Linear(784, 100), nn.Tanh(), nn.Linear(100, 2 * latent_dim))
    def forward(self, x):
        h = self.net(x)
        return [h[:, : self.latent_dim], h[:, self.latent_dim :]]
""",
        "split": """
class Encoder(nn.Linear):
    def __init__(self, latent_dim=32):
        super().__init__(784, 2 * latent_dim)
        self.latent_dim = latent_dim
    def forward(self, x):
        return torch.split(super().forward(x), self.latent_dim, dim=1)
""",
        "unbound": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 80), nn.SiLU(), nn.Linear(80, 2 * latent_dim))
    def forward(self, x):
        return self.net(x).unflatten(1, (2, -1)).unbind(1)
""",
        "named tuple": """
from collections import namedtuple
Posterior = namedtuple("Posterior", "mu logvar")
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = F.gelu(self.body(x))
        return Posterior(mu=self.m(h), logvar=self.v(h))
""",
        "two whole networks": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        def net():
            return nn.Sequential(nn.Linear(784, 32), nn.LeakyReLU(), nn.Linear(32, latent_dim))
        self.mean, self.log_variance = net(), net()
    def forward(self, x):
        return self.mean(x), self.log_variance(x)
""",
        "twice log sigma": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.mu, self.log_sigma = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = torch.relu(self.body(x))
        return self.mu(h), 2 * self.log_sigma(h)
""",
        "log of softplus": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.mu, self.s = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = torch.relu(self.body(x))
        return self.mu(h), 2 * torch.log(F.softplus(self.s(h)) + 1e-6)
""",
        "clamped at 10": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), self.v(h).clamp(-10, 10)
""",
        "clamped at 10 and 1000": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), torch.clamp(self.v(h), min=-1000, max=10)
""",
        "softly bounded at 10": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), 10 * torch.tanh(self.v(h) / 10)
""",
        "softly bounded below": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), F.softplus(self.v(h) + 20) - 20
""",
        "sigmoid between -10 and 10": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), 20 * torch.sigmoid(self.v(h) / 5) - 10
""",
        "bounded below only": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), torch.clamp(self.v(h), min=-10)
""",
        "bounded at -30 and 20": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), F.hardtanh(self.v(h), -30, 20)
""",
        "spectral norm": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        norm = nn.utils.parametrizations.spectral_norm
        self.body = nn.Sequential(norm(nn.Linear(784, 64)), nn.ReLU())
        self.m, self.v = norm(nn.Linear(64, latent_dim)), norm(nn.Linear(64, latent_dim))
    def forward(self, x):
        h = self.body(x)
        return self.m(h), self.v(h)
""",
        "weight norm, batch norm on the mean": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        norm = nn.utils.parametrizations.weight_norm
        self.body = nn.Sequential(norm(nn.Linear(784, 64)), nn.ReLU())
        self.m = nn.Sequential(nn.Linear(64, latent_dim), nn.BatchNorm1d(latent_dim))
        self.v = norm(nn.Linear(64, latent_dim))
    def forward(self, x):
        h = self.body(2 * x - 1)
        return self.m(h), self.v(h)
""",
        "logvar starts at zero": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
        nn.init.zeros_(self.v.weight)
        nn.init.zeros_(self.v.bias)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), self.v(h)
""",
        "logvar starts low": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
        nn.init.constant_(self.v.bias, -6.0)
    def forward(self, x):
        h = F.relu(self.body(x))
        return self.m(h), self.v(h)
""",
        "batch norm": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(784, 128), nn.BatchNorm1d(128), nn.ReLU())
        self.m, self.v = nn.Linear(128, latent_dim), nn.Linear(128, latent_dim)
    def forward(self, x):
        h = self.body(x)
        return self.m(h), self.v(h)
""",
        "layer norm and dropout": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body = nn.Sequential(nn.Dropout(0.2), nn.Linear(784, 128), nn.LayerNorm(128), nn.SiLU(), nn.Dropout(0.5))
        self.heads = nn.ModuleDict({"mu": nn.Linear(128, latent_dim), "logvar": nn.Linear(128, latent_dim)})
    def forward(self, x):
        h = self.body(x)
        return self.heads["mu"](h), self.heads["logvar"](h)
""",
        "deep and narrow": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32, width=32, depth=6):
        super().__init__()
        layers = [nn.Linear(784, width), nn.ReLU()]
        for _ in range(depth):
            layers += [nn.Linear(width, width), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.m, self.v = nn.Linear(width, latent_dim), nn.Linear(width, latent_dim)
    def forward(self, x):
        h = self.body(x)
        return self.m(h), self.v(h)
""",
        "wide": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(784, 2048), nn.Linear(2048, 512), nn.Linear(512, 2 * latent_dim)
    def forward(self, x):
        h = self.c(F.relu(self.b(F.relu(self.a(x)))))
        mu, logvar = h.chunk(2, 1)
        return mu, logvar
""",
        "convolutional": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(), nn.Flatten())
        self.m, self.v = nn.Linear(16 * 49, latent_dim), nn.Linear(16 * 49, latent_dim)
    def forward(self, x):
        h = self.conv(x.view(-1, 1, 28, 28))
        return self.m(h), self.v(h)
""",
        "a function around a module": """
class _Heads(nn.Module):
    def __init__(self, body, width, latent_dim):
        super().__init__()
        self.body, self.heads = body, nn.ModuleList([nn.Linear(width, latent_dim) for _ in range(2)])
    def forward(self, x):
        h = self.body(x)
        return tuple(head(h) for head in self.heads)
def Encoder(latent_dim=32):
    return _Heads(nn.Sequential(nn.Linear(784, 50), nn.ELU()), 50, latent_dim)
""",
        "logvar on top of the mean": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(latent_dim, latent_dim)
    def forward(self, x):
        mu = self.m(F.relu(self.body(x)))
        return mu, self.v(mu)
""",
    },
    "Decoder": {
        "functional sigmoid": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(latent_dim, 128), nn.Linear(128, 784)
    def forward(self, z):
        return torch.sigmoid(self.fc2(F.relu(self.fc1(z))))
""",
        "means of a Bernoulli": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(latent_dim, 128), nn.ReLU(), nn.Linear(128, 784))
    def forward(self, z):
        return torch.distributions.Bernoulli(logits=self.net(z)).probs
""",
        "tanh formula": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(latent_dim, 300), nn.Tanh(), nn.Linear(300, 784))
    def forward(self, z):
        return 0.5 * (torch.tanh(self.net(z) / 2) + 1)
""",
        "transposed convolutions": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.inp = nn.Linear(latent_dim, 16 * 49)
        self.net = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Sigmoid())
    def forward(self, z):
        return self.net(self.inp(z).view(-1, 16, 7, 7)).flatten(1)
""",
        "batch norm and dropout": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(latent_dim, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 784), nn.Sigmoid())
    def forward(self, z):
        return self.net(z)
""",
        "deep": """
def Decoder(latent_dim=32):
    sizes = [latent_dim, 32, 32, 32, 32, 32]
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(32, 784), nn.Sigmoid())
""",
        "one layer": "Decoder = lambda latent_dim=32: nn.Sequential(nn.Linear(latent_dim, 784), nn.Sigmoid())",
    },
    "VAE": {
        "samples in line": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder, self.decoder = Encoder(latent_dim=latent_dim), Decoder(latent_dim=latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = mu + torch.randn_like(mu) * logvar.mul(0.5).exp()
        return self.decoder(z), mu, logvar
""",
        "rsample": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        q = torch.distributions.Normal(mu, (logvar / 2).exp())
        return self.decoder(q.rsample()), mu, logvar
""",
        "own method": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def reparameterize(self, mu, logvar):
        return mu + torch.exp(logvar / 2) * torch.randn(mu.shape)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        return self.decoder(self.reparameterize(mu, logvar)), mu, logvar
""",
        "as a list, by encode and decode": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)
    def encode(self, x):
        return self.encoder(x.flatten(1))
    def decode(self, z):
        return self.decoder(z)
    def forward(self, x):
        mu, logvar = self.encode(x)
        return [self.decode(reparameterize(mu, logvar)), mu, logvar]
""",
        "own layers": """
class Heads(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.body, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = torch.relu(self.body(x))
        return self.m(h), self.v(h)
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder = Heads(latent_dim)
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid())
    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(logvar)
        return self.decoder(z), mu, logvar
""",
        "own layers with batch norm and dropout": """
class Heads(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(784, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3))
        self.out = nn.Linear(64, 2 * latent_dim)
    def forward(self, x):
        return self.out(self.body(x)).chunk(2, 1)
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder = Heads(latent_dim)
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 784), nn.Sigmoid())
    def forward(self, x):
        mu, logvar = self.encoder(x)
        return self.decoder(reparameterize(mu, logvar)), mu, logvar
""",
        "parts as methods": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.m, self.v, self.up = nn.Linear(784, latent_dim), nn.Linear(784, latent_dim), nn.Linear(latent_dim, 784)
    def encoder(self, x):
        return self.m(x), self.v(x)
    def decoder(self, z):
        return torch.sigmoid(self.up(z))
    def forward(self, x):
        mu, logvar = self.encoder(x)
        return self.decoder(reparameterize(mu, logvar)), mu, logvar
""",
        "compiled": """
class Plain(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        return self.decoder(reparameterize(mu, logvar)), mu, logvar
def VAE(latent_dim=32):
    return torch.compile(Plain(latent_dim))
""",
        "both heads start at zero": """
class Heads(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.body, self.out = nn.Linear(784, 50), nn.Linear(50, 2 * latent_dim)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
    def forward(self, x):
        return self.out(torch.relu(self.body(x))).chunk(2, -1)
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder = Heads(latent_dim)
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 784), nn.Sigmoid())
    def forward(self, x):
        mu, logvar = self.encoder(x.view(-1, 784))
        return self.decoder(reparameterize(mu, logvar)), mu.clone(), logvar.clone()
""",
        "clamps logvar far out": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        logvar = logvar.clamp(-20, 20)
        return self.decoder(reparameterize(mu, logvar)), mu, logvar
""",
        "looks into its parts": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
        assert self.encoder.mu.out_features == self.decoder.net[0].in_features
    def forward(self, x):
        mu, logvar = self.encoder(x)
        return self.decoder(reparameterize(mu, logvar)), mu, logvar
""",
        "goes around the call": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder.forward(x)
        return self.decoder.forward(reparameterize(mu, logvar)), mu, logvar
""",
        "its own generator": """
generator = torch.Generator()
generator.seed()
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        eps = torch.randn(mu.shape, generator=generator)
        return self.decoder(mu + eps * torch.exp(logvar / 2)), mu, logvar
""",
        "its own generator, and a spare layer": """
generator = torch.Generator()
generator.seed()
class Heads(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.spare, self.out = nn.Linear(3, 3), nn.Linear(784, 2 * latent_dim)
    def forward(self, x):
        return self.out(x).chunk(2, 1)
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder = Heads(latent_dim)
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 784), nn.Sigmoid())
    def forward(self, x):
        mu, logvar = self.encoder(x)
        eps = torch.randn(mu.shape, generator=generator)
        return self.decoder(mu + eps * torch.exp(logvar / 2)), mu, logvar
""",
        "row by row": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = torch.stack([m + torch.exp(v / 2) * torch.randn(len(m)) for m, v in zip(mu, logvar)])
        return self.decoder(z), mu, logvar
""",
        "decoder by keyword": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        return (self.decoder(z) if (z := torch.normal(0.0, 1.0, mu.shape) * (logvar / 2).exp() + mu) is not None else None), mu, logvar
""",
        "reconstructs through nn.Sequential's forward": """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder = Encoder(latent_dim)
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 40), nn.ReLU(), nn.Linear(40, 784), nn.Sigmoid())
    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = reparameterize(mu, logvar)
        for layer in self.decoder:
            z = layer(z)
        return z, mu, logvar
""",
    },
}
