"""The measurement on a GPU at toy size, in Triton's interpreter: what is written, what is left out, what is wrong.

As ``tests/engines/triton`` it needs a process of its own (``make test-backends``). What needs no Triton runs anywhere.
"""

import importlib.util
import json
import os
import subprocess
import sys

import keras
import pytest

from plstm.errors import ConfigError
from plstm.lab.bench import gpu, gpu_check, gpu_contenders, report
from plstm.lab.bench.contenders import Absent

INTERPRETED = (
    keras.backend.backend() == "torch"
    and importlib.util.find_spec("triton") is not None
    and os.environ.get("TRITON_INTERPRET") == "1"
)
interpreted = pytest.mark.skipif(not INTERPRETED, reason="Triton's interpreter: make test-backends")


def row(name, median, **changes):
    sizes = {"batch": 2, "steps": 4, "features": 1, "units": 8, "precision": "tf32"}
    return {"contender": name, **sizes, "median": median, "seconds_per_step": median / 4, "peak_bytes": None, **changes}


def test_a_table_compares_with_cudnn_at_the_same_shape_and_precision():
    rows = [row("triton", 1.0), row("cudnn-lstm", 2.0, peak_bytes=2**20), row("triton", 3.0, precision="ieee")]
    rows.append({**row("scan-graph", 0.0), "absent": "no GPU | none"})
    made = {
        "format": gpu.FORMAT, "date": "today", "gpu": {"name": "a card"}, "versions": {"torch": "2"}, "rows": rows,
        "checks": [{"name": "first", "ok": True}, {"name": "second", "ok": False}],
        "left_out": [["2,4,1,8", "bf16", "triton"]],
    }  # fmt: skip
    lines = report.table(made).splitlines()
    assert any("**wrong: second**" in line for line in lines)
    ratios = [line.split("|")[6].strip() for line in lines if line.startswith("| 2, 4, 1, 8")]
    assert ratios == ["0.50", "1.00", "-", ""]
    assert "absent: no GPU" in lines[-3] and lines[-1].endswith("2,4,1,8 bf16 triton.")


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="about PyTorch")
def test_without_a_gpu_it_says_so():
    import torch

    if torch.cuda.is_available():
        pytest.skip("a GPU is here")
    with pytest.raises(ConfigError, match="expected an NVIDIA GPU that PyTorch can use, got none"):
        gpu.run()


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="about the other backends")
def test_another_backend_is_refused():
    with pytest.raises(ConfigError, match="expected KERAS_BACKEND=torch"):
        gpu.run()


@interpreted
def test_a_toy_run_writes_every_row(tmp_path):
    path, sizes = tmp_path / "gpu.json", []
    made = gpu.run(path, toy=True, repeats=1, say=lambda line: sizes.append(path.exists() and path.stat().st_size))
    assert [found["name"] for found in made["checks"] if not found["ok"]] == []
    assert sizes[1:] == sorted(sizes[1:]) and sizes[1] > 0
    absent = {found["contender"] for found in made["rows"] if "absent" in found}
    assert absent == {"scan-graph", "jax-cudnn-lstm", "jax-layer", "layer"}  # a layer on a CPU is native
    assert report.table(report.read(path)) == gpu.table(made)
    assert len(made["rows"]) == sum(len(r.names) * len(r.precisions) for r in gpu.TOY) and not made["left_out"]


@interpreted
def test_a_spent_budget_leaves_rows_out_and_says_which(tmp_path):
    made = gpu.run(tmp_path / "gpu.json", rows=gpu.TOY[1:], toy=True, budget=0.0)
    assert made["rows"] == [] and made["left_out"] == [["2,3,2,4", "ieee", name] for name in gpu.LONG]


@interpreted
def test_a_wrong_number_is_told(monkeypatch):
    from plstm.engines.triton import host

    right = host.forward

    def wrong(*arguments):
        outputs, *rest = right(*arguments)
        return outputs * 1.001, *rest

    monkeypatch.setattr(host, "forward", wrong)
    found = list(gpu_check.checks("cpu", toy=True))
    assert any("reference" in one["name"] and not one["ok"] for one in found)
    monkeypatch.setattr(host, "forward", None)
    found = next(gpu_check.checks("cpu", toy=True))
    assert not found["ok"] and "TypeError" in found["difference"]


def test_what_jax_lacks_is_told_from_what_fails(monkeypatch):
    with pytest.raises(Absent, match="no JAX with jax-triton|JAX sees no GPU"):
        gpu_contenders.asked_of_jax("check")
    assert [found["ok"] for found in gpu_check.checks_of_jax()] == [True]
    monkeypatch.setattr(gpu_contenders, "NOT_HERE", 99)  # what it ends with is then no longer "missing"
    [failed] = gpu_check.checks_of_jax()
    assert not failed["ok"] and "JAX" in failed["difference"]
    monkeypatch.setattr(gpu_contenders, "PATIENCE", 0.01)
    with pytest.raises(RuntimeError, match="expected an answer under JAX"):
        gpu_contenders.asked_of_jax("check")


def test_the_script_without_a_gpu_ends_with_one_line_and_code_2():
    if importlib.util.find_spec("torch") is None:
        pytest.skip("no PyTorch")
    import torch

    if torch.cuda.is_available():
        pytest.skip("a GPU is here")
    done = subprocess.run([sys.executable, "benchmarks/gpu.py"], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.strip().splitlines()[-1].startswith("expected an NVIDIA GPU")
    assert json.dumps(done.stdout) == '""'
