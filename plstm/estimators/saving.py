"""An estimator in one file: its arguments and scaling as JSON, its network as Keras saves it. Nothing in it is code."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from plstm._files import replacing
from plstm.errors import ConfigError

SETTINGS, MODEL = "estimator.json", "model.keras"
FORMAT = 1


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator to a file, whole or not at all; the same as ``estimator.save(path)``.

    Args:
        estimator: a fitted ``PhasedLSTMClassifier`` or ``PhasedLSTMRegressor``.
        path: the file.

    Raises:
        ConfigError: an argument or a label that JSON cannot hold, such as a ``RandomState``.
    """
    preparation = estimator.preparation_
    classes = getattr(estimator, "classes_", None)
    held = {
        "format": FORMAT,
        "kind": type(estimator).__name__,
        "arguments": estimator.get_params(),
        "preparation": {
            **preparation._asdict(),
            "mean": preparation.mean.tolist(),
            "spread": preparation.spread.tolist(),
        },
        "history": estimator.history_,
        "features": list(getattr(estimator, "feature_names_in_", [])) or None,
        "classes": None if classes is None else classes.tolist(),
        "single": getattr(estimator, "_single", None),
    }
    try:
        text = json.dumps(held, indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"expected arguments and labels that JSON can hold, got others ({error})") from None
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, MODEL)
        estimator.model_.save(model)
        with replacing(path) as file, zipfile.ZipFile(file, "w") as packed:
            packed.writestr(SETTINGS, text)
            packed.write(model, MODEL)
