"""What is added to every chapter's page: reading time, addresses of exercises, the code behind an equation."""


def test_a_chapter_says_how_long_it_takes(visit):
    with visit() as opened:
        text = opened.open("book/time_gate.html").locator(".reading-time").inner_text()
        words, number, *_ = text.split()
        assert words == "About"
        assert 10 <= int(number) <= 40


def test_a_link_to_a_solution_opens_it(visit):
    with visit(width=360) as opened:
        page = opened.open("book/solutions.html")
        page.locator("a[href='time_gate.html#solution-2']").click()
        page.wait_for_selector("#solution-2", state="attached")
        solution = page.locator("details:has(#solution-2)")
        assert solution.evaluate("element => element.open")
        assert "check_office_hours" in solution.inner_text()
        assert opened.faults == []


def test_an_equation_links_to_its_code(visit):
    with visit() as opened:
        page = opened.open("book/time_gate.html")
        link = page.locator(".equation-code a", has_text="plstm.gate.phase").first
        link.click()
        page.wait_for_selector("dt[id='plstm.gate.phase']")
        assert opened.faults == []


def test_paper_is_white_in_every_theme(visit):
    with visit(colour_scheme="dark") as opened:
        page = opened.open("book/time_gate.html")
        page.emulate_media(media="print", color_scheme="dark")
        for place in (".bd-article p", ".bd-article h1", ".bd-article .highlight span"):
            colour = page.locator(place).first.evaluate("node => getComputedStyle(node).color")
            assert max(int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")) < 120, (place, colour)
        assert opened.faults == []


def test_a_term_links_to_the_glossary(visit):
    with visit() as opened:
        page = opened.open("book/population.html")
        page.locator("a", has_text="octave").first.click()
        assert "doubling" in page.locator("dt#term-octave + dd").inner_text()
        assert opened.faults == []
