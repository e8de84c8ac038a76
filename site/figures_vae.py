"""Makes the figures and numbers of the site's VAE chapter, from the solution cells of `solutions/vae.py`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace

import figures_draw as draw
import figures_vae_draw as draw_vae
import torch
from figures_ae import train as train_autoencoder
from figures_lab import (
    BATCH,
    EPOCHS,
    LATENT,
    RATE,
    assets,
    first_of_each_digit,
    lab_components,
    mse,
    pca,
    write_numbers,
)
from figures_vae_measure import (
    active_units,
    evidence,
    information,
    kl_by_unit,
    spread_of_latents,
)
from torch import nn

from course import load_mnist
from course.data.mnist import Mnist
from course.training import settled

HIDDEN = 400
BETAS = (0.1, 1.0, 4.0, 16.0, 784.0)  # 784: what a mean over pixels beside a sum over latents amounts to
WALKS = ((0, 4), (3, 7))  # the digits between which both models interpolate
SHOWN = 4.0  # the beta whose units are shown beside those of beta 1


class Run:
    """A VAE trained as the lab does, and its curves: `name` on the training digits, `test_name` on the others.

    The test curves begin before the first update, the training curves with the first epoch.
    """

    def __init__(self, lab: SimpleNamespace, data: Mnist, beta: float = 1.0, latent: int = LATENT) -> None:
        torch.manual_seed(0)
        self.beta, self.curves = beta, {}
        self.model = lab.VAE(latent_dim=latent)
        optimizer = torch.optim.Adam(self.model.parameters(), lr=RATE)
        self._add(test_values(lab, self.model, data.test_images))
        for _ in range(EPOCHS):
            sums: dict[str, float] = {}
            for rows in torch.randperm(len(data.train_images)).split(BATCH):
                values = lab.train_step(self.model, optimizer, data.train_images[rows], beta=beta)
                for name, value in values.items():
                    sums[name] = sums.get(name, 0.0) + value * len(rows) / len(data.train_images)
            self._add(sums)
            self._add(test_values(lab, self.model, data.test_images))
        self.model.eval()
        print(
            f"beta {beta:g}, latent {latent}: { ({k: round(v[-1], 4) for k, v in self.curves.items()}) }",
            flush=True,
        )

    def _add(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.curves.setdefault(name, []).append(value)

    def last(self, name: str) -> float:
        """A curve's value at the end of the training."""
        return self.curves[name][-1]


@torch.no_grad()
def test_values(lab: SimpleNamespace, model: nn.Module, x: torch.Tensor) -> dict[str, float]:
    """Both terms of the loss on digits `(N, 784)`, and the squared error per pixel of the mean's decoding."""
    model.eval()
    x_hat, mu, logvar = model(x)
    reconstruction, kl = lab.reconstruction_loss(x_hat, x), lab.kl_divergence(mu, logvar)
    return {
        "test_reconstruction": float(reconstruction),
        "test_kl": float(kl),
        "test_mse": mse(model.decoder(mu), x),
        "test_mse_sampled": mse(x_hat, x),
    }


def autoencoder(data: Mnist) -> tuple[nn.Module, list[float]]:
    """An AutoEncoder with as many hidden units as the VAE, trained as in its own lab; its test errors."""
    torch.manual_seed(0)
    lab = lab_components("ae")
    model = lab.AutoEncoder(latent_dim=LATENT)
    model.encoder = nn.Sequential(nn.Linear(784, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, LATENT))
    model.decoder = nn.Sequential(nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 784), nn.Sigmoid())
    before = lab.evaluate(model, data.test_images)
    _, test = train_autoencoder(lab, model, data)
    return model.eval(), [before, *test]


@torch.no_grad()
def pictures(lab: SimpleNamespace, ae: nn.Module, vae: nn.Module, sweep: list[Run], data: Mnist) -> None:
    """Digits as pixels: reconstructions, samples, interpolations, samples under each beta."""
    torch.manual_seed(1)
    out, x = assets("vae"), data.test_images
    shown = x[first_of_each_digit(data.test_labels)]
    codes, noise = ae.encoder(x), torch.randn(20, LATENT)
    invented = ae.decoder(codes.mean(0) + codes.std(0) * noise)
    mu, _ = vae.encoder(shown)
    samples = lab.sample(vae, 20)
    draw.digit_rows(out / "reconstructions.png", [shown, ae(shown), vae.decoder(mu)])
    draw.digit_rows(out / "samples.png", [samples[:10], samples[10:], invented[:10], invented[10:]])
    walks = []
    for start, end in WALKS:
        walks.append(lab_components("ae").interpolate(ae, shown[start], shown[end], 9))
        walks.append(lab.interpolate(vae, shown[start], shown[end], 9))
    draw.digit_rows(out / "interpolation.png", walks)
    draw.digit_rows(out / "beta.png", [lab.sample(run.model, 10) for run in sweep])


def make() -> None:
    """Train, measure, draw."""
    out, lab, data = assets("vae"), lab_components("vae"), load_mnist()
    x, labels = data.test_images, data.test_labels
    ae, ae_mse = autoencoder(data)
    sweep = [Run(lab, data, beta) for beta in BETAS]
    run = sweep[BETAS.index(1.0)]
    plane = Run(lab, data, latent=2)
    pictures(lab, ae, run.model, sweep, data)

    encode, decode = pca(data, LATENT)
    pca_mse, settles = mse(decode(encode(x)), x), settled(run.curves["test_kl"][1:])
    draw_vae.terms(out / "terms", run.curves, settles)
    draw_vae.one_scale(out / "mse", ae_mse, run.curves["test_mse"], pca_mse)
    units = {r.beta: (kl_by_unit(r.model, x), active_units(r.model, x)) for r in sweep}
    draw_vae.units(out / "units", {beta: units[beta] for beta in (1.0, SHOWN)})
    draw_vae.kl_formulas(out / "formulas")
    with torch.no_grad():
        draw_vae.plane(out / "plane", plane.model.encoder(x)[0], labels)
        draw_vae.grid(out / "grid", plane.model.decoder)

    likelihood, elbo_there = evidence(lab, run.model, x[:200], draws=1000)
    mean_kl, shared, mismatch = information(plane.model, data.train_images)
    narrowest, widest = spread_of_latents(run.model, x)
    elbo = -run.last("test_reconstruction") - run.last("test_kl")
    measured = {
        "elbo": _nats(-elbo), "reconstruction": _nats(run.last("test_reconstruction")), "kl": _nats(run.last("test_kl")),
        "train_loss": _nats(run.last("loss")), "test_loss": _nats(-elbo),
        "first_kl": _nats(run.curves["test_kl"][1]), "start_kl": f"{run.curves['test_kl'][0]:.2f}",
        "start_reconstruction": _nats(run.curves["test_reconstruction"][0]),
        "settles": str(settles), "active": str(int(units[1.0][1].sum())),
        "shown_active": str(int(units[SHOWN][1].sum())), "shown_beta": f"{SHOWN:g}",
        "mse": f"{run.last('test_mse'):.4f}", "mse_sampled": f"{run.last('test_mse_sampled'):.4f}",
        "ae_mse": f"{ae_mse[-1]:.4f}", "pca_mse": f"{pca_mse:.4f}", "mse_ratio": f"{run.last('test_mse') / ae_mse[-1]:.2f}",
        "copy": _nats(float(lab.reconstruction_loss(x, x))), "twice": f"{10 * int(sigmoid_twice(lab, x) / 10)}",
        "mean_gain": _nats(run.last("test_reconstruction") - through_the_mean(lab, run.model, x)),
        "grey": _nats(784 * math.log(2)),
        "evidence_elbo": _nats(-elbo_there), "evidence": _nats(-likelihood), "evidence_gap": _nats(likelihood - elbo_there),
        "plane_elbo": _nats(plane.last("test_reconstruction") + plane.last("test_kl")),
        "plane_kl": _nats(mean_kl), "plane_shared": _nats(shared), "plane_mismatch": f"{mismatch:.1f}", "plane_limit": _nats(math.log(len(data.train_images))),
        "rare": str(round(run.last("test_kl") / math.log(10))),
        "spread_min": f"{narrowest:.2f}", "spread_max": f"{widest:.2f}",
        "parameters": f"{sum(p.numel() for p in run.model.parameters()):,}",
        "train_digits": f"{len(data.train_images):,}", "test_digits": f"{len(x):,}",
        "latent": str(LATENT), "epochs": str(EPOCHS), "batch": str(BATCH), "hidden": str(HIDDEN),
    }  # fmt: skip
    for r in sweep:
        name = f"beta{r.beta:g}".replace(".", "_")
        measured[f"{name}_kl"] = _nats(r.last("test_kl"))
        measured[f"{name}_reconstruction"] = _nats(r.last("test_reconstruction"))
        measured[f"{name}_elbo"] = _nats(r.last("test_reconstruction") + r.last("test_kl"))
        measured[f"{name}_mse"] = f"{r.last('test_mse'):.4f}"
        measured[f"{name}_active"] = str(int(units[r.beta][1].sum()))
    write_numbers("vae", measured)


def sigmoid_twice(lab: SimpleNamespace, x: torch.Tensor) -> float:
    """The least loss in nats on digits `(N, 784)` of a decoder whose probabilities lie in (0.5, 0.731)."""
    return float(lab.reconstruction_loss(x.clamp(0.5, 1 / (1 + math.exp(-1))), x))


@torch.no_grad()
def through_the_mean(lab: SimpleNamespace, model: nn.Module, x: torch.Tensor) -> float:
    """The reconstruction loss in nats of digits `(N, 784)` with the mean of the cloud in place of a draw."""
    return float(lab.reconstruction_loss(model.decoder(model.encoder(x)[0]), x))


def _nats(value: float) -> str:
    """One decimal; the sign, where there is one, is the page's."""
    return f"{value:.1f}"
