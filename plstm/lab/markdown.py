"""Tables in Markdown, as pages and reports print them."""

DASHES = {"l": "---", "r": "--:"}


def table(heads, rows, align="lr"):
    """A table in Markdown, without an end of line at its end.

    Args:
        heads: the titles of the columns. An empty one is a column without a title.
        rows: the cells of each row, one for each head. ``str`` makes the text of whatever they are.
        align: a letter for each column: ``l`` to the left, ``r`` to the right. The last one holds for the columns
            after it too: ``"lr"`` is a table of numbers with a name before each row, ``"l"`` a table of words.

    Raises:
        ValueError: a row has more or fewer cells than there are heads, or ``align`` has no letters or other ones.

    >>> print(table(["model", "units", "accuracy"], [["LSTM", 32, f"{0.9:.3f}"], ["GRU", 32, ""]]))
    | model | units | accuracy |
    |---|--:|--:|
    | LSTM | 32 | 0.900 |
    | GRU | 32 | |
    """
    if not align or set(align) - set(DASHES):
        raise ValueError(f"expected letters l and r for the columns, such as 'lr', got align={align!r}")
    heads = list(heads)
    letters = align.ljust(len(heads), align[-1])[: len(heads)]
    lines = [_line(heads), "|" + "".join(f"{DASHES[letter]}|" for letter in letters)]
    for number, row in enumerate(rows, start=1):
        cells = list(row)
        if len(cells) != len(heads):
            raise ValueError(
                f"expected {len(heads)} cells a row, one for each head, got {len(cells)} in row {number}: {cells}"
            )
        lines.append(_line(cells))
    return "\n".join(lines)


def _line(cells):
    """An empty cell is one space wide."""
    return "|" + "".join(f" {text} |" if (text := str(cell)) else " |" for cell in cells)
