"""Wrong implementations of the components of the lab `ae`: none may get full points.

A description is enough for these; those with a name are in the catalogue, `autograder/misconceptions`.
"""

ENCODER = """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.a, self.b = nn.Linear(784, 64), nn.Linear(64, latent_dim)
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
AUTOENCODER = """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder({encoder}), Decoder({decoder})
    def forward(self, x):
        {body}
"""
STEP = """
def train_step(model, optimizer, x):
    {body}
"""


def _encoder(body: str) -> str:
    return ENCODER.format(body=body)


def _decoder(body: str) -> str:
    return DECODER.format(body=body)


def _autoencoder(body: str, encoder: str = "latent_dim", decoder: str = "latent_dim") -> str:
    return AUTOENCODER.format(body=body, encoder=encoder, decoder=decoder)


def _step(*lines: str) -> str:
    return STEP.format(body="\n    ".join(lines))


LOSS = "loss = reconstruction_loss(model(x), x)"
WRONG = {
    "Encoder": {
        "wrong width": ENCODER.format(body="return self.b(F.relu(self.a(x)))").replace("64, latent_dim", "64, 32"),
        "transposed": _encoder("return self.b(F.relu(self.a(x))).T"),
        "extra dimension": _encoder("return self.b(F.relu(self.a(x))).unsqueeze(1)"),
        "ignores all": _encoder("return self.b(F.relu(self.a(torch.zeros_like(x))))"),
        "thresholds": _encoder("return self.b(F.relu(self.a((x > 0.5).float())))"),
        "float64": _encoder("return self.b(F.relu(self.a(x))).double()"),
        "returns a tuple": _encoder("h = self.b(F.relu(self.a(x))); return h, h"),
        "returns nothing": _encoder("self.b(F.relu(self.a(x)))"),
        "not a number": _encoder("return self.b(F.relu(self.a(x))) / 0"),
        "not a module": "def Encoder(latent_dim=32):\n    return lambda x: x[:, :latent_dim]",
        "no argument": _encoder("return self.b(F.relu(self.a(x)))").replace("self, latent_dim=32", "self").replace("latent_dim", "32"),
    },
    "Decoder": {
        "images": _decoder("return torch.sigmoid(self.b(h)).view(-1, 28, 28)"),
        "log": _decoder("return F.logsigmoid(self.b(h))"),
        "rounded": _decoder("return torch.sigmoid(self.b(h)).round()"),
    },
    "AutoEncoder": {
        "identity": _autoencoder("return x"),
        "returns code too": _autoencoder("z = self.encoder(x); return self.decoder(z), z"),
        "noise": _autoencoder("z = self.encoder(x); return self.decoder(z + torch.randn_like(z))"),
        "fixed width": _autoencoder("return self.decoder(self.encoder(x))", "32", "32"),
        "encoder only": _autoencoder("return self.encoder(x)"),
        "reconstructs zeros": _autoencoder("return self.decoder(self.encoder(torch.zeros_like(x)))"),
        "another decoder": _autoencoder("return Decoder(self.encoder(x).shape[1])(self.encoder(x))"),
    },
    "reconstruction_loss": {
        "a float": "def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x).item()",
        "one in a row": "def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x).reshape(1)",
        "bright pixels only": "def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2 * (x > 0)).sum() / x.numel()",
        "weighted": "def reconstruction_loss(x_hat, x):\n    return ((1 + x) * (x_hat - x) ** 2).mean()",
        "against itself": "def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x_hat)",
        "broadcasts": "def reconstruction_loss(x_hat, x):\n    return ((x_hat[:, None] - x[None]) ** 2).mean()",
        "batch of 128": "def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2).sum() / (128 * 784)",
        "zero gradient": "def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x).detach() + 0 * x_hat.sum()",
        "arguments missing": "def reconstruction_loss(x):\n    return (x ** 2).mean()",
    },
    "train_step": {
        "returns nothing": _step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()"),
        "freezes": _step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "for p in model.parameters(): p.requires_grad_(False)", "return loss.item()"),
        "half the batch": _step("model.train()", "optimizer.zero_grad()", "loss = reconstruction_loss(model(x[: len(x) // 2]), x[: len(x) // 2])", "loss.backward()", "optimizer.step()", "return loss.item()"),
        "noisy input": _step("model.train()", "optimizer.zero_grad()", "loss = reconstruction_loss(model(x + 0.3 * torch.randn_like(x)), x)", "loss.backward()", "optimizer.step()", "return loss.item()"),
        "wrong target": _step("model.train()", "optimizer.zero_grad()", "loss = reconstruction_loss(model(x), 1 - x)", "loss.backward()", "optimizer.step()", "return loss.item()"),
    },
    "evaluate": {
        "sum": "def evaluate(model, x):\n    m = model.training\n    model.eval()\n    with torch.no_grad():\n        v = reconstruction_loss(model(x), x).item() * len(x)\n    model.train(m)\n    return v",
        "first ones": "def evaluate(model, x):\n    m = model.training\n    model.eval()\n    with torch.no_grad():\n        v = reconstruction_loss(model(x[:3]), x[:3]).item()\n    model.train(m)\n    return v",
        "zero": "def evaluate(model, x):\n    return 0.0",
    },
    "interpolate": {
        "one more": "def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps + 1)[:, None]\n    return model.decoder(a + t * (b - a))",
        "codes": "def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps)[:, None]\n    return a + t * (b - a)",
        "extra axis": "def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps)[:, None]\n    return model.decoder(a + t * (b - a))[:, None]",
        "eased": "def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps)[:, None] ** 3\n    return model.decoder(a + t * (b - a))",
        "always five": "def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, 5)[:, None]\n    return model.decoder(a + t * (b - a))",
    },
}  # fmt: skip
