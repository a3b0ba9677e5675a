"""When the next event comes: a mixture of log-normal distributions of the waiting time, as a loss and its answers."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from plstm import dates
from plstm.types import Array, Floats, LayerConfig, Tensor

LEAST_SPREAD = 1e-3  # of ln(waiting time): a component that narrows to one time would have a likelihood without bound


@keras.saving.register_keras_serializable(package="plstm")
class LogNormalMixture(keras.losses.Loss):
    """The negative log-likelihood of waiting times under a mixture of M log-normal distributions.

    .. math::
        p(w) = \\sum_m \\frac{\\pi_m}{w \\sigma_m \\sqrt{2\\pi}}
        \\exp\\Big(-\\frac{(\\ln w - \\mu_m)^2}{2 \\sigma_m^2}\\Big), \\qquad L = -\\ln p(w)

    The head of the network is a ``keras.layers.Dense(3 * M)`` without activation. Its outputs are the M logits of
    :math:`\\pi`, then M values :math:`\\mu - \\ln` ``scale``, then M values whose softplus is :math:`\\sigma`. A wait
    is *censored* if the observation ended before the event came. Its loss is the negative logarithm of the probability
    of a longer wait.

    Args:
        components: M.
        scale: a typical waiting time > 0, such as the median of the training set; the components start near it.
        reduction: how the losses of a batch become one number, as in Keras' own losses.
        name: the loss's name.
        dtype: the dtype of the computation; default: Keras' own setting.

    Call arguments:
        y_true: waiting times > 0, (B,) or (B, 1), or with a second column (B, 2) that is 1 where the event came and 0
            where the wait was censored.
        y_pred: (B, 3M), outputs of the head.

    Returns:
        The loss, a scalar, in nats. Times in another unit change it by a constant.

    Raises:
        ValueError: fewer than one component, a scale <= 0, a head whose number of outputs is not 3M.

    Source:
        Shchur, Bilos & Guennemann (2020), *Intensity-free learning of temporal point processes*, arXiv:1909.12127,
        section 3.2.

    Example:
        A machine ticks every 2 or every 10 seconds, and its light says which:

        >>> import keras, numpy as np, plstm
        >>> rng = np.random.default_rng(0)
        >>> slow = rng.integers(0, 2, 512)
        >>> wait = np.where(slow, 10.0, 2.0) * rng.lognormal(0.0, 0.1, 512)
        >>> loss = plstm.LogNormalMixture(2, scale=float(np.median(wait)))
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(6)])
        >>> model.compile(keras.optimizers.Adam(0.03), loss)
        >>> _ = model.fit(slow[:, None].astype("float32"), wait, epochs=60, batch_size=64, verbose=0)
        >>> loss.quantile(model.predict(np.array([[0.0], [1.0]]), verbose=0), 0.5).round(0).tolist()
        [2.0, 10.0]
    """

    def __init__(
        self,
        components: int = 3,
        scale: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_normal_mixture",
        dtype: Any = None,
    ):
        if isinstance(components, bool) or not isinstance(components, (int, np.integer)) or components < 1:
            raise ValueError(f"expected components to be an integer >= 1, got {components!r}")
        if isinstance(scale, str) or not 0 < scale < math.inf:
            raise ValueError(f"expected scale to be a waiting time > 0, got {scale!r}")
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.components, self.scale = int(components), float(scale)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        self._check(y_pred)
        waits = ops.reshape(y_true, (-1, 1)) if len(y_true.shape) == 1 else y_true
        logits, means, spreads = self._parts(y_pred, ops)
        spreads = LEAST_SPREAD + ops.softplus(spreads)
        logs = ops.log(waits[:, :1])
        z = (logs - means) / spreads
        shares = ops.log_softmax(logits, axis=-1)
        density = ops.logsumexp(shares - 0.5 * z * z - ops.log(spreads), axis=-1)
        density = density - logs[:, 0] - 0.5 * math.log(2.0 * math.pi)
        if waits.shape[-1] == 1:
            return -density
        longer = ops.logsumexp(shares + _log_above(z), axis=-1)
        return -ops.where(waits[:, 1] > 0, density, longer)

    def mean(self, y_pred: ArrayLike) -> Floats:
        """The expected waiting time, (B,).

        Args:
            y_pred: (B, 3M), outputs of the head.
        """
        shares, means, spreads = self._numbers(y_pred)
        return np.sum(shares * np.exp(means + 0.5 * spreads**2), axis=-1)

    def cdf(self, y_pred: ArrayLike, waits: ArrayLike) -> Floats:
        """The probability that the event comes within a waiting time.

        Args:
            y_pred: (B, 3M), outputs of the head.
            waits: (W,) or (B, W), > 0.

        Returns:
            (B, W).
        """
        shares, means, spreads = (part[:, None] for part in self._numbers(y_pred))
        z = (np.log(dates.numbers("waits", waits))[..., None] - means) / spreads
        return np.sum(shares * 0.5 * (1.0 + np.vectorize(math.erf)(z / math.sqrt(2.0))), axis=-1)

    def quantile(self, y_pred: ArrayLike, share: float) -> Floats:
        """The waiting time within which the event comes with a given probability, (B,); 0.5: the median.

        Args:
            y_pred: (B, 3M), outputs of the head.
            share: the probability, between 0 and 1.
        """
        if not 0 < share < 1:
            raise ValueError(f"expected a share between 0 and 1, got {share!r}")
        _, means, spreads = self._numbers(y_pred)
        low, high = (means - 40.0 * spreads).min(axis=-1), (means + 40.0 * spreads).max(axis=-1)
        for _ in range(80):  # halving the bracket: float64 has no more digits
            middle = 0.5 * (low + high)
            below = self.cdf(y_pred, np.exp(middle)[:, None])[:, 0] < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.exp(high)

    def _numbers(self, y_pred: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Shares, means and spreads of ln(waiting time), each (B, M), in float64."""
        outputs = dates.numbers("y_pred", y_pred)
        self._check(outputs)
        logits, means, spreads = self._parts(outputs, np)
        shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return shares / shares.sum(axis=-1, keepdims=True), means, LEAST_SPREAD + np.logaddexp(0.0, spreads)

    def _parts(self, outputs: Any, library: Any) -> tuple[Any, Any, Any]:
        logits, means, spreads = library.split(outputs, 3, axis=-1)
        return logits, means + math.log(self.scale), spreads

    def _check(self, outputs: Array | Tensor) -> None:
        if len(outputs.shape) != 2 or outputs.shape[-1] != 3 * self.components:
            wanted = f"(B, {3 * self.components}), three for each of {self.components} components"
            raise ValueError(f"expected outputs of shape {wanted}, got {tuple(outputs.shape)}")

    def get_config(self) -> LayerConfig:
        return {**super().get_config(), "components": self.components, "scale": self.scale}


# ln erfc(a) + a^2 - ln t as a polynomial in t = 1 / (1 + a / 2), to 1.2e-7 for every a >= 0: W. H. Press et al.,
# Numerical Recipes, 2nd edition, section 6.2. Keras has no erfc, and 1 - erf(a) has no digits left where a is large.
ERFC = (
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806,
    0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
)  # fmt: skip


def _log_above(z: Tensor) -> Tensor:
    """ln P(Z > z) of a standard normal variable."""
    a = ops.abs(z) / math.sqrt(2.0)
    t = 1.0 / (1.0 + 0.5 * a)
    polynomial = ops.zeros_like(t)
    for coefficient in reversed(ERFC):
        polynomial = polynomial * t + coefficient
    tail = ops.log(t) - a * a + polynomial - math.log(2.0)  # ln P(Z > |z|)
    return ops.where(z >= 0, tail, ops.log1p(-ops.exp(tail)))
