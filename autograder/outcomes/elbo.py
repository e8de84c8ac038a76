"""The held-out evidence lower bound of a VAE, from the grader's own measurements alone.

For each digit x the encoder says mu and logvar, the grader draws z ~ N(mu, sigma^2) and computes the KL, and
the decoder, in a worker that never saw x, says the pixels' probabilities. Whatever the networks are, what
comes out is a lower bound of log p(x) under the decoder, so no trick in a forward pass can raise it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from autograder.labs.probing import Answer
from autograder.outcomes.pieces import Unusable


def nats(value: float) -> str:
    """A likelihood or KL for people, also where a run went astray: 18.3, 3e+25."""
    return f"{value:.1f}" if abs(value) < 1e6 else f"{value:.0e}"


@dataclass(frozen=True)
class Posterior:
    """What the encoder says of `N` digits: `mu` and `logvar`, each `(N, L)` float64."""

    mu: torch.Tensor
    logvar: torch.Tensor

    @property
    def kl(self) -> torch.Tensor:
        """KL(N(mu, sigma^2) to N(0, 1)) of each digit and latent, `(N, L)`, in nats (Kingma & Welling 2014, appendix B)."""
        return 0.5 * (self.mu.square() + self.logvar.exp() - 1 - self.logvar)

    @property
    def spread(self) -> torch.Tensor:
        """The part of the KL that the variances make, `(N, L)`; the means make the rest."""
        return 0.5 * (self.logvar.exp() - 1 - self.logvar)

    @property
    def active(self) -> int:
        """How many latents tell digits apart: the variance of mu over digits exceeds 0.01 (Burda et al. 2016, 5.2)."""
        return int((self.mu.var(0) > 0.01).sum())

    def draw(self, seed: int) -> torch.Tensor:
        """One z for each digit, `(N, L)` float32."""
        eps = torch.randn(self.mu.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        return (self.mu + torch.exp(self.logvar / 2) * eps).float()


def posterior(answer: Answer, count: int, latent: int) -> Posterior:
    """The pair `(mu, logvar)` in an encoder's answer.

    Raises:
        Unusable: it is no such pair, or holds NaN or infinite values.
    """
    items = answer.value.get("items")
    found = [answer.tensor(item.get("key")) for item in items] if isinstance(items, list) else []
    tensors = [
        t for t in found if t is not None and tuple(t.shape) == (count, latent) and t.is_floating_point()
    ]
    if len(found) != 2 or len(tensors) != 2:
        raise Unusable(f"`model.encoder` should give a pair (mu, logvar), each of shape ({count}, {latent})")
    mu, logvar = (tensor.double() for tensor in tensors)
    if not (torch.isfinite(mu).all() and torch.isfinite(logvar.exp()).all()):
        raise Unusable("`model.encoder` gives NaN or infinite values for digits that it was not trained on")
    return Posterior(mu, logvar)


def negative_elbo(found: Posterior, probabilities: torch.Tensor, x: torch.Tensor) -> float:
    """Minus the evidence lower bound in nats, mean over the digits `x` `(N, 784)`.

    The Bernoulli log-likelihood of grey pixels, as the lab's loss has it; its logarithms end at -100, as torch's do.

    Raises:
        Unusable: the decoder gives something else than probabilities.
    """
    p, x = probabilities.double(), x.double()
    if not bool(((p >= 0) & (p <= 1)).all()):
        raise Unusable("`model.decoder` should give probabilities between 0 and 1")
    log_p, log_q = p.log().clamp(min=-100), torch.log1p(-p).clamp(min=-100)
    reconstruction = -(x * log_p + (1 - x) * log_q).sum(1)
    return float((reconstruction + found.kl.sum(1)).mean())
