"""What students of the sample class wrote for the lab `gan`: right in two styles, and wrong as beginners are."""

from __future__ import annotations

RIGHT = {
    "Generator": """
class Generator(nn.Module):
    def __init__(self, latent_dim=100, width=64):
        super().__init__()
        self.latent_dim = latent_dim
        self.width = width
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(latent_dim, 8 * width, 4, 1, 0, bias=False),
            nn.BatchNorm2d(8 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(8 * width, 4 * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(4 * width, 2 * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 3, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.layers(z.view(-1, self.latent_dim, 1, 1))
""",
    "Discriminator": """
class Discriminator(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.width = width
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4 * width, 8 * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(8 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8 * width, 1, 4),
        )

    def forward(self, x):
        return self.layers(x).flatten()
""",
    "init_weights": """
def init_weights(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
""",
    "discriminator_loss": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    real = F.binary_cross_entropy_with_logits(real_logits, torch.full_like(real_logits, smoothing))
    fake = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return real + fake
""",
    "generator_loss": """
def generator_loss(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
""",
    "make_optimizers": """
def make_optimizers(generator, discriminator):
    opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=1.2e-3, betas=(0.5, 0.999))
    return opt_g, opt_d
""",
    "discriminator_step": """
def discriminator_step(generator, discriminator, opt_d, real):
    generator.train()
    discriminator.train()
    z = torch.randn(len(real), generator.latent_dim, device=real.device)
    fake = generator(z).detach()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    opt_d.zero_grad()
    loss.backward()
    opt_d.step()
    return loss.item()
""",
    "generator_step": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    discriminator.train()
    z = torch.randn(batch_size, generator.latent_dim, device=next(generator.parameters()).device)
    loss = generator_loss(discriminator(generator(z)))
    opt_g.zero_grad()
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
    "sample": """
def sample(generator, n):
    was_training = generator.training
    generator.eval()
    with torch.no_grad():
        images = generator(torch.randn(n, generator.latent_dim, device=next(generator.parameters()).device))
    generator.train(was_training)
    return images
""",
    "discussion_1": "The discriminator has won: 0.33 is as low as smoothing allows. It knows every picture by heart, "
    "so its gradient is a direction of no use. Augment the pictures, or slow the discriminator down.",
    "discussion_2": "Without augmentation both accuracies went to 1 and fewer movements were left. Fakes must be moved "
    "too, or the generator would learn to paint pictures with grey edges.",
    "discussion_3": "Copies of the training set have a perfect Frechet distance, ten good pictures over and over have "
    "perfect coverage, and noise is far from every training picture.",
}

# As right as the above, in another hand: spectral norm, softplus, `torch.autograd.grad`, steps written in line.
RIGHT_IN_ANOTHER_STYLE = {
    "Generator": """
class Generator(nn.Module):
    '''Starts with a linear layer; group norm, which knows no batch.'''

    def __init__(self, latent_dim: int = 100, width: int = 64) -> None:
        super().__init__()
        self.latent_dim, self.width = latent_dim, width
        self.start = nn.Linear(latent_dim, 8 * width * 4 * 4)
        sizes = [8 * width, 4 * width, 2 * width, width]
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 4, 2, 1) for a, b in zip(sizes, sizes[1:]))
        self.norms = nn.ModuleList(nn.GroupNorm(1, channels) for channels in sizes)
        self.to_colours = nn.ConvTranspose2d(width, 3, 4, 2, 1)

    def forward(self, z):
        h = F.relu(self.norms[0](self.start(z).unflatten(1, (-1, 4, 4))))
        for layer, norm in zip(self.up, self.norms[1:]):
            h = F.relu(norm(layer(h)))
        return torch.tanh(self.to_colours(h))
""",
    "Discriminator": """
def Discriminator(width: int = 64) -> nn.Module:
    spectral = nn.utils.parametrizations.spectral_norm
    layers, channels = [], 3
    for outputs in (width, 2 * width, 4 * width, 8 * width):
        layers += [spectral(nn.Conv2d(channels, outputs, 4, 2, 1)), nn.LeakyReLU(0.2)]
        channels = outputs
    return nn.Sequential(*layers, spectral(nn.Conv2d(channels, 1, 4)), nn.Flatten(0))
""",
    "init_weights": """
def init_weights(module: nn.Module) -> None:
    match module:
        case nn.Conv2d() | nn.ConvTranspose2d():
            module.weight.data.normal_(std=0.02)
        case nn.BatchNorm2d():
            module.weight.data.normal_(1, 0.02)
            module.bias.data.fill_(0)
""",
    "discriminator_loss": """
def discriminator_loss(real_logits, fake_logits, smoothing: float = 0.9):
    on_real = F.softplus(real_logits) - smoothing * real_logits  # BCE(l, t) = softplus(l) - t l
    return on_real.mean() + F.softplus(fake_logits).mean()
""",
    "generator_loss": """
def generator_loss(fake_logits):
    return F.softplus(-fake_logits).mean()
""",
    "make_optimizers": """
def make_optimizers(generator, discriminator):
    return tuple(
        torch.optim.AdamW(network.parameters(), lr=rate, betas=(0.5, 0.999), weight_decay=0)
        for network, rate in ((generator, 2e-4), (discriminator, 4e-4))
    )
""",
    "discriminator_step": """
def discriminator_step(generator, discriminator, opt_d, real):
    generator.train(), discriminator.train()
    with torch.no_grad():
        fake = generator(torch.randn(real.shape[0], generator.latent_dim).to(real))
    opt_d.zero_grad(set_to_none=True)
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    loss.backward()
    opt_d.step()
    return float(loss.detach())
""",
    "generator_step": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train(), discriminator.train()
    weights = list(generator.parameters())
    z = torch.randn(batch_size, generator.latent_dim).to(weights[0])
    loss = generator_loss(discriminator(generator(z)))
    for weight, gradient in zip(weights, torch.autograd.grad(loss, weights)):  # the discriminator gets none
        weight.grad = gradient
    opt_g.step()
    return float(loss.detach())
""",
    "train_step": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    judged = discriminator_step(generator, discriminator, opt_d, real)
    painted = [generator_step(generator, discriminator, opt_g, len(real)) for _ in range(2)]
    return dict(d_loss=judged, g_loss=sum(painted) / 2)
""",
    "sample": """
@torch.inference_mode()
def sample(generator, n):
    mode = generator.training
    try:
        return generator.eval()(torch.randn(n, generator.latent_dim).to(next(generator.parameters())))
    finally:
        generator.train(mode)
""",
    "discussion_1": "It has not converged, it is over: the judge pays the least that is possible. At the end of the "
    "game both accuracies would add up to 1, with a loss near 1.38. Spectral norm or augmentation help.",
    "discussion_2": "The judge cannot learn by heart what it never sees twice. Turned pictures would leak: the judge "
    "no longer knows what is up, so the generator need not know either.",
    "discussion_3": "Losses are relative to an opponent that changes all the time. The distance sees means and "
    "covariances only, so it may overlook a checkerboard.",
}

NO_DETACH = {
    "discriminator_step": """
def discriminator_step(generator, discriminator, opt_d, real):
    generator.train()
    discriminator.train()
    z = torch.randn(len(real), generator.latent_dim, device=real.device)
    fake = generator(z)
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    opt_d.zero_grad()
    loss.backward()
    opt_d.step()
    return loss.item()
""",
}

BOTH_SMOOTHED = {
    "discriminator_loss": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    real = F.binary_cross_entropy_with_logits(real_logits, torch.full_like(real_logits, smoothing))
    fake = F.binary_cross_entropy_with_logits(fake_logits, torch.full_like(fake_logits, 1 - smoothing))
    return real + fake
""",
}

_LAST = "nn.Conv2d(8 * width, 1, 4),\n"
A_SIGMOID_AT_THE_END = {
    "Discriminator": RIGHT["Discriminator"].replace(_LAST, f"{_LAST}            nn.Sigmoid(),\n"),
}

ONE_GENERATOR_UPDATE = {
    "train_step": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    d_loss = discriminator_step(generator, discriminator, opt_d, real)
    g_loss = generator_step(generator, discriminator, opt_g, len(real))
    return {"d_loss": d_loss, "g_loss": g_loss}
""",
}
