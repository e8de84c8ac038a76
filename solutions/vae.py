# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 2: The Variational AutoEncoder
#
# **Goal.** The autoencoder of lab 1 copies digits and cannot invent any, for nobody told its codes where to
# live. You turn it into a model of the *probability* of an image: the encoder answers with a distribution
# over codes instead of one code, and one extra term in the loss keeps these distributions near $\mathcal N(0,
# I)$. Then random codes do give digits. You derive every term of the loss, write it, train, watch what the
# extra term does, and break it on purpose.
#
# **How this notebook works.**
#
# - Ten exercises, each a cell with a stub. Replace the line that raises `NotImplementedError`, then run the
#   cell and the one below it: `check("...")` says within a moment what is right and what is not. It is the
#   grader itself, so you always know where you stand, and a mistake in one exercise never costs you another.
# - Each exercise tells its difficulty (1 easy to 4 hard) and about how long it takes. Hints and expected
#   results are folded away: click on the small triangle.
# - You may run the whole notebook at any time. What is not written yet says so, and the rest goes on.
# - Last come three questions for discussion, which a person reads, and a cell that saves your trained model.
#
# All in all: about three hours, of which the computer trains about a minute. No GPU is needed. Lab 1 is not
# needed either: if its outputs are missing, examples that come with the course take their place.

# %% [markdown]
# ## The idea
#
# **A story of how images come about.** First nature draws a code $z$ of 32 numbers from the **prior** $p(z) =
# \mathcal N(0, I)$. Then it draws the image from a distribution that depends on the code, $p_\theta(x \mid
# z)$; the **decoder**, a network with parameters $\theta$, computes that distribution. Were the story true,
# inventing a digit would be easy: draw $z$, decode.
#
# How good is the story? As with any probabilistic model: by the probability that it gives to real images,
#
# $$ \log p_\theta(x) = \log \int p_\theta(x \mid z) \, p(z) \, dz , $$
#
# which training should make large. (Likelihoods here are in **nats**: natural logarithms.)
#
# **Why that is not directly possible.** The integral runs over 32 dimensions and has no closed form, because
# a network stands in it. Estimating it by the average of $p_\theta(x \mid z)$ over many $z$ from the prior is
# correct but hopeless: nearly all codes give nearly every $x$ a probability of practically 0, and the few
# that matter for this one image are never hit. We would need to know which codes could have produced $x$.
# That is the **posterior** $p_\theta(z \mid x) = p_\theta(x \mid z)\, p(z) / p_\theta(x)$, and its
# denominator is the very integral that we cannot compute.
#
# **The way out.** Let a second network, the **encoder** with parameters $\phi$, guess the posterior: for each
# image a Gaussian with its own mean and its own standard deviation in each dimension,
#
# $$ q_\phi(z \mid x) = \mathcal N\big(z;\; \mu(x),\; \mathrm{diag}\, \sigma^2(x)\big) . $$
#
# ```text
#   x (B, 784) --+--> mu     (B, 32) --+--> z (B, 32) ----> x_hat (B, 784)
#                +--> logvar (B, 32) --+
#        encoder q(z | x)       reparameterize    decoder p(x | z)
# ```

# %% [markdown]
# ### The bound that we train: the ELBO
#
# Two ways lead to it. Write $q$ for $q_\phi(z \mid x)$.
#
# **By Jensen's inequality.** Multiply and divide by $q$, and the integral becomes an expectation over codes
# that *do* matter for $x$:
#
# $$ \log p_\theta(x) = \log \int q \, \frac{p_\theta(x \mid z)\, p(z)}{q} \, dz =
# \log \mathbb E_q \left[ \frac{p_\theta(x \mid z)\, p(z)}{q} \right] . $$
#
# The logarithm is concave, so the log of a mean is at least the mean of the logs:
#
# $$ \log p_\theta(x) \;\ge\; \mathbb E_q \left[ \log \frac{p_\theta(x \mid z)\, p(z)}{q} \right] =:
# \mathrm{ELBO}(x) . $$
#
# That is the **evidence lower bound**. It tells that there is a gap, but not how large it is.
#
# **By Bayes' rule.** $\log p_\theta(x)$ does not depend on $z$, so its mean under $q$ is itself. Put in
# $p_\theta(x) = p_\theta(x \mid z)\, p(z) / p_\theta(z \mid x)$ and extend by $q$:
#
# $$ \log p_\theta(x) =
# \mathbb E_q \left[ \log \frac{p_\theta(x \mid z)\, p(z)}{p_\theta(z \mid x)} \cdot \frac{q}{q} \right] =
# \underbrace{\mathbb E_q \left[ \log \frac{p_\theta(x \mid z)\, p(z)}{q} \right]}_{\mathrm{ELBO}(x)} +
# \underbrace{\mathbb E_q \left[ \log \frac{q}{p_\theta(z \mid x)} \right]}_{
# \mathrm{KL}\left(q \,\|\, p_\theta(z \mid x)\right) \; \ge \; 0} . $$
#
# So $\mathrm{ELBO}(x) = \log p_\theta(x) - \mathrm{KL}(q \,\|\, p_\theta(z \mid x))$: the gap is exactly how
# far the guessed posterior is from the true one. Making the ELBO large does two things at once. It raises the
# probability of the data, and it improves the guess.
#
# **What one computes.** Split the fraction under the logarithm:
#
# $$ \boxed{\; \mathrm{ELBO}(x) =
# \mathbb E_{q_\phi(z \mid x)} \big[ \log p_\theta(x \mid z) \big]
# \;-\; \mathrm{KL}\big( q_\phi(z \mid x) \,\|\, p(z) \big) \;} $$
#
# Encode, draw a code, decode, and ask how probable the image is now: that is the **reconstruction**. Pay for
# every nat by which the encoder's answer differs from the prior: that is the **KL**. The loss that we
# minimise is the negative ELBO, averaged over images: $\text{loss} = \text{reconstruction} + \text{KL}$. Mind
# that there are two KLs in this story. The one in the loss is to the *prior* and is computed; the one in the
# gap is to the *true posterior* and stays unknown.

# %% [markdown]
# ## Setup
#
# `course` is the small library of these labs; it is written to be read, and nothing in it solves an exercise.

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course import (
    check,  # asks the grader about one exercise
    device,
    fit,  # the training loop
    load_mnist,
    load_outputs,  # what lab 1 saved, or examples that come with the course
    plotting,
    ready,  # is an exercise written yet?
    save_checkpoint,
    save_outputs,
    seconds_for,  # how long something takes
    see_digits,  # features and digits of pictures
    set_seed,
)

LAB = "vae"  # whose parts `check` judges: some names, such as Encoder, belong to more than one lab
FULL = False  # True: all 60,000 digits (downloads 12 MB, once), not only the 10,000 here
LATENT_DIM = 32
BATCH_SIZE = 128
EPOCHS = 20
DEVICE = device()  # a GPU if there is one, else the CPU

# %%
set_seed(0)  # the same weights and batches every time you run the notebook from the top
data = load_mnist(full=FULL, device=DEVICE)
ae = load_outputs("ae", device=DEVICE)  # the AutoEncoder that the VAE is compared with

print(f"{len(data.train_images):,} digits to train, {len(data.test_images):,} to test, on {DEVICE}")

# %% [markdown]
# ## Exercise 1: `Encoder`
#
# *Difficulty 2 of 4, about 10 minutes.*
#
# The encoder answers with a Gaussian for each image: a mean and a spread in each latent dimension. One hidden
# layer (of, say, 400 units) looks at the image, and two linear layers, the **heads**, read off the two
# answers:
#
# $$ h = \mathrm{ReLU}(W_1 x + b_1), \qquad \mu = W_\mu h + b_\mu, \qquad \log \sigma^2 = W_\sigma h + b_\sigma . $$
#
# Why $\log \sigma^2$, called `logvar`, and not $\sigma$? A variance must be positive, a linear layer gives
# numbers of either sign, and the logarithm of a variance may be any number at all: no constraint, no division
# by 0, and the KL below needs the logarithm anyway. Neither head gets an activation. After a ReLU, `mu` could
# not be negative, and $\sigma$ could not be less than 1, which is the opposite of a precise code.


# %% nbgrader={"grade_id": "Encoder", "solution": true}
class Encoder(nn.Module):
    """Turns images into Gaussians over codes: the mean and the logarithm of the variance.

    Shape: (B, 784) -> (mu, logvar), each (B, latent_dim), float32.
    """

    def __init__(self, latent_dim: int = 32) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden = nn.Linear(784, 400)
        self.mu = nn.Linear(400, latent_dim)
        self.logvar = nn.Linear(400, latent_dim)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        ### BEGIN SOLUTION
        h = F.relu(self.hidden(x))  # (B, 784) => (B, 400)
        return self.mu(h), self.logvar(h)  # (B, 400) => (B, latent_dim), twice
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Encoder", "grade": true, "locked": true}
check("Encoder")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Three layers in `__init__`: `nn.Linear(784, 400)` for the hidden layer, and one `nn.Linear(400, latent_dim)`
# for each head. `forward` returns two tensors: `return mu, logvar`. One layer of `2 * latent_dim` outputs,
# cut in two with `.chunk(2, dim=1)`, is just as right.
#
# </details>
# <details><summary>What you should see</summary>
#
# For a batch of 5 images two different tensors of shape `(5, 32)`, both with values of either sign and close
# to 0: before training, every answer is about $\mathcal N(0, I)$.
#
# </details>

# %% [markdown]
# ## Exercise 2: `reparameterize`
#
# *Difficulty 2 of 4, about 15 minutes.*
#
# Now a code is to be drawn, $z \sim \mathcal N(\mu, \sigma^2)$, and the encoder is to learn from what the
# decoder made of it. Here is the trouble: **sampling blocks the gradient**. A random number generator that is
# told $\mu$ and $\sigma$ returns a number, and "how would this number have changed, had $\mu$ been a little
# larger?" has no answer, since the next draw would have been another number anyway. The expectation $\mathbb
# E_{q_\phi}[\cdot]$ depends on $\phi$ through the *distribution* that one draws from, and there is nothing to
# differentiate.
#
# The **reparameterisation trick** (Kingma & Welling, 2014; Rezende et al., 2014) moves the randomness out of
# the way. Draw the noise from a distribution without parameters, and shift and scale it:
#
# $$ z = \mu + \sigma \odot \varepsilon, \qquad \sigma = e^{\frac12 \log \sigma^2}, \qquad
# \varepsilon \sim \mathcal N(0, I) . $$
#
# That has the right distribution: a Gaussian scaled and shifted is a Gaussian, with mean $\mu$ and variance
# $\sigma^2$. And with $\varepsilon$ held fixed, $z$ is an ordinary function of what the encoder said:
#
# $$ \frac{\partial z}{\partial \mu} = 1, \qquad
# \frac{\partial z}{\partial \log \sigma^2} =
# \varepsilon \, \frac{\partial}{\partial \log \sigma^2} \, e^{\frac12 \log \sigma^2} =
# \tfrac12 \, \sigma \, \varepsilon . $$
#
# So $\nabla_\phi \, \mathbb E_{q_\phi(z \mid x)}[f(z)] = \mathbb E_{\varepsilon}\big[\nabla_\phi f(\mu +
# \sigma \varepsilon)\big]$: the gradient of the mean is a mean of gradients, and one draw per image is an
# unbiased estimate of it, good enough for training. Each image and each dimension gets **its own**
# $\varepsilon$, drawn **anew at each call**.


# %% nbgrader={"grade_id": "reparameterize", "solution": true}
def reparameterize(mu: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    """Draw one code from each Gaussian N(mu, exp(logvar)) so that gradients pass through.

    Shapes: mu (B, latent_dim), logvar (B, latent_dim) -> (B, latent_dim), random anew at each call.
    """
    ### BEGIN SOLUTION
    sigma = torch.exp(0.5 * logvar)  # logvar = log sigma^2 = 2 log sigma
    eps = torch.randn_like(sigma)  # N(0, 1), one for each row and dimension
    return mu + sigma * eps
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_reparameterize", "grade": true, "locked": true}
check("reparameterize")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `torch.exp(logvar)` is the *variance*; the standard deviation is its root, `torch.exp(0.5 * logvar)`.
# `torch.randn_like(mu)` draws normal numbers of the same shape on the same device (its relative `rand_like`
# draws uniform ones, between 0 and 1). `.detach()`, `.data`, `torch.no_grad()` or a distribution's
# `.sample()` would cut the gradient; `.rsample()` does what you do here.
#
# </details>
# <details><summary>What you should see</summary>
#
# Two calls with the same arguments give different codes. With `logvar` far below 0, $z$ is as good as `mu`.
# With `mu = 0` and `logvar = 0` you get plain normal noise.
#
# </details>

# %% [markdown]
# ## Exercise 3: `Decoder`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# The decoder computes the distribution $p_\theta(x \mid z)$. We take each pixel as a coin of its own: given
# the code, pixel $d$ is ink with probability $\hat x_d$ and paper otherwise, independently of the other
# pixels. So the output is 784 **probabilities**, and the sigmoid at the end sees to it that they are some:
#
# $$ h = \mathrm{ReLU}(W_3 z + b_3), \qquad \hat x = \mathrm{sigmoid}(W_4 h + b_4) . $$
#
# In form it is the decoder of lab 1. What changed is the meaning: $\hat x$ is no longer "the image" but the
# parameters of a distribution over images. What one looks at are its means.


# %% nbgrader={"grade_id": "Decoder", "solution": true}
class Decoder(nn.Module):
    """Turns codes into the probability of ink for every pixel.

    Shape: (B, latent_dim) -> (B, 784), float32, every value between 0 and 1.
    """

    def __init__(self, latent_dim: int = 32) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        ### BEGIN SOLUTION
        self.hidden = nn.Linear(latent_dim, 400)
        self.pixels = nn.Linear(400, 784)
        ### END SOLUTION

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        h = F.relu(self.hidden(z))  # (B, latent_dim) => (B, 400)
        return torch.sigmoid(self.pixels(h))  # (B, 400) => (B, 784)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Decoder", "grade": true, "locked": true}
check("Decoder")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `nn.Linear(latent_dim, 400)`, `F.relu`, `nn.Linear(400, 784)`, and `torch.sigmoid(...)` at the very end.
#
# </details>
# <details><summary>What you should see</summary>
#
# Before training, every probability is close to 0.5: the decoder has no opinion yet.
#
# </details>

# %% [markdown]
# ## Exercise 4: `VAE`
#
# *Difficulty 2 of 4, about 10 minutes.*
#
# Put the three together: encode, draw a code, decode. The loss needs `mu` and `logvar` too, so `forward`
# returns all three: `(x_hat, mu, logvar)`. Keep the networks as `.encoder` and `.decoder`.
#
# The code is **sampled in train mode and in eval mode alike**. In training it must be: without noise the
# encoder would pay for spread without ever feeling it, and nothing would be variational. In evaluation too,
# because the ELBO *is* an expectation over $q$; put in the mean `mu` instead and you get a number that looks
# better and is not a bound of anything. (To look at one calm reconstruction, decode `mu` yourself. We do so
# below.)


# %% nbgrader={"grade_id": "VAE", "solution": true}
class VAE(nn.Module):
    """An encoder and a decoder, as `.encoder` and `.decoder`, with a random code between them.

    Shape: (B, 784) -> (x_hat, mu, logvar) of shapes (B, 784), (B, latent_dim), (B, latent_dim).
    """

    def __init__(self, latent_dim: int = 32) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        ### BEGIN SOLUTION
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        ### BEGIN SOLUTION
        mu, logvar = self.encoder(x)  # (B, 784) => (B, latent_dim), twice
        z = reparameterize(mu, logvar)  # (B, latent_dim)
        return self.decoder(z), mu, logvar  # (B, latent_dim) => (B, 784)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_VAE", "grade": true, "locked": true}
check("VAE")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Follow the arrows of the drawing at the top, one line for each: the encoder makes two tensors of the images,
# `reparameterize` one of these two, and the decoder images of that one. Pass `latent_dim` on to both networks.
#
# </details>
# <details><summary>One more hint</summary>
#
# `mu, logvar = self.encoder(x)`, then `z = reparameterize(mu, logvar)`, then return `self.decoder(z), mu, logvar`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Two calls on the same images give different `x_hat` and the same `mu` and `logvar`. With hidden layers of
# 400 units: 667,248 parameters, from `sum(p.numel() for p in VAE().parameters())`.
#
# </details>

# %% [markdown]
# ## Exercise 5: `reconstruction_loss`
#
# *Difficulty 2 of 4, about 15 minutes.*
#
# The first term of the ELBO is $\mathbb E_q[\log p_\theta(x \mid z)]$, estimated with the one $z$ that was
# drawn. Each pixel is a coin that shows ink with probability $\hat x_d$ (a **Bernoulli** variable). The
# probability of $x_d \in \{0, 1\}$ can be written as $\hat x_d^{\,x_d} (1 - \hat x_d)^{1 - x_d}$, and
# independent probabilities multiply. The logarithm turns the product over pixels into a **sum**:
#
# $$ -\log p_\theta(x \mid z) = -\log \prod_{d=1}^{784} \hat x_d^{\,x_d} (1 - \hat x_d)^{1 - x_d} = -
# \sum_{d=1}^{784} \Big[ x_d \log \hat x_d + (1 - x_d) \log (1 - \hat x_d) \Big] . $$
#
# This is the **binary cross-entropy** (BCE). Averaged over the batch:
#
# $$ \mathcal L_\text{rec}(\hat x, x) = \frac1B \sum_{b=1}^{B} \sum_{d=1}^{784}
# -\Big[ x_{bd} \log \hat x_{bd} + (1 - x_{bd}) \log (1 - \hat x_{bd}) \Big] . $$
#
# **Sum over pixels, mean over the batch.** That is no matter of taste. One image's log-probability is a sum
# over its pixels, because the ELBO says so; a mean over pixels would make it 784 times as small, and the KL
# beside it 784 times as heavy. The mean over images only says that the ELBO of the data is reported per
# image, whatever the batch size. After the training you will see what other choices do.
#
# **Grey pixels.** Our pixels are not only 0 and 1 but also grey values between. For these the formula is no
# log-probability any more (summed over all greys, the "probabilities" do not give 1), yet it is still
# smallest at $\hat x = x$, and nearly everybody does it this way on MNIST, so numbers can be compared. Just
# mind that the smallest possible value is then not 0: even the perfect answer $\hat x = x$ pays the entropy
# of its greys, 45 nats for an average test digit.
#
# **The ends.** $\hat x$ may be exactly 0 or 1 in float32, and $0 \cdot \log 0$ is NaN. The loss must stay
# finite there.


# %% nbgrader={"grade_id": "reconstruction_loss", "solution": true}
def reconstruction_loss(x_hat: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The binary cross-entropy, summed over pixels and averaged over the batch, in nats.

    Shapes: x_hat (B, 784), x (B, 784), both in [0, 1] -> scalar; finite where x_hat is exactly 0 or 1.
    """
    ### BEGIN SOLUTION
    # PyTorch cuts the logarithm off at -100, so that the ends stay finite.
    return F.binary_cross_entropy(x_hat, x, reduction="sum") / len(x)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_reconstruction_loss", "grade": true, "locked": true}
check("reconstruction_loss")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `F.binary_cross_entropy(x_hat, x, reduction="sum")` adds up everything, pixels and images; divide by the
# number of images, `len(x)`. If you write the formula yourself, keep the logarithms finite, for instance with
# `x_hat.clamp(1e-7, 1 - 1e-7)`. (1e-8 is too small: in float32, $1 - 10^{-8}$ is 1.)
#
# </details>
# <details><summary>What you should see</summary>
#
# $784 \ln 2 \approx 543.4$ nats if every $\hat x$ is 0.5, whatever the image and the size of the batch. For a
# batch that is repeated, the same number as for the batch.
#
# </details>

# %% [markdown]
# ## Exercise 6: `kl_divergence`
#
# *Difficulty 3 of 4, about 20 minutes.*
#
# The second term, $\mathrm{KL}(q_\phi(z \mid x) \,\|\, p(z)) = \mathbb E_q\big[\log q_\phi(z \mid x) - \log
# p(z)\big]$, needs no sampling: between two Gaussians the integral can be done by hand (Kingma & Welling
# 2014, appendix B). Take pen and paper. Both distributions are independent over dimensions, so the logarithms
# are sums over dimensions and so is the KL; one dimension is enough. With
#
# $$ \log q(z) = -\tfrac12 \log 2\pi - \tfrac12 \log \sigma^2 - \frac{(z - \mu)^2}{2 \sigma^2},
# \qquad \log p(z) = -\tfrac12 \log 2\pi - \tfrac12 z^2 $$
#
# there are three means under $q$ to work out, each one line:
#
# 1. $\mathbb E_q\big[(z - \mu)^2\big] = \; ?$ (what is the name of this quantity?)
# 2. $\mathbb E_q\big[z^2\big] = \; ?$ (write $z = \mu + \sigma \varepsilon$ and multiply out)
# 3. Constants are their own mean, and $\log 2 \pi$ cancels.
#
# Then collect the terms, sum over the $L$ latent dimensions, and take the mean over the batch. The whole
# derivation is in the second fold below, to compare with yours.


# %% nbgrader={"grade_id": "kl_divergence", "solution": true}
def kl_divergence(mu: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    """KL(N(mu, exp(logvar)) || N(0, I)), summed over latent dimensions and averaged over the batch, in nats.

    Shapes: mu (B, latent_dim), logvar (B, latent_dim) -> scalar, never negative.
    """
    ### BEGIN SOLUTION
    per_dimension = 0.5 * (mu**2 + logvar.exp() - logvar - 1)  # (B, latent_dim), each at least 0
    return per_dimension.sum(dim=1).mean()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_kl_divergence", "grade": true, "locked": true}
check("kl_divergence")

# %% [markdown]
# <details><summary>Hint</summary>
#
# The first mean is the variance of $q$, the second is the variance plus the squared mean. `logvar.exp()` is
# $\sigma^2$ (not $\sigma$). `.sum(dim=1)` sums over latents, `.mean()` averages what is left over the batch.
# Test yourself: which values of `mu` and `logvar` must give exactly 0?
#
# </details>
# <details><summary>The derivation</summary>
#
# $\mathbb E_q[(z - \mu)^2] = \sigma^2$ by definition, and $\mathbb E_q[z^2] = \mathbb E[(\mu + \sigma
# \varepsilon)^2] = \mu^2 + 2 \mu \sigma \, \mathbb E[\varepsilon] + \sigma^2 \, \mathbb E[\varepsilon^2] =
# \mu^2 + \sigma^2$. So
#
# $$ \mathbb E_q[\log q] = -\tfrac12 \log 2\pi - \tfrac12 \log \sigma^2 - \tfrac12, \qquad
# \mathbb E_q[\log p] = -\tfrac12 \log 2\pi - \tfrac12 (\mu^2 + \sigma^2), $$
#
# and the difference, summed over the dimensions, is
#
# $$ \mathrm{KL} = \frac12 \sum_{l=1}^{L} \left( \mu_l^2 + \sigma_l^2 - \log \sigma_l^2 - 1 \right) . $$
#
# Each bracket is at least 0, for $\mu^2 \ge 0$ and $s - \log s - 1 \ge 0$ with equality only at $s = 1$. So
# the KL is 0 only where $q$ *is* the prior. The first term pulls means to 0; the other three pull variances
# to 1, from both sides.
#
# </details>
# <details><summary>What you should see</summary>
#
# 0 for `mu = 0, logvar = 0`. For $\mu = 1$ and $\sigma = 1$ in all 32 dimensions: 16. For $\mu = 0$ and
# $\sigma = 2$ (`logvar` is $\ln 4$): $32 \cdot \frac12 (4 - \ln 4 - 1) = 25.8$.
#
# </details>

# %% [markdown]
# ## Exercise 7: `vae_loss`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# Add the two, with a weight on the second:
#
# $$ \mathcal L = \mathcal L_\text{rec} + \beta \cdot \mathrm{KL} . $$
#
# With $\beta = 1$ this is the negative ELBO. Other values trade reconstruction against closeness to the prior
# ($\beta$-VAE: Higgins et al., 2017), and we use them for an experiment. All three numbers are returned, so
# that they can be watched separately; `kl` is returned **without** the factor.


# %% nbgrader={"grade_id": "vae_loss", "solution": true}
def vae_loss(
    x_hat: torch.Tensor,
    x: torch.Tensor,
    mu: torch.Tensor,
    logvar: torch.Tensor,
    beta: float = 1.0,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The negative ELBO (for beta = 1) and its two parts: (loss, reconstruction, kl), in nats per image.

    Shapes: x_hat (B, 784), x (B, 784), mu (B, latent_dim), logvar (B, latent_dim) -> three scalars.
    """
    ### BEGIN SOLUTION
    reconstruction = reconstruction_loss(x_hat, x)
    kl = kl_divergence(mu, logvar)
    return reconstruction + beta * kl, reconstruction, kl
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_vae_loss", "grade": true, "locked": true}
check("vae_loss")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Call your two functions, and return the three in the order `loss, reconstruction, kl`.
#
# </details>
# <details><summary>What you should see</summary>
#
# For a VAE that has not been trained, on digits: a reconstruction of about 550 nats (grey pictures, see
# exercise 5) and a KL of less than 1.
#
# </details>

# %% [markdown]
# ## Exercise 8: `train_step`
#
# *Difficulty 2 of 4, about 10 minutes.*
#
# As in lab 1, one step of the optimiser on one batch: train mode, loss, clear the old gradients, compute the
# new ones, step. New is that three numbers come back, as a dict of plain floats, and that `beta` is passed
# on.


# %% nbgrader={"grade_id": "train_step", "solution": true}
def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    x: torch.Tensor,
    beta: float = 1.0,
) -> dict[str, float]:
    """Make one optimiser step on the batch x, in train mode.

    Shape: x (B, 784). Returns {"loss", "reconstruction", "kl"} of this batch before the update, as floats.
    """
    ### BEGIN SOLUTION
    model.train()
    x_hat, mu, logvar = model(x)
    loss, reconstruction, kl = vae_loss(x_hat, x, mu, logvar, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": reconstruction.item(), "kl": kl.item()}
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_train_step", "grade": true, "locked": true}
check("train_step")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `x_hat, mu, logvar = model(x)`, then `vae_loss(...)` with `beta`, then `optimizer.zero_grad()`,
# `loss.backward()`, `optimizer.step()`. `.item()` makes a plain number of a scalar tensor.
#
# </details>
# <details><summary>What you should see</summary>
#
# On the same batch of 128 digits again and again, Adam at a rate of 0.001: the loss falls from about 550 to
# about 200 within 50 steps.
#
# </details>

# %% [markdown]
# ## Does it learn?
#
# Before the long run, a short one: the grader trains your code on a small set of digits for a few seconds and
# compares with the same networks trained by steps that are known to be right. The first check looks at the
# ELBO, the second at the KL on its own: does it rise and settle as it should?

# %% nbgrader={"grade_id": "check_learns", "grade": true, "locked": true}
check("learns")

# %% nbgrader={"grade_id": "check_kl_behaviour", "grade": true, "locked": true}
check("kl_behaviour")

# %% [markdown]
# ## The full run
#
# Adam at a learning rate of 0.001, batches of 128, 20 times through all digits. After every epoch `evaluate`
# measures the loss on test digits, with $z$ sampled, as the ELBO asks. It also notes the squared error per
# pixel, which the VAE was never trained for, to compare with lab 1.


# %%
def evaluate(model, x):
    """Measure a VAE on the images x (N, 784): what it was trained for, and what lab 1 measured."""
    model.eval()
    with torch.no_grad():
        x_hat, mu, logvar = model(x)
        loss, reconstruction, kl = vae_loss(x_hat, x, mu, logvar)  # beta = 1: the negative ELBO
        x_mean = model.decoder(mu)  # without noise in the code
    return {
        "loss": loss.item(),
        "reconstruction": reconstruction.item(),
        "kl": kl.item(),
        "mse": F.mse_loss(x_hat, x).item(),
        "mse_mean": F.mse_loss(x_mean, x).item(),
        "active": (mu.var(dim=0) > 0.01).sum().item(),  # explained below
    }


# %% tags=["train"]
def train_vae(latent_dim, epochs, beta=1.0):
    """Train a new VAE; return it, its history, and the KL of every single batch."""
    set_seed(0)
    model = VAE(latent_dim).to(DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=DEVICE.type != "mps")
    kl_of_batches = []

    def step(x):
        values = train_step(model, optimizer, x, beta)
        kl_of_batches.append(values["kl"])
        return values

    def test():
        return evaluate(model, data.test_images)

    history = fit(step, data.train_images, epochs=epochs, batch_size=BATCH_SIZE, evaluate=test)
    return model, history, kl_of_batches


if ready("Encoder", "reparameterize", "Decoder", "VAE", "vae_loss", "train_step"):
    model, history, kl_of_batches = train_vae(LATENT_DIM, EPOCHS)
    print(f"test ELBO {-history['test_loss'][-1]:.1f} nats, of which KL {history['test_kl'][-1]:.1f}")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With the 10,000 digits: a test ELBO of about -113 nats after 20 epochs, 26 of them KL. With all 60,000
# digits it takes six times as long and ends at about -104, again with a KL of 26. The reconstruction cannot
# go to 0: a perfect copy of these grey pixels would still pay 45 nats (exercise 5), and the mean digit
# pays 200.
#
# </details>

# %% [markdown]
# ## AutoEncoder against VAE: the losses
#
# Which of the two is better at copying? Their losses cannot be compared: one is a mean of squared
# differences, the other a sum of log-probabilities plus a KL, and the two are on different scales. What can
# be compared is the same quantity for both, the squared error per pixel on test digits. The right panels show
# each model's own loss.

# %%
if ready("history"):
    plotting.show(
        plotting.curves(
            {
                "squared error per pixel, test": {
                    "AutoEncoder": ae["history.test_loss"].tolist(),
                    "VAE, code mu": history["test_mse_mean"],
                    "VAE, sampled code": history["test_mse"],
                },
                "AutoEncoder's own loss: MSE": {
                    "training": ae["history.loss"].tolist(),
                    "test": ae["history.test_loss"].tolist(),
                },
                "VAE's own loss: BCE + KL (nats)": {
                    "training": history["loss"],
                    "test": history["test_loss"],
                },
            },
            log=True,
        ),
        alt="Three panels over the epochs. Squared error per pixel: the AutoEncoder lowest, the VAE decoding "
        "mu above it, the VAE decoding a sampled code highest. Then each model's own loss, training and "
        "test, falling fast at first and slowly later.",
    )

# %% [markdown]
# **What to see:** the AutoEncoder copies best (0.011), the VAE follows closely when it decodes `mu` (0.012),
# and lies well above when it decodes a sampled code (0.017). The difference between the two is the price of
# the noise. That the VAE is behind is no surprise, since nobody asked it for squared error, and it has to pay
# for what its codes say. (The AutoEncoder of the course's examples was trained on the 10,000 digits. If you
# train on all 60,000 here, do so in lab 1 too, or the comparison is not fair.)

# %% [markdown]
# ## The KL, and when it settles
#
# The KL measures how many nats the codes carry about the images, and it has a life of its own. At the start,
# every answer of the encoder is close to the prior: the KL is about 0 and the codes say nothing. A nat of KL
# is only worth paying if it saves more than a nat of reconstruction. So the KL rises while the decoder learns
# to make use of the codes, and settles where one more nat would no longer pay for itself. "Settled" means
# here: from that epoch on, it stays within 5 % of its value at the end.

# %%
if ready("history", "kl_of_batches"):
    plotting.show(
        plotting.kl_evolution(history, batches=kl_of_batches),
        alt="The KL over the epochs: near 0 at first, a steep rise, then ever flatter. A band marks "
        "5 percent around its value at the end, and a vertical line the epoch in which it settles.",
    )

# %% [markdown]
# **What to see:** first a spike. In the first dozen batches the loss is hundreds of nats and pushes
# everything at once, codes included, and nearly all of that KL is one shift which all images share; it says
# nothing about any of them and is soon taken back. Then the real rise, from about 5 nats: the codes begin to
# tell digits apart. After some 1,100 batches, in epoch 14, it settles at 26 nats. (With 60,000 digits that is
# epoch 2, after some 900.) What 26 nats are: enough to choose one of $e^{26}$, about 200 billion,
# possibilities.

# %% [markdown]
# ## What each dimension is used for
#
# Which of the 32 numbers carry those nats? Your `kl_divergence` tells, given one dimension at a time. A
# dimension is called **active** if its mean moves with the image, that is if the variance of $\mu_l(x)$ over
# images is above 0.01 (Burda et al., 2016). Where it does not move, the encoder answers with the prior
# whatever the image is, the KL of that dimension is 0, and the decoder has learned to ignore it.

# %%
if ready("model", "kl_divergence"):
    model.eval()
    with torch.no_grad():
        mu, logvar = model.encoder(data.test_images[:2000])  # (2000, 32), twice
        kl_each = torch.stack([kl_divergence(mu[:, [d]], logvar[:, [d]]) for d in range(mu.shape[1])])
    plotting.show(
        plotting.kl_per_dimension(kl_each, mu.var(dim=0)),
        alt="Bars of the KL of each latent dimension, from the largest to the smallest, and below them the "
        "variance of mu over images on a logarithmic axis with the threshold 0.01 for active dimensions.",
    )

# %% [markdown]
# **What to see:** the nats are not spread evenly. A third of the dimensions carry more than 1.2 nats each,
# the last four next to nothing, though their means still move a little and count as active. Train longer, or
# with all 60,000 digits, and such dimensions die: there, 24 dimensions share all of the KL, and the other 8
# have less than 0.01 nats each. The model finds out by itself how many numbers it can use.

# %% [markdown]
# ## The latent space
#
# The means of 2,000 test digits, as in lab 1, projected on the two directions in which they vary most:

# %%
if ready("model", "mu"):
    plotting.show(
        plotting.latent_scatter(mu, data.test_labels[:2000]),
        alt="Scatter plot of 2,000 latent means in two dimensions, each drawn as its digit: one round cloud "
        "around the origin in which the same digits lie together and different ones touch.",
    )
    drawn = reparameterize(mu, logvar)
    distance = drawn.norm(dim=1).mean()
    print(f"distance from the origin: sampled codes {distance:.1f}, N(0, I) {LATENT_DIM**0.5:.1f}")

# %% [markdown]
# **What to see:** one round cloud about the origin, digits of a kind together, and no far-off islands but the
# ones on their side. The sampled codes are as far from the origin as draws from the prior are (5.8 and 5.7;
# the AutoEncoder's codes were at about 22). The KL told them where to live.
#
# A projection hides 30 dimensions. So let us train a second VAE with **two** latent dimensions only, of which
# nothing is hidden. Its plane can even be decoded whole: a grid of points, spaced so that each cell holds the
# same share of the prior (the inverse of the normal distribution function turns equal steps of probability
# into such points), and for each point the image.

# %% tags=["train"]
if ready("Encoder", "reparameterize", "Decoder", "VAE", "vae_loss", "train_step"):
    flat, flat_history, _ = train_vae(latent_dim=2, epochs=EPOCHS)
    print(f"test ELBO {-flat_history['test_loss'][-1]:.1f} nats with 2 latent dimensions")

# %%
if ready("flat"):
    z = torch.special.ndtri(torch.linspace(0.025, 0.975, 17, device=DEVICE))  # -1.96 ... 1.96
    z2, z1 = torch.meshgrid(z, z, indexing="ij")
    flat.eval()
    with torch.no_grad():
        plane = flat.decoder(torch.stack([z1, z2], dim=-1).view(-1, 2)).view(17, 17, 784)
        flat_mu, flat_logvar = flat.encoder(data.test_images[:2000])  # (2000, 2), twice
    plotting.show(
        plotting.latent_plane(flat_mu, data.test_labels[:2000], plane, z),
        alt="Left: the means of 2,000 test digits in the plane of a two-dimensional VAE, each drawn as its "
        "digit, with a circle that holds 95 percent of the prior; each kind has its region, the ones outside. "
        "Right: the plane decoded on a grid, digits changing smoothly from one kind into the next.",
    )
    drawn = reparameterize(flat_mu, flat_logvar)
    outside = (drawn.norm(dim=1) > 2.448).float().mean()  # the circle's radius
    print(f"outside of the circle: {outside:.0%} of the codes, 5% of the prior")

# %% [markdown]
# **What to see:** the digits share the plane among them, with smooth transitions: walk from 9 to 7, or from 3
# over 8 to 6. Two numbers are too few, so the ELBO is far worse, and several digits compete for the middle.
# But look at the circle too: more than 20 % of the codes are outside of it, most of them ones, where the
# prior has only 5 %, and parts of the inside are nearly empty. As a whole, the codes are *not* distributed
# like the prior. Remember that for the samples.

# %% [markdown]
# ## Reconstructions, beside the AutoEncoder's
#
# The ten test digits of lab 1. The AutoEncoder's come from your own lab 1 if its outputs were found, see the
# cell below Setup.

# %%
first_of_each = [int((data.test_labels == digit).nonzero()[0]) for digit in range(10)]
examples = data.test_images[first_of_each]  # (10, 784)

if ready("model"):
    model.eval()
    with torch.no_grad():
        examples_mu, _ = model.encoder(examples)
        examples_hat = model.decoder(examples_mu)  # (10, 784), from the means
        examples_drawn, _, _ = model(examples)  # (10, 784), from sampled codes
    plotting.show(
        plotting.interpolation(
            [examples, ae["reconstructions"], examples_hat, examples_drawn],
            labels=["original", "AutoEncoder", "VAE, code mu", "VAE, sampled"],
        ),
        alt="Four rows of the digits 0 to 9: originals, the AutoEncoder's reconstructions, the VAE's from the "
        "mean code and from a sampled code. All are legible; the VAE's are smoother and a little softer.",
    )

# %% [markdown]
# **What to see:** all rows are easy to read. The VAE's are a little softer than the AutoEncoder's, most of
# all where a digit is unusual (look at the 5 and the 8). With a sampled code, strokes change a little: all
# codes of that cloud have to draw this image, so the decoder draws what they have in common. That averaging
# is the blur of the VAE.

# %% [markdown]
# ## Exercise 9: `sample`
#
# *Difficulty 2 of 4, about 10 minutes.*
#
# Now the moment all this was for. In the story of the beginning, an image comes about by drawing a code from
# the prior and decoding it:
#
# $$ z \sim \mathcal N(0, I), \qquad \hat x = g(z) . $$
#
# No encoder, no data. As with every function that only looks at a model: eval mode, no gradients, and the
# mode **restored** afterwards. (Strictly speaking, an image of the model is a *draw* from the 784 coins $\hat
# x$. It would be speckled, since the coins are independent. So everybody shows the probabilities themselves.)


# %% nbgrader={"grade_id": "sample", "solution": true}
def sample(model: nn.Module, n: int) -> torch.Tensor:
    """Invent n images: decode n draws from the prior N(0, I), in eval mode and without gradients.

    Returns (n, 784); leaves the model in the mode in which it was.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device  # codes must lie where the model does
    with torch.no_grad():
        z = torch.randn(n, model.latent_dim, device=device)
        images = model.decoder(z)  # (n, latent_dim) => (n, 784)
    model.train(was_training)
    return images
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sample", "grade": true, "locked": true}
check("sample")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `torch.randn(n, model.latent_dim)` draws from the prior (`torch.rand` would draw from a cube), and
# `model.decoder` turns it into images. If the model is on a GPU, the codes must be there too: pass
# `device=next(model.parameters()).device`. For mode and gradients see `evaluate` in lab 1: remember
# `model.training`, and give it back with `model.train(...)`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Every call gives other images. From a model that has not been trained: grey noise.
#
# </details>

# %%
if ready("model", "sample"):
    samples = sample(model, 50)
    plotting.show(
        plotting.side_by_side(
            {
                "AutoEncoder, codes from N(0, I)": [ae["samples"][:5], ae["samples"][5:]],
                "VAE, samples from the prior": list(samples[:20].split(10)),
            }
        ),
        alt="Left: decodings of standard normal codes by the AutoEncoder of lab 1, vague smudges. Right: "
        "samples of the VAE: dark strokes on white, about half of them legible digits.",
    )
    plotting.show(
        plotting.image_grid(samples[20:]),
        alt="Thirty more samples of the VAE in three rows: some clear digits, some that stand between two "
        "kinds, some broken strokes.",
    )

# %% [markdown]
# **What to see:** smudges from the AutoEncoder; strokes, and often digits, from the VAE, though it was never
# shown a random code. It is not perfect: perhaps half can be read at once, others stand between two digits or
# miss a part. With all 60,000 digits more of them succeed, and still some fail. Question 3 asks why.

# %% [markdown]
# ## Exercise 10: `interpolate`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# The walk of lab 1, from one image to another, now between the **means** of their codes (no noise on the
# way):
#
# $$ \hat x_i = g\big( (1 - t_i) \, \mu(x_\text{start}) + t_i \, \mu(x_\text{end}) \big), \qquad t_i = \frac{i}{n - 1},
# \qquad i = 0, \dots, n - 1 \qquad (n = \texttt{steps}). $$


# %% nbgrader={"grade_id": "interpolate", "solution": true}
def interpolate(
    model: nn.Module,
    x_start: torch.Tensor,
    x_end: torch.Tensor,
    steps: int,
) -> torch.Tensor:
    """Decode evenly spaced points on the line between the means of two images, both ends included.

    Shapes: x_start (784,), x_end (784,) -> (steps, 784). steps is at least 2.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        z_start, _ = model.encoder(x_start.unsqueeze(0))  # (784,) => (1, 784) => mu (1, L)
        z_end, _ = model.encoder(x_end.unsqueeze(0))
        t = torch.linspace(0, 1, steps, device=z_start.device).unsqueeze(1)  # (steps, 1)
        z = (1 - t) * z_start + t * z_end  # (steps, L)
        return model.decoder(z)  # (steps, 784)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_interpolate", "grade": true, "locked": true}
check("interpolate")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Your function of lab 1, but the encoder now returns two tensors: `mu, logvar =
# model.encoder(x_start.unsqueeze(0))`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Called twice, it gives the same images: nothing here is random.
#
# </details>

# %%
if ready("model", "interpolate"):
    pairs = [(0, 6), (3, 8), (4, 9)]
    walks = [interpolate(model, examples[start], examples[end], steps=11) for start, end in pairs]
    plotting.show(
        plotting.side_by_side(
            {"AutoEncoder": list(ae["interpolation"]), "VAE": walks},
            labels=[f"{start} to {end}" for start, end in pairs],
        ),
        alt="Walks in eleven steps from 0 to 6, 3 to 8 and 4 to 9, the AutoEncoder's on the left and the VAE's "
        "on the right. Both bend strokes step by step; the VAE's pictures are softer, and change more evenly.",
    )

# %% [markdown]
# **What to see:** both walk without double exposures. The AutoEncoder's steps are crisper, but where its line
# leaves the codes that it knows, strokes break (3 to 8). The VAE's are softer, and change evenly from one end
# to the other: its codes overlap, so there is nowhere to fall.

# %% [markdown]
# ## An experiment: the weight of the KL
#
# $\beta$ sets the price of a nat of KL. Four short trainings, the same in everything else: $\beta = 0$ (codes
# are free), 1 (the ELBO), 10 (codes are dear), and 784. Watch the KL.

# %% tags=["train"]
BETAS = (0, 1, 10, 784)  # add values of your own

if ready("Encoder", "reparameterize", "Decoder", "VAE", "vae_loss", "train_step"):
    runs = {}
    for beta in BETAS:
        print(f"beta = {beta}")
        runs[beta] = train_vae(LATENT_DIM, epochs=6, beta=beta)

# %%
if ready("runs"):
    print("beta   reconstruction      KL   negative ELBO   active dimensions")
    for beta, (_, h, _) in runs.items():
        last = {name: values[-1] for name, values in h.curves.items()}
        print(f"{beta:4}   {last['test_reconstruction']:14.1f}  {last['test_kl']:6.2f}   ", end="")
        print(f"{last['test_loss']:13.1f}   {last['test_active']:17.0f}")
    plotting.show(
        plotting.curves(
            {
                "reconstruction, test (nats)": {
                    f"beta {b}:": h["test_reconstruction"] for b, (_, h, _) in runs.items()
                },
                "KL, test (nats)": {f"beta {b}:": h["test_kl"] for b, (_, h, _) in runs.items()},
            },
            log=True,
        ),
        alt="Reconstruction and KL over six epochs for each beta, on logarithmic axes. The smaller beta, the "
        "better the reconstruction and the larger the KL; for beta 784 the KL stays near zero and the "
        "reconstruction never improves on the mean image.",
    )

# %%
if ready("runs", "sample"):
    rows, inventions, labels = [], [], []
    for beta, (other, h, _) in runs.items():
        with torch.no_grad():
            rows.append(other(examples)[0])  # (10, 784)
        inventions.append(sample(other, 10))
        labels.append(f"beta {beta}\nKL {h['test_kl'][-1]:.1f}")
    plotting.show(
        plotting.side_by_side({"reconstructions": rows, "samples from the prior": inventions}, labels=labels),
        alt="For each beta ten reconstructions and ten samples. Beta 0: sharp reconstructions, shapeless "
        "samples. Beta 1: good reconstructions and digit-like samples. Beta 10: both blurred, several "
        "digits turned into others. Beta 784: one grey blob everywhere.",
    )

# %% [markdown]
# **What to see:** with $\beta = 0$ nothing keeps the codes near the prior. Reconstructions are the best of
# all, samples are smudges: lab 1 again. With 1, both work. With 10, only 1 nat is left, just enough to say
# "something round" or "something slanted": several digits come out as others. With 784 the KL is 0 to two
# digits, every image gets the same answer, the prior, and the decoder, which learns nothing from its input,
# paints the mean digit, whether it reconstructs or invents. This is **posterior collapse**. By the ELBO, the
# column that all four can be compared in, $\beta = 1$ wins by far, as it should. (Collapse threatens with
# $\beta = 1$ too, where a decoder is strong enough to do without a code; then it helps to raise $\beta$ from
# 0 to 1 in the course of training: Bowman et al., 2016.)
#
# ### Nobody sets beta to 784?
#
# Many do, without knowing. Take the *mean* over pixels where the ELBO has a sum, as `F.binary_cross_entropy`
# does unless told otherwise, and the reconstruction is 784 times as small. Now compare $a \, \mathcal
# L_\text{rec} + b \, \mathrm{KL}$ with $a \, \big( \mathcal L_\text{rec} + \tfrac ba \, \mathrm{KL} \big)$:
# the factor $a$ in front of all only scales the gradient, which Adam divides out again, and what is left is a
# $\beta$ of $b / a$:

# %%
pixels, latents, batch = 784, LATENT_DIM, BATCH_SIZE
reductions = {  # how the reconstruction and the KL are reduced: (a, b)
    "both summed, batch averaged (the ELBO)": (1, 1),
    "both summed over everything": (batch, batch),
    "reconstruction averaged over pixels": (1 / pixels, 1),
    "both averaged over everything": (1 / pixels, 1 / latents),
    "KL averaged over latents": (1, 1 / latents),
    "reconstruction averaged, KL summed over all": (1 / pixels, batch),
}
for name, (a, b) in reductions.items():
    print(f"{name:45} effective beta {b / a:10g}")

# %% [markdown]
# Summing over the batch too leaves $\beta$ at 1, but the loss then depends on the batch size, and plain
# gradient descent would need another learning rate. All other rows are *other models*, and none of them
# raises an error.

# %% [markdown]
# ## For discussion
#
# Answer in your own words, three to six sentences each; refer to your figures and numbers. A person reads
# these.

# %% [markdown]
# **Question 1: a mean instead of a sum.** A friend's VAE has a test loss of 0.26, a KL of 0.00, and
# reconstructs every digit as the same grey blob. The code says `F.binary_cross_entropy(x_hat, x)` plus a KL
# that is summed over latents and averaged over the batch. Explain what happened, why the optimiser is content
# with it, and why a smaller learning rate is no cure. What would change if the KL were averaged over the
# latents too? Which reductions could one change without changing the model?

# %% [markdown] nbgrader={"grade_id": "discussion_1", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** The default reduction averages over pixels (and the batch), so the reconstruction is 784
# times as small as in the ELBO, against a KL in full: up to a common factor the loss is $\mathcal
# L_\text{rec} + 784\, \mathrm{KL}$. A nat of information in the code would have to save 784 nats of
# reconstruction, and none does: even a perfect code saves only about 100 to 150 nats in all for about 25 of
# KL. So the optimum is to say nothing: $q(z \mid x) = p(z)$ for every $x$, KL 0. Then $z$ is pure noise and
# the best that the decoder can do is one picture for all, the mean of the data, whose BCE of about 200 nats
# is 0.26 per pixel. This *is* the minimum of that loss (posterior collapse), so no learning rate and no
# amount of training mends it; the loss must change. With the KL averaged over 32 latents too, $\beta = 784 /
# 32 = 24.5$: still collapsed or nearly so. Common factors of both terms change only the scale of the loss
# (sum over the batch in both, for instance), not the trade-off; every other reduction is another $\beta$.
#
# **Rubric, 5 points.** 1: effective beta 784. 2: why saying nothing is optimal then (cost against saving of a
# nat; KL 0 means a decoder that ignores z and paints the mean). 1: it is the optimum of that loss, so
# training longer or slower does not help. 1: 24.5 for both means, and common factors are harmless.
# ### END SOLUTION

# %% [markdown]
# **Question 2: bought and paid.** Compare the AutoEncoder and the VAE by what you measured and saw: copying,
# inventing, walking, the shape of the latent space. What did the KL buy, what was paid for it, and in which
# currency? Why are the VAE's pictures softer, and would you rather have $\beta = 0$ for any purpose?

# %% [markdown] nbgrader={"grade_id": "discussion_2", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** Paid: accuracy. The squared error per pixel on test digits is larger than the
# AutoEncoder's, a little with the mean code and more with a sampled one, for two reasons: the codes carry
# only about 25 nats (the KL is a limit on information), so details that are not worth their price are
# dropped, and the noise of the code makes the decoder average over all images whose codes overlap there,
# which gives soft pictures. (The decoder's independent pixels add to that: uncertainty about a stroke's place
# can only be told as grey.) Bought: a known distribution of codes. They fill a region around the origin with
# about the spread of N(0, I), without the large voids of the AutoEncoder, so draws from the prior decode to
# digits, and points between two codes do too; and a likelihood bound, by which models can be compared. For
# compression or as a feature extractor, or with a density fitted to the codes afterwards, $\beta$ near 0 (an
# AutoEncoder with a little noise) may be the better choice.
#
# **Rubric, 5 points.** 1: worse reconstruction, with numbers or figures. 1: limited information as the
# reason. 1: averaging over overlapping codes (or pixelwise independence) as the reason of softness. 1:
# samples and walks work, as codes lie where the prior does. 1: a purpose for small beta, with a reason.
# ### END SOLUTION

# %% [markdown]
# **Question 3: where the samples fail.** Some of your samples are no digits, although reconstructions are
# clear. The decoder is the same, so the codes must differ: compare the prior $p(z)$ with the **aggregate
# posterior** $\bar q(z) = \frac1N \sum_n q_\phi(z \mid x_n)$, from which the decoder got its codes in
# training. Where in your two-dimensional plane do they disagree? Does the ELBO ask for them to be equal? Name
# one way to get better samples from the same decoder, or from a changed model.

# %% [markdown] nbgrader={"grade_id": "discussion_3", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** In training the decoder only sees codes from $\bar q(z)$; in sampling it gets codes from
# $p(z)$. Where $p$ has mass and $\bar q$ has little ("holes": the seams between the clouds of two digits, the
# rims between sectors), it was hardly ever asked for anything and gives blends of the neighbours. In the
# plane one sees such seams, and parts of the 95 % circle without any digit. In 32 dimensions there are far
# more of them, and a random code easily combines features that no digit has together. The KL term compares
# each *single* $q(z \mid x)$ with the prior; its mean over data is the mutual information between image and
# code plus $\mathrm{KL}(\bar q \,\|\, p)$. The first part must be paid for any reconstruction at all, so only
# the second pulls $\bar q$ to $p$, and it is never quite 0. Better samples: a richer prior, or a density
# fitted to the codes afterwards (mixture of Gaussians, flow, VampPrior); sampling from $\bar q$ itself (codes
# of real images plus noise); a larger $\beta$ (fewer holes, but blurrier); a more flexible posterior or
# decoder; dropping dubious samples.
#
# **Rubric, 5 points.** 2: decoder trained on the aggregate posterior, sampled from the prior, and the two
# differ. 1: where in the plane (seams, rims, empty parts of the circle). 1: the ELBO does not force equality
# (each posterior is compared, not their mixture; or the trade-off with reconstruction). 1: a remedy that
# works, with a reason.
# ### END SOLUTION

# %% [markdown]
# ## Save and hand in
#
# This writes your weights to `vae.safetensors` beside the notebook, and a few codes, pictures and the history
# to `vae_outputs.safetensors`, from which later labs draw. (To go on another day without training again:
# `model = VAE(LATENT_DIM)`, then `load_checkpoint("vae", model=model)` from `course`.)

# %%
if ready("model"):
    save_checkpoint("vae", model=model)

if ready("history", "sample", "mu", "logvar", "examples_hat", "samples", "walks"):
    set_seed(1)
    invented = sample(model, 2000)
    seen = see_digits(invented)
    measured = evaluate(model, data.test_images)
    with torch.no_grad():
        copies = model.decoder(model.encoder(data.test_images[:64])[0])
    save_outputs(
        "vae",
        history=history,
        codes=mu,  # (2000, latent_dim), means of the first 2,000 test digits
        logvar=logvar,  # (2000, latent_dim)
        labels=data.test_labels[:2000],
        examples=examples,  # (10, 784), one of each digit
        reconstructions=examples_hat,
        interpolation=torch.stack(walks),  # (3, 11, 784)
        samples=samples,  # (50, 784), decoded from the prior
        # What lab 4 compares.
        sample_features=seen.features.float(),  # (2000, 48)
        sample_labels=seen.classes,  # (2000,), -1 for none
        sample_pictures=(invented[:64] * 255).round().to(torch.uint8),  # (64, 784), bytes
        copies=(copies * 255).round().to(torch.uint8),  # (64, 784), of the first 64 test digits, from mu
        reconstruction_error=measured["mse_mean"],
        negative_elbo=measured["loss"],
        parameters=sum(p.numel() for p in model.parameters()),
        seconds_sampling=seconds_for(lambda: sample(model, 1000)),
    )

# %% [markdown]
# The last check reads the first of these files. It measures your model on digits that are in no training set,
# and draws samples from it: what it says now is what the grader will say.

# %% nbgrader={"grade_id": "check_trained_model", "grade": true, "locked": true}
check("trained_model")

# %% [markdown]
# **Hand in** this notebook, saved, and `vae.safetensors`, in the way your course tells you. Names matter less
# than content: a notebook called `vae (1).ipynb` is found as well.
#
# ## To read on
#
# - D. Kingma and M. Welling, *Auto-encoding variational Bayes*, ICLR 2014: the VAE; the KL is in appendix B.
# - D. Rezende, S. Mohamed and D. Wierstra, *Stochastic backpropagation and approximate inference in deep
#   generative models*, ICML 2014: the same idea, found independently.
# - C. Doersch, *Tutorial on variational autoencoders*, arXiv 1606.05908, 2016.
# - Y. Burda, R. Grosse and R. Salakhutdinov, *Importance weighted autoencoders*, ICLR 2016: a tighter bound,
#   and active units.
# - S. Bowman et al., *Generating sentences from a continuous space*, CoNLL 2016: posterior collapse, and a KL
#   whose weight rises from 0.
# - I. Higgins et al., *beta-VAE: learning basic visual concepts with a constrained variational framework*,
#   ICLR 2017.
# - M. Hoffman and M. Johnson, *ELBO surgery: yet another way to carve up the variational evidence lower
#   bound*, NIPS workshop 2016: the KL as mutual information plus the distance of the aggregate posterior from
#   the prior.
