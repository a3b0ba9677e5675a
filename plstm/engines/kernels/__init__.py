"""The compiled loops of the native engine: ``forward`` and ``backward`` over one tile of samples.

A file each: vectors (of LLVM, as values), hyperbolic (tanh, sigmoid), products (of matrices), openness, steps (LSTM and
GRU), state (of a tile), tile (a whole sequence), cache (on the disk).
"""

from plstm.engines import kernel_inputs
from plstm.engines.kernels import tile as tiles
from plstm.engines.kernels.cache import entry, stamp
from plstm.engines.kernels.products import ROWS


def _entries(seen):
    # ``seen`` is part of the key of the cache and has no other effect: see ``cache``.
    @entry
    def forward(tile, segment, sequence, space, results):
        seen  # noqa: B018
        tiles.forward(tile, segment, sequence, space, results)

    @entry
    def backward(tile, segment, sequence, space, back, gradients):
        seen  # noqa: B018
        tiles.backward(tile, segment, sequence, space, back, gradients)

    return forward, backward


forward, backward = _entries((stamp(__file__, kernel_inputs.__file__), ROWS))
