"""What to try next, from what the data and the training show. Each piece of advice says what it rests on."""

import numpy as np

FEW = 200  # series
SHORT = 8  # events
GAP = 1000  # times the median interval
LEARNED_BY_HEART = 0.5  # of the validation loss


def of_data(table):
    """Advice from a ``TimeSeries`` alone."""
    found = []
    values = np.concatenate([values for _, values in table.series])
    seen = ~np.isnan(values)
    for number, name in enumerate(table.features):
        column = values[seen[:, number], number]
        if not len(column):
            found.append(f"The column {name!r} is empty in every row. Leave it out with --values.")
        elif np.ptp(column) == 0:
            found.append(f"The column {name!r} is {column[0]:g} wherever it is filled. Leave it out with --values.")
    lengths = np.array([len(times) for times, _ in table.series])
    single = int(np.sum(lengths == 1))
    if single:
        found.append(f"{single} of {len(lengths)} series have one event: from them no time can be learned.")
    if np.median(lengths) < SHORT:
        found.append(
            f"The median series has {np.median(lengths):g} events. A logistic regression or boosted trees on last "
            "values, counts and intervals may do as well: compare."
        )
    if len(lengths) < FEW:
        found.append(f"There are {len(lengths)} series. The intervals narrow with the square root of their number.")
    gaps = np.concatenate([np.diff(times) for times, _ in table.series])
    gaps = gaps[gaps > 0]
    if len(gaps) and gaps.max() > GAP * np.median(gaps):
        found.append(
            f"The longest gap, {gaps.max():g}, is {gaps.max() / np.median(gaps):.0f} times the median one, "
            f"{np.median(gaps):g}. If what comes after such a gap is another story, make it a series of its own."
        )
    return found


def of_training(settings, histories, scores, shares=None):
    """Advice from the runs: arguments, the histories of the folds, ``Score`` by name, the shares of the classes."""
    found = []
    if not next(iter(scores.values())).beats_constant:
        found.append(
            "The result cannot be told from that of a constant answer. Check that the label can be known from the "
            "events, and try simpler models first."
        )
    if shares is not None and min(shares) < 0.2 and settings["class_weight"] is None:
        found.append(f"The rarest class has {min(shares):.0%} of the series. Try --balanced.")
    ends = [(len(history["loss"]), history["loss"], history.get("val_loss")) for history in histories]
    if np.mean([epochs == settings["epochs"] for epochs, _, _ in ends]) > 0.5:
        found.append(f"Most trainings used all {settings['epochs']} epochs. Try more with --epochs.")
    gaps = [loss[-1] < LEARNED_BY_HEART * min(validation) for _, loss, validation in ends if validation]
    if gaps and np.mean(gaps) > 0.5:
        found.append(
            "The training loss ends far below the validation loss: the network learns the series by heart. Try fewer "
            f"units than {settings['units']}, --dropout 0.3, or more series."
        )
    return found or ["Try other seeds and twice the units, and compare the intervals."]
