"""How a whole sequence is computed: the call that all engines answer (``spec``), and the engines themselves."""

from plstm.engines.spec import Gate, Weights

__all__ = ["Gate", "Weights"]
