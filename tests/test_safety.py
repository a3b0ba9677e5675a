"""What is read from outside is data: nothing in a file is ever run, nothing is fetched unchecked, no shell is asked.

The first half reads our own source; the second gives every reader a file that would run something if it could.
"""

import ast
import json
import pickle
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

import plstm
from plstm.errors import ConfigError, DataError, ResultError, RunError, StateError
from plstm.lab import results
from plstm.lab.experiments import grid, models
from plstm.lab.experiments.config import Config
from plstm.lab.experiments.run_directory import RunDirectory
from plstm.lab.tasks import mnist

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "plstm").rglob("*.py"), *(ROOT / "tools").glob("*.py")])
SCRIPTS = sorted([*(ROOT / "tools").glob("*.sh"), ROOT / "Makefile", ROOT / ".ci" / "run"])
MODULES = sorted([*(ROOT / "plstm" / "lab" / "live").glob("*.mjs"), *(ROOT / "book" / "_static").glob("*.js")])

MODULES_THAT_RUN_DATA = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
BANNED_CALLS = {
    **dict.fromkeys(("eval", "exec", "compile", "__import__", "input"), "runs text"),
    **dict.fromkeys(("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"), "asks a shell"),
    **dict.fromkeys(("yaml.load", "yaml.full_load", "yaml.unsafe_load", "yaml.load_all"), "is not yaml.safe_load"),
    **dict.fromkeys(("np.fromfile", "torch.load", "np.core.records.fromfile"), "reads without a check"),
    **dict.fromkeys(("tempfile.mktemp",), "leaves a gap before the file is made"),
    **dict.fromkeys(("hashlib.md5", "hashlib.sha1"), "is no check"),
    **dict.fromkeys(
        ("keras.config.enable_unsafe_deserialization", "ssl._create_unverified_context"), "turns safety off"
    ),
}
BANNED_SETTINGS = {"shell": True, "allow_pickle": True, "safe_mode": False, "verify": False, "check_hostname": False}
LOCAL = ("http://127.0.0.1", "http://localhost", "http://www.w3.org/")


def faults(code):
    """What in a piece of Python could run data, as 'line: what'."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [f"{node.lineno}: imports {name}" for name in named if name.split(".")[0] in MODULES_THAT_RUN_DATA]
        elif isinstance(node, ast.Call):
            found += _faults_of_call(node)
        elif isinstance(node, ast.Constant) and str(node.value).startswith("http://"):
            found += [] if node.value.startswith(LOCAL) else [f"{node.lineno}: {node.value} is not https"]
    return found


def _faults_of_call(node):
    name = ast.unparse(node.func)
    settings = {
        word.arg: word.value.value if isinstance(word.value, ast.Constant) else word.value for word in node.keywords
    }
    if name in BANNED_CALLS:
        yield f"{node.lineno}: {name} {BANNED_CALLS[name]}"
    for setting, value in BANNED_SETTINGS.items():
        if setting in settings and settings[setting] is not (not value):
            yield f"{node.lineno}: {setting} must be {not value}"
    if name in ("np.load", "numpy.load") and "allow_pickle" not in settings:
        yield f"{node.lineno}: {name} without allow_pickle=False"
    if name.endswith((".extractall", ".extract")) and settings.get("filter") != "data":
        yield f"{node.lineno}: {name} without filter='data'"
    if name.startswith("subprocess.") and node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
        yield f"{node.lineno}: {name} of a string, not of a list"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_source_runs_data(path):
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from cloudpickle import loads",
        "eval('1')",
        "exec(text)",
        "os.system('ls')",
        "subprocess.run('ls', shell=True)",
        "subprocess.run(['ls'], shell=flag)",
        "subprocess.run(f'ls {name}')",
        "yaml.load(text)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "keras.models.load_model(path, safe_mode=False)",
        "tarfile.open(a).extractall(b)",
        "hashlib.md5(text)",
        "url = 'http://example.com/data.npz'",
    ],
)
def test_a_fault_is_noticed(code):
    assert faults(code)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_runs_text_or_what_it_fetched(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"\beval\b|\b(curl|wget)\b|http://(?!localhost|127\.0\.0\.1)|--trusted-host|\bxargs\b.*\bsh\b", text
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_page_script_runs_text_or_asks_another_host(path):
    """Two have an ``innerHTML``: the picture's, whose texts are escaped, and that of a card, which the build wrote."""
    text = re.sub(r"^\s*//.*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if path.name == "host.mjs":  # a figure's own file, named by letters alone
        assert "!/^[a-z]+$/.test(kind)" in text
        text = text.replace("import(`./${kind}.mjs`)", "")
    assert not re.search(r"\beval\(|new Function|document\.write|\bfetch\(|XMLHttpRequest|WebSocket|\bimport\(", text)
    assert not re.search(r"outerHTML|insertAdjacentHTML", text)
    assert text.count("innerHTML") == (path.name in {"plot.mjs", "cards.js"})


class Canary:
    """Leaves a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def canary(tmp_path):
    """``canary(path, *names)`` writes an .npz whose arrays create a file if unpickled; the test looks for it."""
    bird = tmp_path / "bird"

    def write(path, *names):
        with zipfile.ZipFile(path, "w") as file:
            for name in names:
                with file.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, np.array([Canary(bird)], object))
        return path

    yield write
    assert not bird.exists(), "the file was unpickled"


def test_the_canary_sings(tmp_path):
    """The trap itself: unpickled, the array does leave its file."""
    pickle.loads(pickle.dumps(np.array([Canary(tmp_path / "bird")], object)))
    assert (tmp_path / "bird").exists()


def test_a_pickle_for_digits(canary, tmp_path):
    path = canary(tmp_path / "mnist.npz", *mnist.KEYS)
    with pytest.raises(DataError, match="expected an MNIST file at"):
        mnist.read(path)


def test_a_pickle_for_a_checkpoint(canary, tmp_path):
    run = RunDirectory(tmp_path)
    canary(run.checkpoint, "state", "a0000")
    with pytest.raises(RunError, match="expected a checkpoint in"):
        run.load_checkpoint()


def test_a_pickle_for_the_state_of_streams(canary, tmp_path):
    x, t = keras.Input((None, 1)), keras.Input((None,))
    engine = plstm.EventDriven(keras.Model([x, t], plstm.PhasedLSTM(2)(x, times=t)))
    path = canary(tmp_path / "state.npz", "model", "streams", "last_time", "h0", "c0")
    with pytest.raises(StateError, match="expected a state in"):
        engine.load(path)


def test_code_in_a_keras_file_is_refused(tmp_path):
    """Keras' safe mode stays on, with this package's layers in the model and loaded."""
    model = keras.Sequential([keras.Input((4, 1)), plstm.PhasedLSTM(2), keras.layers.Lambda(lambda h: h * 2)])
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="unsafe|safe_mode"):
        keras.models.load_model(tmp_path / "model.keras")


@pytest.mark.parametrize("module, name", [("os", "system"), ("builtins", "eval"), ("plstm._files", "write_text")])
def test_a_function_named_in_a_keras_file_is_refused(tmp_path, module, name):
    """A gate's shape may be a function, but none that the file picks out of any module."""
    keras.Sequential([keras.Input((4, 1)), plstm.PhasedLSTM(2)]).save(tmp_path / "good.keras")
    with zipfile.ZipFile(tmp_path / "good.keras") as good, zipfile.ZipFile(tmp_path / "bad.keras", "w") as bad:
        for member in good.namelist():
            content = good.read(member)
            if member == "config.json":
                shape = {"module": module, "class_name": "function", "config": name, "registered_name": name}
                content = content.replace(b'"gate_shape": "triangle"', b'"gate_shape": ' + json.dumps(shape).encode())
            bad.writestr(member, content)
    assert module.encode() in zipfile.ZipFile(tmp_path / "bad.keras").read("config.json")
    with pytest.raises((ValueError, TypeError), match="deserializ"):
        keras.models.load_model(tmp_path / "bad.keras")


@pytest.mark.parametrize("tag", ["!!python/object/apply:pathlib.Path.touch", "!!python/object/apply:os.system"])
def test_code_in_a_grid_is_refused(tmp_path, tag):
    path = tmp_path / "grid.yaml"
    path.write_text(f"name: a\nruns: {tag} ['{tmp_path / 'bird'}']\n")
    with pytest.raises(ConfigError, match="expected YAML"):
        grid.read(path)
    assert not (tmp_path / "bird").exists()


@pytest.mark.parametrize("name", ["../a", "/tmp/a", "a/b", "a\\b", "..", "", "a\0b"])
def test_a_name_leads_out_of_no_folder(tmp_path, name):
    with pytest.raises(ResultError, match="expected a name of lower-case letters"):
        results.publish([tmp_path], name, tmp_path)
    with pytest.raises(ResultError, match="expected published results"):
        results.published(name, tmp_path)
    with pytest.raises(ConfigError):
        Config(task=name)
    with pytest.raises(ConfigError):
        Config(model=name)


def test_the_directory_of_a_run_is_one_plain_name():
    """So a sweep stays in its output directory, whatever stands in the grid."""
    for model in models.MODELS:
        assert re.fullmatch(r"[a-z0-9.-]+", grid.directory_name(Config(model=model)))
    assert not Path(grid.directory_name(Config())).is_absolute()


def test_downloads_are_by_https_and_by_hash():
    """That other content is refused is tested where the download is."""
    assert mnist.URL.startswith("https://")
    assert re.fullmatch("[0-9a-f]{64}", mnist.SHA256)
    fetching = [
        path.relative_to(ROOT / "plstm").as_posix()
        for path in sorted((ROOT / "plstm").rglob("*.py"))
        if re.search(r"urllib\.request|requests|httpx|get_file|http\.client", path.read_text(encoding="utf-8"))
    ]
    assert fetching == ["lab/tasks/mnist.py"], "another download? it needs https, a hash and its tests"
