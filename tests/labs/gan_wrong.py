"""Wrong networks, initialisations and samplers of the lab `gan`: none may get full points.

A description is enough for these; those with a name are in the catalogue, `autograder/misconceptions`.
"""

from solutions.styles.gan_networks import blocks_down, blocks_up, discriminator, generator

Z = "z[:, :, None, None]"
INIT = """
def init_weights(m):
    if isinstance(m, {convolutions}):
        {weight}
    elif isinstance(m, nn.BatchNorm2d):
        {norm}
"""
SAMPLE = """
def sample(generator, n):
    was = generator.training
    generator.eval()
    with torch.no_grad():
        x = {images}
    generator.train(was)
    return {returned}
"""
BOTH, NORMAL = "(nn.Conv2d, nn.ConvTranspose2d)", "nn.init.normal_(m.weight, 0, 0.02)"
NORM = "nn.init.normal_(m.weight, 1, 0.02); nn.init.zeros_(m.bias)"


def _init(weight: str = NORMAL, norm: str = NORM, convolutions: str = BOTH) -> str:
    return INIT.format(weight=weight, norm=norm, convolutions=convolutions)


def _sample(images: str = "generator(torch.randn(n, generator.latent_dim))", returned: str = "x") -> str:
    return SAMPLE.format(images=images, returned=returned)


def _last(source: str, old: str, new: str) -> str:
    assert old in source
    return source.replace(old, new)


WRONG = {
    "Generator": {
        "flat pictures": generator(blocks_up(), f"return self.net({Z}).flatten(1)"),
        "channels last": generator(blocks_up(), f"return self.net({Z}).permute(0, 2, 3, 1)"),
        "grey": generator(_last(blocks_up(), "nn.ConvTranspose2d(w, 3,", "nn.ConvTranspose2d(w, 1,")),
        "32 pixels": generator(_last(blocks_up(), "nn.ConvTranspose2d(w, 3, 4, 2, 1)", "nn.ConvTranspose2d(w, 3, 3, 1, 1)")),
        "noise of 100 in any case": generator(_last(blocks_up(), "latent_dim, 8", "100, 8")),
        "noise changed": generator(blocks_up(), f"z -= z.mean(1, keepdim=True)\nreturn self.net({Z})"),
        "float64": generator(blocks_up(), f"return self.net({Z}).double()"),
        "nothing returned": generator(blocks_up(), f"self.net({Z})"),
    },
    "Discriminator": {
        "mean of the batch": discriminator(blocks_down(), "return self.net(x).mean()"),
        "patches": discriminator(_last(blocks_down(), "nn.Conv2d(8 * w, 1, 4)", "nn.Conv2d(8 * w, 1, 1)"), "return self.net(x)"),
        "patches, flat": discriminator(_last(blocks_down(), "nn.Conv2d(8 * w, 1, 4)", "nn.Conv2d(8 * w, 1, 1)")),
        "two classes": discriminator(_last(blocks_down(), "nn.Conv2d(8 * w, 1, 4)", "nn.Conv2d(8 * w, 2, 4)"), "return self.net(x).flatten(1)"),
        "half precision": discriminator(blocks_down(), "return self.net(x).flatten().half()"),
    },
    "init_weights": {
    },
    "sample": {
        "a seed": _sample("generator(torch.manual_seed(0) and torch.randn(n, generator.latent_dim))"),
        "flat": _sample(returned="x.flatten(1)"),
        "one picture": _sample(returned="x[0]"),
    },
}  # fmt: skip
