"""The pages' Content-Security-Policy: each page states its own, passes it, and a planted script does not run.

That no page breaks its policy when it is opened shows in test_every_page: a browser tells it as an error.
"""

import runpy
from pathlib import Path

import pytest

tool = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "policy.py"))
PAGE = '<html><head><meta charset="utf-8" /><script>let a = 1 && 2;</script></head><body>{}</body></html>'


def test_every_page_states_its_policy(site, page_name):
    text = (site / page_name).read_text(encoding="utf-8")
    stated = tool["stated"](text)
    assert stated, "make book ends with tools/policy.py"
    assert all(source in stated for source in tool["hashes"](tool["Scripts"](text).scripts))
    scripts = next(part for part in stated.split("; ") if part.startswith("script-src"))
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "http" not in stated, "the policy lets another host in"


def test_building_twice_changes_nothing():
    once = tool["with_policy"](PAGE.format("é <p onclick='b()'>"), {"print()"})
    assert tool["with_policy"](once, {"print()"}) == once
    assert once.count("Content-Security-Policy") == 1
    assert once.index("Content-Security-Policy") < once.index("<script>")


@pytest.mark.parametrize("body", ["<script>1</script>", "<script type='module'>1</script>", "<p onclick='1'>"])
def test_a_script_counts_and_data_does_not(body):
    plain, data = (
        PAGE.format(""),
        PAGE.format('<script type="application/json">{}</script><script src="a.js"></script>'),
    )
    assert tool["policy"](data) == tool["policy"](plain)
    assert tool["policy"](PAGE.format(body)) != tool["policy"](plain)


def test_a_page_without_its_head_is_an_error():
    with pytest.raises(ValueError, match="expected <meta charset"):
        tool["with_policy"]("<html><body></body></html>")


def test_a_planted_script_does_not_run(visit):
    """Each way in: a script, a handler, a link, text that would be evaluated, a script from another host."""
    with visit() as opened:
        page = opened.open("index.html")
        page.wait_for_url("**/book/intro.html")
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.planted = 'script'";
                document.body.append(script);
                document.body.insertAdjacentHTML("beforeend", `<img src="data:," onerror="window.planted = 'handler'">
                    <a id="in" href="javascript:window.planted='link'">in</a>`);
                document.getElementById("in").click();
                const other = document.createElement("script");
                other.src = "http://127.0.0.1:1/a.js";
                document.body.append(other);
                setTimeout(() => (0, eval)("window.planted = 'text'"));
            }"""
        )
        page.wait_for_timeout(300)
        assert page.evaluate("window.planted") is None
        refused = [fault for fault in opened.faults if "Content Security Policy" in fault]
        assert len(refused) >= 5, opened.faults
