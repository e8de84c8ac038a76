"""The embedded digits, the full set, and what happens when a file is missing or damaged."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from course import load_mnist
from course.data import mnist
from solutions import make_mnist


def test_embedded_digits_are_tensors_of_the_promised_shapes_and_ranges():
    data = load_mnist()
    assert data.train_images.shape == (10_000, 784)
    assert data.test_images.shape == (2_000, 784)
    for images, labels in ((data.train_images, data.train_labels), (data.test_images, data.test_labels)):
        assert images.dtype == torch.float32
        assert labels.dtype == torch.int64
        assert len(images) == len(labels)
        assert (images.min(), images.max()) == (0, 1)
        assert labels.unique().tolist() == list(range(10))


def test_embedded_digits_are_stored_as_drawn_upright_and_in_order():
    # A one is taller than wide, a zero has an empty middle: a transposed or shuffled set fails both.
    data = load_mnist()
    mean = {digit: data.train_images[data.train_labels == digit].mean(0).view(28, 28) for digit in (0, 1)}
    assert mean[1].sum(0).std() > 2 * mean[1].sum(1).std()
    assert mean[0][14, 14] < 0.1 < mean[0].max()


def test_the_embedded_file_is_small_enough_for_the_repository():
    assert mnist.EMBEDDED.stat().st_size < 3 * 2**20


def test_a_damaged_file_is_named_with_the_way_to_mend_it(tmp_path, monkeypatch):
    damaged = tmp_path / "mnist.npz"
    content = bytearray(mnist.EMBEDDED.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    monkeypatch.setattr(mnist, "EMBEDDED", damaged)
    with pytest.raises(mnist.DataError, match="damaged") as caught:
        load_mnist()
    assert str(damaged) in str(caught.value)
    assert "pip install" in str(caught.value)


def test_a_missing_file_is_named_with_the_way_to_mend_it(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "EMBEDDED", tmp_path / "gone.npz")
    with pytest.raises(mnist.DataError, match=r"gone\.npz") as caught:
        load_mnist()
    assert "pip install" in str(caught.value)


@pytest.fixture(scope="module")
def made_up_root(tmp_path_factory):
    """A torchvision folder in MNIST's own format and sizes, with random labels and mostly empty images."""
    root = tmp_path_factory.mktemp("mnist")
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for part, count in (("train", 60_000), ("t10k", 10_000)):
        labels = generator.integers(0, 10, count, dtype=np.uint8)
        images = np.zeros((count, 28, 28), dtype=np.uint8)
        images[:, 0, 0] = 255
        header = struct.pack(">4BI", 0, 0, 8, 1, count)
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())
        header = struct.pack(">4BIII", 0, 0, 8, 3, count, 28, 28)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
    return root


def test_the_full_set_comes_through_torchvision(made_up_root):
    data = load_mnist(full=True, root=made_up_root)
    assert data.train_images.shape == (60_000, 784)
    assert data.test_images.shape == (10_000, 784)
    assert data.train_images[:, 0].eq(1).all()
    assert data.train_images[:, 1:].eq(0).all()
    assert data.train_labels.dtype == torch.int64


def test_a_damaged_file_of_the_full_set_is_named(made_up_root):
    file = made_up_root / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    whole = file.read_bytes()
    try:
        file.write_bytes(whole[:5_000])
        with pytest.raises(mnist.DataError, match="5000 bytes, expected 10008") as caught:
            load_mnist(full=True, root=made_up_root)
        assert str(file) in str(caught.value)
        assert "Delete it" in str(caught.value)
    finally:
        file.write_bytes(whole)


def test_a_failed_download_says_how_to_go_on_without_it(tmp_path):
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    with pytest.raises(mnist.DataError, match="full=False"):
        load_mnist(full=True, root=blocked)


def test_the_embedded_digits_are_the_first_of_the_full_set():
    root = Path(os.environ.get("GENLAB_MNIST", mnist.DOWNLOADS)).expanduser()
    if not (root / "MNIST" / "raw" / "train-images-idx3-ubyte").exists():
        pytest.skip("the full MNIST is not there; set GENLAB_MNIST to the folder that torchvision reads")
    full, embedded = load_mnist(full=True, root=root), load_mnist()
    assert torch.equal(full.train_images[:10_000], embedded.train_images)
    assert torch.equal(full.train_labels[:10_000], embedded.train_labels)
    assert torch.equal(full.test_images[:2_000], embedded.test_images)
    assert torch.equal(full.test_labels[:2_000], embedded.test_labels)


def test_the_graders_digits_are_not_among_those_of_the_course():
    heldout = Path(mnist.__file__).parents[2] / "autograder" / "outcomes" / "heldout.npz"
    with np.load(heldout) as archive:
        images, labels = archive["images"].reshape(-1, 784), archive["labels"]
    assert images.shape == (1_000, 784)
    assert set(labels.tolist()) == set(range(10))
    data = load_mnist()
    known = {
        row.tobytes()
        for part in (data.train_images, data.test_images)
        for row in (part * 255).round().to(torch.uint8).numpy()
    }
    assert not known & {row.tobytes() for row in images}


def test_torchvision_is_imported_even_where_its_operators_are_missing():
    # In a process of its own: an import that worked once would hide a failure here.
    code = (
        "from course.data.vision import import_torchvision as load;"
        "vision = load(); print(vision.datasets.MNIST.__name__, vision is load())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["MNIST", "True"], done.stderr


def test_the_script_that_cuts_the_data_takes_the_parts_it_says(made_up_root, tmp_path):
    embedded, heldout = tmp_path / "embedded.npz", tmp_path / "heldout.npz"
    digest = make_mnist.make(made_up_root, embedded, heldout)
    assert digest == make_mnist.make(made_up_root, tmp_path / "again.npz", heldout)
    full = load_mnist(full=True, root=made_up_root)
    with np.load(embedded) as cut, np.load(mnist.EMBEDDED) as real:
        assert {k: v.shape for k, v in cut.items()} == {k: v.shape for k, v in real.items()}
        assert cut["train_labels"].tolist() == full.train_labels[:10_000].tolist()
        assert cut["test_labels"].tolist() == full.test_labels[:2_000].tolist()
    with np.load(heldout) as cut:
        assert cut["images"].shape == (1_000, 28, 28)
        assert cut["labels"].tolist() == full.test_labels[2_000:3_000].tolist()
