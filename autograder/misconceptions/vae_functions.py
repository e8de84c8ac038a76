"""The mistakes in the functions of the lab `vae`: drawing codes, a training step, sampling, interpolating."""

from __future__ import annotations

from autograder.misconceptions.ae import INTERPOLATE as AE_INTERPOLATE
from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Entries, Known, Mistake, written_down
from autograder.misconceptions.writing import function


def _draw(*lines: str) -> str:
    return function("reparameterize(mu, logvar)", *lines[:-1], f"return {lines[-1]}")


def _step(*lines: str) -> str:
    return function("train_step(model, optimizer, x, beta=1.0)", *lines)


def _encoded(*lines: str) -> str:
    """A step that runs encoder and decoder itself."""
    return _step("model.train()", "mu, logvar = model.encoder(x)", *lines, LOSS, *MOVE, BACK)


def _weighed(*lines: str) -> str:
    """A step with lines of its own between loss and update."""
    return _step(*START, LOSS, *lines, *MOVE, BACK)


def _sample(*lines: str) -> str:
    inner = ("    " + line for line in lines)
    return function("sample(model, n)", "was_training = model.training", "model.eval()", "with torch.no_grad():", *inner, "model.train(was_training)", "return x")  # fmt: skip


def _path(*lines: str) -> str:
    return function("interpolate(model, x_start, x_end, steps)", *lines)


STD = "torch.exp(logvar / 2)"
PASS = "x_hat, mu, logvar = model(x)"
LOSS = "loss, rec, kl = vae_loss(x_hat, x, mu, logvar, beta)"
MOVE = ("optimizer.zero_grad()", "loss.backward()", "optimizer.step()")
BACK = 'return {"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()}'
START = ("model.train()", PASS)
MEANS, T = (
    "mu, logvar = model.encoder(torch.stack([x_start, x_end]))",
    "t = torch.linspace(0, 1, steps)[:, None]",
)
MIX = "model.decoder(mu[:1] + t * (mu[1:] - mu[:1]))"

_SPREAD = "Put in mu = 0 and logvar = 2, draw 10,000 times, and compare the standard deviation with sigma."
REPARAMETERIZE: Entries = {
    "std-is-variance": Known(_SPREAD, {
        "": _draw("mu + torch.exp(logvar) * torch.randn_like(mu)"),
        "exp of twice logvar": _draw("mu + torch.exp(2 * logvar) * torch.randn_like(mu)"),
        "torch.distributions": _draw("torch.distributions.Normal(mu, torch.exp(logvar)).rsample()"),
    }),
    "std-is-logvar": Known(_SPREAD, {"": _draw("mu + logvar * torch.randn_like(mu)"), "halved": _draw("mu + 0.5 * logvar * torch.randn_like(mu)")}),
    "std-is-root-of-sigma": Known(_SPREAD, {"": _draw("mu + torch.exp(logvar / 4) * torch.randn_like(mu)")}),
    "std-is-root-of-logvar": Known(_SPREAD, {"": _draw("mu + logvar.abs().sqrt() * torch.randn_like(mu)")}),
    "std-is-softplus": Known(_SPREAD, {"": _draw("mu + F.softplus(logvar) * torch.randn_like(mu)")}),
    "std-inverted": Known(_SPREAD, {"": _draw("mu + torch.exp(-logvar / 2) * torch.randn_like(mu)")}),
    "std-missing": Known(_SPREAD, {"": _draw("mu + torch.randn_like(mu)")}),
    "eps-missing": Known("Call it twice on the same mu and logvar: where is chance?", {"": _draw(f"mu + {STD}")}),
    "noise-missing": {"logvar unused": _draw("mu"), "times zero": _draw("mu + 0 * logvar")},
    "noise-uniform": {
        "": _draw(f"mu + {STD} * torch.rand_like(mu)"),
        "around 0": _draw(f"mu + {STD} * (2 * torch.rand_like(mu) - 1)"),
        "and exp of logvar": _draw("mu + torch.exp(logvar) * torch.rand_like(mu)"),
    },
    "noise-not-normal": {
        "uniform of variance 1": _draw("eps = (torch.rand_like(mu) - 0.5) * 12**0.5", f"mu + {STD} * eps"),
        "Laplace of variance 1": _draw("eps = torch.distributions.Laplace(0, 0.5**0.5).sample(mu.shape)", f"mu + {STD} * eps"),
    },
    "noise-shared-by-rows": {"": _draw(f"mu + {STD} * torch.randn(mu.shape[1])"), "first row": _draw(f"mu + {STD} * torch.randn_like(mu[:1])")},
    "noise-shared-by-dims": {"": _draw(f"mu + {STD} * torch.randn(mu.shape[0], 1)"), "first column": _draw(f"mu + {STD} * torch.randn_like(mu[:, :1])")},
    "noise-shared": {"": _draw(f"mu + {STD} * torch.randn(1)"), "numpy": _draw(f"mu + {STD} * np.random.randn()")},
    "noise-dependent": {
        "half a batch twice": _draw("half = torch.randn((len(mu) + 1) // 2, mu.shape[1])", "eps = torch.cat([half, half])[: len(mu)]", f"mu + {STD} * eps"),
        "half the latents twice": _draw("half = torch.randn(len(mu), (mu.shape[1] + 1) // 2)", "eps = torch.cat([half, half], 1)[:, : mu.shape[1]]", f"mu + {STD} * eps"),
    },
    "noise-not-fresh": {
        "seeded inside": (_draw("torch.manual_seed(0)", f"mu + {STD} * torch.randn_like(mu)"), "reseeds-global-state"),
        "seeded afterwards": (_draw(f"z = mu + {STD} * torch.randn_like(mu)", "torch.manual_seed(0)", "z"), "reseeds-global-state"),
        "seeded generator": _draw("g = torch.Generator().manual_seed(0)", f"mu + {STD} * torch.randn(mu.shape, generator=g)"),
        "new generator": _draw(f"mu + {STD} * torch.randn(mu.shape, generator=torch.Generator())"),
        "default argument": function("reparameterize(mu, logvar, eps=torch.randn(3000, 3000))", f"return mu + {STD} * eps[: mu.shape[0], : mu.shape[1]]"),
        "random state put back": _draw("with torch.random.fork_rng():", "    eps = torch.randn_like(mu)", f"mu + {STD} * eps"),
    },
    "graph-cut": Known(LOOKS["graph-cut"], {
        "mu detached": _draw(f"mu.detach() + {STD} * torch.randn_like(mu)"),
        "sigma detached": _draw(f"mu + {STD}.detach() * torch.randn_like(mu)"),
        "z detached": _draw(f"(mu + {STD} * torch.randn_like(mu)).detach()"),
        "no_grad": "@torch.no_grad()\n" + _draw(f"mu + {STD} * torch.randn_like(mu)"),
        "data": _draw("mu + torch.exp(logvar.data / 2) * torch.randn_like(mu)"),
        "sample": _draw(f"torch.distributions.Normal(mu, {STD}).sample()"),
        "torch.normal": _draw(f"torch.normal(mu, {STD})"),
        "numpy": _draw("z = np.random.normal(mu.detach(), np.exp(logvar.detach() / 2))", "torch.from_numpy(z).float()"),
    }, "effect"),
    "noise-scaled": {"half": _draw(f"mu + 0.5 * {STD} * torch.randn_like(mu)"), "temperature": _draw(f"mu + {STD} * torch.randn_like(mu) * 1.5")},
    "noise-off-centre": {"": _draw(f"mu + {STD} * (torch.randn_like(mu) + 1)")},
    "mean-and-std-swapped": Known("Put in mu = 5 and logvar = -10: what should z be close to?", {"": _draw(f"{STD} + mu * torch.randn_like(mu)")}),
    "mu-and-logvar-swapped": Known("In which order does the contract give the arguments?", {"": function("reparameterize(logvar, mu)", f"return mu + {STD} * torch.randn_like(mu)")}),
    "noise-scales-everything": Known("Put in mu = 5 and logvar = -10: what should z be close to?", {"": _draw(f"(mu + {STD}) * torch.randn_like(mu)")}),
    "mean-left-out": Known("Put in mu = 5 and logvar = -10: what should z be close to?", {"": _draw(f"{STD} * torch.randn_like(mu) + 0 * mu")}),
    "parameters-ignored": Known("Put in mu = 5 and logvar = -10: what should z be close to?", {"": _draw("torch.randn_like(mu)")}),
    "logvar-clamped": Known("What spread do your draws have at logvar = 30 and at -30?", {
        "": _draw("logvar = logvar.clamp(-10, 10)", f"mu + {STD} * torch.randn_like(mu)"),
        "sigma": _draw(f"mu + {STD}.clamp(1e-3, 1e3) * torch.randn_like(mu)"),
    }),
}  # fmt: skip

_TERMS = "Print the loss that you call `backward()` on beside the two terms, for beta = 0.3 and for beta = 4: how is it made from them?"
TRAIN_STEP: Entries = {
    "zero-grad-missing": {"": _step(*START, LOSS, *MOVE[1:], BACK)},
    "no-update": {
        "no step": _step(*START, LOSS, *MOVE[:2], BACK),
        "no backward": _step(*START, LOSS, MOVE[0], MOVE[2], BACK),
        "cleared after backward": _step(*START, LOSS, "loss.backward()", "optimizer.zero_grad()", "optimizer.step()", BACK),
        "evaluates only": _step(PASS, LOSS, BACK),
        "step before backward": _step(*START, LOSS, "optimizer.zero_grad()", "optimizer.step()", "loss.backward()", BACK),
    },
    "step-before-backward": {"": _step(*START, LOSS, "optimizer.step()", "loss.backward()", BACK)},
    "step-in-eval-mode": {"": _step(PASS, LOSS, *MOVE, BACK), "eval": _step("model.eval()", PASS, LOSS, *MOVE, BACK)},
    "step-taken-twice": {"": _step(*START, LOSS, *MOVE, "optimizer.step()", BACK)},
    "gradient-ascent": {"": _step(*START, LOSS, MOVE[0], "(-loss).backward()", MOVE[2], BACK), "maximises the ELBO the wrong way": _weighed("loss = -loss")},
    "gradient-clipped": {
        "norm": _step(*START, LOSS, *MOVE[:2], "nn.utils.clip_grad_norm_(model.parameters(), 1.0)", MOVE[2], BACK),
        "value": _step(*START, LOSS, *MOVE[:2], "nn.utils.clip_grad_value_(model.parameters(), 0.5)", MOVE[2], BACK),
    },
    "beta-ignored": Known(_TERMS, {"": _step(*START, LOSS.replace(", beta", ""), *MOVE, BACK), "in line": _weighed("loss = rec + kl")}),
    "kl-not-in-loss": Known("Freeze the decoder in your mind: what does the encoder learn from, and does the KL divergence take part?", {"": _weighed("loss = rec"), "a number": _weighed("loss = rec + beta * kl.item()")}),
    "reconstruction-not-in-loss": Known(_TERMS, {"": _weighed("loss = beta * kl")}),
    "kl-subtracted": Known(_TERMS, {"": _weighed("loss = rec - beta * kl")}),
    "beta-on-reconstruction": Known(_TERMS, {"": _weighed("loss = beta * rec + kl")}),
    "beta-on-both": Known(_TERMS, {"": _weighed("loss = beta * (rec + kl)")}),
    "beta-squared": Known(_TERMS, {"": _weighed("loss = rec + beta * beta * kl"), "weighed twice": _weighed("loss = rec + beta * (beta * kl)")}),
    "bce-averaged": Known("Write down both terms for one digit: over what is each of them summed, and over what averaged?", {"": _weighed("rec = F.binary_cross_entropy(x_hat, x)", "loss = rec + beta * kl")}),
    "bce-summed-over-batch": Known("Write down both terms for one digit: over what is each of them summed, and over what averaged?", {"": _weighed("rec = F.binary_cross_entropy(x_hat, x, reduction='sum')", "loss = rec + beta * kl")}),
    "kl-averaged": Known("Write down both terms for one digit: over what is each of them summed, and over what averaged?", {"": _weighed("kl = kl / mu.shape[1]", "loss = rec + beta * kl")}),
    "kl-divided-by-pixels": Known("Write down both terms for one digit: over what is each of them summed, and over what averaged?", {"": _weighed("loss = rec + beta * kl / 784")}),
    "kl-divided-by-batch": Known("Write down both terms for one digit: over what is each of them summed, and over what averaged?", {"": _weighed("loss = rec + beta * kl / len(x)")}),
    "kl-summed-over-batch": Known("Write down both terms for one digit: over what is each of them summed, and over what averaged?", {"": _weighed("loss = rec + beta * kl * len(x)")}),
    "kl-half-missing": Known("Compare the KL term in your loss with the `kl` that you return.", {"": _weighed("loss = rec + 2 * beta * kl")}),
    "summed-over-batch": {"": (_weighed("loss = loss * len(x)"), "loss-times-batch")},
    "mse-instead-of-bce": Known("Which reconstruction term does this lab's loss have, and which do you minimise?", {"": _weighed("rec = ((x_hat - x) ** 2).sum(1).mean()", "loss = rec + beta * kl")}),
    "decoder-fed-the-mean": Known("Which of mu, sigma and z does your decoder see? Is there any chance in your step?", {"": _encoded("x_hat = model.decoder(mu)")}),
    "eps-missing": Known("Run the step's forward pass twice on the same digits: where is chance?", {"": _encoded(f"x_hat = model.decoder(mu + {STD})")}),
    "graph-cut": {
        "z detached": _encoded("z = reparameterize(mu, logvar).detach()", "x_hat = model.decoder(z)"),
        "sample": _encoded(f"z = torch.distributions.Normal(mu, {STD}).sample()", "x_hat = model.decoder(z)"),
        "mu detached": _encoded("x_hat = model.decoder(reparameterize(mu.detach(), logvar))"),
        "logvar detached": _encoded("x_hat = model.decoder(reparameterize(mu, logvar.detach()))"),
    },
    "std-is-variance": Known(_SPREAD, {"": _encoded("z = mu + torch.exp(logvar) * torch.randn_like(mu)", "x_hat = model.decoder(z)")}),
    "std-missing": Known(_SPREAD, {"": _encoded("z = mu + torch.randn_like(mu)", "x_hat = model.decoder(z)")}),
    "noise-uniform": {"": _encoded(f"z = mu + {STD} * torch.rand_like(mu)", "x_hat = model.decoder(z)")},
    "noise-shared-by-dims": {"": _encoded(f"z = mu + {STD} * torch.randn(len(mu), 1)", "x_hat = model.decoder(z)")},
    "noise-shared-by-rows": {"": _encoded(f"z = mu + {STD} * torch.randn(mu.shape[1])", "x_hat = model.decoder(z)")},
    "encoder-not-trained": Known("Which parts of the model move in a step, and where does the gradient stop on its way to the others?", {"": _step("model.train()", "with torch.no_grad():", "    mu, logvar = model.encoder(x)", "x_hat = model.decoder(reparameterize(mu, logvar))", LOSS, *MOVE, BACK)}),
    "decoder-not-trained": Known("Which parts of the model move in a step, and where does the gradient stop on its way to the others?", {"": _encoded("model.decoder.requires_grad_(False)", "x_hat = model.decoder(reparameterize(mu, logvar))", "model.decoder.requires_grad_(True)")}),
    "batch-not-used": Known("How many digits does your decoder draw in a step, and how many were there in the batch?", {"": _step("x = x[: len(x) // 2]", *START, LOSS, *MOVE, BACK)}),
    "carried-over": {"momentum forgotten": _step("optimizer.state.clear()", *START, LOSS, *MOVE, BACK)},
    "optimizer-changed": {"": _step(*START, LOSS, *MOVE, "optimizer.param_groups[0]['lr'] *= 0.9", BACK)},
    "requires-grad-changed": {"": _step(*START, LOSS, *MOVE, "model.decoder.requires_grad_(False)", BACK)},
    "grad-mode-left-off": {"": _step(*START, LOSS, *MOVE, "torch.set_grad_enabled(False)", BACK)},
    "noise-not-fresh": {"seeded": (_step("torch.manual_seed(1)", *START, LOSS, *MOVE, BACK), "reseeds-global-state")},
    "step-length": {"own optimiser": _step("optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)", *START, LOSS, *MOVE, BACK)},
    "loss-after-update": {"": _step(*START, LOSS, *MOVE, PASS, LOSS, BACK), "without gradients": _step(*START, LOSS, *MOVE, "with torch.no_grad():", "    " + PASS, "    " + LOSS, BACK)},
    "values-not-in-a-dict": {
        "a float": _step(*START, LOSS, *MOVE, "return loss.item()"),
        "a tuple": _step(*START, LOSS, *MOVE, "return loss.item(), rec.item(), kl.item()"),
        "nothing": _step(*START, LOSS, *MOVE),
    },
    "values-named-otherwise": {"": _step(*START, LOSS, *MOVE, 'return {"loss": loss.item(), "recon": rec.item(), "kld": kl.item()}')},
    "loss-keeps-graph": {"": _step(*START, LOSS, *MOVE, 'return {"loss": loss, "reconstruction": rec, "kl": kl}')},
    "kl-returned-weighted": Known("With beta = 4, is the `kl` that you return the KL divergence?", {"": _step(*START, LOSS, *MOVE, 'return {"loss": loss.item(), "reconstruction": rec.item(), "kl": beta * kl.item()}')}),
    "loss-times-batch": {"": _step(*START, LOSS, *MOVE, "n = len(x)", 'return {"loss": n * loss.item(), "reconstruction": n * rec.item(), "kl": n * kl.item()}')},
}  # fmt: skip

N = "torch.randn(n, model.latent_dim)"
SAMPLE: Entries = {
    "noise-uniform": {"": _sample("x = model.decoder(torch.rand(n, model.latent_dim))"), "around 0": _sample("x = model.decoder(2 * torch.rand(n, model.latent_dim) - 1)")},
    "noise-scaled": {"": _sample(f"x = model.decoder(0.5 * {N})"), "cut off": _sample(f"x = model.decoder({N}.clamp(-1, 1))")},
    "noise-off-centre": {"": _sample(f"x = model.decoder({N} + 1)")},
    "noise-missing": {"": _sample("x = model.decoder(torch.zeros(n, model.latent_dim))")},
    "noise-shared-by-rows": {"": _sample("x = model.decoder(torch.randn(1, model.latent_dim).expand(n, -1))")},
    "noise-shared-by-dims": {"": _sample("x = model.decoder(torch.randn(n, 1).expand(n, model.latent_dim))")},
    "noise-not-fresh": {
        "seeded": (_sample("torch.manual_seed(0)", f"x = model.decoder({N})"), "reseeds-global-state"),
        "seeded generator": _sample("g = torch.Generator().manual_seed(0)", "x = model.decoder(torch.randn(n, model.latent_dim, generator=g))"),
        "random state put back": _sample("with torch.random.fork_rng():", f"    x = model.decoder({N})"),
    },
    "sigmoid-twice": Known("Are your samples paler than the digits? What does the decoder's last layer do already?", {"": _sample(f"x = torch.sigmoid(model.decoder({N}))")}),
    "not-decoded": Known("Compare what you return with the decoder's output for the same z: what happens in between?", {
        "draws pixels": _sample(f"x = torch.bernoulli(model.decoder({N}))"),
        "rounded": _sample(f"x = model.decoder({N}).round()"),
        "noise pixels": _sample("x = torch.rand(n, 784)"),
    }),
    "samples-through-the-encoder": Known("Which part of the model is needed to make a digit out of nothing?", {"": _sample("x = model(torch.rand(n, 784))[0]"), "noise as pixels": _sample("x = model(torch.randn(n, 784))[0]")}),
    "sample-in-train-mode": Known("Print `model.training` where the decoder runs: what do dropout and batch norm do then?", {
        "": "@torch.no_grad()\n" + function("sample(model, n)", f"return model.decoder({N})"),
        "switched on": "@torch.no_grad()\n" + function("sample(model, n)", "mode = model.training", "model.train()", f"x = model.decoder({N})", "model.train(mode)", "return x"),
    }),
    "mode-not-restored": {
        "left in eval mode": "@torch.no_grad()\n" + function("sample(model, n)", "model.eval()", f"return model.decoder({N})"),
        "always back to train mode": "@torch.no_grad()\n" + function("sample(model, n)", "model.eval()", f"x = model.decoder({N})", "model.train()", "return x"),
        "only the decoder": "@torch.no_grad()\n" + function("sample(model, n)", "model.decoder.eval()", f"return model.decoder({N})"),
    },
    "sample-records-graph": Known("What does torch remember of a forward pass, and who needs it here?", {"": function("sample(model, n)", "was_training = model.training", "model.eval()", f"x = model.decoder({N})", "model.train(was_training)", "return x")}),
    "gradients-changed": {"": _sample("model.zero_grad()", f"x = model.decoder({N})")},
    "requires-grad-changed": {"frozen": _sample("model.requires_grad_(False)", f"x = model.decoder({N})"), "thawed": _sample("model.requires_grad_(True)", f"x = model.decoder({N})")},
    "grad-mode-left-off": {"": function("sample(model, n)", "torch.set_grad_enabled(False)", "was_training = model.training", "model.eval()", f"x = model.decoder({N})", "model.train(was_training)", "return x")},
    "sample-trains": Known("Compare `model.state_dict()` before and after: sampling should leave no trace in it.", {"": (_sample(f"x = model.decoder({N})", "for p in model.parameters():", "    p.mul_(0.99)"),)}),
}  # fmt: skip

_SAMPLED = Known("Call it twice on the same two digits: are the pictures the same? Which of mu and z is the code of a digit here?", {
    "by hand": _path(MEANS, "mu = mu + torch.exp(logvar / 2) * torch.randn_like(mu)", T, f"return {MIX}"),
    "reparameterize": _path(MEANS, "mu = reparameterize(mu, logvar)", T, f"return {MIX}"),
    "the whole model on pixels": _path(T, "return model((1 - t) * x_start + t * x_end)[0]"),
    "noise on the way": _path(MEANS, T, "z = mu[:1] + t * (mu[1:] - mu[:1])", "return model.decoder(z + 0.1 * torch.randn_like(z))"),
})  # fmt: skip


def _on_means(entry: Known) -> Known:
    """The same way on the means: an encoder gives two tensors here."""
    codes = {way: code for way, code in entry.variants.items() if isinstance(code, str)}
    return Known(entry.look, {way: code.replace("(x_start[None])", "(x_start[None])[0]").replace("(x_end[None])", "(x_end[None])[0]") for way, code in codes.items()})  # fmt: skip


INTERPOLATE: Entries = {
    **{name: _on_means(entry) for name, entry in AE_INTERPOLATE.items() if isinstance(entry, Known)},
    "interpolates-pixels": Known("What is halfway between two digits on your path: a digit, or two half-transparent ones? In which space is the line drawn?", {
        "no model at all": _path(T, "return (1 - t) * x_start + t * x_end"),
        "means of mixed pixels": _path(T, "mu, _ = model.encoder((1 - t) * x_start + t * x_end)", "return model.decoder(mu)"),
        "decoded ends mixed": _path(MEANS, T, "y = model.decoder(mu)", "return (1 - t) * y[0] + t * y[1]"),
    }),
    "interpolates-sampled-codes": _SAMPLED,
    "reseeds-global-state": {"": _path("torch.manual_seed(0)", MEANS, T, f"return {MIX}")},
}  # fmt: skip

MISTAKES: tuple[Mistake, ...] = (
    *written_down("vae", "reparameterize", "numeric", REPARAMETERIZE, LOOKS),
    *written_down("vae", "train_step", "effect", TRAIN_STEP, LOOKS),
    *written_down("vae", "sample", "effect", SAMPLE, LOOKS),
    *written_down("vae", "interpolate", "numeric", INTERPOLATE, LOOKS),
)
