"""Tables in Markdown: their exact text, and what a parser of Markdown reads from it."""

import numpy as np
import pytest
from markdown_it import MarkdownIt

from plstm.lab import markdown


def parsed(text):
    """The rows of a table, heads first, as a parser reads them; and whether each column is aligned to the right."""
    tokens = MarkdownIt().enable("table").parse(text)
    assert (tokens[0].type, tokens[-1].type) == ("table_open", "table_close")
    rows, right = [], []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
        elif token.type == "th_open":
            right.append(token.attrGet("style") == "text-align:right")
    return rows, right


def test_the_text_of_a_table():
    text = markdown.table(["model", "units", "loss"], [["LSTM", 32, 0.25], ["Phased LSTM", 110, "-"]])
    assert text == "| model | units | loss |\n|---|--:|--:|\n| LSTM | 32 | 0.25 |\n| Phased LSTM | 110 | - |"


@pytest.mark.parametrize(
    ("align", "dashes"),
    [
        ("l", "|---|---|---|---|"),
        ("r", "|--:|--:|--:|--:|"),
        ("lr", "|---|--:|--:|--:|"),
        ("llr", "|---|---|--:|--:|"),
        ("lrl", "|---|--:|---|---|"),
        ("rrrl", "|--:|--:|--:|---|"),
        ("lrrrll", "|---|--:|--:|--:|"),
    ],
)
def test_the_last_letter_holds_for_the_columns_after_it(align, dashes):
    text = markdown.table("abcd", ["1234"], align)
    assert text == f"| a | b | c | d |\n{dashes}\n| 1 | 2 | 3 | 4 |"
    assert parsed(text) == ([list("abcd"), list("1234")], [one == "--:" for one in dashes.split("|")[1:-1]])


def test_a_table_of_one_column():
    assert markdown.table(["model"], [["LSTM"]]) == "| model |\n|---|\n| LSTM |"


def test_empty_cells_and_heads_are_one_space_wide():
    text = markdown.table(["", "runs", ""], [["LSTM", "", ""], ["", 0, None]], "l")
    assert text == "| | runs | |\n|---|---|---|\n| LSTM | | |\n| | 0 | None |"
    assert parsed(text)[0] == [["", "runs", ""], ["LSTM", "", ""], ["", "0", "None"]]


def test_cells_are_whatever_has_a_text_and_rows_whatever_can_be_gone_through():
    rows = ((name, value) for name, value in {"steps": np.int64(3), "spread": np.float32(0.5)}.items())
    assert parsed(markdown.table(iter(["what", "how much"]), rows))[0][1:] == [["steps", "3"], ["spread", "0.5"]]


def test_no_rows_are_a_table_of_heads():
    assert parsed(markdown.table(["a", "b"], [])) == ([["a", "b"]], [False, True])


@pytest.mark.parametrize("cells", [[], ["LSTM"], ["LSTM", 1, 2]])
def test_a_row_that_does_not_fit_is_an_error(cells):
    with pytest.raises(ValueError, match=rf"^expected 2 cells a row, one for each head, got {len(cells)} in row 2: \["):
        markdown.table(["model", "runs"], [["GRU", 3], cells, ["CfC", 4]])


@pytest.mark.parametrize("align", ["", "c", "l r", "rL"])
def test_other_letters_are_an_error(align):
    with pytest.raises(
        ValueError, match=f"^expected letters l and r for the columns, such as 'lr', got align='{align}'"
    ):
        markdown.table(["model", "runs"], [["GRU", 3]], align)
