"""The lab `vae`: what each component must do, and how it is judged."""

from __future__ import annotations

from autograder.labs.digits import judge_decoder
from autograder.labs.elbo import judge_vae_loss
from autograder.labs.elbo_steps import judge_train_step
from autograder.labs.generative import judge_vae
from autograder.labs.heads import judge_encoder
from autograder.labs.interpolation import judge_interpolate
from autograder.labs.judge import Component
from autograder.labs.likelihoods import judge_kl_divergence, judge_reconstruction_loss
from autograder.labs.prior import judge_sample
from autograder.labs.reparameterization import judge_reparameterize

PARTS = ("Encoder", "reparameterize", "Decoder")
NETWORKS = (*PARTS, "VAE")
TERMS = ("reconstruction_loss", "kl_divergence")
LOSSES = (*TERMS, "vae_loss")
COMPONENTS = (
    Component("Encoder", "encoder", judge_encoder),
    Component("reparameterize", "reparameterize", judge_reparameterize),
    Component("Decoder", "decoder", judge_decoder),
    Component("VAE", "vae", judge_vae, PARTS, PARTS),
    Component("reconstruction_loss", "reconstruction-loss", judge_reconstruction_loss),
    Component("kl_divergence", "kl", judge_kl_divergence),
    Component("vae_loss", "vae-loss", judge_vae_loss, TERMS, TERMS),
    Component(
        "train_step", "train-step", judge_train_step, ("reparameterize", *LOSSES), (*NETWORKS, *LOSSES)
    ),
    Component("sample", "sample", judge_sample, ("reparameterize",), NETWORKS),
    Component("interpolate", "interpolate", judge_interpolate, ("reparameterize",), NETWORKS),
)
