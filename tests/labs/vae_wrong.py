"""Wrong networks of the lab `vae`: none may get full points.

A description is enough for these; those with a name are in the catalogue, `autograder/misconceptions`.
"""

ENCODER = """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.a, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)
    def forward(self, x):
        {body}
"""
DECODER = """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.a, self.b = nn.Linear(latent_dim, 64), nn.Linear(64, 784)
    def forward(self, z):
        h = F.relu(self.a(z))
        {body}
"""
VAE = """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def forward(self, x):
        mu, logvar = self.encoder(x)
        {body}
"""


def _encoder(returned: str, before: str = "h = F.relu(self.a(x))") -> str:
    return ENCODER.format(body=f"{before}\n        return {returned}")


def _decoder(body: str) -> str:
    return DECODER.format(body=body)


def _vae(*lines: str) -> str:
    return VAE.format(body="\n        ".join(lines))


OUT = "return self.decoder(z), mu, logvar"
WRONG = {
    "Encoder": {
        "logvar of nothing": _encoder("self.m(h), self.v(torch.zeros_like(h))"),
        "only mu": _encoder("self.m(h)"),
        "a dict": _encoder("{'mu': self.m(h), 'logvar': self.v(h)}"),
        "three values": _encoder("self.m(h), self.v(h), h"),
        "stacked": _encoder("torch.stack([self.m(h), self.v(h)])"),
        "not chunked": _encoder("torch.cat([self.m(h), self.v(h)], 1)"),
        "transposed": _encoder("self.m(h).T, self.v(h).T"),
        "float64": _encoder("self.m(h).double(), self.v(h).double()"),
        "logvar one a row": _encoder("self.m(h), self.v(h).mean(1)"),
        "fixed width": _encoder("self.m(h), self.v(h)").replace("64, latent_dim", "64, 32"),
        "log of a relu": _encoder("self.m(h), torch.log(F.relu(self.v(h)))"),
    },
    "Decoder": {
        "images": _decoder("return torch.sigmoid(self.b(h)).view(-1, 28, 28)"),
        "draws pixels": _decoder("return torch.bernoulli(torch.sigmoid(self.b(h)))"),
        "a pair": _decoder("p = torch.sigmoid(self.b(h)); return p, p"),
    },
    "VAE": {
        "returns z": _vae("z = reparameterize(mu, logvar)", "return self.decoder(z), mu, logvar, z"),
        "returns the picture only": _vae("return self.decoder(reparameterize(mu, logvar))"),
        "another order": _vae("return mu, logvar, self.decoder(reparameterize(mu, logvar))"),
        "rounded": _vae("return self.decoder(reparameterize(mu, logvar)).round(), mu, logvar"),
        "returns its input, mu and logvar zero": _vae("return x, 0 * mu, 0 * logvar"),
        "fixed width": _vae("return self.decoder(reparameterize(mu, logvar)), mu, logvar").replace("Encoder(latent_dim), Decoder(latent_dim)", "Encoder(32), Decoder(32)"),
    },
}  # fmt: skip
