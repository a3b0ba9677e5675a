"""Tests of the estimators train many small networks: without graphs, whose making takes longer than the training."""

import keras
import pytest


@pytest.fixture(autouse=True, scope="module")
def eager():
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
