"""A recurrence along a sequence: gradients of its last state for earlier ones, and how long memories last."""

import numpy as np

from plstm.lab.analysis.recurrence import Slopes, back, slopes


def lag_edges(steps, per_octave=2):
    """Edges of bins of lags, about ``per_octave`` to each doubling: 0, 1, 2, 3, 4, 6, 8, ..., steps.

    >>> lag_edges(10).tolist()
    [0, 1, 2, 3, 4, 6, 8, 10]
    """
    powers = 2.0 ** (np.arange(int(per_octave * np.log2(steps)) + 1) / per_octave)
    return np.unique([0, *np.round(powers).astype(int), steps])


def in_bins(values, edges):
    """Root mean square of ``values (B, n)``, over lags, within each bin: (B, bins).

    >>> in_bins(np.array([[1.0, 3.0, 4.0]]), [0, 1, 3]).round(3).tolist()
    [[1.0, 3.536]]
    """
    squares = np.add.reduceat(np.asarray(values)[:, : edges[-1]] ** 2, edges[:-1], axis=1)
    return np.sqrt(squares / np.diff(edges))


def gradient_norms(recurrence, x, times, training=False):
    """Norms of the gradient of the last state for the state and the input n steps earlier, from exact Jacobians.

    .. math::
        \\mathrm{state}(n) &= \\frac{1}{\\sqrt{2H}} \\left\\| \\frac{\\partial (h_T, c_T)}{\\partial (h_{T-n}, c_{T-n})}
        \\right\\|_F \\\\
        \\mathrm{input}(n) &= \\left\\| \\frac{\\partial h_T}{\\partial x_{T-n}} \\right\\|_F \\\\
        \\mathrm{cell}(n) &= \\sqrt{\\mathrm{mean} \\prod_{m=T-n+1}^{T} (1 - k_m + k_m f_m)^2}

    ``state`` is 1 where everything is passed on, because then the Jacobian is the identity; ``cell`` is the same for
    the memory's own path, from c to c within each unit; ``never_open`` is the share of units that are closed
    throughout the last n steps, whose rows of the Jacobian are those of the identity.

    Args:
        recurrence: a ``Recurrence``.
        x: (T, B, D).
        times: (T,).
        training: whether the gates leak, as in training.

    Returns:
        dict of arrays: ``state``, ``cell`` (B, T + 1) for n = 0 to T; ``input`` (B, T), for n = 0 (the last input) to
        T - 1; ``never_open`` (T + 1,).

    Example:
        >>> import plstm
        >>> from plstm.lab.analysis import Recurrence
        >>> layer = plstm.PhasedLSTM(4, period_initializer=1000.0, shift_initializer=500.0)
        >>> layer.build((None, None, 1))
        >>> norms = gradient_norms(Recurrence.of(layer), np.ones((9, 1, 1)), np.arange(9.0))  # no unit opens
        >>> norms["state"][0].tolist() == [1.0] * 10, norms["input"].max()
        (True, np.float64(0.0))
    """
    steps, batch, units = len(x), x.shape[1], recurrence.units
    k = recurrence.openness(times, training)
    h, c = recurrence.states(x, k)
    slope = slopes(recurrence, x, h[:-1], c[:-1])
    rows = np.broadcast_to(np.eye(2 * units), (batch, 2 * units, 2 * units))
    of_h, of_c = rows[..., :units], rows[..., units:]
    own, never_open = np.ones((batch, units)), np.ones(units, bool)
    state, cell, sleeping, of_input = [np.ones(batch)], [np.ones(batch)], [1.0], []
    for step in reversed(range(steps)):
        of_h, of_c, of_x = back(recurrence, k[step], Slopes(*(of[step] for of in slope)), of_h, of_c)
        own = own * (1 - k[step] + k[step] * slope.forget[step])
        never_open = never_open & (k[step] == 0)
        state.append(np.sqrt((np.sum(of_h**2, (1, 2)) + np.sum(of_c**2, (1, 2))) / (2 * units)))
        cell.append(np.sqrt(np.mean(own**2, axis=1)))
        sleeping.append(never_open.mean())
        of_input.append(np.sqrt(np.sum(of_x[:, :units] ** 2, (1, 2))))
    return {
        "state": np.array(state).T,
        "cell": np.array(cell).T,
        "input": np.array(of_input).T,
        "never_open": np.array(sleeping),
    }


def memory_kept(recurrence, x, times, start, nudge=1e-4):
    """The part of a small change of a unit's memory that is left in that unit n steps later, measured by running it.

    After ``start`` steps the memory of each unit in turn is changed by ``nudge``, and the sequence continues as before:

    .. math::
        \\mathrm{kept}(n) &= |c^{changed}_{start+n} - c_{start+n}| / \\mathrm{nudge} \\\\
        \\mathrm{product}(n) &= \\prod_{m=start+1}^{start+n} (1 - k_m + k_m f_m)

    The two differ by the effect that returns to the unit through the outputs of the layer (and a little because the
    nudge is finite). Gates are those of inference, without a leak.

    Args:
        recurrence: a ``Recurrence``.
        x: (T, B, D).
        times: (T,).
        start: 0 <= start < T.

    Returns:
        dict of arrays: ``kept``, ``product`` (B, H, n) for n = 0 to T - start; ``updates`` (H, n), how often each unit
        was open so far; ``forget`` (H,), the mean forget gate over the steps at which it is open (NaN if never).

    Example:
        A unit that never opens keeps all of it:

        >>> import plstm
        >>> from plstm.lab.analysis import Recurrence
        >>> layer = plstm.PhasedLSTM(2, period_initializer=1000.0, shift_initializer=500.0)
        >>> layer.build((None, None, 1))
        >>> memory_kept(Recurrence.of(layer), np.ones((9, 1, 1)), np.arange(9.0), start=4)["kept"].round(6).min()
        np.float64(1.0)
    """
    batch, units = x.shape[1], recurrence.units
    k = recurrence.openness(times)
    h, c = recurrence.states(x, k)
    forget = slopes(recurrence, x, h[:-1], c[:-1]).forget[start:]
    k, x = k[start:], x[start:]
    # Sample b with unit u changed is row b * H + u.
    many_h, many_c = np.repeat(h[start], units, axis=0), np.repeat(c[start], units, axis=0)
    many_c = many_c + nudge * np.tile(np.eye(units), (batch, 1))
    own = np.tile(np.arange(units), batch)
    kept = []
    for step in range(len(x) + 1):
        if step > 0:
            inputs = np.repeat(x[step - 1], units, axis=0)
            many_h, many_c = recurrence.step(inputs, many_h, many_c, k[step - 1])
        kept.append(np.abs(many_c[np.arange(len(own)), own].reshape(batch, units) - c[start + step]) / nudge)
    factors = np.concatenate([np.ones((1, batch, units)), 1 - k[:, None] * (1 - forget)])
    opened = k > 0
    with np.errstate(invalid="ignore"):
        mean_forget = np.sum(opened[:, None] * forget, (0, 1)) / (batch * opened.sum(axis=0))
    return {
        "kept": np.moveaxis(np.array(kept), 0, -1),
        "product": np.moveaxis(np.cumprod(factors, axis=0), 0, -1),
        "updates": np.concatenate([np.zeros((1, units), int), np.cumsum(opened, axis=0)]).T,
        "forget": mean_forget,
    }
