"""Without a backend, the laboratory's packages or pandas: the first use says what to install."""

import os
import subprocess
import sys

import pytest

import plstm
from plstm.layers import presets

# A Python in which these packages are not installed: no finder finds them.
WITHOUT = """
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        missing = name.partition(".")[0] in {missing!r}
        return None if missing else self.finder.find_spec(name, path, target)
sys.meta_path[:] = map(Without, sys.meta_path)
import plstm
"""
BACKENDS = ["tensorflow", "torch", "jax"]
LAB = ["anywidget", "ipywidgets", "jsonschema", "matplotlib", "mlxtend", "pandas", "py_mini_racer", "seaborn", "tqdm"]


def python(missing, code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing) + code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return done.stdout + done.stderr


def test_without_a_backend_times_still_have_gates():
    found = python(
        BACKENDS, "print(plstm.__version__, plstm.time_gate([1.0], 10.0, ratio_on=0.2), 'keras' in sys.modules)"
    )
    assert found.split() == [plstm.__version__, "[1.]", "False"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_a_backend_the_first_use_says_what_to_install(backend):
    # A second use must not meet half a Keras.
    code = "for name in ('PhasedLSTM', 'PhasedLSTM', 'TimeGate', 'presets', 'LogUniform'):\n"
    code += "    try: getattr(plstm, name)\n"
    code += "    except ImportError as error: print(error, '|', error.__cause__)\n"
    lines = python(BACKENDS, code, KERAS_BACKEND=backend).splitlines()
    assert len(lines) == 5
    for line in lines:
        message, _, cause = line.partition(" | ")
        assert "pip install tensorflow" in message and "KERAS_BACKEND" in message
        assert cause == f"No module named '{backend}'"


def test_without_a_backend_an_import_by_name_fails_too():
    found = python(BACKENDS, "from plstm import PhasedGRU")
    assert found.splitlines()[-1].startswith("ImportError: plstm.PhasedGRU needs a backend of Keras: pip install")


def test_without_the_laboratory_its_names_say_what_to_install():
    found = python(LAB, "print(plstm.PhasedLSTM(2).cell.units)\nplstm.explore_gate")
    assert "\n2\n" in f"\n{found}"
    assert found.splitlines()[-1] == 'ImportError: plstm.explore_gate needs the extra "lab": pip install "plstm[lab]"'


@pytest.mark.parametrize("missing", [[*LAB, "sklearn"], ["sklearn"], ["py_mini_racer"]], ids=" ".join)
def test_without_an_extra_help_and_the_star_show_the_other_names(missing):
    code = "import pydoc\nfrom plstm import *\nprint(PhasedLSTM(2).cell.units, 'LogUniform' in pydoc.render_doc(plstm))"
    code += "\nprint('names', *dir(plstm))"
    lines = python(missing, code).splitlines()
    assert "2 True" in lines
    [names] = [line.split()[1:] for line in lines if line.startswith("names ")]
    left_out = {
        name
        for name, home in plstm._HOMES.items()
        if (home.startswith("plstm.lab.") and missing != ["sklearn"])
        or (home.startswith("plstm.estimators.") and missing != ["py_mini_racer"])
    }
    assert set(names) == {*plstm._HOMES, "__version__"} - left_out


def test_without_the_laboratory_the_command_is_one_line():
    found = python(
        LAB, "from plstm.lab.cli.main import main\nprint('code', main(['plot', 'nowhere', '--out', 'nowhere.svg']))"
    )
    told = 'plstm: needs the extra "lab": pip install "plstm[lab]" (No module named '
    assert "code 2" in found.splitlines() and any(line.startswith(told) for line in found.splitlines())
    assert "Traceback" not in found


def test_without_pandas_read_csv_says_what_to_install():
    found = python(["pandas"], "plstm.read_csv('there_is_none.csv')")
    assert found.splitlines()[-1] == 'ImportError: plstm.read_csv needs pandas: pip install "plstm[data]"'
    assert "No module named 'pandas'" in found


@pytest.mark.parametrize("missing", ["sklearn", "pandas"])
@pytest.mark.parametrize("name", ["PhasedLSTMClassifier", "PhasedLSTMRegressor", "load_estimator"])
def test_without_scikit_learn_the_estimators_say_what_to_install(missing, name):
    found = python([missing], f"plstm.{name}")
    told = 'plstm.estimators needs scikit-learn and pandas: pip install "plstm[estimators]"'
    assert found.splitlines()[-1] == f"ImportError: {told}"
    assert f"No module named '{missing}'" in found


def test_an_import_that_fails_for_another_reason_is_not_explained_away():
    found = python(["plstm_other"], "plstm._HOMES['PhasedLSTM'] = 'plstm_other.layers'\nplstm.PhasedLSTM")
    assert found.splitlines()[-1] == "ModuleNotFoundError: No module named 'plstm_other'"


def test_former_names_still_answer_with_a_warning():
    with pytest.warns(DeprecationWarning, match=r"plstm\.recipes is now plstm\.presets"):
        assert plstm.recipes is presets
    with pytest.warns(DeprecationWarning, match=r"plstm\.read_digits is now plstm\.explore_digits"):
        assert plstm.read_digits is plstm.explore_digits
    assert plstm.presets.authors()["frozen"] == ["ratio_on"]


def test_what_was_never_a_name_is_none():
    with pytest.raises(AttributeError, match="module 'plstm' has no attribute 'receipts'"):
        _ = plstm.receipts


def test_dir_has_the_public_names_alone():
    assert dir(plstm) == sorted([*plstm.__all__, "__version__"])
    assert {"presets", "PhasedLSTM"} <= set(dir(plstm)) and not {"warnings", "import_module"} & set(dir(plstm))
