"""Wrong networks, initialisations and samplers of the lab `gan`: none may get full points.

Each is (source, name of the misconception that must be told, or None where a description is enough).
"""

from tests.labs.gan_right import blocks_down, blocks_up, discriminator, generator

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
        "no tanh": (generator(blocks_up(last="")), "no-tanh-on-images"),
        "spectral norm and no tanh": (generator(blocks_up("nn.BatchNorm2d({})", last="", wrap="nn.utils.spectral_norm({})")), "no-tanh-on-images"),
        "sigmoid": (generator(blocks_up(last="nn.Sigmoid()")), "sigmoid-on-images"),
        "tanh moved to [0, 1]": (generator(blocks_up(), f"return (self.net({Z}) + 1) / 2"), "sigmoid-on-images"),
        "relu before tanh": (generator(blocks_up(last="nn.ReLU(), nn.Tanh()")), "sigmoid-on-images"),
        "tanh twice": (generator(blocks_up(last="nn.Tanh(), nn.Tanh()")), "tanh-twice"),
        "half of tanh": (generator(blocks_up(), f"return 0.5 * self.net({Z})"), "range-not-reached"),
        "bytes": (generator(blocks_up(), f"return 127.5 * (self.net({Z}) + 1)"), "no-tanh-on-images"),
        "relu at the end": (generator(blocks_up(last="nn.ReLU()")), "no-tanh-on-images"),
        "wants four axes": (generator(blocks_up(), "return self.net(z)"), "noise-four-dimensional"),
        "flat pictures": (generator(blocks_up(), f"return self.net({Z}).flatten(1)"), None),
        "channels last": (generator(blocks_up(), f"return self.net({Z}).permute(0, 2, 3, 1)"), None),
        "grey": (generator(_last(blocks_up(), "nn.ConvTranspose2d(w, 3,", "nn.ConvTranspose2d(w, 1,")), None),
        "32 pixels": (generator(_last(blocks_up(), "nn.ConvTranspose2d(w, 3, 4, 2, 1)", "nn.ConvTranspose2d(w, 3, 3, 1, 1)")), None),
        "noise of 100 in any case": (generator(_last(blocks_up(), "latent_dim, 8", "100, 8")), None),
        "width ignored": (generator("w = 8\n" + blocks_up()), "width-ignored"),
        "no width": (_last(generator(blocks_up()), "latent_dim=100, width=64", "latent_dim=100").replace("w = width", "w = 8"), "width-not-taken"),
        "upsampling": (generator("self.net = nn.Sequential(nn.Conv2d(latent_dim, 4 * w, 1), nn.Upsample(scale_factor=8), nn.Conv2d(4 * w, w, 3, padding=1), nn.ReLU(), nn.Upsample(scale_factor=8), nn.Conv2d(w, 3, 3, padding=1), nn.Tanh())"), "upsampling-instead-of-transposed-convolution"),
        "fully connected": (generator("self.net = nn.Sequential(nn.Linear(latent_dim, 4 * w), nn.ReLU(), nn.Linear(4 * w, 3 * 64 * 64), nn.Tanh())", "return self.net(z).view(-1, 3, 64, 64)"), "fully-connected"),
        "half of the noise": (generator(_last(blocks_up(), "latent_dim, 8", "latent_dim // 2, 8"), "return self.net(z[:, : z.shape[1] // 2, None, None])"), "input-ignored"),
        "noise of its own": (generator(blocks_up(), "return self.net(torch.randn_like(z)[:, :, None, None])"), "random-in-eval-mode"),
        "detached": (generator(blocks_up(), f"return self.net({Z}).detach()"), "graph-cut"),
        "detached inside": (generator(blocks_up(), f"return self.net[2:](self.net[:2]({Z}).detach())"), "graph-cut"),
        "frozen": (generator(blocks_up() + "\nself.net[3].weight.requires_grad_(False)"), "graph-cut"),
        "statistics of the batch in eval mode": (generator(blocks_up("nn.BatchNorm2d({}, track_running_stats=False)")), "rows-mixed"),
        "rows mixed by a reshape": (generator(blocks_up(), f"return self.net({Z}).reshape(3, len(z), 64, 64).transpose(0, 1)"), "rows-mixed"),
        "dropout in eval mode": (generator(blocks_up(), f"return self.net(F.dropout({Z}, 0.5))"), "random-in-eval-mode"),
        "a seed": (generator("torch.manual_seed(0)\n" + blocks_up()), "reseeds-global-state"),
        "noise changed": (generator(blocks_up(), f"z -= z.mean(1, keepdim=True)\nreturn self.net({Z})"), None),
        "layers in a list": (generator("self.a = [nn.ConvTranspose2d(latent_dim, 3, 64)]", f"return torch.tanh(self.a[0]({Z}))"), "layers-not-registered"),
        "float64": (generator(blocks_up(), f"return self.net({Z}).double()"), None),
        "nothing returned": (generator(blocks_up(), f"self.net({Z})"), None),
    },
    "Discriminator": {
        "sigmoid": (discriminator(blocks_down(last="nn.Sigmoid()")), "sigmoid-on-logits"),
        "sigmoid twice": (discriminator(blocks_down(last="nn.Sigmoid(), nn.Sigmoid()")), "sigmoid-on-logits"),
        "spectral norm and a sigmoid": (discriminator(blocks_down("", last="nn.Sigmoid()", wrap="nn.utils.spectral_norm({})")), "sigmoid-on-logits"),
        "tanh": (discriminator(blocks_down(last="nn.Tanh()")), "activation-on-logits"),
        "relu": (discriminator(blocks_down("", last="nn.ReLU()")), "activation-on-logits"),
        "softplus": (discriminator(blocks_down(last="nn.Softplus()")), "activation-on-logits"),
        "log of a sigmoid": (discriminator(blocks_down(last="nn.LogSigmoid()")), "activation-on-logits"),
        "elu": (discriminator(blocks_down("", last="nn.ELU()")), "activation-on-logits"),
        "a column": (discriminator(blocks_down(), "return self.net(x).flatten(1)"), "logits-not-flat"),
        "four axes": (discriminator(blocks_down(), "return self.net(x)"), "logits-not-flat"),
        "a column, and a sigmoid": (discriminator(blocks_down(last="nn.Sigmoid()"), "return self.net(x).flatten(1)"), "sigmoid-on-logits"),
        "squeeze": (discriminator(blocks_down(), "return self.net(x).squeeze()"), "squeeze-drops-batch"),
        "squeeze, and a sigmoid": (discriminator(blocks_down(last="nn.Sigmoid()"), "return self.net(x).squeeze()"), "sigmoid-on-logits"),
        "mean of the batch": (discriminator(blocks_down(), "return self.net(x).mean()"), None),
        "patches": (discriminator(_last(blocks_down(), "nn.Conv2d(8 * w, 1, 4)", "nn.Conv2d(8 * w, 1, 1)"), "return self.net(x)"), None),
        "patches, flat": (discriminator(_last(blocks_down(), "nn.Conv2d(8 * w, 1, 4)", "nn.Conv2d(8 * w, 1, 1)")), None),
        "two classes": (discriminator(_last(blocks_down(), "nn.Conv2d(8 * w, 1, 4)", "nn.Conv2d(8 * w, 2, 4)"), "return self.net(x).flatten(1)"), None),
        "width ignored": (discriminator("w = 8\n" + blocks_down()), "width-ignored"),
        "no width": (_last(discriminator(blocks_down()), "width=64", "channels=3").replace("w = width", "w = 8"), "width-not-taken"),
        "fully connected": (discriminator("self.net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 4 * w), nn.LeakyReLU(0.2), nn.Linear(4 * w, 1))"), "fully-connected"),
        "one channel only": (discriminator(_last(blocks_down(), "nn.Conv2d(3, w", "nn.Conv2d(1, w"), "return self.net(x[:, :1]).flatten()"), "input-ignored"),
        "a corner only": (discriminator("self.net = nn.Sequential(nn.Conv2d(3, w, 4, 4), nn.ReLU(), nn.Conv2d(w, 1, 8))", "return self.net(x[:, :, :32, :32]).flatten()"), "input-ignored"),
        "pictures detached": (discriminator(blocks_down(), "return self.net(x.detach()).flatten()"), "input-ignored"),
        "without gradients": (discriminator(blocks_down(), "with torch.no_grad():\n    h = self.net[:2](x)\nreturn self.net[2:](h).flatten()"), "graph-cut"),
        "statistics of the batch in eval mode": (discriminator(blocks_down("nn.BatchNorm2d({}, track_running_stats=False)")), "rows-mixed"),
        "centred by the batch": (discriminator(blocks_down(), "y = self.net(x).flatten()\nreturn y - y.mean()"), "rows-mixed"),
        "noise in eval mode": (discriminator(blocks_down(), "return self.net(x + 0.5 * torch.randn_like(x)).flatten()"), "random-in-eval-mode"),
        "pictures changed": (discriminator(blocks_down(), "x += 0.1\nreturn self.net(x).flatten()"), "input-modified"),
        "a seed in forward": (discriminator(blocks_down(), "torch.manual_seed(1)\nreturn self.net(x + 0.1 * self.training * torch.randn_like(x)).flatten()"), "reseeds-global-state"),
        "half precision": (discriminator(blocks_down(), "return self.net(x).flatten().half()"), None),
    },
    "init_weights": {
        "nothing": ("def init_weights(module):\n    pass\n", "weights-unchanged"),
        "a new tensor": (_init("m.weight.data.clone().normal_(0, 0.02)", "torch.normal(1.0, 0.02, m.weight.shape)"), "weights-unchanged"),
        "transposed ones left out": (_init(convolutions="nn.Conv2d"), "transposed-convolutions-left-out"),
        "transposed ones only": (_init(convolutions="nn.ConvTranspose2d"), "convolutions-left-out"),
        "convolutions left out": (_init(convolutions="nn.Linear"), "convolutions-left-out"),
        "batch norm left out": (_init(norm="pass"), "batch-norm-left-out"),
        "batch norm around 0": (_init(norm="nn.init.normal_(m.weight, 0, 0.02); nn.init.zeros_(m.bias)"), "batch-norm-mean-zero"),
        "batch norm all 1": (_init(norm="nn.init.ones_(m.weight); nn.init.zeros_(m.bias)"), "batch-norm-left-out"),
        "bias drawn": (_init(norm="nn.init.normal_(m.weight, 1, 0.02); nn.init.normal_(m.bias, 0, 0.02)"), "batch-norm-bias"),
        "bias 1": (_init(norm="nn.init.normal_(m.weight, 1, 0.02); nn.init.ones_(m.bias)"), "batch-norm-bias"),
        "bias left": (_init(norm="nn.init.normal_(m.weight, 1, 0.02)"), "batch-norm-bias"),
        "variance 0.02": (_init("nn.init.normal_(m.weight, 0, 0.02 ** 0.5)"), "std-is-variance"),
        "std squared": (_init("nn.init.normal_(m.weight, 0, 0.02 ** 2)"), "variance-is-std"),
        "std 0.2": (_init("nn.init.normal_(m.weight, 0, 0.2)"), "init-scale"),
        "std 1": (_init("nn.init.normal_(m.weight)"), "init-scale"),
        "mean 0.02": (_init("nn.init.normal_(m.weight, 0.02, 0.02)"), "init-mean"),
        "uniform": (_init("nn.init.uniform_(m.weight, -0.02, 0.02)"), "init-scale"),
        "uniform of the right spread": (_init("nn.init.uniform_(m.weight, -0.02 * 3 ** 0.5, 0.02 * 3 ** 0.5)"), "init-not-normal"),
        "xavier": (_init("nn.init.xavier_normal_(m.weight)"), "init-scale"),
        "kaiming": (_init("nn.init.kaiming_normal_(m.weight)"), "init-scale"),
        "constant": (_init("nn.init.constant_(m.weight, 0.02)"), "weights-constant"),
        "all layers alike": ("def init_weights(m):\n    if hasattr(m, 'weight'):\n        nn.init.normal_(m.weight, 0, 0.02)\n        if m.bias is not None:\n            nn.init.zeros_(m.bias)\n", "batch-norm-mean-zero"),
        "a seed": (_init("torch.manual_seed(0); " + NORMAL), "reseeds-global-state"),
        "a bias assumed": (_init(NORMAL + "; nn.init.zeros_(m.bias)"), "bias-assumed"),
        "a weight assumed": ("def init_weights(m):\n    if isinstance(m, nn.BatchNorm2d):\n        " + NORM + "\n    elif not isinstance(m, nn.Sequential) and not isinstance(m, (nn.ReLU, nn.LeakyReLU)):\n        nn.init.normal_(m.weight, 0, 0.02)\n", "other-layers-break"),
        "frozen": (_init(NORMAL + "; m.weight.requires_grad_(False)"), "requires-grad-changed"),
    },
    "sample": {
        "train mode": (_sample().replace("    generator.eval()\n", ""), "sample-in-train-mode"),
        "left in eval mode": (_sample().replace("    generator.train(was)\n", ""), "mode-not-restored"),
        "left in train mode": (_sample().replace("generator.train(was)", "generator.train()"), "mode-not-restored"),
        "uniform noise": (_sample("generator(torch.rand(n, generator.latent_dim))"), "noise-uniform"),
        "uniform noise in [-1, 1]": (_sample("generator(2 * torch.rand(n, generator.latent_dim) - 1)"), "noise-uniform"),
        "zeros": (_sample("generator(torch.zeros(n, generator.latent_dim))"), "noise-missing"),
        "small noise": (_sample("generator(0.7 * torch.randn(n, generator.latent_dim))"), "noise-scaled"),
        "one draw for all": (_sample("generator(torch.randn(1, generator.latent_dim).expand(n, -1))"), "noise-shared-by-rows"),
        "the same noise each time": ("torch.manual_seed(3)\nFIXED = torch.randn(64, 200)\n" + _sample("generator(FIXED[:n, : generator.latent_dim])"), "noise-not-fresh"),
        "a seed": (_sample("generator(torch.manual_seed(0) and torch.randn(n, generator.latent_dim))"), None),
        "noise of 100": (_sample("generator(torch.randn(n, 100))"), "latent-dim-fixed"),
        "moved to [0, 1]": (_sample(returned="(x + 1) / 2"), "sample-rescaled"),
        "tanh again": (_sample(returned="torch.tanh(x)"), "not-generated"),
        "graph kept": (_sample().replace("with torch.no_grad():", "if True:"), "sample-records-graph"),
        "gradients left off": (_sample().replace("with torch.no_grad():", "if torch.set_grad_enabled(False) or True:"), "grad-mode-left-off"),
        "flat": (_sample(returned="x.flatten(1)"), None),
        "one picture": (_sample(returned="x[0]"), None),
    },
}  # fmt: skip
