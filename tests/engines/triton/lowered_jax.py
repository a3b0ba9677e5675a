"""Compiles calls of the engine for an NVIDIA GPU that need not be here, through jax-triton, and prints what came out.

``python -m tests.engines.triton.lowered_jax`` (without TRITON_INTERPRET): a line of JSON for every launch of a kernel.
"""

import importlib
import json
import os
import re
import zlib

import jax
import jax.numpy as jnp
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from plstm.engines import Gate, Weights
from plstm.engines.triton import function_jax, host_jax, offer
from plstm.engines.triton.device import gradients, recurrence

# Of each kernel, those that are no constants.
PARAMETERS = {
    kernel.__name__: sum(not name.isupper() for name in kernel.arg_names)
    for kernel in (recurrence.forward, gradients.backward, gradients.rhythm_gradients)
}
CALLS = {
    "lstm": {},
    "peepholes, mask, dropout": {"peepholes": True, "mask": True, "dropout": True, "sequences": True},
    "gru": {"cell": "gru", "units": 70, "own_clock": True},
    "bfloat16": {"dtype": "bfloat16", "units": 40},
    "checkpointed": {"checkpoint": True, "units": 128},
    "ieee": {"precision": "highest"},
    "all one": {"batch": 1, "steps": 1, "features": 1, "units": 1},  # jax-triton makes constants of such numbers
}


def call_of(
    cell="lstm", units=4, dtype="float32", peepholes=False, mask=False, dropout=False, sequences=False,
    own_clock=False, checkpoint=False, precision=None, batch=18, steps=6, features=2, devices=1,
):  # fmt: skip
    """A function of weights and input that asks for all gradients, and the shapes of both."""
    blocks = 4 if cell == "lstm" else 3
    shapes = {
        "kernel": (features, blocks * units),
        "recurrent_kernel": (units, blocks * units),
        "bias": (blocks * units,) if cell == "lstm" else (2, blocks * units),
        **({"peepholes": (3, units)} if peepholes else {}),
    }
    rhythm = dict.fromkeys(("period", "shift", "ratio_on"), (units,))
    state = dict.fromkeys(("h", "c")[: blocks - 2], (batch, units))
    given = {n: jax.ShapeDtypeStruct(s, dtype) for n, s in (shapes | state).items()}
    given |= {n: jax.ShapeDtypeStruct(s, "float32") for n, s in rhythm.items()}
    given["x"] = jax.ShapeDtypeStruct((batch, steps, features), dtype)
    times = jnp.broadcast_to(jnp.arange(steps), (batch, steps)) if own_clock else jnp.arange(steps)

    def loss(given):
        gate = Gate(times, *(given[name] for name in rhythm), 0.01)
        outputs, state_after = function_jax.run(
            cell,
            Weights(*(given.get(name) for name in Weights._fields)),
            given["x"],
            gate,
            [given[name] for name in state],
            jnp.ones((batch, steps), bool) if mask else None,
            jnp.ones((batch, units), dtype) if dropout else None,
            sequences,
            checkpoint=checkpoint,
        )
        return sum(part.astype("float32").sum() for part in (outputs, *state_after))

    everywhere = NamedSharding(Mesh(jax.devices()[:devices], ("device",)), PartitionSpec())
    given = {name: jax.ShapeDtypeStruct(a.shape, a.dtype, sharding=everywhere) for name, a in given.items()}
    with jax.default_matmul_precision(precision):
        return jax.jit(jax.grad(loss)).trace(given)


def custom_calls(lowered, launches):
    """What the module has to say of every call of a kernel."""
    found = []

    def look(operation):
        name = operation.attributes["call_target_name"].value if "call_target_name" in operation.attributes else ""
        if name == "triton_kernel_call":
            packed = zlib.decompress(operation.attributes["backend_config"].value_bytes)
            aliases = str(operation.attributes["output_operand_aliases"])
            pairs = re.findall(r"output_tuple_indices = \[(\d*)\], operand_index = (\d+)", aliases)
            found.append(
                {
                    "kernel": re.search(rb"\.entry (\w+)", packed)[1].decode(),
                    "target": re.search(rb"\.target (\w+)", packed)[1].decode(),
                    "tf32": b".tf32" in packed,
                    "operands": len(operation.operands),
                    "results": len(operation.results),
                    "aliases": sorted([int(operand), int(result or 0)] for result, operand in pairs),
                    **launches[packed],
                }
            )
        return jax.interpreters.mlir.ir.WalkResult.ADVANCE

    lowered.compiler_ir().operation.walk(look)
    return found


def main():
    host_jax.jax_triton()
    offer._capability_jax = lambda inputs: (9, 0)
    library = importlib.import_module("jax_triton.triton_lib").triton_kernel_call_lib
    launches, right = {}, library.TritonKernelCall

    def noticed(kernel, *grid_and_parameters):
        made = right(kernel, *grid_and_parameters)
        told = {"grid": grid_and_parameters[:3], "parameters": len(grid_and_parameters[3])}
        launches.update((made.to_proto(f"plstm_{name}", b""), told) for name in PARAMETERS)
        return made

    library.TritonKernelCall = noticed
    for name, options in CALLS.items():
        for call in custom_calls(call_of(**options).lower(lowering_platforms=("cuda",)), launches):
            print(json.dumps({"call": name, **call}), flush=True)
    for name, devices, platform in (("a CPU", 1, "cpu"), ("two GPUs", 2, "cuda")):
        calls = custom_calls(call_of(devices=devices).lower(lowering_platforms=(platform,)), launches)
        print(json.dumps({"on": name, "kernels": len(calls), "cache": os.environ.get("TRITON_CACHE_DIR")}), flush=True)


if __name__ == "__main__":
    main()
