"""The digit reader: the numbers of the Keras models it comes from, and a page to draw, play and scrub on."""

import gzip
import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

import plstm
from plstm.live import reader
from tests.live.test_scenes import same

ANSWERS = """async ([values, data]) => {
  const { readerScene } = await import("./reader.mjs");
  const own = { ...data, own: new Array(784).fill(0) };
  const scenes = values.map((v) => readerScene(v, own));
  return { scenes, p: Object.values(own.answers).map(({ phased, lstm }) => [phased.p(784), lstm.p(784)]) };
}"""


def random_network(units, seed):
    rng = np.random.default_rng(seed)
    shapes = {"kernel": (1, 4 * units), "recurrent_kernel": (units, 4 * units), "bias": (4 * units,)}
    shapes |= {"dense_kernel": (units, 10), "dense_bias": (10,)}
    return {
        name: (rng.normal(size=shape) / (4 if "recurrent" in name else 1)).round(6).tolist()
        for name, shape in shapes.items()
    }


def random_weights(units=8):
    rng = np.random.default_rng(0)
    rhythm = {"period": np.exp(rng.uniform(1, 6, units)), "shift": rng.uniform(0, 100, units)}
    rhythm = {name: values.tolist() for name, values in rhythm.items()}
    phased = {**random_network(units, 1), **rhythm, "ratio_on": [0.1] * units, "shape": "triangle"}
    return {"phased": phased, "lstm": random_network(units, 2)}


@pytest.fixture(scope="module")
def figure():
    return plstm.read_digits(random_weights())


def test_both_languages_show_the_same(modules, figure):
    values = [{"digit": digit, "step": step} for digit, step in [("0", 784), ("0", 0), ("3", 301), ("19", 783)]]
    answer = modules.evaluate(ANSWERS, [values, figure.kind.data])
    for value, scene in zip(values, answer["scenes"]):
        same(scene, figure.kind.scene(**value), str(value))


def test_the_same_probabilities_as_the_keras_models(modules):
    import keras

    keras.utils.set_random_seed(0)
    x = keras.Input((784, 1))
    periods = plstm.LogUniform(1, 400)
    layers = [
        plstm.PhasedLSTM(6, period_initializer=periods, ratio_on_initializer="ones"),
        plstm.PhasedLSTM(6),
        keras.layers.LSTM(6),
    ]
    always_open, phased, lstm = (
        keras.Model(x, keras.layers.Dense(10, kernel_initializer="glorot_normal")(layer(x))) for layer in layers
    )
    images, labels = reader.sample_digits(4)
    pixels = images.reshape(-1, 784, 1).astype("float32") / 255
    for model in (always_open, phased):
        weights = json.loads(json.dumps(reader.export_reader(model, lstm)))
        data = plstm.read_digits(weights, images, labels).kind.data
        values = [{"digit": str(i), "step": 784} for i in range(4)]
        answers = np.array(modules.evaluate(ANSWERS, [values, data])["p"])
        for place, each in enumerate((model, lstm)):
            expected = keras.ops.convert_to_numpy(keras.ops.softmax(each.predict(pixels, verbose=0)))
            np.testing.assert_allclose(answers[:, place], expected, rtol=0, atol=1e-4)


def test_what_cannot_be_read_is_refused(tmp_path):
    good = random_weights()
    with pytest.raises(ValueError, match=r"expected kernel of lstm of shape \(1, 32\), got \(2, 32\)"):
        plstm.read_digits({**good, "lstm": {**good["lstm"], "kernel": good["lstm"]["kernel"] * 2}})
    with pytest.raises(ValueError, match="of phased, got none of period"):
        plstm.read_digits({**good, "phased": {name: w for name, w in good["phased"].items() if name != "period"}})
    with pytest.raises(ValueError, match="of lstm, got none of bias, dense_bias"):
        plstm.read_digits({"phased": good["phased"]})
    with pytest.raises(ValueError, match=r"expected images \(N, 28, 28\) with labels \(N,\), got \(1, 27, 28\)"):
        plstm.read_digits(good, np.zeros((1, 27, 28)), [1])
    with pytest.raises(ValueError, match="expected a gate shape"):
        plstm.read_digits({**good, "phased": {**good["phased"], "shape": "star"}})
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(good))
    assert plstm.read_digits(path).kind.data["networks"]["lstm"]["bias"] == good["lstm"]["bias"]


def test_peepholes_are_refused():
    import keras

    x = keras.Input((784, 1))
    model = keras.Model(x, keras.layers.Dense(10)(plstm.PhasedLSTM(3, peepholes=True)(x)))
    with pytest.raises(ValueError, match="expected a Phased LSTM without peepholes"):
        reader.export_reader(model, model)


def test_the_page_stays_small():
    html = plstm.read_digits(random_weights(32))._repr_mimebundle_()["text/html"]
    assert len(gzip.compress(html.encode())) < 400_000


def test_scrubbing_and_choosing(visit, figure):
    opened = visit(figure)
    digits = opened.page.get_by_label("digit", exact=True)
    slider = opened.page.get_by_role("slider", name="pixels read")
    slider.fill("400")
    assert opened.sentence().startswith("After 400 of 784 pixels")
    digits.select_option("5")
    assert opened.sentence().endswith("the digit is a 5.")
    slider.press("ArrowLeft")
    assert opened.sentence().startswith("After 399 of 784")
    opened.page.get_by_role("button", name="Reset").click()
    assert opened.sentence() == figure.scene["sentence"]


def test_a_new_digit_is_read_within_100_ms(visit):
    opened = visit(plstm.read_digits(random_weights(32)))
    took = opened.page.evaluate("""() => ["3", "4", "5", "6", "7"].map((digit) => {
      const choice = document.querySelector(".plstm-live select");
      choice.value = digit;
      const start = performance.now();
      choice.dispatchEvent(new Event("change"));
      document.querySelector(".plstm-picture").getBoundingClientRect();
      return performance.now() - start;
    })""")
    assert min(took) < 100


def test_playing_pausing_and_a_resize_on_the_way(visit, figure):
    opened = visit(figure)
    page = opened.page
    page.get_by_label("speed").select_option("392")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "Number(document.querySelector('.plstm-live input[type=number]').value) > 50", timeout=10_000
    )
    page.set_viewport_size({"width": 320, "height": 700})
    page.get_by_role("button", name="Pause").click()
    stopped = opened.sentence()
    page.wait_for_timeout(200)
    assert opened.sentence() == stopped
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.plstm-live input[type=number]').value === '784'", timeout=20_000)
    page.get_by_role("button", name="Play").wait_for()


def test_whole_rows_where_motion_is_unwelcome(visit, figure):
    opened = visit(figure, reduced_motion="reduce")
    page = opened.page
    page.evaluate("""() => {
      window.steps = [];
      const typed = document.querySelector(".plstm-live input[type=number]");
      const watch = () => { window.steps.push(Number(typed.value)); requestAnimationFrame(watch); };
      watch();
    }""")
    page.get_by_label("speed").select_option("392")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("window.steps.some((step) => step > 100 && step < 784)", timeout=10_000)
    assert all(step % 28 == 0 for step in page.evaluate("window.steps"))


def test_drawing_with_the_pointer(visit, figure):
    opened = visit(figure)
    page = opened.page
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 90, steps=5)
    page.mouse.up()
    assert page.get_by_label("digit", exact=True).input_value() == "own"
    assert opened.sentence().startswith("After 784 of 784 pixels")
    first = opened.drawing()
    page.mouse.move(box["x"] + 90, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 150, steps=5)
    page.mouse.up()
    assert opened.drawing() != first
    page.get_by_role("button", name="Clear drawing").click()
    assert opened.sentence().startswith("The drawing is empty")


def test_drawing_with_the_keyboard(visit, figure):
    opened = visit(figure)
    canvas = opened.page.get_by_role("application")
    canvas.focus()
    canvas.press("Space")
    for _ in range(10):
        canvas.press("ArrowDown")
    assert opened.page.get_by_label("digit", exact=True).input_value() == "own"
    drawn = opened.sentence()
    assert drawn.startswith("After 784 of 784 pixels")
    canvas.press("Space")
    canvas.press("Delete")
    assert opened.sentence().startswith("The drawing is empty")


def test_an_empty_drawing_can_be_asked_for_and_played(visit, figure):
    opened = visit(figure, fragment="#reader.digit=own&reader.step=0")
    assert opened.sentence().startswith("The drawing is empty")
    opened.page.get_by_role("button", name="Play").click()
    opened.page.wait_for_function("Number(document.querySelector('.plstm-live input[type=number]').value) > 20")


@pytest.mark.parametrize(("width", "theme"), [(800, "light"), (320, "dark")])
def test_fits_the_screen_and_is_accessible(visit, figure, width, theme):
    opened = visit(figure, width=width, theme=theme)
    assert opened.page.evaluate("document.scrollingElement.scrollWidth") <= width
    result = Axe().run(opened.page)
    assert result.violations_count == 0, result.generate_report()


def test_widgets_read_the_same_digits(figure):
    mine = plstm.read_digits(random_weights())
    digit, step = mine.widget.children[0].children[:2]
    picture = bytes(mine.widget.children[1].value)
    digit.value, step.value = "7", 500
    assert mine.values == {"digit": "7", "step": 500}
    assert bytes(mine.widget.children[1].value) != picture
