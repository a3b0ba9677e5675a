"""Is what the Triton engine computes on this GPU right? Against the reference, the portable engine, and cuDNN.

What a card is not offered is left out.
"""

import itertools

import numpy as np

from plstm import reference
from plstm.lab.bench import gpu_contenders
from plstm.lab.bench.contenders import Absent, one_line
from plstm.lab.bench.gpu_contenders import DTYPES, POLICIES, set_precision, weights_of

# What may differ, of a value of 1: some roundings of what products are computed in. Forward; gradients.
BOUNDS = {"ieee": (1e-5, 1e-4), "tf32": (5e-3, 2e-2), "fp16": (5e-3, 2e-2), "bf16": (4e-2, 1e-1)}
LONG = 100  # steps
UNITS = (5, 64, 110, 200, 512)  # one for every size that kernels are compiled for


def checks(where, toy=False):
    """A dict for each check as it is made: name, difference (or why there is none), bound, ok."""
    for precision, cell, units in cases(toy):
        forward, backward = BOUNDS[precision]
        with set_precision(precision):
            if not _is_offered(where, precision, cell, units):
                continue
            what = f"{precision} {cell} {units}"
            yield _check(f"{what}: outputs, by the reference", forward, _by_reference, where, precision, cell, units)
            yield _check(
                f"{what}: gradients, by the portable engine", backward, _gradients, where, precision, cell, units
            )
            # As the times are measured: one clock, no mask, the last output only.
            for engine in ("triton", "triton-checkpointed"):
                yield _check(
                    f"{what}: gradients of a long sequence, {engine}, by the portable engine",
                    backward, _of_long, where, precision, cell, units, engine, 3 if toy else LONG,
                )  # fmt: skip
    with set_precision("ieee"):
        yield _check("ieee lstm: always open, by torch.nn.LSTM", BOUNDS["ieee"][0], _by_torch, where)


def cases(toy=False):
    """(precision, cell, units) of the checks; in 16 bits the widest are left out."""
    kinds = ["ieee"] if toy else BOUNDS
    for precision, cell, units in itertools.product(kinds, ("lstm", "gru"), UNITS[:1] if toy else UNITS):
        if precision not in POLICIES or units <= 128:
            yield precision, cell, units


def checks_of_jax():
    """The same under JAX, for a few."""
    try:
        found = gpu_contenders.asked_of_jax("check")
    except Absent as error:
        return [{"name": "JAX: not here", "difference": str(error), "bound": 0.0, "ok": True}]
    except RuntimeError as error:
        return [{"name": "JAX", "difference": one_line(error), "bound": 0.0, "ok": False}]
    bounds = {name: BOUNDS[name.split()[0]][1] for name in found}
    return [
        {"name": f"JAX {name}: by the portable engine", "difference": value, "bound": bounds[name],
         "ok": value <= bounds[name]}
        for name, value in found.items()
    ]  # fmt: skip


def line(found):
    """One check as a line of text."""
    return f"{'right' if found['ok'] else 'WRONG'}: {found['name']}: {found['difference']} (at most {found['bound']})"


def _check(name, bound, difference, *arguments):
    try:
        found = float(difference(*arguments))
    # What fails is a result too, and the next check is to be made.
    except Exception as error:
        return {"name": name, "difference": one_line(error), "bound": bound, "ok": False}
    return {"name": name, "difference": found, "bound": bound, "ok": found <= bound}


def _is_offered(where, precision, cell, units):
    import torch

    from plstm.engines.spec import Asked
    from plstm.engines.triton import offer

    x = torch.empty(0, dtype=getattr(torch, DTYPES[precision]), device=where)
    return not isinstance(offer.tiles(x, Asked(cell, units, False, "triangle")), str)


def _of_long(where, precision, cell, units, engine, steps):
    """The largest difference of a gradient, each in parts of its largest value where that is above 1."""
    import torch

    def gradients(name, precision):
        dtype = getattr(torch, DTYPES[precision])
        values = np.random.default_rng(3).normal(size=(18, steps, 3))
        # The portable engine gets the same rounded numbers in 32 bits.
        x = torch.tensor(values, dtype=rounded, device=where).to(dtype)
        with set_precision(precision):
            found = gpu_contenders.gradients(name, cell, x, units, rounded)
        return [one.double().cpu().numpy() for one in found]

    rounded = getattr(torch, DTYPES[precision])
    pairs = zip(gradients(engine, precision), gradients("scan", "ieee"))
    return max(np.abs(got - want).max() / max(1.0, np.abs(want).max()) for got, want in pairs)


def _problem(where, precision, cell, units):
    """x (B, T, D), weights by name, times (B, T), mask and state, all as tensors."""
    import torch

    rng = np.random.default_rng(2)
    x = torch.tensor(rng.normal(size=(18, 6, 3)), dtype=getattr(torch, DTYPES[precision]), device=where)
    arguments = weights_of(cell, x, units)
    with torch.no_grad():
        arguments["ratio_on"].fill_(0.6)
        arguments["period"].clamp_(max=20.0)
    times = torch.tensor(1.7e9 + np.cumsum(rng.uniform(0.2, 2.0, x.shape[:2]), axis=1), device=where)
    mask = torch.tensor(rng.random(x.shape[:2]) < 0.8, device=where)
    state = [torch.tensor(rng.normal(0, 0.5, (18, units))).to(x) for _ in range(1 if cell == "gru" else 2)]
    return x, arguments, times, mask, state


def _by_reference(where, precision, cell, units):
    from plstm.engines import Gate, Weights
    from plstm.engines.triton import function

    x, arguments, times, mask, state = _problem(where, precision, cell, units)
    weights = Weights(*(arguments.get(part) for part in Weights._fields))
    rhythm = [arguments[part] for part in ("period", "shift", "ratio_on")]
    outputs, last = function.run(cell, weights, x, Gate(times, *rhythm, 0.01), state, mask)
    numbers = {part: value.detach().double().cpu().numpy() for part, value in arguments.items()}
    k = reference.gates(times.cpu().numpy(), *(numbers[part] for part in ("period", "shift", "ratio_on")), 0.01)
    of_cell = {part: numbers[part] for part in Weights._fields if part in numbers}
    given = [s.double().cpu().numpy() for s in state]
    wanted, wanted_last = reference.run(cell, x.double().cpu().numpy(), k, of_cell, given, mask.cpu().numpy())
    pairs = zip((outputs, *last), (wanted, *wanted_last))
    return max(np.abs(got.detach().double().cpu().numpy() - want).max() for got, want in pairs)


def _gradients(where, precision, cell, units):
    import torch

    from plstm.engines.spec import Asked
    from plstm.engines.triton import trial

    asked = Asked(cell, units, cell == "lstm" and units <= 64, "triangle")
    with set_precision("ieee" if precision in POLICIES else precision):
        return trial.largest_difference(torch.device(where), DTYPES[precision], asked)


def _by_torch(where):
    """cuDNN's gates are i, f, g, o, as Keras'; its two biases add up."""
    import torch

    from plstm.engines import Gate, Weights
    from plstm.engines.triton import function

    x, arguments, times, _, state = _problem(where, "ieee", "lstm", 32)
    peer = torch.nn.LSTM(3, 32, batch_first=True).to(where)
    with torch.no_grad():
        peer.weight_ih_l0.copy_(arguments["kernel"].T)
        peer.weight_hh_l0.copy_(arguments["recurrent_kernel"].T)
        peer.bias_ih_l0.copy_(arguments["bias"])
        peer.bias_hh_l0.zero_()
    ones = torch.ones_like(arguments["period"])
    gate = Gate(times, ones, ones * 0, ones, 0.0, "square", "none")
    weights = Weights(*(arguments.get(part) for part in Weights._fields))
    outputs, _ = function.run("lstm", weights, x, gate, state)
    return (outputs - peer(x, tuple(s[None] for s in state))[0]).detach().abs().max()
