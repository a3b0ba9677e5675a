"""An ablation as a page prints it: a table with a row for each change, and what the rule says of each part."""

from plstm.lab.verdicts import fair_table, parts, rule

SAID = {
    rule.BETTER: "matters: better",
    rule.WORSE: "matters: worse",
    rule.AS_GOOD: "does not matter",
    rule.UNDECIDED: "open",
}


def markdown(name):
    """The table of an ablation in Markdown, in the order of ``parts.CHANGES``.

    Args:
        name: of a published ablation, as for ``parts.entries``.
    """
    found, compared = parts.entries(name), parts.comparisons(name)
    rows = [_row(label, one, compared.get(label)) for label, one in found.items()]
    ended = [f"{one.diverged} of {label}" for label, one in found.items() if one.diverged]
    below = (
        f"In brackets the 95 % interval, over {len(parts.SEEDS_AS_IT_IS)} runs of the network as it is and "
        f"{len(parts.SEEDS)} of each change; diverged: {', '.join(ended) or 'none'}."
    )
    return f"{fair_table.of_rows(rows)}\n\n{below}"


def sentence(name, label):
    """What the rule says of one change, a key of ``parts.CHANGES``.

    Args:
        name: of a published ablation, as for ``parts.entries``.
    """
    return f"{_shown(label)}: {fair_table.apart(parts.MEASURE, parts.comparisons(name)[label])}"


def verdict(name):
    """How many changes are better, worse, as good and open, and which, in one sentence."""
    compared = parts.comparisons(name)
    named = {said: [_shown(label) for label, one in compared.items() if one.verdict == said] for said in SAID}
    counts = [
        f"{len(labels)} {'is' if len(labels) == 1 else 'are'} {said} ({', '.join(labels)})"
        for said, labels in named.items()
        if labels
    ]
    return f"Of the {len(compared)} changes {', '.join(counts)}."


def leaking(name):
    """How the networks with a leak do when their gates leak at the test as in training, in one sentence."""
    found = parts.entries(name)
    said = ", ".join(
        f"{label} {found[label].leaking.mean():.4f} ({found[label].values.mean():.4f} with closed gates)"
        for label in (parts.AS_IT_IS, "leak 0.01")
    )
    return f"Leaking at the test as in training: {said}."


def _row(label, one, compared):
    low, high = rule.interval(one.values)
    return {
        "change": _shown(label),
        "learning rate": f"{one.rate:g}",
        "test accuracy, mean": f"{one.values.mean():.4f} [{low:.4f}, {high:.4f}]",
        "difference": _differing(compared) if compared else "",
        "corrected for all changes": fair_table.corrected(compared) if compared else "",
        "the part": SAID[compared.verdict] if compared else "",
    }


def _differing(compared):
    return fair_table.differing(parts.MEASURE, compared.low, compared.difference, compared.high)


def _shown(label):
    return label.replace("r_on", "<i>r</i><sub>on</sub>")
