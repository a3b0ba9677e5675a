"""The layer under JAX on a GPU, for ``gpu``: a program of its own that prints JSON.

``check``, or ``time`` and a shape, a precision and a number of rounds.
"""

import json
import sys

from plstm.lab.bench import Shape, gpu

# Cell, units, precision: every size that kernels are compiled for once, as each takes seconds.
CHECKS = (("lstm", 5, "ieee"), ("gru", 64, "tf32"), ("lstm", 110, "tf32"), ("lstm", 64, "bf16"))
DTYPES = {"ieee": "float32", "tf32": "float32", "bf16": "bfloat16"}
PRECISIONS = {"ieee": "highest", "tf32": "high"}


def check():
    """{name: largest difference from the portable engine}"""
    import jax

    from plstm.engines.spec import Asked
    from plstm.engines.triton import trial

    found = {}
    for cell, units, precision in CHECKS:
        with jax.default_matmul_precision(PRECISIONS.get(precision)):
            asked = Asked(cell, units, False, "triangle")
            found[f"{precision} {cell} {units}"] = trial.largest_difference(jax.devices()[0], DTYPES[precision], asked)
    return found


def time(shape, precision, repeats):
    """See ``gpu.times``. A training step is compiled whole, as a user would."""
    import jax

    import plstm

    with jax.default_matmul_precision(PRECISIONS.get(precision)):
        layer = plstm.PhasedLSTM(shape.units)
        x = jax.random.normal(jax.random.key(0), shape[:3])
        layer(x)
        if layer.engine != "triton":
            sys.exit(f"engine='auto' took {layer.engine}: {layer.engine.reason}")
        weights = [v.value for v in layer.trainable_variables]
        others = [v.value for v in layer.non_trainable_variables]

        @jax.jit
        @jax.grad
        def gradient(weights):
            return (layer.stateless_call(weights, others, x, training=True)[0] ** 2).mean()

        last = []

        def step():
            last[:] = gradient(weights)

        return gpu.times(step, lambda: jax.block_until_ready(last), repeats)


if __name__ == "__main__":
    if sys.argv[1] == "check":
        print(json.dumps(check()))
    else:
        *sizes, precision, repeats = sys.argv[2:]
        print(json.dumps(time(Shape(*map(int, sizes)), precision, int(repeats))))
