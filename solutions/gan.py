# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 3: The Generative Adversarial Network
#
# **Goal.** You build a painter that nobody tells what a good painting is. Two networks play against each other:
# the **generator** paints, the **discriminator** tries to tell its paintings from real ones, and each learns
# from the other's mistakes. You derive why that should work, write both networks, their losses and their steps,
# train them on abstract art, and measure what came out. And since hardly anything in deep learning breaks as
# readily as a GAN, you look at five ways to break it, and learn to see in the curves which one you have.
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
# All in all: about three and a half hours, of which the computer trains less than ten minutes on a laptop. No
# GPU is needed; where there is one, the networks are four times as wide. The other labs are not needed.

# %% [markdown]
# ## The idea
#
# A VAE is told how probable a real image is, and pays for it pixel by pixel; its pictures are soft because
# being half right everywhere costs little. Here is another way to judge a picture: **show it to somebody who
# has seen real ones, and ask whether it is one of them.** If even a good judge cannot tell, the picture is
# good. There is no formula for such a judge, but a network can learn it, for examples are at hand: real
# pictures, and the ones that we make.
#
# ```text
#   z (B, 100) ---> Generator G ---> fake (B, 3, 64, 64) ---+
#    N(0, I)                                                +---> Discriminator D ---> logit (B,)
#                    the art    ---> real (B, 3, 64, 64) ---+                    sigmoid: P(real)
# ```
#
# The discriminator answers with a **logit** $\ell(x)$, any real number; $D(x) = \mathrm{sigmoid}(\ell(x))$ is
# the probability that it gives to "real". It wants to be right, the generator wants it to be wrong (Goodfellow
# et al., 2014):
#
# $$ \min_G \max_D \; V(G, D), \qquad V(G, D) = \mathbb E_{x \sim p_\text{data}} \big[ \log D(x) \big] +
# \mathbb E_{z \sim \mathcal N(0, I)} \big[ \log \big( 1 - D(G(z)) \big) \big] . $$

# %% [markdown]
# ### Where the game ends
#
# Let $p_G$ be the distribution of what the generator paints. Both means are integrals over pictures:
#
# $$ V = \int p_\text{data}(x) \log D(x) + p_G(x) \log (1 - D(x)) \; dx . $$
#
# **The best judge.** For a fixed generator, $D(x)$ can be chosen for each $x$ by itself. With $a =
# p_\text{data}(x)$ and $b = p_G(x)$, the function $a \log y + b \log (1 - y)$ has the derivative $a / y - b / (1
# - y)$, which is 0 at
#
# $$ D^*(x) = \frac{p_\text{data}(x)}{p_\text{data}(x) + p_G(x)}, \qquad \text{as a logit:} \quad
# \ell^*(x) = \log \frac{p_\text{data}(x)}{p_G(x)} . $$
#
# So a perfect discriminator knows the *ratio* of the two densities. We can write down neither of them; their
# ratio can be learned by sorting pictures into two heaps.
#
# **What the generator then minimises.** Put $D^*$ in, and let $m = \frac12 (p_\text{data} + p_G)$:
#
# $$ V(G, D^*) = \mathbb E_{p_\text{data}} \left[ \log \frac{p_\text{data}}{2 m} \right] +
# \mathbb E_{p_G} \left[ \log \frac{p_G}{2 m} \right] = -\log 4 +
# \underbrace{\mathrm{KL}(p_\text{data} \| m) + \mathrm{KL}(p_G \| m)}_{2 \, \mathrm{JS}(p_\text{data}, \, p_G)} . $$
#
# The **Jensen-Shannon divergence** $\mathrm{JS}$ is never negative, and 0 only where $p_G = p_\text{data}$. So
# the game has exactly one end: the generator paints like the data, $D = \frac12$ everywhere, and the judge can
# only toss a coin.
#
# **Why one never quite gets there.** The proof lets $D$ be perfect at any moment and $p_G$ be any density.
# In fact both are networks that take small steps in turn, on a few thousand examples, and the minimum of one
# moves whenever the other moves. Nothing guarantees that they settle. Much of this lab is what people found
# out about keeping the two in balance; you will meet each of these measures where it belongs.

# %% [markdown]
# ## Setup
#
# `course` is the small library of these labs; it is written to be read, and nothing in it solves an exercise.

# %%
import math

import torch
import torch.nn.functional as F
from torch import nn

from course import (
    Augmented,  # a discriminator that is shown moved and lighter or darker pictures
    art_distance,  # how far two sets of pictures are apart
    check,  # asks the grader about one exercise
    device,
    fit_gan,  # the training loop
    load_art,
    load_gallery,
    load_gan_runs,  # recorded runs that were broken on purpose
    plotting,
    ready,  # is an exercise written yet?
    save_checkpoint,
    save_outputs,
    seconds_for,  # how long something takes
    see_art,  # features and movements of pictures
    set_seed,
)
from course.augmentation import augment

LAB = "gan"  # whose parts `check` judges: some names belong to more than one lab
DEVICE = device()  # a GPU if there is one, else the CPU
FULL = DEVICE.type == "cuda"  # True: networks of full width, which on a CPU take hours
ART = "painter"  # or "gallery": the Abstract Art Gallery (a download); or a folder of pictures of your own

LATENT_DIM = 100
WIDTH = 64 if FULL else 16
BATCH_SIZE = 128 if FULL else 64
STEPS_ON_A_CPU = 3000
STEPS = 5000 if FULL else STEPS_ON_A_CPU
RATE_G, RATE_D = 2.5e-4, 5e-4  # learning rates of generator and discriminator

# %% [markdown]
# ### The art
#
# The course paints its own: 5,000 pictures of 64 x 64 pixels in ten **movements**, the same on every machine,
# so that you can count later which movements your generator has learned. The first time takes half a minute.
# (With `ART = "gallery"` in the cell above you train on photographs of real paintings instead. Nobody has
# sorted those into movements, so that part is left out.)

# %%
set_seed(0)
if ART == "painter":
    art = load_art(device=DEVICE)
    images, movements = art.images, art.movements
else:
    pictures = load_gallery(None if ART == "gallery" else ART)
    print(pictures.summary())
    images, movements = pictures.images.to(DEVICE), None

print(
    f"{len(images):,} paintings {tuple(images.shape[1:])} from {images.min():g} to {images.max():g}, on {DEVICE}"
)
plotting.show(
    plotting.art_grid(images[:60]),
    alt="Sixty small paintings of the training set. Of the course's own art, every column is a movement: fields of "
    "colour, grids, circles, flow, drips, horizons, brush strokes, collages, waves, constellations.",
)

# %% [markdown]
# **What to see:** ten columns, six paintings each of one movement. Within a column, palette and layout change and the
# idea stays; some movements live on sharp shapes, others on soft ones. That is what your generator will have to find
# out from the pictures alone. (Pictures of your own come in no such order.)
#
# **Every number lies between -1 and 1**, because that is what the generator's last layer, a tanh, can give. If
# real pictures lay between 0 and 1 instead, no real one would have a negative pixel, and the discriminator would
# need a single rule to win for ever.

# %% [markdown]
# ## Exercise 1: `Generator`
#
# *Difficulty 3 of 4, about 30 minutes.*
#
# A column of 100 random numbers is to become a picture. A **transposed convolution** makes pictures larger. An
# ordinary convolution of stride 2 reads a window of the input for each output pixel; the transposed one runs
# along the same arrows backwards: each *input* pixel stamps a copy of the kernel, times its value, into the
# output, the stamps lie `stride` pixels apart, and where they overlap, they add up.
#
# ```text
#   input                 a         b         c
#   stamps of width 4,    a a a a
#   2 pixels apart            b b b b
#                                 c c c c
#   sum                 . 1 2 2 2 2 1 .      how many stamps reach each pixel
#   cut by padding = 1    =========
#                         n = 3  =>  (n - 1) * 2 + 4 - 2 * 1 = 6 pixels
# ```
#
# In general, from the extent of all stamps less the padding that is cut off on either side:
#
# $$ n_\text{out} = (n_\text{in} - 1) \cdot \text{stride} + \text{kernel} - 2 \cdot \text{padding} . $$
#
# Kernel 4, stride 2, padding 1 doubles the size exactly: $2 n - 2 + 4 - 2 = 2 n$. Kernel 4, stride 1, padding
# 0 makes 4 x 4 of a single pixel: $0 + 4 - 0$. So the DCGAN (Radford et al., 2016) goes from noise to
# picture in five layers; let $w$ be the `width`:
#
# ```text
#   (B, 100, 1, 1) => (B, 8w, 4, 4) => (B, 4w, 8, 8) => (B, 2w, 16, 16) => (B, w, 32, 32) => (B, 3, 64, 64)
#                k4 s1 p0         k4 s2 p1         k4 s2 p1          k4 s2 p1         k4 s2 p1
# ```
#
# After each layer but the last comes batch normalisation, which keeps the signal's scale from layer to layer,
# and a ReLU. After the last one comes a **tanh** alone: values in $[-1, 1]$, like the art. A normalisation there
# would force each channel of every batch to one mean and spread, whatever the paintings need.
#
# **Why 4 and not 3?** Count how many stamps reach each pixel:

# %%
for kernel in (3, 4, 5):
    stamps = F.conv_transpose1d(torch.ones(1, 1, 8), torch.ones(1, 1, kernel), stride=2)
    print(f"kernel {kernel}, stride 2:", *stamps.int().flatten().tolist())

# %% [markdown]
# With 3 or 5, which stride 2 does not divide, every other pixel gets more stamps than its neighbours, in each
# direction and again in each layer: the **checkerboard** that one sees in so many generated pictures (Odena et
# al., 2016). With 4, apart from the border, all get the same number. That is no guarantee: neighbouring pixels still get
# theirs from *different* weights of the kernel, and the network has to learn to make these agree. But it need not
# begin by mending a fault of the architecture.


# %% nbgrader={"grade_id": "Generator", "solution": true}
class Generator(nn.Module):
    """Paints pictures from noise, by transposed convolutions with up to 8 * width channels.

    Shape: (B, latent_dim) -> (B, 3, 64, 64), float32, every value between -1 and 1.
    """

    def __init__(self, latent_dim: int = 100, width: int = 64) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.width = width  # saved with the weights, so that a narrow network can be built again
        ### BEGIN SOLUTION

        def grow(inputs: int, outputs: int, stride: int, padding: int) -> list[nn.Module]:
            # No bias: batch normalisation subtracts the mean, and has a shift of its own.
            layer = nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False)
            return [layer, nn.BatchNorm2d(outputs), nn.ReLU()]

        layers = grow(latent_dim, 8 * width, stride=1, padding=0)  # 1x1 => 4x4
        layers += grow(8 * width, 4 * width, stride=2, padding=1)  # 4x4 => 8x8
        layers += grow(4 * width, 2 * width, stride=2, padding=1)  # 8x8 => 16x16
        layers += grow(2 * width, width, stride=2, padding=1)  # 16x16 => 32x32
        layers += [nn.ConvTranspose2d(width, 3, 4, stride=2, padding=1), nn.Tanh()]  # 32x32 => 64x64
        self.layers = nn.Sequential(*layers)
        ### END SOLUTION

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return self.layers(z[:, :, None, None])  # (B, L) => (B, L, 1, 1) => (B, 3, 64, 64)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Generator", "grade": true, "locked": true}
check("Generator")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `nn.ConvTranspose2d(inputs, outputs, 4, stride, padding)` wants pictures, so give the noise two more axes of
# size 1 first: `z[:, :, None, None]` or `z.view(-1, self.latent_dim, 1, 1)`. Print the shape after each layer
# if the result is not 64 x 64. Use `width` for all channel numbers: with a fixed 64 in one place a
# generator of another width falls apart.
#
# </details>
# <details><summary>What you should see</summary>
#
# `Generator(100, 16)(torch.randn(5, 100)).shape` is `(5, 3, 64, 64)`. 378,083 parameters at width 16,
# 3,576,707 at width 64, if all layers but the last have no bias.
#
# </details>

# %% [markdown]
# ## Exercise 2: `Discriminator`
#
# *Difficulty 2 of 4, about 20 minutes.*
#
# The same way back, by ordinary convolutions of stride 2, which halve the size and double the channels:
#
# ```text
#   (B, 3, 64, 64) => (B, w, 32, 32) => (B, 2w, 16, 16) => (B, 4w, 8, 8) => (B, 8w, 4, 4) => (B, 1, 1, 1) => (B,)
#                k4 s2 p1         k4 s2 p1          k4 s2 p1        k4 s2 p1         k4 s1 p0
# ```
#
# - **LeakyReLU**, of slope 0.2 below 0, in place of ReLU: the generator learns only through the discriminator, and
#   a ReLU that is off lets no gradient pass.
# - Batch normalisation after the second, third and fourth convolution. Not after the first, where it would wipe
#   out how bright and how colourful the pictures of a batch are; not after the last.
# - **No sigmoid at the end.** The output is the logit; the losses below take the sigmoid in, where they can do
#   so without rounding errors.
# - One number for each picture, shape `(B,)`. Mind a batch of one: `squeeze()` would make it a scalar.


# %% nbgrader={"grade_id": "Discriminator", "solution": true}
class Discriminator(nn.Module):
    """Tells real pictures from generated ones: one logit for each, above 0 for "real".

    Shape: (B, 3, 64, 64) -> (B,), float32, not restricted to any range.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.width = width
        ### BEGIN SOLUTION

        def shrink(inputs: int, outputs: int) -> list[nn.Module]:
            layer = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
            return [layer, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]

        layers: list[nn.Module] = [nn.Conv2d(3, width, 4, stride=2, padding=1)]  # 64x64 => 32x32
        layers += [nn.LeakyReLU(0.2)]
        layers += shrink(width, 2 * width)  # 32x32 => 16x16
        layers += shrink(2 * width, 4 * width)  # 16x16 => 8x8
        layers += shrink(4 * width, 8 * width)  # 8x8 => 4x4
        layers += [nn.Conv2d(8 * width, 1, 4)]  # 4x4 => 1x1
        self.layers = nn.Sequential(*layers)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return self.layers(x).flatten()  # (B, 3, 64, 64) => (B, 1, 1, 1) => (B,)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Discriminator", "grade": true, "locked": true}
check("Discriminator")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `nn.Conv2d(inputs, outputs, 4, stride=2, padding=1)` halves the size, `nn.Conv2d(8 * width, 1, 4)` reads the last
# 4 x 4 pixels into one. `.flatten()` or `.view(-1)` makes `(B,)` of `(B, 1, 1, 1)` for any `B`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Logits of either sign, near 0 before training. 175,313 parameters at width 16, if the layers
# before a normalisation have no bias.
#
# </details>

# %% [markdown]
# ## Exercise 3: `init_weights`
#
# *Difficulty 1 of 4, about 10 minutes.*
#
# The balance of the game depends on how it starts. The DCGAN draws the weights of all convolutions,
# transposed ones included, from $\mathcal N(0, 0.02^2)$, and begins with scales of batch normalisation from
# $\mathcal N(1, 0.02^2)$ and shifts of 0. So both begin small: pictures are nearly grey, logits
# near 0, and nobody has a head start.
#
# `net.apply(init_weights)` calls your function with every module inside of `net`, containers included. It
# changes the ones that it is about, in place, and leaves the others alone.


# %% nbgrader={"grade_id": "init_weights", "solution": true}
def init_weights(module: nn.Module) -> None:
    """Initialise one module as the DCGAN does; for use with `net.apply(init_weights)`.

    Convolutions and transposed convolutions: weight N(0, 0.02). Batch norm: weight N(1, 0.02), bias 0.
    """
    ### BEGIN SOLUTION
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_init_weights", "grade": true, "locked": true}
check("init_weights")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `isinstance(module, (nn.Conv2d, nn.ConvTranspose2d))` asks for both kinds at once: neither is a subclass of the
# other. `nn.init.normal_(module.weight, mean, std)` fills in place. Batch normalisation calls its scale `weight`
# and its shift `bias`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Below, the first paintings of your generator: nearly grey, with a fine grain.
#
# </details>

# %%
if ready("Generator", "init_weights"):
    set_seed(0)
    untrained = Generator(LATENT_DIM, WIDTH).to(DEVICE).apply(init_weights)
    with torch.no_grad():
        first_paintings = untrained(torch.randn(10, LATENT_DIM, device=DEVICE))
    plotting.show(
        plotting.art_grid(first_paintings),
        alt="Ten paintings of a generator that was not trained: grey squares with a faint grain.",
    )
    print(f"values from {first_paintings.min():.2f} to {first_paintings.max():.2f}")

# %% [markdown]
# **What to see:** ten nearly equal grey squares. 0 is the middle between -1 and 1, so small weights mean grey; the grain
# is all that the noise can change so far. Everything else your training has to bring.

# %% [markdown]
# ## Exercise 4: `discriminator_loss`
#
# *Difficulty 3 of 4, about 20 minutes.*
#
# The discriminator sorts pictures into two classes, so its loss is the binary cross-entropy (BCE). For one
# logit $\ell$ and target $t$, with $\sigma$ the sigmoid and $\mathrm{softplus}(\ell) = \log (1 + e^\ell)$:
#
# $$ \mathrm{BCE}(\ell, t) = -t \log \sigma(\ell) - (1 - t) \log (1 - \sigma(\ell)) =
# \mathrm{softplus}(\ell) - t \, \ell, \qquad \frac{\partial}{\partial \ell} \mathrm{BCE} = \sigma(\ell) - t . $$
#
# The right-hand form is the one to compute. In float32, $\sigma(17)$ is exactly 1 and $\log(1 - 1)$ is
# $-\infty$; the softplus at 17 is just 17. `F.binary_cross_entropy_with_logits` does that.
#
# With real pictures against the target `smoothing` and fakes against 0, **each a mean of its own**:
#
# $$ \mathcal L_D = \frac1{B} \sum_{i} \mathrm{BCE}\big(\ell(x_i), \; 0.9\big) + \frac1{B'} \sum_{j}
# \mathrm{BCE}\big(\ell(G(z_j)), \; 0\big) . $$
#
# **Why 0.9?** With the target 1 the logits of real pictures are pushed to infinity: where the discriminator is
# right, it pays to be surer still, and a judge who is infinitely sure has nothing to teach. With 0.9 the best
# logit is $\log \frac{0.9}{0.1} = 2.2$, and beyond it the gradient changes its sign.
#
# **Why only the real ones?** Do the calculation of the beginning again with the targets $\alpha$ for real
# pictures and $\beta$ for fakes:
#
# $$ D^*(x) = \frac{\alpha \, p_\text{data}(x) + \beta \, p_G(x)}{p_\text{data}(x) + p_G(x)} . $$
#
# With $\beta = 0$ this is the old $D^*$ times $\alpha$: the same judgement, less sure. With $\beta > 0$, the
# generator's own density appears in the numerator. Where it paints and real pictures never are, $D^*$ is not
# 0 but $\beta$: a bad picture is told that it is a little bit real for the only reason that the generator makes
# many of them (Salimans et al., 2016).


# %% nbgrader={"grade_id": "discriminator_loss", "solution": true}
def discriminator_loss(
    real_logits: torch.Tensor, fake_logits: torch.Tensor, smoothing: float = 0.9
) -> torch.Tensor:
    """BCE of real logits against `smoothing` plus BCE of fake logits against 0, each a mean.

    Shapes: real_logits (B,), fake_logits (B',) -> scalar; finite for logits of +-50.
    """
    ### BEGIN SOLUTION
    on_real = F.binary_cross_entropy_with_logits(real_logits, torch.full_like(real_logits, smoothing))
    on_fake = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return on_real + on_fake
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_discriminator_loss", "grade": true, "locked": true}
check("discriminator_loss")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Targets have the shape of the logits that they belong to: `torch.full_like(real_logits, smoothing)` and
# `torch.zeros_like(fake_logits)`. By hand: `F.softplus(real_logits) - smoothing * real_logits` for the real
# ones, `F.softplus(fake_logits)` for the fakes, and the mean of each.
#
# </details>
# <details><summary>What you should see</summary>
#
# $2 \ln 2 \approx 1.386$ where all logits are 0. There the gradient is $\sigma(0) - 0.9 = -0.4$ for real pictures
# and $\sigma(0) - 0 = +0.5$ for fakes, each divided by the number of pictures. It cannot fall below 0.325, which is
# what a perfect judge pays for the smoothing; and 1.376 is what one pays who can tell nothing and answers
# $D = 0.45$ every time.
#
# </details>

# %% [markdown]
# ## Exercise 5: `generator_loss`
#
# *Difficulty 2 of 4, about 15 minutes.*
#
# In the game as written above, the generator minimises $\log(1 - D(G(z)))$, the very term that the discriminator
# maximises. As a function of the logit that is $-\mathrm{softplus}(\ell)$, with the gradient
#
# $$ \frac{\partial}{\partial \ell} \log (1 - \sigma(\ell)) = -\sigma(\ell) . $$
#
# Early in training every fake is easy to tell: $\ell \approx -5$, and the gradient is $-0.007$. **The worse the
# painting, the less the generator learns from it.** The loss *saturates*. (The theory says the same: while $p_G$
# and $p_\text{data}$ do not overlap, their Jensen-Shannon divergence is $\log 2$, wherever they are. A constant has no
# slope.)
#
# The way out: do not minimise the probability that the judge is right, maximise the probability that it is
# wrong. That is the BCE of fakes against the target **1**,
#
# $$ \mathcal L_G = \frac1B \sum_j \mathrm{BCE}\big( \ell(G(z_j)), \; 1 \big) = \frac1B \sum_j -\log \sigma(\ell_j),
# \qquad \frac{\partial}{\partial \ell} \big( {-\log \sigma(\ell)} \big) = \sigma(\ell) - 1 , $$
#
# which is close to $-1$ where the fakes are bad. Both losses pull the logit the same way, so they agree on where
# the game ends; they differ in how hard they pull, and when. No smoothing here: it is there to moderate the judge.


# %% nbgrader={"grade_id": "generator_loss", "solution": true}
def generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """The non-saturating loss: BCE of fake logits against 1, the mean.

    Shape: fake_logits (B,) -> scalar; finite for logits of +-50.
    """
    ### BEGIN SOLUTION
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_generator_loss", "grade": true, "locked": true}
check("generator_loss")

# %% [markdown]
# <details><summary>Hint</summary>
#
# The function of exercise 4, with targets `torch.ones_like(fake_logits)`. By hand:
# `F.softplus(-fake_logits).mean()`.
#
# </details>
# <details><summary>What you should see</summary>
#
# $\ln 2 \approx 0.693$ where all logits are 0; about 5 where all are -5. The cell below prints the gradient of
# your loss beside that of the saturating one.
#
# </details>

# %%
if ready("generator_loss"):
    print("logit   D(G(z))   your loss: gradient   saturating: gradient")
    for logit in (-8.0, -5.0, -2.0, 0.0, 2.0, 5.0):
        fake_logits = torch.tensor([logit], requires_grad=True)
        (slope,) = torch.autograd.grad(generator_loss(fake_logits), fake_logits)
        (flat,) = torch.autograd.grad(-F.softplus(fake_logits).mean(), fake_logits)  # log(1 - D)
        print(
            f"{logit:5.0f}   {fake_logits.sigmoid().item():7.4f}   {slope.item():19.4f}   {flat.item():20.4f}"
        )

# %% [markdown]
# ## Exercise 6: `make_optimizers`
#
# *Difficulty 1 of 4, about 10 minutes.*
#
# Two optimisers, one for each network, so that an update of one leaves the other alone. Both are Adam, with two
# settings that differ from the usual.
#
# - **$\beta_1 = 0.5$ in place of 0.9.** $\beta_1$ is how long Adam remembers the direction in which it was going. But
#   the opponent moves: where the loss pointed twenty steps ago is out of date.
# - **Two rates.** The gradient of the generator is worth following only as far as the discriminator knows its
#   current samples. With one update to the generator's two, and augmented images to learn from, the discriminator
#   has the harder half of the game; it gets the larger rate, so that it keeps up (Heusel et al. 2017, arXiv
#   1706.08500). (`RATE_G` and `RATE_D` at the top of the notebook.) How much the ratio matters you will see.


# %% nbgrader={"grade_id": "make_optimizers", "solution": true}
def make_optimizers(
    generator: nn.Module, discriminator: nn.Module
) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Adam with betas (0.5, 0.999) for each of the networks, at two different rates: (opt_g, opt_d)."""
    ### BEGIN SOLUTION
    opt_g = torch.optim.Adam(generator.parameters(), lr=RATE_G, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=RATE_D, betas=(0.5, 0.999))
    return opt_g, opt_d
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_make_optimizers", "grade": true, "locked": true}
check("make_optimizers")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `torch.optim.Adam(net.parameters(), lr=..., betas=(0.5, 0.999))`, twice; return the generator's first.
#
# </details>
# <details><summary>What you should see</summary>
#
# `opt_g.param_groups[0]["betas"]` is `(0.5, 0.999)`, and the two rates differ.
#
# </details>

# %% [markdown]
# ## Exercise 7: `discriminator_step`
#
# *Difficulty 3 of 4, about 20 minutes.*
#
# One update of the discriminator. Paint as many fakes as there are real pictures, judge both, and step:
#
# - **Fresh noise** $z \sim \mathcal N(0, I)$ at every call, on the device of the real pictures.
# - **Cut the graph between the two networks**: `fake.detach()`, or paint inside of `torch.no_grad()`. This step asks
#   how the *discriminator* should change; without the cut, `backward()` goes on into the generator. That costs
#   time, and worse: the generator's `.grad` now holds the direction in which its fakes become *easier* to tell.
#   Whoever does not clear it at the right moment trains the generator to lose.
# - **Real and fake in two batches**, not one: batch normalisation takes its mean over whatever comes together.
# - Clear the discriminator's old gradients before `backward()`. They are not only its own: each generator
#   step leaves some there, as you will see in the next exercise.
# - Train mode; return the loss as a plain float.


# %% nbgrader={"grade_id": "discriminator_step", "solution": true}
def discriminator_step(
    generator: nn.Module, discriminator: nn.Module, opt_d: torch.optim.Optimizer, real: torch.Tensor
) -> float:
    """Update the discriminator once, on the real pictures and as many fresh fakes; the generator stays as it is.

    Shape: real (B, 3, 64, 64). Returns the loss before the update.
    """
    ### BEGIN SOLUTION
    generator.train()
    discriminator.train()
    z = torch.randn(len(real), generator.latent_dim, device=real.device)
    fake = generator(z).detach()  # what follows is no business of the generator's
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    opt_d.zero_grad()
    loss.backward()
    opt_d.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_discriminator_step", "grade": true, "locked": true}
check("discriminator_step")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `z = torch.randn(len(real), generator.latent_dim, device=real.device)`, then `fake = generator(z).detach()`, then
# `discriminator_loss(discriminator(real), discriminator(fake))`, and the usual three lines with `opt_d`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Called again and again with the same batch and no generator steps between, the loss falls from about 1.6 to
# 0.4 within a dozen calls: noise and art are easy to tell apart.
#
# </details>

# %% [markdown]
# ## Exercise 8: `generator_step`
#
# *Difficulty 3 of 4, about 15 minutes.*
#
# One update of the generator: paint `batch_size` fakes from fresh noise, let the discriminator judge them, and
# follow the gradient **through the discriminator** back into the generator. Nothing is detached here: that gradient
# is all the generator ever learns. It says how each pixel should change to look more real.
#
# `backward()` fills the `.grad` of *all* parameters on its way, the discriminator's too. They do no harm,
# because `opt_g` only moves the generator's parameters and the discriminator clears its own before it uses
# them. Which is why one must not forget to.


# %% nbgrader={"grade_id": "generator_step", "solution": true}
def generator_step(
    generator: nn.Module, discriminator: nn.Module, opt_g: torch.optim.Optimizer, batch_size: int
) -> float:
    """Update the generator once, on fresh noise; the discriminator's parameters stay as they are.

    Returns the loss before the update.
    """
    ### BEGIN SOLUTION
    generator.train()
    discriminator.train()
    device = next(generator.parameters()).device  # noise must lie where the network does
    z = torch.randn(batch_size, generator.latent_dim, device=device)
    loss = generator_loss(discriminator(generator(z)))
    opt_g.zero_grad()
    loss.backward()
    opt_g.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_generator_step", "grade": true, "locked": true}
check("generator_step")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `generator_loss(discriminator(generator(z)))` in one line, then `opt_g.zero_grad()`, `backward()`, `opt_g.step()`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Called again and again with no discriminator steps between, the loss falls towards 0: a judge that does not
# learn is soon fooled, by paintings that are no better for it.
#
# </details>

# %% [markdown]
# ## Exercise 9: `train_step`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# **One** discriminator update, then **two** generator updates on batches of the same size. A judge is only worth
# something while it can still be fooled, so it moves less often; its larger rate sees to it that it does not fall
# behind. Each update paints fresh fakes: those of the discriminator's step were detached, and they are out of date.


# %% nbgrader={"grade_id": "train_step", "solution": true}
def train_step(
    generator: nn.Module,
    discriminator: nn.Module,
    opt_g: torch.optim.Optimizer,
    opt_d: torch.optim.Optimizer,
    real: torch.Tensor,
) -> dict[str, float]:
    """One update of the discriminator, then two of the generator: {"d_loss", "g_loss"} as floats.

    Shape: real (B, 3, 64, 64).
    """
    ### BEGIN SOLUTION
    d_loss = discriminator_step(generator, discriminator, opt_d, real)
    g_losses = [generator_step(generator, discriminator, opt_g, len(real)) for _ in range(2)]
    return {"d_loss": d_loss, "g_loss": sum(g_losses) / 2}
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_train_step", "grade": true, "locked": true}
check("train_step")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Three calls of your two functions, with `len(real)` for the batch size.
#
# </details>
# <details><summary>What you should see</summary>
#
# After $n$ calls, Adam has counted $n$ steps of the discriminator and $2 n$ of the generator.
#
# </details>

# %% [markdown]
# ## Exercise 10: `sample`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# As with every function that only looks at a network: eval mode, no gradients, and the mode **restored**
# afterwards. Eval mode matters here more than in the other labs. In train mode batch normalisation takes its
# mean over the batch, so a painting would depend on what else was painted along with it.


# %% nbgrader={"grade_id": "sample", "solution": true}
def sample(generator: nn.Module, n: int) -> torch.Tensor:
    """Paint n pictures from noise N(0, I), in eval mode and without gradients.

    Returns (n, 3, 64, 64); leaves the generator in the mode in which it was.
    """
    ### BEGIN SOLUTION
    was_training = generator.training
    generator.eval()
    device = next(generator.parameters()).device
    with torch.no_grad():
        images = generator(torch.randn(n, generator.latent_dim, device=device))
    generator.train(was_training)
    return images
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sample", "grade": true, "locked": true}
check("sample")

# %% [markdown]
# <details><summary>Hint</summary>
#
# The `sample` of lab 2 without a decoder. Remember `generator.training`, and give it back with
# `generator.train(...)`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Other paintings at every call, and `generator.training` afterwards what it was before.
#
# </details>

# %% [markdown]
# ## Few pictures, and how to make many of them
#
# One more thing before the long run. 5,000 pictures are few. A discriminator can learn them by heart, and once it
# has, it needs no idea of what art looks like: what it does not know is fake. Then it is right every time and sure of
# it, and its gradient says "be one of these 5,000 pictures", which is no direction that a generator could
# follow.
#
# The cure is **differentiable augmentation** (Zhao et al., 2020): never show the same picture twice. Whatever the
# discriminator is shown, *real and fake alike*, is first moved by up to 8 pixels and made lighter or darker, at random.
#
# - If only real pictures were changed, moved and darkened ones would be what "real" looks like, and the generator
#   would learn to paint them so.
# - If both are, $D$ compares the two distributions *after* the change, and they are equal only if they were before.
# - And the change is made of additions and of picking pixels, so that gradients pass through it to the generator.
#
# `Augmented(discriminator)` does that around a discriminator, in train mode only. It has the same parameters, and
# your functions take it like any other network. What happens without it you will see at the end.

# %%
set_seed(0)
plotting.show(
    plotting.art_rows(
        [torch.stack([images[i]] + [augment(images[i : i + 1])[0] for _ in range(9)]) for i in (3, 5, 8)],
        above=["painting", *[""] * 9],
    ),
    alt="Three paintings, each followed by nine versions that the discriminator is shown: moved by some pixels, "
    "with grey where nothing was, and lighter or darker.",
)

# %% [markdown]
# **What to see:** nobody would take the nine for other paintings than the first, and yet hardly a pixel is the same in
# any two of them. A judge that wants to know a picture again by its pixels is lost; one that looks at shapes and
# colours is hardly disturbed.

# %% [markdown]
# ## Does it learn?
#
# Before the long run, a short one: the grader trains your code on art for a few seconds. The first check asks
# whether your samples come nearer to the art, the second whether both networks are updated as they should be, with
# finite gradients, and neither stands still.

# %% nbgrader={"grade_id": "check_learns", "grade": true, "locked": true}
check("learns")

# %% nbgrader={"grade_id": "check_training_dynamics", "grade": true, "locked": true}
check("training_dynamics")

# %% [markdown]
# ## A yardstick
#
# The loss cannot tell how good the paintings are: it says how the two networks stand *to each other*. If both get
# better, it stays where it is. So we need a measure from outside. A small network that was trained to tell the ten
# movements apart turns each picture into 64 features; real paintings are a cloud of points there, samples
# another. Fit a Gaussian to each cloud and take the **Frechet distance** of the two (Heusel et al., 2017):
#
# $$ d^2 = \| \mu_\text{real} - \mu_\text{fake} \|^2 + \mathrm{Tr}\big( \Sigma_\text{real} + \Sigma_\text{fake} - 2
# (\Sigma_\text{real} \Sigma_\text{fake})^{1/2} \big) . $$
#
# The means compare what the pictures are like on average, the covariances how they vary. (The well-known FID is this
# with a network that was trained on photographs.) A distance is nothing by itself, so we need two more to read it by:
# that of real paintings from other real ones, the **floor**, and that of a generator that has learned nothing. You
# will write this distance yourself in lab 4.

# %%
art_seen = see_art(images)
one, other = torch.randperm(len(images), device=DEVICE).chunk(2)  # two halves, at random
floor = art_distance(see_art(images[one]), see_art(images[other]))
print(f"real from real: {floor:.2f}")
if ready("untrained", "sample"):
    untrained_distance = art_distance(see_art(sample(untrained, 1000)), art_seen)
    print(f"untrained generator from real: {untrained_distance:.0f}")

# %% [markdown]
# ## The full run
#
# On two cores of a laptop it takes about six minutes. `fit_gan` calls your `train_step` on one batch after the
# other. In the second half it lowers both learning rates evenly to 0: two networks that chase each other go round in
# circles, with one movement painted much today and another one tomorrow, and smaller and smaller steps let the
# circles shrink. Watch the paintings below the curves: they always come from the same noise, so you see each of them
# grow. Interrupt the cell if you have seen enough; what was learned stays.


# %% tags=["train"]
def train_gan(steps, augmented=True, equal_rates=False):
    """Train a new pair of networks on the art; return both, and the history."""
    set_seed(0)
    generator = Generator(LATENT_DIM, WIDTH).to(DEVICE).apply(init_weights)
    discriminator = Discriminator(WIDTH).to(DEVICE).apply(init_weights)
    judge = Augmented(discriminator) if augmented else discriminator
    opt_g, opt_d = make_optimizers(generator, judge)
    if equal_rates:
        opt_d.param_groups[0]["lr"] = opt_g.param_groups[0]["lr"]

    def measure():
        paintings = torch.cat(
            [sample(generator, 125) for _ in range(8)]
        )  # small batches are quicker on a CPU
        return {"distance": art_distance(see_art(paintings), art_seen)}

    history = fit_gan(
        train_step,
        generator,
        judge,
        opt_g,
        opt_d,
        images,
        steps=steps,
        batch_size=BATCH_SIZE,
        evaluate=measure,
    )
    return generator, discriminator, history


EXERCISES = ("Generator", "Discriminator", "init_weights", "discriminator_loss", "generator_loss")
EXERCISES += ("make_optimizers", "discriminator_step", "generator_step", "train_step", "sample")

if ready(*EXERCISES):
    generator, discriminator, history = train_gan(STEPS)
    print(f"Frechet distance {history['test_distance'][-1]:.1f} after {history.steps[-1]:,} steps")

# %% [markdown]
# ## Reading the curves

# %%
if ready("history"):
    plotting.show(
        plotting.gan_curves(history, floor=floor),
        alt="Four panels over the steps: the losses of both networks, the discriminator's accuracy on real and on "
        "fake pictures, the norms of both gradients, and the Frechet distance of samples to the art.",
    )

# %% [markdown]
# **What to see**, panel by panel:
#
# - **Losses.** They hover, while the paintings get better and better. The loss of a GAN does not fall as that of
#   other networks does: it says how the two stand to each other, and a low loss of either only means that the other one
#   is losing. Compare with the two values of exercise 4: 1.376 for a judge that can tell nothing, 0.325 for one that
#   is always right, and as sure of it as smoothing lets it be.
# - **Accuracies** show at a glance who is winning. While both are well below 1, there is something to learn on
#   either side. (Which is which may surprise you: a judge that cannot tell says $D = 0.45$, because of the smoothing,
#   and that counts as "fake". So the line of real pictures may well be near 0.5 or below.) **1.00 and 1.00 means that
#   the discriminator has won.** In the second half the two rise towards it even in a good run: as the generator
#   slows down, the judge gets to know its habits. That is harmless if it comes late; a judge that wins early has
#   nothing left to teach.
# - **Gradient norms** should be neither 0 nor explode. A discriminator that has won is very sure, so it is very
#   steep, and the generator's gradient grows while its samples stay as they are.
# - **Frechet distance**: the only one of the four that tells how good the paintings are.

# %% [markdown]
# ## How the paintings grew

# %%
if ready("history"):
    plotting.show(
        plotting.growth(history.frames, history.frame_steps, rows=5, columns=10),
        alt="Five rows, each the painting of one noise at ten moments of the training: grey, then coloured clouds, "
        "then patterns, then pictures that belong to one of the movements.",
    )

# %%
if ready("history"):
    animation = plotting.save_animation(history.frames[:, :24], "gan_growth.gif")
    plotting.show_animation(
        animation, alt="The paintings of 24 noises growing from grey squares to abstract art."
    )

# %% [markdown]
# **What to see:** first everything is grey; then come lattices and stripes that all noises share, whatever the judge
# falls for at that moment. Then the noises part, in their colours first, in their shapes later. A picture may change its
# movement altogether on the way, since nothing ties a noise to what it once was; as the learning rates fall, they settle.
# The cell above also saved it all as `gan_growth.gif` beside the notebook.

# %% [markdown]
# ## Samples, and what they are worth

# %%
if ready("generator", "sample"):
    set_seed(1)
    samples = sample(generator, 2000)
    plotting.show(
        plotting.art_grid(samples[:60]),
        alt="Sixty samples of the trained generator: small abstract pictures in many palettes, some of which can be "
        "given to a movement at a glance, others blurred or between two, many with a fine weave over them.",
    )
    seen = see_art(samples)
    print(f"Frechet distance of 2,000 samples: {art_distance(seen, art_seen):6.1f}")
    print(f"                   real from real: {floor:6.2f}")
    print(f"              untrained generator: {untrained_distance:6.1f}")

# %% [markdown]
# **What to see:** look at them from afar first, as thumbnails, then closely. Colours and composition come before fine and
# regular structure, which a generator this narrow does not get right in some minutes. The fine weave over many of them is
# what exercise 1 warned of: neighbouring pixels come from different weights of the last kernels, and these do not quite
# agree yet. Between the floor and the untrained generator there is a long way, and the distance says how much of it is
# done; that it says so in one number is its use and its weakness (question 3).

# %% [markdown]
# ### Which movements can it paint?
#
# A generator may fool the judge with a single kind of picture, painted well. That is **mode collapse**, the best-known
# failure of GANs: nothing in the loss of *one* picture asks for the *set* of pictures to be varied. Our art has ten
# known movements, so it can be counted. A movement counts as covered if it has at least a **tenth of its fair share**
# of the samples.

# %%
if movements is None:
    print("Pictures of your own are not sorted into movements, so that coverage cannot be counted.")
elif ready("seen"):
    counts = seen.counts(len(movements))
    plotting.show(
        plotting.coverage(counts, movements, len(samples)),
        alt="Bars: how many of 2,000 samples show each of the ten movements, with lines at the fair share of 200 and at "
        "a tenth of it, 20. A last bar counts the samples that show none of them.",
    )
    print(f"{seen.covered(len(movements))} of {len(movements)} movements covered")

# %% [markdown]
# **What to see:** the shares are not equal, though those of the training set are. No picture by itself is at fault, so
# the loss of a picture cannot tell; only a judge that sees a movement too rarely among the fakes gives the generator a
# reason to paint more of it. Which movement is rare differs from seed to seed, and from step to step. The last bar
# counts what the network gives to no movement with more than half of its belief.

# %% [markdown]
# ### Does it copy?
#
# A generator that returned paintings of the training set would have the best distance of all. So look for the nearest
# training paintings of samples, pixel by pixel. A copy would lie far nearer to one painting than to all others; take
# less than half as far as the next nearest one.

# %%
if ready("samples"):
    small = F.avg_pool2d(images, 2).flatten(1)  # (N, 3 * 32 * 32): at half the resolution, which is quicker
    distances = torch.cdist(F.avg_pool2d(samples[:500], 2).flatten(1), small)  # (500, N)
    nearest = distances.topk(2, largest=False)
    copies = (nearest.values[:, 0] < 0.5 * nearest.values[:, 1]).float().mean()
    among_real = (
        torch.cdist(small[:500], small).topk(2, largest=False).values[:, 1]
    )  # the first is the painting itself
    closest = nearest.values[:, 0].argsort()[:10]  # the ten samples most like a training painting
    plotting.show(
        plotting.art_rows(
            [samples[closest], images[nearest.indices[closest, 0]], images[nearest.indices[closest, 1]]],
            labels=["sample", "nearest", "next"],
        ),
        alt="Top row: the ten samples that come closest to a training painting. Below each the nearest and the next "
        "nearest training painting: of a similar palette and layout, but other pictures.",
    )
    print(
        f"median distance to the nearest training painting: samples {nearest.values[:, 0].median():.1f}, ",
        end="",
    )
    print(f"other training paintings {among_real.median():.1f}; copies: {copies:.1%}")

# %% [markdown]
# **What to see:** even the closest ones are other pictures; what they share with their neighbours is palette and layout.

# %% [markdown]
# ### A walk through the noise
#
# From one noise to another, what is on the way? A straight line passes too near to the origin: 100 normal numbers
# have a length of about $\sqrt{100} = 10$, the middle between two of them only about 7, where the generator was
# never asked to paint. On a circle, $z(t) = \cos(\tfrac{\pi}{2} t) \, z_0 + \sin(\tfrac{\pi}{2} t) \, z_1$, every point is again
# distributed as $\mathcal N(0, I)$, because $\cos^2 + \sin^2 = 1$.

# %%
if ready("generator"):
    set_seed(2)
    start, end = torch.randn(2, 5, 1, LATENT_DIM, device=DEVICE)  # five walks
    angle = torch.linspace(0, math.pi / 2, 11, device=DEVICE).view(1, -1, 1)
    z = angle.cos() * start + angle.sin() * end  # (5, 11, LATENT_DIM)
    generator.eval()
    with torch.no_grad():
        walks = generator(z.view(-1, LATENT_DIM)).view(5, 11, 3, 64, 64)
    plotting.show(
        plotting.art_rows(list(walks)),
        alt="Five walks of eleven steps from one painting to another. Colours and shapes change gradually; on the way "
        "one movement turns into another.",
    )

# %% [markdown]
# **What to see:** no double exposures: shapes bend, melt and grow, and colours turn. A generator that had learned
# pictures by heart would jump from one to the next.

# %% [markdown]
# ## Five ways to break it
#
# Each of these runs is the one above, 1,000 steps long at width 16, with a single change; the first has none. They took
# minutes each, so they were recorded; further down you can watch any of them yourself for up to a minute.
#
# - **no augmentation**: the bare discriminator.
# - **no detach**: the discriminator's loss reaches the generator, whose gradients are cleared once a step only, so that
#   it follows its own loss *and* the discriminator's.
# - **equal rates**: the discriminator learns at the generator's rate.
# - **both smoothed**: fakes get the target 0.1 in place of 0.
# - **saturating loss**: the generator minimises $\log(1 - D)$.

# %%
runs = load_gan_runs()
notes = {}
for name, run in runs.items():
    distance, covered = run["test_distance"][-1], run["test_covered"][-1]
    notes[name] = f"distance {distance:.1f}\n{covered:.0f} of 10 movements"
if runs:
    plotting.show(
        plotting.broken_runs(runs, notes),
        alt="Six recorded runs below each other, the right recipe first: sixteen samples at the end, the "
        "discriminator's accuracies on real and fake pictures, and the norms of both gradients.",
    )

# %% [markdown]
# **How to read it.** Go through the rows with two questions: who is winning, and does it matter?
#
# - **no augmentation.** The accuracies tell the story: does the judge learn the 5,000 paintings by heart, and when? From
#   then on look at the gradients. Compare its distance and its movements with those of the recipe.
# - **no detach.** For a fake with the logit $\ell$, the generator's own loss pulls by $\sigma(\ell) - 1$ and the
#   discriminator's, which it now follows too, by $\sigma(\ell)$: together $2 \sigma(\ell) - 1$. While the judge tells
#   the fake, that is nearly right; where it is in doubt, $\sigma(\ell) = \frac12$, nothing is left; and a fake that
#   fools it is pulled back. So the generator is kept from ever being better than the judge. No error is
#   raised. (If the generator clears its gradients right before its own `backward()`, as in exercise 8, the bug does no
#   harm but to cost time.)
# - **equal rates.** The judge is behind the samples that it judges: its gradient says how yesterday's paintings should
#   have been. Look at how evenly the movements are painted.
# - **both smoothed.** The judge is milder, which looks like better balance. What it does to the paintings is in
#   the formula of exercise 4: where the generator paints and the art never is, $D^*$ is not 0 but 0.1.
# - **saturating loss.** Compare the norm of the generator's gradient with the recipe's in the first few hundred steps, while
#   the judge tells every fake.
#
# Not every break is a disaster, which makes them hard to find: a GAN with a mistake in it paints *something*. So never
# conclude from pictures that look fair that the code is right, and measure.

# %% [markdown]
# ### Break it yourself
#
# Put one of the names into `BREAK` and run the cell: some hundred steps with your own code, for up to a minute.
# The losses are changed from outside, by what exercise 4 tells about the BCE: another target adds a multiple of the
# logit, and $\mathrm{softplus}(\ell) = \mathrm{softplus}(-\ell) + \ell$. (So your steps must call `discriminator_loss`
# and `generator_loss` by their names.)

# %% tags=["train"]
BREAK = None  # "no augmentation", "no detach", "equal rates", "both smoothed" or "saturating loss"
BREAK_STEPS = 300


def broken_gan(name, steps):
    """A short run with one change; the right losses are back afterwards."""
    right = {"discriminator_loss": discriminator_loss, "generator_loss": generator_loss}

    def both_smoothed(real, fake, smoothing=0.9):  # BCE(l, 0.1) = BCE(l, 0) - 0.1 l
        return right["discriminator_loss"](real, fake, smoothing) - 0.1 * fake.mean()

    def saturating(fake):  # log(1 - D) = -softplus(l)
        return -(right["generator_loss"](fake) + fake.mean())

    def not_detached(fake):  # its own loss, and what the discriminator's leaves behind: softplus(l)
        return right["generator_loss"](fake) + (right["generator_loss"](fake) + fake.mean())

    changes = {
        "both smoothed": {"discriminator_loss": both_smoothed},
        "saturating loss": {"generator_loss": saturating},
        "no detach": {"generator_loss": not_detached},
    }
    globals().update(changes.get(name, {}))
    try:
        return train_gan(steps, augmented=name != "no augmentation", equal_rates=name == "equal rates")
    finally:
        globals().update(right)


if BREAK is None:
    print("Nothing is broken: put a name into BREAK.")
elif ready(*EXERCISES):
    _, _, broken_history = broken_gan(BREAK, BREAK_STEPS)

# %% [markdown]
# ## For discussion
#
# Answer in your own words, three to six sentences each; refer to your figures and numbers. A person reads
# these.

# %% [markdown]
# **Question 1: a stable run.** A friend shows you a GAN's curves: the discriminator's loss has been 0.33 for a thousand
# steps, its accuracies are 1.00 and 1.00, the generator's loss rises slowly. "It is stable, so it has converged", says
# your friend. What has happened, what do the samples probably look like, and why can the generator not get out by
# itself, although its loss does not saturate? What would the loss and the accuracies be if it *had* converged to the
# end of the game? Name two remedies.

# %% [markdown] nbgrader={"grade_id": "discussion_1", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** The discriminator has won: 0.325 is the least that its loss can be with a target of 0.9, so 0.33
# means that it tells everything apart and is as sure as smoothing lets it be. The samples are of few kinds, or
# blurred, or noise, and do not improve. The non-saturating loss has a gradient with respect to the *logit* of nearly
# -1, but that must still pass through the discriminator to the pixels: one that has learned the pictures by heart is
# flat around them or points in directions that are features of single pictures and not of art, and it changes
# whenever the generator moves. So large or growing gradient norms do not help either. Had the game ended, the judge
# could only guess: $D = 0.45$ everywhere (with smoothing), a loss of 1.376, the generator's loss $-\ln 0.45 = 0.80$,
# and on pictures that look alike accuracies that add up to 1. Remedies: differentiable augmentation (or more data), a
# smaller rate for the discriminator or fewer updates, spectral norm or a gradient penalty, noise on its
# input; not: training on.
#
# **Rubric, 5 points.** 1: the discriminator has won, 0.325 or "the least possible" named. 1: samples poor or all alike. 1:
# why the gradient is of no use despite the non-saturating loss. 1: what the end of the game would look like (loss
# about 1.38, no better than guessing). 1: two remedies.
# ### END SOLUTION

# %% [markdown]
# **Question 2: the same change for both.** Compare the run without augmentation with the right one, in accuracies,
# distance and samples. Why does augmentation help the *generator*, which never sees a real picture? Why must fakes be
# augmented too, and why must the augmentation be differentiable? What would happen to the paintings if pictures were
# also turned upside down at random, for real and fake alike?

# %% [markdown] nbgrader={"grade_id": "discussion_2", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** Without augmentation the judge is right more often on real pictures, with sharper gradients, and the
# distance is larger (numbers from the figure). The discriminator sees the same 5,000 pictures over and over and can learn
# them by heart, instead of
# what they have in common; its gradient then tells the generator nothing of use. With augmentation it never sees a
# picture twice, has to judge by what survives moving and brightening, stays beatable, and its gradient points towards
# art. If only real pictures were changed, moved and brightened pictures would be the target distribution and the
# generator would paint them (grey borders included). Changed alike, the two distributions are compared after the same
# random map, and agree there only if they agree before, as long as the map loses nothing in distribution. The
# generator learns through the discriminator's input, so its gradient must pass through the augmentation; otherwise it
# would have none, or that of another picture. Turning upside down with probability 1/2 is differentiable, but it makes
# a generator that paints everything upside down as good as the right one, up to the mixture: the judge can
# no longer tell a sky above from a sky below, and part of the paintings come out turned ("leaking"; Karras et al.,
# 2020). With a probability below 1/2 the direction stays identifiable.
#
# **Rubric, 5 points.** 1: comparison with numbers. 1: memorising discriminator, uninformative gradient. 1: only real
# ones: the augmented look becomes the target. 1: gradient must pass to the generator. 1: turning leaks, for the judge
# cannot tell the difference.
# ### END SOLUTION

# %% [markdown]
# **Question 3: three yardsticks.** You measured a Frechet distance, the coverage of movements and the distance to
# training paintings. Invent, for each of the three, a generator that it praises although it is bad, and say which of
# the others finds it out. Is there one that all three praise and that you would still not hang on a wall? Why is none
# of the two losses on the list?

# %% [markdown] nbgrader={"grade_id": "discussion_3", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** Frechet distance: a generator that returns training paintings has a distance of nearly 0, and the
# distance to training paintings finds it out. (It also compares only means and covariances of features: pictures that
# agree in these pass, whatever else they are.) Coverage: one mediocre painting of each movement, over and over, or
# ten crude prototypes, count as 10 of 10; the Frechet distance sees that the variation within the movements is
# missing. Distance to training paintings: noise, or one blurred picture for ever, is no copy of anything; the
# other two find it out. All three praise what agrees with the art in the features of one small network, but has
# faults which that network does not look at: fine texture, checkerboards, small glitches; or slightly changed
# copies. So look at the samples, too. The losses measure how the two networks stand to each other: with a weak judge the
# generator's loss is low whatever it paints, they hover while quality improves, and losses of two runs cannot be
# compared, for their judges differ.
#
# **Rubric, 5 points.** 3: one for each yardstick, with the one that finds it out. 1: a fault that all overlook, with the
# reason. 1: losses are relative to an opponent that changes.
# ### END SOLUTION

# %% [markdown]
# ## Save and hand in
#
# This writes the weights of both networks to `gan.safetensors` beside the notebook, and samples and the history to
# `gan_outputs.safetensors`, from which lab 4 draws. (To go on another day without training again: `generator =
# Generator(LATENT_DIM, WIDTH)`, then `load_checkpoint("gan", generator=generator)` from `course`.)

# %%
if ready("generator", "discriminator"):
    save_checkpoint("gan", generator=generator, discriminator=discriminator)

if ready("history", "sample", "samples", "seen"):
    pictures = (samples[:256] * 127.5 + 127.5).round().to(torch.uint8)  # (256, 3, 64, 64), bytes
    save_outputs(
        "gan",
        history=history,
        steps=torch.tensor(history.steps),
        test_steps=torch.tensor(history.test_steps),
        samples=pictures,
        movements=seen.movements[:256],  # (256,), -1 for none
        # What lab 4 compares.
        sample_features=seen.features.float(),  # (2000, 64)
        sample_labels=seen.classes,  # (2000,), -1 for none
        sample_pictures=pictures[:24],
        parameters=sum(p.numel() for net in (generator, discriminator) for p in net.parameters()),
        seconds_sampling=seconds_for(lambda: [sample(generator, 125) for _ in range(8)]),  # 1,000 in all
    )

# %% [markdown]
# The last check reads the first of these files. It paints with your generator and measures as above: what it says
# now is what the grader will say.

# %% nbgrader={"grade_id": "check_trained_model", "grade": true, "locked": true}
check("trained_model")

# %% [markdown]
# **Hand in** this notebook, saved, and `gan.safetensors`, in the way your course tells you. Names matter less than
# content: a notebook called `gan (1).ipynb` is found as well.
#
# ## To read on
#
# - I. Goodfellow et al., *Generative adversarial nets*, NIPS 2014: the game, its end, and the non-saturating loss.
# - A. Radford, L. Metz and S. Chintala, *Unsupervised representation learning with deep convolutional generative
#   adversarial networks*, ICLR 2016: the DCGAN.
# - T. Salimans et al., *Improved techniques for training GANs*, NIPS 2016: one-sided label smoothing, and more.
# - A. Odena, V. Dumoulin and C. Olah, *Deconvolution and checkerboard artifacts*, Distill, 2016.
# - M. Arjovsky and L. Bottou, *Towards principled methods for training generative adversarial networks*, ICLR 2017:
#   why a perfect discriminator teaches nothing.
# - M. Heusel et al., *GANs trained by a two time-scale update rule converge to a local Nash equilibrium*, NIPS 2017:
#   two rates, and the Frechet distance.
# - S. Zhao et al., *Differentiable augmentation for data-efficient GAN training*, NeurIPS 2020, arXiv 2006.10738.
# - T. Karras et al., *Training generative adversarial networks with limited data*, NeurIPS 2020: when augmentation leaks.
