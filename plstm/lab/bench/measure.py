"""Times of several calls in one process, interleaved, so that a disturbance of the machine affects all of them."""

import time

import numpy as np

from plstm.lab.bench.contenders import IN_SHAPES, MODES, Absent, make, one_line

BASES = ("keras-lstm", "plain-cell")


def measure(shape, repeats, warmups, names=IN_SHAPES, say=lambda line: None):
    """All contenders at one shape.

    Returns:
        A dict: batch, steps, features, units; ``train`` and ``forward``, each {contender: times, see ``summary``};
        ``build_seconds`` {contender: making the layer and one eager call, where kernels that are not on disk yet are
        compiled}; ``engines`` {contender: {mode: engine}}; ``absent`` {contender: why};
        ``ratios`` {mode: see ``ratios``}.
    """
    made, absent, engines, build = {}, {}, {}, {}
    for name in names:
        start = time.perf_counter()
        try:
            made[name] = make(name, shape)
            build[name] = time.perf_counter() - start
        except Absent as error:
            absent[name] = str(error)
        # If a contender fails, the reason is recorded beside the times of the others.
        except Exception as error:
            absent[name] = one_line(error)
    found = {}
    for mode in MODES:
        say(f"({shape}) {mode}: {', '.join(made)}")
        times, failed = interleaved({name: calls[mode] for name, calls in made.items()}, repeats, warmups)
        found[mode] = {name: summary(*of) for name, of in times.items()}
        absent.update({name: f"{mode}: {why}" for name, why in failed.items()})
        for name in times:
            if made[name]["engine"]() is not None:
                engines.setdefault(name, {})[mode] = made[name]["engine"]()
    return {
        **shape._asdict(),
        **found,
        "build_seconds": build,
        "engines": engines,
        "absent": absent,
        "ratios": {mode: ratios(found[mode]) for mode in MODES},
    }


def interleaved(calls, repeats, warmups, clock=time.perf_counter):
    """The first time of each call, then ``warmups`` unmeasured rounds, then ``repeats`` measured rounds.

    Every round makes every call once, and starts with another one.

    Returns:
        {name: (first, warmups, [seconds])} and {name: error} of the calls that failed.
    """
    first, failed = {}, {}
    for name, call in calls.items():
        try:
            first[name] = _timed(call, clock)
        except Exception as error:
            failed[name] = one_line(error)
    seconds = {name: [] for name in first}
    order = list(first)
    for number in range(warmups + repeats):
        start = number % len(order) if order else 0
        for name in order[start:] + order[:start]:
            spent = _timed(calls[name], clock)
            if number >= warmups:
                seconds[name].append(spent)
    return {name: (first[name], warmups, seconds[name]) for name in order}, failed


def _timed(call, clock):
    start = clock()
    call()
    return clock() - start


def summary(first, warmups, seconds):
    """The times of one call, in seconds: the first one (with compilation), the measured ones, their median and spread.

    >>> summary(9.0, 2, [3.0, 1.0, 2.0])["median"]
    2.0
    """
    low, middle, high = np.quantile(seconds, [0.25, 0.5, 0.75]).tolist()
    return {
        "first_call": first,
        "warmups": warmups,
        "seconds": seconds,
        "minimum": min(seconds),
        "lower_quartile": low,
        "median": middle,
        "upper_quartile": high,
    }


def ratios(times):
    """{base: {contender: median divided by the base's median}} for the two alternatives that users would choose.

    >>> ratios({"keras-lstm": {"median": 4.0}, "plstm-native": {"median": 1.0}})
    {'keras-lstm': {'keras-lstm': 1.0, 'plstm-native': 0.25}}
    """
    return {
        base: {name: of["median"] / times[base]["median"] for name, of in times.items()}
        for base in BASES
        if base in times
    }
