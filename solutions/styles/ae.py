"""Right implementations of the components of the lab `ae`, in many styles. Each must get full points."""

RIGHT = {
    "Encoder": {
        "function": """
def Encoder(latent_dim=32):
    return nn.Sequential(nn.Linear(784, 32), nn.Tanh(), nn.Linear(32, latent_dim))
""",
        "lambda": "Encoder = lambda latent_dim=32: nn.Linear(784, latent_dim)",
        "linear, no bias": """
class Encoder(nn.Linear):
    def __init__(self, latent_dim=32):
        super().__init__(784, latent_dim, bias=False)
""",
        "deep and narrow": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32, width=32, depth=6):
        super().__init__()
        layers = [nn.Linear(784, width), nn.ReLU()]
        for _ in range(depth):
            layers += [nn.Linear(width, width), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(width, latent_dim))
    def forward(self, x):
        return self.layers(x)
""",
        "wide": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(784, 2048), nn.Linear(2048, 512), nn.Linear(512, latent_dim)
    def forward(self, x):
        return self.c(F.gelu(self.b(F.leaky_relu(self.a(x)))))
""",
        "batch norm": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, latent_dim))
    def forward(self, x):
        return self.net(x)
""",
        "batch norm on the code": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, latent_dim), nn.BatchNorm1d(latent_dim))
    def forward(self, x):
        return self.net(x)
""",
        "layer norm and dropout": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Dropout(0.2), nn.Linear(784, 128), nn.LayerNorm(128), nn.SiLU(),
                                 nn.Dropout(0.5), nn.Linear(128, latent_dim))
    def forward(self, x):
        return self.net(x)
""",
        "convolutional": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU())
        self.out = nn.Linear(16 * 49, latent_dim)
    def forward(self, x):
        return self.out(self.conv(x.view(-1, 1, 28, 28)).flatten(1))
""",
        "strided without padding": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, 2)
        self.out = nn.Linear(4 * 13 * 13, latent_dim)
    def forward(self, x):
        return self.out(torch.relu(self.conv(x.reshape(len(x), 1, 28, 28))).flatten(1))
""",
        "spectral norm": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        norm = nn.utils.parametrizations.spectral_norm
        self.net = nn.Sequential(norm(nn.Linear(784, 64)), nn.ReLU(), norm(nn.Linear(64, latent_dim)))
    def forward(self, x):
        return self.net(x)
""",
        "weight norm, kaiming, prints and warnings": """
import warnings
class Encoder(nn.Module):
    def __init__(self, latent_dim: int = 32) -> None:
        super(Encoder, self).__init__()
        self.fc1 = nn.utils.parametrizations.weight_norm(nn.Linear(784, 100))
        self.fc2 = nn.Linear(100, latent_dim)
        nn.init.kaiming_normal_(self.fc2.weight)
        nn.init.zeros_(self.fc2.bias)
        print("made an encoder")
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        warnings.warn("look")
        h = torch.relu(self.fc1(torch.flatten(x, start_dim=1)))
        print(h.shape)
        return self.fc2(h)
""",
        "own weights by hand": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(784, 50) * 0.05)
        self.b1 = nn.Parameter(torch.zeros(50))
        self.w2 = nn.Parameter(torch.randn(50, latent_dim) * 0.1)
    def forward(self, x):
        return (x @ self.w1 + self.b1).clamp(min=0) @ self.w2
""",
        "a layer that is not used": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.spare = nn.Linear(3, 3)
        self.net = nn.Sequential(nn.Linear(784, 64), nn.ELU(), nn.Linear(64, latent_dim))
    def forward(self, x):
        return self.net(x)
""",
        "partial": """
import functools
def make(width, latent_dim=32):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, width), nn.ReLU(), nn.Linear(width, latent_dim))
Encoder = functools.partial(make, 40)
""",
        "compiled": """
class Plain(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, latent_dim))
    def forward(self, x):
        return self.net(x)
def Encoder(latent_dim=32):
    return torch.compile(Plain(latent_dim))
""",
        "centred input, residual": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.inp, self.mid, self.out = nn.Linear(784, 64), nn.Linear(64, 64), nn.Linear(64, latent_dim)
    def forward(self, x):
        h = torch.relu(self.inp(2 * x - 1))
        h = h + torch.relu(self.mid(h))
        return self.out(h)
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
        "tanh formula": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(latent_dim, 300), nn.Tanh(), nn.Linear(300, 784))
    def forward(self, z):
        return 0.5 * (torch.tanh(self.net(z) / 2) + 1)
""",
        "by hand": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.net = nn.Linear(latent_dim, 784)
    def forward(self, z):
        return 1 / (1 + torch.exp(-self.net(z)))
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
        "last layer starts at zero": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.a, self.b = nn.Linear(latent_dim, 64), nn.Linear(64, 784)
        nn.init.zeros_(self.b.weight)
        nn.init.zeros_(self.b.bias)
    def forward(self, z):
        return torch.sigmoid(self.b(torch.relu(self.a(z))))
""",
        "deep": """
def Decoder(latent_dim=32):
    sizes = [latent_dim, 32, 32, 32, 32, 32]
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(32, 784), nn.Sigmoid())
""",
    },
    "AutoEncoder": {
        "keyword": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder, self.decoder = Encoder(latent_dim=latent_dim), Decoder(latent_dim=latent_dim)
    def forward(self, x):
        z = self.encoder(x)
        x_hat = self.decoder(z)
        return x_hat
""",
        "own layers, no other component": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, latent_dim))
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid())
    def forward(self, x):
        return self.decoder(self.encoder(x.view(x.size(0), -1)))
""",
        "sequential": """
from collections import OrderedDict
def AutoEncoder(latent_dim=32):
    return nn.Sequential(OrderedDict(encoder=Encoder(latent_dim), decoder=Decoder(latent_dim)))
""",
        "parts as methods": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.down, self.up = nn.Linear(784, latent_dim), nn.Linear(latent_dim, 784)
    def encoder(self, x):
        return self.down(x)
    def decoder(self, z):
        return torch.sigmoid(self.up(z))
    def forward(self, x):
        return self.decoder(self.encoder(x))
""",
        "looks into its parts": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)
        self.first = self.encoder.net[0]
    def forward(self, x):
        return self.decoder(self.encoder(x))
""",
    },
    "reconstruction_loss": {
        "mean of squares": "def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2).mean()",
        "module": "mse = nn.MSELoss()\ndef reconstruction_loss(x_hat, x):\n    return mse(x_hat, x)",
        "the module itself": "reconstruction_loss = nn.MSELoss()",
        "sum over numel": "def reconstruction_loss(x_hat, x):\n    return torch.sum((x - x_hat).pow(2)) / x.numel()",
        "mean of means": "def reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2).mean(dim=1).mean()",
        "norm": "def reconstruction_loss(x_hat, x):\n    return torch.linalg.vector_norm(x_hat - x) ** 2 / x.numel()",
        "einsum": "def reconstruction_loss(x_hat, x):\n    d = (x_hat - x).flatten()\n    return torch.dot(d, d) / d.shape[0]",
        "in double": "def reconstruction_loss(x_hat, x):\n    return ((x_hat.double() - x.double()) ** 2).mean().float()",
        "loop": """
def reconstruction_loss(x_hat, x):
    total = 0.0
    for a, b in zip(x_hat, x):
        total = total + ((a - b) ** 2).mean()
    return total / len(x)
""",
        "prints": "def reconstruction_loss(x_hat, x, verbose=False):\n    print('loss!')\n    return F.mse_loss(input=x_hat, target=x, reduction='mean')",
    },
    "train_step": {
        "zero at the end": """
def train_step(model, optimizer, x):
    model.train()
    loss = reconstruction_loss(model(x), x)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss)
""",
        "model zero_grad, detach": """
def train_step(model, optimizer, x):
    model.train()
    x_hat = model(x)
    loss = F.mse_loss(x_hat, x)
    model.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
""",
        "autograd.grad": """
def train_step(model, optimizer, x):
    model.train(True)
    loss = reconstruction_loss(model(x), x)
    params = [p for p in model.parameters() if p.requires_grad]
    for p, g in zip(params, torch.autograd.grad(loss, params)):
        p.grad = g
    optimizer.step()
    return loss.item()
""",
        "closure": """
def train_step(model, optimizer, x):
    model.train()
    def closure():
        optimizer.zero_grad()
        loss = reconstruction_loss(model(x), x)
        loss.backward()
        return loss
    return optimizer.step(closure).item()
""",
        "micro batches": """
def train_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    total = 0.0
    for part in x.split(4):
        loss = reconstruction_loss(model(part), part) * len(part) / len(x)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total
""",
        "through the parts": """
def train_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    z = model.encoder(x)
    loss = ((model.decoder(z) - x) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss.detach().cpu().numpy()
""",
        "numpy scalar, back to eval": """
def train_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    with torch.enable_grad():
        loss = reconstruction_loss(model(x), x)
    loss.backward()
    optimizer.step()
    model.eval()
    return np.float32(loss.item())
""",
        "calls the loss by keyword": """
def train_step(model, optimizer, x, *, scale=1.0):
    model.train()
    optimizer.zero_grad()
    loss = reconstruction_loss(x_hat=model(x), x=x)
    (scale * loss).backward()
    optimizer.step()
    return loss.item()
""",
        "needs its own model": """
def train_step(model, optimizer, x):
    model.train()
    assert model.encoder.net[0].in_features == 784
    optimizer.zero_grad()
    loss = reconstruction_loss(model(x), x)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
    },
    "evaluate": {
        "decorator": """
@torch.no_grad()
def evaluate(model, x):
    mode = model.training
    model.eval()
    loss = reconstruction_loss(model(x), x).item()
    if mode:
        model.train()
    return loss
""",
        "inference mode and finally": """
def evaluate(model, x):
    mode = model.training
    try:
        model.eval()
        with torch.inference_mode():
            return float(F.mse_loss(model(x), x))
    finally:
        model.train(mode)
""",
        "deep copy": """
import copy
def evaluate(model, x):
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        return reconstruction_loss(twin(x), x)
""",
        "mode by module": """
def evaluate(model, x):
    modes = [m.training for m in model.modules()]
    model.eval()
    with torch.no_grad():
        loss = reconstruction_loss(model.decoder(model.encoder(x)), x)
    for m, mode in zip(model.modules(), modes):
        m.training = mode
    return loss
""",
        "in pieces": """
def evaluate(model, x):
    mode = model.training
    model.train(False)
    with torch.no_grad():
        total = sum(((model(p) - p) ** 2).sum().item() for p in x.split(3))
    model.train(mode)
    return total / x.numel()
""",
        "calls set_grad_enabled": """
def evaluate(model, x):
    before, mode = torch.is_grad_enabled(), model.training
    torch.set_grad_enabled(False)
    loss = reconstruction_loss(model.eval()(x), x).item()
    torch.set_grad_enabled(before)
    model.train(mode)
    return loss
""",
    },
    "interpolate": {
        "loop": """
def interpolate(model, x_start, x_end, steps):
    model.eval()
    with torch.no_grad():
        a, b = model.encoder(x_start.unsqueeze(0)), model.encoder(x_end.unsqueeze(0))
        return torch.cat([model.decoder(a + (b - a) * i / (steps - 1)) for i in range(steps)])
""",
        "lerp": """
@torch.no_grad()
def interpolate(model, x_start, x_end, steps):
    za, zb = model.encoder(x_start[None]), model.encoder(x_end[None])
    return model.decoder(torch.lerp(za, zb, torch.linspace(0, 1, steps)[:, None]))
""",
        "stacked rows": """
def interpolate(model, x_start, x_end, steps):
    za = model.encoder(x_start.view(1, 784)).squeeze(0)
    zb = model.encoder(x_end.view(1, 784)).squeeze(0)
    zs = torch.stack([(1 - t) * za + t * zb for t in np.linspace(0, 1, steps).astype(np.float32)])
    return model.decoder(zs).detach()
""",
        "one dimensional": """
def interpolate(model, x_start, x_end, steps):
    za, zb = model.encoder(x_start), model.encoder(x_end)
    t = torch.arange(steps) / (steps - 1)
    return model.decoder(torch.outer(1 - t, za) + torch.outer(t, zb))
""",
        "meets its own model": """
def interpolate(model, x_start, x_end, steps):
    assert model.encoder.net is not None
    z = model.encoder(torch.stack([x_start, x_end]))
    t = torch.linspace(0, 1, steps)[:, None]
    return model.decoder(z[0] + t * (z[1] - z[0]))
""",
    },
}
