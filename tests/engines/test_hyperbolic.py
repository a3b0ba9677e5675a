"""tanh and the sigmoid of the compiled kernels, against NumPy in float64."""

import numpy as np
import pytest
from numba import njit

from plstm.engines.kernels.hyperbolic import sigmoid, tanh
from plstm.engines.kernels.vectors import BYTES, OPTIONS, load, store


@njit(**OPTIONS)
def tanh_of(x, out):
    for e in range(0, x.size, BYTES // x.itemsize):
        store(out, e, tanh(load(x, e)))


@njit(**OPTIONS)
def sigmoid_of(x, out):
    for e in range(0, x.size, BYTES // x.itemsize):
        store(out, e, sigmoid(load(x, e)))


def exact_sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


@pytest.mark.parametrize("compiled, exact", [(tanh_of, np.tanh), (sigmoid_of, exact_sigmoid)])
@pytest.mark.parametrize("dtype, within", [("float32", 3e-7), ("float64", 1e-15)])
def test_every_size_of_number(compiled, exact, dtype, within):
    sizes = np.concatenate([[0], np.geomspace(1e-30, 1e30, 4095), [np.inf], np.linspace(0, 90, 4079)])
    x = np.concatenate([sizes, -sizes]).astype(dtype)
    out = np.full_like(x, np.nan)
    compiled(x, out)
    np.testing.assert_allclose(out, exact(x.astype("float64")), rtol=0, atol=within)
    assert out.min() >= (-1 if compiled is tanh_of else 0) and out.max() <= 1


def test_tanh_keeps_its_digits_near_0():
    x = np.geomspace(1e-30, 1, 4096).astype("float32")
    out = np.empty_like(x)
    tanh_of(x, out)
    np.testing.assert_allclose(out, np.tanh(x.astype("float64")), rtol=5e-7)


def test_the_sigmoid_keeps_its_digits_near_0():
    x = -np.linspace(0, 80, 4096).astype("float32")
    out = np.empty_like(x)
    sigmoid_of(x, out)
    # The product with log2(e), as large as 115, is rounded to a float32.
    np.testing.assert_allclose(out, exact_sigmoid(x.astype("float64")), rtol=1e-5)


@pytest.mark.parametrize("compiled", [tanh_of, sigmoid_of])
@pytest.mark.parametrize("bits", [0x7FC00000, 0xFFC00000, 0x7FC00001, 0x7FFFFFFF, 0xFFFFFFFF, 0x7F800001])
def test_nan_stays_nan(compiled, bits):
    x = np.zeros(16, "float32")
    x[5] = np.array(bits, "uint32").view("float32")
    out = np.empty_like(x)
    compiled(x, out)
    assert np.isnan(out).tolist() == [place == 5 for place in range(16)]
