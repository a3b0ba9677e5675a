"""The static figures draw what they are given, in the right colours and order."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from plstm.gate import time_gate
from plstm.lab import figures
from plstm.lab.figures.curves import smooth
from plstm.lab.figures.frequency import MARKS
from plstm.lab.figures.style import letters
from plstm.lab.palette import COLOURS
from tests.lab.figures.examples import EXAMPLES, HISTORY, K, T, contrast, luminance


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def test_rhythm_draws_the_gate_and_breaks_the_phase_at_its_jumps():
    top, bottom = EXAMPLES["rhythm"]().axes
    curve, dots = bottom.lines
    assert np.allclose(curve.get_ydata(), time_gate(curve.get_xdata(), 4.0, 0.0, 0.25))
    assert curve.get_color() == COLOURS["openness"]
    assert np.allclose(dots.get_ydata(), time_gate([0.5, 3.0], 4.0, 0.0, 0.25))
    phase = top.lines[0].get_ydata()
    assert np.isnan(phase).sum() == 2
    assert np.nanmin(np.diff(phase)) > 0


def test_parameters_change_one_thing_a_row():
    axes = np.reshape(EXAMPLES["parameters"]().axes, (3, 3))
    gates = [
        [{}, {"period": 6.0}, {"period": 15.0}],
        [{}, {"shift": 2.0}, {"shift": 5.0}],
        [{}, {"ratio_on": 0.1}, {"ratio_on": 0.6}],
    ]
    for row, changes in zip(axes, gates):
        for ax, change in zip(row, changes):
            x, y = ax.lines[0].get_data()
            assert np.allclose(y, time_gate(x, **{"period": 10.0, "shift": 0.0, "ratio_on": 0.2, **change}))


def test_slopes_and_neurons_wear_the_colour_of_their_quantity():
    for ax, name in zip(EXAMPLES["slopes"]().axes, ("period", "shift", "ratio_on")):
        assert ax.lines[0].get_color() == COLOURS[name]
    axes = EXAMPLES["three_neurons"]().axes
    for row, (scale, name) in enumerate([(1, "openness"), (2, "cell"), (3, "output")]):
        for unit in range(3):
            line = axes[3 * row + unit].lines[0]
            assert line.get_color() == COLOURS[name]
            assert np.array_equal(line.get_ydata(), scale * K[:, unit])


def test_drift_shows_the_first_and_the_last_four_periods():
    first, last = EXAMPLES["drift"]().axes
    assert first.get_xlim() == (0.0, 40.0)
    assert last.get_xlim() == (160.0, 200.0)
    for ax in (first, last):
        for line, period in zip(ax.lines, (10.0, 10.5)):
            assert np.allclose(line.get_ydata(), time_gate(line.get_xdata(), period, 0.0, 0.2))


def test_integrator_draws_both_cells():
    bottom = EXAMPLES["integrator"]().axes[2]
    assert np.array_equal(lines(bottom)["Phased LSTM"].get_ydata(), np.cumsum(K[:, 0]))
    assert np.array_equal(lines(bottom)["LSTM"].get_ydata(), np.cumsum(T))
    alone = figures.integrator(T, T, K[:, 0], T).axes[2]
    assert "LSTM" not in lines(alone)


def test_raster_puts_the_shortest_period_at_the_bottom():
    ax = EXAMPLES["raster"]().axes[0]
    assert np.array_equal(ax.images[0].get_array(), K[:, [0, 2, 1]].T)
    assert ax.images[0].origin == "lower"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2", "4", "5"]
    just_above = figures.raster(T, K, np.array([2.0, 5.0, 1.003])).axes[0]
    assert just_above.get_yticklabels()[0].get_text() == "1.003"


def test_readers_counts_open_units_a_pixel():
    counts = EXAMPLES["readers"]().axes[1].images[0].get_array()
    assert np.array_equal(counts, [[2, 1], [0, 1]])


def test_digit_sequence_reads_row_after_row():
    image = np.arange(784.0).reshape(28, 28)
    left, right = figures.digit_sequence(image).axes
    assert np.array_equal(right.lines[0].get_ydata(), np.arange(784.0))
    assert np.array_equal(left.images[0].get_array(), image)


def test_learning_curves_one_line_a_run_and_one_name_a_model():
    ax = EXAMPLES["learning_curves"]().axes[0]
    assert [line.get_color() for line in ax.lines[:3]] == [COLOURS["lstm"], *[COLOURS["phased-lstm"]] * 2]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["LSTM", "Phased LSTM", "guessing"]
    assert np.array_equal(ax.lines[0].get_ydata(), smooth(T, 50))
    counting = figures.learning_curves({"lstm": [(T, T)]}, chance=0.37, chance_is="counting alone").axes[0]
    assert lines(counting)["counting alone"].get_ydata()[0] == 0.37


def test_many_groups_have_a_look_each_and_long_names_stand_below():
    groups = {
        f"{number}, a name that is longer than a picture has room": ("phased-lstm", [HISTORY]) for number in range(9)
    }
    figure = figures.learning_bands(groups)
    thick = [line for line in figure.axes[0].lines if line.get_linewidth() > 1]
    assert len({(to_hex(line.get_color()), line.get_linestyle()) for line in thick}) == len(groups)
    assert figure.axes[0].get_legend() is None
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(groups)
    assert figures.learning_bands({"short": ("lstm", [HISTORY])}).legends == []


@pytest.mark.parametrize("window", [1, 2, 5, 100])
def test_smooth_is_the_mean_of_the_last_values(window):
    values = np.random.default_rng(0).normal(size=20)
    expected = [values[max(0, i - window + 1) : i + 1].mean() for i in range(20)]
    assert np.allclose(smooth(values, window), expected, atol=1e-12)


def test_clock_and_steps_shows_times_on_the_left_and_counts_on_the_right():
    left, right, left_below, right_below = EXAMPLES["clock_and_steps"]().axes
    curve, dots = left.lines
    assert np.array_equal(curve.get_xdata(), 2 * T)
    assert np.array_equal(dots.get_xdata(), T)
    assert np.array_equal(right.lines[0].get_xdata(), np.arange(1, 102))
    assert np.array_equal(right.lines[0].get_ydata(), dots.get_ydata())
    assert len(left_below.lines) == 1
    assert right_below.get_title(loc="left") == "5 steps"
    assert left.get_xlim() == left_below.get_xlim()
    assert right.get_xlim() == right_below.get_xlim()


def test_open_at_once_sets_bars_beside_predictions():
    ax = EXAMPLES["open_at_once"]().axes[0]
    assert [bar.get_height() for bar in ax.patches] == [0.5, 0.3, 0.2]
    assert [bar.get_x() + bar.get_width() / 2 for bar in ax.patches] == pytest.approx([0, 1, 2])
    assert np.array_equal(ax.lines[0].get_ydata(), [0.45, 0.35, 0.2])


def test_covered_spans_all_populations():
    ax = EXAMPLES["covered"]().axes[0]
    band = ax.collections[0].get_paths()[0].vertices
    assert {tuple(point) for point in band.round(9)} >= {(1, 0.05), (1, 0.15), (3, 0.2), (3, 0.3)}
    assert np.array_equal(ax.lines[0].get_ydata(), [0.1, 0.15, 0.25])


def test_octaves_names_its_edges_and_groups_its_bars():
    ax = EXAMPLES["octaves"]().axes[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1–2", "2–4"]
    assert [bar.get_height() for bar in ax.patches] == [0.5, 0.5, 0.3, 0.7]
    centres = [bar.get_x() + bar.get_width() / 2 for bar in ax.patches]
    assert centres == pytest.approx([-0.2, 0.8, 0.2, 1.2])


def test_update_rates_draws_the_target_in_every_panel():
    shown = ([2, 20], [0.05, 0.04]), ([3, 30], [0.06, 0.0])
    for ax, (periods, rates) in zip(EXAMPLES["update_rates"]().axes, shown):
        target, dots = ax.lines
        assert np.array_equal(dots.get_xdata(), periods)
        assert np.array_equal(target.get_ydata(), [0.05, 0.05])
        assert np.array_equal(dots.get_ydata(), rates)


def test_harmonics_and_teeth_tell_what_is_measured_from_what_is_predicted():
    ax = EXAMPLES["harmonics"]().axes[0]
    stems, rings = ax.collections[0], ax.lines[0]
    assert [segment[1][1] for segment in stems.get_segments()] == [3.1, 2.1, 1.1]
    assert np.array_equal(rings.get_ydata(), [3, 2, 1])
    response, predicted = EXAMPLES["teeth"]().axes[0].lines
    assert np.array_equal(response.get_ydata(), np.cos(T) ** 2)
    assert predicted.get_linestyle() == "None"
    assert np.array_equal(predicted.get_data(), [[0.0, 5.0], [1.0, 0.5]])


def test_phases_wears_the_colours_it_is_given():
    labelled = lines(EXAMPLES["phases"]().axes[0])
    assert labelled["one"].get_color() == COLOURS["cell"]
    assert labelled["four"].get_color() == COLOURS["openness"]
    assert np.array_equal(labelled["one"].get_ydata(), np.sin(T))


def test_against_lag_leaves_out_lag_0_and_draws_what_is_too_small_at_the_floor():
    first, second = EXAMPLES["against_lag"]().axes
    found = lines(first)
    assert found["LSTM"].get_color() == COLOURS["lstm"]
    assert found["Phased LSTM"].get_color() == COLOURS["phased-lstm"]
    assert len(first.lines) == 3 and len(second.lines) == 1
    assert found["LSTM"].get_xdata().tolist() == [1, 2, 4]
    assert found["LSTM"].get_ydata().tolist() == [0.6, 0.1, 1e-6]


def test_half_lives_marks_those_that_did_not_end():
    ax = EXAMPLES["half_lives"]().axes[0]
    found = lines(ax)
    assert found["half-life"].get_ydata().tolist() == [90.0, 80.0]
    assert found["longer"].get_xdata().tolist() == [200.0] and found["longer"].get_ydata().tolist() == [500]
    assert found["at the mean rate"].get_ydata()[0] == pytest.approx(np.log(2) / 0.01)


def test_periods_stand_over_where_they_were():
    left, _ = EXAMPLES["periods_moved"]().axes
    dots = lines(left)["a unit"]
    assert dots.get_xdata().tolist() == [3, 9] and dots.get_ydata().tolist() == [4, 8]
    assert lines(EXAMPLES["frequency_response"]().axes[0])["trained"].get_color() == COLOURS["period"]


def test_scan_puts_a_dot_where_a_run_begins_and_a_line_at_its_time():
    left, right = EXAMPLES["scan"]().axes
    assert np.array_equal(left.collections[0].get_offsets(), [[0, 0], [1, 1]])
    assert [segment[1].tolist() for segment in right.collections[0].get_segments()] == [[0, 1], [29, -1]]


def test_brighter_is_the_lighter_one_and_both_are_seen():
    cloud, first, _ = EXAMPLES["event_cloud"]().axes
    for brighter, darker in (cloud.collections, first.collections):
        assert luminance(brighter.get_facecolor()[0]) > luminance(darker.get_facecolor()[0])
        assert all(contrast("white", kind.get_edgecolor()[0]) > 3 for kind in (brighter, darker))
    assert [text.get_text() for text in cloud.get_legend().get_texts()] == ["brighter", "darker"]
    ink, paper = EXAMPLES["scan"]().axes[0].collections[0].get_facecolors()
    assert luminance(paper) > luminance(ink)


def test_event_cloud_shows_each_event_once_in_the_part_of_its_time():
    cloud, first, second = EXAMPLES["event_cloud"]().axes
    assert [len(kind.get_offsets()) for kind in cloud.collections] == [2, 1]
    assert [kind.get_offsets().tolist() for kind in first.collections] == [[[1, 4]], [[2, 5]]]
    assert [kind.get_offsets().tolist() for kind in second.collections] == [[[3, 6]], []]


def test_readings_shows_what_was_read_and_what_is_held():
    read, held = np.array([1.0, np.nan, 3.0]), np.array([1.0, 1.0, 3.0])
    figure = figures.readings([0.0, 1.0, 2.0], {"one": (read, held)}, "hours")
    drawn = lines(figure.axes[0])
    np.testing.assert_array_equal(drawn["read"].get_ydata(), read)
    np.testing.assert_array_equal(drawn["held"].get_ydata(), held)
    assert drawn["held"].get_drawstyle() == "steps-post"


def test_a_model_has_one_mark_in_every_picture_and_others_come_last():
    both = {"fine": {"LSTM, told the time": [0.7, 0.6], "Phased LSTM": [0.9]}}
    fewer = {"fine": {"LSTM, normalised": [0.8], "LSTM, told the time": [0.7]}}
    first, second = (figures.scores(found, {"fine": {"LSTM, told the time": 0.5}}).axes[0] for found in (both, fewer))
    for ax in (first, second):
        marks = {label: line.get_marker() for label, line in lines(ax).items()}
        assert marks.items() <= {**MARKS, "published mean": "x", "guessing": "None"}.items()
    assert len(set(MARKS.values())) == len(MARKS)
    names = [text.get_text() for text in first.get_legend().get_texts()]
    assert names == ["Phased LSTM", "LSTM, told the time", "published mean", "guessing"]
    told, theirs = lines(first)["LSTM, told the time"], lines(first)["published mean"]
    assert told.get_ydata().tolist() == [0.7, 0.6]
    assert theirs.get_data()[0][0] == told.get_xdata()[0] and theirs.get_data()[1][0] == 0.5
    with pytest.raises(ValueError, match="expected models among Phased LSTM, .*, got GRU"):
        figures.scores({"fine": {"GRU": [0.5], "LSTM": [0.5]}})


def test_trade_names_each_setting_on_the_thread_of_its_mean():
    ax, _ = EXAMPLES["trade"]().axes
    green, black = letters(COLOURS["ratio_on"]), "#222222"
    said = [(text.get_text(), text.get_color()) for text in ax.texts]
    assert said == [("chosen:", green), ("0.05", green), ("0.5", green), ("priced:", black), ("1", black)]
    named = {text.get_text(): text for text in ax.texts if hasattr(text, "xy")}
    assert {name: text.xy for name, text in named.items()} == {"0.05": (1e5, 0.8), "0.5": (1e6, 0.9), "1": (2e5, 0.85)}
    spread = {"0.01": [(0.85, 2.4e5, 1e-3)], "0.02": [(0.85, 2.5e5, 1e-3)], "0.5": [(0.7, 2e6, 1e-3)]}
    runs = {"a": spread, "b": {"3": [(0.80, 2.5e5, 1e-3)]}}
    ax = figures.trade(runs).axes[0]
    ax.figure.draw_without_rendering()
    boxes = [plt.Text.get_window_extent(text) for text in ax.texts]
    dots = np.concatenate([ax.transData.transform(line.get_xydata()) for line in ax.lines])
    assert not any(box.contains(*dot) for box in boxes for dot in dots)
    assert not any(box.overlaps(other) for n, box in enumerate(boxes) for other in boxes[:n])


def test_the_ablation_writes_r_on_as_a_symbol():
    ax = figures.ablation({"as it is": [0.84, 0.82], "r_on 0.02": [0.80, 0.81]}).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["as it is", "$r_{on}$ 0.02"]


def test_marked_sum_says_what_is_marked_and_its_sum():
    ax = EXAMPLES["marked_sum"]().axes[0]
    large = ax.lines[1]
    assert np.array_equal(large.get_xdata(), T[[30, 90]]) and len(ax.lines[0].get_xdata()) == 99
    marked = np.sin(T[[30, 90]]) / 2
    assert ax.get_title(loc="left") == f"target at the end: {marked.sum():+.2f}"
    assert [text.get_text() for text in ax.texts] == [f"{value:+.2f}" for value in marked]


def test_convergence_is_a_mean_within_a_band_and_the_later_the_darker():
    low = {**HISTORY, "loss": HISTORY["loss"] / 2}
    groups = {"one": ("phased-lstm", [HISTORY, low]), "two": ("phased-lstm", [low]), "a": ("lstm", [low])}
    ax = figures.convergence({"t": {**groups, "b": ("lstm", [low])}}, guess=1.5, window=1).axes[0]
    labelled = lines(ax)
    assert np.allclose(labelled["one"].get_ydata(), 0.75 * HISTORY["loss"])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (low["loss"].min(), HISTORY["loss"].max())
    assert sum(to_rgb(labelled["one"].get_color())) > sum(to_rgb(labelled["two"].get_color()))
    assert to_hex(labelled["two"].get_color()) == COLOURS["phased-lstm"].lower()
    assert to_hex(labelled["a"].get_color()) == COLOURS["lstm"] and labelled["b"].get_linestyle() == "--"
    assert list(labelled["the mean, always"].get_ydata()) == [1.5, 1.5] and ax.get_yscale() == "log"


def test_a_landmark_parts_what_is_shown_from_what_is_hidden():
    ax = EXAMPLES["landmark"]().axes[0]
    shown = [line for line in ax.lines if line.get_marker() == "o" and line.get_color() == COLOURS["openness"]]
    assert [line.get_xdata().tolist() for line in shown[:2]] == [[-3.0, -1.0], [-2.0]]
    ends = [line for line in ax.lines if line.get_marker() in ("X", "|") and len(line.get_xdata())]
    assert [(line.get_marker(), line.get_xdata()[0]) for line in ends] == [("X", 2.0), ("|", 7.0)]


def test_a_timeline_has_a_row_a_test_and_the_shortest_period_at_the_bottom():
    first, second, units, risk = EXAMPLES["timeline"]().axes
    assert first.lines[0].get_xdata().tolist() == [1.0, 9.0] and len(second.lines[0].get_xdata()) == 3
    assert np.array_equal(units.images[0].get_array(), K[:, [0, 2, 1]].T)
    assert [label.get_text() for label in units.get_yticklabels()] == ["2", "4", "5"]
    assert [line.get_xdata()[0] for line in units.lines] == [1.0, 5.0, 9.0]
    assert risk.lines[0].get_ydata().tolist() == [0.1, 0.05, 0.4] and risk.get_ylim()[0] == 0


def test_reliability_draws_each_model_and_the_diagonal():
    ax = EXAMPLES["reliability"]().axes[0]
    assert lines(ax)["trees"].get_data()[1].tolist() == [0.0, 0.5]
    assert list(lines(ax)["as said"].get_xdata()) == [0, 0.5]
    assert lines(ax)["trees"].get_marker() != lines(ax)["LSTM"].get_marker()


def test_intervals_stand_in_their_order_from_above():
    ax = EXAMPLES["intervals"]().axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["trees, a", "Phased LSTM, a", "Phased LSTM, b"]
    assert list(ax.lines[2].get_xdata()) == [0.6, 0.75] and ax.lines[2].get_color() == COLOURS["phased-lstm"]
    assert ax.get_ylim() == (2.5, -0.5)


def test_a_light_curve_is_folded_and_its_bright_side_is_up():
    above, below = EXAMPLES["light_curve"]().axes
    folded = lines(below)["what was seen"] if "what was seen" in lines(below) else below.containers[0].lines[0]
    assert np.allclose(folded.get_xdata(), np.mod(T / 2.0, 1.0))
    assert all(ax.get_ylim()[0] > ax.get_ylim()[1] for ax in (above, below))


def test_confusion_names_rows_and_columns():
    ax = EXAMPLES["confusion"]().axes[0]
    assert [text.get_text() for text in ax.texts] == ["90%", "10%", "25%", "75%"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["RRab", "RRc"]
