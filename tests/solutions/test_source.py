"""The text source of a lab: the reference solution can be used as Python."""

import torch

from autograder.policy import load_policy
from solutions.source import LABS, reference


def test_the_reference_defines_every_component():
    for lab in LABS:
        names = reference(lab)
        assert set(load_policy().labs[lab].components) <= set(names)


def test_the_reference_of_ae_has_the_promised_shapes_and_learns():
    lab = reference("ae")
    torch.manual_seed(0)
    model = lab["AutoEncoder"](latent_dim=5)
    x = torch.rand(7, 784)
    assert model.encoder(x).shape == (7, 5)
    assert model(x).shape == (7, 784)
    assert lab["interpolate"](model, x[0], x[1], 4).shape == (4, 784)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = [lab["train_step"](model, optimizer, x) for _ in range(50)]
    assert losses[-1] < 0.5 * losses[0]
    assert lab["evaluate"](model, x) < losses[0]
