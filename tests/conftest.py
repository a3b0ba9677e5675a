"""What every test starts from: no graphics window, quiet TensorFlow, and the same random examples on every run."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "Agg"

from hypothesis import settings  # noqa: E402

# The first compilation of a kernel takes seconds, which is no fault of the example that caused it.
settings.register_profile("plstm", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("plstm")
