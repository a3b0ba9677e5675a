"""The peers in NumPy, one sample and one step after another, written from their papers' equations.

Each function takes the layer's weights by name, x (T, D), gaps in time_scale as the papers have them, and answers
(T, H). Nothing here counts masks: what a mask leaves out is left out before.
"""

import math

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gaps_of(times, scale):
    return np.diff(times, prepend=times[:1]) / scale


def gru_d(w, x, times, layer):
    """Che et al. (2018), equations 3 and 10 to 16, with the delta of their section on decay."""
    steps, features = x.shape
    units = layer.units
    h, outputs = np.zeros(units), []
    mean = np.broadcast_to(layer.mean, (features,))
    last, delta, seen = mean.copy(), np.zeros(features), np.ones(features, bool)
    cut = [slice(n * units, (n + 1) * units) for n in range(3)]
    for n in range(steps):
        if n > 0:
            gap = (times[n] - times[n - 1]) / layer.time_scale
            delta = np.where(seen, gap, gap + delta)
        seen = ~np.isnan(x[n])
        m = seen.astype(float)
        gamma_x = np.exp(-np.maximum(0, w["input_decay"] * delta + w["input_decay_bias"]))
        gamma_h = np.exp(-np.maximum(0, delta @ w["decay"] + w["decay_bias"]))
        value = np.where(seen, x[n], 0.0)
        hat = m * value + (1 - m) * (gamma_x * last + (1 - gamma_x) * mean)
        h = gamma_h * h
        z, r = (
            sigmoid(
                hat @ w["kernel"][:, c]
                + h @ w["recurrent_kernel"][:, c]
                + m @ w["observed_kernel"][:, c]
                + w["bias"][c]
            )
            for c in cut[:2]
        )
        c = cut[2]
        proposed = np.tanh(
            hat @ w["kernel"][:, c]
            + (r * h) @ w["recurrent_kernel"][:, c]
            + m @ w["observed_kernel"][:, c]
            + w["bias"][c]
        )
        h = (1 - z) * h + z * proposed
        last = np.where(seen, value, last)
        outputs.append(h)
    return np.array(outputs)


def lstm_proposal(a, c):
    """i, f, c~, o of the sums a, and what becomes of the memory c."""
    i, f, new, o = np.split(a, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
    return sigmoid(o) * np.tanh(c), c


def ode_lstm(w, x, times, layer):
    """Lechner & Hasani (2020), algorithm 1."""
    h = c = np.zeros(layer.units)
    outputs = []

    def slope(y):
        return np.tanh(y @ w["inner_kernel"] + w["inner_bias"]) @ w["outer_kernel"] + w["outer_bias"]

    for row, gap in zip(x, gaps_of(times, layer.time_scale)):
        h, c = lstm_proposal(row @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], c)
        d = gap / layer.solver_steps
        for _ in range(layer.solver_steps):
            if layer.solver == "euler":
                h = h + d * slope(h)
            else:
                k1 = slope(h)
                k2 = slope(h + d / 2 * k1)
                k3 = slope(h + d / 2 * k2)
                k4 = slope(h + d * k3)
                h = h + d / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        outputs.append(h)
    return np.array(outputs)


def cfc(w, x, times, layer):
    """Hasani et al. (2022): the closed form, its backbone, and the mixed memory."""
    h = c = np.zeros(layer.units)
    outputs = []
    for row, gap in zip(x, gaps_of(times, layer.time_scale)):
        if layer.mixed_memory:
            a = row @ w["memory_kernel"] + h @ w["memory_recurrent_kernel"] + w["memory_bias"]
            i, f, new, o = np.split(a, 4)
            c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(new)
            h = sigmoid(o) * np.tanh(c)
        joined = np.concatenate([row, h])
        u = 1.7159 * np.tanh(2 / 3 * (joined @ np.concatenate([w["kernel"], w["recurrent_kernel"]]) + w["bias"]))
        for n in range(2, layer.backbone_layers + 1):
            u = 1.7159 * np.tanh(2 / 3 * (u @ w[f"kernel_{n}"] + w[f"bias_{n}"]))
        f, g, q = (u @ w[f"{name}_kernel"] + w[f"{name}_bias"] for name in ("blend", "first", "second"))
        start = u @ w["blend_start_kernel"] + w["blend_start_bias"] if layer.time_bias else 0.0
        s = sigmoid(-f * gap + start)
        h = s * np.tanh(g) + (1 - s) * np.tanh(q)
        outputs.append(h)
    return np.array(outputs)


def ode_lstms_baseline(w, x, times, layer):
    """The formula that research of the ode-lstms repository found, with its clock of gaps, the first from 0."""
    tau, s, r = (np.log1p(np.exp(w[name][0])) for name in ("period", "shift", "ratio_on"))
    h = c = np.zeros(layer.units)
    outputs = []
    for row, gap in zip(x, np.diff(times, prepend=0.0) / layer.time_scale):
        phase = np.mod(gap - s, tau) / tau
        k = 2 * phase * r if phase < r / 2 else 2 - 2 * phase / r if phase < r else 0.001 * phase
        new, write, keep, show = np.split(row @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
        proposed = sigmoid(keep + 1) * c + sigmoid(write) * np.tanh(new)
        h = k * (sigmoid(show) * np.tanh(proposed)) + (1 - k) * h
        c = k * proposed + (1 - k) * c
        outputs.append(h)
    return np.array(outputs)


def diagonal_ssm(w, x, times, layer):
    """Smith et al. (2023), with complex numbers and one step after another."""
    hidden = x @ w["kernel"] + w["bias"]
    for n in range(layer.depth):
        b = {name.rpartition("_")[0]: value for name, value in w.items() if name.endswith(f"_{n}")}
        centred = hidden - hidden.mean(axis=1, keepdims=True)
        u = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-6) * b["scale"] + b["offset"]
        eigen = -np.exp(b["log_decay"]) + 1j * b["frequency"]
        step = np.exp(b["log_step"])
        enter = (b["enter_real"] + 1j * b["enter_imaginary"]).T
        leave = (b["leave_real"] + 1j * b["leave_imaginary"]).T
        z, rows = np.zeros(len(eigen), complex), []
        for row, gap in zip(u, gaps_of(times, layer.time_scale)):
            over = gap if layer.input_kind == "held" else 1.0
            z = np.exp(eigen * step * gap) * z + (np.exp(eigen * step * over) - 1) / eigen * (enter @ row)
            y = 2 * (leave @ z).real + b["skip"] * row
            rows.append(y)
        v = np.array([[0.5 * a * (1 + math.erf(a / math.sqrt(2))) for a in y] for y in rows])
        hidden = hidden + v * sigmoid(v @ b["gate_kernel"] + b["gate_bias"])
    return hidden


def mtand(w, x, times, layer):
    """Shukla & Marlin (2021), equations 1 to 4: one feature, one head and one reference point after another."""
    points = np.linspace(0, 1, layer.references)
    at = np.asarray(times) / layer.time_scale
    columns = []
    for h in range(layer.heads):

        def embedded(t, h=h):
            a = np.outer(t, [w["slopes"][h], *w["frequencies"][h]]) + w["phases"][h]
            return np.concatenate([a[:, :1], np.sin(a[:, 1:])], axis=1)

        scores = embedded(points) @ w["query_kernel"][h] @ (embedded(at) @ w["key_kernel"][h]).T
        for d in range(x.shape[1]):
            seen = ~np.isnan(x[:, d])
            among = scores[:, seen] / np.sqrt(layer.embedding)
            shares = np.exp(among - among.max(axis=1, keepdims=True, initial=-np.inf))
            total = shares.sum(axis=1, keepdims=True)
            columns.append((shares / total) @ x[seen, d] if seen.any() else np.zeros(len(points)))
    u = np.array(columns).T @ w["kernel"] + w["bias"]
    if layer.head == "dense":
        return np.maximum(0, u.ravel() @ w["head_kernel"] + w["head_bias"])[None]
    h, outputs = np.zeros(layer.units), []
    for row in u:
        z, r, new = np.split(row @ w["head_kernel"] + w["head_bias"][0], 3)
        uz, ur, unew = np.split(h @ w["recurrent_kernel"] + w["head_bias"][1], 3)
        z = sigmoid(z + uz)
        h = z * h + (1 - z) * np.tanh(new + sigmoid(r + ur) * unew)
        outputs.append(h)
    return np.array(outputs)
