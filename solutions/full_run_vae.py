"""The full run of the lab `vae`: `python -m solutions.full_run_vae [--root ROOT] [--epochs 20] [--seed 0]`.

The notebook's reference, trained as the notebook trains it, and its test ELBO and KL with z sampled. With ROOT, a
folder that `torchvision.datasets.MNIST(ROOT)` reads, on all 60,000 digits; without, on the embedded 10,000.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from course.data.mnist import load_mnist
from course.training import batches, set_seed
from solutions.source import reference

LATENT_DIM, BATCH_SIZE, RATE = 32, 128, 1e-3


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, help="folder that torchvision.datasets.MNIST reads")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    data = load_mnist(full=options.root is not None, root=options.root)
    lab = reference("vae")
    set_seed(options.seed)
    model = lab["VAE"](LATENT_DIM)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    began = time.perf_counter()
    for epoch in range(1, options.epochs + 1):
        for x in batches(data.train_images, BATCH_SIZE):
            lab["train_step"](model, optimizer, x)
        model.eval()
        with torch.no_grad():
            x_hat, mu, logvar = model(data.test_images)
            loss, reconstruction, kl = lab["vae_loss"](x_hat, data.test_images, mu, logvar)
        print(
            f"epoch {epoch}: test ELBO {-float(loss):.2f}, reconstruction {float(reconstruction):.2f}, KL {float(kl):.2f} "
            f"nats; {time.perf_counter() - began:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
