"""Operations are counted as one would by hand, and a rate is operations by seconds."""

import numpy as np
import pytest

from plstm.lab.bench import Shape, arithmetic, report


class Counted(np.ndarray):
    """An array that counts the multiply-adds of the products it takes part in."""

    total = 0

    def __matmul__(self, other):
        Counted.total += self.shape[0] * self.shape[1] * other.shape[1]
        return (np.asarray(self) @ np.asarray(other)).view(Counted)


@pytest.mark.parametrize("name, gates", [("plstm-native", 4), ("keras-lstm", 4), ("torch-lstm", 4), ("keras-gru", 3)])
def test_operations_are_those_of_the_products(name, gates):
    shape = Shape(2, 5, 3, 7)
    x, h = (np.zeros((shape.batch, size)).view(Counted) for size in (shape.features, shape.units))
    kernel, recurrent = (np.zeros((size, gates * shape.units)).view(Counted) for size in (3, 7))
    dz = np.zeros((shape.batch, gates * shape.units)).view(Counted)
    Counted.total = 0
    for _ in range(shape.steps):
        x @ kernel, h @ recurrent
    forward = Counted.total
    for _ in range(shape.steps):
        x.T @ dz, h.T @ dz, dz @ recurrent.T
    assert arithmetic.operations(name, shape) == {"train": 2 * Counted.total, "forward": 2 * forward}


def test_the_peak_is_that_of_the_fastest_product(monkeypatch):
    seconds = iter([(2.0, 0.5), (4.0,), (1.0,), (0.25, 3.0), (8.0, 2.0)])

    def interleaved(calls, repeats, warmups):
        for call in calls.values():
            call()
        assert repeats == 3 and list(calls) in (["numpy", "tensorflow"], ["plstm"])
        return {name: (9.0, 1, list(next(seconds))) for name in calls}, {}

    monkeypatch.setattr(arithmetic, "interleaved", interleaved)
    said = []
    # Of 8 rows numpy's best takes .5 s, of 16 both are faster: 1 and .25 s for eight times the operations.
    found = arithmetic.peak(3, sizes=(8, 16), say=said.append)
    assert found.pop("plstm") == arithmetic._own()[1] / 2.0
    assert found == {"numpy": 2 * 16**3 / 1.0, "tensorflow": 2 * 16**3 / 0.25}
    assert said == ["products of 8, 16 rows and columns"]


def test_the_table_shows_rates_and_their_share_of_the_peak():
    measured = report.published("train_cpu")
    table = report.table({**measured, "peak": {"numpy": 1e11, "tensorflow": 2e11}})
    assert "Peak: 200 GFLOP/s, a dense product by tensorflow" in table
    [shape] = [one for one in measured["shapes"] if one["units"] == 32]
    sizes = Shape(*(shape[size] for size in Shape._fields))
    rate = arithmetic.operations("keras-lstm", sizes)["train"] / shape["train"]["keras-lstm"]["median"]
    [line] = [line for line in table.splitlines() if f"{1e3 * shape['train']['keras-lstm']['median']:.2f}" in line]
    assert line.endswith(f"| {rate / 1e9:.0f} | {rate / 2e11:.0%} |")


def test_a_report_without_a_peak_shows_rates_alone():
    measured = {key: value for key, value in report.published("train_cpu").items() if key != "peak"}
    assert "Peak" not in report.table(measured) and " | - |\n" in report.table(measured)
