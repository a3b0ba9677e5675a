"""The files of results: result.json, history.csv and the published runs of the package.

A config is stored completely and read unchanged: a missing setting is never filled in from today's defaults.

The files are described by ``plstm/lab/results/schema.json``. Each contains a hash of its own content, so that a number
changed by hand is detected.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np

from plstm._files import parse_json, write_text
from plstm.errors import ResultError

FOLDER = Path(__file__).parent
SCHEMA = FOLDER / "schema.json"
MANIFEST = FOLDER / "manifest.json"
# The files beside the published runs.
RESERVED = (SCHEMA.stem, MANIFEST.stem)
HASH = "content_sha256"
COLUMNS = ("step", "loss", "accuracy")
# What passed all checks in this process: (kind, SHA-256 of the text). They take most of the time of reading.
_SOUND = set()


def digest(content):
    """SHA-256 of a JSON object without its own hash, independent of order and spacing.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1, "content_sha256": "of no account"})
    True
    """
    rest = {key: value for key, value in content.items() if key != HASH}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write(path, result, kind="result"):
    """Check a result, or a file of another ``kind`` as in ``read``, add its content hash and write it. Returns what was
    written.

    Raises:
        ResultError: the result does not follow the schema.
        OSError: the file cannot be written; an existing file does not change.
    """
    result = {**result, HASH: digest(result)}
    _validate(result, kind, path)
    write_text(path, json.dumps(result, indent=2, allow_nan=False) + "\n")
    return result


def write_lines(path, content, kind, many):
    """As ``write``, for a file of the schema's ``kind``: each item of the list ``content[many]`` gets one line.

    So a diff shows which items changed.
    """
    content = {**content, HASH: digest(content)}
    _validate(content, kind, path)
    head = json.dumps({key: value for key, value in content.items() if key != many}, separators=(",", ":"))
    lines = ",\n".join(json.dumps(one, separators=(",", ":"), allow_nan=False) for one in content[many])
    write_text(path, f'{head[:-1]},"{many}":[\n{lines}\n]}}\n')
    return content


def read_run(directory):
    """The result and the history of a finished run, checked against each other.

    Raises:
        ResultError: naming the file that is missing, truncated or edited by hand.
    """
    result, path = read(Path(directory) / "result.json"), Path(directory) / "history.csv"
    history, steps = read_history(path), result["config"]["steps"]
    if len(history["step"]) != steps:
        raise ResultError(f"expected {steps} steps in {path}, got {len(history['step'])}")
    # Runs from before the hash was introduced have none.
    if result.get("history_sha256") not in (None, file_hash(path)):
        raise ResultError(
            f"expected {path} unchanged since it was written, but it does not match history_sha256 in result.json"
        )
    return result, history


def file_hash(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def read_history(path):
    """The columns of a history.csv: step (int), loss and accuracy (float), one row for each training step.

    Raises:
        ResultError: naming the file, where it is missing or does not hold the steps 1, 2, ... in order.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ResultError(f"expected a history at {path}, but it cannot be read ({error})") from error
    if not lines or lines[0] != ",".join(COLUMNS):
        raise ResultError(f"expected {path} to begin with {','.join(COLUMNS)}, got {lines[:1]}")
    try:
        rows = np.array([[float(value) for value in line.split(",")] for line in lines[1:]])
        rows = rows.reshape(len(lines) - 1, len(COLUMNS))
    except ValueError:
        raise ResultError(f"expected {len(COLUMNS)} numbers in each row of {path}, got other rows") from None
    if not np.isfinite(rows).all():
        raise ResultError(f"expected finite numbers in {path}, got {rows[~np.isfinite(rows)][0]}")
    steps = np.arange(1, len(rows) + 1)
    if not np.array_equal(rows[:, 0], steps):
        raise ResultError(f"expected the steps 1 to {len(rows)} in {path}, got other numbers")
    return {"step": steps, "loss": rows[:, 1], "accuracy": rows[:, 2]}


def thin(history, every=10):
    """A shorter history: means over every ``every`` steps, each at its last step; an incomplete rest is left out.

    >>> thin({"step": [1, 2, 3, 4], "loss": [4.0, 2.0, 1.0, 0.0], "accuracy": [0.0, 0.5, 0.5, 1.0]}, every=2)
    {'step': [2, 4], 'loss': [3.0, 0.5], 'accuracy': [0.25, 0.75]}
    """
    whole = len(history["step"]) // every * every
    blocks = {name: np.asarray(history[name])[:whole].reshape(-1, every) for name in COLUMNS}
    means = {name: [float(f"{mean:.5g}") for mean in blocks[name].mean(axis=1)] for name in COLUMNS[1:]}
    return {"step": blocks["step"][:, -1].tolist(), **means}


def names(folder=FOLDER):
    """The names under which runs are published."""
    return sorted(path.stem for path in Path(folder).glob("*.json") if path.stem not in RESERVED)


def published(name, folder=FOLDER):
    """The runs published under a name: dicts of ``result`` and ``history`` (the thinned training curve, in arrays).

    Raises:
        ResultError: nothing is published under that name, or the file is damaged.
    """
    runs = _published(name, folder)["runs"]
    return [{**run, "history": {key: np.array(column) for key, column in run["history"].items()}} for run in runs]


def choices(name, folder=FOLDER):
    """For a grid with two stages: the setting chosen for each task and model, and the scores of all settings.

    A list of dicts, as in the ``choice.json`` of a sweep; empty for a grid with one stage. Raises as ``published``.
    """
    return _published(name, folder).get("choices", [])


def diverged(name, folder=FOLDER):
    """The published runs of that name that diverged: dicts as in their ``diverged.json``. Raises as ``published``."""
    return _published(name, folder).get("diverged", [])


def _published(name, folder):
    if name not in names(folder):
        raise ResultError(f"expected published results among {', '.join(names(folder)) or '(none yet)'}, got {name!r}")
    return read(Path(folder) / f"{name}.json", "published")


def read(path, kind="result"):
    """The content of a result.json, or of a file of another ``kind`` of the schema.

    Args:
        kind: ``"result"``, ``"diverged"``, ``"published"``, ``"analysis"``, ``"rivals"``, or ``"choice"``, which alone
            carries no hash.

    Raises:
        ResultError: naming the file, where it is missing, truncated, edited by hand, or not of the schema.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        content = parse_json(text)
    except OSError as error:
        raise ResultError(f"expected a file {path}, but it cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ResultError(f"expected JSON in {path}, but it is truncated or damaged ({error})") from error
    sound = kind, hashlib.sha256(text.encode()).hexdigest()
    if sound in _SOUND:
        return content
    _validate(content, kind, path)
    runs = [*(run["result"] for run in content.get("runs", [])), *content.get("diverged", [])]
    hashed = () if kind == "choice" else (content, *runs)
    for part in hashed:
        if part[HASH] != digest(part):
            raise ResultError(
                f"expected {path} unchanged since it was written, but its content does not match its {HASH}"
            )
    _SOUND.add(sound)
    return content


def _validate(content, kind, path):
    from jsonschema.exceptions import best_match

    error = best_match(_validator(kind).iter_errors(content))
    if error is not None:
        # The message of a wrong array or object repeats all of it.
        message = error.message if len(error.message) < 200 else f"{error.message[:200]}..."
        if error.validator == "required" and error.json_path.endswith(".config"):
            message += "; a run that is older than one of its settings must be made again"
        raise ResultError(f"expected {path} to follow the schema, but at {error.json_path}: {message}")


@cache
def _validator(kind):
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{kind}"})
