"""Checks for the book's exercises: each accepts right answers, and gives a hint for usual mistakes."""

from plstm.lab.exercises.adding import (
    check_by_chance,
    check_constant_answer,
    check_exposure,
    check_leak_share,
)
from plstm.lab.exercises.cell import check_left_after, check_phased, check_phased_weights, check_updates
from plstm.lab.exercises.claims import check_enough_seeds, check_error_of_a_difference, check_false_alarms
from plstm.lab.exercises.computes import check_amdahl, check_any_open, check_break_even
from plstm.lab.exercises.events import check_chessboard, check_drawn, check_microseconds, check_thresholds
from plstm.lab.exercises.frequency import check_best_score, check_parted, check_slow_sine
from plstm.lab.exercises.gate import check_awake, check_cosine_slope, check_leak_loss, check_office_hours, check_peaks
from plstm.lab.exercises.implementations import check_coarseness, check_truncation, check_turned_shift
from plstm.lab.exercises.lstm import check_counter, check_forget_bias, check_lstm_weights, check_visible_changes
from plstm.lab.exercises.memory import (
    check_begun_openings,
    check_equal_forget_bias,
    check_kept_product,
    check_leaky_ear,
    check_own_path,
)
from plstm.lab.exercises.mnist import check_same_images, check_slow_units, check_standard_error
from plstm.lab.exercises.own_data import check_hold, check_logger, check_open_share, check_phase_jump, check_split
from plstm.lab.exercises.population import (
    check_enough_units,
    check_quadrature,
    check_range_of_periods,
    check_silent_harmonic,
)
from plstm.lab.exercises.records import (
    check_brier_of_the_share,
    check_deaths_for_half_the_interval,
    check_outcome,
)
from plstm.lab.exercises.speed import check_kept_states, check_products, check_recomputation
from plstm.lab.exercises.why_time import check_loss_a_step, check_openings, check_tell_apart, check_twin_times

__all__ = [
    "check_amdahl",
    "check_any_open",
    "check_awake",
    "check_begun_openings",
    "check_best_score",
    "check_break_even",
    "check_brier_of_the_share",
    "check_by_chance",
    "check_chessboard",
    "check_coarseness",
    "check_constant_answer",
    "check_cosine_slope",
    "check_counter",
    "check_deaths_for_half_the_interval",
    "check_drawn",
    "check_enough_seeds",
    "check_enough_units",
    "check_equal_forget_bias",
    "check_error_of_a_difference",
    "check_exposure",
    "check_false_alarms",
    "check_forget_bias",
    "check_hold",
    "check_kept_product",
    "check_kept_states",
    "check_leak_loss",
    "check_leak_share",
    "check_leaky_ear",
    "check_left_after",
    "check_logger",
    "check_loss_a_step",
    "check_lstm_weights",
    "check_microseconds",
    "check_office_hours",
    "check_open_share",
    "check_openings",
    "check_outcome",
    "check_own_path",
    "check_parted",
    "check_peaks",
    "check_phase_jump",
    "check_phased",
    "check_phased_weights",
    "check_products",
    "check_quadrature",
    "check_range_of_periods",
    "check_recomputation",
    "check_same_images",
    "check_silent_harmonic",
    "check_slow_sine",
    "check_slow_units",
    "check_split",
    "check_standard_error",
    "check_tell_apart",
    "check_thresholds",
    "check_truncation",
    "check_turned_shift",
    "check_twin_times",
    "check_updates",
    "check_visible_changes",
]
