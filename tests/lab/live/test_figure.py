"""A live figure in Python: its values, its errors, the forms it offers, and the widget whose values are its own."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from plstm.lab.live import javascript
from plstm.lab.live.controls import Slider, Text
from tests.lab.live.support import FIGURES, make, markup, trials

SVG = "{http://www.w3.org/2000/svg}"
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize("name", FIGURES)
def test_bad_values_say_what_was_expected_and_move_nothing(name):
    figure = make(name)
    before = figure.values
    for control in figure.kind.controls:
        bad = [3] if isinstance(control, Text) else ["a"]
        if isinstance(control, Slider):
            bad = [control.low - 1, control.high * 2 + 1, float("nan"), "a", True]
        for value in bad:
            with pytest.raises(ValueError, match=f"expected {control.name} to be .*, got {value!r}"):
                figure.set(**{control.name: value})
            with pytest.raises(ValueError, match=f"expected {control.name} to be .*, got {value!r}"):
                setattr(figure, control.name, value)
    with pytest.raises(ValueError, match="expected controls out of .*, got speed"):
        figure.set(speed=1.0)
    assert figure.values == before


def test_a_whole_number_is_asked_for():
    with pytest.raises(ValueError, match="expected units to be a whole number from 1 to 128, got 2.5"):
        make("explore_population", units=2.5)


def test_a_drawing_is_text():
    with pytest.raises(ValueError, match="expected drawing to be text, got 3"):
        make("explore_digits", drawing=3)


def test_nothing_moves_when_one_of_two_values_is_bad():
    figure = make("explore_gate")
    before = figure.values
    with pytest.raises(ValueError, match="expected ratio_on"):
        figure.set(period=50.0, ratio_on=7.0)
    assert figure.values == before


@pytest.mark.parametrize("name", [*FIGURES, "explore_digits"])
def test_a_value_is_an_attribute_that_can_be_observed(name):
    figure, heard = make(name), []
    for control in figure.kind.controls:
        if isinstance(control, Slider):
            figure.observe(lambda change: heard.append((change["name"], change["new"])), names=control.name)
            end = control.low if figure.values[control.name] == control.high else control.high
            setattr(figure, control.name, end)
            assert getattr(figure, control.name) == figure.values[control.name] == end
            assert heard.pop() == (control.name, end)
    assert heard == []


@pytest.mark.parametrize("name", FIGURES)
def test_the_widget_and_the_figure_move_each_other(name):
    figure = make(name)
    for control in figure.kind.controls:
        if isinstance(control, Slider):
            figure.set(**{control.name: control.low})
            assert getattr(figure.widget, control.name) == control.low
            setattr(figure.widget, control.name, control.high)
            assert getattr(figure, control.name) == control.high
    assert figure.widget.spec["values"] == make(name).values, "where Reset goes back to"


@pytest.mark.parametrize("name", FIGURES)
def test_offers_a_widget_a_page_and_a_sentence(name):
    figure = make(name)
    bundle = figure._repr_mimebundle_()
    assert sorted(bundle) == [WIDGET, "text/html", "text/plain"]
    assert bundle[WIDGET]["model_id"] == figure.widget.model_id
    assert bundle["text/plain"] == repr(figure) == f"{figure.kind.title}: {figure.scene['sentence']}"
    assert "<script>" not in bundle["text/html"]


def test_no_widget_for_a_page_alone(monkeypatch):
    monkeypatch.setenv("PLSTM_LIVE", "page")
    assert sorted(make("explore_gate")._repr_mimebundle_()) == ["text/html", "text/plain"]


@pytest.mark.parametrize("name", FIGURES)
def test_the_plain_picture_is_whole(name):
    """Well-formed, with every panel's title, and nothing that a style sheet, a script or another file must add."""
    figure = make(name)
    for values in trials(figure.kind, count=2):
        figure.set(**values)
        picture = ElementTree.fromstring(figure.picture())
        texts = [text.text for text in picture.iter(f"{SVG}text")]
        scene = figure.scene
        assert picture.get("aria-label") == scene["sentence"]
        assert all(panel["title"].replace("r_on", "rₒₙ") in texts for panel in scene["panels"])
        assert picture.get("fill") == "currentColor", "the text is of the page's colour, whatever its theme"
        assert not {node.tag for node in picture.iter()} - {f"{SVG}{tag}" for tag in ("svg", "g", "path", "text")}


@pytest.mark.parametrize("name", FIGURES)
def test_the_bundle_is_one_module_without_imports_and_comments(name):
    bundle = javascript.bundle(make(name).kind.name)
    assert "import " not in bundle
    assert bundle.count("export ") == 1
    assert "//" not in bundle.replace("http://", "")
    assert "/**" not in bundle


def test_a_module_may_be_needed_twice_and_by_another_name(monkeypatch):
    modules = {
        "a": 'import { x as y } from "./b.mjs";\nimport { z } from "./c.mjs";\n\nexport const render = () => y + z;\n',
        "b": 'import { z } from "./c.mjs";\n\nexport function x2() {}\nexport const x = z + 1;\n',
        "c": "// once\nconst hidden = 1;\nexport const z = hidden;\n",
    }
    monkeypatch.setattr(javascript, "source", lambda name: javascript.COMMENT.sub("", modules[name]))
    text = javascript._functions("a")
    assert text.count("const hidden") == 1
    assert javascript._engine().eval(f"(() => {{ {text} return a_module.render(); }})()") == 3


def test_python_ends_when_it_has_drawn():
    """Left to itself, the thread of the V8 would keep some sessions from ending."""
    code = "import plstm; print(plstm.explore_gate())"
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.startswith("Gate explorer: At t = 23 the gate is falling")


def test_an_error_of_a_module_is_one_in_python():
    with pytest.raises(Exception, match="unknown is not a function"):
        javascript.call("equations", "unknown")


def test_data_cannot_end_its_block():
    figure = make("explore_digits", drawing="</script>")
    assert markup(figure).count("</script>") == 1
