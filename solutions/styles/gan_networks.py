"""Right networks, initialisations and samplers of the lab `gan`, in many styles. Each must get full points."""

from itertools import pairwise

G_HEAD = """
class Generator(nn.Module):
    def __init__(self, latent_dim=100, width=64):
        super().__init__()
        self.latent_dim = latent_dim
        w = width
        {layers}
    def forward(self, z):
        {forward}
"""
D_HEAD = """
class Discriminator(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        w = width
        {layers}
    def forward(self, x):
        {forward}
"""


def generator(layers: str, forward: str = "return self.net(z[:, :, None, None])") -> str:
    return G_HEAD.format(
        layers=layers.replace("\n", "\n        "), forward=forward.replace("\n", "\n        ")
    )


def discriminator(layers: str, forward: str = "return self.net(x).flatten()") -> str:
    return D_HEAD.format(
        layers=layers.replace("\n", "\n        "), forward=forward.replace("\n", "\n        ")
    )


def blocks_up(
    norm: str = "nn.BatchNorm2d({})", act: str = "nn.ReLU()", last: str = "nn.Tanh()", wrap: str = "{}"
) -> str:
    """Five transposed convolutions from noise to a picture; `norm` and `wrap` with the channels, the layer."""
    sizes = ["latent_dim", "8 * w", "4 * w", "2 * w", "w", "3"]
    layers = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        geometry = "4" if i == 0 else "4, 2, 1"
        layers.append(wrap.format(f"nn.ConvTranspose2d({a}, {b}, {geometry})"))
        if i < 4:
            layers += [norm.format(b), act] if norm else [act]
    return "self.net = nn.Sequential(" + ", ".join([*layers, *([last] if last else [])]) + ")"


def blocks_down(
    norm: str = "nn.BatchNorm2d({})", act: str = "nn.LeakyReLU(0.2)", last: str = "", wrap: str = "{}"
) -> str:
    """Five convolutions from a picture to one number."""
    sizes = ["3", "w", "2 * w", "4 * w", "8 * w", "1"]
    layers = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        geometry = "4" if i == 4 else "4, 2, 1"
        layers.append(wrap.format(f"nn.Conv2d({a}, {b}, {geometry})"))
        if i < 4:
            layers += [norm.format(b), act] if norm and i else [act]
    return "self.net = nn.Sequential(" + ", ".join([*layers, *([last] if last else [])]) + ")"


SPECTRAL = "nn.utils.parametrizations.spectral_norm({})"
DCGAN_INIT = """{}
def start(m):
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(m.weight, 0, 0.02)
        nn.init.zeros_(m.bias)
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.normal_(m.weight, 1, 0.02)
        nn.init.zeros_(m.bias)
self.apply(start)"""
RIGHT = {
    "Generator": {
        "no norm": generator(blocks_up("")),
        "no norm, tiny weights": generator(DCGAN_INIT.format(blocks_up(""))),
        "batch norm, tiny weights": generator(DCGAN_INIT.format(blocks_up())),
        "group norm": generator(blocks_up("nn.GroupNorm(4, {})")),
        "group norm, 16 groups": generator(blocks_up("nn.GroupNorm(16, {})")),
        "instance norm": generator(blocks_up("nn.InstanceNorm2d({}, affine=True)")),
        "spectral norm": generator(blocks_up("", wrap=SPECTRAL)),
        "spectral norm without biases": generator(blocks_up("", wrap=SPECTRAL).replace("4)", "4, bias=False)").replace("2, 1)", "2, 1, bias=False)")),
        "spectral norm and batch norm": generator(blocks_up(wrap="nn.utils.spectral_norm({})")),
        "spectral norm, the older one": generator(blocks_up("", wrap="nn.utils.spectral_norm({})")),
        "weight norm": generator(blocks_up("", wrap="nn.utils.parametrizations.weight_norm({})")),
        "dropout": generator(blocks_up("nn.Dropout(0.5)")),
        "gelu": generator(blocks_up(act="nn.GELU()")),
        "leaky relu": generator(blocks_up(act="nn.LeakyReLU(0.2, inplace=True)")),
        "prelu": generator(blocks_up(act="nn.PReLU()")),
        "hardtanh": generator(blocks_up(last="nn.Hardtanh()")),
        "softsign": generator(blocks_up(last="nn.Softsign()")),
        "batch norm before tanh": generator(blocks_up(last="nn.BatchNorm2d(3), nn.Tanh()")),
        "tanh as a sigmoid": generator(blocks_up(last=""), "return 2 * torch.sigmoid(2 * self.net(z.unsqueeze(-1).unsqueeze(-1))) - 1"),
        "tanh by exponentials": generator(blocks_up(last=""), "e = torch.exp(-2 * self.net(z.reshape(*z.shape, 1, 1)).clamp(-20, 20))\nreturn (1 - e) / (1 + e)"),
        "clamped": generator(blocks_up(last=""), "return self.net(z.unflatten(1, (-1, 1, 1))).clamp(-1, 1)"),
        "linear first": generator("""
self.start = nn.Linear(latent_dim, 8 * w * 16)
self.net = nn.Sequential(nn.BatchNorm2d(8 * w), nn.ReLU(), nn.ConvTranspose2d(8 * w, 4 * w, 4, 2, 1), nn.BatchNorm2d(4 * w), nn.ReLU(), nn.ConvTranspose2d(4 * w, 2 * w, 4, 2, 1), nn.BatchNorm2d(2 * w), nn.ReLU(), nn.ConvTranspose2d(2 * w, w, 4, 2, 1), nn.BatchNorm2d(w), nn.ReLU(), nn.ConvTranspose2d(w, 3, 4, 2, 1), nn.Tanh())
""".strip(), "h = self.start(z)\nreturn self.net(h.view(z.size(0), -1, 4, 4))"),
        "linear with batch norm 1d": generator("""
self.net = nn.Sequential(nn.Linear(latent_dim, 4 * w * 64), nn.BatchNorm1d(4 * w * 64), nn.ReLU(), nn.Unflatten(1, (4 * w, 8, 8)), nn.ConvTranspose2d(4 * w, 2 * w, 5, 2, 2, output_padding=1), nn.ReLU(), nn.ConvTranspose2d(2 * w, w, 5, 2, 2, output_padding=1), nn.ReLU(), nn.ConvTranspose2d(w, 3, 5, 2, 2, output_padding=1), nn.Tanh())
""".strip(), "return self.net(z)"),
        "deeper, with convolutions between": generator("""
def up(a, b):
    return [nn.ConvTranspose2d(a, b, 4, 2, 1), nn.BatchNorm2d(b), nn.ReLU(), nn.Conv2d(b, b, 3, 1, 1), nn.BatchNorm2d(b), nn.ReLU()]
self.net = nn.Sequential(nn.ConvTranspose2d(latent_dim, 8 * w, 4), nn.ReLU(), *up(8 * w, 4 * w), *up(4 * w, 2 * w), *up(2 * w, w), *up(w, w), nn.Conv2d(w, 3, 3, 1, 1), nn.Tanh())
""".strip()),
        "two layers only": generator("self.net = nn.Sequential(nn.ConvTranspose2d(latent_dim, 2 * w, 8), nn.ReLU(), nn.ConvTranspose2d(2 * w, 3, 8, 8), nn.Tanh())"),
        "residual blocks": """
class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.body = nn.Sequential(nn.BatchNorm2d(a), nn.ReLU(), nn.ConvTranspose2d(a, b, 4, 2, 1), nn.BatchNorm2d(b), nn.ReLU(), nn.Conv2d(b, b, 3, padding=1))
        self.skip = nn.Conv2d(a, b, 1)
    def forward(self, x):
        return self.body(x) + self.skip(F.interpolate(x, scale_factor=2))
class Generator(nn.Module):
    def __init__(self, latent_dim=100, width=64, channels=3):
        super().__init__()
        self.latent_dim, w = latent_dim, width
        self.start = nn.Linear(latent_dim, 4 * w * 16)
        self.blocks = nn.ModuleList([Block(4 * w, 4 * w), Block(4 * w, 2 * w), Block(2 * w, w), Block(w, w)])
        self.end = nn.Conv2d(w, channels, 3, padding=1)
    def forward(self, z):
        h = self.start(z).view(len(z), -1, 4, 4)
        for block in self.blocks:
            h = block(h)
        return torch.tanh(self.end(F.relu(h)))
""",
        "noise at every layer": generator("""
self.a, self.b, self.c = nn.ConvTranspose2d(latent_dim, 4 * w, 8), nn.ConvTranspose2d(4 * w, w, 4, 4), nn.ConvTranspose2d(w, 3, 2, 2)
self.style = nn.Linear(latent_dim, w)
""".strip(), "h = F.relu(self.b(F.relu(self.a(z[..., None, None]))))\nreturn self.c(h * (1 + self.style(z)[..., None, None])).tanh()"),
        "functional, with parameters of its own": generator("""
self.weights = nn.ParameterList([nn.Parameter(0.05 * torch.randn(latent_dim, 4 * w, 8, 8)), nn.Parameter(0.05 * torch.randn(4 * w, w, 4, 4)), nn.Parameter(0.05 * torch.randn(w, 3, 2, 2))])
""".strip(), "h = F.conv_transpose2d(z[:, :, None, None], self.weights[0])\nh = F.conv_transpose2d(F.elu(h), self.weights[1], stride=4)\nreturn torch.tanh(F.conv_transpose2d(F.elu(h), self.weights[2], stride=2))"),
        "a subclass of the layer": """
class Up(nn.ConvTranspose2d):
    def __init__(self, a, b, **options):
        super().__init__(a, b, 4, **({"stride": 2, "padding": 1} | options))
    def forward(self, x):
        return super().forward(F.relu(x))
""" + generator("self.net = nn.Sequential(Up(latent_dim, 4 * w, stride=1, padding=0), Up(4 * w, 2 * w), Up(2 * w, w), Up(w, w), Up(w, 3), nn.Tanh())"),
        "lazy layers": generator("""
self.net = nn.Sequential(nn.LazyConvTranspose2d(4 * w, 4), nn.ReLU(), nn.LazyConvTranspose2d(2 * w, 4, 4), nn.ReLU(), nn.LazyConvTranspose2d(3, 4, 4), nn.Tanh())
self.net(torch.zeros(2, latent_dim, 1, 1))
""".strip()),
        "made by a function": """
class Picture(nn.Module):
    def forward(self, z):
        return z.reshape(z.shape[0], z.shape[1], 1, 1)
def Generator(latent_dim=100, width=64):
    layers, channels = [Picture()], latent_dim
    for i, wide in enumerate([8 * width, 4 * width, 2 * width, width]):
        layers += [nn.ConvTranspose2d(channels, wide, 4, *((1, 0) if i == 0 else (2, 1)), bias=False), nn.BatchNorm2d(wide), nn.ReLU(True)]
        channels = wide
    net = nn.Sequential(*layers, nn.ConvTranspose2d(channels, 3, 4, 2, 1, bias=False), nn.Tanh())
    net.latent_dim = latent_dim
    return net
""",
        "partial": """
from functools import partial
class Net(nn.Module):
    def __init__(self, last, latent_dim=100, width=64):
        super().__init__()
        self.latent_dim = latent_dim
        self.a, self.b = nn.ConvTranspose2d(latent_dim, 2 * width, 8), nn.ConvTranspose2d(2 * width, 3, 8, 8)
        self.last = last
    def forward(self, z):
        return self.last(self.b(F.silu(self.a(z.view(*z.size(), 1, 1)))))
Generator = partial(Net, torch.tanh)
""",
    },
    "Discriminator": {
        "no norm": discriminator(blocks_down("")),
        "no norm, tiny weights": discriminator(DCGAN_INIT.format(blocks_down(""))),
        "batch norm, tiny weights": discriminator(DCGAN_INIT.format(blocks_down())),
        "group norm": discriminator(blocks_down("nn.GroupNorm(4, {})")),
        "instance norm": discriminator(blocks_down("nn.InstanceNorm2d({}, affine=True)")),
        "layer norm": discriminator(blocks_down("nn.GroupNorm(1, {})")),
        "batch norm everywhere": discriminator(blocks_down(wrap="nn.Sequential({}, nn.Identity())").replace("nn.LeakyReLU(0.2)", "nn.BatchNorm2d(w), nn.LeakyReLU(0.2)", 1)),
        "spectral norm": discriminator(blocks_down("", wrap=SPECTRAL)),
        "spectral norm without biases": discriminator(blocks_down("", wrap=SPECTRAL).replace("2, 1)", "2, 1, bias=False)").replace("1, 4)", "1, 4, bias=False)")),
        "spectral norm, the older one": discriminator(blocks_down("", wrap="nn.utils.spectral_norm({})")),
        "spectral norm, relu": discriminator(blocks_down("", wrap=SPECTRAL, act="nn.ReLU()")),
        "spectral norm and instance norm": discriminator(blocks_down("nn.InstanceNorm2d({})", wrap=SPECTRAL)),
        "spectral norm, tanh inside": discriminator(blocks_down("", wrap=SPECTRAL, act="nn.Tanh()")),
        "dropout": discriminator(blocks_down("nn.Dropout2d(0.3)")),
        "relu": discriminator(blocks_down(act="nn.ReLU()")),
        "softplus inside": discriminator(blocks_down(act="nn.Softplus()")),
        "sigmoid inside": discriminator(blocks_down("", act="nn.Sigmoid()")),
        "view": discriminator(blocks_down(), "return self.net(x).view(-1)"),
        "squeezed axis by axis": discriminator(blocks_down(), "return self.net(x).squeeze(3).squeeze(2).squeeze(1)"),
        "squeezed axes": discriminator(blocks_down(), "return self.net(x).squeeze((1, 2, 3))"),
        "indexed": discriminator(blocks_down(), "return self.net(x)[:, 0, 0, 0]"),
        "patches, averaged": discriminator("self.net = nn.Sequential(nn.Conv2d(3, w, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(w, 2 * w, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(2 * w, 1, 4, 2, 1))", "return self.net(x).mean((1, 2, 3))"),
        "global pooling and a linear layer": discriminator("self.net = nn.Sequential(nn.Conv2d(3, w, 3, 2, 1), nn.ReLU(), nn.Conv2d(w, 2 * w, 3, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2 * w, 1), nn.Flatten(0))", "return self.net(x)"),
        "max pooling": discriminator("self.net = nn.Sequential(nn.Conv2d(3, w, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4), nn.Conv2d(w, 2 * w, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(2 * w * 16, 1))", "return self.net(x)[:, 0]"),
        "linear at the end": discriminator("self.body = nn.Sequential(nn.Conv2d(3, w, 5, 2, 2), nn.LeakyReLU(0.2), nn.Conv2d(w, 2 * w, 5, 2, 2), nn.BatchNorm2d(2 * w), nn.LeakyReLU(0.2))\nself.head = nn.Linear(2 * w * 256, 1)", "h = self.body(x)\nreturn self.head(torch.flatten(h, 1)).squeeze(-1)"),
        "two linear layers at the end": discriminator("self.body = nn.Sequential(nn.Conv2d(3, w, 8, 8), nn.GELU(), nn.Flatten(), nn.Linear(64 * w, 32), nn.GELU(), nn.Linear(32, 1))", "return self.body(x).reshape(x.shape[0])"),
        "no padding": discriminator("self.net = nn.Sequential(nn.Conv2d(3, w, 3, 2), nn.LeakyReLU(), nn.Conv2d(w, w, 3, 2), nn.LeakyReLU(), nn.Conv2d(w, w, 3, 2), nn.LeakyReLU(), nn.Conv2d(w, 1, 7))"),
        "residual blocks": """
class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.body = nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(a, b, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(b, b, 3, padding=1))
        self.skip = nn.Conv2d(a, b, 1)
    def forward(self, x):
        return F.avg_pool2d(self.body(x) + self.skip(x), 2)
class Discriminator(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.blocks = nn.Sequential(Block(3, width), Block(width, 2 * width), Block(2 * width, 2 * width))
        self.head = nn.Linear(2 * width, 1)
    def forward(self, x):
        return self.head(F.leaky_relu(self.blocks(x), 0.2).sum((2, 3))).view(x.size(0))
""",
        "functional": discriminator("self.k = nn.Parameter(0.1 * torch.randn(w, 3, 8, 8))\nself.v = nn.Parameter(0.1 * torch.randn(w))", "return torch.einsum('bchw,c->b', F.leaky_relu(F.conv2d(x, self.k, stride=8), 0.2), self.v)"),
        "made by a function": """
def Discriminator(width=64, slope=0.2):
    layers, channels = [], 3
    for factor in (1, 2, 4, 8):
        layers += [nn.Conv2d(channels, factor * width, 4, 2, 1, bias=factor == 1), nn.LeakyReLU(slope, inplace=True)]
        channels = factor * width
    return nn.Sequential(*layers, nn.Conv2d(channels, 1, 4, bias=False), nn.Flatten(0))
""",
        "a list of layers": discriminator("self.layers = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in [(3, w), (w, 2 * w), (2 * w, 4 * w)])\nself.last = nn.Conv2d(4 * w, 1, 8)", "for layer in self.layers:\n    x = F.leaky_relu(layer(x), 0.2)\nreturn self.last(x).flatten()"),
        "lazy layers": discriminator("self.net = nn.Sequential(nn.LazyConv2d(w, 4, 4), nn.ReLU(), nn.LazyConv2d(w, 4, 4), nn.ReLU(), nn.Flatten(), nn.LazyLinear(1))\nself.net(torch.zeros(1, 3, 64, 64))"),
        "noise in train mode": discriminator(blocks_down(), "if self.training:\n    x = x + 0.05 * torch.randn_like(x)\nreturn self.net(x).flatten()"),
    },
}  # fmt: skip
RIGHT["init_weights"] = {
    "by the names of classes": """
def init_weights(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)
""",
    "data, in place": """
def init_weights(m):
    if isinstance(m, nn.Conv2d) or isinstance(m, nn.ConvTranspose2d):
        m.weight.data.normal_(0, 0.02)
        if m.bias is not None:
            m.bias.data.zero_()
    if isinstance(m, nn.BatchNorm2d):
        m.weight.data.normal_(1, 0.02)
        m.bias.data.fill_(0)
""",
    "linear layers as well": """
def init_weights(module):
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)):
        nn.init.normal_(module.weight, mean=1.0, std=0.02)
        nn.init.zeros_(module.bias)
""",
    "under no_grad": """
@torch.no_grad()
def init_weights(m):
    match m:
        case nn.Conv2d() | nn.ConvTranspose2d():
            m.weight.copy_(0.02 * torch.randn_like(m.weight))
        case nn.BatchNorm2d():
            m.weight.copy_(1 + 0.02 * torch.randn(m.weight.shape))
            m.bias *= 0
""",
    "new parameters": """
def init_weights(m):
    if type(m) in (nn.Conv2d, nn.ConvTranspose2d):
        m.weight = nn.Parameter(torch.normal(0.0, 0.02, m.weight.shape))
    if type(m) is nn.BatchNorm2d:
        m.weight = nn.Parameter(torch.normal(1.0, 0.02, m.weight.shape))
        m.bias = nn.Parameter(torch.zeros_like(m.bias))
""",
    "numpy": """
def init_weights(m):
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
        m.weight.data = torch.from_numpy(np.random.normal(0, 0.02, tuple(m.weight.shape))).float()
    elif isinstance(m, nn.BatchNorm2d):
        m.weight.data = torch.tensor(np.random.normal(1, 0.02, m.weight.shape[0]), dtype=torch.float32)
        m.bias.data = torch.zeros(m.bias.shape)
""",
    "a base class of all convolutions": """
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
def init_weights(m, std=0.02):
    if isinstance(m, _ConvNd):
        nn.init.normal_(m.weight, 0, std)
    elif isinstance(m, _BatchNorm) and m.affine:
        nn.init.normal_(m.weight, 1, std)
        nn.init.zeros_(m.bias)
    return m
""",
    "truncated far out": """
def init_weights(m):
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.trunc_normal_(m.weight, std=0.02)
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.trunc_normal_(m.weight, mean=1.0, std=0.02)
        nn.init.zeros_(m.bias)
""",
    "a callable object": """
class Start:
    def __init__(self, std):
        self.std = std
    def __call__(self, m):
        kinds = {"Conv2d": 0.0, "ConvTranspose2d": 0.0, "BatchNorm2d": 1.0}
        mean = kinds.get(type(m).__name__)
        if mean is not None:
            nn.init.normal_(m.weight, mean, self.std)
            if mean:
                nn.init.zeros_(m.bias)
init_weights = Start(0.02)
""",
}
RIGHT["sample"] = {
    "a decorator": """
@torch.no_grad()
def sample(generator, n):
    mode = generator.training
    images = generator.eval()(torch.randn(n, generator.latent_dim))
    generator.train(mode)
    return images
""",
    "try, finally": """
def sample(generator, n):
    was = generator.training
    try:
        generator.eval()
        with torch.inference_mode():
            return generator(torch.normal(0.0, 1.0, size=(n, generator.latent_dim)))
    finally:
        generator.train(was)
""",
    "on the device of the weights": """
def sample(generator, n, device=None):
    device = device or next(generator.parameters()).device
    training = generator.training
    generator.eval()
    with torch.no_grad():
        z = torch.empty(n, generator.latent_dim, device=device).normal_()
        images = generator(z).detach().cpu()
    if training:
        generator.train()
    return images
""",
    "in pieces": """
def sample(generator, n, batch=20):
    was = generator.training
    generator.eval()
    pieces = []
    with torch.no_grad():
        for first in range(0, n, batch):
            pieces.append(generator(torch.randn(min(batch, n - first), generator.latent_dim)))
    generator.train(was)
    return torch.cat(pieces)
""",
    "a copy": """
import copy
@torch.no_grad()
def sample(generator, n):
    return copy.deepcopy(generator).eval()(torch.distributions.Normal(0, 1).sample((n, generator.latent_dim)))
""",
    "numpy": """
def sample(generator, n):
    assert isinstance(generator, Generator)
    was = generator.training
    generator.train(False)
    z = torch.from_numpy(np.random.standard_normal((n, generator.latent_dim))).float()
    with torch.no_grad():
        x = generator(z)
    generator.train(was)
    return x
""",
    "an independent random generator": """
SAMPLER = torch.Generator()
SAMPLER.seed()
def sample(generator, n):
    was = generator.training
    generator.eval()
    with torch.no_grad():
        x = generator(torch.randn(n, generator.latent_dim, generator=SAMPLER))
    generator.train(was)
    return x
""",
}
