"""The peers with options of every kind, and how to call them."""

import keras
import numpy as np

from plstm.lab.peers.cfc import CfC
from plstm.lab.peers.diagonal_ssm import DiagonalSSM
from plstm.lab.peers.gru_d import GRUD
from plstm.lab.peers.mtand import MTAND
from plstm.lab.peers.ode_lstm import ODELSTM
from plstm.lab.peers.ode_lstms_baseline import OdeLstmsBaseline
from tests.lab.peers import by_paper
from tests.support import numpy

B, T, D, H = 4, 11, 3, 5
SCALE = 2.5
# By a name: the layer, its options, its equations.
CASES = {
    "gru-d": (GRUD, {}, by_paper.gru_d),
    "gru-d-mean": (GRUD, {"mean": [0.5, -1.0, 2.0]}, by_paper.gru_d),
    "cfc": (CfC, {}, by_paper.cfc),
    "cfc-deep": (CfC, {"backbone_units": 4, "backbone_layers": 3}, by_paper.cfc),
    "cfc-of-the-paper": (CfC, {"time_bias": False}, by_paper.cfc),
    "cfc-mixed": (CfC, {"mixed_memory": True}, by_paper.cfc),
    "ode-lstm": (ODELSTM, {}, by_paper.ode_lstm),
    "ode-lstm-euler": (ODELSTM, {"solver": "euler", "solver_steps": 2}, by_paper.ode_lstm),
    "ssm": (DiagonalSSM, {}, by_paper.diagonal_ssm),
    "ssm-held": (DiagonalSSM, {"input": "held", "states": 4, "depth": 1}, by_paper.diagonal_ssm),
    "mtand": (MTAND, {"references": 6, "embedding": 8}, by_paper.mtand),
    "mtand-heads": (MTAND, {"references": 4, "heads": 3, "embedding": 4, "cycles": (1, 2)}, by_paper.mtand),
    "mtand-dense": (MTAND, {"references": 4, "head": "dense"}, by_paper.mtand),
    "baseline": (OdeLstmsBaseline, {}, by_paper.ode_lstms_baseline),
}
RECURRENT = [name for name in CASES if not name.startswith("mtand")]
MISSING = [name for name in CASES if name.startswith(("gru-d", "mtand"))]


def make(name, dtype="float64", **options):
    """The layer of a case, built, with weights none of which is as it was made."""
    keras.utils.set_random_seed(0)
    kind, own, _ = CASES[name]
    scale = T * SCALE if kind is MTAND else SCALE
    layer = kind(H, dtype=dtype, time_scale=scale, **own, **options)
    layer.build((None, None, D))
    random = np.random.default_rng(1)
    layer.set_weights([w + random.normal(0, 0.3, w.shape) for w in map(numpy, layer.get_weights())])
    return layer


def sample():
    """x (B, T, D), irregular times (B, T) of which some are equal, and a mask with gaps, first and last steps too."""
    random = np.random.default_rng(0)
    x = random.normal(size=(B, T, D))
    times = 3.0 + np.cumsum(random.exponential(SCALE, (B, T)) * (random.uniform(size=(B, T)) < 0.9), axis=1)
    mask = random.uniform(size=(B, T)) < 0.6
    mask[0], mask[1, :2], mask[2, -2:] = True, False, False
    return x, times, mask


def with_missing(x):
    """x with NaN here and there; the first feature of the second sample is never seen."""
    holes = np.random.default_rng(2).uniform(size=x.shape) < 0.4
    holes[1, :, 0] = True
    return np.where(holes, np.nan, x)


def expected(name, layer, x, times, mask=None):
    """What the equations answer: (B, T, H) with the output of a masked step that of the one before; mTAND: no steps."""
    weights = {w.name: numpy(w) for w in layer.weights}
    rows = []
    for n in range(len(x)):
        counts = np.ones(x.shape[1], bool) if mask is None else mask[n]
        found = CASES[name][2](weights, x[n][counts], times[n][counts], layer)
        if name.startswith("mtand"):
            rows.append(found)
            continue
        before = np.concatenate([np.zeros((1, layer.units)), found])
        rows.append(before[np.cumsum(counts)])
    return np.array(rows)
