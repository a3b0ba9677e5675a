"""A CSV file with a million rows: the processor time to read and to pad it, and the memory of what comes out."""

import time

import numpy as np
import pandas as pd
import pytest

import plstm
from plstm.data import csv

ROWS, SERIES = 1_000_000, 20_000


@pytest.mark.slow
def test_a_million_rows_in_twenty_seconds(tmp_path, monkeypatch, record_property):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(ROWS, 3)).round(3)
    values[rng.random((ROWS, 3)) < 0.3] = np.nan
    frame = pd.DataFrame(values, columns=["a", "b", "c"])
    frame.insert(0, "who", np.arange(ROWS) // (ROWS // SERIES))
    frame.insert(1, "time", np.cumsum(0.01 + rng.exponential(1.0, ROWS)).round(6))
    frame["ill"] = frame["who"] % 2
    frame.to_csv(tmp_path / "million.csv", index=False)
    reached = []
    monkeypatch.setattr(csv.Progress, "reach", lambda self, done: reached.append(done / self.total))
    # Of the processor, not of the wall clock, because others may use the machine.
    start = time.process_time()
    found = plstm.read_csv(tmp_path / "million.csv", series="who", label="ill")
    batch = plstm.pad(plstm.hold_missing(found.series))
    seconds = time.process_time() - start
    record_property("processor seconds", seconds)
    record_property("bytes of the series", sum(times.nbytes + rows.nbytes for times, rows in found.series))
    assert seconds < 20
    assert batch.values.shape == (SERIES, ROWS // SERIES, 6) and found.labels.tolist() == [0, 1] * (SERIES // 2)
    np.testing.assert_array_equal(found.series[-1][1][-1], values[-1])
    assert reached == sorted(reached) and len(reached) >= 20 and reached[-1] == 1.0
