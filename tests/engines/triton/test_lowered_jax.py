"""What JAX compiles for an NVIDIA GPU has the kernels in it, with the arguments that they were written for."""

import json
import os
import subprocess
import sys

import pytest

from tests.engines.triton import lowered_jax

ALIASES = {"forward": [], "backward": [[0, 0], [11, 1], [12, 2]], "rhythm_gradients": []}
PROGRAMS = {"forward": 2, "backward": 2, "rhythm_gradients": 1}  # 18 samples, 16 a program
ONES = {"forward": 3, "backward": 3, "rhythm_gradients": 3}  # batch, steps, units


@pytest.fixture(scope="module")
def found():
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    environment |= {"TRITON_CACHE_DIR": "as before", "JAX_PLATFORMS": "cpu"}
    environment["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
    command = [sys.executable, "-m", "tests.engines.triton.lowered_jax"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("call", lowered_jax.CALLS)
def test_the_kernels_of_a_call_are_compiled_into_it(call, found):
    rows = [row for row in found if row.get("call") == call]
    backward = ["backward", "rhythm_gradients"]
    # With few states kept, two segments of three steps, whose states the way back computes again.
    twice = ["forward", "forward", *["forward", *backward] * 2]
    assert [row["kernel"] for row in rows] == (twice if call == "checkpointed" else ["forward", *backward])
    for row in rows:
        kernel = row["kernel"]
        assert row["target"].startswith("sm_90")
        assert row["grid"] == [1 if call == "all one" else PROGRAMS[kernel], 1, 1]
        # Arrays and numbers, then results; a number that is 1 is a constant of the compiled kernel.
        assert row["parameters"] == lowered_jax.PARAMETERS[kernel] - (ONES[kernel] if call == "all one" else 0)
        assert row["aliases"] == ALIASES[kernel]
        assert row["tf32"] == (call not in ("bfloat16", "ieee") and kernel != "rhythm_gradients")


@pytest.mark.parametrize("elsewhere", ["a CPU", "two GPUs"])
def test_elsewhere_it_is_the_portable_engine(elsewhere, found):
    [row] = [row for row in found if row.get("on") == elsewhere]
    assert row["kernels"] == 0 and row["cache"] == "as before"
