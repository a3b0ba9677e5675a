"""Reading an estimator from the file that ``plstm.estimators.saving`` wrote."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from plstm._files import parse_json
from plstm.errors import DataError
from plstm.estimators.classifier import PhasedLSTMClassifier
from plstm.estimators.preparation import Preparation
from plstm.estimators.regressor import PhasedLSTMRegressor
from plstm.estimators.saving import FORMAT, MODEL, SETTINGS

KINDS = {kind.__name__: kind for kind in (PhasedLSTMClassifier, PhasedLSTMRegressor)}


def load_estimator(path: str | os.PathLike[str]) -> Any:
    """The estimator in a file that its method ``save`` wrote.

    Args:
        path: the file.

    Raises:
        DataError: the file is damaged or is no saved estimator.
        OSError: the file cannot be read.

    Example:
        >>> import pathlib, tempfile, numpy as np, plstm
        >>> X, y = np.random.default_rng(0).normal(size=(8, 5)), [0, 1] * 4
        >>> classifier = plstm.PhasedLSTMClassifier(units=2, epochs=1, random_state=0).fit(X, y)
        >>> path = pathlib.Path(tempfile.mkdtemp(), "ill.plstm")
        >>> classifier.save(path)
        >>> bool(np.array_equal(load_estimator(path).predict_proba(X), classifier.predict_proba(X)))
        True
    """
    try:
        with zipfile.ZipFile(path) as packed, tempfile.TemporaryDirectory() as folder:
            held = parse_json(packed.read(SETTINGS).decode())
            if held["format"] != FORMAT:
                raise DataError(f"{path}: expected a saved estimator of format {FORMAT}, got {held['format']}")
            estimator = KINDS[held["kind"]](**_arguments(held["arguments"]))
            model = Path(folder, MODEL)
            model.write_bytes(packed.read(MODEL))
            estimator.model_ = keras.saving.load_model(model)
            _restore(estimator, held)
    except (OSError, DataError):
        raise
    except Exception as error:  # for damaged files zipfile, zlib and Keras raise a dozen different types
        raise DataError(f"{path}: expected a saved estimator, got a file that cannot be read ({error})") from error
    return estimator


def _arguments(held: dict[str, Any]) -> dict[str, Any]:
    periods = held["periods"]
    return {**held, "periods": periods if periods is None else tuple(periods)}


def _restore(estimator: Any, held: dict[str, Any]) -> None:
    preparation = held["preparation"]
    mean, spread = (np.array(preparation[name], np.float64) for name in ("mean", "spread"))
    estimator.preparation_ = Preparation(mean, spread, bool(preparation["indicators"]), preparation["origin"])
    estimator.history_, estimator.n_features_in_ = held["history"], len(mean)
    if held["features"] is not None:
        estimator.feature_names_in_ = np.array(held["features"], dtype=object)
    if held["classes"] is not None:
        estimator.classes_ = np.array(held["classes"])
    if held["single"] is not None:
        estimator._single = held["single"]
