"""The digit reader: the numbers of the Keras models it comes from, and a page to draw, play and scrub on."""

import base64
import gzip
import io
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

import plstm
from plstm import gate, reference
from plstm.lab import results
from plstm.lab.live import reader
from plstm.lab.live.javascript import call
from plstm.lab.tasks import mnist
from tests.digits import few_digits  # noqa: F401

ROOT = Path(__file__).parents[3]


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
    return plstm.explore_digits(random_weights())


def panels(figure, digit, step=784, drawing=""):
    """The panels of the figure's picture, by title."""
    values = {"digit": digit, "step": step, "drawing": drawing}
    return {panel["title"]: panel for panel in call("reader", "scene", values, figure.kind.data)["panels"]}


def said(figure, digit, step=784, drawing=""):
    """The probabilities of the ten digits that both networks give, (2, 10)."""
    return [mark["y"] for mark in panels(figure, digit, step, drawing)["probability of every digit now"]["marks"]]


@pytest.mark.parametrize(("digit", "step"), [("0", 784), ("0", 0), ("3", 301), ("19", 783)])
def test_the_networks_read_as_the_reference(figure, digit, step):
    data = figure.kind.data
    x = np.array(data["pixels"][int(digit)]) / 255.0
    for name, p in zip(("phased", "lstm"), said(figure, digit, step)):
        weights = {field: np.array(w) for field, w in data["networks"][name].items() if field != "shape"}
        h = c = np.zeros((1, 8))
        cell = {field: weights[field] for field in ("kernel", "recurrent_kernel", "bias")}
        for t in range(step):
            rhythm = [weights.get(field) for field in ("period", "shift", "ratio_on")]
            k = gate.time_gate(t, *rhythm) if name == "phased" else np.ones(8)
            h, c = reference.lstm_step(x[None, t : t + 1], h, c, k, **cell)
        odds = np.exp(h @ weights["dense_kernel"] + weights["dense_bias"])[0]
        np.testing.assert_allclose(p, odds / odds.sum(), rtol=0, atol=1e-6)


def test_the_same_probabilities_as_the_keras_models():
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
        figure = plstm.explore_digits(json.loads(json.dumps(reader.export_reader(model, lstm))), images, labels)
        answers = np.array([said(figure, str(i)) for i in range(4)])
        for place, each in enumerate((model, lstm)):
            expected = keras.ops.convert_to_numpy(keras.ops.softmax(each.predict(pixels, verbose=0)))
            np.testing.assert_allclose(answers[:, place], expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("step", [0, 1, 300, 301, 784])
def test_nothing_is_drawn_of_what_is_not_read(figure, step):
    """Every curve ends where the reading is, with the value there; only the rhythm is known before."""
    now, whole = panels(figure, "3", step), panels(figure, "3")
    curves = [title for title in now if title.startswith(("its pixels", "probability of a", "LSTM: cell"))]
    assert len(curves) == 3
    for title in curves:
        assert now[title]["y"] == whole[title]["y"], "the axis does not move while pixels come"
        for drawn, all_of_it in zip(now[title]["marks"], whole[title]["marks"]):
            assert max(drawn["x"]) == step
            known = dict(zip(all_of_it["x"], all_of_it["y"]))
            if drawn["x"] != [step, step]:
                assert all(known[x] == y for x, y in zip(drawn["x"], drawn["y"]) if x in known and x < step)
    title = "Phased LSTM: who is open, by period"
    assert now[title]["marks"][0] == whole[title]["marks"][0]
    assert [mark["y"][-1] for mark in now["probability of a 3"]["marks"][:2]] == [p[3] for p in said(figure, "3", step)]


def test_of_a_drawing_the_answer_is_not_told_before_its_time(figure):
    drawing = "".join(f"{round(grey / 17):x}" for grey in figure.kind.data["pixels"][3])
    curves = panels(figure, "own", 300, drawing)["probability of the likeliest digit"]["marks"][:2]
    assert [curve["y"][-1] for curve in curves] == [max(p) for p in said(figure, "own", 300, drawing)]


def test_a_drawing_is_read_in_python_too(figure):
    """As the page reads it: sixteen greys, moved to the middle."""
    image = np.array(figure.kind.data["pixels"][3])
    drawing = "".join(f"{round(grey / 17):x}" for grey in image)
    mine = plstm.explore_digits(random_weights(), digit="own", drawing=drawing)
    assert mine.scene["sentence"].startswith("After 784 of 784 pixels")
    assert not np.allclose(said(figure, "own", drawing=drawing), said(figure, "4"), atol=1e-3)
    assert plstm.explore_digits(random_weights(), digit="own").scene["sentence"].startswith("The drawing is empty")


def test_what_cannot_be_read_is_refused(tmp_path):
    good = random_weights()
    with pytest.raises(ValueError, match=r"expected kernel of lstm of shape \(1, 32\), got \(2, 32\)"):
        plstm.explore_digits({**good, "lstm": {**good["lstm"], "kernel": good["lstm"]["kernel"] * 2}})
    with pytest.raises(ValueError, match="of phased, got none of period"):
        plstm.explore_digits({**good, "phased": {name: w for name, w in good["phased"].items() if name != "period"}})
    with pytest.raises(ValueError, match="of lstm, got none of bias, dense_bias"):
        plstm.explore_digits({"phased": good["phased"]})
    with pytest.raises(ValueError, match=r"expected images \(N, 28, 28\) with labels \(N,\), got \(1, 27, 28\)"):
        plstm.explore_digits(good, np.zeros((1, 27, 28)), [1])
    with pytest.raises(ValueError, match="expected a gate shape"):
        plstm.explore_digits({**good, "phased": {**good["phased"], "shape": "star"}})
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(good))
    assert plstm.explore_digits(path).kind.data["networks"]["lstm"]["bias"] == good["lstm"]["bias"]


def test_peepholes_are_refused():
    import keras

    x = keras.Input((784, 1))
    model = keras.Model(x, keras.layers.Dense(10)(plstm.PhasedLSTM(3, peepholes=True)(x)))
    with pytest.raises(ValueError, match="expected a Phased LSTM without peepholes"):
        reader.export_reader(model, model)


def test_the_page_stays_small():
    html = plstm.explore_digits(random_weights(32))._repr_mimebundle_()["text/html"]
    assert len(gzip.compress(html.encode())) < 400_000


@pytest.mark.parametrize(("width", "height"), [(800, 700), (390, 740), (320, 740)])
def test_what_they_believe_is_in_view_while_it_plays(visit, figure, width, height):
    """The digit, the button and the probabilities of the ten digits, all at once."""
    page = visit(figure, width=width).page
    page.set_viewport_size({"width": width, "height": height})
    parts = [page.get_by_role("application"), page.locator(".plstm-beliefs"), page.get_by_role("button", name="Play")]
    boxes = [part.bounding_box() for part in parts]
    assert max(box["y"] + box["height"] for box in boxes) - min(box["y"] for box in boxes) < 0.7 * height
    shown = parts[1].inner_html()
    page.get_by_role("slider", name="pixels read").fill("300")
    assert parts[1].inner_html() != shown
    box = parts[1].locator("svg").first.bounding_box()
    assert 240 <= box["width"] <= parts[1].bounding_box()["width"]
    page.emulate_media(media="print")
    assert parts[1].is_visible()


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
    opened = visit(plstm.explore_digits(random_weights(32)))
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
    page.get_by_label("speed").select_option("112")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "Number(document.querySelector('.plstm-live input[type=number]').value) > 50", timeout=10_000
    )
    page.set_viewport_size({"width": 320, "height": 700})
    page.get_by_role("button", name="Pause").click()
    stopped = opened.sentence()
    page.wait_for_timeout(200)
    assert opened.sentence() == stopped
    page.get_by_label("speed").select_option("392")
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
    box = page.get_by_role("application").bounding_box()
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


def test_drawing_with_a_finger(visit, figure):
    """On a phone a stroke in the square draws, and does not move the page; Play and the slider answer to taps."""
    opened = visit(figure, width=390, has_touch=True)
    page = opened.page
    canvas = page.get_by_role("application")
    box = canvas.bounding_box()
    fingers = opened.context.new_cdp_session(page)
    for kind, y in [("touchStart", 30), ("touchMove", 70), ("touchMove", 120), ("touchEnd", None)]:
        points = [] if y is None else [{"x": box["x"] + 90, "y": box["y"] + y}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.get_by_label("digit", exact=True).locator("option[value=own]:checked").wait_for(state="attached")
    assert opened.sentence().startswith("After 784 of 784 pixels")
    assert ink(canvas, 14, 10) == 255
    assert page.evaluate("scrollY") == 0
    page.wait_for_timeout(500)  # or the tap would count as the second of two
    page.get_by_role("button", name="Play").tap()
    page.wait_for_function("!document.querySelector('.plstm-sentence').textContent.startsWith('After 784')")
    page.get_by_role("button", name="Clear drawing").tap()
    assert opened.sentence().startswith("The drawing is empty")


def ink(canvas, x, y):
    """Opacity of a canvas at the pixel in column x and row y of 28."""
    return int(grey_and_opacity(canvas)[8 * y + 4, 8 * x + 4, 1])


def grey_and_opacity(canvas):
    """What a canvas shows: (224, 224, 2) of red and opacity from 0 to 255."""
    address = canvas.evaluate("canvas => canvas.toDataURL()")
    image = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGBA")
    return np.asarray(image)[..., [0, 3]]


def test_a_stroke_stays_where_it_was_drawn(visit, figure):
    """The networks read the drawing moved to the centre; under the hand it does not move, so that a 4 can be drawn."""
    page = visit(figure).page
    canvas, seen = page.get_by_role("application"), page.locator(".plstm-seen")
    assert not seen.is_visible()
    box = canvas.bounding_box()
    pixel = box["width"] / 28
    page.mouse.move(box["x"] + 4.5 * pixel, box["y"] + 4.5 * pixel)
    page.mouse.down()
    page.mouse.move(box["x"] + 4.5 * pixel, box["y"] + 12.5 * pixel, steps=4)
    page.mouse.up()
    assert seen.is_visible()
    assert (ink(canvas, 4, 8), ink(canvas, 14, 14)) == (255, 0)
    assert ink(seen.locator("canvas"), 14, 14) == 255
    page.mouse.move(box["x"] + 20.5 * pixel, box["y"] + 4.5 * pixel)
    page.mouse.down(button="right")
    page.mouse.move(box["x"] + 20.5 * pixel, box["y"] + 12.5 * pixel, steps=4)
    page.mouse.up(button="right")
    assert ink(canvas, 20, 8) == 0


def test_a_drawing_is_read_as_the_digits_were_made():
    """Scaled to a box of 20 x 20 pixels, at most twofold, with its centre of mass in the middle."""
    drawings = np.zeros((5, 28, 28), int)
    drawings[1, :, :] = 255
    drawings[2, 1:11, 18:22] = 255
    drawings[3, 2:26, 3:5] = 255
    drawings[4, 27, 27] = 255
    answers = np.array([call("drawing_pad", "prepared", each) for each in drawings.reshape(5, -1).tolist()])
    nothing, full, small, tall, dot = answers.reshape(5, 28, 28)
    assert not nothing.any()
    np.testing.assert_array_equal(full, np.pad(np.full((20, 20), 255), 4))
    np.testing.assert_array_equal(small, np.pad(np.full((20, 8), 255), ((4, 4), (10, 10))))
    np.testing.assert_array_equal(dot, np.pad(np.full((2, 2), 255), 13))
    assert tall.sum() == pytest.approx(24 * 2 * 255 * (20 / 24) ** 2, rel=0.15)
    assert np.flatnonzero(tall.any(axis=1)).tolist() == list(range(4, 24))


@pytest.mark.parametrize("act", ["scrub", "reset"])
def test_who_moves_the_slider_takes_over_from_the_playing(visit, figure, act):
    opened = visit(figure)
    page = opened.page
    page.get_by_label("speed").select_option("28")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('.plstm-live input[type=number]').value) > 3", timeout=10_000)
    if act == "scrub":
        page.get_by_role("slider", name="pixels read").press("PageUp")
    else:
        page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Play").wait_for(timeout=2000)
    stopped = opened.sentence()
    page.wait_for_timeout(300)
    assert opened.sentence() == stopped


def test_drawing_stops_the_playing(visit, figure):
    opened = visit(figure)
    page = opened.page
    page.get_by_label("speed").select_option("28")
    page.get_by_role("button", name="Play").click()
    box = page.get_by_role("application").bounding_box()
    page.mouse.move(box["x"] + 90, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 140, steps=5)
    page.get_by_role("button", name="Play").wait_for()
    assert ink(page.get_by_role("application"), 14, 14) == 255
    page.mouse.up()
    assert opened.sentence().startswith("After 784 of 784")


def test_a_page_out_of_sight_goes_on_where_it_was_left(visit, figure):
    opened = visit(figure)
    page = opened.page
    page.get_by_label("speed").select_option("28")
    page.clock.install()
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(1000)
    page.clock.fast_forward(60_000)
    page.clock.run_for(1000)
    assert 40 < int(opened.sentence().split()[1]) < 80, "two seconds of one row each"


def test_the_drawing_follows_the_theme(visit, figure):
    page = visit(figure).page

    def ink_colour():
        grey, opacity = np.moveaxis(grey_and_opacity(page.get_by_role("application")), -1, 0)
        return grey[opacity == 255].mean()

    assert ink_colour() < 50
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(100)
    assert ink_colour() > 200


def test_every_digit_has_a_name_of_its_own():
    names = list(plstm.explore_digits().kind.controls[0].options.values())
    assert len(set(names)) == len(names) == 21
    assert (names[0], names[8], names[18], names[20]) == ("a 0", "an 8", "another 8", "your own drawing")


@pytest.fixture(scope="module")
def unseen():
    """All digits left out of the training of the published networks."""
    return mnist.embedded()[2:]


@pytest.mark.parametrize(("name", "model"), [("phased", "phased-lstm"), ("lstm", "lstm")])
def test_the_networks_shown_are_those_that_the_chapter_names(unseen, name, model):
    """They are the better of two runs each, and read what they never saw as well as that run read the test digits."""
    runs = [run["result"] for run in results.published("reader") if run["result"]["config"]["model"] == model]
    assert {run["config"]["task"] for run in runs} == {"mnist-unseen"}
    better = max(runs, key=lambda run: run["metrics"]["test"]["accuracy"])
    network = json.loads(reader.WEIGHTS.read_text())[name]
    assert network["run"] == better[results.HASH]
    images, labels = (part[:300] for part in unseen)
    weights = {field: np.array(value) for field, value in network.items() if field not in {"shape", "run"}}
    units = len(weights["bias"]) // 4
    rhythm = [weights.get(field) for field in ("period", "shift", "ratio_on")]
    cell = {field: weights[field] for field in ("kernel", "recurrent_kernel", "bias")}
    pixels = images.reshape(len(images), 784) / 255
    h = c = np.zeros((len(pixels), units))
    for t in range(784):
        k = gate.time_gate(t, *rhythm) if name == "phased" else np.ones(units)
        h, c = reference.lstm_step(pixels[:, t : t + 1], h, c, k, **cell)
    answers = (h @ weights["dense_kernel"] + weights["dense_bias"]).argmax(axis=1)
    assert np.mean(answers == labels) == pytest.approx(better["metrics"]["test"]["accuracy"], abs=0.04)
    assert np.mean(answers == reader.answers(name, images)[-1]) > 0.99


def test_each_network_is_set_up_as_its_best_search_chose():
    for model, search in (("lstm", "fair_mnist_steady"), ("phased-lstm", "fair_mnist")):
        chosen = next(entry["chosen"] for entry in results.choices(search) if entry["model"] == model)
        for run in results.published("reader"):
            config = run["result"]["config"]
            if config["model"] == model:
                settings = {**config, **{f"options.{name}": value for name, value in config["options"].items()}}
                assert {name: settings[name] for name in chosen} == chosen


@pytest.mark.parametrize("name", ["phased", "lstm"])
def test_what_they_say_on_the_way_is_what_the_figure_says(name):
    """After every pixel, and after more pixels than a digit has, which are blank."""
    images, labels = reader.sample_digits(3)
    figure = plstm.explore_digits()
    answers = reader.answers(name, images, 790)
    assert answers.shape == (791, 3)
    np.testing.assert_array_equal(answers[:785], reader.answers(name, images))
    np.testing.assert_array_equal(answers[:301], reader.answers(name, images, 300))
    row = ("phased", "lstm").index(name)
    for digit, step in [(0, 0), (0, 420), (1, 300), (1, 644), (2, 784)]:
        assert np.argmax(said(figure, str(digit), step)[row]) == answers[step, digit]
    assert answers[784].tolist() == labels.tolist()


def test_a_guess_is_called_a_guess():
    figure = plstm.explore_digits()
    guesses = 0
    for digit, step in [("0", 0), ("0", 340), ("0", 420), ("3", 200), ("5", 784)]:
        surest = [max(p) for p in said(figure, digit, step)]
        figure.set(digit=digit, step=step)
        assert figure.scene["sentence"].count("hardly more than a guess)") == sum(p < 0.2 for p in surest)
        guesses += sum(p < 0.2 for p in surest)
    assert 0 < guesses < 10
    figure.set(digit="0", step=420)
    assert "the Phased LSTM says 2 (" in figure.scene["sentence"], "the chapter says so of half of a zero"
    assert "and the LSTM 5 (" in figure.scene["sentence"]
    ends = [plstm.explore_digits(digit=str(digit)).scene["sentence"] for digit in range(20)]
    assert not any("guess" in sentence for sentence in ends)
    assert "Phased LSTM says 0 (99.8 %) and the LSTM 0 (100 %); the digit is a 0." in ends[0]
    assert ends[8].endswith("the digit is an 8.")


@pytest.mark.usefixtures("few_digits")
def test_two_runs_become_the_reader(tmp_path, monkeypatch, capsys):
    """By the tool, from the LSTM of the laboratory with chrono biases: the figure says what the trained models say."""
    import keras

    from plstm.lab.experiments import train
    from plstm.lab.experiments.config import Config

    shared = {"units": 5, "batch_size": 10, "steps": 2, "learning_rate": 0.05}
    options = {"phased-lstm": {"period": [20.0, 400.0]}, "lstm": {"bias": "chrono"}}
    folders = []
    for model, own in options.items():
        folders.append(tmp_path / model)
        train.train(Config(model=model, options=own, **shared), folders[-1], progress=False)
    weights = tmp_path / "digits.json"
    monkeypatch.setattr(reader, "WEIGHTS", weights)
    runpy.run_path(str(ROOT / "tools" / "export_reader.py"))["main"](*map(str, folders))
    assert "digits.json" in capsys.readouterr().out
    images, labels = reader.sample_digits(4)
    figure = plstm.explore_digits(weights, images, labels)
    answers = np.array([said(figure, str(i)) for i in range(4)])
    pixels = images.reshape(-1, 784, 1).astype("float32") / 255
    for place, (name, folder) in enumerate(zip(("phased", "lstm"), folders)):
        times = np.arange(784.0)
        logits = train.load_model(folder)([pixels, times])
        expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
        np.testing.assert_allclose(answers[:, place], expected, rtol=0, atol=1e-4)
        assert json.loads(weights.read_text())[name]["run"] == results.read(folder / "result.json")[results.HASH]


def test_it_comes_first_in_its_chapter():
    """Before any other code than that which gets the chapter ready."""
    cells = json.loads((ROOT / "book" / "mnist.ipynb").read_text())["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    install, imports, first = codes[:3]
    assert "%pip install" in install and "import plstm" in imports
    assert first == "plstm.explore_digits()"


def test_a_link_takes_the_drawing_along(visit, figure):
    opened = visit(figure)
    page = opened.page
    canvas = page.get_by_role("application")
    canvas.press("Space")
    for key in ["ArrowDown"] * 14 + ["ArrowRight"] * 6:
        canvas.press(key)
    page.get_by_role("button", name="Play").focus()
    page.get_by_label("pixels read, typed").fill("500")
    page.get_by_label("pixels read, typed").blur()
    page.get_by_role("button", name="Link to this").click()
    again = visit(figure, fragment=page.evaluate("location.hash"))
    assert again.sentence() == opened.sentence()
    assert again.sentence().startswith("After 500 ")
    opacity = [grey_and_opacity(each.page.get_by_role("application"))[..., 1].astype(int) for each in (opened, again)]
    assert opacity[0].max() == 255
    assert np.abs(opacity[0] - opacity[1]).max() <= 9, "sixteen greys"
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Link to this").click()
    assert "drawing" not in page.evaluate("location.hash"), "what is not shown is not sent"


@pytest.mark.parametrize("text", ["", "AAAA", "%00", "ÿ", "=" * 523, "A" * 100_000])
def test_a_broken_drawing_is_an_empty_one(visit, figure, text):
    opened = visit(figure, fragment=f"#reader.digit=own&reader.drawing={text}")
    assert opened.sentence().startswith("The drawing is empty")


def test_drawing_with_the_keyboard(visit, figure):
    opened = visit(figure)
    canvas = opened.page.get_by_role("application")
    canvas.focus()
    canvas.press("Space")
    for _ in range(10):
        canvas.press("ArrowDown")
    assert opened.page.get_by_label("digit", exact=True).input_value() == "own"
    assert opened.sentence().startswith("After 784 of 784 pixels")
    for key in ["ArrowLeft"] * 8 + ["ArrowUp"] * 4:
        canvas.press(key)
    canvas.press("Space")
    for key in ["ArrowRight"] * 16:
        canvas.press(key)
    opened.page.get_by_role("button", name="Play").focus()
    # The pen began in column 14 and row 6, between two pixels: down, left, up, and lifted to the right.
    down, left, up, right = ((14, 12), (10, 16), (6, 13), (20, 12))
    assert [ink(canvas, *place) for place in (down, left, up, right)] == [255, 255, 255, 0]
    canvas.focus()
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
