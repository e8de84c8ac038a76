"""Wrong functions of the lab `gan`: none may get full points. Each is (source, misconception or None)."""

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
        "labels swapped": (_d(_labels("0.0", "s")), "labels-swapped"),
        "labels swapped, no smoothing": (_d(_labels("0.0", "1.0")), "labels-swapped"),
        "fake against one": (_d(_labels("s", "1.0")), "fake-target-one"),
        "both against smoothing": (_d(_labels("s", "s")), "fake-target-one"),
        "fake smoothed too": (_d(_labels("s", "1 - s")), "fake-smoothed"),
        "fake smoothed to 0.1": (_d(_labels("s", "0.1")), None),
        "no smoothing": (_d(_labels("1.0", "0.0")), "smoothing-not-applied"),
        "smoothing on fakes": (_d(_labels("1.0", "1 - s")), "smoothing-on-fake"),
        "always 0.9": (_d(_labels("0.9", "0.0")), "smoothing-hard-coded"),
        "default of 1": (_d(_labels("s", "0.0"), smoothing="1.0"), "smoothing-default"),
        "default of 0.1": (_d(_labels("1 - s", "0.0"), smoothing="0.1"), "smoothing-inverted"),
        "against 1 minus smoothing": (_d(_labels("1 - s", "0.0")), "smoothing-inverted"),
        "smoothing as a weight": (_d("s * bce(r, torch.ones_like(r)) + bce(f, torch.zeros_like(f))"), "smoothing-as-weight"),
        "half of the real half": (_d("-(s * F.logsigmoid(r)).mean() - F.logsigmoid(-f).mean()"), "smoothing-as-weight"),
        "sums": (_d("F.softplus(r).sum() - s * r.sum() + F.softplus(f).sum()"), "summed-over-batch"),
        "halved": (_d(f"0.5 * ({_labels('s', '0.0')})"), "loss-halved"),
        "one mean over all": (_d("bce(torch.cat([r, f]), torch.cat([torch.full_like(r, s), torch.zeros_like(f)]))"), "mean-of-all"),
        "sigmoid first": (_d(_labels("s", "0.0"), "r, f = torch.sigmoid(r), torch.sigmoid(f)"), "sigmoid-twice"),
        "logits to BCELoss": (_d("nn.BCELoss()(r, torch.full_like(r, s)) + nn.BCELoss()(f, torch.zeros_like(f))"), "logits-into-bce"),
        "logarithm of logits": (_d("-torch.log(r).mean() - torch.log(1 - f).mean()"), "loss-not-finite"),
        "logarithms of sigmoids": (_d("-(s * torch.log(r.sigmoid()) + (1 - s) * torch.log(1 - r.sigmoid())).mean() - torch.log(1 - f.sigmoid()).mean()"), "log-of-sigmoid"),
        "negative": (_d(f"-({_labels('s', '0.0')})"), "loss-negated"),
        "to be maximised, no smoothing": (_d("F.logsigmoid(r).mean() + F.logsigmoid(-f).mean()"), "loss-negated"),
        "halves subtracted": (_d("bce(r, torch.full_like(r, s)) - bce(f, torch.zeros_like(f))"), "halves-subtracted"),
        "real only": (_d("bce(r, torch.full_like(r, s))"), "fake-left-out"),
        "fake only": (_d("bce(f, torch.zeros_like(f))"), "real-left-out"),
        "hinge": (_d("F.relu(1 - r).mean() + F.relu(1 + f).mean()"), "hinge-loss"),
        "least squares": (_d("((r - s) ** 2).mean() + (f ** 2).mean()"), "least-squares-loss"),
        "least squares, halved": (_d("0.5 * ((r - 1) ** 2).mean() + 0.5 * (f ** 2).mean()"), "least-squares-loss"),
        "Wasserstein": (_d("f.mean() - r.mean()"), "wasserstein-loss"),
        "base 2": (_d(f"({_labels('s', '0.0')}) / math.log(2)"), "log-base"),
        "arguments swapped": (_d(_labels("s", "0.0"), "r, f = f, r"), "labels-swapped"),
        "a constant": (_d(f"3 * ({_labels('s', '0.0')})"), "constant-factor"),
        "a float": (_d(f"({_labels('s', '0.0')}).item()"), None),
        "detached": (_d(f"({_labels('s', '0.0')}).detach()"), "graph-cut"),
        "fake detached": (_d(_labels("s", "0.0"), "f = f.detach()"), "graph-cut"),
        "real detached": (_d(_labels("s", "0.0"), "r = r.detach()"), "graph-cut"),
        "a pair": (_d("bce(r, torch.full_like(r, s)), bce(f, torch.zeros_like(f))"), None),
        "rows": (_d("F.softplus(r) - s * r + F.softplus(f)"), None),
        "not reduced": (_d("torch.cat([F.softplus(r) - s * r, F.softplus(f)])"), "loss-not-reduced"),
        "labels of one size": (_d("bce(r, torch.full((7,), s)) + bce(f, torch.zeros(5))"), None),
        "labels of the real batch for both": (_d("bce(r, torch.full_like(r, s)) + bce(f, torch.zeros_like(r))"), None),
        "noisy labels": (_d("bce(r, torch.full_like(r, s) + 0.1 * torch.rand_like(r)) + bce(f, torch.zeros_like(f))"), "loss-random"),
        "random smoothing": (_d("bce(r, 0.7 + 0.5 * torch.rand_like(r)) + bce(f, 0.3 * torch.rand_like(f))"), "loss-random"),
        "clamped logits": (_d(_labels("s", "0.0"), "r, f = r.clamp(-2, 2), f.clamp(-2, 2)"), None),
        "no argument": ("def discriminator_loss(real_logits, fake_logits):\n    return F.softplus(real_logits).mean() - 0.9 * real_logits.mean() + F.softplus(fake_logits).mean()", None),
        "in place": (_d(_labels("s", "0.0"), "real_logits.data.mul_(1.5)"), None),
        "nothing": (_d("None"), None),
        "relativistic": (_d("F.softplus(-(r.mean() - f.mean()))"), None),
    },
    "generator_loss": {
        "saturating": (_g("-bce(f, torch.zeros_like(f))"), "saturating-loss"),
        "saturating by hand": (_g("torch.log(1 - torch.sigmoid(f) + 1e-8).mean()"), "saturating-loss"),
        "against zero": (_g("bce(f, torch.zeros_like(f))"), "generator-target-zero"),
        "against 0.9": (_g("bce(f, torch.full_like(f, 0.9))"), "generator-target-smoothed"),
        "log D": (_g("F.logsigmoid(f).mean()"), "loss-negated"),
        "sum": (_g("F.softplus(-f).sum()"), "summed-over-batch"),
        "half": (_g("0.5 * bce(f, torch.ones_like(f))"), "loss-halved"),
        "sigmoid first": (_g("bce(torch.sigmoid(f), torch.ones_like(f))"), "sigmoid-twice"),
        "logits to BCELoss": (_g("nn.BCELoss()(f, torch.ones_like(f))"), "logits-into-bce"),
        "logarithm of sigmoid": (_g("-torch.log(torch.sigmoid(f)).mean()", "f = f - 60"), None),
        "log of 1 minus": (_g("-torch.log(1 - torch.sigmoid(-f)).mean()"), "log-of-sigmoid"),
        "infinite far out": (_g("-torch.log(torch.exp(f) / (1 + torch.exp(f)).square() * (1 + torch.exp(f))).mean()"), None),
        "hinge": (_g("-f.mean()"), "wasserstein-loss"),
        "mean logit": (_g("f.mean()"), "wasserstein-loss"),
        "relu": (_g("F.relu(1 - f).mean()"), "hinge-loss"),
        "least squares": (_g("((f - 1) ** 2).mean()"), "least-squares-loss"),
        "probability": (_g("(1 - torch.sigmoid(f)).mean()"), "probability-not-logarithm"),
        "detached": (_g("bce(f.detach(), torch.ones_like(f))"), "graph-cut"),
        "float": (_g("bce(f, torch.ones_like(f)).item()"), None),
        "not reduced": (_g("F.softplus(-f)"), "loss-not-reduced"),
        "labels of one size": (_g("bce(f, torch.ones(7))"), None),
        "base 2": (_g("bce(f, torch.ones_like(f)) / math.log(2)"), "log-base"),
        "twice": (_g("2 * bce(f, torch.ones_like(f))"), "constant-factor"),
        "noise": (_g("bce(f + torch.randn_like(f), torch.ones_like(f))"), "loss-random"),
        "as the discriminator's": ("def generator_loss(fake_logits, real_logits):\n    return F.softplus(-fake_logits).mean()", None),
    },
    "make_optimizers": {
        "default betas": (_opts("A(generator.parameters(), lr=1e-4)", "A(discriminator.parameters(), lr=2e-4)"), "betas-default"),
        "default betas of one": (_opts(G, "A(discriminator.parameters(), lr=2e-4)"), "betas-default"),
        "other betas": (_opts(G, "A(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.9))"), "betas-wrong"),
        "beta1 of 0": (_opts(G.replace("0.5", "0.0"), D.replace("0.5", "0.0")), "betas-wrong"),
        "equal rates": (_opts(G, D.replace("2e-4", "1e-4")), "equal-rates"),
        "default rates": (_opts("A(generator.parameters(), betas=(0.5, 0.999))", "A(discriminator.parameters(), betas=(0.5, 0.999))"), "equal-rates"),
        "rate of 0": (_opts(G.replace("1e-4", "0.0"), D), "rate-not-positive"),
        "SGD": (_opts("torch.optim.SGD(generator.parameters(), lr=1e-2)", "torch.optim.SGD(discriminator.parameters(), lr=2e-2)"), "not-adam"),
        "RMSprop": (_opts("torch.optim.RMSprop(generator.parameters(), lr=5e-5)", D), "not-adam"),
        "NAdam": (_opts(G.replace("A(", "torch.optim.NAdam("), D.replace("A(", "torch.optim.NAdam(")), "not-adam"),
        "swapped": (_opts(G, D, "opt_d, opt_g"), "optimizers-swapped"),
        "one for both": (_opts("A([*generator.parameters(), *discriminator.parameters()], lr=1e-4, betas=(0.5, 0.999))", "opt_g"), "one-optimizer"),
        "both have all": (_opts("A([*generator.parameters(), *discriminator.parameters()], lr=1e-4, betas=(0.5, 0.999))", "A([*generator.parameters(), *discriminator.parameters()], lr=2e-4, betas=(0.5, 0.999))"), "optimizer-of-both"),
        "discriminator's has the generator's too": (_opts(G, "A([*generator.parameters(), *discriminator.parameters()], lr=2e-4, betas=(0.5, 0.999))"), "optimizer-of-both"),
        "generator's twice": (_opts(G, "A(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))"), "optimizers-on-one-network"),
        "discriminator's twice": (_opts("A(discriminator.parameters(), lr=1e-4, betas=(0.5, 0.999))", D), "optimizers-on-one-network"),
        "weights only": (_opts(G, "A([p for p in discriminator.parameters() if p.dim() > 1], lr=2e-4, betas=(0.5, 0.999))"), "parameters-left-out"),
        "some of the generator": (_opts("A(list(generator.parameters())[:1], lr=1e-4, betas=(0.5, 0.999))", D), "parameters-left-out"),
        "copies": (_opts("A([p.detach().clone().requires_grad_() for p in generator.parameters()], lr=1e-4, betas=(0.5, 0.999))", D), "optimizer-of-others"),
        "uphill": (_opts(G, D.replace("betas", "maximize=True, betas")), "gradient-ascent"),
        "one returned": (_opts(G, D, "opt_g"), None),
        "dict": (_opts(G, D, '{"g": opt_g, "d": opt_d}'), None),
        "three": (_opts(G, D, "opt_g, opt_d, None"), None),
        "classes": (_opts("A", "A"), None),
        "nothing": (_opts(G, D, "None"), None),
        "reseeds": (_opts(G, D).replace("    A =", "    torch.manual_seed(0)\n    A ="), "reseeds-global-state"),
        "kept from the first call": ("_kept = []\ndef make_optimizers(generator, discriminator):\n    A = torch.optim.Adam\n    if not _kept:\n        _kept.extend([A(nn.Linear(2, 2).parameters(), lr=1e-4, betas=(0.5, 0.999)), A(nn.Linear(2, 2).parameters(), lr=2e-4, betas=(0.5, 0.999))])\n    return tuple(_kept)", "optimizer-of-others"),
        "own class, other betas": ("class Mine(torch.optim.Optimizer):\n    def __init__(self, params, lr):\n        super().__init__(params, dict(lr=lr, betas=(0.5, 0.999)))\n    @torch.no_grad()\n    def step(self):\n        for group in self.param_groups:\n            for p in group['params']:\n                p.sub_(group['lr'] * p.grad)\ndef make_optimizers(generator, discriminator):\n    return Mine(generator.parameters(), 1e-4), Mine(discriminator.parameters(), 2e-4)", "not-adam"),
    },
    "discriminator_step": {
        "no detach": (_dstep(TRAIN_D, Z, "fake = generator(z)", LOSS_D, *MOVE_D, BACK), "fakes-not-detached"),
        "no detach, two passes": (_dstep(TRAIN_D, Z, "opt_d.zero_grad()", "a = F.softplus(discriminator(real)).mean() - 0.9 * discriminator(real).mean()", "a.backward()", "b = F.softplus(discriminator(generator(z))).mean()", "b.backward()", "opt_d.step()", "return (a + b).item()"), "fakes-not-detached"),
        "no zero_grad": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[1:], BACK), "zero-grad-missing"),
        "zero_grad at the end": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[1:], "opt_d.zero_grad()", BACK), "zero-grad-missing"),
        "zero_grad before step": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, "loss.backward()", "opt_d.zero_grad()", "opt_d.step()", BACK), None),
        "no step": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[:2], BACK), "no-update"),
        "no backward": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, "opt_d.zero_grad()", "opt_d.step()", BACK), "no-update"),
        "step first": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, "opt_d.step()", "opt_d.zero_grad()", "loss.backward()", BACK), None),
        "step twice": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "opt_d.step()", BACK), "step-taken-twice"),
        "no train mode": (_dstep(Z, FAKE, LOSS_D, *MOVE_D, BACK), "step-in-eval-mode"),
        "eval mode": (_dstep("discriminator.eval()", Z, FAKE, LOSS_D, *MOVE_D, BACK), "step-in-eval-mode"),
        "generator in train mode only": (_dstep(TRAIN_G, Z, FAKE, LOSS_D, *MOVE_D, BACK), "step-in-eval-mode"),
        "uniform noise": (_dstep(TRAIN_D, Z.replace("randn", "rand"), FAKE, LOSS_D, *MOVE_D, BACK), "noise-uniform"),
        "uniform around 0": (_dstep(TRAIN_D, "z = 2 * torch.rand(len(real), generator.latent_dim) - 1", FAKE, LOSS_D, *MOVE_D, BACK), "noise-uniform"),
        "small noise": (_dstep(TRAIN_D, "z = 0.5 * torch.randn(len(real), generator.latent_dim)", FAKE, LOSS_D, *MOVE_D, BACK), "noise-scaled"),
        "no noise": (_dstep(TRAIN_D, "z = torch.zeros(len(real), generator.latent_dim)", FAKE, LOSS_D, *MOVE_D, BACK), "noise-missing"),
        "one noise for all": (_dstep(TRAIN_D, "z = torch.randn(1, generator.latent_dim).expand(len(real), -1)", FAKE, LOSS_D, *MOVE_D, BACK), None),
        "one number a row": (_dstep(TRAIN_D, "z = torch.randn(len(real), 1).expand(-1, generator.latent_dim)", FAKE, LOSS_D, *MOVE_D, BACK), "noise-shared-by-dims"),
        "noise of 100": (_dstep(TRAIN_D, "z = torch.randn(len(real), 100)", FAKE, LOSS_D, *MOVE_D, BACK), None),
        "fixed noise": ("_fixed = torch.randn(64, 100)\n" + _dstep(TRAIN_D, "z = _fixed[:len(real), :generator.latent_dim]", FAKE, LOSS_D, *MOVE_D, BACK), "noise-not-fresh"),
        "private generator": (_dstep(TRAIN_D, "z = torch.randn(len(real), generator.latent_dim, generator=torch.Generator().manual_seed(0))", FAKE, LOSS_D, *MOVE_D, BACK), "noise-not-fresh"),
        "reseeds": (_dstep("torch.manual_seed(1)", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK), "noise-not-fresh"),
        "puts the random state back": (_dstep(TRAIN_D, f"with torch.random.fork_rng(): {Z}", FAKE, LOSS_D, *MOVE_D, BACK), "noise-not-fresh"),
        "64 fakes": (_dstep(TRAIN_D, "z = torch.randn(64, generator.latent_dim)", FAKE, LOSS_D, *MOVE_D, BACK), "fakes-miscounted"),
        "one fake": (_dstep(TRAIN_D, "z = torch.randn(1, generator.latent_dim)", FAKE, LOSS_D, *MOVE_D, BACK), "fakes-miscounted"),
        "twice as many fakes": (_dstep(TRAIN_D, "z = torch.randn(2 * len(real), generator.latent_dim)", FAKE, LOSS_D, *MOVE_D, BACK), "fakes-miscounted"),
        "no smoothing": (_dstep(TRAIN_D, Z, FAKE, "loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()", *MOVE_D, BACK), "smoothing-not-applied"),
        "no smoothing, by argument": (_dstep(TRAIN_D, Z, FAKE, "loss = discriminator_loss(discriminator(real), discriminator(fake), 1.0)", *MOVE_D, BACK), "smoothing-not-applied"),
        "fakes smoothed": (_dstep(TRAIN_D, Z, FAKE, "r, f = discriminator(real), discriminator(fake)", "loss = (F.softplus(r) - 0.9 * r + F.softplus(f) - 0.1 * f).mean()", *MOVE_D, BACK), "fake-smoothed"),
        "labels swapped": (_dstep(TRAIN_D, Z, FAKE, "loss = discriminator_loss(discriminator(fake), discriminator(real))", *MOVE_D, BACK), "labels-swapped"),
        "halved": (_dstep(TRAIN_D, Z, FAKE, LOSS_D + " / 2", *MOVE_D, "return 2 * loss.item()"), "loss-halved"),
        "sums": (_dstep(TRAIN_D, Z, FAKE, "r, f = discriminator(real), discriminator(fake)", "loss = (F.softplus(r) - 0.9 * r + F.softplus(f)).sum()", *MOVE_D, BACK), "summed-over-batch"),
        "fake only": (_dstep(TRAIN_D, Z, FAKE, "loss = F.softplus(discriminator(fake)).mean()", *MOVE_D, BACK), "real-left-out"),
        "real only": (_dstep(TRAIN_D, Z, FAKE, "r = discriminator(real)", "loss = (F.softplus(r) - 0.9 * r).mean()", *MOVE_D, BACK), "fake-left-out"),
        "uphill": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, "opt_d.zero_grad()", "(-loss).backward()", "opt_d.step()", BACK), "gradient-ascent"),
        "clipped": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[:2], "nn.utils.clip_grad_norm_(discriminator.parameters(), 1.0)", "opt_d.step()", BACK), "gradient-clipped"),
        "clipped hard": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[:2], "nn.utils.clip_grad_norm_(discriminator.parameters(), 0.01)", "opt_d.step()", BACK), "gradient-clipped"),
        "weights clipped as a WGAN's": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "for p in discriminator.parameters(): p.data.clamp_(-0.01, 0.01)", BACK), None),
        "weights clipped": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "for p in discriminator.parameters(): p.data.clamp_(-1e-4, 1e-4)", BACK), None),
        "half the batch": (_dstep("real = real[: len(real) // 2]", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK), None),
        "images scaled": (_dstep("real = (real + 1) / 2", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK), None),
        "noisy images": (_dstep("real = real + 0.3 * torch.randn_like(real)", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK), None),
        "real changed": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "real.mul_(0.5)", BACK), "input-modified"),
        "noise for fakes": (_dstep(TRAIN_D, "fake = torch.randn_like(real)", LOSS_D, *MOVE_D, BACK), "generator-not-run"),
        "generator moved too": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "with torch.no_grad():", "    for p in generator.parameters(): p.mul_(0.99)", BACK), "generator-updated"),
        "makes its own optimiser": (_dstep("opt_d = torch.optim.SGD(discriminator.parameters(), lr=1e-7)", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK), None),
        "changes the rate": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "opt_d.param_groups[0]['lr'] *= 0.99", BACK), None),
        "generator left frozen": (_dstep("generator.requires_grad_(False)", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK), "requires-grad-changed"),
        "loss after": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, LOSS_D, BACK), "loss-after-update"),
        "loss with its graph": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "return loss"), "loss-keeps-graph"),
        "pair returned": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "return loss.item(), 0.0"), None),
        "nothing returned": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D), None),
        "times the batch": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "return loss.item() * len(real)"), "loss-times-batch"),
        "zero returned": (_dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "return 0.0"), None),
        "gradients left off": (_dstep(TRAIN_D, Z, "torch.set_grad_enabled(False)", FAKE, "torch.set_grad_enabled(True)", LOSS_D, *MOVE_D, "torch.set_grad_enabled(False)", BACK), "grad-mode-left-off"),
        "saturating sigmoid": (_dstep(TRAIN_D, Z, FAKE, "loss = discriminator_loss(torch.sigmoid(discriminator(real)), torch.sigmoid(discriminator(fake)))", *MOVE_D, BACK), "sigmoid-twice"),
        "Wasserstein": (_dstep(TRAIN_D, Z, FAKE, "loss = discriminator(fake).mean() - discriminator(real).mean()", *MOVE_D, BACK), "wasserstein-loss"),
    },
    "generator_step": {
        "detached": (_gstep(TRAIN_G, ZG, "loss = generator_loss(discriminator(generator(z).detach()))", *MOVE_G, BACK), None),
        "no_grad": (_gstep(TRAIN_G, ZG, "with torch.no_grad(): fake = generator(z)", "loss = generator_loss(discriminator(fake))", *MOVE_G, BACK), None),
        "no zero_grad": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G[1:], BACK), "zero-grad-missing"),
        "no step": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G[:2], BACK), "no-update"),
        "step twice": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "opt_g.step()", BACK), "step-taken-twice"),
        "two updates": (_gstep(TRAIN_G, "for _ in range(2):", "    " + ZG, "    " + LOSS_G, *("    " + m for m in MOVE_G), BACK), None),
        "no train mode": (_gstep(ZG, LOSS_G, *MOVE_G, BACK), "step-in-eval-mode"),
        "eval mode": (_gstep("generator.eval(); discriminator.train()", ZG, LOSS_G, *MOVE_G, BACK), "step-in-eval-mode"),
        "saturating": (_gstep(TRAIN_G, ZG, "loss = -F.softplus(discriminator(generator(z))).mean()", *MOVE_G, BACK), "saturating-loss"),
        "against zero": (_gstep(TRAIN_G, ZG, "loss = F.softplus(discriminator(generator(z))).mean()", *MOVE_G, BACK), "generator-target-zero"),
        "against 0.9": (_gstep(TRAIN_G, ZG, "f = discriminator(generator(z))", "loss = (F.softplus(f) - 0.9 * f).mean()", *MOVE_G, BACK), "generator-target-smoothed"),
        "uphill": (_gstep(TRAIN_G, ZG, LOSS_G, "opt_g.zero_grad()", "(-loss).backward()", "opt_g.step()", BACK), "gradient-ascent"),
        "minus the mean logit": (_gstep(TRAIN_G, ZG, "loss = -discriminator(generator(z)).mean()", *MOVE_G, BACK), "wasserstein-loss"),
        "uniform noise": (_gstep(TRAIN_G, ZG.replace("randn", "rand"), LOSS_G, *MOVE_G, BACK), "noise-uniform"),
        "fixed noise": ("_fixed = torch.randn(64, 100)\n" + _gstep(TRAIN_G, "z = _fixed[:batch_size, :generator.latent_dim]", LOSS_G, *MOVE_G, BACK), "noise-not-fresh"),
        "reseeds": (_gstep("torch.manual_seed(3)", TRAIN_G, ZG, LOSS_G, *MOVE_G, BACK), "reseeds-global-state"),
        "64 fakes": (_gstep(TRAIN_G, "z = torch.randn(64, generator.latent_dim)", LOSS_G, *MOVE_G, BACK), "fakes-miscounted"),
        "noise of 100": (_gstep(TRAIN_G, "z = torch.randn(batch_size, 100)", LOSS_G, *MOVE_G, BACK), None),
        "noise of one for all": (_gstep(TRAIN_G, "z = torch.randn(generator.latent_dim).repeat(batch_size, 1)", LOSS_G, *MOVE_G, BACK), None),
        "clipped": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G[:2], "nn.utils.clip_grad_norm_(generator.parameters(), 0.5)", "opt_g.step()", BACK), "gradient-clipped"),
        "discriminator moved too": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "with torch.no_grad():", "    for p in discriminator.parameters(): p -= 1e-4 * p.grad", BACK), "discriminator-updated"),
        "discriminator left frozen": (_gstep("discriminator.requires_grad_(False)", TRAIN_G, ZG, LOSS_G, *MOVE_G, BACK), "requires-grad-changed"),
        "loss after": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, LOSS_G, BACK), "loss-after-update"),
        "loss with its graph": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "return loss"), "loss-keeps-graph"),
        "nothing returned": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G), None),
        "sum": (_gstep(TRAIN_G, ZG, "loss = F.softplus(-discriminator(generator(z))).sum()", *MOVE_G, BACK), "summed-over-batch"),
        "fakes returned": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "return generator(z)"), None),
        "changes the betas": (_gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "opt_g.param_groups[0]['momentum'] = 0.1", BACK), None),
        "does nothing": (_gstep("return 0.7"), "no-update"),
    },
    "train_step": {
        "one update of the generator": (_train(STEP_D, STEP_G, BOTH), "generator-updated-once"),
        "three updates of the generator": (_train(STEP_D, *[STEP_G] * 3, BOTH), "generator-updated-too-often"),
        "two of the discriminator": (_train(STEP_D, STEP_D, STEP_G, BOTH), "ratio-inverted"),
        "two of each": (_train(STEP_D, STEP_D, STEP_G, STEP_G, BOTH), "discriminator-updated-twice"),
        "in turns": (_train(STEP_D, STEP_G, STEP_D, STEP_G, BOTH), "discriminator-updated-twice"),
        "generator first": (_train(STEP_G, STEP_G, STEP_D, BOTH), "generator-first"),
        "discriminator in between": (_train(STEP_G, STEP_D, STEP_G, BOTH), "generator-first"),
        "discriminator only": (_train(STEP_D, 'return {"d_loss": d, "g_loss": d}'), "generator-not-updated"),
        "generator only": (_train(STEP_G, STEP_G, 'return {"d_loss": g, "g_loss": g}'), "discriminator-not-updated"),
        "optimisers swapped": (_train(STEP_D.replace("opt_d", "opt_g"), *[STEP_G.replace("opt_g", "opt_d")] * 2, BOTH), None),
        "generator's optimiser for both": (_train(STEP_D.replace("opt_d", "opt_g"), STEP_G, STEP_G, BOTH), "discriminator-not-updated"),
        "discriminator's optimiser for both": (_train(STEP_D, *[STEP_G.replace("opt_g", "opt_d")] * 2, BOTH), "generator-not-updated"),
        "batches of 64": (_train(STEP_D, *[STEP_G.replace("len(real)", "64")] * 2, BOTH), "fakes-miscounted"),
        "batches of 128": (_train(STEP_D, *[STEP_G.replace("len(real)", "128")] * 2, BOTH), "fakes-miscounted"),
        "half batches": (_train(STEP_D, *[STEP_G.replace("len(real)", "len(real) // 2")] * 2, BOTH), None),
        "half of the images": (_train("real = real[: len(real) // 2]", STEP_D, STEP_G, STEP_G, BOTH), None),
        "floats swapped": (_train(STEP_D, STEP_G, STEP_G, 'return {"d_loss": g, "g_loss": d}'), None),
        "sum of both": (_train(STEP_D, STEP_G, "h = " + STEP_G[4:], 'return {"d_loss": d, "g_loss": g + h}'), "loss-summed"),
        "a tuple": (_train(STEP_D, STEP_G, STEP_G, "return d, g"), "values-not-in-a-dict"),
        "other keys": (_train(STEP_D, STEP_G, STEP_G, 'return {"d": d, "g": g}'), "values-named-otherwise"),
        "a list of both": (_train(STEP_D, STEP_G, STEP_G, 'return {"d_loss": d, "g_loss": [g, g]}'), None),
        "nothing returned": (_train(STEP_D, STEP_G, STEP_G), "values-not-in-a-dict"),
        "reseeds": (_train("torch.manual_seed(0)", STEP_D, STEP_G, STEP_G, BOTH), "reseeds-global-state"),
        "stale fakes": (_train(*IN_D, *IN_DM, "fake = generator(torch.randn(len(real), generator.latent_dim))", "for _ in range(2):", "    g_loss = generator_loss(discriminator(fake))", "    opt_g.zero_grad(); g_loss.backward(retain_graph=True); opt_g.step(); g = g_loss.item()", BOTH), "fake-graph-reused"),
        "stale fakes of the discriminator's step": (_train(TRAIN_D, TRAIN_G, Z, "fake = generator(z)", "d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))", *IN_DM, "for _ in range(2):", "    g_loss = generator_loss(discriminator(fake))", "    opt_g.zero_grad(); g_loss.backward(retain_graph=True); opt_g.step(); g = g_loss.item()", BOTH), "fake-graph-reused"),
        "one noise for all": (_train(*IN_D, *IN_DM, "for _ in range(2):", "    g_loss = generator_loss(discriminator(generator(z)))", "    " + IN_GM, BOTH), "noise-reused"),
        "one noise for both updates": (_train(*IN_D, *IN_DM, "z = torch.randn_like(z)", "for _ in range(2):", "    g_loss = generator_loss(discriminator(generator(z)))", "    " + IN_GM, BOTH), "noise-reused"),
        "generator's gradients add up": (_train(*IN_D, *IN_DM, "opt_g.zero_grad()", "for _ in range(2):", "    " + IN_G, "    g_loss.backward(); opt_g.step(); g = g_loss.item()", BOTH), "zero-grad-missing"),
        "discriminator's gradients never cleared": (_train(*IN_D, "d_loss.backward(); opt_d.step(); d = d_loss.item()", "for _ in range(2):", "    " + IN_G, "    " + IN_GM, BOTH), "zero-grad-missing"),
        "no gradients ever cleared": (_train(*IN_D, "d_loss.backward(); opt_d.step(); d = d_loss.item()", "for _ in range(2):", "    " + IN_G, "    g_loss.backward(); opt_g.step(); g = g_loss.item()", BOTH), "zero-grad-missing"),
        "cleared after the step": (_train(*IN_D, "d_loss.backward(); opt_d.step(); opt_d.zero_grad(); d = d_loss.item()", "for _ in range(2):", "    " + IN_G, "    g_loss.backward(); opt_g.step(); opt_g.zero_grad(); g = g_loss.item()", BOTH), "zero-grad-missing"),
        "in eval mode": (_train(*IN_D[2:], *IN_DM, "for _ in range(2):", "    " + IN_G, "    " + IN_GM, BOTH), "step-in-eval-mode"),
        "generator in eval mode": (_train(TRAIN_D, *IN_D[2:], *IN_DM, "for _ in range(2):", "    " + IN_G, "    " + IN_GM, BOTH), "step-in-eval-mode"),
        "saturating": (_train(STEP_D, TRAIN_G, "for _ in range(2):", "    " + IN_G.replace("generator_loss(", "-F.softplus(").replace("(z)))", "(z))).mean()"), "    " + IN_GM, BOTH), "saturating-loss"),
        "no smoothing": (_train(*IN_D[:4], IN_D[4].replace("discriminator(fake))", "discriminator(fake), 1.0)"), *IN_DM, STEP_G, STEP_G, BOTH), "smoothing-not-applied"),
        "uniform noise": (_train(*IN_D, *IN_DM, "for _ in range(2):", "    " + IN_G, "    " + IN_GM, BOTH).replace("torch.randn(", "torch.rand("), "noise-uniform"),
        "fakes detached for the generator": (_train(STEP_D, TRAIN_G, "for _ in range(2):", "    " + IN_G.replace("generator(z)", "generator(z).detach()"), "    " + IN_GM, BOTH), None),
        "both losses at once": (_train(TRAIN_D, TRAIN_G, Z, "fake = generator(z)", "d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))", "g_loss = generator_loss(discriminator(fake))", "opt_d.zero_grad(); opt_g.zero_grad()", "(d_loss + g_loss).backward()", "opt_d.step(); opt_g.step()", 'return {"d_loss": d_loss.item(), "g_loss": g_loss.item()}'), None),
        "values with their graph": (_train(*IN_D, *IN_DM, "for _ in range(2):", "    " + IN_G, "    " + IN_GM, 'return {"d_loss": d_loss, "g_loss": g_loss}'), "loss-keeps-graph"),
        "does nothing": (_train('return {"d_loss": 1.4, "g_loss": 0.7}'), "no-update"),
        "real changed": (_train("real.mul_(0.5).add_(0.5)", STEP_D, STEP_G, STEP_G, BOTH), None),
        "changes the rate": (_train(STEP_D, STEP_G, STEP_G, "opt_g.param_groups[0]['lr'] *= 0.9", BOTH), None),
    },
}  # fmt: skip
