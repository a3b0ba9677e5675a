"""A comparison of forms as a page prints it: a table with a row for each model and form, and what the rule says."""

from plstm.lab.verdicts import fair_table, forms, rule

# What the grid names stands beside the AUROC, and no more: a page has no room.
SHOWN = fair_table.with_less_beside(forms.MEASURE, ["calibration error"])


def markdown(name):
    """The table of a comparison of forms in Markdown: the best mean first.

    Args:
        name: of a published comparison, as for ``forms.entries``.
    """
    found = forms.entries(name)
    called = {(model, task): f"{fair_table.NAMES[model]}, {forms.FORMS[task]}" for model, task in found}
    rows = [
        {"model, and what it reads": called[one], **fair_table.cells(found[one], SHOWN)}
        for one in fair_table.in_order(found, SHOWN)
    ]
    below = fair_table.brackets({called[one]: entry for one, entry in found.items()}, SHOWN)
    return f"{fair_table.of_rows(rows)}\n\n{below}"


def sentences(name):
    """What the rule says: a list of sentences, one for each comparison, and one for each difference of differences."""
    clocks = forms.FORMS[forms.CLOCKS]
    within = [
        f"{fair_table.NAMES[model]}, {clocks} compared with {forms.FORMS[task]}: {fair_table.apart(forms.MEASURE, one)}"
        for (model, task), one in forms.comparisons(name).items()
    ]
    between = [
        f"Compared with {forms.FORMS[task]}, {clocks} brings {_more(gain)} to the Phased LSTM than to the LSTM: "
        f"{fair_table.differing(forms.MEASURE, gain.low, gain.difference, gain.high)}."
        for task, gain in forms.gains(name).items()
    ]
    return within + between


def verdict(name):
    """In how many of the four comparisons the form with a clock for each feature is better, in one sentence."""
    found = [one.verdict for one in forms.comparisons(name).values()]
    counts = {one: found.count(one) for one in (rule.BETTER, rule.WORSE, rule.AS_GOOD, rule.UNDECIDED)}
    said = ", ".join(f"{one} in {count or 'none'}" for one, count in counts.items())
    return f"Of the {len(found)} comparisons {forms.FORMS[forms.CLOCKS]} is {said}."


def _more(gain):
    if gain.low <= 0 <= gain.high:
        return "neither clearly more nor clearly less"
    return "more" if gain.low > 0 else "less"
