# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 1: The AutoEncoder
#
# **Goal.** You write a network that squeezes a picture of 784 numbers through 32 numbers and draws it again
# from those. You train it on handwritten digits, look inside the 32 numbers, walk between two digits, and
# find out why a network that copies digits so well cannot invent one.
#
# **How this notebook works.**
#
# - Seven exercises, each a cell with a stub. Replace the line that raises `NotImplementedError`, then run
#   the cell and the one below it: `check("...")` says within a moment what is right and what is not. It is
#   the grader itself, so you always know where you stand, and a mistake in one exercise never costs you
#   another.
# - Each exercise tells its difficulty (1 easy to 4 hard) and about how long it takes. Hints and expected
#   results are folded away: click on the small triangle.
# - You may run the whole notebook at any time. What is not written yet says so, and the rest goes on.
# - Last come three questions for discussion, which a person reads, and a cell that saves your trained model.
#
# All in all: about two hours, of which the computer trains less than a minute. No GPU is needed.

# %% [markdown]
# ## The idea
#
# An autoencoder is two networks in a row. The **encoder** $f$ turns an image $x$ into a short list of
# numbers, its **code** $z$; the **decoder** $g$ turns a code into an image:
#
# ```text
#   image x            code z             reconstruction x_hat
#   (B, 784)  -- f -->  (B, 32)  -- g -->  (B, 784)
# ```
#
# ($B$ is the number of images in a batch.) Both are trained together, for one aim: the reconstruction
# $\hat x = g(f(x))$ should equal the image. For $N$ images of $D = 784$ pixels that is
#
# $$
# \min_{f,\,g} \; \frac{1}{N D} \sum_{n=1}^{N} \sum_{d=1}^{D} \left( \hat x_{nd} - x_{nd} \right)^2 ,
# \qquad \hat x_n = g(f(x_n)).
# $$
#
# No labels are needed: the image is its own answer. Without the narrow middle the task would be pointless,
# for the networks could just pass the pixels on. With it they have to find what digits have in common, such
# as strokes, loops and slants, and spend the 32 numbers on what differs (Hinton & Salakhutdinov, 2006).

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
    plotting,
    ready,  # is an exercise written yet?
    save_checkpoint,
    save_outputs,
    seconds_for,  # how long something takes
    see_digits,  # features and digits of pictures
    set_seed,
)

LAB = "ae"  # whose parts `check` judges: some names, such as Encoder, belong to more than one lab
FULL = False  # True: all 60,000 digits (downloads 12 MB, once), not only the 10,000 here
LATENT_DIM = 32
BATCH_SIZE = 128
EPOCHS = 20
DEVICE = device()  # a GPU if there is one, else the CPU

# %%
set_seed(0)  # the same weights and batches every time you run the notebook from the top
data = load_mnist(full=FULL, device=DEVICE)

print(f"{len(data.train_images):,} digits to train, {len(data.test_images):,} to test, on {DEVICE}")
print(f"shape {tuple(data.train_images.shape)}, up to {data.train_images.max():.0f}")

# %% [markdown]
# Each row of `data.train_images` is one digit of 28 x 28 pixels, laid out row by row as 784 numbers between
# 0 (paper) and 1 (ink).

# %%
plotting.show(
    plotting.image_grid(data.train_images[:20]),
    alt="Twenty handwritten digits of the training set in two rows, no two hands alike.",
)

# %% [markdown]
# **What to see:** the digits are centred and about the same size, and most pixels are empty. That alone makes
# a poor guess look good, so let us measure two guesses to have something to beat:
#
# - the **mean digit**: answer every image with the average of all training images;
# - **PCA**: the best that *linear* networks with 32 numbers in the middle can do (Baldi & Hornik, 1989).
#   The directions in which the images vary most are found by linear algebra, without training.

# %%
mean = data.train_images.mean(0)
_, _, V = torch.pca_lowrank(data.train_images, q=LATENT_DIM, niter=4)  # V: (784, 32)
linear = mean + (data.test_images - mean) @ V @ V.T  # 784 => 32 => 784

print(f"mean digit: {F.mse_loss(mean.expand_as(data.test_images), data.test_images):.4f}")
print(f"PCA with {LATENT_DIM} numbers: {F.mse_loss(linear, data.test_images):.4f}")

# %% [markdown]
# ## Exercise 1: `Encoder`
#
# *Difficulty 1 of 4, about 10 minutes.*
#
# The encoder maps an image to its code: $z = f(x)$, here with one hidden layer of, say, 256 units,
#
# $$ h = \mathrm{ReLU}(W_1 x + b_1), \qquad z = W_2 h + b_2 . $$
#
# The last layer is **linear**: no activation after it. A code is a free coordinate in the latent space, and
# may be negative or large. A ReLU there would throw away every negative value, and with it half of the
# space.


# %% nbgrader={"grade_id": "Encoder", "solution": true}
class Encoder(nn.Module):
    """Turns images into codes.

    Shape: (B, 784) -> (B, latent_dim), float32.
    """

    def __init__(self, latent_dim: int = 32) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden = nn.Linear(784, 256)
        self.code = nn.Linear(256, latent_dim)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        h = F.relu(self.hidden(x))  # (B, 784) => (B, 256)
        return self.code(h)  # (B, 256) => (B, latent_dim)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Encoder", "grade": true, "locked": true}
check("Encoder")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Make two layers in `__init__`, `nn.Linear(784, 256)` and `nn.Linear(256, latent_dim)`, and call them in
# `forward` with `F.relu` between them. Or put all three into one `nn.Sequential`. More layers or other widths
# are just as right.
#
# </details>
# <details><summary>What you should see</summary>
#
# For a batch of 5 images a tensor of shape `(5, 32)` with values of either sign.
#
# </details>

# %% [markdown]
# ## Exercise 2: `Decoder`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# The decoder goes the way back, $\hat x = g(z)$, as the mirror image of the encoder:
#
# $$ h = \mathrm{ReLU}(W_3 z + b_3), \qquad \hat x = \sigma(W_4 h + b_4), \qquad
# \sigma(a) = \frac{1}{1 + e^{-a}} . $$
#
# Here the last layer does need an activation: pixels lie between 0 and 1, and the sigmoid $\sigma$ keeps the
# output exactly there.


# %% nbgrader={"grade_id": "Decoder", "solution": true}
class Decoder(nn.Module):
    """Turns codes into images.

    Shape: (B, latent_dim) -> (B, 784), float32, every value between 0 and 1.
    """

    def __init__(self, latent_dim: int = 32) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        ### BEGIN SOLUTION
        self.hidden = nn.Linear(latent_dim, 256)
        self.pixels = nn.Linear(256, 784)
        ### END SOLUTION

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        h = F.relu(self.hidden(z))  # (B, latent_dim) => (B, 256)
        return torch.sigmoid(self.pixels(h))  # (B, 256) => (B, 784)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Decoder", "grade": true, "locked": true}
check("Decoder")

# %% [markdown]
# <details><summary>Hint</summary>
#
# The encoder's layers in reverse order, and `torch.sigmoid(...)` (or `nn.Sigmoid()`) at the very end.
#
# </details>
# <details><summary>What you should see</summary>
#
# Before training, every output is close to 0.5: grey everywhere. That is right: the last layer starts near
# 0, and $\sigma(0) = 0.5$.
#
# </details>

# %% [markdown]
# ## Exercise 3: `AutoEncoder`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# Put the two together: $\hat x = g(f(x))$. Keep them as `.encoder` and `.decoder`, because later you will use
# each on its own: the encoder to look at codes, the decoder to draw from codes of your own making.


# %% nbgrader={"grade_id": "AutoEncoder", "solution": true}
class AutoEncoder(nn.Module):
    """An encoder and a decoder in a row, as `.encoder` and `.decoder`.

    Shape: (B, 784) -> (B, 784), float32.
    """

    def __init__(self, latent_dim: int = 32) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        ### BEGIN SOLUTION
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        z = self.encoder(x)  # (B, 784) => (B, latent_dim)
        return self.decoder(z)  # (B, latent_dim) => (B, 784)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_AutoEncoder", "grade": true, "locked": true}
check("AutoEncoder")

# %% [markdown]
# <details><summary>Hint</summary>
#
# In `__init__`, make `self.encoder = Encoder(latent_dim)` and the decoder alike. If you leave `latent_dim`
# out there, everything works until someone asks for another size than 32.
#
# </details>
# <details><summary>What you should see</summary>
#
# With hidden layers of 256 units: 419,120 parameters, from
# `sum(p.numel() for p in AutoEncoder().parameters())`.
#
# </details>

# %% [markdown]
# ## Exercise 4: `reconstruction_loss`
#
# *Difficulty 1 of 4, about 5 minutes.*
#
# How far is a reconstruction from its image? The **mean squared error** answers with one number: the squared
# difference, averaged over *every element* of the batch, pixels and images alike,
#
# $$ \mathcal{L}(\hat x, x) = \frac{1}{B D} \sum_{b=1}^{B} \sum_{d=1}^{D} (\hat x_{bd} - x_{bd})^2 . $$
#
# A mean (and not a sum) makes the number comparable: it does not change when the batch is larger, and its
# root is the typical error of a pixel.


# %% nbgrader={"grade_id": "reconstruction_loss", "solution": true}
def reconstruction_loss(x_hat: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The mean squared error between reconstructions and images.

    Shapes: x_hat (B, 784), x (B, 784) -> scalar, with gradients with respect to x_hat.
    """
    ### BEGIN SOLUTION
    return F.mse_loss(x_hat, x)  # the same as ((x_hat - x) ** 2).mean(), in one pass
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_reconstruction_loss", "grade": true, "locked": true}
check("reconstruction_loss")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `(x_hat - x) ** 2` has shape `(B, 784)`; `.mean()` without arguments averages all of it. `F.mse_loss` does
# the same in one call.
#
# </details>
# <details><summary>What you should see</summary>
#
# 0 for equal tensors; 0.25 if every pixel is off by 0.5.
#
# </details>

# %% [markdown]
# ## Exercise 5: `train_step`
#
# *Difficulty 2 of 4, about 15 minutes.*
#
# One step of learning: look at one batch $x$, and move every parameter $\theta$ of the model a little way
# down the slope of the loss. Plain gradient descent would be $\theta \leftarrow \theta - \eta \,
# \nabla_\theta \mathcal{L}$ with a learning rate $\eta$; the optimiser (Adam: Kingma & Ba, 2015) does that
# with a rate for each parameter. The order of events:
#
# 1. set the model to train mode;
# 2. compute the loss of this batch;
# 3. clear the gradients of the step before, since PyTorch adds new gradients to old ones;
# 4. compute the gradients;
# 5. let the optimiser make its step;
# 6. return the loss from 2, as a plain number.


# %% nbgrader={"grade_id": "train_step", "solution": true}
def train_step(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> float:
    """Make one optimiser step on the batch x, in train mode.

    Shape: x (B, 784). Returns the loss of this batch before the update, as a Python float.
    """
    ### BEGIN SOLUTION
    model.train()
    loss = reconstruction_loss(model(x), x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_train_step", "grade": true, "locked": true}
check("train_step")

# %% [markdown]
# <details><summary>Hint</summary>
#
# One line for each item of the list: `model.train()`, `reconstruction_loss(model(x), x)`,
# `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`, `loss.item()`. If you return `loss` itself
# in place of `loss.item()`, the whole graph of the computation stays in memory with it.
#
# </details>
# <details><summary>What you should see</summary>
#
# Called again and again on the same batch, it returns smaller and smaller numbers: from about 0.23 (grey
# pictures) to below 0.07 within 50 steps of Adam at a learning rate of 0.001.
#
# </details>

# %% [markdown]
# ## Exercise 6: `evaluate`
#
# *Difficulty 2 of 4, about 10 minutes.*
#
# The loss on images that the model has not learned from tells whether it understood digits or only learned
# its own by heart. Measuring must not disturb: in **eval mode** (layers such as dropout behave differently
# there), **without gradients** (they cost time and memory), and with the mode that the model had before
# **restored** afterwards, whichever it was.


# %% nbgrader={"grade_id": "evaluate", "solution": true}
def evaluate(model: nn.Module, x: torch.Tensor) -> float:
    """The reconstruction loss on the images x, in eval mode and without gradients.

    Shape: x (N, 784). Returns a Python float; leaves the model in the mode in which it was.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = reconstruction_loss(model(x), x).item()
    model.train(was_training)
    return loss
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_evaluate", "grade": true, "locked": true}
check("evaluate")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `model.training` is `True` in train mode and `False` in eval mode; remember it first. `model.train(mode)`
# takes such a value. Compute the loss inside `with torch.no_grad():`.
#
# </details>
# <details><summary>What you should see</summary>
#
# About 0.23 for a model that has not been trained. Called twice, it gives the same number twice.
#
# </details>

# %% [markdown]
# ## Does it learn?
#
# Before the long run, a short one: the grader trains your code on a small set of digits for a few seconds
# and compares with the same network trained by steps that are known to be right. If the two curves part,
# the check says so, and which exercise to look at first.

# %% nbgrader={"grade_id": "check_learns", "grade": true, "locked": true}
check("learns")

# %% [markdown]
# ## The full run
#
# Adam at a learning rate of 0.001, batches of 128, 20 times through all digits. `fit` (in
# `course/training.py`, half a screen of plain Python) shuffles the images, cuts them into batches, calls
# your `train_step` on each and your `evaluate` after every epoch.
#
# `fused=True` lets Adam update all parameters in one go: the same numbers, a quarter less time.

# %% tags=["train"]
if ready("Encoder", "Decoder", "AutoEncoder", "reconstruction_loss", "train_step", "evaluate"):
    set_seed(0)
    model = AutoEncoder(LATENT_DIM).to(DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=DEVICE.type != "mps")

    def step(x):
        return train_step(model, optimizer, x)

    def test():
        return evaluate(model, data.test_images)

    history = fit(step, data.train_images, epochs=EPOCHS, batch_size=BATCH_SIZE, evaluate=test)
    print(history)

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With the 10,000 digits: a test loss of about 0.011 after 20 epochs, within half a minute on a laptop; with
# all 60,000 it takes six times as long and ends lower still. PCA stays at 0.018, so the bends that ReLU
# allows are worth a lot.
#
# </details>
#
# Once more as a picture, now with a logarithmic axis, which shows the late epochs as well as the early ones:

# %%
if ready("history"):
    plotting.show(
        plotting.loss_curve(history, log=True),
        alt="Training and test loss over the epochs on a logarithmic axis: both fall fast at "
        "first, then ever more slowly, and stay close to each other.",
    )

# %% [markdown]
# **What to see:** both curves fall fast at first and then slowly, and they still fall at the end: more epochs
# would help a little. The test curve ends slightly above the training curve. That gap is what the
# model has learned by heart; with 60,000 digits it nearly vanishes.

# %% [markdown]
# ## Reconstructions
#
# A number is not a picture. Here is one test digit of each kind, and what came out after the 32 numbers:

# %%
first_of_each = [int((data.test_labels == digit).nonzero()[0]) for digit in range(10)]
examples = data.test_images[first_of_each]  # (10, 784)

if ready("model"):
    model.eval()
    with torch.no_grad():
        examples_hat = model(examples)  # (10, 784)
    plotting.show(
        plotting.reconstructions(examples, examples_hat),
        alt="Top row: one test digit of each kind, 0 to 9. Bottom row: their reconstructions, "
        "easy to read, a little softer than the originals.",
    )

# %% [markdown]
# **What to see:** every digit is easy to read, with the slant and the loops of its original, yet softer,
# and odd little hooks are gone. The squared error punishes a sharp stroke in a slightly wrong place twice
# (ink where there is none, none where there is ink), so where the model is unsure, it paints grey.

# %% [markdown]
# ## The latent space
#
# What do the 32 numbers mean? Nobody told the model about classes. Let us look at the codes of 2,000 test
# digits, projected on the two directions in which they vary most, each drawn as the digit that it stands
# for:

# %%
if ready("model"):
    model.eval()
    with torch.no_grad():
        codes = model.encoder(data.test_images[:2000])  # (2000, 32)
    plotting.show(
        plotting.latent_scatter(codes, data.test_labels[:2000]),
        alt="Scatter plot of 2,000 codes in two dimensions, each drawn as its digit: the same "
        "digits lie together in loose clouds, ones and zeros far apart, while fours, sevens "
        "and nines overlap.",
    )

# %% [markdown]
# **What to see:** digits of a kind gather, though no label was ever used: similar images get similar codes,
# for the decoder is smooth. Clouds that overlap here (4, 7 and 9, or 2, 3 and 5) may still be apart in the
# other 30 dimensions. And look at the edges and gaps: no rule says how far out codes lie, or what is
# between.

# %% [markdown]
# ## Exercise 7: `interpolate`
#
# *Difficulty 2 of 4, about 15 minutes.*
#
# Walk from one digit to another, not by blending pixels but through the latent space. With the codes $z_0 =
# f(x_\text{start})$ and $z_1 = f(x_\text{end})$, take evenly spaced points on the line between them and
# decode each:
#
# $$ \hat x_i = g\big( (1 - t_i) \, z_0 + t_i \, z_1 \big), \qquad t_i = \frac{i}{n - 1}, \qquad
# i = 0, \dots, n - 1 \qquad (n = \texttt{steps}). $$
#
# Both ends are included: the first image is the reconstruction of the start, the last that of the end.


# %% nbgrader={"grade_id": "interpolate", "solution": true}
def interpolate(
    model: nn.Module,
    x_start: torch.Tensor,
    x_end: torch.Tensor,
    steps: int,
) -> torch.Tensor:
    """Decode evenly spaced points on the line between two codes, both ends included.

    Shapes: x_start (784,), x_end (784,) -> (steps, 784). steps is at least 2.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        z_start = model.encoder(x_start.unsqueeze(0))  # (784,) => (1, 784) => (1, L)
        z_end = model.encoder(x_end.unsqueeze(0))
        t = torch.linspace(0, 1, steps, device=z_start.device).unsqueeze(1)  # (steps, 1)
        z = (1 - t) * z_start + t * z_end  # (steps, L)
        return model.decoder(z)  # (steps, 784)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_interpolate", "grade": true, "locked": true}
check("interpolate")

# %% [markdown]
# <details><summary>Hint</summary>
#
# A network wants a batch: `x_start.unsqueeze(0)` has shape `(1, 784)`. `torch.linspace(0, 1, steps)` gives
# the $t_i$; as a column, `.unsqueeze(1)`, it multiplies a row of codes into a table `(steps, L)`.
#
# </details>
# <details><summary>What you should see</summary>
#
# Two steps give just the two reconstructions. With three, the middle one is *not* the average of the two
# images.
#
# </details>
#
# Your walk through the latent space, and below each the plain blend of the two images for comparison:

# %%
if ready("model", "interpolate"):
    strips, names = [], []
    t = torch.linspace(0, 1, 11, device=DEVICE).unsqueeze(1)  # (11, 1)
    for start, end in [(0, 6), (3, 8), (4, 9)]:
        x_start, x_end = examples[start], examples[end]
        strips += [interpolate(model, x_start, x_end, steps=11)]
        strips += [(1 - t) * x_start + t * x_end]
        names += [f"{start} to {end}, codes", f"{start} to {end}, pixels"]
    plotting.show(
        plotting.interpolation(strips, labels=names),
        alt="Walks in eleven steps from 0 to 6, 3 to 8 and 4 to 9. Through the codes, strokes "
        "bend and move; in the pixel blends below them, one digit fades out while the other "
        "fades in.",
    )

# %% [markdown]
# **What to see:** in the blend of pixels, one digit fades while the other appears, and the middle is a
# double exposure of both. Through the codes, strokes bend and move, and most steps are something a hand
# might have drawn. Most: find one in the middle that is not a digit at all. The line passed through a gap.

# %% [markdown]
# ## Can it invent digits?
#
# If a code gives a digit, a *random* code should give a random digit: that would make the decoder a machine
# that invents handwriting. Two attempts:
#
# 1. $z \sim \mathcal N(0, I)$, the usual choice when one knows nothing;
# 2. a fairer one: each of the 32 numbers drawn independently, with the mean and spread that real codes have.

# %%
if ready("model", "codes"):
    typical = codes.norm(dim=1).mean()
    print(f"distance from the origin: real codes {typical:.1f}, N(0, I) {LATENT_DIM**0.5:.1f}")
    noise = torch.randn(10, LATENT_DIM, device=DEVICE)
    with torch.no_grad():
        standard = model.decoder(noise)  # (10, 784)
        matched = model.decoder(codes.mean(0) + codes.std(0) * noise)  # (10, 784)
    plotting.show(
        plotting.interpolation(
            [standard, matched, examples_hat],
            labels=["N(0, I)", "matched", "real codes"],
        ),
        alt="Top row: decodings of standard normal codes, vague smudges. Middle row: codes with "
        "matched mean and spread, strokes that rarely form a digit. Bottom row: decodings of "
        "real codes, clear digits.",
    )

# %% [markdown]
# **What to see:** smudges from the first, tangles of strokes from the second, with a digit here and there by
# luck; and the bottom row, from real codes, shows that the decoder is not to blame. It was only ever asked to
# decode codes that the encoder made. These fill a thin, curved part of the 32-dimensional space, the loss
# never said where that part should lie, and nearly all random points miss it.
#
# An autoencoder compresses; it does not generate. For that, the codes must be told where to live. That is
# one extra term in the loss, and the next lab: the **variational** autoencoder.

# %% [markdown]
# ## For discussion
#
# Answer in your own words, three to six sentences each; refer to your figures and numbers. A person reads
# these.

# %% [markdown]
# **Question 1: copying and inventing.** Your decoder draws clear digits from the encoder's codes and
# smudges from random ones. Explain why, by what the loss asks for and what it leaves open. Name one change
# to the model, the loss or the way of choosing codes that would make random decodings better, and say why
# it should.

# %% [markdown] nbgrader={"grade_id": "discussion_1", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** The loss only compares $g(f(x))$ with $x$ on data, so the decoder is trained only at
# codes that the encoder produces. Where those codes lie (their centre, scale, shape, the gaps between
# clouds) is left open: any invertible rearrangement of the codes that the decoder undoes has the same loss.
# So they fill a thin, curved region, and a random $z$ almost surely falls outside of it, where the decoder
# was never asked for anything. Drawing each number with the right mean and spread still ignores how the 32
# numbers depend on each other. Changes that help: a penalty that pulls the codes' distribution to N(0, I)
# (VAE, adversarial or Wasserstein AE); a density fitted to the codes afterwards (full covariance, mixture
# of Gaussians, flow) and sampled; noise on the codes in training, which closes gaps; decoding points
# between neighbouring real codes.
#
# **Rubric, 5 points.** 2: trained only where the encoder's codes lie. 1: the loss leaves the distribution
# of codes open. 1: a change that can work. 1: why it works, in terms of where codes lie or where the
# decoder is trained.
# ### END SOLUTION

# %% [markdown]
# **Question 2: the width of the middle.** What would you expect of the test loss, the codes and the random
# decodings with `latent_dim=2`, and with `latent_dim=784`? And how well could the model do with 32 numbers
# if you took out every ReLU (and the sigmoid)? Try at least one of them if you can, and report what you
# measured.

# %% [markdown] nbgrader={"grade_id": "discussion_2", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** With 2 numbers the loss is far higher (about 0.045 on the small set) and reconstructions
# turn to typical digits of a class, but the codes fill a plane that can be looked at, and random ones hit
# more often. With 784, copying is possible in principle: the loss falls further (to about 0.006), limited by
# the hidden layer and by training, while nothing forces the code to sum anything up, so codes tell less and
# random ones miss even more. A small loss is therefore no proof of a good representation. Without
# non-linear functions both networks are matrices; the best product of rank 32 is PCA (Baldi & Hornik,
# 1989), so the loss can come down to that of PCA, 0.018, and not below.
#
# **Rubric, 5 points.** 1: two numbers, worse and blurrier, with the reason. 2: a wide middle allows copying,
# and a low loss then says little about the codes. 2: linear means PCA, with its loss as the bound (1 for
# "worse, as it is only linear").
# ### END SOLUTION

# %% [markdown]
# **Question 3: what the loss sees.** Reconstructions are softer than the originals. Why does the mean
# squared error bring that about, and what would it say of two reconstructions of a thin vertical stroke: a
# sharp one, moved two pixels to the side, and a wide grey blur in the right place? Is a smaller test loss
# always a better picture?

# %% [markdown] nbgrader={"grade_id": "discussion_3", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** For each pixel the squared error is least at the *mean* of what could be there given
# the code. 32 numbers do not fix every edge, so the best answer for an uncertain pixel is a grey between
# ink and paper: blur is the optimal hedge, not a failure of training. The moved sharp stroke pays twice,
# for ink where there is none and for missing ink, while the blur pays a little everywhere: the blur gets
# the smaller loss although a person would prefer the sharp stroke. So a smaller MSE is a better picture
# only within limits: it measures pixels one by one and knows nothing of shapes. (Perceptual or adversarial
# losses ask for something else; the GAN lab does.)
#
# **Rubric, 5 points.** 2: the optimum under squared error is a mean, hence grey where uncertain. 2: the moved
# stroke counted twice, the blur preferred. 1: loss and visual quality can disagree, with a reason.
# ### END SOLUTION

# %% [markdown]
# ## Save and hand in
#
# This writes your weights to `ae.safetensors` beside the notebook, and a few codes, pictures and the
# history to `ae_outputs.safetensors`, from which later labs draw. (To go on another day without training
# again: `model = AutoEncoder(LATENT_DIM)`, then `load_checkpoint("ae", model=model)` from `course`.)

# %%
if ready("model"):
    save_checkpoint("ae", model=model)

if ready("history", "evaluate", "codes", "examples_hat", "strips", "standard"):

    def invent(n):
        """Decode n codes with the mean and the spread of real ones: the fairer of the two attempts above."""
        with torch.no_grad():
            noise = torch.randn(n, LATENT_DIM, device=DEVICE)
            return model.decoder(codes.mean(0) + codes.std(0) * noise)

    set_seed(1)
    invented = invent(2000)
    seen = see_digits(invented)
    with torch.no_grad():
        copies = model(data.test_images[:64])
    save_outputs(
        "ae",
        history=history,
        codes=codes,  # (2000, latent_dim), of the first 2,000 test digits
        labels=data.test_labels[:2000],
        examples=examples,  # (10, 784), one of each digit
        reconstructions=examples_hat,
        interpolation=torch.stack(strips[::2]),  # (3, 11, 784), the walks through the codes
        samples=standard,  # (10, 784), decoded from N(0, I)
        # What lab 4 compares.
        sample_features=seen.features.float(),  # (2000, 48)
        sample_labels=seen.classes,  # (2000,), -1 for none
        sample_pictures=(invented[:64] * 255).round().to(torch.uint8),  # (64, 784), bytes
        copies=(copies * 255).round().to(torch.uint8),  # (64, 784), of the first 64 test digits
        reconstruction_error=evaluate(model, data.test_images),
        parameters=sum(p.numel() for p in model.parameters()),
        seconds_sampling=seconds_for(lambda: invent(1000)),
    )

# %% [markdown]
# The last check reads that file. It measures your model on digits that are in no training set: what it says
# now is what the grader will say.

# %% nbgrader={"grade_id": "check_trained_model", "grade": true, "locked": true}
check("trained_model")

# %% [markdown]
# **Hand in** this notebook, saved, and `ae.safetensors`, in the way your course tells you. Names matter
# less than content: a notebook called `ae (1).ipynb` is found as well.
#
# ## To read on
#
# - G. Hinton and R. Salakhutdinov, *Reducing the dimensionality of data with neural networks*, Science 313,
#   2006.
# - P. Baldi and K. Hornik, *Neural networks and principal component analysis: learning from examples
#   without local minima*, Neural Networks 2(1), 1989.
# - D. Kingma and J. Ba, *Adam: a method for stochastic optimization*, ICLR 2015.
# - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, chapter 14, MIT Press 2016.
