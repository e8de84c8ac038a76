"""Weights and outputs as safetensors: what is written, and that it comes back."""

import json
import re

import pytest
import torch
from safetensors import safe_open
from torch import nn

import course
from course import Augmented, History, load_checkpoint, load_outputs, save_checkpoint, save_outputs


class Net(nn.Module):
    def __init__(self, latent_dim=32, width=8, note="text"):
        super().__init__()
        self.latent_dim = latent_dim
        self.width = width
        self.layer = nn.Linear(latent_dim, width)
        self.norm = nn.BatchNorm1d(width)

    def forward(self, x):
        return self.norm(self.layer(x))


def read(path):
    with safe_open(path, "pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118


def test_a_checkpoint_holds_prefixed_weights_and_says_how_to_build_the_network(tmp_path):
    net = Net(latent_dim=5)
    tensors, metadata = read(save_checkpoint("ae", folder=tmp_path, model=net))
    assert set(tensors) == {f"model.{key}" for key in net.state_dict()}
    assert metadata["lab"] == "ae"
    assert metadata["version"] == course.__version__
    assert json.loads(metadata["arguments"]) == {"model": {"latent_dim": 5, "width": 8}}


def test_weights_come_back_as_they_were(tmp_path):
    one, other = Net(), Net()
    one(torch.randn(4, 32))  # moves the batch norm's statistics, which are saved too
    save_checkpoint("ae", folder=tmp_path, model=one)
    load_checkpoint("ae", folder=tmp_path, model=other)
    assert all(
        torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    )


def test_two_networks_share_a_checkpoint_without_mixing(tmp_path):
    generator, discriminator = Net(latent_dim=3), Net(latent_dim=4)
    tensors, _ = read(
        save_checkpoint("gan", folder=tmp_path, generator=generator, discriminator=discriminator)
    )
    assert tensors["generator.layer.weight"].shape == (8, 3)
    assert tensors["discriminator.layer.weight"].shape == (8, 4)


def test_wrappers_leave_no_trace_in_the_names(tmp_path):
    net = Net()
    tensors, _ = read(save_checkpoint("ae", folder=tmp_path, model=nn.DataParallel(net)))
    assert set(tensors) == {f"model.{key}" for key in net.state_dict()}


@pytest.mark.parametrize(
    "wrap",
    [
        Augmented,
        lambda net: Augmented(nn.DataParallel(net)),
        lambda net: torch.compile(Augmented(net)),
        lambda net: Augmented(torch.compile(net)),
    ],
)
def test_an_augmented_discriminator_is_saved_as_the_network_that_it_wraps_and_loads_into_it(tmp_path, wrap):
    net, other = Net(width=4), Net(width=4)
    tensors, metadata = read(save_checkpoint("gan", folder=tmp_path, discriminator=wrap(net)))
    assert set(tensors) == {f"discriminator.{key}" for key in net.state_dict()}
    assert json.loads(metadata["arguments"]) == {"discriminator": {"latent_dim": 32, "width": 4}}
    load_checkpoint("gan", folder=tmp_path, discriminator=wrap(other))
    assert torch.equal(net.layer.weight, other.layer.weight)


def test_tied_weights_are_saved(tmp_path):
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    net[1].weight = net[0].weight
    tensors, _ = read(save_checkpoint("ae", folder=tmp_path, model=net))
    assert torch.equal(tensors["model.0.weight"], tensors["model.1.weight"])


def test_saving_leaves_the_model_as_it_is(tmp_path):
    net = Net().train()
    before = [p.data_ptr() for p in net.parameters()]
    save_checkpoint("ae", folder=tmp_path, model=net)
    assert net.training
    assert [p.data_ptr() for p in net.parameters()] == before
    assert all(p.requires_grad for p in net.parameters())


def test_a_model_gone_wrong_is_not_saved_over_a_good_one(tmp_path):
    good = save_checkpoint("ae", folder=tmp_path, model=Net()).read_bytes()
    bad = Net()
    bad.layer.weight.data[0, 0] = float("nan")
    with pytest.raises(ValueError, match=r"layer\.weight.*NaN"):
        save_checkpoint("ae", folder=tmp_path, model=bad)
    assert (tmp_path / "ae.safetensors").read_bytes() == good


def test_saving_nothing_says_what_to_write(tmp_path):
    with pytest.raises(ValueError, match="model=model"):
        save_checkpoint("ae", folder=tmp_path)


def test_loading_before_saving_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="save_checkpoint"):
        load_checkpoint("ae", folder=tmp_path, model=Net())


def test_outputs_hold_tensors_and_history(tmp_path):
    history = History()
    history.add({"loss": 0.5, "test_loss": 0.6})
    history.add({"loss": 0.25, "test_loss": 0.5})
    codes = torch.randn(4, 2, requires_grad=True)
    path = save_outputs("ae", folder=tmp_path, history=history, codes=codes.T)
    tensors, metadata = read(path)
    assert path.name == "ae_outputs.safetensors"
    assert metadata["lab"] == "ae"
    assert torch.equal(tensors["codes"], codes.detach().T)
    assert tensors["history.loss"].tolist() == [0.5, 0.25]


def test_files_are_readable_by_others_as_the_system_says(tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    saved = save_checkpoint("ae", folder=tmp_path, model=Net())
    assert saved.stat().st_mode == plain.stat().st_mode
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ae.safetensors", "plain"]


def test_without_outputs_of_an_earlier_lab_the_examples_come_and_say_so(tmp_path, capsys):
    outputs = load_outputs("ae", folder=tmp_path)
    assert outputs["examples"].shape == (10, 784)
    assert outputs["interpolation"].shape == (3, 11, 784)
    assert outputs["codes"].dtype == torch.float32
    assert outputs["labels"].dtype == torch.int64
    assert outputs["sample_pictures"].dtype == torch.uint8
    assert all(t.dtype == torch.float32 for t in outputs.values() if t.is_floating_point())
    said = capsys.readouterr().out
    assert "examples that come with the course" in said
    assert "there is no ae_outputs.safetensors" in said


@pytest.fixture
def own(tmp_path, capsys):
    """Outputs of one's own in the folder of the lab ae, and the folder of the lab vae beside it."""
    outputs = {
        name: torch.rand_like(tensor) if tensor.is_floating_point() else tensor
        for name, tensor in load_outputs("ae", folder=tmp_path).items()
    }
    history = History()
    for name in [name for name in outputs if name.startswith("history.")]:
        history.curves[name.removeprefix("history.")] = outputs.pop(name)[:3].tolist()
    for lab in ("ae", "vae"):
        (tmp_path / lab).mkdir()

    def write(**changes):
        kept = {name: tensor for name, tensor in (outputs | changes).items() if tensor is not None}
        save_outputs("ae", history=history, folder=tmp_path / "ae", **kept)
        capsys.readouterr()
        return kept

    return tmp_path, write


@pytest.mark.parametrize("where", ["ae", "vae"])
def test_outputs_of_ones_own_are_found_in_the_same_folder_and_in_the_one_beside_it(own, where, capsys):
    folder, write = own
    written = write()
    outputs = load_outputs("ae", folder=folder / where)
    assert "yours" in capsys.readouterr().out
    assert torch.equal(outputs["samples"], written["samples"])
    assert outputs["labels"].dtype == torch.int64
    assert len(outputs["history.loss"]) == 3


def test_outputs_that_lack_something_or_have_another_shape_are_replaced_as_a_whole(own, capsys):
    folder, write = own
    for changes, reason in (
        ({"interpolation": None}, "has no `interpolation`"),
        ({"samples": torch.rand(10, 28, 28)}, "`samples`.*shape"),
    ):
        written = write(**changes)
        outputs = load_outputs("ae", folder=folder / "vae")
        said = capsys.readouterr().out
        assert re.search(reason, said)
        assert "examples that come with the course" in said
        assert not torch.equal(outputs["examples"], written["examples"])


def test_a_latent_space_of_another_size_is_taken(own, capsys):
    folder, write = own
    written = write(codes=torch.randn(2000, 5))
    assert torch.equal(load_outputs("ae", folder=folder / "vae")["codes"], written["codes"])
    assert "yours" in capsys.readouterr().out


def test_outputs_of_a_lab_run_before_there_was_anything_to_compare_are_replaced_as_a_whole(own, capsys):
    folder, write = own
    write(sample_features=None, parameters=None)
    assert load_outputs("ae", folder=folder / "vae")["sample_features"].shape == (2000, 48)
    said = capsys.readouterr().out
    assert "examples that come with the course" in said
    assert "run the last cells of that lab again" in said


def test_outputs_that_are_not_numbers_are_replaced_and_named_but_a_curve_may_have_gaps(own, capsys):
    folder, write = own
    features = torch.randn(2000, 48)
    features[3, 4] = float("nan")
    write(sample_features=features)
    assert torch.isfinite(load_outputs("ae", folder=folder / "vae")["sample_features"]).all()
    assert re.search(r"`sample_features`.*holds NaN", capsys.readouterr().out)


def test_numbers_parts_of_tensors_and_the_seconds_of_the_training_are_saved(tmp_path):
    history, pictures = History(), torch.arange(12, dtype=torch.uint8).view(4, 3)
    history.add({"loss": 1.0})
    history.seconds = 2.5
    path = save_outputs(
        "ae", folder=tmp_path, history=history, all=pictures, few=pictures[:2], parameters=419_120, error=0.5
    )
    tensors, _ = read(path)
    assert torch.equal(tensors["few"], pictures[:2])
    assert tensors["few"].dtype == torch.uint8
    assert (tensors["parameters"].item(), tensors["error"].item()) == (419_120, 0.5)
    assert tensors["seconds_training"].item() == 2.5


def test_a_damaged_file_of_outputs_is_named_and_replaced(own, capsys):
    folder, write = own
    write()
    (folder / "ae" / "ae_outputs.safetensors").write_bytes(b"not a tensor")
    assert load_outputs("ae", folder=folder / "vae")["samples"].shape == (10, 784)
    assert "ae_outputs.safetensors cannot be read" in capsys.readouterr().out
