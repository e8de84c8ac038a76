"""Wrong submissions by class: what each changes in a right one, as text to replace in one component."""

from __future__ import annotations

from dataclasses import dataclass

LOSS = "    return reconstruction + beta * kl, reconstruction, kl"
Z = "self.decoder(reparameterize(mu, logvar))"


@dataclass(frozen=True)
class Fault:
    """One wrong class: the component that is wrong, and how."""

    component: str
    old: str
    new: str
    left: str = ""  # why short runs need not see it in every network: it is left to the component's own check

    def applied(self, source: dict[str, str]) -> dict[str, str]:
        """The submission with this fault."""
        right = source[self.component]
        if self.old not in right:
            raise ValueError(f"{self.component} has no text {self.old!r}")
        return {**source, self.component: right.replace(self.old, self.new)}


def loss(new: str, left: str = "") -> Fault:
    return Fault("vae_loss", LOSS, f"    return {new}, reconstruction, kl", left)


VAE_FAULTS = {
    "KL left out": loss("reconstruction"),
    "KL with the wrong sign": loss("reconstruction - kl"),
    "KL times 784": loss("reconstruction + 784 * kl"),
    "KL averaged over latents": loss("reconstruction + kl / 32"),
    "KL divided by 784": loss("reconstruction + kl / 784"),
    "reconstruction left out": loss("kl"),
    "decoder gets noise": Fault("VAE", Z, "self.decoder(torch.randn_like(mu))"),
    "AE passed off as VAE": Fault(
        "VAE",
        "        return " + Z + ", mu, logvar",
        "        return self.decoder(mu), mu * 0, mu * 0",
        "where batch or layer norm keeps codes near N(0, 1), an AutoEncoder's codes are a fair VAE's",
    ),
    "decoder gets the mean": Fault(
        "VAE", Z, "self.decoder(mu)", "a network whose means stay large forgives noise that it never met"
    ),
    "z detached": Fault("VAE", Z, "self.decoder(reparameterize(mu, logvar).detach())"),
    "logvar taken for log sigma": Fault(
        "reparameterize", "0.5 * logvar", "logvar", "the encoder learns another logvar and reaches the same ELBO"
    ),
    "uniform noise": Fault(
        "reparameterize", "randn_like", "rand_like", "a network that learns little moves its mean to match"
    ),
    "one noise for all latents": Fault(
        "reparameterize", "torch.randn_like(mu)", "torch.randn(len(mu), 1)", "a network that hardly uses its latents looks the same"
    ),
    "squared error in place of BCE": Fault(
        "reconstruction_loss",
        'F.binary_cross_entropy(x_hat, x, reduction="sum") / len(x)',
        "F.mse_loss(x_hat, x)",
    ),
    "no optimiser step": Fault("train_step", "    optimizer.step()\n", ""),
    "uphill": Fault("train_step", "loss.backward()", "(-loss).backward()"),
    "learns noise": Fault("train_step", "x_hat, mu, logvar = model(x)", "x = torch.rand_like(x)\n    x_hat, mu, logvar = model(x)"),
    "learns the first batch only": Fault(
        "train_step", "    model.train()\n", '    x = model.__dict__.setdefault("first", x[:2])\n    model.train()\n'
    ),
}  # fmt: skip

AE_FAULTS = {
    "no optimiser step": Fault("train_step", "    optimizer.step()\n", ""),
    "uphill": Fault("train_step", "loss.backward()", "(-loss).backward()"),
    "learns noise": Fault("train_step", "reconstruction_loss(model(x), x)", "reconstruction_loss(model(x), torch.rand_like(x))"),
    "learns the first batch only": Fault(
        "train_step", "    model.train()\n", '    x = model.__dict__.setdefault("first", x[:2])\n    model.train()\n'
    ),
    "encoder cut off": Fault("AutoEncoder", "self.encoder(x)", "self.encoder(x).detach()"),
}  # fmt: skip
