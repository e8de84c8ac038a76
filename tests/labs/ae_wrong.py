"""Wrong implementations of the components of the lab `ae`: none may get full points.

Each is (source, name of the misconception that must be told, or None where a description is enough).
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
        "relu on the code": (_encoder("return F.relu(self.b(F.relu(self.a(x))))"), "activation-on-code"),
        "tanh on the code": (_encoder("return torch.tanh(self.b(F.relu(self.a(x))))"), "activation-on-code"),
        "sigmoid on the code": (_encoder("return torch.sigmoid(self.b(F.relu(self.a(x))))"), "activation-on-code"),
        "softplus on the code": (_encoder("return F.softplus(self.b(F.relu(self.a(x))))"), "activation-on-code"),
        "leaky relu on the code": (_encoder("return F.leaky_relu(self.b(F.relu(self.a(x))))"), "activation-on-code"),
        "elu on the code": (_encoder("return F.elu(self.b(F.relu(self.a(x))))"), "activation-on-code"),
        "absolute code": (_encoder("return self.b(F.relu(self.a(x))).abs()"), "activation-on-code"),
        "wrong width": (ENCODER.format(body="return self.b(F.relu(self.a(x)))").replace("64, latent_dim", "64, 32"), None),
        "transposed": (_encoder("return self.b(F.relu(self.a(x))).T"), None),
        "extra dimension": (_encoder("return self.b(F.relu(self.a(x))).unsqueeze(1)"), None),
        "detached": (_encoder("return self.b(F.relu(self.a(x)).detach())"), "graph-cut"),
        "data": (_encoder("return self.b(F.relu(self.a(x)).data)"), "graph-cut"),
        "no_grad": (_encoder("with torch.no_grad():\n            return self.b(F.relu(self.a(x)))"), "graph-cut"),
        "dropout in eval mode": (_encoder("return self.b(F.dropout(F.relu(self.a(x)), 0.5))"), "random-in-eval-mode"),
        "batch statistics": (_encoder("h = self.a(x - x.mean(0)); return self.b(F.relu(h))"), "rows-mixed"),
        "softmax over the batch": (_encoder("return self.b(F.softmax(self.a(x), dim=0))"), "rows-mixed"),
        "ignores half": (_encoder("x = x.clone(); x[:, 392:] = 0; return self.b(F.relu(self.a(x)))"), "input-ignored"),
        "ignores all": (_encoder("return self.b(F.relu(self.a(torch.zeros_like(x))))"), None),
        "thresholds": (_encoder("return self.b(F.relu(self.a((x > 0.5).float())))"), None),
        "float64": (_encoder("return self.b(F.relu(self.a(x))).double()"), None),
        "returns a tuple": (_encoder("h = self.b(F.relu(self.a(x))); return h, h"), None),
        "returns nothing": (_encoder("self.b(F.relu(self.a(x)))"), None),
        "not a number": (_encoder("return self.b(F.relu(self.a(x))) / 0"), None),
        "scaled by the brightest of the batch": (_encoder("return self.b(F.relu(self.a(x / x.max())))"), "rows-mixed"),
        "changes its input": (_encoder("x.mul_(2); return self.b(F.relu(self.a(x)))"), "input-modified"),
        "reseeds": (_encoder("return self.b(F.relu(self.a(x)))").replace("super()", "torch.manual_seed(0); super()"), "reseeds-global-state"),
        "a plain list of layers": ("""
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.layers = [nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, latent_dim)]
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
""", "layers-not-registered"),
        "not a module": ("def Encoder(latent_dim=32):\n    return lambda x: x[:, :latent_dim]", None),
        "numpy": (_encoder("return torch.from_numpy(self.b(F.relu(self.a(x))).detach().numpy())"), "graph-cut"),
        "no argument": (_encoder("return self.b(F.relu(self.a(x)))").replace("self, latent_dim=32", "self").replace("latent_dim", "32"), None),
    },
    "Decoder": {
        "no sigmoid": (_decoder("return self.b(h)"), "no-sigmoid-on-pixels"),
        "relu": (_decoder("return F.relu(self.b(h))"), "no-sigmoid-on-pixels"),
        "tanh": (_decoder("return torch.tanh(self.b(h))"), "tanh-on-pixels"),
        "sigmoid twice": (_decoder("return torch.sigmoid(torch.sigmoid(self.b(h)))"), "sigmoid-twice"),
        "sigmoid after relu": (_decoder("return torch.sigmoid(F.relu(self.b(h)))"), "range-not-reached"),
        "softmax": (_decoder("return F.softmax(self.b(h), dim=1)"), "range-not-reached"),
        "clamped": (_decoder("return self.b(h).clamp(0, 1)"), "clamp-instead-of-sigmoid"),
        "images": (_decoder("return torch.sigmoid(self.b(h)).view(-1, 28, 28)"), None),
        "log": (_decoder("return F.logsigmoid(self.b(h))"), None),
        "detached": (_decoder("return torch.sigmoid(self.b(h.detach()))"), "graph-cut"),
        "uses one latent": (_decoder("return torch.sigmoid(self.b(F.relu(self.a(z[:, :1].expand_as(z)))))"), "input-ignored"),
        "rounded": (_decoder("return torch.sigmoid(self.b(h)).round()"), None),
        "rounded, gradient kept": (_decoder("y = torch.sigmoid(self.b(h)); return (y > 0.5).float() + y - y.detach()"), "output-rounded"),
        "sigmoid in eval mode only": (_decoder("y = self.b(h); return y if self.training else torch.sigmoid(y)"), "no-sigmoid-on-pixels"),
    },
    "AutoEncoder": {
        "identity": (_autoencoder("return x"), None),
        "returns code too": (_autoencoder("z = self.encoder(x); return self.decoder(z), z"), None),
        "detached code": (_autoencoder("return self.decoder(self.encoder(x).detach())"), "graph-cut"),
        "skip connection": (_autoencoder("return 0.5 * self.decoder(self.encoder(x)) + 0.5 * x"), "forward-is-not-the-composition"),
        "noise": (_autoencoder("z = self.encoder(x); return self.decoder(z + torch.randn_like(z))"), None),
        "sigmoid again": (_autoencoder("return torch.sigmoid(self.decoder(self.encoder(x)))"), "forward-is-not-the-composition"),
        "relu on the code": (_autoencoder("return self.decoder(torch.relu(self.encoder(x)))"), "forward-is-not-the-composition"),
        "fixed width": (_autoencoder("return self.decoder(self.encoder(x))", "32", "32"), None),
        "other names": (_autoencoder("return self.dec(self.enc(x))").replace("self.encoder, self.decoder", "self.enc, self.dec"), "parts-not-named"),
        "encoder only": (_autoencoder("return self.encoder(x)"), None),
        "reconstructs zeros": (_autoencoder("return self.decoder(self.encoder(torch.zeros_like(x)))"), None),
        "another decoder": (_autoencoder("return Decoder(self.encoder(x).shape[1])(self.encoder(x))"), None),
    },
    "reconstruction_loss": {
        "sum": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x, reduction='sum')", "mse-summed"),
        "sum over pixels": ("def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2).sum(1).mean()", "mse-summed-over-pixels"),
        "sum over batch": ("def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2).mean(1).sum()", "mse-summed-over-batch"),
        "half": ("def reconstruction_loss(x_hat, x):\n    return 0.5 * F.mse_loss(x_hat, x)", "mse-halved"),
        "root": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x).sqrt()", "root-of-mse"),
        "absolute": ("def reconstruction_loss(x_hat, x):\n    return F.l1_loss(x_hat, x)", "absolute-error"),
        "smooth": ("def reconstruction_loss(x_hat, x):\n    return F.smooth_l1_loss(x_hat, x)", "mse-halved"),
        "cross entropy": ("def reconstruction_loss(x_hat, x):\n    return F.binary_cross_entropy(x_hat, x)", "bce-instead-of-mse"),
        "square of mean": ("def reconstruction_loss(x_hat, x):\n    return (x_hat - x).mean() ** 2", "square-of-mean-error"),
        "not squared": ("def reconstruction_loss(x_hat, x):\n    return (x_hat - x).mean()", "error-not-squared"),
        "negative": ("def reconstruction_loss(x_hat, x):\n    return -F.mse_loss(x_hat, x)", "mse-negated"),
        "detached": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat.detach(), x)", "graph-cut"),
        "a float": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x).item()", None),
        "one in a row": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x).reshape(1)", None),
        "bright pixels only": ("def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2 * (x > 0)).sum() / x.numel()", None),
        "not reduced": ("def reconstruction_loss(x_hat, x):\n    return (x_hat - x) ** 2", "loss-not-reduced"),
        "one a digit": ("def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2).mean(1)", "loss-not-reduced"),
        "three times": ("def reconstruction_loss(x_hat, x):\n    return 3 * F.mse_loss(x_hat, x)", "constant-factor"),
        "a constant more": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x) + 0.01", None),
        "weighted": ("def reconstruction_loss(x_hat, x):\n    return ((1 + x) * (x_hat - x) ** 2).mean()", None),
        "first row": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat[0], x[0])", "first-row-only"),
        "against itself": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x_hat)", None),
        "broadcasts": ("def reconstruction_loss(x_hat, x):\n    return ((x_hat[:, None] - x[None]) ** 2).mean()", None),
        "batch of 128": ("def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2).sum() / (128 * 784)", None),
        "zero gradient": ("def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x).detach() + 0 * x_hat.sum()", None),
        "arguments missing": ("def reconstruction_loss(x):\n    return (x ** 2).mean()", None),
    },
    "train_step": {
        "no zero_grad": (_step("model.train()", LOSS, "loss.backward()", "optimizer.step()", "return loss.item()"), "zero-grad-missing"),
        "no step": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "return loss.item()"), "no-update"),
        "no backward": (_step("model.train()", "optimizer.zero_grad()", LOSS, "optimizer.step()", "return loss.item()"), "no-update"),
        "stays in eval mode": (_step("optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "return loss.item()"), "step-in-eval-mode"),
        "step before backward": (_step("model.train()", "optimizer.zero_grad()", LOSS, "optimizer.step()", "loss.backward()", "return loss.item()"), None),
        "zero after backward": (_step("model.train()", LOSS, "loss.backward()", "optimizer.zero_grad()", "optimizer.step()", "return loss.item()"), "no-update"),
        "uphill": (_step("model.train()", "optimizer.zero_grad()", LOSS, "(-loss).backward()", "optimizer.step()", "return loss.item()"), "gradient-ascent"),
        "twice": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "optimizer.step()", "return loss.item()"), "step-taken-twice"),
        "clipped": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "nn.utils.clip_grad_norm_(model.parameters(), 1.0)", "optimizer.step()", "return loss.item()"), "gradient-clipped"),
        "code detached": (_step("model.train()", "optimizer.zero_grad()", "loss = reconstruction_loss(model.decoder(model.encoder(x).detach()), x)", "loss.backward()", "optimizer.step()", "return loss.item()"), "encoder-not-trained"),
        "loss after": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "return reconstruction_loss(model(x), x).item()"), "loss-after-update"),
        "keeps the graph": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "return loss"), "loss-keeps-graph"),
        "returns nothing": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()"), None),
        "times the batch": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "return loss.item() * len(x)"), "loss-times-batch"),
        "own optimiser": (_step("model.train()", "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "return loss.item()"), None),
        "changes the rate": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "optimizer.param_groups[0]['lr'] *= 0.9", "return loss.item()"), "optimizer-changed"),
        "weights by the sum": (_step("model.train()", "optimizer.zero_grad()", LOSS, "(loss * 784).backward()", "optimizer.step()", "return loss.item()"), None),
        "freezes": (_step("model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "for p in model.parameters(): p.requires_grad_(False)", "return loss.item()"), None),
        "half the batch": (_step("model.train()", "optimizer.zero_grad()", "loss = reconstruction_loss(model(x[: len(x) // 2]), x[: len(x) // 2])", "loss.backward()", "optimizer.step()", "return loss.item()"), None),
        "noisy input": (_step("model.train()", "optimizer.zero_grad()", "loss = reconstruction_loss(model(x + 0.3 * torch.randn_like(x)), x)", "loss.backward()", "optimizer.step()", "return loss.item()"), None),
        "reseeds": (_step("torch.manual_seed(1)", "model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "return loss.item()"), "reseeds-global-state"),
        "wrong target": (_step("model.train()", "optimizer.zero_grad()", "loss = reconstruction_loss(model(x), 1 - x)", "loss.backward()", "optimizer.step()", "return loss.item()"), None),
        "forgets the momentum": (_step("optimizer.state.clear()", "model.train()", "optimizer.zero_grad()", LOSS, "loss.backward()", "optimizer.step()", "return loss.item()"), "carried-over"),
        "does nothing": (_step("return float(((model(x) - x) ** 2).mean())"), "no-update"),
    },
    "evaluate": {
        "train mode": ("def evaluate(model, x):\n    model.train()\n    with torch.no_grad():\n        return reconstruction_loss(model(x), x).item()", None),
        "mode as it comes": ("def evaluate(model, x):\n    with torch.no_grad():\n        return reconstruction_loss(model(x), x).item()", None),
        "left in eval": ("def evaluate(model, x):\n    model.eval()\n    with torch.no_grad():\n        return reconstruction_loss(model(x), x).item()", "mode-not-restored"),
        "always back to train": ("def evaluate(model, x):\n    model.eval()\n    with torch.no_grad():\n        v = reconstruction_loss(model(x), x).item()\n    model.train()\n    return v", "mode-not-restored"),
        "gradients": ("def evaluate(model, x):\n    m = model.training\n    model.eval()\n    v = reconstruction_loss(model(x), x).item()\n    model.train(m)\n    return v", "evaluate-records-graph"),
        "backward": ("def evaluate(model, x):\n    m = model.training\n    model.eval()\n    loss = reconstruction_loss(model(x), x)\n    loss.backward()\n    model.train(m)\n    return loss.item()", "evaluate-records-graph"),
        "gradients left off": ("def evaluate(model, x):\n    torch.set_grad_enabled(False)\n    m = model.training\n    model.eval()\n    v = reconstruction_loss(model(x), x).item()\n    model.train(m)\n    return v", "grad-mode-left-off"),
        "passes in train mode first": ("def evaluate(model, x):\n    m = model.training\n    with torch.no_grad():\n        model.train()(x)\n        v = reconstruction_loss(model.eval()(x), x).item()\n    model.train(m)\n    return v", "evaluate-trains"),
        "reseeds": ("def evaluate(model, x):\n    torch.manual_seed(0)\n    m = model.training\n    model.eval()\n    with torch.no_grad():\n        v = reconstruction_loss(model(x), x).item()\n    model.train(m)\n    return v", "reseeds-global-state"),
        "trains": ("def evaluate(model, x):\n    m = model.training\n    model.eval()\n    with torch.no_grad():\n        v = reconstruction_loss(model(x), x).item()\n        for p in model.parameters():\n            p.mul_(0.99)\n    model.train(m)\n    return v", "evaluate-trains"),
        "freezes": ("def evaluate(model, x):\n    m = model.training\n    model.eval()\n    with torch.no_grad():\n        v = reconstruction_loss(model(x), x).item()\n    model.requires_grad_(False)\n    model.train(m)\n    return v", "requires-grad-changed"),
        "sum": ("def evaluate(model, x):\n    m = model.training\n    model.eval()\n    with torch.no_grad():\n        v = reconstruction_loss(model(x), x).item() * len(x)\n    model.train(m)\n    return v", None),
        "first ones": ("def evaluate(model, x):\n    m = model.training\n    model.eval()\n    with torch.no_grad():\n        v = reconstruction_loss(model(x[:3]), x[:3]).item()\n    model.train(m)\n    return v", None),
        "zero": ("def evaluate(model, x):\n    return 0.0", None),
    },
    "interpolate": {
        "pixels": ("def interpolate(model, x_start, x_end, steps):\n    t = torch.linspace(0, 1, steps)[:, None]\n    return model((1 - t) * x_start + t * x_end)", "interpolates-pixels"),
        "plain pixels": ("def interpolate(model, x_start, x_end, steps):\n    t = torch.linspace(0, 1, steps)[:, None]\n    return (1 - t) * x_start + t * x_end", "interpolates-pixels"),
        "no end": ("def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = (torch.arange(steps) / steps)[:, None]\n    return model.decoder(a + t * (b - a))", "end-left-out"),
        "one more": ("def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps + 1)[:, None]\n    return model.decoder(a + t * (b - a))", None),
        "backwards": ("def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps)[:, None]\n    return model.decoder(t * a + (1 - t) * b)", "interpolates-backwards"),
        "codes": ("def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps)[:, None]\n    return a + t * (b - a)", None),
        "extra axis": ("def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps)[:, None]\n    return model.decoder(a + t * (b - a))[:, None]", None),
        "sphere": ("""
def interpolate(model, x_start, x_end, steps):
    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])
    w = torch.acos(F.cosine_similarity(a, b))
    t = torch.linspace(0, 1, steps)[:, None]
    return model.decoder((torch.sin((1 - t) * w) * a + torch.sin(t * w) * b) / torch.sin(w))
""", "interpolates-on-the-sphere"),
        "eased": ("def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, steps)[:, None] ** 3\n    return model.decoder(a + t * (b - a))", None),
        "always five": ("def interpolate(model, x_start, x_end, steps):\n    a, b = model.encoder(x_start[None]), model.encoder(x_end[None])\n    t = torch.linspace(0, 1, 5)[:, None]\n    return model.decoder(a + t * (b - a))", None),
    },
}  # fmt: skip
