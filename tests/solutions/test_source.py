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


def test_the_reference_of_vae_has_the_promised_shapes_and_learns():
    lab = reference("vae")
    torch.manual_seed(0)
    model = lab["VAE"](latent_dim=5)
    x = torch.rand(7, 784)
    assert [part.shape for part in model(x)] == [(7, 784), (7, 5), (7, 5)]
    assert lab["sample"](model, 3).shape == (3, 784)
    assert lab["interpolate"](model, x[0], x[1], 4).shape == (4, 784)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    steps = [lab["train_step"](model, optimizer, x, beta=0.5) for _ in range(50)]
    assert steps[-1]["loss"] < steps[0]["loss"]
    for step in steps:
        assert step["loss"] - step["reconstruction"] - 0.5 * step["kl"] < 1e-3


def test_the_closed_form_kl_of_vae_is_that_of_torch_distributions():
    lab = reference("vae")
    mu, logvar = torch.randn(6, 5), torch.randn(6, 5)
    posterior = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    prior = torch.distributions.Normal(torch.zeros(5), torch.ones(5))
    expected = torch.distributions.kl_divergence(posterior, prior).sum(dim=1).mean()
    torch.testing.assert_close(lab["kl_divergence"](mu, logvar), expected)


def test_the_reference_of_gan_has_the_promised_shapes_and_both_sides_learn():
    lab = reference("gan")
    torch.manual_seed(0)
    generator, discriminator = lab["Generator"](latent_dim=5, width=4), lab["Discriminator"](width=4)
    for network in (generator, discriminator):
        network.apply(lab["init_weights"])
    assert generator(torch.randn(3, 5)).shape == (3, 3, 64, 64)
    assert discriminator(torch.randn(1, 3, 64, 64)).shape == (1,)
    real = torch.rand(8, 3, 64, 64)
    opt_g, opt_d = lab["make_optimizers"](generator, discriminator)
    judged = [lab["discriminator_step"](generator, discriminator, opt_d, real) for _ in range(20)]
    painted = [lab["generator_step"](generator, discriminator, opt_g, 8) for _ in range(20)]
    assert judged[-1] < judged[0]
    assert painted[-1] < painted[0]
    assert set(lab["train_step"](generator, discriminator, opt_g, opt_d, real)) == {"d_loss", "g_loss"}
    assert lab["sample"](generator, 2).shape == (2, 3, 64, 64)


def test_the_gradients_of_the_losses_of_gan_at_zero_are_those_of_one_sided_smoothing():
    lab = reference("gan")
    real, fake = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    lab["discriminator_loss"](real, fake).backward()
    assert (round(real.grad.item(), 6), round(fake.grad.item(), 6)) == (-0.4, 0.5)
    fake.grad = None
    lab["generator_loss"](fake).backward()
    assert fake.grad.item() == -0.5
