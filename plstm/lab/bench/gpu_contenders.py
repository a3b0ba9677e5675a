"""The contenders on a GPU; most of them without a Keras layer."""

import contextlib
import functools
import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import plstm
from plstm.lab.bench.contenders import Absent

DTYPES = {"tf32": "float32", "ieee": "float32", "fp16": "float16", "bf16": "bfloat16"}

RHYTHM = ("period", "shift", "ratio_on")
PACKAGE = Path(plstm.__file__).parents[1]
PATIENCE = 180.0  # seconds for what another process is asked
NOT_HERE = 3  # its exit code where what it needs is missing
POLICIES = {"fp16": "mixed_float16", "bf16": "mixed_bfloat16"}


@contextlib.contextmanager
def set_precision(precision):
    """Products of 32-bit numbers in TF32 or not, in matrix products and in cuDNN alike."""
    import torch

    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    try:
        torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
        torch.backends.cudnn.allow_tf32 = precision == "tf32"
        yield
    finally:
        torch.set_float32_matmul_precision(before[0])
        torch.backends.cudnn.allow_tf32 = before[1]


def make(name, shape, precision, where):
    """A function that starts one training step, and one that waits until all that were started are done.

    Raises:
        Absent: this machine does not have the contender.
    """
    import torch

    if name == "jax-cudnn-lstm":
        return _jax_lstm(shape, precision, where)
    dtype = getattr(torch, DTYPES[precision])
    x = torch.tensor(np.random.default_rng(0).normal(size=shape[:3]), dtype=dtype, device=where)
    if name.startswith("cudnn"):
        step = _torch_peer(name.removeprefix("cudnn-").upper(), x, shape.units)
    elif name == "layer":
        step = _layer(x, shape.units, precision)
    else:
        cell = "gru" if name.endswith("gru") else "lstm"
        step = _step(*_answer(name, cell, x, weights_of(cell, x, shape.units)))
    if name == "scan-graph":
        step = _in_graph(step, where)
    return step, torch.cuda.synchronize if where == "cuda" else lambda: None


def _step(answer, weights):
    """Forward, and the gradients of the mean square of the last output for all weights."""
    import torch

    return lambda: torch.autograd.grad(answer().float().square().mean(), weights)


def gradients(name, cell, x, units, rounded):
    """Of one training step, by the weights that ``weights_of`` makes in the dtype ``rounded``."""
    arguments = {
        part: value if part in RHYTHM else value.detach().to(x.dtype).requires_grad_(True)
        for part, value in weights_of(cell, x.to(rounded), units).items()
    }
    return _step(*_answer(name, cell, x, arguments))()


def _answer(name, cell, x, arguments):
    """A function to the last output, and what is trained."""
    import torch

    from plstm.engines import Gate, Weights, scan

    weights = Weights(*(arguments.get(part) for part in Weights._fields))
    rhythm = [arguments[part] for part in RHYTHM]
    trained = list(arguments.values())
    times = torch.arange(x.shape[1], dtype=torch.float64, device=x.device)
    # A number would be copied to the device, which no CUDA graph can record.
    gate = Gate(times, *rhythm, torch.full((), 0.001, device=x.device))
    if name == "always-open":
        ones = torch.ones_like(rhythm[0])
        gate = Gate(times, ones, ones * 0, ones, 0.0, "square", "none")
        trained = [value for part, value in arguments.items() if part in Weights._fields]
    units = weights.recurrent_kernel.shape[0]
    state = [x.new_zeros((x.shape[0], units)) for _ in range(1 if cell == "gru" else 2)]
    if name.startswith("scan"):
        run = scan.run
    else:
        from plstm.engines.triton import function

        run = functools.partial(function.run, checkpoint=name == "triton-checkpointed")
    return (lambda: run(cell, weights, x, gate, state, return_sequences=False)[0]), trained


def weights_of(cell, x, units):
    """Weights of a cell, and a rhythm as the layer's own initializers make it, by name; all want gradients."""
    import torch

    rng = np.random.default_rng(1)
    blocks = 3 if cell == "gru" else 4
    made = {
        "kernel": rng.normal(0, x.shape[2] ** -0.5, (x.shape[2], blocks * units)),
        "recurrent_kernel": rng.normal(0, units**-0.5, (units, blocks * units)),
        "bias": np.zeros((2, blocks * units) if cell == "gru" else blocks * units),
    }
    period = np.exp(rng.uniform(0.0, np.log(1000.0), units))
    rhythm = {"period": period, "shift": rng.uniform(0, period), "ratio_on": np.full(units, 0.05)}
    given = {part: torch.tensor(value, dtype=x.dtype, device=x.device) for part, value in made.items()}
    given |= {part: torch.tensor(value, device=x.device) for part, value in rhythm.items()}
    return {part: value.requires_grad_(True) for part, value in given.items()}


def _layer(x, units, precision):
    layer = plstm.PhasedLSTM(units, dtype=POLICIES.get(precision, "float32"))
    layer(x)
    if not layer.engine.startswith("triton"):
        raise Absent(f"engine='auto' took {layer.engine}: {layer.engine.reason}")
    return _step(lambda: layer(x, training=True), [v.value for v in layer.trainable_variables])


def _torch_peer(kind, x, units):
    import torch

    peer = getattr(torch.nn, kind)(x.shape[2], units, batch_first=True, device=x.device, dtype=x.dtype)
    # In one piece of memory, as cuDNN wants them: in 16 bits they are copied at every call otherwise.
    peer.flatten_parameters()
    return _step(lambda: peer(x)[0][:, -1], list(peer.parameters()))


def _in_graph(step, where):
    """The same step, recorded once as a CUDA graph and played back."""
    import torch

    if where != "cuda":
        raise Absent("no GPU, no CUDA graph")
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(2):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    gc.collect()
    graph = torch.cuda.CUDAGraph()
    # JAX's threads may use the card meanwhile.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        step()
    return graph.replay


def _jax_lstm(shape, precision, where):
    try:
        import jax
        from jax.experimental import rnn
    except ImportError as error:
        raise Absent(f"no jax.experimental.rnn: {error}") from error
    if where != "cuda" or jax.default_backend() != "gpu":
        raise Absent(f"JAX sees no GPU: its backend is {jax.default_backend()}")
    if precision in POLICIES:
        raise Absent("jax.experimental.rnn computes in 32 bits")
    batch, steps, features, units = shape
    x = jax.random.normal(jax.random.key(0), (batch, steps, features))
    weights = rnn.init_lstm_weight(jax.random.key(1), features, units, 1, False)
    zeros, lengths = jax.numpy.zeros((1, batch, units)), jax.numpy.full(batch, steps, "int32")
    exact = jax.lax.Precision.HIGHEST if precision == "ieee" else jax.lax.Precision.HIGH

    @jax.jit
    @jax.grad
    def gradient(weights):
        outputs, _, _ = rnn.lstm(x, zeros, zeros, weights, lengths, features, units, 1, 0.0, False, exact)
        return (outputs[:, -1] ** 2).mean()

    last = []

    def step():
        last[:] = [gradient(weights)]

    return step, lambda: jax.block_until_ready(last)


def jax_layer(shape, precision, where, repeats):
    """Times of the layer under JAX, from a process of its own: this one's Keras computes with PyTorch.

    Raises:
        Absent: JAX, jax-triton or a GPU for them is missing.
    """
    if where != "cuda":
        raise Absent("no GPU")
    return asked_of_jax("time", *map(str, shape), precision, str(repeats))


def asked_of_jax(*what):
    """What ``gpu_jax`` answers. Absent where JAX, jax-triton or a GPU is missing; RuntimeError where it fails."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    # The same package, wherever this process has it from.
    environment["PYTHONPATH"] = os.pathsep.join([str(PACKAGE), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "plstm.lab.bench.gpu_jax", *what]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"expected an answer under JAX in {PATIENCE:.0f} s, got none") from error
    if done.returncode:
        told = " ".join(done.stderr.strip().splitlines()[-1:])[:300] or f"exit code {done.returncode}"
        raise Absent(told) if done.returncode == NOT_HERE else RuntimeError(told)
    return json.loads(done.stdout.splitlines()[-1])
