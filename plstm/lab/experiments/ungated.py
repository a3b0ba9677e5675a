"""Keras' own LSTM and GRU, computed by the engines of the phased layers: a gate that is open at every step.

They are the rivals of the phased layers in our experiments. Arguments, weights and answers are those of Keras; only the
time that they take differs: on a CPU a step of training takes a quarter of Keras' own.
"""

import functools
import importlib

import keras
import numpy as np
from keras import ops

from plstm.engines import Gate, Weights, select
from plstm.engines.spec import Asked
from plstm.layers.arguments import check_option

ENGINES = (*select.ENGINES, "keras")


class _Ungated:
    """What the two layers share: ``engine`` as in ``plstm.PhasedLSTM``, or ``"keras"`` for Keras' own code.

    ``"auto"`` is the native engine where that can run, and Keras' own code elsewhere: on a GPU that is cuDNN's.
    """

    def __init__(self, units, *, engine="auto", **kwargs):
        check_option("engine", engine, ENGINES)
        super().__init__(units, **kwargs)
        self.requested_engine = engine
        self.engine = None
        own = (self.return_state, self.stateful, self.go_backwards, self.dropout, self.recurrent_dropout)
        if any(own) or not self.use_bias:
            raise ValueError("expected a layer with biases, without dropout and states, got others; use Keras' layer")

    def call(self, sequences, initial_state=None, mask=None, training=False):
        """As in Keras."""
        plain = (self.activation, self.recurrent_activation) == (keras.activations.tanh, keras.activations.sigmoid)
        self.engine = self._choose(sequences, plain, training)
        if self.engine == "keras":
            return super().call(sequences, initial_state=initial_state, mask=mask, training=training)
        weights = Weights(*map(ops.convert_to_tensor, (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)))
        state = self.get_initial_state(ops.shape(sequences)[0]) if initial_state is None else initial_state
        outputs, _ = self._run(training)(
            self.kind, weights, sequences, self._gate(sequences), state, mask, None, self.return_sequences
        )
        return outputs

    def _choose(self, sequences, plain, training):
        if self.requested_engine == "keras":
            return "keras"
        # On a GPU "auto" keeps to cuDNN: nothing is said of Triton then.
        asked = None if self.requested_engine == "auto" else Asked(self.kind, self.units, False, "square")
        engine = select.select_engine(self.requested_engine, sequences, plain, training, asked).name
        # The portable loop is for what Keras cannot compute.
        return "keras" if self.requested_engine == "auto" and engine == "scan" else engine

    def _run(self, training):
        if self.engine == "native":
            return importlib.import_module("plstm.engines.native").run
        if self.engine.startswith("triton"):
            triton = importlib.import_module("plstm.engines.triton").wrapper()
            return functools.partial(triton.run, checkpoint=self.engine == "triton-checkpointed")
        scan = importlib.import_module("plstm.engines.scan").run
        activations = (self.activation, self.recurrent_activation)
        checkpoint = self.engine == "scan-checkpointed"
        return functools.partial(scan, activations=activations, checkpoint=checkpoint, training=training)

    def _gate(self, sequences):
        """A gate that is open at every step, whatever the time."""
        ones = np.ones(self.units)
        times = ops.zeros((ops.shape(sequences)[1],), "float32")
        return Gate(times, ones, 0 * ones, ones, shape="square", gradient="none")

    def get_config(self):
        return {**super().get_config(), "engine": self.requested_engine}


@keras.saving.register_keras_serializable(package="plstm")
class LSTM(_Ungated, keras.layers.LSTM):
    """``keras.layers.LSTM`` on our engines, for sequences without states.

    >>> import numpy as np
    >>> x, theirs, ours = np.ones((2, 5, 3), "float32"), keras.layers.LSTM(4), LSTM(4)
    >>> theirs(x).shape == ours(x).shape and ours.set_weights(theirs.get_weights()) is None
    True
    >>> bool(np.allclose(theirs(x), ours(x), atol=1e-6))
    True
    """

    kind = "lstm"


@keras.saving.register_keras_serializable(package="plstm")
class GRU(_Ungated, keras.layers.GRU):
    """``keras.layers.GRU`` on our engines, for sequences without states; always in the ``reset_after`` form.

    >>> import numpy as np
    >>> GRU(4)(np.ones((2, 5, 3), "float32")).shape
    TensorShape([2, 4])
    """

    kind = "gru"

    def __init__(self, units, *, reset_after=True, **kwargs):
        check_option("reset_after", reset_after, (True,))
        super().__init__(units, **kwargs)
