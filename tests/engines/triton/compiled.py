"""Compiles the kernels for cards that need not be here, and prints what the compiler says of each as a line of JSON.

``python -m tests.engines.triton.compiled 80`` (without TRITON_INTERPRET): every size offered to compute capability 8.0.
"""

import contextlib
import io
import itertools
import json
import re
import sys

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from plstm.engines.triton.device import gradients, recurrence
from plstm.engines.triton.tiles import ROWS, Tiles, tiles_for

SIZES = (32, 64, 128, 256, 512)
DTYPES = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
IN_COMPUTE_DTYPE = ("projected", "recurrent", "peepholes", "dropout", "z", "dz", "scratch")
# What needs most registers; and what most layers are.
FULL = {"SHARED": False, "DROPOUT": True, "MASKED": True, "SEQUENCES": True, "DK": True}
PLAIN = {"SHARED": True, "DROPOUT": False, "MASKED": False, "SEQUENCES": False, "DK": True}


def usage(kernel, tile, capability, dtype, constants):
    """Registers, bytes that did not fit in them, and bytes of shared memory."""
    names = kernel.arg_names
    constants = {name: value for name, value in constants.items() if name in names}
    in_64_bits = ("times", "rhythm", "sums")

    def type_of(name):
        if name in constants:
            return "constexpr"
        if name in ("batch", "steps", "units", "share"):
            return "i32"
        if name.endswith("stride"):
            return "i64"
        if name in IN_COMPUTE_DTYPE:
            return "*" + DTYPES[dtype]
        return "*fp64" if name in in_64_bits else "*u8" if name == "mask" else "*fp32"

    signature = {name: type_of(name) for name in names}
    aligned = {(i,): [["tt.divisibility", 16]] for i, name in enumerate(names) if signature[name].startswith("*")}
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        compiled = triton.compile(
            ASTSource(kernel, signature, constants, aligned),
            target=GPUTarget("cuda", capability, 32),
            options=tile.options(),
        )
    return {
        "registers": int(re.search(r"Used (\d+) registers", told.getvalue())[1]),
        "spilled": sum(map(int, re.findall(r"(\d+) bytes spill", told.getvalue()))),
        "shared": compiled.metadata.shared,
    }


def main():
    capability = int(sys.argv[1])
    # The assembler's own words; what lies compiled on the disk says nothing.
    triton.knobs.compilation.always_compile = triton.knobs.nvidia.dump_ptxas_log = True
    card = divmod(capability, 10)
    precisions = [(dtype, "ieee") for dtype in DTYPES] + [("float32", "tf32")] * (capability >= 80)
    for gru, size, (dtype, precision) in itertools.product((False, True), SIZES, precisions):
        # A GRU needs less than an LSTM: of its sizes the smallest is left out, and what most layers are.
        for switches in (FULL,) * (size >= 64) if gru else (FULL, PLAIN):
            peepholes = not gru and switches is FULL and size <= 64
            plan = tiles_for(size, gru, peepholes, dtype, card, precision)
            if not isinstance(plan, Tiles):
                continue
            constants = {
                **switches, "GRU": gru, "SHAPE": 0,
                "PEEPHOLES": peepholes, "PRECISION": precision, "ROWS": ROWS, "SIZE": size, "KEEPS_H": True,
                "KEEPS_C": not gru, "TRUNCATED": False,
            }  # fmt: skip
            for kernel, tile in ((recurrence.forward, plan.forward), (gradients.backward, plan.backward)):
                found = usage(kernel, tile, capability, dtype, {**constants, **tile.switches()})
                how = {"kernel": kernel.__name__, "gru": gru, "size": size, "dtype": dtype, "precision": precision}
                print(json.dumps({**how, "full": switches is FULL, **found}), flush=True)


if __name__ == "__main__":
    main()
