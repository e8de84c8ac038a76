"""The mistakes in the steps of the lab `gan`: the discriminator's, the generator's, and both in a row."""

from __future__ import annotations

from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Entries, Known, Mistake, written_down
from autograder.misconceptions.writing import function


def _dstep(*lines: str) -> str:
    return function("discriminator_step(generator, discriminator, opt_d, real)", *lines)


def _gstep(*lines: str) -> str:
    return function("generator_step(generator, discriminator, opt_g, batch_size)", *lines)


def _train(*lines: str) -> str:
    return function("train_step(generator, discriminator, opt_g, opt_d, real)", *lines)


def _d(z: str = "", loss: str = "", *, fake: str = "", after: tuple[str, ...] = ()) -> str:
    """A discriminator's step with other noise, other fakes, another loss, or more after it."""
    return _dstep(TRAIN_D, z or Z, fake or FAKE, *(loss or LOSS_D).split("\n"), *MOVE_D, *after, BACK)


def _g(z: str = "", loss: str = "", *, after: tuple[str, ...] = ()) -> str:
    """A generator's step with other noise, another loss, or more after it."""
    return _gstep(TRAIN_G, z or ZG, *(loss or LOSS_G).split("\n"), *MOVE_G, *after, BACK)


TRAIN_D, TRAIN_G = "discriminator.train()", "generator.train()"
Z, ZG = (
    "z = torch.randn(len(real), generator.latent_dim)",
    "z = torch.randn(batch_size, generator.latent_dim)",
)
FAKE = "fake = generator(z).detach()"
LOGITS = "r, f = discriminator(real), discriminator(fake)\n"
LOSS_D = "loss = discriminator_loss(discriminator(real), discriminator(fake))"
LOSS_G = "loss = generator_loss(discriminator(generator(z)))"
MOVE_D = ("opt_d.zero_grad()", "loss.backward()", "opt_d.step()")
MOVE_G = ("opt_g.zero_grad()", "loss.backward()", "opt_g.step()")
BACK = "return loss.item()"

_TARGETS = "Take a discriminator that is right, with large logits on real images and small ones on fakes: is your loss small then?"
_FORM = "Compare your loss with the one that the lab asks for: does this step use it?"
_MOVED = "Compare both networks' parameters before and after a step: which should move, and which does?"
_COUNT = "Print the sizes of the two batches that the discriminator sees, for a last batch of 5 images too."
_BATCH = "Print the shape of your noise for a batch of 5: how many fakes are made?"
DISCRIMINATOR_STEP: Entries = {
    "fakes-not-detached": Known("Look at `.grad` of the generator's parameters after the step: whose business is this update?", {
        "": _d(fake="fake = generator(z)"),
        "two passes": _dstep(TRAIN_D, Z, "opt_d.zero_grad()", "r, f = discriminator(real), discriminator(generator(z))", "(F.softplus(r) - 0.9 * r).mean().backward()", "F.softplus(f).mean().backward()", "opt_d.step()", "return ((F.softplus(r) - 0.9 * r).mean() + F.softplus(f).mean()).item()"),
    }),
    "zero-grad-missing": {"": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[1:], BACK), "at the end": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[1:], MOVE_D[0], BACK)},
    "no-update": {
        "no step": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[:2], BACK),
        "no backward": _dstep(TRAIN_D, Z, FAKE, LOSS_D, MOVE_D[0], MOVE_D[2], BACK),
        "cleared before the step": _dstep(TRAIN_D, Z, FAKE, LOSS_D, "loss.backward()", "opt_d.zero_grad()", "opt_d.step()", BACK),
    },
    "step-taken-twice": {"": _d(after=("opt_d.step()",))},
    "step-in-eval-mode": {"": _dstep(Z, FAKE, LOSS_D, *MOVE_D, BACK), "eval": _dstep("discriminator.eval()", Z, FAKE, LOSS_D, *MOVE_D, BACK), "generator in train mode only": _dstep(TRAIN_G, Z, FAKE, LOSS_D, *MOVE_D, BACK)},
    "gradient-ascent": {"": _dstep(TRAIN_D, Z, FAKE, LOSS_D, "opt_d.zero_grad()", "(-loss).backward()", "opt_d.step()", BACK)},
    "gradient-clipped": {
        "norm": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[:2], "nn.utils.clip_grad_norm_(discriminator.parameters(), 1.0)", MOVE_D[2], BACK),
        "hard": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D[:2], "nn.utils.clip_grad_norm_(discriminator.parameters(), 0.01)", MOVE_D[2], BACK),
    },
    "noise-uniform": {"": _d(Z.replace("randn", "rand")), "around 0": _d("z = 2 * torch.rand(len(real), generator.latent_dim) - 1")},
    "noise-scaled": {"": _d("z = 0.5 * torch.randn(len(real), generator.latent_dim)")},
    "noise-off-centre": {"": _d(Z + " + 1")},
    "noise-missing": {"": _d("z = torch.zeros(len(real), generator.latent_dim)")},
    "noise-shared-by-dims": {"": _d("z = torch.randn(len(real), 1).expand(-1, generator.latent_dim)")},
    "noise-not-fresh": {
        "made once": "fixed_noise = torch.randn(64, 100)\n\n" + _d("z = fixed_noise[: len(real), : generator.latent_dim]"),
        "seeded generator": _d("z = torch.randn(len(real), generator.latent_dim, generator=torch.Generator().manual_seed(0))"),
        "seeded": (_dstep("torch.manual_seed(1)", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK), "reseeds-global-state"),
        "random state put back": _d("with torch.random.fork_rng():\n        " + Z),
    },
    "fakes-miscounted": Known(_COUNT, {"64": _d("z = torch.randn(64, generator.latent_dim)"), "1": _d("z = torch.randn(1, generator.latent_dim)"), "twice as many": _d("z = torch.randn(2 * len(real), generator.latent_dim)")}),
    "smoothing-not-applied": Known("Which target do the real logits have in this step?", {"": _d(loss="loss = discriminator_loss(discriminator(real), discriminator(fake), 1.0)"), "by hand": _d(loss="loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()")}),
    "fake-smoothed": Known("Which target do the fake logits have in this step?", {"": _d(loss=LOGITS + "loss = (F.softplus(r) - 0.9 * r + F.softplus(f) - 0.1 * f).mean()")}),
    "fake-target-one": Known(_TARGETS, {"": _d(loss=LOGITS + "loss = (F.softplus(r) - 0.9 * r + F.softplus(-f)).mean()")}),
    "labels-swapped": Known(_TARGETS, {"": _d(loss="loss = discriminator_loss(discriminator(fake), discriminator(real))")}),
    "loss-halved": Known(_FORM, {"": _dstep(TRAIN_D, Z, FAKE, LOSS_D + " / 2", *MOVE_D, "return 2 * loss.item()")}),
    "summed-over-batch": {"": _d(loss=LOGITS + "loss = (F.softplus(r) - 0.9 * r + F.softplus(f)).sum()")},
    "real-left-out": Known("Which images does the discriminator learn from in this step?", {"": _d(loss="loss = F.softplus(discriminator(fake)).mean()")}),
    "fake-left-out": Known("Which images does the discriminator learn from in this step?", {"": _d(loss="r = discriminator(real)\nloss = (F.softplus(r) - 0.9 * r).mean()")}),
    "real-counted-twice": Known("Which images does the discriminator learn from in this step, and how often is each batch counted?", {
        "": _d(loss="loss = discriminator_loss(discriminator(real), discriminator(real))"),
        "weight": _d(loss=LOGITS + "loss = (2 * (F.softplus(r) - 0.9 * r) + F.softplus(f)).mean()"),
    }),
    "sigmoid-twice": Known("Which of your functions contains a sigmoid already?", {"": _d(loss="loss = discriminator_loss(torch.sigmoid(discriminator(real)), torch.sigmoid(discriminator(fake)))")}),
    "wasserstein-loss": Known(_FORM, {"": _d(loss="loss = discriminator(fake).mean() - discriminator(real).mean()")}),
    "least-squares-loss": Known(_FORM, {"": _d(loss=LOGITS + "loss = ((r - 0.9) ** 2).mean() + (f**2).mean()")}),
    "hinge-loss": Known(_FORM, {"": _d(loss=LOGITS + "loss = F.relu(1 - r).mean() + F.relu(1 + f).mean()")}),
    "input-modified": {"": _d(after=("real.mul_(0.5)",))},
    "generator-not-run": Known("Where do the fakes of this step come from?", {"": _dstep(TRAIN_D, "fake = torch.randn_like(real)", LOSS_D, *MOVE_D, BACK)}),
    "generator-updated": Known(_MOVED, {"": _d(after=("with torch.no_grad():", "    for p in generator.parameters():", "        p.mul_(0.99)"))}),
    "requires-grad-changed": {"": _dstep("generator.requires_grad_(False)", TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, BACK)},
    "optimizer-changed": {"": _d(after=("opt_d.param_groups[0]['lr'] *= 0.99",))},
    "loss-after-update": {"": _d(after=(LOSS_D,))},
    "loss-keeps-graph": {"": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "return loss")},
    "loss-times-batch": {"": _dstep(TRAIN_D, Z, FAKE, LOSS_D, *MOVE_D, "return loss.item() * len(real)")},
    "grad-mode-left-off": {"": _d(after=("torch.set_grad_enabled(False)",))},
}  # fmt: skip

_WISH = "For which logits is your loss smallest: where the discriminator takes fakes for real, or where it finds them out?"
GENERATOR_STEP: Entries = {
    "graph-cut": {
        "detached": _g(loss="loss = generator_loss(discriminator(generator(z).detach()))"),
        "no_grad": _g(loss="with torch.no_grad():\n    fake = generator(z)\nloss = generator_loss(discriminator(fake))"),
        "logits detached": _g(loss="loss = generator_loss(discriminator(generator(z)).detach())"),
    },
    "zero-grad-missing": {"": _gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G[1:], BACK)},
    "no-update": {"no step": _gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G[:2], BACK), "no backward": _gstep(TRAIN_G, ZG, LOSS_G, MOVE_G[0], MOVE_G[2], BACK), "cleared before the step": _gstep(TRAIN_G, ZG, LOSS_G, "loss.backward()", "opt_g.zero_grad()", "opt_g.step()", BACK)},
    "step-taken-twice": {"": _g(after=("opt_g.step()",))},
    "step-in-eval-mode": {"": _gstep(ZG, LOSS_G, *MOVE_G, BACK), "eval": _gstep("generator.eval()", "discriminator.train()", ZG, LOSS_G, *MOVE_G, BACK)},
    "saturating-loss": Known("How large is the gradient of your loss where the discriminator is sure of a fake?", {"": _g(loss="loss = -F.softplus(discriminator(generator(z))).mean()")}),
    "generator-target-zero": Known(_WISH, {"": _g(loss="loss = F.softplus(discriminator(generator(z))).mean()"), "as a discriminator": _g(loss="f = discriminator(generator(z))\nloss = F.binary_cross_entropy_with_logits(f, torch.zeros_like(f))")}),
    "generator-target-smoothed": Known("Which labels does the lab smooth, and whose are they?", {"": _g(loss="f = discriminator(generator(z))\nloss = (F.softplus(f) - 0.9 * f).mean()")}),
    "gradient-ascent": {"": _gstep(TRAIN_G, ZG, LOSS_G, "opt_g.zero_grad()", "(-loss).backward()", "opt_g.step()", BACK)},
    "wasserstein-loss": Known(_FORM, {"": _g(loss="loss = -discriminator(generator(z)).mean()")}),
    "least-squares-loss": Known(_FORM, {"": _g(loss="loss = ((discriminator(generator(z)) - 1) ** 2).mean()")}),
    "sigmoid-twice": Known("Which of your functions contains a sigmoid already?", {"": _g(loss="loss = generator_loss(torch.sigmoid(discriminator(generator(z))))")}),
    "loss-halved": Known(_FORM, {"": _g(loss=LOSS_G + " / 2")}),
    "summed-over-batch": {"": _g(loss="loss = F.softplus(-discriminator(generator(z))).sum()")},
    "noise-uniform": {"": _g(ZG.replace("randn", "rand")), "around 0": _g("z = 2 * torch.rand(batch_size, generator.latent_dim) - 1")},
    "noise-scaled": {"": _g("z = 0.5 * torch.randn(batch_size, generator.latent_dim)")},
    "noise-missing": {"": _g("z = torch.zeros(batch_size, generator.latent_dim)")},
    "noise-shared-by-dims": {"": _g("z = torch.randn(batch_size, 1).expand(-1, generator.latent_dim)")},
    "noise-not-fresh": {
        "made once": "fixed_noise = torch.randn(64, 100)\n\n" + _g("z = fixed_noise[:batch_size, : generator.latent_dim]"),
        "seeded": (_gstep("torch.manual_seed(3)", TRAIN_G, ZG, LOSS_G, *MOVE_G, BACK), "reseeds-global-state"),
        "seeded generator": _g("z = torch.randn(batch_size, generator.latent_dim, generator=torch.Generator().manual_seed(0))"),
    },
    "fakes-miscounted": Known(_BATCH, {"64": _g("z = torch.randn(64, generator.latent_dim)"), "128": _g("z = torch.randn(128, generator.latent_dim)")}),
    "gradient-clipped": {"": _gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G[:2], "nn.utils.clip_grad_norm_(generator.parameters(), 0.5)", MOVE_G[2], BACK)},
    "discriminator-updated": Known(_MOVED, {"": _g(after=("with torch.no_grad():", "    for p in discriminator.parameters():", "        p -= 1e-4 * p.grad"))}),
    "requires-grad-changed": {"": _gstep("discriminator.requires_grad_(False)", TRAIN_G, ZG, LOSS_G, *MOVE_G, BACK)},
    "optimizer-changed": {"": _g(after=("opt_g.param_groups[0]['lr'] *= 0.99",))},
    "loss-after-update": {"": _g(after=(LOSS_G,))},
    "loss-keeps-graph": {"": _gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "return loss")},
    "loss-times-batch": {"": _gstep(TRAIN_G, ZG, LOSS_G, *MOVE_G, "return loss.item() * batch_size")},
    "grad-mode-left-off": {"": _g(after=("torch.set_grad_enabled(False)",))},
}  # fmt: skip

STEP_D = "d = discriminator_step(generator, discriminator, opt_d, real)"
STEP_G = "g = generator_step(generator, discriminator, opt_g, len(real))"
BOTH = 'return {"d_loss": d, "g_loss": g}'
# The same in line.
IN_D = (TRAIN_D, TRAIN_G, Z, FAKE, "d_loss = discriminator_loss(discriminator(real), discriminator(fake))")
IN_DM = ("opt_d.zero_grad()", "d_loss.backward()", "opt_d.step()", "d = d_loss.item()")
TWICE = "for _ in range(2):"
IN_Z, IN_G = "    " + Z, "    g_loss = generator_loss(discriminator(generator(z)))"
IN_GM = ("    opt_g.zero_grad()", "    g_loss.backward()", "    opt_g.step()", "    g = g_loss.item()")
KEPT = ("    opt_g.zero_grad()", "    g_loss.backward(retain_graph=True)", *IN_GM[2:])

_LETTERS = "Write one letter for each update, D or G, in the order in which your step makes them."
_CLEARED = "For each `backward()`, ask: what lies in `.grad` of the network that the next `step()` moves?"
TRAIN_STEP: Entries = {
    "generator-updated-once": Known(_LETTERS, {"": _train(STEP_D, STEP_G, BOTH)}),
    "generator-updated-too-often": Known(_LETTERS, {"": _train(STEP_D, STEP_G, STEP_G, STEP_G, BOTH), "four times": _train(STEP_D, "for _ in range(4):", "    " + STEP_G, BOTH)}),
    "ratio-inverted": Known(_LETTERS, {"": _train(STEP_D, STEP_D, STEP_G, BOTH)}),
    "discriminator-updated-twice": Known(_LETTERS, {"": _train(STEP_D, STEP_D, STEP_G, STEP_G, BOTH), "in turns": _train(TWICE, "    " + STEP_D, "    " + STEP_G, BOTH)}),
    "generator-first": Known(_LETTERS, {"": _train(STEP_G, STEP_G, STEP_D, BOTH), "discriminator in between": _train(STEP_G, STEP_D, STEP_G, BOTH), "and once": _train(STEP_G, STEP_D, BOTH)}),
    "generator-not-updated": Known(_MOVED, {"": _train(STEP_D, 'return {"d_loss": d, "g_loss": d}'), "discriminator's optimiser for both": _train(STEP_D, *[STEP_G.replace("opt_g", "opt_d")] * 2, BOTH), "fakes detached": _train(STEP_D, TRAIN_G, TWICE, IN_Z, "    g_loss = generator_loss(discriminator(generator(z).detach()))", *IN_GM, BOTH)}),
    "discriminator-not-updated": Known(_MOVED, {"": _train(STEP_G, STEP_G, 'return {"d_loss": g, "g_loss": g}'), "generator's optimiser for both": _train(STEP_D.replace("opt_d", "opt_g"), STEP_G, STEP_G, BOTH)}),
    "no-update": {"": _train('return {"d_loss": 1.4, "g_loss": 0.7}')},
    "fakes-miscounted": Known(_BATCH, {"64": _train(STEP_D, *[STEP_G.replace("len(real)", "64")] * 2, BOTH), "128": _train(STEP_D, *[STEP_G.replace("len(real)", "128")] * 2, BOTH)}),
    "loss-summed": Known("Compare the `g_loss` that you return with the loss of one update.", {"": _train(STEP_D, STEP_G, STEP_G.replace("g =", "h ="), 'return {"d_loss": d, "g_loss": g + h}')}),
    "values-not-in-a-dict": {"a tuple": _train(STEP_D, STEP_G, STEP_G, "return d, g"), "nothing": _train(STEP_D, STEP_G, STEP_G)},
    "values-named-otherwise": {"": _train(STEP_D, STEP_G, STEP_G, 'return {"d": d, "g": g}')},
    "noise-not-fresh": {"seeded": (_train("torch.manual_seed(0)", STEP_D, STEP_G, STEP_G, BOTH), "reseeds-global-state")},
    "fake-graph-reused": Known("With which weights were the fakes of the second update made?", {
        "": _train(*IN_D, *IN_DM, "fake = generator(torch.randn(len(real), generator.latent_dim))", TWICE, "    g_loss = generator_loss(discriminator(fake))", *KEPT, BOTH),
        "of the discriminator's": _train(TRAIN_D, TRAIN_G, Z, "fake = generator(z)", "d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))", *IN_DM, TWICE, "    g_loss = generator_loss(discriminator(fake))", *KEPT, BOTH),
    }),
    "noise-reused": {
        "for all": _train(*IN_D, *IN_DM, TWICE, IN_G, *IN_GM, BOTH),
        "for both of the generator": _train(*IN_D, *IN_DM, "z = torch.randn_like(z)", TWICE, IN_G, *IN_GM, BOTH),
    },
    "zero-grad-missing": Known(_CLEARED, {
        "between the generator's": _train(*IN_D, *IN_DM, "opt_g.zero_grad()", TWICE, IN_Z, IN_G, *IN_GM[1:], BOTH),
        "discriminator's": _train(*IN_D, *IN_DM[1:], TWICE, IN_Z, IN_G, *IN_GM, BOTH),
        "never": _train(*IN_D, *IN_DM[1:], TWICE, IN_Z, IN_G, *IN_GM[1:], BOTH),
        "after the step": _train(*IN_D, *IN_DM[1:3], "opt_d.zero_grad()", IN_DM[3], TWICE, IN_Z, IN_G, *IN_GM[1:3], "    opt_g.zero_grad()", IN_GM[3], BOTH),
    }),
    "step-in-eval-mode": {"": _train(*IN_D[2:], *IN_DM, TWICE, IN_Z, IN_G, *IN_GM, BOTH), "generator": _train(TRAIN_D, *IN_D[2:], *IN_DM, TWICE, IN_Z, IN_G, *IN_GM, BOTH)},
    "saturating-loss": Known("How large is the gradient of the generator's loss where the discriminator is sure of a fake?", {"": _train(STEP_D, TRAIN_G, TWICE, IN_Z, "    g_loss = -F.softplus(discriminator(generator(z))).mean()", *IN_GM, BOTH)}),
    "generator-target-zero": Known(_WISH, {"": _train(STEP_D, TRAIN_G, TWICE, IN_Z, "    g_loss = F.softplus(discriminator(generator(z))).mean()", *IN_GM, BOTH)}),
    "smoothing-not-applied": Known("Which target do the real logits have in this step?", {"": _train(*IN_D[:4], IN_D[4].replace("(fake))", "(fake), 1.0)"), *IN_DM, STEP_G, STEP_G, BOTH)}),
    "labels-swapped": Known(_TARGETS, {"": _train(*IN_D[:4], "d_loss = discriminator_loss(discriminator(fake), discriminator(real))", *IN_DM, STEP_G, STEP_G, BOTH)}),
    "noise-uniform": {"": _train(*IN_D, *IN_DM, TWICE, IN_Z, IN_G, *IN_GM, BOTH).replace("randn", "rand")},
    "loss-keeps-graph": {"": _train(*IN_D, *IN_DM, TWICE, IN_Z, IN_G, *IN_GM, 'return {"d_loss": d_loss, "g_loss": g_loss}')},
    "optimizer-changed": {"": _train(STEP_D, STEP_G, STEP_G, "opt_g.param_groups[0]['lr'] *= 0.9", BOTH)},
    "input-modified": {"": _train(STEP_D, STEP_G, STEP_G, "real.mul_(0.5)", BOTH)},
    "grad-mode-left-off": {"": _train(STEP_D, STEP_G, STEP_G, "torch.set_grad_enabled(False)", BOTH)},
}  # fmt: skip

MISTAKES: tuple[Mistake, ...] = (
    *written_down("gan", "discriminator_step", "effect", DISCRIMINATOR_STEP, LOOKS),
    *written_down("gan", "generator_step", "effect", GENERATOR_STEP, LOOKS),
    *written_down("gan", "train_step", "effect", TRAIN_STEP, LOOKS),
)
