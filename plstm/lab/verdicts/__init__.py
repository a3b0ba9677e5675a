"""Verdicts: each claim about the Phased LSTM, our measurements, and a verdict by one rule for all claims.

Everything is computed from the published results. A difference counts if it is more than two standard errors.
"""

from plstm.lab.verdicts import inside as _inside
from plstm.lab.verdicts import learning as _learning
from plstm.lab.verdicts import quoted as _quoted
from plstm.lab.verdicts.ablation import ABLATION_STEPS, ABLATIONS, ablation_difference, ablations, pairs
from plstm.lab.verdicts.comparison import Difference, difference, pooled, scores, steps_to
from plstm.lab.verdicts.finding import HOLDS, IN_PART, NOT_HERE, OPEN, Finding

__all__ = [
    "ABLATIONS",
    "ABLATION_STEPS",
    "FINDINGS",
    "HOLDS",
    "IN_PART",
    "NOT_HERE",
    "OPEN",
    "Difference",
    "Finding",
    "ablation_difference",
    "ablations",
    "difference",
    "findings",
    "pairs",
    "pooled",
    "scores",
    "steps_to",
]


# Each function makes one row of the chapter's table, in this order.
FINDINGS = (
    _learning.lstm_fails,
    _learning.faster_convergence,
    _learning.irregular_times,
    _learning.event_driven,
    _learning.fewer_computes,
    _learning.leak_in_training,
    _learning.square_wave,
    _learning.gru,
    _learning.learned_rhythms,
    _inside.shortcut,
    _inside.persistent_dropout,
    _inside.fourier_transform,
    _learning.loss_of_nan,
    _quoted.bit_stream_xor,
    _learning.seconds_a_step,
)


def findings():
    """All ``Finding``s, in the order of the chapter's table."""
    return [finding() for finding in FINDINGS]
