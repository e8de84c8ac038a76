"""Right and wrong code of the lab `gan` in many styles, as the text that a student would write."""

from __future__ import annotations

import random
from dataclasses import dataclass

from solutions.calibrate.wrong import Fault


@dataclass(frozen=True)
class Style:
    """A right pair of networks, with the weights that `init_weights` draws."""

    generator: str = "BatchNorm2d"  # its norm
    discriminator: str = "BatchNorm2d"  # its norm, or spectral norm
    activation: str = "ReLU()"
    kernel: int = 4  # of the transposed convolutions of stride 2
    extra: bool = False  # a convolution more in each network
    first: str = "transposed"  # how noise becomes the first picture: "transposed" or "linear"
    last: str = "convolution"  # of the discriminator: "convolution", "linear" or "mean"
    dropout: float = 0.0
    init: str = "dcgan"  # or "default", "orthogonal"

    @property
    def name(self) -> str:
        """What differs from the plain one, such as "discriminator spectral, kernel 6"."""
        plain = Style()
        different = [f"{key} {value}" for key, value in vars(self).items() if value != getattr(plain, key)]
        return ", ".join(different) or "plain"


def draw(seed: int) -> Style:
    """The style of a network, always the same for its number; number 0 is the plain one."""
    if seed == 0:
        return Style()
    dice = random.Random(f"gan style {seed}")
    return Style(
        dice.choice(("BatchNorm2d", "BatchNorm2d", "BatchNorm2d", "GroupNorm", "InstanceNorm2d", "")),
        dice.choice(
            ("BatchNorm2d", "BatchNorm2d", "spectral", "spectral", "GroupNorm", "InstanceNorm2d", "")
        ),
        dice.choice(("ReLU()", "ReLU()", "LeakyReLU(0.2)", "GELU()", "SiLU()")),
        dice.choice((4, 4, 4, 6)),
        dice.random() < 0.25,
        dice.choice(("transposed", "transposed", "linear")),
        dice.choice(("convolution", "convolution", "linear", "mean")),
        dice.choice((0.0, 0.0, 0.0, 0.2)),
        dice.choice(("dcgan", "dcgan", "dcgan", "default", "orthogonal")),
    )


INIT = {
    "dcgan": """
def init_weights(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
""",
    "default": """
def init_weights(module):
    pass
""",
    "orthogonal": """
def init_weights(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
        nn.init.orthogonal_(module.weight)
""",
}


def norm(kind: str, channels: str) -> str:
    """A layer that normalises, or none."""
    if kind == "GroupNorm":
        return f"nn.GroupNorm(4, {channels}), "
    return f"nn.{kind}({channels}, affine=True), " if kind not in ("", "spectral") else ""


def source(style: Style) -> dict[str, str]:
    """The components that short runs use, by name."""
    up, act = norm(style.generator, "{}"), style.activation
    first = (
        f"nn.ConvTranspose2d(latent_dim, 8 * width, 4), {up.format('8 * width')}nn.{act},"
        if style.first == "transposed"
        else f"nn.Flatten(), nn.Linear(latent_dim, 8 * width * 16), nn.Unflatten(1, (8 * width, 4, 4)), "
        f"{up.format('8 * width')}nn.{act},"
    )
    pad = style.kernel // 2 - 1
    extra = f"nn.Conv2d(width, width, 3, 1, 1), nn.{act}," if style.extra else ""
    wrap = "nn.utils.parametrizations.spectral_norm({})" if style.discriminator == "spectral" else "{}"
    down, drop = norm(style.discriminator, "{}"), f"nn.Dropout({style.dropout})," if style.dropout else ""
    conv = wrap.format("nn.Conv2d({}, {}, 4, 2, 1)")
    last = {
        "convolution": f"{wrap.format('nn.Conv2d(8 * width, 1, 4)')}, nn.Flatten(0)",
        "linear": f"nn.Flatten(), {wrap.format('nn.Linear(8 * width * 16, 1)')}, nn.Flatten(0)",
        "mean": f"{wrap.format('nn.Conv2d(8 * width, 1, 3, 1, 1)')}, nn.AdaptiveAvgPool2d(1), nn.Flatten(0)",
    }[style.last]
    return {
        "Generator": f"""
class Generator(nn.Module):
    def __init__(self, latent_dim=100, width=64):
        super().__init__()
        self.latent_dim = latent_dim
        layers = []
        for i, o in ((8, 4), (4, 2), (2, 1)):
            layers += [nn.ConvTranspose2d(i * width, o * width, {style.kernel}, 2, {pad}),
                       {up.format("o * width")}nn.{act}]
        self.net = nn.Sequential({first} *layers, {extra}
                                 nn.ConvTranspose2d(width, 3, {style.kernel}, 2, {pad}), nn.Tanh())
    def forward(self, z):
        return self.net(z[:, :, None, None])
""",
        "Discriminator": f"""
class Discriminator(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        layers = [{conv.format(3, "width")}, nn.LeakyReLU(0.2)]
        for i, o in ((1, 2), (2, 4), (4, 8)):
            layers += [{conv.format("i * width", "o * width")},
                       {down.format("o * width")}nn.LeakyReLU(0.2), {drop}]
        self.net = nn.Sequential(*layers, {last})
    def forward(self, x):
        return self.net(x)
""",
        "init_weights": INIT[style.init],
        "discriminator_loss": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    real = F.binary_cross_entropy_with_logits(real_logits, torch.full_like(real_logits, smoothing))
    return real + F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
""",
        "generator_loss": """
def generator_loss(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
""",
        "discriminator_step": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    z = torch.randn(len(real), generator.latent_dim)
    fake = generator(z).detach()
    opt_d.zero_grad()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    loss.backward()
    opt_d.step()
    return loss.item()
""",
        "generator_step": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    z = torch.randn(batch_size, generator.latent_dim)
    fake = generator(z)
    opt_g.zero_grad()
    loss = generator_loss(discriminator(fake))
    loss.backward()
    opt_g.step()
    return loss.item()
""",
        "train_step": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    d_loss = discriminator_step(generator, discriminator, opt_d, real)
    for _ in range(2):
        g_loss = generator_step(generator, discriminator, opt_g, len(real))
    return {"d_loss": d_loss, "g_loss": g_loss}
""",
    }


MILD = "samples of so short a run get as near: the component's own check tells"
D, G, T = "discriminator_step", "generator_step", "train_step"
FAULTS = {
    "generator never updated": Fault(G, "    opt_g.step()\n", ""),
    "discriminator never updated": Fault(D, "    opt_d.step()\n", ""),
    "one generator update": Fault(T, "range(2)", "range(1)"),
    "three generator updates": Fault(T, "range(2)", "range(3)"),
    "two discriminator updates": Fault(
        T, "    for", "    discriminator_step(generator, discriminator, opt_d, real)\n    for"
    ),
    "labels swapped": Fault(
        D, "discriminator_loss(discriminator(real), discriminator(fake))",
        "discriminator_loss(discriminator(fake), discriminator(real))",
    ),
    "generator loss with the wrong sign": Fault("generator_loss", "return F", "return -F"),
    "generator wants to be fake": Fault("generator_loss", "ones_like", "zeros_like"),
    "discriminator never sees art": Fault(D, "    discriminator.train()\n", "    discriminator.train()\n    real = torch.randn_like(real)\n"),
    "one painting only": Fault(D, "    discriminator.train()\n", '    discriminator.train()\n    real = discriminator.__dict__.setdefault("first", real[:1]).expand_as(real)\n'),
    "gradients pile up": Fault(G, "    opt_g.zero_grad()\n", ""),
    "sigmoid twice": Fault("generator_loss", "(fake_logits,", "(torch.sigmoid(fake_logits),", MILD),
    "saturating loss": Fault(
        "generator_loss", "F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))",
        "-F.softplus(fake_logits).mean()", MILD,
    ),
    "both labels smoothed": Fault("discriminator_loss", "torch.zeros_like(fake_logits)", "torch.full_like(fake_logits, 0.1)", MILD),
    "same noise at every step": Fault(
        G, "    z = torch.randn(batch_size, generator.latent_dim)\n",
        '    z = generator.__dict__.setdefault("z", torch.randn(batch_size, generator.latent_dim))\n', MILD,
    ),
    "uniform noise": Fault(G, "torch.randn", "torch.rand", MILD),
    "weights become NaN": Fault(G, "    opt_g.step()\n", "    opt_g.step()\n    next(generator.parameters()).data.log_()\n"),
}  # fmt: skip
