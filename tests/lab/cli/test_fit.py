"""``plstm fit``: a table in, a report, JSON and a model out, whole or not at all."""

import json
import os
import re

import numpy as np
import pandas as pd
import pytest

import plstm
from plstm.lab.cli import main as cli
from plstm.lab.fit import fitting, folder


def table(path, numbers=False, count=24):
    """A file in which a series is ill if its values are high; ``numbers``: in which the label is its mean."""
    rng, lines = np.random.default_rng(0), ["patient,hour,pulse,same,ill"]
    for number in range(count):
        level = number % 2 + rng.normal(0, 0.1)
        label = round(level, 3) if numbers else number % 2
        hours = np.cumsum(rng.exponential(1.0, 5))
        lines += [f"p{number},{hour:.4f},{level + rng.normal(0, 0.1):.3f},1,{label}" for hour in hours]
    path.write_text("\n".join(lines) + "\n")
    return path


QUICK = ["--series", "patient", "--time", "hour", "--label", "ill", "--folds", "2", "--units", "3", "--epochs", "4"]
QUICK += ["--unit", "h"]


def command(*arguments):
    try:
        return cli.main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return stop.code


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    path = table(tmp_path_factory.mktemp("fit") / "ward <1>.csv")
    assert command("fit", path, *QUICK, "--learning-rate", "0.05") == 0
    return path.with_suffix("")


def test_three_files_and_nothing_else(done):
    assert sorted(os.listdir(done)) == ["model.plstm", "report.html", "report.json"]
    assert sorted(os.listdir(done.parent)) == ["ward <1>", "ward <1>.csv"]


def test_the_json_tells_all(done):
    told = json.loads((done / "report.json").read_text())
    assert told["table"]["classes"] == {"0": 12, "1": 12} and told["table"]["measured"] == {"pulse": 1.0, "same": 1.0}
    asked = {"series": "patient", "time": "hour", "label": "ill", "unit": "h", "units": 3, "folds": 2}
    assert {name: told["settings"][name] for name in asked} == asked
    assert set(told["scores"]) == {"accuracy", "balanced accuracy", "area under the ROC curve", "log loss"}
    for score in told["scores"].values():
        assert score["low"] <= score["value"] <= score["high"]
    assert told["scores"]["accuracy"]["constant"] == 0.5
    assert len(told["histories"]) == 2 and "plstm" in told["versions"]
    assert any("column 'same' is 1 wherever" in line for line in told["advice"])


def test_the_page_opens_without_a_network(done):
    page = (done / "report.html").read_text()
    assert not re.search(r"https?:|//\w|<script|<link|<img|@import|url\(", page)
    assert "<title>ward &lt;1&gt;.csv</title>" in page and page.count("<polyline") == 4
    told = json.loads((done / "report.json").read_text())
    assert f"{told['scores']['accuracy']['value']:.4g}" in page


def test_the_model_is_the_one_of_all_series(done):
    own = plstm.read_csv(done.with_suffix(".csv"), "hour", "patient", label="ill")
    model = plstm.load_estimator(done / "model.plstm")
    assert model.feature_names_in_.tolist() == ["pulse", "same"]
    again = plstm.PhasedLSTMClassifier(units=3, epochs=4, learning_rate=0.05, random_state=0).fit(own, own.labels)
    np.testing.assert_array_equal(model.predict_proba(own), again.predict_proba(own))


def test_the_model_reads_a_frame_as_the_file_was_read(done):
    """With its columns, and with dates in the unit that was asked for: in another one the answers would be wrong."""
    model = plstm.load_estimator(done / "model.plstm")
    frame = pd.read_csv(done.with_suffix(".csv")).drop(columns="ill")
    right = model.predict_proba(frame)
    dated = frame.assign(hour=pd.Timestamp("1970-01-01T00:00Z") + pd.to_timedelta(frame["hour"], unit="h"))
    np.testing.assert_allclose(model.predict_proba(dated), right, atol=1e-5)


def test_what_exists_is_not_replaced_unless_told(done, capsys, monkeypatch):
    path, before = done.with_suffix(".csv"), (done / "report.json").read_bytes()
    monkeypatch.setattr(fitting, "fit", lambda *arguments: pytest.fail("it trained first"))
    assert command("fit", path, *QUICK) == 2
    assert "which exists; --force replaces it" in capsys.readouterr().err
    assert (done / "report.json").read_bytes() == before


def test_a_run_that_fails_leaves_what_was_there(tmp_path):
    old = tmp_path / "ward"
    old.mkdir()
    (old / "report.html").write_text("old")
    with pytest.raises(KeyboardInterrupt), folder.replacing(old) as new:
        (new / "report.html").write_text("half")
        raise KeyboardInterrupt
    assert (old / "report.html").read_text() == "old" and os.listdir(tmp_path) == ["ward"]
    with folder.replacing(old) as new:
        (new / "other").write_text("new")
    assert os.listdir(old) == ["other"] and os.listdir(tmp_path) == ["ward"]


def test_numbers_are_predicted_as_numbers(tmp_path, capsys):
    path = table(tmp_path / "ward.csv", numbers=True)
    assert command("fit", path, *QUICK, "--out", tmp_path / "new") == 0
    told = json.loads((tmp_path / "new" / "report.json").read_text())
    assert set(told["scores"]) == {"mean absolute error", "root of the mean squared error", "R2"}
    assert told["table"]["classes"] is None
    assert "mean absolute error" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("labels", "numbers"),
    [([0, 1, 0], False), ([0.5, 1.0], True), ([1.0, 2.0], False), (list(range(30)), True), (["a", "b"], False)],
)
def test_which_labels_look_like_numbers(labels, numbers):
    assert fitting.are_numbers(np.array(labels)) == numbers


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--folds", "1"], "expected --folds >= 2, got 1"),
        (["--label", "nothing"], "expected one column 'nothing', got none in patient, hour, pulse, same, ill"),
        (["--unit", "week"], "expected unit to be one of"),
        (["--folds", "13"], "expected at least 13 series of every class, one for each fold, got 12 of '0'"),
        (["--folds", "30"], "expected at least 30 series for 30 folds, got 24"),
        (["--numbers", "--balanced"], "expected --balanced with classes, got it with numbers"),
        (["--numbers", "--classes"], "not allowed with argument"),
        (["--out", "/nowhere/at/all"], "expected --out to be in an existing directory"),
        (["--seed", "-1"], "expected --seed from 0 to 4294967295, got -1"),
        (["--label", "patient"], "expected different columns for time, series and label, got 'patient'"),
        (["--values", "pulse,ill"], "expected values without the label, which a model is to find, got 'ill'"),
        (["--learning-rate", "inf"], "expected learning_rate > 0, got inf"),
        (["--units", "0"], "expected units to be an integer >= 1, got 0"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(tmp_path, capsys, more, message):
    path = table(tmp_path / "ward.csv")
    assert command("fit", path, *QUICK, *more) == 2
    out, err = capsys.readouterr()
    assert message in err and err.count("\n") == 1 and out == ""
    assert os.listdir(tmp_path) == ["ward.csv"]
