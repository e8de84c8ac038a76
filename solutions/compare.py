# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 4: Which model is better, and how would you know?
#
# **Goal.** You have three models that draw: one that copies, one with a latent space that knows its place, one that
# learned from a judge. Everybody has heard how they differ: "autoencoders are accurate but unstructured, VAEs are structured
# but blurry, GANs are diverse but unstable". You write the measures by which such a sentence can be wrong, understand what
# each of them sees and what it overlooks, put the three models on one table, and find out which parts of the sentence hold
# for *your* models.
#
# **How this notebook works.**
#
# - Five exercises, each a cell with a stub. Replace the line that raises `NotImplementedError`, then run the
#   cell and the one below it: `check("...")` says within a moment what is right and what is not. It is the
#   grader itself, so you always know where you stand, and a mistake in one exercise never costs you another.
# - Each exercise tells its difficulty (1 easy to 4 hard) and about how long it takes. Hints and expected
#   results are folded away: click on the small triangle.
# - You may run the whole notebook at any time. What is not written yet says so, and the rest goes on.
# - Last come two questions for discussion, which a person reads. They count for more than in the other labs.
#
# All in all: about three hours. Nothing is trained here, so the computer needs less than a minute, and no GPU. Labs 1 to 3
# are not needed either: where their outputs are missing, examples that come with the course take their place.

# %% [markdown]
# ## The idea
#
# **Why not compare the losses?** The autoencoder's is a mean of squared differences, the VAE's a bound on a
# log-probability, the GAN's says how it stands against its own judge. Three numbers in three units; the
# last is not even about pictures. And none of them is what we want to know, which is at least four things:
#
# | question | asked of | measured by |
# |---|---|---|
# | Does it copy well? | models with an encoder | reconstruction error |
# | Does it *invent* well? | all | Frechet distance, precision, recall, coverage of modes |
# | Do its codes know anything? | models with an encoder | separability of the codes |
# | What does it cost? | all | parameters, seconds to train and to sample |
#
# **Sets, not pictures.** An invented picture has no original to be compared with. So what we compare is two *sets*: 2,000
# samples with 2,000 real pictures. They should be hard to tell apart, as sets: the same kinds of
# pictures, equally often, with as much variety.
#
# **Features, not pixels.** Move a digit by one pixel, and it is far from itself pixel by pixel, though for us nothing has
# changed. So every picture is first shown to a small network that was trained to tell the ten digits apart (another one,
# the ten movements of the art). Its last hidden layer describes a picture by 48 numbers (64 for art) that tell about
# strokes and shapes. They are the same networks that grade you.
#
# ```text
#   2,000 samples  --- feature network --->  (2000, D) --+
#                                                        +--->  how far apart? who lies where?
#   2,000 real     --- feature network --->  (2000, D) --+
# ```
#
# **A number alone says nothing.** Is a Frechet distance of 27 good? Each measure is taken twice more: for *other real
# pictures* in the place of samples, which no honest model can beat, and for *noise*, which knows nothing. Between
# the two, even models of digits and a model of art can be set beside each other.

# %% [markdown]
# ## Setup
#
# `course` is the small library of these labs; it is written to be read, and nothing in it solves an exercise. `load_outputs`
# looks for what the last cells of your labs 1 to 3 saved, and says whether it took yours or the examples.

# %%
import math

import pandas as pd
import torch
from IPython.display import display

from course import (
    check,  # asks the grader about one exercise
    largest_rise,  # by how much a curve that should fall has risen
    load_art,
    load_gallery,
    load_gan_runs,  # recorded trainings of GANs
    load_mnist,
    load_outputs,  # what labs 1 to 3 saved, or examples that come with the course
    plotting,
    ready,  # is an exercise written yet?
    see_art,  # features and movements of paintings
    see_digits,  # features and digits of pictures
    set_seed,
    sharpness,  # the share of fine detail in pictures
    spectrum,  # how much contrast there is at each frequency
)

LAB = "compare"  # whose parts `check` judges
ART = "painter"  # what your GAN learned from: "painter", "gallery", or a folder of pictures of your own

set_seed(0)
outputs = {"AE": load_outputs("ae"), "VAE": load_outputs("vae"), "GAN": load_outputs("gan")}
KIND = {"AE": "digits", "VAE": "digits", "GAN": "art"}  # what each of them draws
data = load_mnist()

# %% [markdown]
# Now the real pictures, in two halves of up to 2,000 that have none in common: one to compare samples with, `REAL`, and one
# that plays the part of a **perfect model**, `OTHER`. And `NOISE`: pictures whose pixels are drawn at random. All of them are
# looked at by the feature networks, which takes some ten seconds. (If the course's art was never painted on this computer,
# another half minute.)

# %%
if ART == "painter":
    art = load_art()
    paintings, movements = art.images, art.movements
else:
    pictures = load_gallery(None if ART == "gallery" else ART)
    print(pictures.summary())
    paintings, movements = pictures.images, [str(i) for i in range(10)]  # nobody has sorted these


def in_two_halves(pictures, see):
    """Features of pictures at random: up to 2,000, and as many others."""
    half = min(2000, len(pictures) // 2)
    features = see(pictures[torch.randperm(len(pictures))[: 2 * half]]).features
    return features[:half], features[half:]


REAL, OTHER = {}, {}
REAL["digits"], OTHER["digits"] = in_two_halves(data.train_images, see_digits)
REAL["art"], OTHER["art"] = in_two_halves(paintings, see_art)
NOISE = {
    "digits": see_digits(torch.rand(500, 784)).features,
    "art": see_art(torch.rand(500, 3, 64, 64) * 2 - 1).features,
}
samples = {model: own["sample_features"].double() for model, own in outputs.items()}

for model, features in samples.items():
    print(f"{model:3}: {len(features):,} samples of {KIND[model]}, {features.shape[1]} features each")

# %% [markdown]
# Before any number, look. A measure that disagrees with your eyes is not wrong for that, but you should know why.

# %%
plotting.show(
    plotting.picture_rows(
        {
            "real digits": data.train_images[:12],
            "AE": outputs["AE"]["sample_pictures"],
            "VAE": outputs["VAE"]["sample_pictures"],
            "real art": paintings[:12],
            "GAN": outputs["GAN"]["sample_pictures"],
        }
    ),
    alt="Five rows of twelve pictures: real digits; tangled strokes that the AutoEncoder decoded from random codes; softer "
    "samples of the VAE, some of them legible; real abstract paintings; samples of the GAN in similar colours and layouts.",
)

# %% [markdown]
# **What to see:** the autoencoder was never meant to invent; what it shows here are codes drawn at random with the mean and the
# spread of real codes (the fairer of the two attempts in lab 1). Some pass for digits, as some of the VAE's do, and those are softer. The GAN has the
# colours and the layouts of its art, and a weave over them that the art has not. Guess an order before you measure it.

# %% [markdown]
# ## Exercise 1: `frechet_distance`
#
# *Difficulty 4 of 4, about 40 minutes.*
#
# How far apart are two clouds of points? Think of sand: how far must one carry it, at best, to make the second heap from the
# first? Let $x$ be a point of the first cloud and $y$ the place in the second that it is carried to. Over
# all ways of pairing the two (all joint distributions that have the right margins), the cheapest one costs
#
# $$ d^2 = \min \; \mathbb E \, \| x - y \|^2 . $$
#
# This is the squared **Frechet distance** (also: 2-Wasserstein distance). For clouds in general it is hard to compute. For
# two *Gaussians* there is a formula, so one fits a Gaussian to each cloud, mean $\mu$ and covariance $\Sigma$, and
# takes the distance of these (Dowson & Landau, 1982; for pictures Heusel et al., 2017).
#
# **One dimension.** Carry the point that lies $t$ standard deviations from the first mean to the one that lies $t$ from
# the second: $x = \mu_a + \sigma_a t$, $y = \mu_b + \sigma_b t$ with $t \sim \mathcal N(0, 1)$. Then
#
# $$ \mathbb E (x - y)^2 = \mathbb E \big( (\mu_a - \mu_b) + (\sigma_a - \sigma_b) t \big)^2 =
# (\mu_a - \mu_b)^2 + \sigma_a^2 + \sigma_b^2 - 2 \sigma_a \sigma_b . $$
#
# **More dimensions.** Write $A$, $B$ for the covariances and $C$ for the covariance between $x$ and $y$, which is
# what the pairing decides. Multiply out:
#
# $$ \mathbb E \| x - y \|^2 = \| \mu_a - \mu_b \|^2 + \mathrm{Tr}\, A + \mathrm{Tr}\, B - 2 \, \mathrm{Tr}\, C . $$
#
# So $\mathrm{Tr}\, C$ should be as large as possible, and the one limit is that $x$ and $y$ together must have a covariance
# that is one (no negative eigenvalues). The largest value is $\mathrm{Tr}\, (A B)^{1/2}$, which in one dimension is $\sigma_a
# \sigma_b$, as above:
#
# $$ \boxed{\; d^2 = \| \mu_a - \mu_b \|^2 + \mathrm{Tr} \big( A + B - 2 (A B)^{1/2} \big) \;} $$
#
# **Computing it without accidents.** $A B$ is not symmetric, and a general square root of a matrix may come out complex, or
# NaN where a covariance has no full rank (fewer points than features, or a feature that is constant). But only the trace is
# needed. With the symmetric root $A^{1/2}$, the matrix $A B$ has the same eigenvalues as $A^{1/2} B A^{1/2} = M M^{\mathsf T}$ with
# $M = A^{1/2} B^{1/2}$. That one is symmetric, its eigenvalues are at least 0, and they are the squares of the
# singular values of $M$. So
#
# $$ \mathrm{Tr}\, (A B)^{1/2} = \sum_i \sqrt{\lambda_i(A B)} = \sum_i s_i \big( A^{1/2} B^{1/2} \big) . $$
#
# The root of a symmetric matrix comes from its eigenvalues and eigenvectors, $A = Q \Lambda Q^{\mathsf T}$, as $A^{1/2} = Q
# \Lambda^{1/2} Q^{\mathsf T}$; rounding can make an eigenvalue that should be 0 a little negative, so cut off there. Compute in
# **float64**: the distance is a small difference of large numbers.


# %% nbgrader={"grade_id": "frechet_distance", "solution": true}
def frechet_distance(features_a: torch.Tensor, features_b: torch.Tensor) -> float:
    """The squared Frechet distance of the Gaussians that fit two sets of features.

    Shapes: features_a (N, D), features_b (M, D), with at least 2 rows each. Returns a Python float, 0 for equal sets,
    finite whatever the rank of the covariances.
    """
    ### BEGIN SOLUTION

    def root(cov: torch.Tensor) -> torch.Tensor:  # the symmetric square root, (D, D) => (D, D)
        values, vectors = torch.linalg.eigh(cov)
        return vectors * values.clamp(min=0).sqrt() @ vectors.T

    a, b = features_a.double(), features_b.double()
    mean_a, mean_b = a.mean(0), b.mean(0)
    cov_a = (a - mean_a).T @ (a - mean_a) / (len(a) - 1)  # (D, D)
    cov_b = (b - mean_b).T @ (b - mean_b) / (len(b) - 1)
    cross = torch.linalg.svdvals(root(cov_a) @ root(cov_b)).sum()  # Tr (A B)^(1/2)
    distance = (mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross
    return max(distance.item(), 0.0)  # rounding makes that of equal sets a tiny negative number
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_frechet_distance", "grade": true, "locked": true}
check("frechet_distance")

# %% [markdown]
# <details><summary>Hint</summary>
#
# First `.double()`, then the means `a.mean(0)`. A covariance is `(a - mean).T @ (a - mean) / (len(a) - 1)`; `torch.cov` does
# the same, but wants features in rows, so give it `a.T`. `torch.linalg.eigh` returns eigenvalues and eigenvectors of a
# symmetric matrix, `torch.linalg.svdvals` the singular values of any.
#
# </details>
# <details><summary>Another hint, if the result is negative, complex or NaN</summary>
#
# Eigenvalues that should be 0 come out as `-1e-17`, and the square root of that is NaN: `.clamp(min=0)` before
# `.sqrt()`. (`scipy.linalg.sqrtm(A @ B)` is what many people write; it returns complex numbers where a covariance is not of
# full rank. Take `.real` of its trace then.)
#
# </details>
# <details><summary>What you should see</summary>
#
# 0 for a set and itself. Two sets of 10,000 normal numbers in two dimensions, one of them shifted by 3 in the first: about 9. One
# of them doubled instead: about 2, that is $(2 - 1)^2$ for each dimension.
#
# </details>

# %% [markdown]
# ### What is a distance of 27?
#
# First the three yardsticks. Then one more thing to know about the Frechet distance: it depends on **how many** pictures one
# takes. Mean and covariance of few pictures are inexact, each error adds to the distance, and none can take away, since a
# distance is never below 0. So even two sets of real pictures are apart, and the fewer they are, the further.

# %%
counts = [100, 200, 500, 1000, 2000]
if ready("frechet_distance"):
    floor = {kind: frechet_distance(OTHER[kind], REAL[kind]) for kind in REAL}
    noise = {kind: frechet_distance(NOISE[kind], REAL[kind]) for kind in REAL}
    for model, features in samples.items():
        kind = KIND[model]
        distance = frechet_distance(features, REAL[kind])
        print(f"{model:3} {distance:6.2f}   (other real {kind} {floor[kind]:.2f}, noise {noise[kind]:.0f})")

    def over_counts(one, other):
        return [frechet_distance(one[:n], other[:n]) for n in counts]

    plotting.show(
        plotting.distance_by_count(
            counts,
            {
                "noise, digits": [frechet_distance(NOISE["digits"], REAL["digits"][:n]) for n in counts],
                "AE": over_counts(samples["AE"], REAL["digits"]),
                "VAE": over_counts(samples["VAE"], REAL["digits"]),
                "GAN": over_counts(samples["GAN"], REAL["art"]),
                "other real digits": over_counts(OTHER["digits"], REAL["digits"]),
            },
        ),
        alt="Frechet distance over the number of pictures, on logarithmic axes. Noise far above, then AE and VAE close to each "
        "other, then the GAN, each falling a little with the number. The line of other real digits falls straight, to less than "
        "a tenth from 100 to 2,000 pictures.",
    )

# %% [markdown]
# **What to see:** the line of real pictures is nearly straight: twice as many pictures, half the distance or less. That is pure inexactness,
# about 0.2 at 2,000 pictures and more than ten times as much at 100. The models' lines fall too, and with 100 pictures some
# models would seem worse than they are. So distances are comparable only for the *same number* of pictures, and only
# with the *same features*: digits and art have different networks. That is why the table below gives the **remaining share** $(d -
# d_\text{floor}) / (d_\text{noise} - d_\text{floor})$: 0 for as good as real, 1 for as bad as noise.
#
# **What it assumes**: that mean and covariance say all that matters, as for Gaussians they do. Two clouds that agree in these
# have a distance of 0, whatever else they are. Here is a ring, and a blob of the same mean and covariance:

# %%
set_seed(0)
angle = 2 * math.pi * torch.rand(150, 1)
ring = torch.cat([angle.cos(), angle.sin()], dim=1) + 0.08 * torch.randn(150, 2)  # (150, 2)
blob = torch.randn(150, 2)
blob = (blob - blob.mean(0)) / blob.std(0) * ring.std(0) + ring.mean(0)
if ready("frechet_distance"):
    print(f"ring and blob: {frechet_distance(ring, blob):.3f}, two halves of the ring: ", end="")
    print(f"{frechet_distance(ring[:75], ring[75:]):.3f}")

# %% [markdown]
# By this measure the blob is as good a ring as another ring. We need a second opinion.

# %% [markdown]
# ## Exercise 2: `precision_recall`
#
# *Difficulty 3 of 4, about 30 minutes.*
#
# One number cannot tell *how* samples fail. Do they not look real, or is there too little variety? Two numbers can
# (Sajjadi et al., 2018; Kynkaanniemi et al., 2019):
#
# - **precision**: which share of the samples could be real?
# - **recall**: which share of the real pictures could the model have made?
#
# "Could be" needs a region for each set. Build it of balls: around each point of the set, as far as to the **$k$-th nearest
# other point of the same set**. Where points are dense the balls are small, where they are sparse they are large, and
# together they cover about the region where the set lives, whatever its shape. With $r_k(x)$ for the radius around $x$,
#
# $$ \text{precision} = \frac{1}{M} \, \# \big\{ y \in \text{fake} : \| y - x \| \le r_k(x) \text{ for some } x \in \text{real} \big\} , $$
#
# $$ \text{recall} = \frac{1}{N} \, \# \big\{ x \in \text{real} : \| x - y \| \le r_k(y) \text{ for some } y \in \text{fake} \big\} . $$
#
# The second is the first with the roles exchanged. Mind two things. The nearest point to a point is *itself*, at a distance of 0, and
# does not count. And each radius belongs to the **centre** of its ball, which in precision is a real picture and in recall a
# sample.


# %% nbgrader={"grade_id": "precision_recall", "solution": true}
def precision_recall(real: torch.Tensor, fake: torch.Tensor, k: int = 5) -> tuple[float, float]:
    """Improved precision and recall: the share of fakes among real pictures, and of real pictures among fakes.

    Shapes: real (N, D), fake (M, D), with more than k rows each. Returns two Python floats between 0 and 1.
    """
    ### BEGIN SOLUTION

    def share_inside(points: torch.Tensor, centres: torch.Tensor) -> float:
        among = torch.cdist(centres, centres)  # (n, n)
        radii = among.kthvalue(k + 1, dim=1).values  # (n,); the smallest is the centre itself
        inside = torch.cdist(points, centres) <= radii  # (m, n): is point i in the ball around centre j?
        return inside.any(dim=1).double().mean().item()

    real, fake = real.double(), fake.double()
    return share_inside(fake, real), share_inside(real, fake)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_precision_recall", "grade": true, "locked": true}
check("precision_recall")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `torch.cdist(a, b)` gives all distances, shape `(len(a), len(b))`. Sort the rows of `torch.cdist(centres, centres)`: column 0 is
# the point itself, column `k` the radius. Then ask for each point whether its distance to *any* centre is at most that
# centre's radius: mind along which axis the radii lie. Write it once, as a function of points and centres, and call it
# twice.
#
# </details>
# <details><summary>What you should see</summary>
#
# 1 and 1 for a set and itself. For two sets far apart 0 and 0. If all fakes are copies of one real picture,
# precision is 1 and recall 0: every fake could be real, and nothing but copies of it could be made.
#
# </details>
#
# The ring and the blob again. Each ball is drawn, so you can see what the two numbers count:

# %%
plotting.show(
    plotting.neighbourhoods(ring, blob),
    alt="Two panels with a ring of real points and a blob of samples. Left: small balls around the real points cover the ring; "
    "samples in the middle and far outside lie in none. Right: balls around the samples cover the whole disc and nearly "
    "all real points.",
)
if ready("precision_recall"):
    print("yours: precision {:.2f}, recall {:.2f}".format(*precision_recall(ring, blob)))

# %% [markdown]
# **What to see:** left, the balls of the ring leave its middle free, and the samples in there (drawn hollow) give the blob away:
# low precision. Right, the blob's balls reach nearly every point of the ring: high recall. Exactly what the Frechet
# distance could not see. Look at the rim too: a lonely sample far out has a huge ball, and claims a lot of land. Recall
# is generous to outliers (Naeem et al., 2020, mend that).

# %%
if ready("precision_recall"):
    for kind in REAL:
        print(
            "other real {:6}: precision {:.2f}, recall {:.2f}".format(
                kind, *precision_recall(REAL[kind], OTHER[kind])
            )
        )
    for model, features in samples.items():
        print(
            "{:17}: precision {:.2f}, recall {:.2f}".format(
                model, *precision_recall(REAL[KIND[model]], features)
            )
        )

# %% [markdown]
# Even a perfect model stays a little below 1: a real picture may lie outside of all balls of 2,000 others.

# %% [markdown]
# ## Exercise 3: `mode_coverage`
#
# *Difficulty 1 of 4, about 10 minutes.*
#
# Recall says *that* something is missing. Where the data has known kinds, ten digits or ten movements, we can also count *which*.
# A mode counts as **covered** if it holds at least a **tenth of its fair share** of the samples: of $n$ labels and $K$ modes,
# at least $\frac{n}{10 K}$,
#
# $$ \text{coverage} = \frac1K \, \# \big\{ k : n_k \ge \tfrac{1}{10} \cdot \tfrac nK \big\} . $$
#
# Why not "at least one"? Among 2,000 samples nearly anything turns up once, and be it by a mistake of the classifier. Why not the
# fair share itself? Half of all modes of a perfect model are below theirs, by chance.


# %% nbgrader={"grade_id": "mode_coverage", "solution": true}
def mode_coverage(labels: torch.Tensor, n_modes: int) -> float:
    """The share of modes that hold at least a tenth of their fair share of the samples.

    Shape: labels (N,), int64, from 0 to n_modes - 1. Returns a Python float between 0 and 1.
    """
    ### BEGIN SOLUTION
    counts = torch.bincount(labels, minlength=n_modes)  # (n_modes,), also of modes that nobody shows
    fair_share = len(labels) / n_modes
    return (counts >= fair_share / 10).double().mean().item()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_mode_coverage", "grade": true, "locked": true}
check("mode_coverage")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `torch.bincount` counts how often each label occurs. Without `minlength=n_modes` it stops at the largest label that it
# finds, and modes that are missing at the end are forgotten, though they are what you are looking for.
#
# </details>
# <details><summary>What you should see</summary>
#
# 1.0 for equal shares. 0.1 if all labels are the same and there are ten modes. For `labels = [0, 0, 0, 1]` and four modes: 0.5.
#
# </details>
#
# Samples that the feature network gives to no class with more than half of its belief have the label -1. They show none of
# the modes, so leave them out, and remember how many they are.


# %%
def shown(model):
    """The classes of those samples that show one."""
    labels = outputs[model]["sample_labels"]
    return labels[labels >= 0]


names = {"AE": "0123456789", "VAE": "0123456789", "GAN": movements}
plotting.show(
    plotting.coverage_of_models(
        {model: torch.bincount(shown(model), minlength=10) for model in outputs}, names
    ),
    alt="Three panels of ten bars: how many samples of the AE and of the VAE show each digit, and of the GAN each movement, with "
    "lines at the fair share and at a tenth of it. The AE makes hardly any zeros and many threes and fives; the GAN's shares differ too.",
)
for model, own in outputs.items():
    nothing = (own["sample_labels"] < 0).double().mean()
    words = f", coverage {mode_coverage(shown(model), 10):.1f}" if ready("mode_coverage") else ""
    print(f"{model:3}: {nothing:.0%} of the samples show nothing clearly{words}")

# %% [markdown]
# **What to see:** nobody is fair. All ten kinds are equally frequent in the art and nearly so among digits, but each model has
# its favourites. Hatched bars are below a tenth of the fair share: that mode is as good as missing. The strictness is a
# matter of choice: coverage forgives a great deal, and says nothing about variety *within* a mode.

# %% [markdown]
# ## Exercise 4: `latent_separability`
#
# *Difficulty 2 of 4, about 20 minutes.*
#
# Now the codes. AE and VAE never saw a label; do their codes know about digits all the same? Ask the neighbours: for each
# of 2,000 test digits, take the $k$ codes **nearest to its own**, leave itself out, let these vote with their labels, and
# see whether the majority is right. The share of right votes is the **leave-one-out accuracy** of a $k$-nearest-neighbour
# classifier. With ten classes, codes that know nothing reach 0.1.
#
# It needs no training, so that nothing is hidden in a clever classifier: if neighbours are of the same kind, the *space* is
# in order.


# %% nbgrader={"grade_id": "latent_separability", "solution": true}
def latent_separability(codes: torch.Tensor, labels: torch.Tensor, k: int = 5) -> float:
    """How often the k nearest other codes, by majority, have the label of a code.

    Shapes: codes (N, L), labels (N,) int64, with more than k rows. Returns a Python float between 0 and 1.
    """
    ### BEGIN SOLUTION
    distances = torch.cdist(codes.double(), codes.double())  # (N, N)
    distances.fill_diagonal_(math.inf)  # nobody votes on itself
    nearest = distances.topk(k, largest=False).indices  # (N, k)
    votes = labels[nearest].mode(dim=1).values  # (N,), the most frequent label of each row
    return (votes == labels).double().mean().item()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_latent_separability", "grade": true, "locked": true}
check("latent_separability")

# %% [markdown]
# <details><summary>Hint</summary>
#
# All distances by `torch.cdist`. `distances.fill_diagonal_(math.inf)` keeps each code from being its own neighbour; forget that,
# and with $k = 1$ everything is right. `topk(k, largest=False)` gives `.indices`, and `labels[indices]` the labels of all
# neighbours at once. `.mode(dim=1)` finds the most frequent value of each row.
#
# </details>
# <details><summary>What you should see</summary>
#
# 1.0 for two clouds far apart with a label each. About 0.1 for random labels out of ten. About 0.9 for the codes below.
#
# </details>
#
# What does 0.9 mean? Once more a number needs others beside it. The pixels themselves are a "code" of 784 numbers, and the
# 32 principal components of lab 1 one that was found without any network:

# %%
test_digits = data.test_images[: len(outputs["AE"]["labels"])]
mean = data.train_images.mean(0)
_, _, V = torch.pca_lowrank(data.train_images, q=32, niter=4)  # V: (784, 32)
spaces = {
    "pixels": test_digits,
    "PCA, 32 numbers": (test_digits - mean) @ V,
    "AE": outputs["AE"]["codes"],
    "VAE": outputs["VAE"]["codes"],
}
if ready("latent_separability"):
    for name, codes in spaces.items():
        print(f"{name:15} {latent_separability(codes, outputs['AE']['labels']):.3f}")

# %% [markdown]
# A picture of both spaces. Of 32 directions the plane can show two, those in which the codes vary most: the first two right
# singular vectors of the centred codes.


# %%
def flatten(codes):
    """The two directions in which codes (N, L) vary most: (N, 2)."""
    centred = codes - codes.mean(0)
    _, _, directions = torch.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:2].T


plotting.show(
    plotting.latent_maps({name: flatten(spaces[name]) for name in ("AE", "VAE")}, outputs["AE"]["labels"]),
    alt="Two scatter plots of 2,000 codes, each drawn as its digit. Left the AE: a wide cloud, on axes to about 15. Right the "
    "VAE: a compact cloud around the origin, on axes to about 4, the ones at its side. In both, digits of a kind lie together.",
)
if ready("frechet_distance"):
    for name in ("AE", "VAE"):
        codes = spaces[name]
        print(
            f"{name:3}: codes and N(0, I) are {frechet_distance(codes, torch.randn(codes.shape)):.1f} apart"
        )

# %% [markdown]
# **What to see:** both maps sort digits, and by the numbers neither is far ahead of the plain PCA: that similar images get
# similar codes is nearly enough. What differs is the *scale* on the axes, and the place. Your own `frechet_distance` tells it in
# one number, the distance of the codes from $\mathcal N(0, I)$, from which a model without data would draw. "Structured" may mean
# two things, then: sorted by kind, or known in its place. Keep them apart.

# %% [markdown]
# ## Is it blurred?
#
# "VAEs are blurry" can be measured too. A picture is a sum of waves, and blurring takes away the short ones. `spectrum` says how
# much contrast pictures have at each frequency; `sharpness` is the share of contrast that is **finer than five pixels**. For
# copies, compare with the originals; for samples, with real pictures.

# %%
originals = data.test_images[: len(outputs["AE"]["copies"])]
lines = {"originals": spectrum(originals)}
lines |= {f"{model}, copies": spectrum(outputs[model]["copies"] / 255) for model in ("AE", "VAE")}
lines |= {"VAE, samples": spectrum(outputs["VAE"]["sample_pictures"] / 255)}
painted = {"real art": spectrum(paintings[:1000])}
painted |= {"GAN, samples": spectrum(outputs["GAN"]["sample_pictures"] / 127.5 - 1)}
plotting.show(
    plotting.picture_rows(
        {"originals": originals, **{f"{m}, copies": outputs[m]["copies"] for m in ("AE", "VAE")}}
    ),
    alt="Three rows of twelve digits: originals, the copies of the AE and those of the VAE. All are legible; thin strokes are "
    "softer in the AE's and softest in the VAE's.",
)
plotting.show(
    plotting.spectra({"digits": lines, "art": painted}),
    alt="Power over frequency, on a logarithmic axis. Left: the copies of AE and VAE follow the originals at low frequencies and "
    "fall below them beyond 0.1 cycles per pixel, the VAE furthest. Right: the GAN's samples follow real art at low frequencies "
    "and lie above it, about twice as high, in fine detail.",
)

# %%
detail = {"digits": sharpness(data.train_images[:2000]).mean(), "art": sharpness(paintings[:1000]).mean()}
sharp = {}
for model, own in outputs.items():
    sharp[model] = {
        "sharpness of samples": float(sharpness(own["sample_pictures"]).mean() / detail[KIND[model]])
    }
    if "copies" in own:
        sharp[model]["sharpness of copies"] = float(
            sharpness(own["copies"]).mean() / sharpness(originals).mean()
        )
    print(
        f"{model:3}",
        ", ".join(f"{name} {value:.2f}" for name, value in sharp[model].items()),
        "(1: like real ones)",
    )

# %% [markdown]
# **What to see:** in the pictures, thin strokes and small gaps; in the curves, where a line leaves that of the real pictures.
# Both autoencoders lose fine detail, the VAE more: its code carries fewer nats, and the decoder averages over all images whose
# codes overlap. The GAN is *above* 1, and that is no compliment: the excess is the weave of lab 3, regular, fine and not in
# the art. Sharpness is a share of detail, not of *right* detail.

# %% [markdown]
# ## Exercise 5: `comparison_table`
#
# *Difficulty 2 of 4, about 15 minutes.*
#
# Now put all of it into one table. The results come as a dict of dicts, `{"AE": {"precision": 0.6, ...}, "VAE": {...}}`, and not
# every model has every metric: a GAN has no reconstruction error, an autoencoder no likelihood. A missing value must stay
# **visibly missing**, as NaN: a 0 there would be the best reconstruction error of all.
#
# Build a `pandas.DataFrame`: one row for each model, one column for each metric, both **in the order in which they are met**; what is
# missing or `None` is NaN. Leave `results` as it is.


# %% nbgrader={"grade_id": "comparison_table", "solution": true}
def comparison_table(results: dict[str, dict[str, float | None]]) -> pd.DataFrame:
    """One row for each model, one column for each metric, in the order met; what is missing is NaN.

    `results` maps the name of a model to its metrics, name to value, of which some may be missing or None.
    """
    ### BEGIN SOLUTION
    columns = list(dict.fromkeys(name for metrics in results.values() for name in metrics))  # no name twice
    rows = [[metrics.get(name) for name in columns] for metrics in results.values()]
    return pd.DataFrame(rows, index=list(results), columns=columns, dtype=float)  # None becomes NaN
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_comparison_table", "grade": true, "locked": true}
check("comparison_table")

# %% [markdown]
# <details><summary>Hint</summary>
#
# `pd.DataFrame.from_dict(results, orient="index")` is nearly it; look at the order of its rows and columns where the models have
# different metrics, and at the type of a column with `None`. Or collect the names of all metrics yourself, in order, and
# ask every model for each with `.get(name)`, which gives `None` where there is none.
#
# </details>
# <details><summary>What you should see</summary>
#
# For `{"AE": {"precision": 0.6}, "GAN": {"precision": 0.8, "recall": None}}` two rows, two columns, and NaN for both
# recalls.
#
# </details>

# %%
written = {
    name
    for name in ("frechet_distance", "precision_recall", "mode_coverage", "latent_separability")
    if ready(name)
}
results = {}
for model, own in outputs.items():
    kind, metrics = KIND[model], {}
    for name, key in (("reconstruction error", "reconstruction_error"), ("negative ELBO", "negative_elbo")):
        metrics[name] = float(own[key]) if key in own else None
    if "frechet_distance" in written:
        distance = frechet_distance(samples[model], REAL[kind])
        metrics["Frechet distance"] = distance
        metrics["of other real ones"], metrics["of noise"] = floor[kind], noise[kind]
        metrics["remaining share"] = (distance - floor[kind]) / (noise[kind] - floor[kind])
    if "precision_recall" in written:
        metrics["precision"], metrics["recall"] = precision_recall(REAL[kind], samples[model])
    if "mode_coverage" in written:
        metrics["coverage"] = mode_coverage(shown(model), 10)
    if "latent_separability" in written:
        metrics["separability"] = latent_separability(own["codes"], own["labels"]) if "codes" in own else None
    metrics |= {"sharpness of copies": None} | sharp[model]
    metrics["parameters"] = float(own["parameters"])
    metrics["seconds to train"] = float(own["seconds_training"])
    metrics["seconds to sample"] = float(own["seconds_sampling"])
    results[model] = metrics

if ready("comparison_table"):
    table = comparison_table(results)
    table.to_csv("comparison.csv")
    display(table.T.map(lambda value: "" if math.isnan(value) else f"{value:,.4g}"))

# %% [markdown]
# (Metrics in rows here, so that it fits the page; the file `comparison.csv` beside the notebook holds it as your function
# made it.) How to read it:
#
# - **reconstruction error**: squared error per pixel on test digits; the VAE's with the mean code. **negative ELBO** in nats: only the VAE says how
#   probable an image is. An empty place means "not defined", which is a result too.
# - **Frechet distance**, then the same for other real pictures and for noise, and the share of the way that remains.
# - **seconds to sample** are those for 1,000 pictures, **parameters** all that training fits, the GAN's judge
#   included. The seconds of the examples are those of one core; yours are those of your computer, and a painting has 16 times
#   as many numbers as a digit.

# %% [markdown]
# ## What one pays for what
#
# A table hides its trade-offs; pictures show them. In the first panel the best place is the upper right corner, in the other two
# the lower left.

# %%
if ready("table") and written >= {"frechet_distance", "precision_recall"}:
    perfect = {}
    for kind in REAL:
        found = precision_recall(REAL[kind], OTHER[kind])
        perfect[f"real {kind}"] = {"precision": found[0], "recall": found[1], "remaining share": 0.0}
    plotting.show(
        plotting.trade_offs(
            pd.DataFrame.from_dict(results | perfect, orient="index").astype(float),
            [
                ("recall", "precision"),
                ("seconds to sample", "remaining share"),
                ("reconstruction error", "remaining share"),
            ],
            log=["seconds to sample"],
        ),
        alt="Three panels with a marker for each model. Precision against recall, with real digits and real art in the upper right "
        "corner. Remaining share of the Frechet distance against seconds to sample: the GAN lowest and slowest. Remaining "
        "share against reconstruction error for AE and VAE: the better copier is the worse inventor.",
    )

# %% [markdown]
# **What to see:** left, how far each model is from the real pictures in the corner, and in which direction: too little variety
# (to the left) or too little likeness (down). Middle, what a sample costs. Right, AE and VAE: the one that copies
# better invents worse, for both have 32 numbers and spend them on different aims. There is no best model in these pictures before you say
# what for.

# %% [markdown]
# ## The sentence, checked
#
# "Autoencoders are accurate but unstructured, VAEs are structured but blurry, GANs are diverse but unstable." Each claim is now
# a comparison of numbers. Some words have two meanings, so they get two rows.
#
# - Two separabilities are two shares of $n = 2000$ digits; as a rule of thumb, they differ clearly if they are more than two
#   standard errors $\sqrt{2 p (1 - p) / n}$ apart.
# - **Unstable** first means that training goes back: by how much has a curve that should fall risen above its best value so far? For AE
#   and VAE take the test loss after each epoch, for the GAN the Frechet distance at its measurements.
# - And it means that a small change breaks it. Lab 3 recorded six runs of 1,000 steps: the recipe, and five with a single change.


# %%
def verdict(claim, holds, numbers):
    print(f"{'supported' if holds else 'refuted':9}  {claim}\n{'':11}{numbers}")


if ready("table") and len(written) == 4:
    t = table
    error, blur = t["reconstruction error"], t["sharpness of copies"]
    verdict(
        "AE: accurate",
        error["AE"] < error["VAE"],
        f"reconstruction error {error['AE']:.4f}, VAE {error['VAE']:.4f}",
    )

    p = t["separability"]
    clear = 2 * math.sqrt(2 * p["VAE"] * (1 - p["VAE"]) / len(test_digits))
    words = f"separability {p['AE']:.3f}, VAE {p['VAE']:.3f}; clear from {clear:.3f} on"
    verdict("AE: codes less sorted by kind than the VAE's", p["VAE"] - p["AE"] > clear, words)

    away = {name: frechet_distance(spaces[name], torch.randn(spaces[name].shape)) for name in ("AE", "VAE")}
    words = f"codes from N(0, I): {away['AE']:.1f}, VAE {away['VAE']:.1f}"
    verdict("AE: codes in no known place, the VAE's near the prior", away["AE"] > 10 * away["VAE"], words)

    share, recall = t["remaining share"], t["recall"]
    words = f"remaining share {share['VAE']:.3f}, AE {share['AE']:.3f}; recall {recall['VAE']:.2f}, AE {recall['AE']:.2f}"
    better = share["VAE"] < share["AE"] and recall["VAE"] > recall["AE"]
    verdict("VAE: structured, so that random codes give better samples", better, words)

    words = f"sharpness of copies {blur['VAE']:.2f}, AE {blur['AE']:.2f}"
    verdict("VAE: blurrier", blur["VAE"] < blur["AE"], words)

    c = t["coverage"]
    words = f"coverage {c['GAN']:.1f}, VAE {c['VAE']:.1f}, AE {c['AE']:.1f}"
    verdict("GAN: diverse, it reaches the kinds", c["GAN"] >= c[["AE", "VAE"]].max(), words)
    words = f"recall {recall['GAN']:.2f}, VAE {recall['VAE']:.2f}, AE {recall['AE']:.2f}"
    verdict("GAN: diverse, and the variety within them", recall["GAN"] >= recall[["AE", "VAE"]].max(), words)

    curves = {"AE": "history.test_loss", "VAE": "history.test_loss", "GAN": "history.test_distance"}
    rise = {model: largest_rise(outputs[model][curve].tolist()) for model, curve in curves.items()}
    words = ", ".join(f"{model} {value:.1%}" for model, value in rise.items())
    verdict(
        "GAN: unstable, its training went back",
        rise["GAN"] > 2 * max(rise["AE"], rise["VAE"]),
        f"largest rise: {words}",
    )

    runs = load_gan_runs()
    rises = {name: largest_rise(run["test_distance"]) for name, run in runs.items()}
    ends = {name: run["test_distance"][-1] for name, run in runs.items()}
    if runs:
        recipe, *changed = runs
        words = f"{recipe} {ends[recipe]:.1f}; " + ", ".join(f"{name} {ends[name]:.1f}" for name in changed)
        worst = max(ends[name] for name in changed)
        verdict(
            "GAN: unstable, one change spoils it", worst > 1.5 * ends[recipe], f"distance at the end: {words}"
        )
        words = f"{recipe} {rises[recipe]:.0%}; " + ", ".join(f"{name} {rises[name]:.0%}" for name in changed)
        verdict(
            "GAN: unstable, one change makes it restless",
            max(rises[n] for n in changed) > 0.1,
            f"largest rise: {words}",
        )

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With the examples of the course, accuracy and blur are supported. "Unstructured" depends on its meaning: how well the AE's codes
# are sorted differs from the VAE's by just as much as 2,000 digits can tell, but nobody knows where they lie. The GAN reaches the kinds, but by recall it is *less* diverse than
# the VAE. And the recipe of lab 3, which was designed to be calm, may well not go back at all, while single changes to it do harm.
#
# </details>
#
# "Refuted" means: not for these models, this data and this measure. One training each is one draw, too: with another seed, small
# differences may change their sign. The course's site shows the spread over seeds.

# %% [markdown]
# ## For discussion
#
# Answer in your own words, six to ten sentences each; refer to your table and figures. A person reads these.

# %% [markdown]
# **Question 1: your sentence.** Rewrite the sentence about the three models so that it is true of what you measured, and defend
# it with numbers: for each model one strength and one limit, each with the value *and* what it is compared with (floor, noise, the
# other model). Which part of the common sentence would you drop, and which word in it has two meanings that your numbers
# tell apart? For which purpose would you choose each model?

# %% [markdown] nbgrader={"grade_id": "discussion_1", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** AE: the lowest reconstruction error (0.011 against the VAE's 0.012) and the shortest training, but random codes,
# even with the right mean and spread, give samples with the largest remaining share and the lowest recall of the two digit
# models, since nothing tells where codes lie (their distance from N(0, I) is some fifty times the VAE's). VAE: the only one with a
# likelihood (about 113 nats), samples of better recall, codes close to the prior; its copies have the least fine detail. GAN: the
# smallest remaining share and the highest precision of samples, all movements reached; but recall is well below the real
# floor (and below the VAE's, on other data), it cannot encode, gives no likelihood, and costs the most to train. The
# word with two meanings: "structured" (sorted by kind: about equal, and PCA is as good; known in its place: VAE
# only), or "diverse" (reaches the modes; varies within them), or "unstable" (goes back by itself; breaks at a small change). To be
# dropped or qualified: "unstructured" in the first sense, "diverse" in the second, "unstable" if the own run did not go back.
# Purposes: AE for compression and features; VAE for interpolation, likelihood, controlled generation; GAN for convincing single pictures.
# The comparison of GAN and VAE is across data sets and feature networks: shares and floors make it possible, not safe.
#
# **Rubric, 10 points.** 3: a strength for each model, with its number. 3: a limit for each model, with its number. 1: numbers are set
# beside a floor, noise or another model and not left alone. 1: a word with two meanings, told apart by two
# measures. 1: a part of the sentence dropped or qualified in agreement with the own verdicts. 1: purposes that follow from the
# numbers.
# ### END SOLUTION

# %% [markdown]
# **Question 2: fooling the measures.** (a) A colleague reports a Frechet distance of 3.1 for 200 samples and says that this beats your
# model's 6.8 of 2,000. What do you answer? (b) Invent, for each of Frechet distance, precision, recall, coverage and sharpness, a
# model that scores well on it and is useless; name for each another measure of the table that finds it out. (c) All measures here
# rest on features of one small network. What kind of fault would none of them see, and how would you look for it? (d) Which *one* more
# experiment would make your conclusion in question 1 safer, and which of its numbers could change?

# %% [markdown] nbgrader={"grade_id": "discussion_2", "grade": true, "solution": true}
# ### BEGIN SOLUTION
# **A good answer.** (a) The distance depends on the number of pictures, on the features and on the real set: with 200, even real
# against real is about 2 and not 0.2, so 3.1 may be close to perfect or come from other features or other data. Ask for the floor
# and the noise beside it, or measure both with equal numbers and the same network. (More samples would lower the colleague's
# value, not raise it, so 3.1 may well be better; one cannot tell without the features.) (b) Frechet: returning
# training pictures (the distance to nearest training pictures of lab 3), or a blob with the right mean and covariance (precision). Precision: one good
# picture for ever, or few (recall, coverage). Recall: samples spread so widely that their huge balls cover everything, noise with
# outliers (precision). Coverage: one prototype of each class (recall, Frechet). Sharpness: noise or a checkerboard (Frechet,
# precision). (c) What a network that was trained to tell ten classes ignores: fine texture, the weave, small glitches,
# colour casts, global plausibility, copies of training images. Look at samples, at spectra, at nearest training pictures; use other
# features, or people. (d) Several seeds for each model (differences such as 0.90 to 0.92 in separability, or the absence of a rise,
# may vanish), all models on the same data, equal parameters or equal time of training, the full data set; with the number that may change.
#
# **Rubric, 10 points.** 2: (a) number of pictures with the floor, and same features or data. 5: (b) one for each measure, a
# model and another measure that finds it out. 1: (c) a fault that the features ignore, and a way to look. 2: (d) an
# experiment (1) and which number it may change (1).
# ### END SOLUTION

# %% [markdown]
# ## Hand in
#
# **Hand in** this notebook, saved, in the way your course tells you. There is no model this time. Names matter less than content:
# a notebook called `compare (1).ipynb` is found as well.
#
# ## To read on
#
# - D. Dowson and B. Landau, *The Frechet distance between multivariate normal distributions*, Journal of Multivariate
#   Analysis 12(3), 1982.
# - M. Heusel et al., *GANs trained by a two time-scale update rule converge to a local Nash equilibrium*, NIPS 2017: the
#   Frechet distance of pictures.
# - M. Chong and D. Forsyth, *Effectively unbiased FID and Inception score and where to find them*, CVPR 2020: the number of
#   pictures.
# - M. Sajjadi et al., *Assessing generative models via precision and recall*, NeurIPS 2018.
# - T. Kynkaanniemi et al., *Improved precision and recall metric for assessing generative models*, NeurIPS 2019.
# - M. Naeem et al., *Reliable fidelity and diversity metrics for generative models*, ICML 2020: outliers.
# - L. Theis, A. van den Oord and M. Bethge, *A note on the evaluation of generative models*, ICLR 2016: why good samples, a good
#   likelihood and good features are three different things.
# - A. Borji, *Pros and cons of GAN evaluation measures*, Computer Vision and Image Understanding 179, 2019.
