"""What the theme brings along and we put right: lists beside the page, the way past them, search, names in code."""

import pytest
from playwright.sync_api import expect

PAGE = "book/the_cell.html"
# The text's words that stand in two lines: letters and digits in a row, without what MathJax and code blocks hold.
BROKEN = r"""() => {
  const found = [];
  for (const code of document.querySelectorAll(".bd-article code:not(pre code)")) {
    if (!code.checkVisibility()) continue;
    for (const part of code.querySelectorAll(".pre")) {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (const word of node.data.matchAll(/[A-Za-z0-9]+/g)) {
          const range = document.createRange();
          range.setStart(node, word.index);
          range.setEnd(node, word.index + word[0].length);
          const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
          if (tops.size > 1) found.push(`${word[0]} in ${code.textContent}`);
        }
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("kind", ["primary", "secondary"])
@pytest.mark.parametrize("width", [360, 800])
def test_a_list_opens_over_a_narrow_page_and_gives_the_focus_back(visit, kind, width):
    with visit(width=width) as opened:
        page = opened.open(PAGE)
        button, dialog = page.locator(f".{kind}-toggle:visible"), page.locator(f"#pst-{kind}-sidebar-modal")
        expect(button).to_have_count(1)
        expect(button).to_have_attribute("aria-expanded", "false")
        button.click()
        expect(dialog).to_be_visible()
        assert dialog.get_by_role("link").count() > 3
        assert dialog.get_attribute("aria-label")
        dialog.press("Escape")
        expect(dialog).not_to_be_visible()
        expect(button).to_be_focused()
        assert opened.faults == []


def test_a_list_opens_by_touch(browser, serve):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(serve("/a/book/") + PAGE, wait_until="networkidle")
    for kind in ("primary", "secondary"):
        dialog = page.locator(f"#pst-{kind}-sidebar-modal")
        page.locator(f".{kind}-toggle:visible").tap()
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).not_to_be_visible()
    context.close()


def test_a_link_in_the_list_of_sections_leads_there(visit):
    with visit(width=390) as opened:
        page = opened.open(PAGE)
        page.locator(".secondary-toggle:visible").click()
        dialog = page.locator("#pst-secondary-sidebar-modal")
        link = dialog.get_by_role("link").nth(2)
        target = link.get_attribute("href")
        link.click()
        expect(dialog).not_to_be_visible()
        expect(page.locator(target)).to_be_in_viewport()


@pytest.mark.parametrize("width", [1100, 1280, 1700])
def test_the_chapters_beside_a_wide_page_go_and_come(visit, width):
    with visit(width=width) as opened:
        page = opened.open(PAGE)
        button, chapters = page.locator(".primary-toggle:visible"), page.locator("#pst-primary-sidebar")
        for shown in (False, True):
            button.focus()
            button.press("Enter")
            expect(chapters).to_be_visible(visible=shown)
            expect(button).to_have_attribute("aria-expanded", str(shown).lower())
            expect(button).to_be_focused()
        assert opened.faults == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_keyboard_finds_the_text_first_and_goes_down_the_page(visit, width):
    with visit(width=width) as opened:
        page = opened.open(PAGE)
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to main content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        heights = []
        for _ in range(25):
            page.keyboard.press("Tab")
            inside, top = page.evaluate("""() => {
              const box = document.activeElement.getBoundingClientRect();
              return [Boolean(document.activeElement.closest("main")), box.top + scrollY];
            }""")
            assert inside, "the focus left the page's main part"
            heights.append(top)
        text = [height for height in heights if height > 120]
        assert all(later >= earlier - 40 for earlier, later in zip(text, text[1:])), text


def results(page):
    page.wait_for_function("() => /found|did not match/.test(document.querySelector('#search-results').innerText)")
    addresses = page.locator("#search-results li > a").evaluate_all("links => links.map((link) => link.pathname)")
    return {address.rpartition("/book/")[2] for address in addresses}


def test_the_search_for_a_word_with_a_hyphen_finds_that_word(visit, site):
    with visit() as opened:
        texts = {path.name: path.read_text(encoding="utf-8").lower() for path in (site / "book").glob("*.html")}
        # If no page has the word, its parts are looked for: but never a single letter.
        word = "gru-d" if any("gru-d" in text for text in texts.values()) else "gru"
        found = results(opened.open("search.html?q=GRU-D"))
        assert found and found <= {name for name, text in texts.items() if word in text}
        assert results(opened.open("search.html?q=xyzzy-d")) == set()
        assert results(opened.open("search.html?q=phase-openness"))
        assert opened.faults == []


def test_no_name_in_code_breaks_within_a_word_on_a_phone(look, page_name):
    assert look(360).page.evaluate(BROKEN) == []
