"""The first screen of the book: a gate that moves, before anything else."""

from playwright.sync_api import expect


def test_a_live_gate_stands_within_the_first_screen(visit):
    with visit(width=1280) as opened:
        page = opened.open("index.html")
        page.wait_for_url("**/book/intro.html")
        picture = page.locator(".plstm-live .plstm-picture").first
        # A screen is 900 pixels high here.
        assert picture.bounding_box()["y"] < 600
        before = picture.get_attribute("aria-label")
        slider = page.locator(".plstm-live input[type=range]").first
        assert slider.bounding_box()["y"] < 500
        slider.press("ArrowRight")
        expect(picture).not_to_have_attribute("aria-label", before)
        assert opened.faults == []
