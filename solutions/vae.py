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
# over codes instead of one code, and one extra term in the loss keeps these distributions near
# $\mathcal N(0, I)$. Then random codes do give digits. You derive every term of the loss, write it, train,
# watch what the extra term does, and break it on purpose.
#
# **How this notebook works.**
#
# - Ten exercises, each a cell with a stub. Replace the line that raises `NotImplementedError`, then run
#   the cell and the one below it: `check("...")` says within a moment what is right and what is not. It is
#   the grader itself, so you always know where you stand, and a mistake in one exercise never costs you
#   another.
# - Each exercise tells its difficulty (1 easy to 4 hard) and about how long it takes. Hints and expected
#   results are folded away: click on the small triangle.
# - You may run the whole notebook at any time. What is not written yet says so, and the rest goes on.
# - Last come three questions for discussion, which a person reads, and a cell that saves your trained model.
#
# All in all: about three hours, of which the computer trains about two minutes. No GPU is needed. Lab 1 is
# not needed either: if its outputs are missing, examples that come with the course take their place.

# %% [markdown]
# ## The idea
#
# **A story of how images come about.** First nature draws a code $z$ of 32 numbers from the **prior**
# $p(z) = \mathcal N(0, I)$. Then it draws the image from a distribution that depends on the code,
# $p_\theta(x \mid z)$; the **decoder**, a network with parameters $\theta$, computes that distribution. Were
# the story true, inventing a digit would be easy: draw $z$, decode.
#
# How good is the story? As with any probabilistic model: by the probability that it gives to real images,
#
# $$ \log p_\theta(x) = \log \int p_\theta(x \mid z) \, p(z) \, dz , $$
#
# which training should make large. (Likelihoods here are in **nats**: natural logarithms.)
#
# **Why that is not directly possible.** The integral runs over 32 dimensions and has no closed form, because a
# network stands in it. Estimating it by the average of $p_\theta(x \mid z)$ over many $z$ from the prior is
# correct but hopeless: nearly all codes give nearly every $x$ a probability of practically 0, and the few
# that matter for this one image are never hit. We would need to know which codes could have produced $x$. That
# is the **posterior** $p_\theta(z \mid x) = p_\theta(x \mid z)\, p(z) / p_\theta(x)$, and its denominator is the
# very integral that we cannot compute.
#
# **The way out.** Let a second network, the **encoder** with parameters $\phi$, guess the posterior: for each
# image a Gaussian with its own mean and its own standard deviation in each dimension,
#
# $$ q_\phi(z \mid x) = \mathcal N\big(z;\; \mu(x),\; \mathrm{diag}\, \sigma^2(x)\big) . $$
#
# ```text
#                   mu     (B, 32) --+
#   x (B, 784) -->                   +--> z ~ N(mu, sigma^2) (B, 32) --> x_hat (B, 784)
#                   logvar (B, 32) --+
#   \___ encoder q(z | x) __________/    \_ reparameterize _/  \__ decoder p(x | z) __/
# ```

# %% [markdown]
# ### The bound that we train: the ELBO
#
# Two ways lead to it. Write $q$ for $q_\phi(z \mid x)$.
#
# **By Jensen's inequality.** Multiply and divide by $q$, and the integral becomes an expectation over codes that
# *do* matter for $x$. The logarithm is concave, so the log of a mean is at least the mean of the logs:
#
# $$ \log p_\theta(x) = \log \int q \, \frac{p_\theta(x \mid z)\, p(z)}{q} \, dz
# = \log \mathbb E_q \left[ \frac{p_\theta(x \mid z)\, p(z)}{q} \right]
# \;\ge\; \mathbb E_q \left[ \log \frac{p_\theta(x \mid z)\, p(z)}{q} \right]
# =: \mathrm{ELBO}(x) . $$
#
# That is the **evidence lower bound**. It tells that there is a gap, but not how large it is.
#
# **By Bayes' rule.** $\log p_\theta(x)$ does not depend on $z$, so its mean under $q$ is itself. Put in
# $p_\theta(x) = p_\theta(x \mid z)\, p(z) / p_\theta(z \mid x)$ and extend by $q$:
#
# $$ \log p_\theta(x)
# = \mathbb E_q \left[ \log \frac{p_\theta(x \mid z)\, p(z)}{p_\theta(z \mid x)} \cdot \frac{q}{q} \right]
# = \underbrace{\mathbb E_q \left[ \log \frac{p_\theta(x \mid z)\, p(z)}{q} \right]}_{\mathrm{ELBO}(x)}
# + \underbrace{\mathbb E_q \left[ \log \frac{q}{p_\theta(z \mid x)} \right]}_{
# \mathrm{KL}\left(q \,\|\, p_\theta(z \mid x)\right) \; \ge \; 0} . $$
#
# So $\mathrm{ELBO}(x) = \log p_\theta(x) - \mathrm{KL}(q \,\|\, p_\theta(z \mid x))$: the gap is exactly how far
# the guessed posterior is from the true one. Making the ELBO large does two things at once. It raises the
# probability of the data, and it improves the guess.
#
# **What one computes.** Split the fraction under the logarithm:
#
# $$ \boxed{\; \mathrm{ELBO}(x) =
# \mathbb E_{q_\phi(z \mid x)} \big[ \log p_\theta(x \mid z) \big]
# \;-\; \mathrm{KL}\big( q_\phi(z \mid x) \,\|\, p(z) \big) \;} $$
#
# Encode, draw a code, decode, and ask how probable the image is now: that is the **reconstruction**. Pay for
# every nat by which the encoder's answer differs from the prior: that is the **KL**. The loss that we minimise is
# the negative ELBO, averaged over images: $\text{loss} = \text{reconstruction} + \text{KL}$. Mind that there are
# two KLs in this story. The one in the loss is to the *prior* and is computed; the one in the gap is to the
# *true posterior* and stays unknown.

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
    set_seed,
)

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
# layer (of, say, 400 units) looks at the image, and two linear layers, the **heads**, read off the two answers:
#
# $$ h = \mathrm{ReLU}(W_1 x + b_1), \qquad \mu = W_\mu h + b_\mu, \qquad \log \sigma^2 = W_\sigma h + b_\sigma . $$
#
# Why $\log \sigma^2$, called `logvar`, and not $\sigma$? A variance must be positive, a linear layer gives
# numbers of either sign, and the logarithm of a variance may be any number at all: no constraint, no division by
# 0, and the KL below needs the logarithm anyway. Neither head gets an activation. After a ReLU, `mu` could not be
# negative, and $\sigma$ could not be less than 1, which is the opposite of a precise code.


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
# Three layers in `__init__`: `nn.Linear(784, 400)` for the hidden layer, and one `nn.Linear(400, latent_dim)` for
# each head. `forward` returns two tensors: `return mu, logvar`. One layer of `2 * latent_dim` outputs, cut in two
# with `.chunk(2, dim=1)`, is just as right.
#
# </details>
# <details><summary>What you should see</summary>
#
# For a batch of 5 images two different tensors of shape `(5, 32)`, both with values of either sign and close to
# 0: before training, every answer is about $\mathcal N(0, I)$.
#
# </details>

# %% [markdown]
# ## Exercise 2: `reparameterize`
#
# *Difficulty 2 of 4, about 15 minutes.*
#
# Now a code is to be drawn, $z \sim \mathcal N(\mu, \sigma^2)$, and the encoder is to learn from what the decoder
# made of it. Here is the trouble: **sampling blocks the gradient**. A random number generator that is told $\mu$ and
# $\sigma$ returns a number, and "how would this number have changed, had $\mu$ been a little larger?" has no answer,
# since the next draw would have been another number anyway. The expectation $\mathbb E_{q_\phi}[\cdot]$ depends on
# $\phi$ through the *distribution* that one draws from, and there is nothing to differentiate.
#
# The **reparameterisation trick** (Kingma & Welling, 2014; Rezende et al., 2014) moves the randomness out of the
# way. Draw the noise from a distribution without parameters, and shift and scale it:
#
# $$ z = \mu + \sigma \odot \varepsilon, \qquad \sigma = e^{\frac12 \log \sigma^2}, \qquad
# \varepsilon \sim \mathcal N(0, I) . $$
#
# That has the right distribution: a Gaussian scaled and shifted is a Gaussian, with mean $\mu$ and variance
# $\sigma^2$. And with $\varepsilon$ held fixed, $z$ is an ordinary function of what the encoder said:
#
# $$ \frac{\partial z}{\partial \mu} = 1, \qquad
# \frac{\partial z}{\partial \log \sigma^2}
# = \varepsilon \, \frac{\partial}{\partial \log \sigma^2} \, e^{\frac12 \log \sigma^2}
# = \tfrac12 \, \sigma \, \varepsilon . $$
#
# So $\nabla_\phi \, \mathbb E_{q_\phi(z \mid x)}[f(z)] = \mathbb E_{\varepsilon}\big[\nabla_\phi f(\mu + \sigma
# \varepsilon)\big]$: the gradient of the mean is a mean of gradients, and one draw per image is an unbiased
# estimate of it, good enough for training. Each image and each dimension gets **its own** $\varepsilon$, drawn
# **anew at each call**.


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
# `torch.randn_like(mu)` draws normal numbers of the same shape on the same device (its relative `rand_like` draws
# uniform ones, between 0 and 1). `.detach()`, `.data`, `torch.no_grad()` or a distribution's `.sample()` would cut
# the gradient; `.rsample()` does what you do here.
#
# </details>
# <details><summary>What you should see</summary>
#
# Two calls with the same arguments give different codes. With `logvar` far below 0, $z$ is as good as `mu`. With
# `mu = 0` and `logvar = 0` you get plain normal noise.
#
# </details>

# %% [markdown]
# ## Exercise 3: `Decoder`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# The decoder computes the distribution $p_\theta(x \mid z)$. We take each pixel as a coin of its own: given the
# code, pixel $d$ is ink with probability $\hat x_d$ and paper otherwise, independently of the other pixels. So the
# output is 784 **probabilities**, and the sigmoid at the end sees to it that they are some:
#
# $$ h = \mathrm{ReLU}(W_3 z + b_3), \qquad \hat x = \sigma(W_4 h + b_4) . $$
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
# Put the three together: encode, draw a code, decode. The loss needs `mu` and `logvar` too, so `forward` returns all
# three: `(x_hat, mu, logvar)`. Keep the networks as `.encoder` and `.decoder`.
#
# The code is **sampled in train mode and in eval mode alike**. In training it must be: without noise the encoder would
# pay for spread without ever feeling it, and nothing would be variational. In evaluation too, because the ELBO
# *is* an expectation over $q$; put in the mean `mu` instead and you get a number that looks better and is not a
# bound of anything. (To look at one calm reconstruction, decode `mu` yourself. We do so below.)


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
# Three lines in `forward`: `mu, logvar = self.encoder(x)`, then `z = reparameterize(mu, logvar)`, then return
# `self.decoder(z), mu, logvar`. Pass `latent_dim` on to both networks.
#
# </details>
# <details><summary>What you should see</summary>
#
# Two calls on the same images give different `x_hat` and the same `mu` and `logvar`. With hidden layers of 400
# units: 667,248 parameters, from `sum(p.numel() for p in VAE().parameters())`.
#
# </details>

# %% [markdown]
# ## Exercise 5: `reconstruction_loss`
#
# *Difficulty 2 of 4, about 15 minutes.*
#
# The first term of the ELBO is $\mathbb E_q[\log p_\theta(x \mid z)]$, estimated with the one $z$ that was drawn.
# Each pixel is a coin that shows ink with probability $\hat x_d$ (a **Bernoulli** variable). The probability of
# $x_d \in \{0, 1\}$ can be written as $\hat x_d^{\,x_d} (1 - \hat x_d)^{1 - x_d}$, and independent probabilities
# multiply. The logarithm turns the product over pixels into a **sum**:
#
# $$ -\log p_\theta(x \mid z) = -\log \prod_{d=1}^{784} \hat x_d^{\,x_d} (1 - \hat x_d)^{1 - x_d}
# = - \sum_{d=1}^{784} \Big[ x_d \log \hat x_d + (1 - x_d) \log (1 - \hat x_d) \Big] . $$
#
# This is the **binary cross-entropy** (BCE). Averaged over the batch:
#
# $$ \mathcal L_\text{rec}(\hat x, x) = \frac1B \sum_{b=1}^{B} \sum_{d=1}^{784}
# -\Big[ x_{bd} \log \hat x_{bd} + (1 - x_{bd}) \log (1 - \hat x_{bd}) \Big] . $$
#
# **Sum over pixels, mean over the batch.** That is no matter of taste. One image's log-probability is a sum over
# its pixels, because the ELBO says so; a mean over pixels would make it 784 times as small, and the KL beside it
# 784 times as heavy. The mean over images only says that the ELBO of the data is reported per image, whatever the
# batch size. After the training you will see what other choices do.
#
# **Grey pixels.** Our pixels are not only 0 and 1 but also grey values between. For these the formula is no
# log-probability any more (summed over all greys, the "probabilities" do not give 1), yet it is still smallest at
# $\hat x = x$, and nearly everybody does it this way on MNIST, so numbers can be compared. Just mind that the
# smallest possible value is then not 0: even the perfect answer $\hat x = x$ pays the entropy of its greys.
#
# **The ends.** $\hat x$ may be exactly 0 or 1 in float32, and $0 \cdot \log 0$ is NaN. The loss must stay finite there.


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
# `F.binary_cross_entropy(x_hat, x, reduction="sum")` adds up everything, pixels and images; divide by the number of
# images, `len(x)`. If you write the formula yourself, keep the logarithms finite, for instance with
# `x_hat.clamp(1e-7, 1 - 1e-7)`. (1e-8 is too small: in float32, $1 - 10^{-8}$ is 1.)
#
# </details>
# <details><summary>What you should see</summary>
#
# $784 \ln 2 \approx 543.4$ nats if every $\hat x$ is 0.5, whatever the image and the size of the batch. For a batch
# that is repeated, the same number as for the batch.
#
# </details>

# %% [markdown]
# ## Exercise 6: `kl_divergence`
#
# *Difficulty 3 of 4, about 20 minutes.*
#
# The second term, $\mathrm{KL}(q_\phi(z \mid x) \,\|\, p(z)) = \mathbb E_q\big[\log q_\phi(z \mid x) - \log p(z)\big]$,
# needs no sampling: between two Gaussians the integral can be done by hand (Kingma & Welling 2014, appendix B).
# Take pen and paper. Both distributions are independent over dimensions, so the logarithms are sums over dimensions
# and so is the KL; one dimension is enough. With
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
# $\sigma^2$ (not $\sigma$). `.sum(dim=1)` sums over latents, `.mean()` averages what is left over the batch. Test
# yourself: which values of `mu` and `logvar` must give exactly 0?
#
# </details>
# <details><summary>The derivation</summary>
#
# $\mathbb E_q[(z - \mu)^2] = \sigma^2$ by definition, and $\mathbb E_q[z^2] = \mathbb E[(\mu + \sigma \varepsilon)^2] =
# \mu^2 + 2 \mu \sigma \, \mathbb E[\varepsilon] + \sigma^2 \, \mathbb E[\varepsilon^2] = \mu^2 + \sigma^2$. So
#
# $$ \mathbb E_q[\log q] = -\tfrac12 \log 2\pi - \tfrac12 \log \sigma^2 - \tfrac12, \qquad
# \mathbb E_q[\log p] = -\tfrac12 \log 2\pi - \tfrac12 (\mu^2 + \sigma^2), $$
#
# and the difference, summed over the dimensions, is
#
# $$ \mathrm{KL} = \frac12 \sum_{l=1}^{L} \left( \mu_l^2 + \sigma_l^2 - \log \sigma_l^2 - 1 \right) . $$
#
# Each bracket is at least 0, for $\mu^2 \ge 0$ and $s - \log s - 1 \ge 0$ with equality only at $s = 1$. So the KL is 0
# only where $q$ *is* the prior. The first term pulls means to 0; the other three pull variances to 1, from both
# sides.
#
# </details>
# <details><summary>What you should see</summary>
#
# 0 for `mu = 0, logvar = 0`. For $\mu = 1$ and $\sigma = 1$ in all 32 dimensions: 16. For $\mu = 0$ and $\sigma = 2$
# (`logvar` is $\ln 4$): $32 \cdot \frac12 (4 - \ln 4 - 1) = 25.8$.
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
# ($\beta$-VAE: Higgins et al., 2017), and we use them for an experiment. All three numbers are returned, so that
# they can be watched separately; `kl` is returned **without** the factor.


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
# For a VAE that has not been trained, on digits: a reconstruction of about 544 nats (grey pictures, see exercise 5)
# and a KL of less than 1.
#
# </details>

# %% [markdown]
# ## Exercise 8: `train_step`
#
# *Difficulty 2 of 4, about 10 minutes.*
#
# As in lab 1, one step of the optimiser on one batch: train mode, loss, clear the old gradients, compute the new ones,
# step. New is that three numbers come back, as a dict of plain floats, and that `beta` is passed on.


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
# `x_hat, mu, logvar = model(x)`, then `vae_loss(...)` with `beta`, then `optimizer.zero_grad()`, `loss.backward()`,
# `optimizer.step()`. `.item()` makes a plain number of a scalar tensor.
#
# </details>
# <details><summary>What you should see</summary>
#
# On the same batch of 128 digits again and again, Adam at a rate of 0.001: the loss falls from about 545 to about 200
# within 50 steps.
#
# </details>

# %% [markdown]
# ## Does it learn?
#
# Before the long run, a short one: the grader trains your code on a small set of digits for a few seconds
# and compares with the same networks trained by steps that are known to be right. The first check looks at the
# ELBO, the second at the KL on its own: does it rise and settle as it should?

# %% nbgrader={"grade_id": "check_learns", "grade": true, "locked": true}
check("learns")

# %% nbgrader={"grade_id": "check_kl_behaviour", "grade": true, "locked": true}
check("kl_behaviour")

# %% [markdown]
# ## The full run
#
# Adam at a learning rate of 0.001, batches of 128, 20 times through all digits.


# %%
def evaluate(model, x):
    """The loss and its parts on the images x, with z sampled, and the squared error per pixel."""
    model.eval()
    with torch.no_grad():
        x_hat, mu, logvar = model(x)
        loss, reconstruction, kl = vae_loss(x_hat, x, mu, logvar)
        mse = F.mse_loss(x_hat, x)  # of the decoded sample
        mse_mean = F.mse_loss(model.decoder(mu), x)  # of the decoded mean
    values = {"loss": loss, "reconstruction": reconstruction, "kl": kl, "mse": mse, "mse_mean": mse_mean}
    return {name: value.item() for name, value in values.items()}


# %% tags=["train"]
if ready("Encoder", "reparameterize", "Decoder", "VAE", "vae_loss", "train_step"):
    set_seed(0)
    model = VAE(LATENT_DIM).to(DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=DEVICE.type != "mps")

    def step(x):
        return train_step(model, optimizer, x)

    def test():
        return evaluate(model, data.test_images)

    history = fit(step, data.train_images, epochs=EPOCHS, batch_size=BATCH_SIZE, evaluate=test)
    print(history)

# %% [markdown]
# ## Exercise 9: `sample`
#
# *Difficulty 2 of 4, about 10 minutes.*


# %% nbgrader={"grade_id": "sample", "solution": true}
def sample(model: nn.Module, n: int) -> torch.Tensor:
    """Invent n images: decode n draws from the prior N(0, I), in eval mode and without gradients.

    Returns (n, 784); leaves the model in the mode in which it was.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    with torch.no_grad():
        z = torch.randn(n, model.latent_dim, device=device)  # (n, latent_dim)
        x = model.decoder(z)  # (n, 784)
    model.train(was_training)
    return x
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sample", "grade": true, "locked": true}
check("sample")

# %% [markdown]
# ## Exercise 10: `interpolate`
#
# *Difficulty 1 of 4, about 5 minutes.*


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

# %% [markdown] nbgrader={"grade_id": "discussion_1", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# ### END SOLUTION

# %% [markdown] nbgrader={"grade_id": "discussion_2", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# ### END SOLUTION

# %% [markdown] nbgrader={"grade_id": "discussion_3", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# ### END SOLUTION

# %%
if ready("model", "history"):
    save_checkpoint("vae", model=model)
    save_outputs("vae", history=history)

# %% nbgrader={"grade_id": "check_trained_model", "grade": true, "locked": true}
check("trained_model")
