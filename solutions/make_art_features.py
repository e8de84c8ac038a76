"""Train the network that sees art for the sample-quality metrics: `python -m solutions.make_art_features`.

Writes `autograder/metrics/art.safetensors` and prints the accuracy on paintings that it never saw. It learns
the ten movements from 20,000 paintings of a seed of its own, so that everything the metrics compare (the
training art of the lab, other paintings, samples) is new to it.

As the network for digits does, it also sees what shows no movement, with the target that every movement is as
likely as the other (outlier exposure, Hendrycks et al. 2019): averages of paintings, noise, flat colours and
checkerboards, which are how a generator fails.
"""

from __future__ import annotations

import argparse

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from autograder.metrics.network import SHAPES, FeatureNetwork, from_weights, weights_file
from course.data.art import Art, load_art
from course.data.images import to_bytes
from course.training import batches, set_seed

PAINTINGS, SEED, TEST_SEED = 20_000, 1_000, 1_001
EPOCHS, BATCH, RATE = 12, 128, 2e-3
NO_ART = 32  # beside each batch of paintings
MOVE = 4  # pixels, at most


def pixels(art: Art) -> torch.Tensor:
    """Paintings as bytes `(N, 3, 64, 64)`."""
    return to_bytes(art.images)


def vary(images: torch.Tensor) -> torch.Tensor:
    """Mirrored, moved, lighter or darker, softened paintings `(N, 3, 64, 64)`: a generator's are like that."""
    n = len(images)
    x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, images.flip(3), images)
    padded = F.pad(x, [MOVE] * 4, mode="replicate")
    down, right = torch.randint(0, 2 * MOVE + 1, (2, n, 1, 1, 1))
    rows, columns = down + torch.arange(64).view(1, 1, -1, 1), right + torch.arange(64)
    x = padded.gather(2, rows.expand(n, 3, 64, 64 + 2 * MOVE)).gather(3, columns.expand(n, 3, 64, 64))
    soft = (torch.rand(n, 1, 1, 1) - 0.5).clamp(min=0) * 2  # every second one stays sharp
    x = x + soft * (F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) - x)
    grain = (torch.rand(n, 1, 1, 1) - 0.5).clamp(min=0) * 0.1
    return (x + (torch.rand(n, 1, 1, 1) - 0.5) * 0.2 + grain * torch.randn_like(x)).clamp(0, 1)


def no_art(images: torch.Tensor, count: int) -> torch.Tensor:
    """What shows no movement, `(count, 3, 64, 64)`: a quarter each of four kinds."""
    n = count // 4
    rank = torch.rand(n, len(images)).argsort(1).argsort(1)
    of = 2 ** torch.randint(1, 5, (n, 1))
    average = (((rank < of) / of) @ images.flatten(1)).view(n, 3, 64, 64)
    noise = torch.rand(n, 3, 64, 64)
    noise = noise + torch.rand(n, 1, 1, 1) * (images[:n] - noise) * 0.5
    flat = torch.rand(n, 3, 1, 1).expand(n, 3, 64, 64)
    side = 2 ** int(torch.randint(0, 3, ()))
    board = (
        torch.arange(64).div(side, rounding_mode="floor").view(1, -1) + torch.arange(64).view(-1, 1) // side
    ) % 2
    board = torch.rand(n, 3, 1, 1) + (board - 0.5) * torch.rand(n, 3, 1, 1)
    return torch.cat([average, noise, flat, board.clamp(0, 1)])


def train(art: Art, seed: int) -> FeatureNetwork:
    """A feature network that has learned to tell these movements apart."""
    set_seed(seed)
    network = FeatureNetwork(SHAPES["art"])
    classes = network.shape.classes
    unsure = torch.full((NO_ART, classes), 1 / classes)
    images = pixels(art)
    steps = EPOCHS * -(-len(images) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for epoch in range(EPOCHS):
        total = 0.0
        for index in batches(torch.arange(len(images)), BATCH):
            paintings = images[index].float() / 255
            x = torch.cat([vary(paintings), no_art(paintings, NO_ART)])
            target = torch.cat([F.one_hot(art.labels[index], classes).float(), unsure])
            loss = F.cross_entropy(network(x.flatten(1))[1], target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(index)
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {total / len(images):.4f}", flush=True)
    features = network.eval().see(images.flatten(1)).features
    network.mean.copy_(features.mean(0))
    network.std.copy_(features.std(0))
    return network


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network = train(load_art(PAINTINGS, SEED), arguments.seed)
    # Half precision halves the file; what is measured below, and later by the metrics, is what was written.
    weights = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    unseen = load_art(4_000, TEST_SEED)
    seen = from_weights("art", weights).see(pixels(unseen).flatten(1))
    right = (seen.probabilities.argmax(1) == unseen.labels).double().mean()
    save_file(weights, weights_file("art"))
    print(
        f"accuracy on {len(seen)} unseen paintings: {float(right):.4f}; {weights_file('art').stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
