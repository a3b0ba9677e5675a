"""The blocked products against NumPy's, as compiled for this processor and for such as have narrower registers."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from plstm.engines.kernels.products import ACROSS, ROWS, multiply, multiply_row, multiply_samples, turn

OTHERS = {
    "AVX2": {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma"},
    "SSE": {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse2"},
}
rng = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("add", [False, True])
def test_multiply(dtype, add):
    """In groups of ROWS; blocks of all widths; starts, strides and what lies beyond left alone."""
    lanes = 64 // np.dtype(dtype).itemsize
    for m, n, depth in ((ROWS, lanes, 1), (3 * ROWS, 5 * lanes, 7)):
        a, b = rng.normal(size=(m, depth)).astype(dtype), rng.normal(size=(depth, n + 3)).astype(dtype)
        packed = np.ascontiguousarray(a.reshape(m // ROWS, ROWS, depth).transpose(0, 2, 1))
        c = rng.normal(size=(m, n + 5)).astype(dtype)
        expected = c.copy()
        expected[:, 2 : n + 2] = a @ b[:, 1 : n + 1] + (c[:, 2 : n + 2] if add else 0)
        multiply(
            m, n, depth, packed.reshape(-1), ROWS * depth, ROWS, b.reshape(-1), 1, n + 3, c.reshape(-1), 2, n + 5, add
        )
        np.testing.assert_allclose(c, expected, rtol=0, atol=2e-5 if dtype == np.float32 else 1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_multiply_row(dtype):
    lanes = 64 // np.dtype(dtype).itemsize
    for n, depth in ((lanes, 3), (11 * lanes, 9)):
        a, b = rng.normal(size=depth + 2).astype(dtype), rng.normal(size=(depth, n)).astype(dtype)
        c = rng.normal(size=n + 3).astype(dtype)
        expected = c.copy()
        expected[2 : n + 2] = a[1 : depth + 1] @ b
        multiply_row(n, depth, a, 1, b.reshape(-1), c, 2)
        np.testing.assert_allclose(c, expected, rtol=0, atol=2e-5 if dtype == np.float32 else 1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_multiply_samples(dtype):
    """Blocks of all widths; what lies beyond left alone."""
    lanes = 64 // np.dtype(dtype).itemsize
    wide = ACROSS[1] * lanes
    for m, n, steps, samples in ((ACROSS[0], lanes, 1, lanes), (3 * ACROSS[0], wide + 2 * lanes, 3, 2 * lanes)):
        a, b = (rng.normal(size=(steps, rows, samples)).astype(dtype) for rows in (m, n))
        c = rng.normal(size=(m, n + 4)).astype(dtype)
        expected = c.copy()
        expected[:, :n] += np.einsum("sik,sjk->ij", a, b)
        left, right, out = (array.reshape(-1) for array in (a, b, c))
        for step in range(steps):
            turn(n, samples, right, step * n * samples)
        multiply_samples(m, n, steps, samples, left, m * samples, right, n * samples, out, n + 4)
        np.testing.assert_allclose(c, expected, rtol=0, atol=5e-5 if dtype == np.float32 else 1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_turn(dtype):
    """Every square is transposed in its place, and twice is as before; what lies around is left alone."""
    lanes = 64 // np.dtype(dtype).itemsize
    z = rng.normal(size=5 + 6 * lanes**2 + 3).astype(dtype)
    expected = z.copy()
    squares = expected[5:-3].reshape(2, lanes, 3, lanes)
    squares[:] = squares.transpose(0, 3, 2, 1).copy()
    before = z.copy()
    turn(2 * lanes, 3 * lanes, z, 5)
    np.testing.assert_array_equal(z, expected)
    turn(2 * lanes, 3 * lanes, z, 5)
    np.testing.assert_array_equal(z, before)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="about processors of this family")
@pytest.mark.parametrize("processor", OTHERS)
def test_narrower_registers(processor):
    if os.environ.get("NUMBA_CPU_NAME"):
        return
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    done = subprocess.run(command, env={**os.environ, **OTHERS[processor]}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
