"""The rules of what runs when a submission is graded, each on a real notebook in the real sandbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.reports.model import ComponentReport, Report
from tests.labs.ae_base import IMPORTS, RIGHT, code_cell, component_cells, write_notebook

Grade = Callable[..., Report]
LOSS = RIGHT["reconstruction_loss"]


@pytest.fixture
def judge_loss(grade: Grade, tmp_path) -> Callable[..., ComponentReport]:
    """Grades `reconstruction_loss` of a notebook made of the given cells."""

    def judge(*cells, lab: str | None = "ae") -> ComponentReport:
        notebook = write_notebook(tmp_path / "s01" / "ae" / "ae.ipynb", list(cells), lab)
        report = grade(notebook, only=["reconstruction_loss"])
        assert report.status == "graded", report.message
        return next(c for c in report.components if c.name == "reconstruction_loss")

    return judge


def test_a_statement_that_raises_does_not_stop_the_rest_of_its_cell(judge_loss):
    assert judge_loss(code_cell("1 / 0\n" + IMPORTS + "undefined_name\n" + LOSS)).status == "pass"


def test_torch_and_its_friends_are_there_without_any_import(judge_loss):
    source = "import no_such_package, torch\ndef reconstruction_loss(x_hat, x):\n    np.zeros(1), math.pi, plt, nn\n    return F.mse_loss(x_hat, x)"
    assert judge_loss(code_cell(source)).status == "pass"


@pytest.mark.parametrize(
    "noise",
    [
        "!pip install nothing\n",
        "%matplotlib inline\n%load_ext autoreload\n",
        "files = !ls\nx = %timeit -o 1\n",
        "%%time\n",
        "?print\nprint?\n",
        "!echo \\\n  two lines\n",
        "get_ipython().run_line_magic('pip', 'install x')\n",
        "answer = input('name?')\n",
        "import sys; sys.exit(3)\n",
        "exit()\n",
        "quit()\n",
        "raise KeyboardInterrupt\n",
        "plt.plot([1, 2]); plt.show()\n",
        "import asyncio\nawait asyncio.sleep(0)\nvalue = await asyncio.sleep(0, 5)\n",
        "print('x' * 10_000_000)\n",
        "from google.colab import drive\ndrive.mount('/content/drive')\n",
        "import sys\nsys.stdout.close()\nsys.stderr = None\n",
        "import warnings; warnings.simplefilter('error')\n",
        "torch.set_grad_enabled(False)\n",
        "torch.set_num_threads(4)\nx = torch.rand(2000, 2000) @ torch.rand(2000, 2000)\n",
    ],
)
def test_shell_lines_magics_and_noise_do_no_harm(judge_loss, noise):
    assert judge_loss(code_cell(noise + IMPORTS + LOSS)).status == "pass"


def test_a_cell_magic_of_another_language_is_left_out(judge_loss):
    assert judge_loss(code_cell("%%bash\nrm -rf /\n"), code_cell(IMPORTS + LOSS)).status == "pass"


def test_a_training_cell_gives_its_definitions_but_does_not_train(judge_loss):
    source = IMPORTS + LOSS + "\nRATE = 3\nfor _ in iter(int, 1):\n    pass"
    assert judge_loss(code_cell(source, tags=["train"])).status == "pass"


def test_a_cell_that_takes_too_long_gives_its_definitions(judge_loss):
    found = judge_loss(code_cell("while True:\n    pass\n" + IMPORTS + LOSS))
    assert found.status == "pass"
    assert any("too long" in finding.message for finding in found.findings)


def test_a_cell_that_swallows_its_interruption_gives_its_definitions(judge_loss):
    source = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n"
    assert judge_loss(code_cell(source + IMPORTS + LOSS)).status == "pass"


def test_a_cell_that_ends_the_process_gives_its_definitions(judge_loss):
    assert judge_loss(code_cell("import os\nos._exit(0)\n" + IMPORTS + LOSS)).status == "pass"


def test_a_name_that_only_a_training_cell_makes_is_told(judge_loss):
    source = "def reconstruction_loss(x_hat, x):\n    return criterion(x_hat, x)"
    found = judge_loss(
        code_cell(IMPORTS), code_cell("criterion = nn.MSELoss()", tags=["train"]), code_cell(source)
    )
    assert found.status == "error"
    assert "`criterion` is only made by cell 2" in found.findings[0].message


def test_a_component_that_only_a_training_cell_makes_is_told(judge_loss):
    found = judge_loss(code_cell(IMPORTS), code_cell("reconstruction_loss = nn.MSELoss()", tags=["train"]))
    assert found.status == "missing"
    assert "cell 2" in found.findings[0].message


def test_a_cell_that_does_not_parse_is_an_error_with_its_line(judge_loss):
    found = judge_loss(
        code_cell(IMPORTS), code_cell("def reconstruction_loss(x_hat, x):\n    return (x_hat - x\n")
    )
    assert found.status == "error"
    assert "line 2 of cell 2" in found.findings[0].message


def test_the_error_of_a_component_names_type_line_and_cell(judge_loss):
    source = "def reconstruction_loss(x_hat, x):\n    y = 1\n    return x_hat.no_such_thing()"
    found = judge_loss(code_cell(IMPORTS), code_cell(source))
    assert found.status == "error"
    assert "AttributeError in line 3 of cell 2" in found.findings[0].message


def test_the_component_is_what_its_name_is_bound_to_at_its_check_cell(judge_loss):
    later = "reconstruction_loss = reconstruction_loss(torch.zeros(1, 784), torch.zeros(1, 784))"
    cells = [code_cell(IMPORTS), *component_cells("reconstruction_loss", LOSS), code_cell(later)]
    assert judge_loss(*cells).status == "pass"


def test_a_check_call_tells_the_component_where_ids_are_lost(judge_loss):
    cells = [
        code_cell(IMPORTS + LOSS),
        code_cell('check("reconstruction_loss")'),
        code_cell("reconstruction_loss = None"),
    ]
    assert judge_loss(*cells, lab=None).status == "pass"


def test_without_a_check_cell_the_last_binding_counts(judge_loss):
    wrong = "def reconstruction_loss(x_hat, x):\n    return 0"
    assert judge_loss(code_cell(IMPORTS), code_cell(wrong), code_cell(LOSS)).status == "pass"


def test_a_check_cell_that_was_edited_into_nonsense_is_skipped(judge_loss):
    cells = component_cells("reconstruction_loss", LOSS)
    cells[1]["source"] = "reconstruction_loss = None\nwhile True: pass"
    assert judge_loss(code_cell(IMPORTS), *cells).status == "pass"


def test_a_solution_merged_with_its_check_cell_counts(judge_loss):
    cells = component_cells("reconstruction_loss", LOSS)
    cells[1]["source"] = LOSS + '\ncheck("reconstruction_loss")'
    assert judge_loss(code_cell(IMPORTS), cells[1]).status == "pass"


def test_a_solution_split_over_two_cells_counts(judge_loss):
    cells = [
        code_cell("def square(x):\n    return x ** 2"),
        code_cell("def reconstruction_loss(x_hat, x):\n    return square(x_hat - x).mean()"),
    ]
    assert judge_loss(code_cell(IMPORTS), *cells).status == "pass"


def test_duplicated_cells_count_once(judge_loss):
    cells = component_cells("reconstruction_loss", LOSS)
    assert judge_loss(code_cell(IMPORTS), *cells, *cells).status == "pass"


@pytest.mark.parametrize(
    "source",
    [
        "def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat.cuda(), x.to('cuda'))",
        "DEVICE = torch.device('cuda')\ndef reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat.to(DEVICE), x.to(DEVICE)) + torch.zeros(1, device='cuda').sum()",
        "layer = nn.Linear(2, 2).cuda()\ndef reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x.to('mps'))",
    ],
)
def test_a_gpu_that_the_code_names_is_taken_as_the_cpu_with_a_note(judge_loss, source):
    found = judge_loss(code_cell(IMPORTS), code_cell(source))
    assert found.status == "pass", found.findings
    assert any(finding.status == "note" and "CPU" in finding.message for finding in found.findings)


def test_a_mistake_in_one_component_costs_nothing_in_another(grade: Grade, tmp_path):
    changed = RIGHT | {
        "Encoder": RIGHT["Encoder"].replace("self.net(x)", "torch.relu(self.net(x))"),
        "reconstruction_loss": "def reconstruction_loss(x_hat, x):\n    return (x_hat - x).abs().sum()",
    }
    cells = [code_cell(IMPORTS)] + [
        cell for name, source in changed.items() for cell in component_cells(name, source)
    ]
    report = grade(write_notebook(tmp_path / "s01" / "ae" / "ae.ipynb", cells), only=list(RIGHT))
    statuses = {c.name: c.status for c in report.components if c.name in RIGHT}
    assert statuses == dict.fromkeys(RIGHT, "pass") | {"Encoder": "fail", "reconstruction_loss": "fail"}


def test_a_component_that_never_ends_is_a_timeout_and_the_rest_is_judged(grade: Grade, tmp_path):
    changed = RIGHT | {"evaluate": "def evaluate(model, x):\n    while True:\n        pass"}
    cells = [code_cell(IMPORTS)] + [
        cell for name, source in changed.items() for cell in component_cells(name, source)
    ]
    report = grade(
        write_notebook(tmp_path / "s01" / "ae" / "ae.ipynb", cells), only=["evaluate", "interpolate"]
    )
    assert {c.name: c.status for c in report.components} == {"evaluate": "timeout", "interpolate": "pass"}


def test_a_component_that_takes_all_memory_is_told_so(judge_loss):
    source = "def reconstruction_loss(x_hat, x):\n    return torch.ones(20_000_000_000).sum()"
    assert judge_loss(code_cell(IMPORTS), code_cell(source)).status == "memory"


def test_a_component_that_leaves_the_process_is_an_error(judge_loss):
    source = "import os\ndef reconstruction_loss(x_hat, x):\n    os._exit(0)"
    assert judge_loss(code_cell(IMPORTS), code_cell(source)).status == "error"
