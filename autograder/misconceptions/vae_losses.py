"""The mistakes in the losses of the lab `vae`: reconstruction, KL divergence, and their sum."""

from __future__ import annotations

from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Entries, Known, Mistake, written_down
from autograder.misconceptions.writing import function

NORMAL = "N = torch.distributions.Normal"
BCE = "F.binary_cross_entropy(x_hat, x, reduction='none')"
KL = "0.5 * (mu**2 + logvar.exp() - 1 - logvar)"
TWICE = "(mu**2 + logvar.exp() - 1 - logvar)"


def _bce(*lines: str) -> str:
    return function("reconstruction_loss(x_hat, x)", *lines[:-1], f"return {lines[-1]}")


def _kl(*lines: str) -> str:
    return function("kl_divergence(mu, logvar)", *lines[:-1], f"return {lines[-1]}")


def _loss(*lines: str, beta: str = "1.0") -> str:
    terms = ("r = reconstruction_loss(x_hat, x)", "k = kl_divergence(mu, logvar)")
    return function(
        f"vae_loss(x_hat, x, mu, logvar, beta={beta})", *terms, *lines[:-1], f"return {lines[-1]}"
    )


_REDUCTION = "Give it a batch twice over, then digits twice as wide: which of the two should change the loss, and which does?"
_SWEEP = "Put in one pixel by hand: target 1 and reconstructions 0.1, 0.5, 0.9. What should come out, and what does?"
RECONSTRUCTION_LOSS: Entries = {
    "bce-averaged": Known(_REDUCTION, {"": _bce("F.binary_cross_entropy(x_hat, x)"), "by hand": _bce(f"{BCE}.mean()"), "mean of sums": _bce(f"{BCE}.mean(1).mean()")}),
    "bce-summed-over-batch": Known(_REDUCTION, {"": _bce("F.binary_cross_entropy(x_hat, x, reduction='sum')"), "by hand": _bce(f"{BCE}.sum(1).sum()")}),
    "bce-averaged-and-summed-over-batch": Known(_REDUCTION, {"": _bce(f"{BCE}.mean(1).sum()"), "divided by the pixels": _bce("F.binary_cross_entropy(x_hat, x, reduction='sum') / 784")}),
    "mse-instead-of-bce": Known("Which distribution of a pixel has this loss as its negative log-likelihood, and which one does this lab ask for?", {
        "": _bce("F.mse_loss(x_hat, x)"),
        "summed over pixels": _bce("F.mse_loss(x_hat, x, reduction='sum') / len(x)"),
        "summed": _bce("F.mse_loss(x_hat, x, reduction='sum')"),
        "negative": _bce("-F.mse_loss(x_hat, x)"),
        "half": _bce("0.5 * ((x_hat - x) ** 2).sum(1).mean()"),
    }),
    "absolute-error-instead-of-bce": Known("Which distribution of a pixel has this loss as its negative log-likelihood, and which one does this lab ask for?", {"": _bce("(x_hat - x).abs().sum(1).mean()"), "averaged": _bce("F.l1_loss(x_hat, x)")}),
    "logits-expected": Known("What does this loss expect: probabilities or logits? What does your decoder give?", {
        "": _bce("F.binary_cross_entropy_with_logits(x_hat, x, reduction='sum') / len(x)"),
        "averaged": _bce("F.binary_cross_entropy_with_logits(x_hat, x)"),
        "sigmoid by hand": _bce("F.binary_cross_entropy(torch.sigmoid(x_hat), x, reduction='sum') / len(x)"),
    }),
    "bce-sign-flipped": Known("Which has the smaller loss: a good reconstruction or a bad one?", {
        "": _bce(f"-{BCE}.sum(1).mean()"),
        "averaged": _bce(f"-{BCE}.mean()"),
        "summed": _bce(f"-{BCE}.sum()"),
        "log-likelihood": _bce("torch.distributions.Bernoulli(x_hat, validate_args=False).log_prob(x).sum(1).mean()"),
    }),
    "bce-half-missing": Known("Look at a black pixel, then at a white one: does the loss notice a wrong reconstruction of both?", {
        "dark pixels": _bce("-(x * torch.log(x_hat + 1e-8)).sum(1).mean()"),
        "bright pixels": _bce("-((1 - x) * torch.log(1 - x_hat + 1e-8)).sum(1).mean()"),
        "dark pixels, averaged": _bce("-(x * torch.log(x_hat + 1e-8)).mean()"),
    }),
    "bce-arguments-swapped": Known("Look up which of the two arguments is the prediction and which is the target.", {
        "negative": _bce("-F.binary_cross_entropy(x, x_hat, reduction='sum') / len(x)"),
        "": _bce("F.binary_cross_entropy(x, x_hat, reduction='sum') / len(x)"), "averaged": _bce("F.binary_cross_entropy(x, x_hat)")}),
    "bce-sign-within": Known(_SWEEP, {"": _bce("a, b = x_hat.clamp(1e-7, 1).log(), (1 - x_hat).clamp(1e-7, 1).log()", "-(x * a - (1 - x) * b).sum(1).mean()")}),
    "bce-log-base": Known("Put in one pixel of 1 with a reconstruction of 0.5: which number comes out, and in which unit is it?", {
        "2": _bce("a, b = x_hat.clamp(1e-7, 1), (1 - x_hat).clamp(1e-7, 1)", "-(x * a.log2() + (1 - x) * b.log2()).sum(1).mean()"),
        "10": _bce("a, b = x_hat.clamp(1e-7, 1), (1 - x_hat).clamp(1e-7, 1)", "-(x * a.log10() + (1 - x) * b.log10()).sum(1).mean()"),
    }),
    "targets-rounded": Known("What happens to a grey pixel of the target on its way into the loss?", {
        "": _bce("F.binary_cross_entropy(x_hat, (x > 0.5).float(), reduction='sum') / len(x)"),
        "round": _bce("F.binary_cross_entropy(x_hat, x.round(), reduction='sum') / len(x)"),
    }),
    "bce-halved": Known("Put in one pixel of 1 with a reconstruction of 0.5: which number comes out?", {"": _bce(f"0.5 * {BCE}.sum(1).mean()"), "averaged": _bce(f"0.5 * {BCE}.mean()")}),
    "bce-kl-of-pixels": Known("What is the loss of a grey picture against itself: must it be 0?", {"": _bce(f"({BCE} - F.binary_cross_entropy(x, x, reduction='none')).sum(1).mean()")}),
    "bce-of-continuous-bernoulli": Known("Write down the log-likelihood of the distribution that you use: is there a term that does not depend on x?", {"": _bce("-torch.distributions.ContinuousBernoulli(probs=x_hat, validate_args=False).log_prob(x).sum(1).mean()")}),
    "constant-factor": {"three times": _bce(f"3 * {BCE}.sum(1).mean()"), "half the pixels": _bce(f"2 * {BCE}.sum(1).mean()")},
    "loss-not-reduced": {"no reduction": _bce(BCE), "one a digit": _bce(f"{BCE}.sum(1)"), "one a pixel": _bce(f"{BCE}.mean(0)")},
    "log-of-zero": Known("What is your loss where a pixel of the reconstruction is exactly 0 or exactly 1?", {
        "": _bce("-(x * torch.log(x_hat) + (1 - x) * torch.log(1 - x_hat)).sum(1).mean()"),
        "xlogy": _bce("-(torch.xlogy(x, x_hat) + torch.xlogy(1 - x, 1 - x_hat)).sum(1).mean()"),
    }),
    "loss-random": {"draws of the target": _bce("-torch.distributions.Bernoulli(x_hat).log_prob(torch.bernoulli(x)).sum(1).mean()")},
    "graph-cut": Known(LOOKS["graph-cut"], {"": _bce("F.binary_cross_entropy(x_hat.detach(), x, reduction='sum') / len(x)")}, "effect"),
    "input-modified": Known(LOOKS["input-modified"], {"": _bce("F.binary_cross_entropy(x_hat, x.clamp_(0.1, 0.9), reduction='sum') / len(x)")}, "effect"),
}  # fmt: skip

_ZERO = "Put in mu = 0, logvar = 0: a distribution compared with itself. Then mu = 1: what should come out, and what does?"
_ONE = "Take one latent, mu = 0 and logvar = log 4 (so sigma = 2), and work out the KL divergence by hand: which term of yours differs?"
KL_DIVERGENCE: Entries = {
    "kl-sign-flipped": Known("Can a KL divergence be negative? Put in mu = 1, logvar = 0, and look at yours.", {
        "": _kl(f"-{KL}.sum(1).mean()"),
        "the usual line": _kl("0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp(), dim=1).mean()"),
        "summed": _kl("0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())"),
        "averaged": _kl("0.5 * torch.mean(1 + logvar - mu**2 - logvar.exp())"),
        "summed over the batch, averaged over latents": _kl("0.5 * (1 + logvar - mu**2 - logvar.exp()).mean(1).sum()"),
    }),
    "kl-half-missing": Known(_ZERO, {
        "": _kl(f"{TWICE}.sum(1).mean()"),
        "averaged": _kl(f"{TWICE}.mean()"),
        "summed": _kl(f"{TWICE}.sum()"),
        "the usual line": _kl("-torch.sum(1 + logvar - mu**2 - logvar.exp(), dim=1).mean()"),
        "negative": (_kl(f"-{TWICE}.sum(1).mean()"), "kl-sign-flipped"),
        "negative, averaged": (_kl("torch.mean(1 + logvar - mu**2 - logvar.exp())"), "kl-sign-flipped"),
    }),
    "kl-averaged": Known("Give it every latent twice, `torch.cat([mu, mu], 1)`: what should happen to a sum over latents?", {"": _kl(f"({KL}).mean()"), "the usual line": _kl("-0.5 * torch.mean(1 + logvar - mu.pow(2) - logvar.exp())")}),
    "kl-summed-over-batch": Known("Give it every row twice, `torch.cat([mu, mu])`: should the KL divergence of a digit change?", {"": _kl(f"({KL}).sum()"), "the usual line": _kl("-0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())")}),
    "kl-averaged-and-summed-over-batch": Known("Which axis of mu counts the digits, and which counts the latents?", {"": _kl(f"({KL}).sum(0).mean()")}),
    "kl-logvar-as-log-sigma": Known(_ONE, {
        "": _kl("0.5 * (mu**2 + (2 * logvar).exp() - 1 - 2 * logvar).sum(1).mean()"),
        "averaged": _kl("0.5 * (mu**2 + (2 * logvar).exp() - 1 - 2 * logvar).mean()"),
        "exp squared": _kl("0.5 * (mu**2 + logvar.exp() ** 2 - 1 - logvar).sum(1).mean()"),
        "exp squared, averaged": _kl("-0.5 * torch.mean(1 + logvar - mu**2 - logvar.exp() ** 2)"),
        "torch.distributions": _kl(NORMAL, "torch.distributions.kl_divergence(N(mu, torch.exp(logvar)), N(0.0, 1.0)).sum(1).mean()"),
        "negative": _kl("-0.5 * (mu**2 + (2 * logvar).exp() - 1 - 2 * logvar).sum(1).mean()"),
        "without the half": _kl("(mu**2 + (2 * logvar).exp() - 1 - 2 * logvar).sum(1).mean()"),
    }),
    "kl-sigma-not-squared": Known(_ONE, {
        "": _kl("0.5 * (mu**2 + (logvar / 2).exp() - 1 - logvar).sum(1).mean()"),
        "averaged": _kl("-0.5 * torch.mean(1 + logvar - mu**2 - torch.exp(0.5 * logvar))"),
        "negative": _kl("0.5 * torch.sum(1 + logvar - mu**2 - torch.exp(0.5 * logvar), dim=1).mean()"),
        "throughout": _kl("v = logvar / 2", "0.5 * (mu**2 + v.exp() - 1 - v).sum(1).mean()"),
    }),
    "kl-logvar-as-sigma": Known(_ONE, {"": _kl("0.5 * (mu**2 + logvar**2 - 1 - torch.log(logvar**2)).sum(1).mean()")}),
    "kl-exp-missing": Known(_ONE, {
        "logvar squared": _kl("0.5 * (mu**2 + logvar**2 - 1 - logvar).sum(1).mean()"),
        "no exp": _kl("0.5 * (mu**2 + logvar - 1 - logvar).sum(1).mean()"),
        "left out": _kl("0.5 * (mu**2 - 1 - logvar).sum(1).mean()"),
    }),
    "kl-mu-not-squared": Known("Put in mu = -2 and mu = 2, with logvar = 0: should the two differ?", {
        "": _kl("0.5 * (mu + logvar.exp() - 1 - logvar).sum(1).mean()"),
        "absolute": _kl("0.5 * (mu.abs() + logvar.exp() - 1 - logvar).sum(1).mean()"),
        "the usual line": _kl("-0.5 * torch.sum(1 + logvar - mu - logvar.exp(), dim=1).mean()"),
    }),
    "kl-mu-missing": Known("Move mu from 0 to 3: should the KL divergence notice?", {"": _kl("0.5 * (logvar.exp() - 1 - logvar + 0 * mu).sum(1).mean()")}),
    "kl-logvar-missing": Known("Let logvar go to -10: should a nearly certain code cost nothing?", {"": _kl("0.5 * (mu**2 + logvar.exp() - 1).sum(1).mean()")}),
    "kl-sigma-ignored": Known("Let logvar go to -10, then to 10: should the KL divergence notice?", {"": _kl("0.5 * (mu**2 + 0 * logvar).sum(1).mean()"), "without the half": _kl("(mu**2 + 0 * logvar).sum(1).mean()")}),
    "kl-one-missing": Known(_ZERO, {"": _kl("0.5 * (mu**2 + logvar.exp() - logvar).sum(1).mean()"), "plus one": _kl("0.5 * (mu**2 + logvar.exp() + 1 - logvar).sum(1).mean()"), "without the half": _kl("(mu**2 + logvar.exp() - logvar).sum(1).mean()"), "negative": _kl("0.5 * torch.sum(logvar - mu**2 - logvar.exp(), 1).mean()"), "averaged": _kl("-0.5 * torch.mean(logvar - mu**2 - logvar.exp())")}),
    "kl-sign-within": Known("Take one term after the other, with the others 0: in which direction should each push the KL divergence?", {
        "exp": _kl("-0.5 * torch.sum(1 + logvar - mu**2 + logvar.exp(), 1).mean()"),
        "mu": _kl("-0.5 * torch.sum(1 + logvar + mu**2 - logvar.exp(), 1).mean()"),
        "logvar": _kl("-0.5 * torch.sum(1 - logvar - mu**2 - logvar.exp(), 1).mean()"),
        "mu, averaged": _kl("-0.5 * torch.mean(1 + logvar + mu**2 - logvar.exp())"),
    }),
    "kl-logvar-inverted": Known(_ONE, {"": _kl("0.5 * (mu**2 + (-logvar).exp() - 1 + logvar).sum(1).mean()")}),
    "kl-reversed": Known("Which of the two distributions stands first in the definition, and which stands first in yours?", {"": _kl(NORMAL, "torch.distributions.kl_divergence(N(0.0, 1.0), N(mu, torch.exp(logvar / 2))).sum(1).mean()"), "by hand": _kl("0.5 * ((1 + mu**2) / logvar.exp() - 1 + logvar).sum(1).mean()")}),
    "kl-arguments-swapped": Known("In which order does the contract give the arguments, and in which do you take them?", {"": function("kl_divergence(logvar, mu)", f"return {KL}.sum(1).mean()")}),
    "kl-divided-by-pixels": Known("Over what does this lab average, and what has the number of pixels to do with the code?", {"": _kl(f"({KL}).sum(1).mean() / 784")}),
    "kl-of-the-mean": Known("Which terms does the factor 1/2 stand before in the definition, and in yours?", {"": _kl("(mu**2 + 0.5 * (logvar.exp() - 1 - logvar)).sum(1).mean()")}),
    "kl-log-base": Known("In which unit does this lab count: bits or nats?", {"": _kl(f"({KL}).sum(1).mean() / math.log(2)")}),
    "kl-estimated-by-sampling": Known("Call it twice on the same mu and logvar: must there be chance in it?", {
        "": _kl("eps = torch.randn_like(mu)", "z = mu + torch.exp(logvar / 2) * eps", "(-0.5 * logvar - 0.5 * eps**2 + 0.5 * z**2).sum(1).mean()"),
        "many draws": _kl(NORMAL, "q = N(mu, torch.exp(logvar / 2))", "z = q.rsample((64,))", "(q.log_prob(z) - N(0.0, 1.0).log_prob(z)).sum(-1).mean()"),
    }),
    "loss-not-finite": {"logvar as variance": _kl("0.5 * (mu**2 + logvar - 1 - torch.log(logvar)).sum(1).mean()")},
    "loss-not-reduced": {"no reduction": _kl(KL), "one a digit": _kl(f"({KL}).sum(1)")},
    "graph-cut": Known(LOOKS["graph-cut"], {
        "mu": _kl("mu = mu.detach()", f"({KL}).sum(1).mean()"),
        "logvar": _kl("logvar = logvar.detach()", f"({KL}).sum(1).mean()"),
        "both": _kl(f"({KL}).sum(1).mean().detach() + 0 * mu.detach().sum()"),
    }, "effect"),
    "logvar-clamped": Known("What does it give at logvar = 30 and at -30, and what should it?", {
        "clamped at 10": _kl("logvar = logvar.clamp(-10, 10)", f"({KL}).sum(1).mean()"),
        "sigma rounded up": _kl("sigma = torch.exp(logvar / 2) + 1e-5", "0.5 * (mu**2 + sigma**2 - 1 - 2 * sigma.log()).sum(1).mean()"),
    }),
    "constant-factor": {"a third": _kl(f"({KL}).sum(1).mean() / 3")},
    "constant-added": Known(_ZERO, {"": _kl(f"({KL}).sum(1).mean() + 0.5")}),
    "sign-and-factor": Known("Can a KL divergence be negative? Put in mu = 1, logvar = 0.", {"": _kl(f"-3 * ({KL}).sum(1).mean()")}),
}  # fmt: skip

_BETA = (
    "Call it with beta = 0 and with beta = 4, and compare the three numbers that come back with each other."
)
VAE_LOSS: Entries = {
    "beta-ignored": Known(_BETA, {"": _loss("r + k, r, k")}),
    "beta-on-reconstruction": Known(_BETA, {"": _loss("beta * r + k, r, k")}),
    "beta-on-both": Known(_BETA, {"": _loss("beta * (r + k), r, k")}),
    "beta-squared": Known(_BETA, {"": _loss("r + beta**2 * k, r, k"), "weighed twice": _loss("weighed = beta * k", "r + beta * weighed, r, k")}),
    "beta-divides": Known(_BETA, {"": _loss("r + k / max(beta, 1e-9), r, k")}),
    "beta-added": Known(_BETA, {"": _loss("r + k + beta, r, k")}),
    "beta-mixes": Known(_BETA, {"": _loss("(1 - beta) * r + beta * k, r, k")}),
    "beta-default-not-one": Known("Call it without beta: which weight does the KL divergence have then?", {"0": _loss("r + beta * k, r, k", beta="0.0"), "a half": _loss("r + beta * k, r, k", beta="0.5"), "4": _loss("r + beta * k, r, k", beta="4.0")}),
    "kl-not-in-loss": Known("Change the encoder's logvar while the picture stays: does the loss notice?", {"": _loss("r, r, k")}),
    "reconstruction-not-in-loss": Known("Spoil the picture: does the loss notice?", {"": _loss("beta * k, r, k")}),
    "kl-subtracted": Known("In which direction should a larger KL divergence push the loss?", {"": _loss("r - beta * k, r, k")}),
    "loss-negated": Known("Is it this number that an optimiser should make small, or the one with the other sign?", {"": _loss("-(r + beta * k), r, k"), "the ELBO": _loss("elbo = -r - beta * k", "elbo, r, k")}),
    "reconstruction-subtracted": Known("In which direction should a worse picture push the loss?", {"": _loss("beta * k - r, r, k")}),
    "loss-averaged": Known("Compare your loss with the two terms that you return: how are they put together?", {"": _loss("(r + beta * k) / 2, r, k")}),
    "terms-multiplied": Known("What is your loss where the KL divergence is 0?", {"": _loss("r * beta * k, r, k")}),
    "graph-cut": Known(LOOKS["graph-cut"], {
        "kl detached": _loss("r + beta * k.detach(), r, k"),
        "kl a number": _loss("r + beta * k.item(), r, k"),
        "reconstruction detached": _loss("r.detach() + beta * k, r, k"),
        "kl without gradients": _loss("with torch.no_grad():", "    k = kl_divergence(mu, logvar)", "r + beta * k, r, k"),
    }, "effect"),
    "terms-in-wrong-order": Known("Compare the order in which you return them with the contract.", {"swapped": _loss("r + beta * k, k, r"), "loss last": _loss("r, k, r + beta * k")}),
    "kl-returned-weighted": Known("With beta = 4, is the `kl` that you return the KL divergence?", {"": _loss("k = beta * k", "r + k, r, k")}),
    "bce-averaged": Known("Compare the returned `reconstruction` with `reconstruction_loss(x_hat, x)`: are they equal?", {"": _loss("r = F.binary_cross_entropy(x_hat, x)", "r + beta * k, r, k")}),
    "bce-summed-over-batch": Known("Compare the returned `reconstruction` with `reconstruction_loss(x_hat, x)`: are they equal?", {"": _loss("r = F.binary_cross_entropy(x_hat, x, reduction='sum')", "r + beta * k, r, k")}),
    "mse-instead-of-bce": Known("Compare the returned `reconstruction` with `reconstruction_loss(x_hat, x)`: are they equal?", {"": _loss("r = F.mse_loss(x_hat, x)", "r + beta * k, r, k")}),
    "bce-arguments-swapped": Known("In which order does `reconstruction_loss` take the picture and the digit?", {"": _loss("r = reconstruction_loss(x, x_hat)", "r + beta * k, r, k")}),
    "kl-averaged": Known("Compare the returned `kl` with `kl_divergence(mu, logvar)`: are they equal?", {"": _loss("k = -0.5 * torch.mean(1 + logvar - mu**2 - logvar.exp())", "r + beta * k, r, k"), "per latent": _loss("k = k / mu.shape[1]", "r + beta * k, r, k")}),
    "kl-summed-over-batch": Known("Compare the returned `kl` with `kl_divergence(mu, logvar)`: are they equal?", {"": _loss("k = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())", "r + beta * k, r, k")}),
    "kl-half-missing": Known("Compare the returned `kl` with `kl_divergence(mu, logvar)`: are they equal?", {"": _loss("k = 2 * k", "r + beta * k, r, k")}),
    "kl-sign-flipped": Known("Compare the returned `kl` with `kl_divergence(mu, logvar)`: are they equal?", {"": _loss("k = -k", "r + beta * k, r, k")}),
    "kl-divided-by-pixels": Known("Compare the returned `kl` with `kl_divergence(mu, logvar)`: are they equal?", {"": _loss("k = k / 784", "r + beta * k, r, k")}),
    "kl-arguments-swapped": Known("In which order does `kl_divergence` take mu and logvar?", {"": _loss("k = kl_divergence(logvar, mu)", "r + beta * k, r, k")}),
    "loss-not-reduced": {"kl one a digit": _loss("k = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)", "r + beta * k, r, k")},
}  # fmt: skip

MISTAKES: tuple[Mistake, ...] = (
    *written_down("vae", "reconstruction_loss", "numeric", RECONSTRUCTION_LOSS, LOOKS),
    *written_down("vae", "kl_divergence", "numeric", KL_DIVERGENCE, LOOKS),
    *written_down("vae", "vae_loss", "numeric", VAE_LOSS, LOOKS),
)
