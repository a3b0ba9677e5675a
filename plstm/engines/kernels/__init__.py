"""The compiled loops of the native engine: ``forward`` and ``backward`` over one tile of samples.

A file each: vectors (of LLVM, as values), hyperbolic (tanh), products (of matrices), rhythm (openness), steps (LSTM and
GRU), tile (a whole sequence), sources (the cache on disk).
"""

from plstm.engines.kernels import tile
from plstm.engines.kernels.cache import entry, stamp
from plstm.engines.kernels.products import ROWS


def _entries(seen):
    # ``seen`` does nothing but be there: see ``sources``.
    @entry
    def forward(number, arguments):
        seen  # noqa: B018
        tile.forward(number, *arguments)

    @entry
    def backward(number, arguments):
        seen  # noqa: B018
        tile.backward(number, *arguments)

    return forward, backward


forward, backward = _entries((stamp(__file__), ROWS))
