"""The cache of compiled code on disk notices a change in any file that the code comes from."""

import errno
import importlib
import importlib.util
import os
import pickle
import shutil
from pathlib import Path

import numba
import pytest
from numba import njit
from numba.core.caching import IndexDataCacheFile, NullCache
from numba.core.dispatcher import Dispatcher

from plstm.engines import kernel_inputs, kernels
from plstm.engines.kernels import cache, hyperbolic, openness, products, state, steps, tile, vectors
from plstm.streaming import sparse

FOLDER = Path(cache.__file__).parent
PROGRAM = """
from numba import njit

def entry(seen):
    @njit(cache=True)
    def answer():
        seen
        return 1
    return answer
"""


def module_from(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.py")))
def test_every_file_is_in_the_stamp(tmp_path, name):
    copy = Path(shutil.copytree(FOLDER, tmp_path / "kernels"))
    stamp = module_from(copy / "cache.py").stamp
    before = stamp()
    assert before == cache.stamp() == stamp()
    (copy / name).write_text((copy / name).read_text() + "\n# changed\n")
    assert stamp() != before


def test_a_file_elsewhere_is_in_the_stamp(tmp_path):
    other = tmp_path / "other.py"
    other.write_text("1")
    before = cache.stamp(other)
    other.write_text("2")
    assert before != cache.stamp(other) != cache.stamp()


def test_numba_compiles_anew_when_an_enclosed_stamp_changes(tmp_path, monkeypatch):
    (tmp_path / "enclosing.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(tmp_path)
    found = []
    for stamp in ((1, 8), (1, 8), (2, 8), (2, 6), (1, 8)):
        answer = importlib.import_module("enclosing").entry(stamp)
        assert answer() == 1
        found.append(sum(answer.stats.cache_hits.values()))
    assert found == [0, 1, 0, 0, 1]


def test_what_is_cached_encloses_the_stamp_and_nothing_else_is_cached():
    of_kernels = (cache.stamp(kernels.__file__, kernel_inputs.__file__), products.ROWS)
    entries = {kernels.forward: of_kernels, kernels.backward: of_kernels, sparse.advance: cache.stamp(sparse.__file__)}
    for entry, stamp in entries.items():
        assert stamp in [cell.cell_contents for cell in entry.py_func.__closure__]
    for module in (kernels, sparse, hyperbolic, products, openness, state, steps, tile, vectors):
        for name, value in vars(module).items():
            if isinstance(value, Dispatcher):
                assert (value in entries) != isinstance(value._cache, NullCache), name


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same():
    """Text has no file beside which, nor under whose name, anything could be kept."""
    space = {}
    exec("def twice(x):\n    return 2 * x", space)
    with pytest.raises(RuntimeError, match="cannot cache"):
        njit(cache=True)(space["twice"])
    assert cache.entry(space["twice"])(21) == 42


def test_a_full_disk_keeps_nothing_and_all_goes_on(tmp_path, monkeypatch):
    def full(self, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    (tmp_path / "doubling.py").write_text("def twice(x):\n    return 2 * x\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(IndexDataCacheFile, "_open_for_write", full)
    twice = importlib.import_module("doubling").twice
    with pytest.raises(OSError, match="No space left"):
        njit(cache=True)(twice)(21)
    assert cache.entry(twice)(21) == 42


def fresh(name):
    """A function compiled by a module that was not loaded before, as in a new process."""
    return cache.entry(module_from(Path(name)).twice)


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", ["cut", "no pickle", "a class that is no more"])
def test_what_cannot_be_read_is_compiled_anew(tmp_path, ending, damage):
    """The index of a version whose classes had other names stopped every call with an AttributeError."""
    path = tmp_path / "doubling.py"
    path.write_text("def twice(x):\n    return 2 * x\n")
    assert fresh(path)(21) == 42
    again = fresh(path)
    assert again(21) == 42
    assert sum(again.stats.cache_hits.values()) == 1
    (file,) = (tmp_path / "__pycache__").glob(f"*.{ending}")
    version, whole = pickle.dumps(numba.__version__), file.read_bytes()
    gone = version + b"cplstm.engines.kernel_inputs\nNoMore\n."
    file.write_bytes({"cut": whole[: len(whole) // 2], "no pickle": b"?", "a class that is no more": gone}[damage])
    if damage == "a class that is no more" and ending == "nbc":
        file.write_bytes(gone[len(version) :])
    mended = fresh(path)
    assert mended(21) == 42
    assert sum(mended.stats.cache_hits.values()) == 0
    after = fresh(path)
    assert after(21) == 42
    assert sum(after.stats.cache_hits.values()) == 1
