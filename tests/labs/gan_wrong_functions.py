"""Wrong functions of the lab `gan`: none may get full points. Those with a name are in the catalogue."""

BCE = "bce = F.binary_cross_entropy_with_logits"


def _d(value: str, before: str = "pass", smoothing: str = "0.9") -> str:
    return f"def discriminator_loss(real_logits, fake_logits, smoothing={smoothing}):\n    r, f, s = real_logits, fake_logits, smoothing\n    {BCE}\n    {before}\n    return {value}"


def _g(value: str, before: str = "pass") -> str:
    return (
        f"def generator_loss(fake_logits):\n    f = fake_logits\n    {BCE}\n    {before}\n    return {value}"
    )


def _opts(g: str, d: str, back: str = "opt_g, opt_d") -> str:
    return f"def make_optimizers(generator, discriminator):\n    A = torch.optim.Adam\n    opt_g = {g}\n    opt_d = {d}\n    return {back}"


def _dstep(*lines: str) -> str:
    return "def discriminator_step(generator, discriminator, opt_d, real):\n    " + "\n    ".join(lines)


def _gstep(*lines: str) -> str:
    return "def generator_step(generator, discriminator, opt_g, batch_size):\n    " + "\n    ".join(lines)


def _train(*lines: str) -> str:
    return "def train_step(generator, discriminator, opt_g, opt_d, real):\n    " + "\n    ".join(lines)


G, D = "A(generator.parameters(), lr=1e-4, betas=(0.5, 0.999))", "A(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))"  # fmt: skip
TRAIN_D, TRAIN_G = "discriminator.train()", "generator.train()"
Z = "z = torch.randn(len(real), generator.latent_dim)"
FAKE = "fake = generator(z).detach()"
LOSS_D = "loss = discriminator_loss(discriminator(real), discriminator(fake))"
MOVE_D = ("opt_d.zero_grad()", "loss.backward()", "opt_d.step()")
BACK = "return loss.item()"
ZG = "z = torch.randn(batch_size, generator.latent_dim)"
LOSS_G = "loss = generator_loss(discriminator(generator(z)))"
MOVE_G = ("opt_g.zero_grad()", "loss.backward()", "opt_g.step()")
STEP_D = "d = discriminator_step(generator, discriminator, opt_d, real)"
STEP_G = "g = generator_step(generator, discriminator, opt_g, len(real))"
BOTH = 'return {"d_loss": d, "g_loss": g}'
# A train step in line.
IN_D = (TRAIN_D, TRAIN_G, Z, FAKE, "d_loss = discriminator_loss(discriminator(real), discriminator(fake))")
IN_DM = ("opt_d.zero_grad(); d_loss.backward(); opt_d.step()", "d = d_loss.item()")
IN_G = (
    "z = torch.randn(len(real), generator.latent_dim); g_loss = generator_loss(discriminator(generator(z)))"
)
IN_GM = "opt_g.zero_grad(); g_loss.backward(); opt_g.step(); g = g_loss.item()"

LABELLED = "bce({}, torch.full_like({}, {})) + bce({}, torch.full_like({}, {}))"


def _labels(real: str, fake: str) -> str:
    return LABELLED.format("r", "r", real, "f", "f", fake)


WRONG = {
    "discriminator_loss": {
        "fake smoothed to 0.1": _d(_labels("s", "0.1")),
        "a float": _d(f"({_labels('s', '0.0')}).item()"),
        "a pair": _d("bce(r, torch.full_like(r, s)), bce(f, torch.zeros_like(f))"),
        "rows": _d("F.softplus(r) - s * r + F.softplus(f)"),
        "labels of one size": _d("bce(r, torch.full((7,), s)) + bce(f, torch.zeros(5))"),
        "labels of the real batch for both": _d("bce(r, torch.full_like(r, s)) + bce(f, torch.zeros_like(r))"),
        "clamped logits": _d(_labels("s", "0.0"), "r, f = r.clamp(-2, 2), f.clamp(-2, 2)"),
        "no argument": "def discriminator_loss(real_logits, fake_logits):\n    return F.softplus(real_logits).mean() - 0.9 * real_logits.mean() + F.softplus(fake_logits).mean()",
        "in place": _d(_labels("s", "0.0"), "real_logits.data.mul_(1.5)"),
        "nothing": _d("None"),
        "relativistic": _d("F.softplus(-(r.mean() - f.mean()))"),
    },
    "generator_loss": {
        "logarithm of sigmoid": _g("-torch.log(torch.sigmoid(f)).mean()", "f = f - 60"),
        "infinite far out": _g("-torch.log(torch.exp(f) / (1 + torch.exp(f)).square() * (1 + torch.exp(f))).mean()"),
        "float": _g("bce(f, torch.ones_like(f)).item()"),
        "labels of one size": _g("bce(f, torch.ones(7))"),
        "as the discriminator's": "def generator_loss(fake_logits, real_logits):\n    return F.softplus(-fake_logits).mean()",
    },
    "make_optimizers": {
        "one returned": _opts(G, D, "opt_g"),
        "dict": _opts(G, D, '{"g": opt_g, "d": opt_d}'),
        "three": _opts(G, D, "opt_g, opt_d, None"),
        "classes": _opts("A", "A"),
        "nothing": _opts(G, D, "None"),
    },
    "discriminator_step": {
        "zero_grad before step": _dstep(TRAIN_D, Z, FAKE, LOSS_D, "loss.backward()", "opt_d.zero_grad()", "opt_d.step()", BACK),
        "step first": _dstep(TRAIN_D, Z, FAKE, LOSS_D, "opt_d.step()", "opt_d.zero_grad()", "loss.backward()", BACK),
        "one noise for all": _dstep(TRAIN_D, "z = torch.randn(1, generator.latent_dim).expand(len(real), -1)", FAKE, LOSS_D, *MOVE_D, BACK),
        "noise of 100": _dstep(TRAIN_D, "z = torch.randn(len(real), 100)", FAKE, LOSS_D, *MOVE_D, BACK),
        "weights clipped as a WGAN's": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "for p in discriminator.parameters(): p.data.clamp_(-0.01, 0.01)", BACK),
        "weights clipped": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "for p in discriminator.parameters(): p.data.clamp_(-1e-4, 1e-4)", BACK),
        "half the batch": _dstep("real = real[: len(real) // 2]", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK),
        "images scaled": _dstep("real = (real + 1) / 2", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK),
        "noisy images": _dstep("real = real + 0.3 * torch.randn_like(real)", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK),
        "makes its own optimiser": _dstep("opt_d = torch.optim.SGD(discriminator.parameters(), lr=1e-7)", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK),
        "changes the rate": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "opt_d.param_groups[0]['lr'] *= 0.99", BACK),
        "pair returned": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "return loss.item(), 0.0"),
        "nothing returned": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D),
        "zero returned": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "return 0.0"),
    },
    "generator_step": {
        "two updates": _gstep(TRAIN_G, "for _ in range(2):", "    " + ZG, "    " + LOSS_G, *("    " + m for m in MOVE_G), BACK),
        "noise of 100": _gstep(TRAIN_G, "z = torch.randn(batch_size, 100)", LOSS_G, *MOVE_G, BACK),
        "noise of one for all": _gstep(TRAIN_G, "z = torch.randn(generator.latent_dim).repeat(batch_size, 1)", LOSS_G, *MOVE_G, BACK),
        "nothing returned": _gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G),
        "fakes returned": _gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "return generator(z)"),
        "changes the betas": _gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "opt_g.param_groups[0]['momentum'] = 0.1", BACK),
    },
    "train_step": {
        "optimisers swapped": _train(STEP_D.replace("opt_d", "opt_g"), *[STEP_G.replace("opt_g", "opt_d")] * 2, BOTH),
        "half batches": _train(STEP_D, *[STEP_G.replace("len(real)", "len(real) // 2")] * 2, BOTH),
        "half of the images": _train("real = real[: len(real) // 2]", STEP_D, STEP_G, STEP_G, BOTH),
        "floats swapped": _train(STEP_D, STEP_G, STEP_G, 'return {"d_loss": g, "g_loss": d}'),
        "a list of both": _train(STEP_D, STEP_G, STEP_G, 'return {"d_loss": d, "g_loss": [g, g]}'),
        "fakes detached for the generator": _train(STEP_D, TRAIN_G, "for _ in range(2):", "    " + IN_G.replace("generator(z)", "generator(z).detach()"), "    " + IN_GM, BOTH),
        "both losses at once": _train(TRAIN_D, TRAIN_G, Z, "fake = generator(z)", "d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))", "g_loss = generator_loss(discriminator(fake))", "opt_d.zero_grad(); opt_g.zero_grad()", "(d_loss + g_loss).backward()", "opt_d.step(); opt_g.step()", 'return {"d_loss": d_loss.item(), "g_loss": g_loss.item()}'),
        "real changed": _train("real.mul_(0.5).add_(0.5)", STEP_D, STEP_G, STEP_G, BOTH),
        "changes the rate": _train(STEP_D, STEP_G, STEP_G, "opt_g.param_groups[0]['lr'] *= 0.9", BOTH),
    },
}  # fmt: skip
