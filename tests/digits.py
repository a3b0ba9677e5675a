"""A small MNIST file for tests of what happens around the data."""

import numpy as np
import pytest


def arrays(train=20, test=10, seed=0):
    """Random images and labels in the layout of mnist.npz."""
    random = np.random.default_rng(seed)
    return {
        "x_train": random.integers(0, 256, (train, 28, 28), dtype=np.uint8),
        "y_train": random.integers(0, 10, train, dtype=np.uint8),
        "x_test": random.integers(0, 256, (test, 28, 28), dtype=np.uint8),
        "y_test": random.integers(0, 10, test, dtype=np.uint8),
    }


def save(path, **content):
    """Write the arrays to an .npz file, its folder included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **content)
    return path


@pytest.fixture
def few_digits(monkeypatch, tmp_path_factory):
    """PLSTM_DATA with 20 random images for training and 10 for the test."""
    folder = tmp_path_factory.mktemp("data")
    save(folder / "mnist.npz", **arrays())
    monkeypatch.setenv("PLSTM_DATA", str(folder))
    return folder
