"""How fast two networks learn in a page, and for how long the page is blocked: "train here" in a real browser.

    python benchmarks/page.py                        # 16 units, 60 steps, batch 32: with a worker, and without one
    python benchmarks/page.py --repeats 1 --updates 20   # does the script run? Its numbers say nothing

One update is one of each network. The page is that of the book as far as the figure goes: its modules, its markup, its
policy. Have nothing else running. Exit code 1 if the medians miss the bars: no task over 50 ms, and 25 updates a second
in a worker. Without one the page's own thread computes, and gives way every 10 ms.
"""

import argparse
import functools
import runpy
import statistics
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import plstm  # noqa: E402
from plstm.lab.live import javascript  # noqa: E402

FAST, LONG = 25.0, 50.0
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>train here</title></head>
<body>{}<script type="module" src="host.mjs"></script></body></html>"""
# A browser tells tasks of 50 ms and more. The gaps between the beats of a clock show the shorter ones, too.
WATCH = """() => {
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "longtask" });
  window.gap = 0;
  let last = performance.now();
  setInterval(() => { const now = performance.now(); window.gap = Math.max(window.gap, now - last); last = now; }, 5);
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def write_page(folder, worker):
    """The page with the figure, and the modules beside it."""
    for name in javascript.names():
        (folder / f"{name}.mjs").write_text(javascript.source(name), encoding="utf-8")
    figure = plstm.explore_training()._repr_mimebundle_()["text/html"]
    if not worker:
        figure = figure.replace("<figure", '<figure data-worker=""', 1)
    with_policy = runpy.run_path(str(ROOT / "tools" / "policy.py"))["with_policy"]
    name = "worker.html" if worker else "slices.html"
    (folder / name).write_text(with_policy(PAGE.format(figure)), encoding="utf-8")
    return name


def measure(browser, address, updates):
    """Updates a second from the tenth on, the longest task in ms (0: none of 50), and the longest gap in ms."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(address)
    state = page.locator(".plstm-state")
    state.filter(has_text="Nothing is learned yet").wait_for()
    page.evaluate(WATCH)
    page.get_by_role("button", name="Play", exact=True).click()
    rate = page.evaluate(
        """(wanted) => new Promise((done) => {
          const node = document.querySelector(".plstm-state");
          let first = null;
          new MutationObserver(() => {
            const at = { count: parseInt(node.textContent) || 0, time: performance.now() };
            if (!first && at.count >= 10) first = at;
            if (at.count < wanted || at.count === first.count) return;
            done(1000 * (at.count - first.count) / (at.time - first.time));
          }).observe(node, { childList: true, characterData: true, subtree: true });
        })""",
        updates,
    )
    tasks, gap = page.evaluate("[window.tasks, window.gap]")
    page.close()
    return rate, max(tasks, default=0.0), gap


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="pages opened of each kind; default %(default)s")
    parser.add_argument("--updates", type=int, default=150, help="updates measured, 20 to 200; default %(default)s")
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as made:
        # V8 first: beside a browser of Playwright's it could not start.
        names = {worker: write_page(Path(made), worker) for worker in (True, False)}
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=made))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser_tool = runpy.run_path(str(ROOT / "tools" / "browser.py"))
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=browser_tool["installed"](), args=browser_tool["FLAGS"]
            )
            for worker, name in names.items():
                address = f"http://127.0.0.1:{server.server_port}/{name}"
                found = [measure(chromium, address, options.updates) for _ in range(options.repeats)]
                rate, task, gap = (statistics.median(values) for values in zip(*found))
                missed |= task > LONG or worker and rate < FAST
                print(
                    f"{'in a worker' if worker else 'without one'}: {rate:.1f} updates a second, longest task "
                    f"{f'{task:.0f} ms' if task else 'under 50 ms'}, longest gap {gap:.0f} ms (medians of {len(found)})"
                )
            chromium.close()
        server.shutdown()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
