"""What every test and docstring example starts from: no window, quiet TensorFlow, the same random numbers every run."""

import os
import sys
import zlib
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "Agg"
# The tests run beside others. Threads that wait for each other, all of them awake, are then a hundred times as slow.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

# Files whose tests train, export, trace or start processes: seconds each. `make test-fast` leaves them out.
SLOW = {
    f"tests/layers/test_{name}.py"
    for name in (
        "building", "clock_of_a_cell", "exports", "keras", "onnx", "oracle_cells", "oracle_layers", "oracle_policies",
        "oracle_wrappers", "presets", "registration", "rematerialized", "stability", "transforms",
    )
} | {f"tests/estimators/test_{name}.py" for name in ("estimators", "poor_tables", "sklearn")}  # fmt: skip

# The first compilation of a kernel takes seconds, which is no fault of the example that caused it.
settings.register_profile("plstm", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("plstm")


def pytest_collection_modifyitems(items):
    root = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(root) and item.path.relative_to(root).as_posix() in SLOW:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Every test and example draws its own weights, whichever others its process ran before."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(zlib.crc32(item.nodeid.encode()))
