"""Train the network that sees digits for the sample-quality metrics: `python -m solutions.make_digit_features ROOT`.

ROOT is a folder that `torchvision.datasets.MNIST(ROOT)` reads. Writes `autograder/metrics/digits.safetensors`
and prints the accuracy on the 10,000 test digits. It learns from the 50,000 training digits that the course
does not embed, so that everything the metrics compare (embedded training digits, test digits, held-out
digits, samples) is new to it: real digits of any origin then have the same features.

Beside digits it sees what is none, with the target that every class is as likely as the other (outlier
exposure, Hendrycks et al. 2019). Without that, a plain classifier is sure of its class for the mean image and
for noise, and puts them among the digits, in one training seed more than in the next.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from autograder.metrics.network import SHAPES, FeatureNetwork, from_weights, weights_file
from course.data.mnist import load_mnist
from course.training import batches, set_seed
from solutions.make_mnist import TRAIN

EPOCHS, BATCH, RATE = 8, 128, 2e-3
NON_DIGITS = 32  # beside each batch of digits


def blur(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Images `(N, 1, H, W)` under a Gaussian of `sigma` pixels."""
    at = torch.arange(-3.0, 4.0)
    line = torch.exp(-(at**2) / (2 * sigma**2))
    line = line / line.sum()
    return F.conv2d(
        F.conv2d(images, line.view(1, 1, 1, -1), padding=(0, 3)), line.view(1, 1, -1, 1), padding=(3, 0)
    )


def vary(images: torch.Tensor) -> torch.Tensor:
    """Turned, moved, stretched, softened digits: the class must be seen in soft samples of a VAE too.

    `(N, 784)` to `(N, 784)`, each digit in its own way.
    """
    n = len(images)
    x = images.view(n, 1, 28, 28)
    angle = (torch.rand(n) * 2 - 1) * math.radians(12)
    across, down = 1 + (torch.rand(2, n) * 2 - 1) * 0.12
    move = (torch.rand(2, n) * 2 - 1) * 2 / 14  # up to two pixels; the grid goes from -1 to 1
    rows = [angle.cos() * across, -angle.sin(), move[0], angle.sin(), angle.cos() * down, move[1]]
    grid = F.affine_grid(torch.stack(rows, 1).view(n, 2, 3), [n, 1, 28, 28], align_corners=False)
    x = F.grid_sample(x, grid, align_corners=False)
    softness = (torch.rand(n, 1, 1, 1) - 0.5).clamp(min=0) * 2  # every second digit stays sharp
    return (x + softness * (blur(x, 1.5) - x)).view(n, 784)


def non_digits(images: torch.Tensor, count: int) -> torch.Tensor:
    """Averages of 2, 4, 8 or 16 of the digits `(N, 784)`, every second one under noise, `(count, 784)`."""
    rank = torch.rand(count, len(images)).argsort(1).argsort(1)
    of = 2 ** torch.randint(1, 5, (count, 1))
    average = ((rank < of) / of) @ images
    noise = (torch.rand(count, 1) - 0.5).clamp(min=0) * 2
    return average + noise * (torch.rand_like(average) - average)


def train(images: torch.Tensor, labels: torch.Tensor, seed: int) -> FeatureNetwork:
    """A feature network that has learned to tell these digits apart."""
    set_seed(seed)
    network = FeatureNetwork(SHAPES["digits"])
    classes = network.shape.classes
    unsure = torch.full((NON_DIGITS, classes), 1 / classes)
    steps = EPOCHS * math.ceil(len(images) / BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for epoch in range(EPOCHS):
        total = 0.0
        for index in batches(torch.arange(len(images)), BATCH):
            digits = vary(images[index])
            x = torch.cat([digits, non_digits(digits, NON_DIGITS)])
            target = torch.cat([F.one_hot(labels[index], classes).float(), unsure])
            loss = F.cross_entropy(network(x)[1], target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(index)
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {total / len(images):.4f}", flush=True)
    features = network.eval().see(images).features
    network.mean.copy_(features.mean(0))
    network.std.copy_(features.std(0))
    return network


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", type=Path, help="folder that torchvision.datasets.MNIST reads")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    data = load_mnist(full=True, root=arguments.root)
    rest = slice(TRAIN.stop, None)
    network = train(data.train_images[rest], data.train_labels[rest], arguments.seed)
    # Half precision halves the file; what is measured below, and later by the metrics, is what was written.
    weights = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    seen = from_weights("digits", weights).see(data.test_images)
    right = (seen.probabilities.argmax(1) == data.test_labels).double().mean()
    save_file(weights, weights_file("digits"))
    print(
        f"accuracy on {len(seen)} test digits: {float(right):.4f}; {weights_file('digits').stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
