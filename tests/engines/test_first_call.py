"""What the first call compiles on a machine that never compiled: no kernel too many, few functions twice, no counts."""

import os
import subprocess
import sys
import textwrap

import keras

PROGRAM = """
    import numpy as np, plstm
    from numba.core.dispatcher import Dispatcher
    from plstm.engines import kernels, launch
    from plstm.engines.kernels import openness, products, state, steps, tile

    launch.PATIENCE = 0.0
    def compiled():
        print(len(kernels.forward.signatures), len(kernels.backward.signatures))

    layer = plstm.PhasedLSTM(4)
    x = np.zeros((3, 5, 2), "float32")
    layer(x)
    assert layer.engine == "native"
    compiled()
    plstm.PhasedGRU(2, gate_shape="square")(np.zeros((40, 2, 1), "float32"), mask=np.ones((40, 2), bool))
    compiled()
    GRADIENT
    compiled()
    found = {}
    for module in (openness, products, state, steps, tile):
        found |= {name: len(f.signatures) for name, f in vars(module).items() if isinstance(f, Dispatcher)}
    print(*sorted(name for name, count in found.items() if count > 1))
    for kernel in kernels.forward, kernels.backward:
        (code,) = kernel.overloads.values()
        print("NRT_incref" in code.library.get_asm_str())
"""
GRADIENTS = {
    "tensorflow": """
    import tensorflow as tf
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x, training=True))
    tape.gradient(loss, layer.trainable_variables[0].value)
    """,
    "torch": """
    layer(x, training=True).sum().backward()
    """,
    "jax": """
    import jax
    weights = [v.value for v in layer.trainable_variables], [v.value for v in layer.non_trainable_variables]
    gradient = jax.grad(lambda w: layer.stateless_call(w, weights[1], x, training=True)[0].sum())
    jax.block_until_ready(gradient(weights[0]))
    """,
}


def test_the_backward_kernel_waits_for_a_gradient_and_little_is_compiled_twice(tmp_path):
    gradient = textwrap.dedent(GRADIENTS[keras.backend.backend()])
    program = textwrap.dedent(PROGRAM).replace("GRADIENT", gradient)
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    # Twice: what reads read-only memory too, and what is faster where a stride or the gate shape is a literal.
    twice = "copy multiply own_gradients slopes"
    assert done.stdout.splitlines() == ["1 0", "1 0", "1 1", twice, "False", "False"], done.stderr
    assert done.stderr.count("plstm: compiling the native engine") == 1
    assert len(list(tmp_path.rglob("*.nbc"))) == 2
