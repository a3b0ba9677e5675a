"""Every check accepts right answers, rejects wrong ones with the fitting hint, and every solution passes its own."""

import inspect
from pathlib import Path

import nbformat
import numpy as np
import pytest

import plstm
from plstm.gate import phase
from plstm.lab import exercises
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, check_number

BOOK = Path(__file__).parents[3] / "book"
ON, OFF = [[20.0, 0.0, 0.0, 0.0]], [-10.0, 10.0, 10.0, 10.0]


def counter(kernel=ON, recurrent_kernel=((0.0,) * 4,), bias=OFF):
    return kernel, recurrent_kernel, bias


def slope(t, period, shift, ratio_on, sign=-1.0, factor=True, closed=0.0):
    phi = phase(t, period, shift)
    inside = sign * np.pi / ratio_on * np.sin(2 * np.pi * phi / ratio_on) / (period if factor else 1.0)
    return np.where(phi < ratio_on, inside, closed)


def blended(step):
    return lambda x, states, k: [old + k * (new - old) for old, new in zip(states, step(x, states))]


def swapped(step):
    return lambda x, states, k: [new + k * (old - new) for old, new in zip(states, step(x, states))]


def first_only(step):
    return lambda x, states, k: [*blended(step)(x, states, k)[:1], *step(x, states)[1:]]


def halved(step):
    return lambda x, states, k: [old + k / 2 * (new - old) for old, new in zip(states, step(x, states))]


def hold(row, held, indicator=lambda seen: seen, remember=True, extra=()):
    seen = ~np.isnan(row)
    held = np.where(seen, row, held)
    return np.concatenate([held, indicator(seen), *extra]), held if remember else np.zeros(2)


def split(series, rng, share=0.2):
    names = np.unique(series)
    return np.isin(series, rng.choice(names, round(share * len(names)), replace=False))


def tell(times, values, matched=True, constant=None):
    wave = np.exp(2j * np.pi * times / np.array([[5.0], [7.0]]))
    fits = np.abs((values * wave).sum(axis=1)) if matched else (values * wave.imag).sum(axis=1)
    return constant or (5.0, 7.0)[int(np.argmax(fits))]


def drawn(colour, times, first=0, end=784):
    return np.roll(np.repeat(colour > 0, np.diff(np.append(times, end))), first)


RIGHT = [
    ("check_own_path", (0.9,)),
    ("check_begun_openings", (np.floor(7.54) - np.floor(-0.3),)),
    ("check_kept_product", (lambda k, f: np.cumprod(1 - k * (1 - f)),)),
    ("check_equal_forget_bias", (4.9,)),
    ("check_leaky_ear", (0.001 * 0.5,)),
    ("check_lstm_weights", (4352,)),
    ("check_lstm_weights", (np.int64(4352),)),
    ("check_forget_bias", (7.03,)),
    ("check_counter", counter()),
    ("check_visible_changes", ({"b", "c"},)),
    ("check_visible_changes", (["(c)", "B"],)),
    ("check_peaks", ([24, 4, 44.0],)),
    ("check_office_hours", (24, 9, 1 / 24)),
    ("check_office_hours", (24.0, 33, 0.04167)),
    ("check_cosine_slope", (slope,)),
    ("check_leak_loss", (0.9517,)),
    ("check_awake", (-0.25,)),
    ("check_awake", (9.75,)),
    ("check_awake", (0.75,)),
    ("check_phased_weights", (4448,)),
    ("check_updates", (168,)),
    ("check_phased", (blended,)),
    ("check_left_after", (0.729,)),
    ("check_truncation", (50.0,)),
    ("check_turned_shift", (38,)),
    ("check_coarseness", (128,)),
    ("check_sparse_step", (13619.2,)),
    ("check_any_open", (0.56,)),
    ("check_amdahl", (6.9,)),
    ("check_error_of_a_difference", (0.98,)),
    ("check_enough_seeds", (12,)),
    ("check_false_alarms", (0.73,)),
    ("check_samples_a_period", (55,)),
    ("check_aliases", (1.2222,)),
    ("check_best_score", (0.9956,)),
    ("check_slow_sine", (34.56,)),
    ("check_kept_states", (200,)),
    ("check_products", (64 * 1024 * 384,)),
    ("check_recomputation", (1.333,)),
    ("check_step_of_pixel", (384,)),
    ("check_standard_error", (0.01265,)),
    ("check_slow_units", (0.444,)),
    ("check_twin_times", ([1.6, 4.0, 6.4],)),
    ("check_twin_times", (np.array([9.6, 12.0, 14.4]),)),
    ("check_loss_a_step", (1.1552e-4,)),
    ("check_openings", (15,)),
    ("check_tell_apart", (tell,)),
    ("check_enough_units", (44,)),
    ("check_silent_harmonic", (20.0,)),
    ("check_range_of_periods", (0.5, 719.75)),
    ("check_quadrature", ([0, 3, 6, 9],)),
    ("check_quadrature", (np.array([10.0, 7.0, 4.0, 1.0]),)),
    ("check_drawn", (drawn,)),
    ("check_drawn", (lambda colour, times: drawn(colour, times).reshape(28, 28).astype(int),)),
    ("check_chessboard", (757,)),
    ("check_thresholds", (7,)),
    ("check_microseconds", (1000, 300_000.0)),
    ("check_logger", (4.66,)),
    ("check_open_share", (0.2,)),
    ("check_phase_jump", (5.0,)),
    ("check_hold", (hold,)),
    ("check_split", (split,)),
    ("check_constant_answer", (1 / 6,)),
    ("check_by_chance", (0.0784,)),
    ("check_exposure", (10, 10.0)),
    ("check_kept", (lambda k, f: np.prod(1 - k + k * f),)),
    ("check_leak_share", (0.0186,)),
]
WRONG = [
    ("check_own_path", (0.15,), "through the proposal"),
    ("check_own_path", (0.6,), "an LSTM"),
    ("check_own_path", (0.75,), "not touched"),
    ("check_own_path", (0.85,), "Check the brackets"),
    ("check_own_path", (1.0,), "Collect what multiplies"),
    ("check_begun_openings", (7,), "One is missing"),
    ("check_begun_openings", (7.84,), "whole number"),
    ("check_begun_openings", (39.2,), "the updates"),
    ("check_begun_openings", (9,), "negative number"),
    ("check_kept_product", (lambda k, f: np.cumprod(k * f),), "closed step must keep"),
    ("check_kept_product", (lambda k, f: np.prod(1 - k + k * f),), "np.cumprod"),
    ("check_kept_product", (lambda k, f: np.ones(3),), "shape"),
    ("check_kept_product", (lambda k, f: 1 - k + k * f,), "Those are the factors"),
    ("check_kept_product", (lambda k, f: np.cumprod(np.where(k > 0, f, 1.0)),), "half open"),
    ("check_kept_product", (lambda k, f: np.cumprod(f),), "Each step multiplies"),
    ("check_equal_forget_bias", (4.15,), "square gate"),
    ("check_equal_forget_bias", (0.9926,), "forget gate"),
    ("check_equal_forget_bias", (20,), "ratio of the updates"),
    ("check_equal_forget_bias", (3.0,), "turn f into a bias"),
    ("check_leaky_ear", (0,), "leaks"),
    ("check_leaky_ear", (1e-3,), "That is alpha"),
    ("check_leaky_ear", (2.5e-3,), "whole periods"),
    ("check_leaky_ear", (0.5,), "Multiply by alpha"),
    ("check_leaky_ear", (0.05,), "alpha times the phase"),
    ("check_logger", (2**24 / 1000,), "Those are seconds"),
    ("check_logger", (2.33,), "the leading one"),
    ("check_logger", (2**32 / 3.6e6,), "eight hold the exponent"),
    ("check_logger", (1.0,), "24 binary digits"),
    ("check_open_share", (5,), "at most 1"),
    ("check_open_share", (0.4,), "half-open"),
    ("check_open_share", (0.5,), "that share of the samples"),
    ("check_phase_jump", (0.001 / 600,), "three million periods"),
    ("check_phase_jump", (3000,), "Divide by the period once more"),
    ("check_phase_jump", (2.0,), "its slope"),
    ("check_hold", (lambda row, held: row,), "Expected two return values|2 values and 2 indicators"),
    ("check_hold", (lambda row, held: hold(row, held, extra=([1.0],)),), "got 5 numbers"),
    ("check_hold", (lambda row, held: hold(row, held, np.logical_not),), "swapped"),
    ("check_hold", (lambda row, held: hold(row, held, np.ones_like),), "where this row has a value"),
    ("check_hold", (lambda row, held: hold(row, held, remember=False),), "became 0"),
    ("check_hold", (lambda row, held: hold(row, held + 1),), "Some values are not the last"),
    ("check_hold", (lambda row, held: 3,), "Expected two return values"),
    ("check_split", (lambda series, rng: series[:3] == "a",), r"one for each row, got bool \(3,\)"),
    ("check_split", (lambda series, rng: split(series, rng, 0.5),), "got 25"),
    ("check_split", (lambda series, rng: split(series, np.random.default_rng(3)),), "Two draws"),
    ("check_lstm_weights", (1088,), "one of the four sums"),
    ("check_lstm_weights", (4480,), "PyTorch"),
    ("check_lstm_weights", (17,), "for each unit"),
    ("check_lstm_weights", ("many",), "Expected a number, got 'many'"),
    ("check_forget_bias", (0.5 ** (1 / 784),), "That is the gate f"),
    ("check_forget_bias", (-7.03,), "The sign"),
    ("check_forget_bias", (1.0,), "784th power"),
    ("check_counter", counter(kernel=[[0.0] * 4]), "Does it write at a one?"),
    ("check_counter", counter(bias=[10.0] * 4), "write nothing at a zero"),
    ("check_counter", counter(bias=[-10.0, -10.0, 10.0, 10.0]), "keep its content"),
    ("check_counter", counter(bias=[-10.0, 10.0, 0.5, 10.0]), "close to 1"),
    ("check_counter", counter(kernel=[20.0, 0.0, 0.0, 0.0]), r"Expected kernel of shape \(1, 4\), got \(4,\)"),
    ("check_visible_changes", ({"a", "b", "c"},), r"About \(a\)"),
    ("check_visible_changes", ({"b"},), r"About \(c\)"),
    ("check_visible_changes", ({"b", "c", "d"},), r"About \(d\)"),
    ("check_peaks", ([3, 23, 43],), "begins to open"),
    ("check_peaks", ([5, 25, 45],), "closes"),
    ("check_peaks", ([4, 24],), "one more"),
    ("check_peaks", ([1, 21, 41],), "shift is missing"),
    ("check_peaks", ([7.0],), "where is its middle"),
    ("check_office_hours", (12, 9, 1 / 24), "every 12 hours"),
    ("check_office_hours", (24, 10, 1 / 24), "at 10 o'clock"),
    ("check_office_hours", (24, 9, 0.05), "1.2 hours"),
    ("check_office_hours", (0, 9, 0.05), "expected period > 0, got 0"),
    ("check_cosine_slope", (lambda *args: slope(*args, sign=1.0),), "sign"),
    ("check_cosine_slope", (lambda *args: slope(*args, factor=False),), "factor is missing"),
    ("check_cosine_slope", (lambda *args: slope(*args, closed=0.1),), "when it is closed"),
    ("check_cosine_slope", (lambda *args: 2 * slope(*args),), "disagrees"),
    ("check_cosine_slope", (lambda t, *args: 0.0 * t,), "should not be zero"),
    ("check_cosine_slope", (lambda *args: 1.0,), r"shape \(400,\), got \(\)"),
    ("check_leak_loss", (0.999**95,), "leak \\* phase"),
    ("check_leak_loss", (0.0483,), "what is lost"),
    ("check_leak_loss", (1.0,), "multiplied"),
    ("check_awake", (0.0,), "0.00"),
    ("check_awake", (0.25,), "middle|peak"),
    ("check_phased_weights", (4352,), "LSTM alone"),
    ("check_phased_weights", (4355,), "of its own"),
    ("check_phased_weights", (4544,), "Peepholes"),
    ("check_updates", (196,), "k is still 0"),
    ("check_updates", (6,), "one period"),
    ("check_updates", (784,), "strictly inside"),
    ("check_phased", (lambda step: lambda x, states, k: step(x, states),), "With k = 0"),
    ("check_phased", (lambda step: lambda x, states, k: states,), "With k = 1"),
    ("check_phased", (swapped,), "With k = 0"),
    ("check_phased", (first_only,), "every state"),
    ("check_phased", (halved,), "With k = 1"),
    ("check_phased", (lambda step: lambda x, states, k: [],), "Expected 1 states back, got 0"),
    ("check_left_after", (0.9**300,), "LSTM"),
    ("check_left_after", (0.9,), "one opening"),
    ("check_truncation", (0.02,), "Divide the other way"),
    ("check_truncation", (14.2857,), "By what"),
    ("check_turned_shift", (12,), "sign has changed"),
    ("check_turned_shift", (-12,), "Add a period"),
    ("check_coarseness", (64,), "rounding error"),
    ("check_coarseness", (256,), "first of the 24 digits"),
    ("check_sparse_step", (272384,), "every unit"),
    ("check_sparse_step", (3404.8,), "four gates"),
    ("check_sparse_step", (13107.2,), "10 inputs"),
    ("check_any_open", (0.8,), "counts overlaps"),
    ("check_any_open", (0.44,), "closed for all"),
    ("check_amdahl", (18.1,), "Times add up"),
    ("check_error_of_a_difference", (0.693,), "error of one mean"),
    ("check_error_of_a_difference", (1.386,), "their squares do"),
    ("check_error_of_a_difference", (1.697,), "one run in each group"),
    ("check_error_of_a_difference", (5.0,), "variance s²/n"),
    ("check_enough_seeds", (6,), "factor of 2 under the root"),
    ("check_enough_seeds", (3,), "two points or more"),
    ("check_enough_seeds", (40,), "must not be more"),
    ("check_false_alarms", (0.05,), "There are sixteen"),
    ("check_false_alarms", (0.525,), "at least one"),
    ("check_false_alarms", (5,), "4.55 %"),
    ("check_amdahl", (0.145,), "fit into the old one"),
    ("check_samples_a_period", (5.5,), "in milliseconds"),
    ("check_samples_a_period", (0.55,), "more of them"),
    ("check_aliases", (0.1818,), "long one"),
    ("check_aliases", (0.8182,), "its frequency"),
    ("check_best_score", (0.99114,), "only the others"),
    ("check_best_score", (0.0044,), "share of wrong answers"),
    ("check_slow_sine", (5.5,), "That is p itself"),
    ("check_slow_sine", (0.8754,), "Slower, not faster"),
    ("check_kept_states", (10_000,), "every one of them"),
    ("check_kept_states", (100,), "its own, too"),
    ("check_products", (1024 * 384,), "for one sample"),
    ("check_products", (64 * 256 * 384,), "four gates"),
    ("check_products", (64 * 1024 * 128,), "outputs h"),
    ("check_recomputation", (2,), "Only the forward"),
    ("check_recomputation", (0.333,), "additional part"),
    ("check_step_of_pixel", (573,), "column after column"),
    ("check_step_of_pixel", (385,), "step 0"),
    ("check_standard_error", (0.00016,), "square root"),
    ("check_standard_error", (0.4,), "single image"),
    ("check_slow_units", (1 - 0.4438,), "fast ones"),
    ("check_slow_units", (372 / 399,), "uniform"),
    ("check_twin_times", ([1.0, 2.5, 4.0],), "At the same times"),
    ("check_twin_times", ([0.625, 1.5625, 2.5],), "not less"),
    ("check_twin_times", ([1.6, 4.0],), "Expected three times, got 2"),
    ("check_twin_times", ([1.6, 4.0, -1.6],), "must ascend"),
    ("check_twin_times", ([1.6, 4.0, 6.8],), "t / 5 there"),
    ("check_loss_a_step", (0.5 ** (1 / 6000),), "each step keeps"),
    ("check_loss_a_step", (0.5 / 6000,), "multiply"),
    ("check_loss_a_step", (0.01,), "to the power of 6,000"),
    ("check_openings", (3000,), "how many samples it hears"),
    ("check_openings", (60_000,), "updates at all of them"),
    ("check_openings", (1500,), "40 seconds"),
    ("check_openings", (0.25,), "600 seconds"),
    ("check_tell_apart", (lambda times, values: tell(times, values, constant=5.0),), "look at the times"),
    ("check_tell_apart", (lambda times, values: 12.0 - tell(times, values),), "swapped"),
    ("check_tell_apart", (lambda times, values: tell(times, values, matched=False),), "unknown phase"),
    ("check_enough_units", (43.7,), "43 units are not quite"),
    ("check_enough_units", (90,), "open share of 0.05"),
    ("check_enough_units", (10,), "took turns"),
    ("check_enough_units", (45,), "power of H"),
    ("check_silent_harmonic", (10,), "right for the square"),
    ("check_silent_harmonic", (5,), "Check the factor"),
    ("check_silent_harmonic", (40,), "for the first time"),
    ("check_range_of_periods", (30, 43_200), "Those are minutes"),
    ("check_range_of_periods", (0.5, 30), "Those are days"),
    ("check_range_of_periods", (0.25, 720), "twice as long"),
    ("check_range_of_periods", (1.0, 720), "twice the interval"),
    ("check_range_of_periods", (0.5, 360), "length of a sequence"),
    ("check_quadrature", ([0, 6, 12, 18],), "Nothing is heard"),
    ("check_quadrature", ([0, 0, 6, 6],), "a quarter period apart"),
    ("check_quadrature", ([0, 3, 5, 9],), "not equally well"),
    ("check_quadrature", ([0, 3, 6],), "Expected four shifts, got 3"),
    ("check_drawn", (lambda colour, times: ~drawn(colour, times),), "swapped"),
    ("check_drawn", (lambda colour, times: drawn(colour, times, first=1),), "One pixel off"),
    ("check_drawn", (lambda colour, times: drawn(colour, times, end=times[-1]),), "Expected 784 pixels, got"),
    ("check_drawn", (lambda colour, times: np.zeros(784),), "from its own time"),
    ("check_chessboard", (784,), "does not change"),
    ("check_chessboard", (756,), "no row before it"),
    ("check_chessboard", (56,), "at every pixel"),
    ("check_chessboard", (28,), "between two rows"),
    ("check_thresholds", (8,), "not quite reached"),
    ("check_thresholds", (np.log(11) / 0.3,), "whole events"),
    ("check_thresholds", (3,), "its logarithm"),
    ("check_microseconds", (1, 300), "Those are milliseconds"),
    ("check_microseconds", (0.001, 0.3), "more of them"),
    ("check_microseconds", (1e6, 3e8), "1,000 microseconds"),
    ("check_constant_answer", (1 / 12,), "one value"),
    ("check_constant_answer", (7 / 6,), "the answer 0"),
    ("check_constant_answer", (1 / 3,), "one number uniform"),
    ("check_by_chance", (0.08,), "a triangle"),
    ("check_by_chance", (0.0392,), "one side"),
    ("check_by_chance", (0.04,), "the tolerance"),
    ("check_exposure", (20, 20), "On its slopes"),
    ("check_exposure", (400, 400), "mean openness"),
    ("check_exposure", (10, 2), "a fifth as often"),
    ("check_exposure", (10, 50), "The first is right"),
    ("check_kept", (lambda k, f: 1 - k + k * f,), r"Expected one number, got shape \(6,\)"),
    ("check_kept", (lambda k, f: f ** len(k),), "That is an LSTM"),
    ("check_kept", (lambda k, f: np.prod(k * f),), "1 - k is not changed"),
    ("check_kept", (lambda k, f: np.prod(f**k),), "By which factor is c multiplied"),
    ("check_leak_share", (0.0005,), "one closed unit"),
    ("check_leak_share", (0.0366,), "the phase is 0.5"),
]


@pytest.mark.parametrize("name, answer", RIGHT)
def test_right_answers_pass(name, answer):
    verdict = getattr(exercises, name)(*answer)
    assert verdict, verdict
    assert repr(verdict).startswith("Right. ")


@pytest.mark.parametrize("name, answer, hint", WRONG)
def test_wrong_answers_fail_with_the_hint_that_fits(name, answer, hint):
    verdict = getattr(exercises, name)(*answer)
    assert not verdict
    assert repr(verdict).startswith("Not yet. ")
    with pytest.raises(AssertionError, match=hint):
        raise AssertionError(verdict.message)


@pytest.mark.parametrize("name", exercises.__all__)
def test_every_check_waits_for_an_answer(name):
    check = getattr(exercises, name)
    assert check(*[...] * len(inspect.signature(check).parameters)) is UNANSWERED


NO_ANSWERS = [None, "abc", float("nan"), float("inf"), [], 1j, {}, lambda *arguments: None]


@pytest.mark.parametrize("name", exercises.__all__)
@pytest.mark.parametrize("answer", NO_ANSWERS, ids=lambda answer: getattr(answer, "__name__", repr(answer)))
def test_what_is_no_answer_gets_a_verdict_and_no_traceback(name, answer):
    check = getattr(exercises, name)
    verdict = check(*[answer] * len(inspect.signature(check).parameters))
    assert not verdict
    assert repr(verdict).startswith("Not yet. ")


def test_functions_that_still_answer_dots_are_unanswered():
    assert exercises.check_cosine_slope(lambda t, period, shift, ratio_on: ...) is UNANSWERED
    assert exercises.check_phased(lambda step: lambda x, states, k: ...) is UNANSWERED
    assert exercises.check_phased(lambda step: ...) is UNANSWERED
    assert exercises.check_kept_product(lambda k, f: ...) is UNANSWERED
    assert exercises.check_visible_changes({...}) is UNANSWERED
    assert exercises.check_tell_apart(lambda times, values: ...) is UNANSWERED
    assert exercises.check_drawn(lambda colour, times: ...) is UNANSWERED
    assert exercises.check_kept(lambda k, f: ...) is UNANSWERED


def test_every_check_is_tested_both_ways():
    assert {name for name, _ in RIGHT} == set(exercises.__all__)
    assert {name for name, *_ in WRONG} == set(exercises.__all__)


def test_a_verdict_is_its_answer():
    assert Verdict(True, "a")
    assert not Verdict(False, "a")


def test_check_number_keeps_its_tolerance():
    assert check_number(4.09, right=4, tolerance=0.1, praise="", hint="")
    assert not check_number(4.11, right=4, tolerance=0.1, praise="", hint="")
    assert not check_number(float("nan"), right=4, tolerance=0.1, praise="", hint="")


def solutions():
    for path in sorted(BOOK.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if "solution" in cell.metadata.get("tags", []):
                yield pytest.param(cell.source, id=cell.id)


@pytest.mark.parametrize("source", list(solutions()))
def test_every_solution_passes_its_own_check(source):
    assert "assert exercises.check_" in source
    exec(source, {"np": np, "plstm": plstm, "exercises": exercises, "phase": phase})


def test_the_book_asks_every_exercise_and_solves_it():
    text = "\n".join(path.read_text() for path in sorted(BOOK.glob("*.ipynb")))
    solved = "\n".join(param.values[0] for param in solutions())
    for name in exercises.__all__:
        assert text.count(f"exercises.{name}(") == 2
        assert solved.count(f"exercises.{name}(") == 1
