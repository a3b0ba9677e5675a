"""Every figure shows the same in both its languages: panels number by number, words letter by letter."""

import numpy as np
import pytest

from tests.live.support import FIGURES, make, trials

SCENE = """async ([kind, values, data]) => {
  const module = await import(`./${kind}.mjs`);
  return values.map((v) => module[`${kind}Scene`](v, data));
}"""


def same(actual, expected, where):
    """Equal structure and strings; numbers to 1e-6 (relative above 1); a null is a NaN."""
    if isinstance(expected, dict):
        assert set(actual) == set(expected), where
        for key in expected:
            same(actual[key], expected[key], f"{where}.{key}")
    elif isinstance(expected, str | bool):
        assert actual == expected, where
    elif np.ndim(expected) == 1 and not any(isinstance(value, dict | str | list | tuple) for value in expected):
        actual = np.array([np.nan if value is None else value for value in actual], np.float64)
        np.testing.assert_allclose(actual, np.asarray(expected, np.float64), rtol=1e-6, atol=1e-6, err_msg=where)
    elif isinstance(expected, list | tuple):
        assert len(actual) == len(expected), where
        for i, pair in enumerate(zip(actual, expected)):
            same(*pair, f"{where}[{i}]")
    else:
        assert actual == pytest.approx(expected, rel=1e-6, abs=1e-6), where


@pytest.mark.parametrize("name", FIGURES)
def test_both_languages_show_the_same(modules, name):
    kind = make(name).kind
    values = list(trials(kind))
    for value, answer in zip(values, modules.evaluate(SCENE, [kind.name, values, kind.data])):
        same(answer, kind.scene(**value), f"{name}({value})")


@pytest.mark.parametrize("name", FIGURES)
def test_every_scene_can_be_drawn(name):
    figure = make(name)
    for value in trials(figure.kind, count=2):
        figure.set(**value)
        assert figure.picture().startswith(b"\x89PNG")
