"""Wrong networks of the lab `vae`: none may get full points.

Each is (source, name of the misconception that must be told, or None where a description is enough).
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
        "one head twice": (_encoder("self.m(h), self.m(h)"), "one-head"),
        "mean used as logvar, scaled": (_encoder("(mu := self.m(h)), 2 * mu + 1"), "one-head"),
        "minus the mean": (_encoder("(mu := self.m(h)), -mu"), "one-head"),
        "relu on logvar": (_encoder("self.m(h), F.relu(self.v(h))"), "activation-on-logvar"),
        "softplus on logvar": (_encoder("self.m(h), F.softplus(self.v(h))"), "activation-on-logvar"),
        "exp of logvar": (_encoder("self.m(h), torch.exp(self.v(h))"), "activation-on-logvar"),
        "sigma for logvar": (_encoder("self.m(h), torch.exp(0.5 * self.v(h))"), "activation-on-logvar"),
        "sigmoid on logvar": (_encoder("self.m(h), torch.sigmoid(self.v(h))"), "activation-on-logvar"),
        "tanh on logvar": (_encoder("self.m(h), torch.tanh(self.v(h))"), "activation-on-logvar"),
        "logsigmoid on logvar": (_encoder("self.m(h), F.logsigmoid(self.v(h))"), "activation-on-logvar"),
        "abs of logvar": (_encoder("self.m(h), self.v(h).abs()"), "activation-on-logvar"),
        "leaky relu on logvar": (_encoder("self.m(h), F.leaky_relu(self.v(h))"), "activation-on-logvar"),
        "elu on logvar": (_encoder("self.m(h), F.elu(self.v(h))"), "activation-on-logvar"),
        "gelu on logvar": (_encoder("self.m(h), F.gelu(self.v(h))"), "activation-on-logvar"),
        "logvar clamped at 1": (_encoder("self.m(h), self.v(h).clamp(-1, 1)"), "activation-on-logvar"),
        "logvar clamped at 4": (_encoder("self.m(h), self.v(h).clamp(-4, 4)"), "activation-on-logvar"),
        "logvar clamped at 2 above": (_encoder("self.m(h), self.v(h).clamp(-20, 2)"), "activation-on-logvar"),
        "logvar clamped at 0 above": (_encoder("self.m(h), self.v(h).clamp(-20, 0)"), "activation-on-logvar"),
        "relu on mu": (_encoder("F.relu(self.m(h)), self.v(h)"), "activation-on-mu"),
        "tanh on mu": (_encoder("torch.tanh(self.m(h)), self.v(h)"), "activation-on-mu"),
        "sigmoid on mu": (_encoder("torch.sigmoid(self.m(h)), self.v(h)"), "activation-on-mu"),
        "softplus on mu": (_encoder("F.softplus(self.m(h)), self.v(h)"), "activation-on-mu"),
        "leaky relu on mu": (_encoder("F.leaky_relu(self.m(h)), self.v(h)"), "activation-on-mu"),
        "relu on both": (_encoder("F.relu(self.m(h)), F.relu(self.v(h))"), "activation-on-mu"),
        "logvar of nothing": (_encoder("self.m(h), self.v(torch.zeros_like(h))"), None),
        "logvar a constant": (_encoder("self.m(h), torch.zeros_like(self.v(h)) + self.v.bias"), "input-ignored"),
        "logvar detached": (_encoder("self.m(h), self.v(h).detach()"), "graph-cut"),
        "logvar from detached features": (_encoder("self.m(h), self.v(h.detach())"), "graph-cut"),
        "mu from detached features": (_encoder("self.m(h.detach()), self.v(h)"), "graph-cut"),
        "all without gradients": (_encoder("self.m(h), self.v(h)", "with torch.no_grad(): h = F.relu(self.a(x))"), "graph-cut"),
        "logvar from half of the digit": (_encoder("self.m(h), self.v(F.relu(self.a(torch.cat([x[:, :392], 0 * x[:, 392:]], 1))))"), "input-ignored"),
        "only mu": (_encoder("self.m(h)"), None),
        "a dict": (_encoder("{'mu': self.m(h), 'logvar': self.v(h)}"), None),
        "three values": (_encoder("self.m(h), self.v(h), h"), None),
        "samples already": (_encoder("mu + torch.exp(v / 2) * torch.randn_like(mu), v", "h = F.relu(self.a(x)); mu, v = self.m(h), self.v(h)"), "random-in-eval-mode"),
        "stacked": (_encoder("torch.stack([self.m(h), self.v(h)])"), None),
        "not chunked": (_encoder("torch.cat([self.m(h), self.v(h)], 1)"), None),
        "transposed": (_encoder("self.m(h).T, self.v(h).T"), None),
        "float64": (_encoder("self.m(h).double(), self.v(h).double()"), None),
        "logvar one a row": (_encoder("self.m(h), self.v(h).mean(1)"), None),
        "fixed width": (_encoder("self.m(h), self.v(h)").replace("64, latent_dim", "64, 32"), None),
        "dropout in eval mode": (_encoder("self.m(h), self.v(h)", "h = F.dropout(F.relu(self.a(x)), 0.5)"), "random-in-eval-mode"),
        "batch statistics": (_encoder("self.m(h), self.v(h)", "h = F.relu(self.a(x - x.mean(0)))"), "rows-mixed"),
        "logvar over the batch": (_encoder("self.m(h), self.v(h) - self.v(h).mean(0)"), "rows-mixed"),
        "changes its input": (_encoder("self.m(h), self.v(h)", "x.mul_(2); h = F.relu(self.a(x))"), "input-modified"),
        "reseeds": (_encoder("self.m(h), self.v(h)").replace("super()", "torch.manual_seed(0); super()"), "reseeds-global-state"),
        "a list of layers": (_encoder("self.layers[1](h), self.layers[2](h)", "h = F.relu(self.layers[0](x))").replace("self.a, self.m, self.v = nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)", "self.layers = [nn.Linear(784, 64), nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)]"), "layers-not-registered"),
        "log of a relu": (_encoder("self.m(h), torch.log(F.relu(self.v(h)))"), None),
    },
    "Decoder": {
        "no sigmoid": (_decoder("return self.b(h)"), "no-sigmoid-on-pixels"),
        "relu": (_decoder("return F.relu(self.b(h))"), "no-sigmoid-on-pixels"),
        "tanh": (_decoder("return torch.tanh(self.b(h))"), "tanh-on-pixels"),
        "sigmoid twice": (_decoder("return torch.sigmoid(torch.sigmoid(self.b(h)))"), "sigmoid-twice"),
        "softmax": (_decoder("return F.softmax(self.b(h), dim=1)"), "range-not-reached"),
        "clamped": (_decoder("return self.b(h).clamp(0, 1)"), "clamp-instead-of-sigmoid"),
        "images": (_decoder("return torch.sigmoid(self.b(h)).view(-1, 28, 28)"), None),
        "detached": (_decoder("return torch.sigmoid(self.b(h.detach()))"), "graph-cut"),
        "draws pixels": (_decoder("return torch.bernoulli(torch.sigmoid(self.b(h)))"), None),
        "draws pixels, gradient kept": (_decoder("p = torch.sigmoid(self.b(h)); return torch.bernoulli(p).detach() + p - p.detach()"), "random-in-eval-mode"),
        "adds noise": (_decoder("return torch.sigmoid(self.b(h + torch.randn_like(h)))"), "random-in-eval-mode"),
        "uses one latent": (_decoder("return torch.sigmoid(self.b(F.relu(self.a(z[:, :1].expand_as(z)))))"), "input-ignored"),
        "a pair": (_decoder("p = torch.sigmoid(self.b(h)); return p, p"), None),
    },
    "VAE": {
        "mean to the decoder": (_vae("return self.decoder(mu), mu, logvar"), "decoder-fed-the-mean"),
        "mean in eval mode": (_vae("z = reparameterize(mu, logvar) if self.training else mu", OUT), "decoder-fed-the-mean"),
        "mean in train mode": (_vae("z = mu if self.training else reparameterize(mu, logvar)", OUT), "decoder-fed-the-mean"),
        "mu plus sigma in eval mode": (_vae("z = reparameterize(mu, logvar) if self.training else mu + torch.exp(logvar / 2)", OUT), "eps-missing"),
        "z detached": (_vae("z = reparameterize(mu, logvar).detach()", OUT), "graph-cut"),
        "sample without gradient": (_vae("z = torch.distributions.Normal(mu, torch.exp(logvar / 2)).sample()", OUT), "graph-cut"),
        "mu detached in z": (_vae("z = reparameterize(mu.detach(), logvar)", OUT), "graph-cut"),
        "logvar detached in z": (_vae("z = reparameterize(mu, logvar.detach())", OUT), "graph-cut"),
        "sigma squared": (_vae("z = mu + torch.exp(logvar) * torch.randn_like(mu)", OUT), "std-is-variance"),
        "logvar times noise": (_vae("z = mu + logvar * torch.randn_like(mu)", OUT), "std-is-logvar"),
        "no sigma": (_vae("z = mu + torch.randn_like(mu)", OUT), "std-missing"),
        "uniform noise": (_vae("z = mu + torch.exp(logvar / 2) * torch.rand_like(mu)", OUT), "noise-uniform"),
        "one noise for all rows": (_vae("z = mu + torch.exp(logvar / 2) * torch.randn(mu.shape[1])", OUT), "noise-shared-by-rows"),
        "one noise for all dims": (_vae("z = mu + torch.exp(logvar / 2) * torch.randn(len(mu), 1)", OUT), "noise-shared-by-dims"),
        "one number": (_vae("z = mu + torch.exp(logvar / 2) * torch.randn(1)", OUT), "noise-shared"),
        "mu and logvar swapped": (_vae("z = reparameterize(logvar, mu)", OUT), None),
        "same noise each time": (_vae("g = torch.Generator().manual_seed(0)", "z = mu + torch.exp(logvar / 2) * torch.randn(mu.shape, generator=g)", OUT), "noise-not-fresh"),
        "noise made once": (_vae("z = mu + torch.exp(logvar / 2) * self.eps[: len(mu)]", OUT).replace("self.latent_dim = latent_dim", "self.eps = torch.randn(1000, latent_dim)"), "noise-not-fresh"),
        "reseeds": (_vae("torch.manual_seed(3)", "z = reparameterize(mu, logvar)", OUT), None),
        "prior instead of posterior": (_vae("z = torch.randn_like(mu)", OUT), "parameters-ignored"),
        "mean left out": (_vae("z = torch.exp(logvar / 2) * torch.randn_like(mu)", OUT), "mean-left-out"),
        "returns z": (_vae("z = reparameterize(mu, logvar)", "return self.decoder(z), mu, logvar, z"), None),
        "returns the picture only": (_vae("return self.decoder(reparameterize(mu, logvar))"), None),
        "another order": (_vae("return mu, logvar, self.decoder(reparameterize(mu, logvar))"), None),
        "logvar and mu in the wrong order": (_vae("return self.decoder(reparameterize(mu, logvar)), logvar, mu"), "mu-and-logvar-swapped"),
        "returns sigma": (_vae("return self.decoder(reparameterize(mu, logvar)), mu, torch.exp(logvar / 2)"), "parameters-changed"),
        "returns sigma squared": (_vae("return self.decoder(reparameterize(mu, logvar)), mu, logvar.exp()"), "parameters-changed"),
        "returns z for mu": (_vae("z = reparameterize(mu, logvar)", "return self.decoder(z), z, logvar"), None),
        "sigmoid again": (_vae("return torch.sigmoid(self.decoder(reparameterize(mu, logvar))), mu, logvar"), "forward-is-not-the-composition"),
        "rounded": (_vae("return self.decoder(reparameterize(mu, logvar)).round(), mu, logvar"), None),
        "draws pixels": (_vae("return torch.bernoulli(self.decoder(reparameterize(mu, logvar))), mu, logvar"), "forward-is-not-the-composition"),
        "returns its input": (_vae("return x, mu, logvar"), "not-sampled"),
        "returns its input, mu and logvar zero": (_vae("return x, 0 * mu, 0 * logvar"), None),
        "other names": (_vae("mu, logvar = self.enc(x)", "return self.dec(reparameterize(mu, logvar)), mu, logvar").replace("self.encoder, self.decoder", "self.enc, self.dec").replace("mu, logvar = self.encoder(x)", "pass"), "parts-not-named"),
        "fixed width": (_vae("return self.decoder(reparameterize(mu, logvar)), mu, logvar").replace("Encoder(latent_dim), Decoder(latent_dim)", "Encoder(32), Decoder(32)"), None),
        "picture detached": (_vae("return self.decoder(reparameterize(mu, logvar)).detach(), mu, logvar"), "graph-cut"),
        "skip connection": (_vae("return 0.5 * self.decoder(reparameterize(mu, logvar)) + 0.5 * x, mu, logvar"), "forward-is-not-the-composition"),
        "another decoder": (_vae("d = Decoder(mu.shape[1])", "return d(reparameterize(mu, logvar)), mu, logvar"), "forward-is-not-the-composition"),
    },
}  # fmt: skip
