"""Whoever imports this package can read its models: from files, configs and pickles, in this process and in others."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import plstm
from plstm import registration
from tests.support import numpy

ROOT = Path(__file__).parents[2]
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}


def python(code, *arguments, fails=False):
    """The output of a program in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning:plstm", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout.strip().rpartition("\n")[2]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file with a class of ours of every kind, and what its model answers to ones."""
    forget = keras.layers.LSTM(2, unit_forget_bias=False, bias_initializer=plstm.layers.initializers.ForgetBias(2.0))
    model = keras.Sequential(
        [
            keras.Input((6, 1)),
            plstm.Bidirectional(plstm.PhasedLSTM(2, return_sequences=True, **RHYTHM)),
            plstm.PhasedGRU(2, return_sequences=True, **RHYTHM),
            keras.layers.RNN(plstm.PhasedLSTMCell(2, **RHYTHM), return_sequences=True),
            forget,
        ]
    )
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    model.save(path)
    return path, float(np.sum(numpy(model(np.ones((1, 6, 1), "float32")))))


ANSWER = "print(float(keras.ops.sum(model(keras.ops.ones((1, 6, 1))))))"
ORDERS = {
    "plstm-first": "import plstm, keras",
    "keras-first": "import keras, plstm",
    "a-module-first": "from plstm.layers.gru import PhasedGRU; import keras",
    "the-middle-first": "import plstm.layers.time_gate, keras",
    "from-keras": "import plstm; plstm.pad; from keras.saving import load_model; import keras",
    "in-a-thread": "import plstm, threading; t = threading.Thread(target=__import__, args=('keras',));"
    "t.start(); t.join(); import keras",
}


@pytest.mark.parametrize("imports", ORDERS.values(), ids=ORDERS)
def test_load_model_needs_the_import_alone(saved, imports):
    path, want = saved
    code = f"{imports}; import sys; model = keras.saving.load_model(sys.argv[1]); {ANSWER}"
    assert float(python(code, path)) == pytest.approx(want, abs=1e-6)


def test_without_the_import_keras_does_not_know_the_classes(saved):
    python("import keras, sys; keras.saving.load_model(sys.argv[1])", saved[0], fails=True)


def test_configs_and_clones_need_the_import_alone(saved):
    config = json.dumps(keras.saving.serialize_keras_object(keras.saving.load_model(saved[0])))
    code = (
        "import plstm, keras, json, sys; model = keras.saving.deserialize_keras_object(json.loads(sys.argv[1]));"
        f"model = keras.models.clone_model(model); keras.Sequential.from_config(model.get_config()); {ANSWER}"
    )
    assert np.isfinite(float(python(code, config)))


def test_every_registered_class_is_registered():
    modules = {
        ".".join(path.relative_to(ROOT / "plstm").with_suffix("").parts)
        for path in (ROOT / "plstm").rglob("*.py")
        if "@keras.saving.register_keras_serializable" in path.read_text()
    }
    assert modules == set(registration.HOMES)
    python(
        "import plstm, keras; names = keras.saving.get_custom_objects();"
        "assert {f'plstm>{n}' for n in ('PhasedLSTM', 'PhasedGRUCell', 'TimeGate', 'Bidirectional')} <= set(names)"
    )


def test_the_watch_leaves_no_trace():
    code = (
        "import sys; {first} import keras; import keras.src; print(type(keras.__loader__).__name__,"
        "type(keras.__spec__.loader).__name__, [f for f in sys.meta_path if 'plstm' in type(f).__module__])"
    )
    assert python(code.format(first="import plstm;")) == python(code.format(first=""))
    python(
        "import plstm, sys, importlib.util; assert importlib.util.find_spec('keras'); assert 'keras' not in sys.modules"
    )


def test_keras_is_imported_even_if_a_module_here_is_broken():
    code = (
        "import warnings, sys; warnings.simplefilter('error'); import plstm; "
        "sys.modules['plstm.lab.experiments.features'] = None;"
        "warnings.simplefilter('ignore'); warnings.filterwarnings('always', module='.*', category=RuntimeWarning);"
        "import keras; keras.layers.LSTM"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and "could not register its layers with Keras" in done.stderr


# Pickles


MAIN = """
import keras, multiprocessing, pickle, sys
import numpy as np
import plstm

SPAWN = multiprocessing.get_context("spawn")

def answer(model):
    return float(keras.ops.sum(model(keras.ops.ones((1, 6, 1)))))

if __name__ == "__main__":
    model = keras.saving.load_model(sys.argv[1])
    {run}
"""
RUNS = {
    "pool": "pool = SPAWN.Pool(1); print(pool.apply(answer, (model,))); pool.terminate()",
    "executor": "from concurrent.futures import ProcessPoolExecutor as P\n"
    "    with P(1, mp_context=SPAWN) as pool: print(pool.submit(answer, model).result())",
    "joblib": "import joblib; print(joblib.Parallel(2)([joblib.delayed(answer)(model)])[0])",
    "deepcopy": "import copy; print(answer(copy.deepcopy(model)))",
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_models_go_to_other_processes(saved, run, tmp_path):
    if "joblib" in run:
        pytest.importorskip("joblib")
    path, want = saved
    program = tmp_path / "program.py"
    program.write_text(MAIN.format(run=run))
    done = subprocess.run([sys.executable, program, path], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.strip().rpartition("\n")[2]) == pytest.approx(want, abs=1e-6)


def test_a_pickle_imports_what_it_needs(saved, tmp_path):
    """Where a pickled model is read, nobody may have imported this package: a worker of joblib's, a server."""
    (tmp_path / "it.pkl").write_bytes(pickle.dumps(keras.saving.load_model(saved[0])))
    inputs = keras.Input((6, 1))
    functional = keras.Model(inputs, plstm.PhasedLSTM(2)(inputs))
    (tmp_path / "functional.pkl").write_bytes(pickle.dumps(functional))
    for name in ("it.pkl", "functional.pkl"):
        python("import pickle, sys; pickle.load(open(sys.argv[1], 'rb'))", tmp_path / name)


def test_pickles_without_a_layer_of_ours_do_not_import_it(tmp_path):
    (tmp_path / "it.pkl").write_bytes(pickle.dumps(keras.Sequential([keras.Input((6, 1)), keras.layers.LSTM(2)])))
    python(
        "import pickle, sys; pickle.load(open(sys.argv[1], 'rb')); assert 'plstm' not in sys.modules",
        tmp_path / "it.pkl",
    )
