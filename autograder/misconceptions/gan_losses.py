"""The mistakes in the losses and the optimisers of the lab `gan`."""

from __future__ import annotations

from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Entries, Known, Mistake, written_down
from autograder.misconceptions.writing import function

BCE = "bce = F.binary_cross_entropy_with_logits"
REAL, FAKE = "torch.full_like(real_logits, smoothing)", "torch.zeros_like(fake_logits)"
RIGHT = f"bce(real_logits, {REAL}) + bce(fake_logits, {FAKE})"


def _d(*lines: str, smoothing: str = "0.9") -> str:
    used = [BCE] if any("bce(" in line for line in lines) else []
    return function(f"discriminator_loss(real_logits, fake_logits, smoothing={smoothing})", *used, *lines[:-1], f"return {lines[-1]}")  # fmt: skip


def _labels(real: str, fake: str) -> str:
    return f"bce(real_logits, torch.full_like(real_logits, {real})) + bce(fake_logits, torch.full_like(fake_logits, {fake}))"


def _g(*lines: str) -> str:
    used = [BCE] if any("bce(" in line for line in lines) else []
    return function("generator_loss(fake_logits)", *used, *lines[:-1], f"return {lines[-1]}")


_TARGETS = (
    "Take a real logit of +5 and a fake one of -5, a discriminator that is right: is your loss small then?"
)
_SMOOTHED = "Print the target of each half for smoothing = 0.9 and for smoothing = 0.7."
_FORM = "Compare your formula with -log of a probability: what does a discriminator that is sure and right have to pay?"
DISCRIMINATOR_LOSS: Entries = {
    "labels-swapped": Known(_TARGETS, {
        "": _d(_labels("0.0", "smoothing")),
        "no smoothing": _d(_labels("0.0", "1.0")),
        "arguments swapped": _d("real_logits, fake_logits = fake_logits, real_logits", RIGHT),
        "from 1 minus smoothing": _d(_labels("1 - smoothing", "smoothing")),
        "as logarithms": _d("-(smoothing * F.logsigmoid(fake_logits) + (1 - smoothing) * F.logsigmoid(-fake_logits)).mean() - F.logsigmoid(-real_logits).mean()"),
    }),
    "fake-target-one": Known(_TARGETS, {"": _d(_labels("smoothing", "1.0")), "smoothed": _d(_labels("smoothing", "smoothing")), "both": _d(_labels("1.0", "1.0"))}),
    "fake-smoothed": Known(_SMOOTHED, {"": _d(_labels("smoothing", "1 - smoothing")), "half each": _d(_labels("(1 + smoothing) / 2", "(1 - smoothing) / 2"))}),
    "smoothing-on-fake": Known(_SMOOTHED, {"": _d(_labels("1.0", "1 - smoothing")), "as the target": _d(_labels("1.0", "smoothing"))}),
    "smoothing-not-applied": Known(_SMOOTHED, {"": _d(_labels("1.0", "0.0")), "as logarithms": _d("-F.logsigmoid(real_logits).mean() - F.logsigmoid(-fake_logits).mean()")}),
    "smoothing-hard-coded": Known(_SMOOTHED, {"": _d(_labels("0.9", "0.0"))}),
    "smoothing-default": Known("Call it without `smoothing`: which target do real logits get then?", {"1": _d(_labels("smoothing", "0.0"), smoothing="1.0"), "0.8": _d(_labels("smoothing", "0.0"), smoothing="0.8")}),
    "smoothing-inverted": Known(_SMOOTHED, {"": _d(_labels("1 - smoothing", "0.0")), "default 0.1": _d(_labels("1 - smoothing", "0.0"), smoothing="0.1")}),
    "smoothing-as-weight": Known("With smoothing = 0.9, for which real logit is your loss smallest: a finite one, or a larger one every time?", {
        "": _d(f"smoothing * bce(real_logits, torch.ones_like(real_logits)) + bce(fake_logits, {FAKE})"),
        "one logarithm": _d("-(smoothing * F.logsigmoid(real_logits)).mean() - F.logsigmoid(-fake_logits).mean()"),
        "on the logits": _d(f"bce(smoothing * real_logits, torch.ones_like(real_logits)) + bce(fake_logits, {FAKE})"),
    }),
    "summed-over-batch": {"": _d("(F.softplus(real_logits) - smoothing * real_logits).sum() + F.softplus(fake_logits).sum()"), "reduction": _d(f"bce(real_logits, {REAL}, reduction='sum') + bce(fake_logits, {FAKE}, reduction='sum')")},
    "loss-halved": Known("How are the two halves put together in the contract, and how in your code?", {"": _d(f"0.5 * ({RIGHT})"), "mean of both": _d(f"real, fake = bce(real_logits, {REAL}), bce(fake_logits, {FAKE})", "(real + fake) / 2")}),
    "mean-of-all": Known("Give it 7 real logits and 5 fake ones: does each half still count the same?", {"": _d("logits = torch.cat([real_logits, fake_logits])", f"labels = torch.cat([{REAL}, {FAKE}])", "bce(logits, labels)")}),
    "sigmoid-twice": Known("Which of your functions contains a sigmoid already?", {"": _d("real_logits, fake_logits = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)", RIGHT)}),
    "logits-into-bce": Known("What does this loss expect: probabilities or logits?", {"": _d(f"loss = nn.BCELoss()\n    real = loss(real_logits, {REAL})", f"real + loss(fake_logits, {FAKE})"), "functional": _d(f"F.binary_cross_entropy(real_logits, {REAL}) + F.binary_cross_entropy(fake_logits, {FAKE})")}),
    "loss-not-finite": {"logarithm of logits": _d("-torch.log(real_logits).mean() - torch.log(1 - fake_logits).mean()")},
    "log-of-sigmoid": Known("Compute the sigmoid of 50 in float32, and then its distance from 1.", {
        "": _d("p = real_logits.sigmoid()", "real = -(smoothing * torch.log(p) + (1 - smoothing) * torch.log(1 - p)).mean()", "real - torch.log(1 - fake_logits.sigmoid()).mean()"),
    }),
    "loss-negated": Known("Is it this number that an optimiser should make small, or the one with the other sign?", {"": _d(f"-({RIGHT})"), "no smoothing": _d("F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean()")}),
    "halves-subtracted": Known("Should a discriminator be glad of a mistake on fakes?", {"": _d(f"bce(real_logits, {REAL}) - bce(fake_logits, {FAKE})")}),
    "fake-left-out": Known("Change the fake logits: does your loss notice?", {"": _d(f"bce(real_logits, {REAL})")}),
    "real-left-out": Known("Change the real logits: does your loss notice?", {"": _d(f"bce(fake_logits, {FAKE})")}),
    "real-counted-twice": Known("Which logits does each of the two halves of your loss look at?", {"": _d(f"bce(real_logits, {REAL}) + bce(real_logits, torch.zeros_like(real_logits))"), "weight": _d(f"2 * bce(real_logits, {REAL}) + bce(fake_logits, {FAKE})")}),
    "fake-counted-twice": Known("Which logits does each of the two halves of your loss look at?", {"": _d(f"bce(fake_logits, torch.full_like(fake_logits, smoothing)) + bce(fake_logits, {FAKE})"), "weight": _d(f"bce(real_logits, {REAL}) + 2 * bce(fake_logits, {FAKE})")}),
    "hinge-loss": Known(_FORM, {"": _d("F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()")}),
    "least-squares-loss": Known(_FORM, {"": _d("((real_logits - smoothing) ** 2).mean() + (fake_logits**2).mean()"), "halved": _d("0.5 * ((real_logits - 1) ** 2).mean() + 0.5 * (fake_logits**2).mean()"), "of probabilities": _d("((real_logits.sigmoid() - smoothing) ** 2).mean() + (fake_logits.sigmoid() ** 2).mean()")}),
    "wasserstein-loss": Known(_FORM, {"": _d("fake_logits.mean() - real_logits.mean()"), "the other way round": _d("real_logits.mean() - fake_logits.mean()")}),
    "log-base": Known("What is the loss of two logits of 0 without smoothing, and in which unit?", {"": _d(f"({RIGHT}) / math.log(2)")}),
    "constant-factor": {"": _d(f"3 * ({RIGHT})")},
    "graph-cut": Known(LOOKS["graph-cut"], {
        "": _d(f"({RIGHT}).detach()"),
        "fake": _d("fake_logits = fake_logits.detach()", RIGHT),
        "real": _d("real_logits = real_logits.detach()", RIGHT),
        "data": _d("real_logits, fake_logits = real_logits.data, fake_logits.data", RIGHT),
    }, "effect"),
    "loss-not-reduced": {"": _d("torch.cat([F.softplus(real_logits) - smoothing * real_logits, F.softplus(fake_logits)])")},
    "loss-random": {
        "noisy labels": _d(f"noisy = {REAL} + 0.1 * torch.rand_like(real_logits)", f"bce(real_logits, noisy) + bce(fake_logits, {FAKE})"),
        "random smoothing": _d("labels = 0.7 + 0.5 * torch.rand_like(real_logits)", "bce(real_logits, labels) + bce(fake_logits, 0.3 * torch.rand_like(fake_logits))"),
    },
}  # fmt: skip

ONES, ZEROS = "torch.ones_like(fake_logits)", "torch.zeros_like(fake_logits)"
_WISH = "For which logit is your loss smallest: where the discriminator takes the fake for real, or where it finds it out?"
GENERATOR_LOSS: Entries = {
    "saturating-loss": Known("Compute the gradient of your loss at a logit of -5, where the discriminator is sure of a fake: is there anything to learn from?", {"": _g(f"-bce(fake_logits, {ZEROS})"), "by hand": _g("torch.log(1 - torch.sigmoid(fake_logits) + 1e-8).mean()")}),
    "generator-target-zero": Known(_WISH, {"": _g(f"bce(fake_logits, {ZEROS})"), "softplus": _g("F.softplus(fake_logits).mean()"), "smoothed": _g("bce(fake_logits, torch.full_like(fake_logits, 0.1))")}),
    "generator-target-smoothed": Known("Which labels does the lab smooth, and whose are they?", {"": _g("bce(fake_logits, torch.full_like(fake_logits, 0.9))")}),
    "loss-negated": Known(_WISH, {"": _g("F.logsigmoid(fake_logits).mean()"), "minus": _g(f"-bce(fake_logits, {ONES})")}),
    "summed-over-batch": {"": _g("F.softplus(-fake_logits).sum()"), "reduction": _g(f"bce(fake_logits, {ONES}, reduction='sum')")},
    "loss-halved": Known("What is your loss at a logit of 0, and what is -log(1/2)?", {"": _g(f"0.5 * bce(fake_logits, {ONES})")}),
    "sigmoid-twice": Known("Which of your functions contains a sigmoid already?", {"": _g(f"bce(torch.sigmoid(fake_logits), {ONES})")}),
    "logits-into-bce": Known("What does this loss expect: probabilities or logits?", {"": _g(f"nn.BCELoss()(fake_logits, {ONES})"), "functional": _g(f"F.binary_cross_entropy(fake_logits, {ONES})")}),
    "log-of-sigmoid": Known("Compute the sigmoid of -50 and of 50 in float32, and their distances from 0 and 1.", {"": _g("-torch.log(1 - torch.sigmoid(-fake_logits)).mean()")}),
    "wasserstein-loss": Known(_FORM, {"": _g("-fake_logits.mean()"), "the other way round": _g("fake_logits.mean()")}),
    "hinge-loss": Known(_FORM, {"": _g("F.relu(1 - fake_logits).mean()")}),
    "least-squares-loss": Known(_FORM, {"": _g("((fake_logits - 1) ** 2).mean()"), "halved": _g("0.5 * ((fake_logits - 1) ** 2).mean()"), "of probabilities": _g("((fake_logits.sigmoid() - 1) ** 2).mean()")}),
    "probability-not-logarithm": Known("What does your loss give for a probability near 0: a large number, or at most 1?", {"": _g("(1 - torch.sigmoid(fake_logits)).mean()"), "minus the probability": _g("-torch.sigmoid(fake_logits).mean()")}),
    "graph-cut": Known(LOOKS["graph-cut"], {"": _g(f"bce(fake_logits.detach(), {ONES})"), "data": _g(f"bce(fake_logits.data, {ONES})")}, "effect"),
    "loss-not-reduced": {"": _g("F.softplus(-fake_logits)")},
    "log-base": Known("What is your loss at a logit of 0, and in which unit?", {"": _g(f"bce(fake_logits, {ONES}) / math.log(2)")}),
    "constant-factor": {"": _g(f"2 * bce(fake_logits, {ONES})")},
    "loss-random": {"noise": _g(f"bce(fake_logits + torch.randn_like(fake_logits), {ONES})"), "noisy labels": _g("bce(fake_logits, 0.8 + 0.4 * torch.rand_like(fake_logits))")},
}  # fmt: skip

ADAM = "torch.optim.Adam({}.parameters(), lr={}, betas=(0.5, 0.999))"
G, D = ADAM.format("generator", "1e-4"), ADAM.format("discriminator", "2e-4")
ALL = "[*generator.parameters(), *discriminator.parameters()]"


def _opts(g: str, d: str, *before: str, back: str = "opt_g, opt_d") -> str:
    return function("make_optimizers(generator, discriminator)", *before, f"opt_g = {g}", f"opt_d = {d}", f"return {back}")  # fmt: skip


_GROUPS = "Print the settings of both optimisers, `opt.param_groups[0]` without its `params`, and compare them with the contract."
_OWNERS = "Count the parameters in each optimiser and in each network: who moves whose?"
MAKE_OPTIMIZERS: Entries = {
    "betas-default": Known(_GROUPS, {"": _opts("torch.optim.Adam(generator.parameters(), lr=1e-4)", "torch.optim.Adam(discriminator.parameters(), lr=2e-4)"), "of one": _opts(G, "torch.optim.Adam(discriminator.parameters(), lr=2e-4)")}),
    "betas-wrong": Known(_GROUPS, {"second": _opts(G, D.replace("0.999", "0.9")), "first 0": _opts(G.replace("0.5", "0.0"), D.replace("0.5", "0.0")), "swapped": _opts(G.replace("0.5, 0.999", "0.999, 0.5"), D.replace("0.5, 0.999", "0.999, 0.5"))}),
    "equal-rates": Known(_GROUPS, {"": _opts(G, D.replace("2e-4", "1e-4")), "default": _opts("torch.optim.Adam(generator.parameters(), betas=(0.5, 0.999))", "torch.optim.Adam(discriminator.parameters(), betas=(0.5, 0.999))")}),
    "rate-not-positive": Known(_GROUPS, {"": _opts(G.replace("1e-4", "0.0"), D)}),
    "not-adam": Known("Which optimiser does the contract name, and which are yours?", {
        "SGD": _opts("torch.optim.SGD(generator.parameters(), lr=1e-2)", "torch.optim.SGD(discriminator.parameters(), lr=2e-2)"),
        "RMSprop": _opts("torch.optim.RMSprop(generator.parameters(), lr=5e-5)", D),
        "NAdam": _opts(G.replace("Adam", "NAdam"), D.replace("Adam", "NAdam")),
        "Adamax": _opts(G.replace("Adam", "Adamax"), D.replace("Adam", "Adamax")),
    }),
    "optimizers-swapped": Known("In which order does the contract want the two, and in which do you return them?", {"": _opts(G, D, back="opt_d, opt_g"), "at the start": function("make_optimizers(generator, discriminator)", f"opt_d = {G}", f"opt_g = {D}", "return opt_g, opt_d")}),
    "one-optimizer": Known(_OWNERS, {"": _opts(f"torch.optim.Adam({ALL}, lr=1e-4, betas=(0.5, 0.999))", "opt_g")}),
    "optimizer-of-both": Known(_OWNERS, {
        "": _opts(f"torch.optim.Adam({ALL}, lr=1e-4, betas=(0.5, 0.999))", f"torch.optim.Adam({ALL}, lr=2e-4, betas=(0.5, 0.999))"),
        "of one": _opts(G, f"torch.optim.Adam({ALL}, lr=2e-4, betas=(0.5, 0.999))"),
    }),
    "optimizers-on-one-network": Known(_OWNERS, {"generator": _opts(G, ADAM.format("generator", "2e-4")), "discriminator": _opts(ADAM.format("discriminator", "1e-4"), D)}),
    "parameters-left-out": Known(_OWNERS, {
        "weights only": _opts(G, "torch.optim.Adam([p for p in discriminator.parameters() if p.dim() > 1], lr=2e-4, betas=(0.5, 0.999))"),
        "first only": _opts("torch.optim.Adam(list(generator.parameters())[:1], lr=1e-4, betas=(0.5, 0.999))", D),
    }),
    "optimizer-of-others": Known(_OWNERS, {
        "copies": _opts("torch.optim.Adam([p.detach().clone().requires_grad_() for p in generator.parameters()], lr=1e-4, betas=(0.5, 0.999))", D),
    }),
    "gradient-ascent": {"maximize": _opts(G, D.replace("betas", "maximize=True, betas")), "both": _opts(G.replace("betas", "maximize=True, betas"), D.replace("betas", "maximize=True, betas"))},
    "reseeds-global-state": {"": _opts(G, D, "torch.manual_seed(0)")},
}  # fmt: skip

MISTAKES: tuple[Mistake, ...] = (
    *written_down("gan", "discriminator_loss", "numeric", DISCRIMINATOR_LOSS, LOOKS),
    *written_down("gan", "generator_loss", "numeric", GENERATOR_LOSS, LOOKS),
    *written_down("gan", "make_optimizers", "effect", MAKE_OPTIMIZERS, LOOKS),
)
