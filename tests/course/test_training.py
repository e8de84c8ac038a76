"""The training loop: batches, history, seeds, what a wrong step is told."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest
import torch

from course import History, device, fit, seconds_for, set_seed
from course.training import batches, settled


@pytest.fixture(autouse=True)
def _own_epochs(monkeypatch):
    monkeypatch.delenv("GENLAB_EPOCHS", raising=False)


def test_an_epoch_shows_every_image_once_in_a_fresh_order():
    images = torch.arange(10.0).unsqueeze(1)
    orders = [torch.cat(list(batches(images, 4))).flatten().tolist() for _ in range(3)]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    assert [len(batch) for batch in batches(images, 4)] == [4, 4, 2]


def test_the_history_holds_the_mean_loss_per_image_and_the_evaluation_of_each_epoch():
    images = torch.arange(5.0).unsqueeze(1)  # batches of 2, 2 and 1: a mean of batch means would be off
    tests = iter([3.0, 2.0])
    history = fit(lambda x: x.mean(), images, epochs=2, batch_size=2, evaluate=lambda: next(tests))
    assert history["loss"] == pytest.approx([2.0, 2.0])
    assert history["test_loss"] == [3.0, 2.0]
    assert len(history) == 2
    assert history.seconds > 0
    assert "2 epochs" in repr(history)


def test_a_step_that_returns_several_quantities_gives_several_curves():
    history = fit(
        lambda x: {"loss": 1.0, "kl": torch.tensor(2.0)},
        torch.zeros(3, 1),
        epochs=1,
        evaluate=lambda: {"loss": 4, "kl": 5},
    )
    assert history.curves == {"loss": [1.0], "kl": [2.0], "test_loss": [4.0], "test_kl": [5.0]}


def test_a_step_that_forgets_to_return_is_told_so():
    with pytest.raises(TypeError, match="`return` missing"):
        fit(lambda x: None, torch.zeros(3, 1), epochs=1)


def test_interrupting_keeps_the_epochs_that_are_done(capsys):
    seen = []

    def step(x):
        seen.append(len(x))
        if len(seen) == 3:
            raise KeyboardInterrupt
        return 0.5

    history = fit(step, torch.zeros(4, 1), epochs=5, batch_size=2)
    assert history["loss"] == [0.5]
    assert "Stopped after 1 of 5 epochs" in capsys.readouterr().out


def test_the_number_of_epochs_can_be_capped_from_outside(monkeypatch):
    monkeypatch.setenv("GENLAB_EPOCHS", "2")
    assert len(fit(lambda x: 1.0, torch.zeros(2, 1), epochs=7)) == 2
    assert len(fit(lambda x: 1.0, torch.zeros(2, 1), epochs=1)) == 1


def test_a_script_whose_output_goes_to_a_file_sees_no_bar_and_no_curve():
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        fit(lambda x: 1.0, torch.zeros(2, 1), epochs=3)
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_the_same_seed_repeats_weights_and_batches():
    def run():
        set_seed(3)
        weights = torch.nn.Linear(4, 4).weight
        return weights, next(batches(torch.arange(100), 10)), torch.randn(3)

    first, second = run(), run()
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_the_device_exists_here():
    assert torch.zeros(1, device=device()).device.type == device().type


def test_an_empty_history_can_be_shown():
    assert len(History()) == 0
    assert "nothing yet" in repr(History())


def test_importing_course_leaves_the_slow_libraries_alone():
    # PyTorch itself may load some of them; what counts is what course adds.
    code = (
        "import sys, torch, numpy, safetensors.torch; before = set(sys.modules); import course;"
        "added = set(sys.modules) - before;"
        "print(added & {'matplotlib', 'torchvision', 'IPython', 'tqdm', 'autograder'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


def test_a_curve_settles_where_it_stays_near_its_end_for_good():
    assert settled([1, 10, 9.6, 5, 9.7, 10.2, 10]) == 5  # near the end in epoch 2 as well, but not for good
    assert settled([1, 10, 9.6, 5, 9.7, 10.2, 10], tolerance=0.6) == 2
    assert settled([4, 4, 4]) == 1


def test_a_curve_that_is_still_moving_settles_in_its_last_epoch():
    assert settled([1, 2, 3, 4]) == 4
    assert settled([7]) == 1
    with pytest.raises(ValueError, match="No epochs"):
        settled([])


def test_seconds_are_those_of_one_call_in_the_middle_of_several():
    waits = iter([0.05, 0.0, 0.0])
    assert 0 <= seconds_for(lambda: __import__("time").sleep(next(waits)), times=3) < 0.05
    with pytest.raises(StopIteration):  # as often as it was told, and not once more
        next(waits)
