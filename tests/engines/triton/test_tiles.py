"""Every size that is offered compiles for its card within its shared memory, and without more spilled than allowed."""

import json
import os
import subprocess
import sys

import pytest

from plstm.engines.triton import tiles

# Bytes that a program may have: on a T4; on an A100 163 KiB, but fewer on an RTX 3090 or L4, for which the code of 8.0
# is compiled too; on an H100.
SHARED = {75: 64 * 1024, 80: 99 * 1024, 90: 227 * 1024}


@pytest.mark.parametrize("capability", SHARED)
def test_every_size_offered_fits_the_card(capability):
    command = [sys.executable, "-m", "tests.engines.triton.compiled", str(capability)]
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row for row in found if row["spilled"] > tiles.SPILLS[row["size"]]] == []
    assert [row for row in found if row["shared"] > SHARED[capability]] == []
    sizes, dtypes = {row["size"] for row in found}, {row["dtype"] for row in found}
    assert sizes == ({32, 64} if capability == 75 else {32, 64, 128, 256, 512})
    assert dtypes == {"float32", "float16"} | ({"bfloat16"} if capability > 75 else set())


@pytest.mark.parametrize(
    "arguments, reason",
    [
        ((513, False, False, "float32", (9, 0)), "513 units, more than 512"),
        ((65, False, True, "float32", (9, 0)), "65 units with peepholes, more than 64"),
        ((65, True, False, "float32", (7, 5)), "65 units on a GPU of compute capability 7.5"),
        ((8, False, False, "bfloat16", (7, 5)), "bfloat16 on a GPU of compute capability 7.5"),
        ((8, False, False, "float32", (7, 0)), "a GPU of compute capability 7.0"),
    ],
)
def test_what_is_not_offered_has_a_reason(arguments, reason):
    assert tiles.tiles_for(*arguments) == reason


@pytest.mark.parametrize("units, size", [(1, 32), (32, 32), (33, 64), (64, 64), (65, 128), (128, 128)])
def test_units_are_filled_up_to_a_power_of_two(units, size):
    assert tiles.size_of(units) == size
    assert tiles.tiles_for(units, True, False, "float32", (8, 6)).size == size
