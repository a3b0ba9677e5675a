"""What a question gives a notebook and a page, and what the page says of a guess."""

import json
from html.parser import HTMLParser

import pytest

from plstm.lab import predict
from plstm.lab.live.javascript import call


class Page(HTMLParser):
    """The data of a question's HTML, and its text by the element that it stands in."""

    def __init__(self, question):
        super().__init__()
        self.data, self.open, self.texts = None, [], {}
        self.feed(question._repr_html_())
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.open.append(tag)
        self.data = self.data or json.loads(attributes.get("data-ask", "null"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1], []).append(data)


def test_a_number_is_folded_away_and_known_to_the_page():
    page = Page(predict.number('How <many> "steps"?', 1234.56, "steps", "So & so."))
    assert page.data == {
        "title": 'How <many> "steps"?', "shown": "1,200 steps", "why": "So & so.", "options": [],
        "kind": "guess", "answer": 1234.56, "unit": "steps",
    }  # fmt: skip
    assert page.texts["summary"] == ["Show the answer"]
    assert page.texts["p"][-1] == "Answer: 1,200 steps. So & so."


@pytest.mark.parametrize(
    ("answer", "digits", "shown"),
    [(0.0, 2, "0"), (0.56, 1, "0.6"), (25.04, 2, "25"), (128, 3, "128"), (1e-35, 2, "1e-35"), (-3.25, 3, "-3.25"),
     (13619.2, 3, "13,600"), (0.00012, 2, "0.00012")],
)  # fmt: skip
def test_the_digits_shown(answer, digits, shown):
    assert predict.number("?", answer, digits=digits).shown == shown


def test_a_choice_lists_its_options():
    page = Page(predict.choice("Which?", {"a": 1, "b & c": 2}, "b & c", "Because."))
    assert (page.data["kind"], page.data["answer"], page.data["options"]) == ("choose", 1, ["a", "b & c"])
    assert page.texts["li"] == ["a", "b & c"]


def test_an_answer_that_is_no_option_is_an_error():
    with pytest.raises(ValueError, match="expected the answer to be one of a, b, got 'c'"):
        predict.choice("Which?", ["a", "b"], "c")


@pytest.mark.parametrize(
    ("guess", "answer", "unit", "words"),
    [
        (70, 69, "steps", "your guess is as good as exact"),
        (0, 0, "", "your guess is as good as exact"),
        (30, 25, "%", "your guess is 5 points too high"),
        (90, 25.04, "%", "your guess is 65 points too high"),
        (200, 69, "steps", "your guess is 2.9 times too large"),
        (10, 69, "steps", "your guess is 6.9 times too small"),
        (100, 69, "steps", "your guess is 31 steps too high"),
        (0, 69, "steps", "your guess is 69 steps too low"),
        (-5, 69, "", "your guess is 74 too low"),
        (3, -2, "", "your guess is 5 too high"),
    ],
)
def test_how_far_a_guess_is_off(guess, answer, unit, words):
    assert call("guess", "apart", guess, answer, unit) == words


@pytest.mark.parametrize(
    ("mine", "words"),
    [([0, 1], "Your points lie on it."), ([0.5, 0.5], "Your points are 0.5 away from it on average.")],
)
def test_how_far_points_are_from_a_curve(mine, words):
    assert call("ask_curve", "distance", mine, [0, 1]) == words


def test_a_curve_has_points_and_a_line():
    question = predict.openness("How open?", [1, 4], lambda t: (t > 2) * 0.25, 10.0, "So.")
    assert question.shown == "k(1) = 0, k(4) = 0.25"
    data = Page(question).data
    assert data["points"] == [[1, 0], [4, 0.25]]
    assert (data["line"][0][0], data["line"][0][-1], data["line"][1][-1]) == (0, 10, 0.25)
