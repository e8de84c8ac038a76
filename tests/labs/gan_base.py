"""A plain right solution of the lab `gan`, one text a component, and notebooks made from such texts."""

from __future__ import annotations

from pathlib import Path

from tests.labs.ae_base import IMPORTS, code_cell, component_cells, write_notebook

RIGHT = {
    "Generator": """
class Generator(nn.Module):
    def __init__(self, latent_dim=100, width=64):
        super().__init__()
        self.latent_dim = latent_dim
        self.net = nn.Sequential(
            nn.ConvTranspose2d(latent_dim, 8 * width, 4, bias=False),  # => 4 x 4
            nn.BatchNorm2d(8 * width), nn.ReLU(),
            nn.ConvTranspose2d(8 * width, 4 * width, 4, 2, 1, bias=False),  # => 8 x 8
            nn.BatchNorm2d(4 * width), nn.ReLU(),
            nn.ConvTranspose2d(4 * width, 2 * width, 4, 2, 1, bias=False),  # => 16 x 16
            nn.BatchNorm2d(2 * width), nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False),  # => 32 x 32
            nn.BatchNorm2d(width), nn.ReLU(),
            nn.ConvTranspose2d(width, 3, 4, 2, 1),  # => 64 x 64
            nn.Tanh(),
        )
    def forward(self, z):
        return self.net(z.view(len(z), -1, 1, 1))
""",
    "Discriminator": """
class Discriminator(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2),  # => 32 x 32
            nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False),  # => 16 x 16
            nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 4, 2, 1, bias=False),  # => 8 x 8
            nn.BatchNorm2d(4 * width), nn.LeakyReLU(0.2),
            nn.Conv2d(4 * width, 8 * width, 4, 2, 1, bias=False),  # => 4 x 4
            nn.BatchNorm2d(8 * width), nn.LeakyReLU(0.2),
            nn.Conv2d(8 * width, 1, 4),  # => 1 x 1
        )
    def forward(self, x):
        return self.net(x).flatten()
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
    opt_g = torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    return opt_g, opt_d
""",
    "discriminator_step": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    z = torch.randn(len(real), generator.latent_dim)
    with torch.no_grad():
        fake = generator(z)
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
    opt_g.zero_grad()
    loss = generator_loss(discriminator(generator(z)))
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
        images = generator(torch.randn(n, generator.latent_dim))
    generator.train(was_training)
    return images
""",
}


def solution_notebook(path: Path, **changed: str | None) -> Path:
    """The right solution with some components replaced (None leaves one out)."""
    cells = [code_cell(IMPORTS)]
    for name, source in (RIGHT | changed).items():
        if source is not None:
            cells += component_cells(name, source)
    return write_notebook(path, cells, lab="gan")
