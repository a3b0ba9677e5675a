"""N-MNIST: MNIST as recorded by an event camera, read from its files with the tonic package.

The files are not downloaded (they have over a gigabyte). Put them where tonic puts them, ``$PLSTM_DATA/NMNIST/Train/0``
to ``9`` and ``$PLSTM_DATA/NMNIST/Test/0`` to ``9``, each with the ``.bin`` files of its digit. tonic is under the GPL-3
and comes with ``pip install 'plstm[events]'``. N-MNIST: Orchard, Jayawant, Cohen and Thakor, Frontiers in Neuroscience
9:437, 2015.
"""

import os
from pathlib import Path

import numpy as np

from plstm.errors import DataError
from plstm.lab.tasks.stored import Recorded, features, pad, thin

SIDE = 34
DURATION = 300.0  # ms: three saccades
RECORD = 5  # bytes per event
FIELDS = np.dtype([("x", int), ("y", int), ("t", int), ("p", int)])


def load(keep):
    """The recordings as ``plstm.lab.tasks.stored.Recorded``.

    Args:
        keep: number of events kept of each recording, drawn at random but the same in every process.

    Returns:
        x (N, keep, 3): column and row from -1 to 1, polarity 1 or -1; times (N, keep) in ms; mask; y (N,), the digit.

    Raises:
        DataError: tonic is not installed, PLSTM_DATA is not set, or a folder or file is missing or damaged.
    """
    try:
        from tonic.io import read_mnist_file
    except ImportError as error:
        raise DataError(
            f"expected the tonic package, which reads N-MNIST: pip install 'plstm[events]' ({error})"
        ) from error
    folder = os.environ.get("PLSTM_DATA")
    if not folder:
        raise DataError("expected PLSTM_DATA to name a folder with NMNIST/Train and NMNIST/Test, got none")
    root = Path(folder).expanduser() / "NMNIST"
    parts = [_part(root / name, keep, read_mnist_file, seed) for seed, name in enumerate(("Train", "Test"))]
    return Recorded(*parts, 10, DURATION, f"N-MNIST, {keep} events of each recording kept")


def _part(folder, keep, read_file, seed):
    sequences, labels = [], []
    for digit in range(10):
        paths = sorted((folder / str(digit)).glob("*.bin"))
        if not paths:
            raise DataError(f"expected recordings {folder / str(digit)}/*.bin, found none")
        for path in paths:
            if path.stat().st_size % RECORD:
                raise DataError(
                    f"expected {RECORD} bytes for each event in {path}, got {path.stat().st_size} bytes in all"
                )
            events = read_file(str(path), dtype=FIELDS)
            x, y, t, polarity = (events[name] for name in FIELDS.names)
            if len(t) and max(x.max(), y.max()) >= SIDE:
                raise DataError(f"expected pixels from 0 to {SIDE - 1} in {path}, got {max(x.max(), y.max())}")
            if len(t) and np.diff(t).min(initial=0) < 0:
                raise DataError(f"expected times that do not go back in {path}, got times that go back")
            rows = thin(len(t), keep, np.random.default_rng([seed, len(labels)]))
            sequences.append((features(x[rows], y[rows], 2 * polarity[rows] - 1, SIDE), t[rows] / 1000))
            labels.append(digit)
    return pad(sequences, np.array(labels, np.uint8), keep)
