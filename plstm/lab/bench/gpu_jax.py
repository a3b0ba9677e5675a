"""The layer under JAX on a GPU, for ``gpu``: a program of its own that prints JSON.

``check``, or ``time`` and a shape, a precision and a number of rounds.
"""

import json
import sys

from plstm.lab.bench import Shape, gpu
from plstm.lab.bench.gpu_contenders import NOT_HERE, POLICIES

# Cell, units, precision: a few, as each takes seconds.
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
        layer = plstm.PhasedLSTM(shape.units, dtype=POLICIES.get(precision, "float32"))
        x = jax.random.normal(jax.random.key(0), shape[:3], layer.compute_dtype)
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


def missing():
    """What of JAX, jax-triton and a GPU is not here, or None."""
    try:
        import jax

        from plstm.engines.triton import host_jax

        host_jax.jax_triton()
    # A package that was built for another JAX may fail in any way.
    except Exception as error:
        return f"no JAX with jax-triton: {' '.join(str(error).split())}"
    return None if jax.default_backend() == "gpu" else f"JAX sees no GPU: its backend is {jax.default_backend()}"


def main(what, *arguments):
    if why := missing():
        print(why, file=sys.stderr)
        return NOT_HERE
    if what == "check":
        print(json.dumps(check()))
    else:
        *sizes, precision, repeats = arguments
        print(json.dumps(time(Shape(*map(int, sizes)), precision, int(repeats))))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
