"""Train here and One step, in a real browser under the book's policy: by pointer, keyboard and touch, on phones."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import plstm
from tests.lab.live import host
from tests.lab.live.support import markup

PATIENCE = 120_000
QUICK = {"steps": 20, "units": 4, "rate": 0.02}


@pytest.fixture
def opened(browser, site):
    """``opened(*figures, ...)`` opens a page with these figures; the test fails if anything went wrong there."""
    contexts, faults = [], []

    def start(*figures, width=800, theme="light", fragment="", worker=True, name="own.html", **options):
        address = site(name, host.page(*figures, theme=theme, worker=worker))
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda m: faults.append(m.text) if m.type in {"error", "warning"} and not icon(m) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request", lambda request: None if request.url.startswith(address[:-20]) else faults.append(request.url)
        )
        page.goto(address + fragment)
        expect(page.locator("figure[data-live=true]")).to_have_count(len(figures))
        return page

    def icon(message):
        return "favicon" in message.location.get("url", "")

    yield start
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "favicon" not in fault] == []


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def state(page):
    return page.locator(".plstm-state")


def verdict(page):
    return page.locator(".plstm-verdict")


def test_training_is_the_same_in_a_worker_and_without_one(opened):
    """The reader predicts, plays, and is told; and the page keeps answering meanwhile."""
    said = []
    for worker in (True, False):
        page = opened(plstm.explore_training(**QUICK), worker=worker)
        expect(state(page)).to_contain_text("Nothing is learned yet")
        page.get_by_role("radio", name="Phased LSTM").check()
        button(page, "Play").click()
        expect(button(page, "Pause")).to_be_visible()
        expect(verdict(page)).not_to_be_empty(timeout=PATIENCE)
        expect(verdict(page)).to_contain_text(re.compile("You said"))
        expect(button(page, "Play")).to_be_visible()
        expect(state(page)).to_contain_text("Stopped after 200 updates to compare")
        expect(page.get_by_role("radio", name="Phased LSTM")).to_be_disabled()
        workers = len(page.workers)
        assert workers == (1 if worker else 0)
        said.append((verdict(page).inner_text(), state(page).inner_text()))
    assert said[0] == said[1]


@pytest.mark.parametrize("address", ["nowhere.mjs", "data:text/javascript,"])
def test_where_no_worker_may_start_the_page_itself_computes(browser, site, address):
    """No file at the address, or one that the policy of the page forbids."""
    text = host.page(plstm.explore_training(**QUICK)).replace("<figure", f'<figure data-worker="{address}"', 1)
    page = browser.new_page()
    page.goto(site("forbidden.html", text))
    button(page, "Step").click()
    expect(state(page)).to_contain_text("1 update", timeout=PATIENCE)
    assert page.workers == []
    page.close()


def test_two_figures_on_a_page_where_motion_is_unwelcome(opened):
    page = opened(plstm.explore_training(**QUICK), plstm.explore_training(**QUICK, seed=3), reduced_motion="reduce")
    figures = [page.locator("figure").nth(n) for n in range(2)]
    for figure, answer in zip(figures, ("LSTM", "neither")):
        figure.get_by_role("radio", name=answer, exact=True).check()
        figure.get_by_role("button", name="Play").click()
    for figure, answer in zip(figures, ("LSTM", "neither")):
        expect(figure.locator(".plstm-verdict")).not_to_be_empty(timeout=PATIENCE)
        expect(figure.get_by_role("radio", name=answer, exact=True)).to_be_checked()
    assert figures[0].locator(".plstm-verdict").inner_text() != figures[1].locator(".plstm-verdict").inner_text()
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_step_rewind_and_new_weights(opened):
    page = opened(plstm.explore_training(**QUICK))

    def after(count):
        for n in range(count):
            button(page, "Step").click()
            expect(state(page)).to_contain_text(f"{n + 1} update")
        return state(page).inner_text()

    first = after(3)
    button(page, "Rewind").click()
    expect(state(page)).to_contain_text("Nothing is learned yet")
    assert after(3) == first, "Rewind goes back to the same weights"
    button(page, "New weights").click()
    expect(page.get_by_label("seed", exact=True)).to_have_value("1")
    assert after(3) != first


def test_by_keyboard(opened):
    page = opened(plstm.explore_training(**QUICK))
    page.get_by_role("radio", name="neither").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(button(page, "Play")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(page, "Pause")).to_be_visible()
    page.keyboard.press("Enter")
    expect(button(page, "Play")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("slider", name="open share")).to_be_visible()


def test_a_setting_begins_anew_and_a_look_does_not(opened):
    page = opened(plstm.explore_training(**QUICK))
    button(page, "Step").click()
    expect(state(page)).to_contain_text("1 update")
    sentences = set()
    for view in ("sample", "rhythm", "gradient"):
        page.get_by_label("show", exact=True).select_option(view)
        sentences.add(page.locator(".plstm-sentence").inner_text())
        drawn = page.locator(".plstm-picture").nth(1).inner_html()
        page.get_by_role("slider", name="sequence").press("End")
        if view == "sample":
            expect(page.locator(".plstm-sentence")).to_contain_text("The right answer is period")
        page.get_by_role("slider", name="sequence").press("Home")
        assert drawn
    assert len(sentences) == 3
    expect(state(page)).to_contain_text("1 update")
    page.locator("summary").click()
    page.get_by_label("rhythm", exact=True).select_option("fixed")
    expect(state(page)).to_contain_text("Nothing is learned yet")


@pytest.mark.parametrize("task", ["sines", "turned", "adding", "first", "digits"])
def test_every_task_and_view_is_drawn(opened, task):
    page = opened(plstm.explore_training(task=task, **QUICK))
    button(page, "Step").click()
    expect(state(page)).to_contain_text("1 update", timeout=PATIENCE)
    for view in ("sample", "rhythm", "gradient"):
        page.get_by_label("show", exact=True).select_option(view)
        picture = page.locator(".plstm-picture").nth(1)
        assert picture.get_attribute("aria-label") == page.locator(".plstm-sentence").inner_text().replace(
            "\u00a0", " "
        )
        markup = picture.inner_html()
        assert "NaN" not in markup and "Infinity" not in markup and "<path" in markup


def test_without_digits_it_says_so(opened):
    page = opened(plstm.explore_training(**QUICK))
    page.locator("summary").click()
    page.get_by_label("task", exact=True).select_option("digits")
    expect(state(page)).to_contain_text("The digits are not at hand here")
    expect(button(page, "Play")).to_be_disabled()
    expect(page.get_by_label("steps", exact=True)).to_be_hidden()
    page.get_by_label("task", exact=True).select_option("adding")
    expect(button(page, "Play")).to_be_enabled()
    expect(page.get_by_label("steps", exact=True)).to_be_visible()
    page.get_by_label("steps, typed").fill("400")
    page.get_by_label("steps, typed").blur()
    expect(state(page)).to_contain_text("sequences of 200 steps")


def test_it_stops_when_the_page_is_hidden(opened):
    page = opened(plstm.explore_training(task="first", steps=60))
    button(page, "Play").click()
    expect(state(page)).to_contain_text("update", timeout=PATIENCE)
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', { value: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    expect(state(page)).to_contain_text("out of sight", timeout=PATIENCE)
    expect(button(page, "Play")).to_be_visible()


def test_a_number_that_is_not_finite_stops_it(opened):
    """The slider does not reach such a leak: the page is given one that does."""
    text = markup(plstm.explore_training(**QUICK, clip="0"))
    page = opened(text.replace('"high":0.1,', '"high":1e300,').replace('"leak":0.001', '"leak":1e200'))
    button(page, "Play").click()
    expect(state(page)).to_contain_text("a weight of the Phased LSTM is no finite number any more", timeout=PATIENCE)


def test_a_teacher_hides_controls_by_link(opened):
    page = opened(
        plstm.explore_training(**QUICK), fragment="#training.hide=biases,gaps,units,sample&training.task=first"
    )
    page.locator("summary").click()
    expect(page.get_by_label("learning rate", exact=True)).to_be_visible()
    for hidden in ("biases", "sees the gaps", "units", "sequence"):
        expect(page.get_by_label(hidden, exact=True)).to_be_hidden()
    expect(page.locator("legend", has_text=re.compile("^LSTM$"))).to_be_hidden()
    again = opened(plstm.explore_training(hide="settings"), name="again.html")
    expect(again.locator("summary")).to_be_hidden()
    expect(button(again, "Play")).to_be_visible()


def test_a_link_brings_the_state_back(opened):
    page = opened(plstm.explore_training(**QUICK))
    page.locator("summary").click()
    page.get_by_label("open share, typed").fill("0.25")
    page.get_by_label("open share, typed").blur()
    page.get_by_label("show", exact=True).select_option("rhythm")
    button(page, "Link to this").click()
    again = opened(plstm.explore_training(**QUICK), fragment=page.evaluate("location.hash"), name="again.html")
    again.locator("summary").click()
    expect(again.get_by_label("open share, typed")).to_have_value("0.25")
    expect(again.get_by_label("show", exact=True)).to_have_value("rhythm")


def test_a_suggestion_sets_the_controls(opened):
    page = opened(plstm.explore_training())
    suggestions = page.get_by_label("try")
    expect(suggestions).to_have_value("sines")
    suggestions.select_option("adding")
    page.locator("summary").click()
    expect(page.get_by_label("task", exact=True)).to_have_value("adding")
    page.get_by_label("units, typed").fill("8")
    page.get_by_label("units, typed").blur()
    expect(suggestions).to_have_value("")


def test_suggestions_are_the_same_wherever_a_figure_starts(opened):
    """Those of the table in test_trainer_presets: they start from the defaults, not from the figure's own values."""
    page = opened(plstm.explore_training(task="digits", longest=200.0, seed=3, hide="leak", view="rhythm"))
    suggestions = page.get_by_label("try")
    expect(suggestions).to_have_value("digits")
    suggestions.select_option("sines")
    page.locator("summary").click()
    for name, value in {"task": "sines", "longest period, typed": "30", "seed, typed": "3", "show": "rhythm"}.items():
        expect(page.get_by_label(name, exact=True)).to_have_value(value)
    expect(page.get_by_label("leak, typed")).to_be_hidden()
    expect(suggestions).to_have_value("sines")
    suggestions.select_option("digits")
    expect(page.get_by_label("longest period, typed")).to_have_value("200")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["explore_training", "explore_step"])
def test_accessible(opened, name, theme):
    page = opened(getattr(plstm, name)(), theme=theme)
    if name == "explore_training":
        button(page, "Step").click()
        expect(state(page)).to_contain_text("1 update", timeout=PATIENCE)
    page.locator("summary").click()
    # The policy lets no script be written into the page; axe comes in as the browser's own.
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", ["explore_training", "explore_step"])
def test_on_a_phone(opened, name):
    page = opened(getattr(plstm, name)(), width=320, has_touch=True)
    page.locator("summary").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for node in page.locator("button:visible, select:visible, input:visible").all():
        box = node.bounding_box()
        assert (
            box["height"] >= 16
            and box["x"] + box["width"] <= 320
            or node.evaluate("n => n.closest('.plstm-wide') !== null")
        )
    page.get_by_role("button", name="Next" if name == "explore_step" else "Step", exact=True).tap()
    if name == "explore_step":
        expect(page.get_by_label("part", exact=True)).to_have_value("gates")
    else:
        expect(state(page)).to_contain_text("1 update", timeout=PATIENCE)


def test_the_walk(opened):
    page = opened(plstm.explore_step(step=1))
    seen = []
    expect(button(page, "Back")).to_be_disabled()
    for _ in range(7):
        seen.append(page.locator(".plstm-walk").inner_text())
        page.locator(".plstm-main").click()
    assert len(set(seen)) == 7
    expect(page.get_by_label("step, typed")).to_have_value("2")
    expect(page.get_by_label("part", exact=True)).to_have_value("input")
    button(page, "Back").press("Enter")
    expect(page.get_by_label("step, typed")).to_have_value("1")
    expect(page.get_by_label("part", exact=True)).to_have_value("back")


def test_weights_can_be_changed_and_linked(opened):
    page = opened(plstm.explore_step(step=5, part="gates"))
    before = page.locator(".plstm-walk").inner_text()
    page.locator("summary").click()
    field = page.get_by_label("input gate i, × x", exact=True)
    field.fill("-2.5")
    field.press("Enter")
    after = page.locator(".plstm-walk").inner_text()
    assert after != before and "− 2.5 ·" in after
    page.get_by_label("open share r_on", exact=True).fill("7")
    page.get_by_label("open share r_on", exact=True).blur()
    expect(page.get_by_label("open share r_on", exact=True)).to_have_value("1")
    button(page, "Link to this").click()
    again = opened(plstm.explore_step(), fragment=page.evaluate("location.hash"), name="again.html")
    assert again.locator(".plstm-walk").inner_text() == page.locator(".plstm-walk").inner_text()
    button(page, "Weights as at first").click()
    assert page.locator(".plstm-walk").inner_text() == before


def test_the_numbers_on_the_page_hang_together(opened):
    """What is written out adds up: in every step and unit, c = c' + k (proposal - c'), to the digits shown."""
    page = opened(plstm.explore_step(part="state"))
    for unit in ("1", "2"):
        page.get_by_label("unit", exact=True).select_option(unit)
        for step in range(1, 13):
            page.get_by_label("step, typed").fill(str(step))
            page.get_by_label("step, typed").press("Enter")
            for text in page.locator(".plstm-walk dd").all_inner_texts():
                plain = text.replace("−", "-").replace("(-", "(- ").replace(" · ", " * ")
                left, right = plain.split(" = ")
                assert eval(left) == pytest.approx(float(right), abs=3e-3), text  # noqa: S307
