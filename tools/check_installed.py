"""Check that an installed plstm works as README says. Run in an empty folder, by the Python of that installation.

usage: python -P check_installed.py REPOSITORY library|laboratory        (only its README is read)
"""

import re
import subprocess
import sys
import time
from pathlib import Path

IMPORT_SECONDS = 0.5
# Packages that only the laboratory needs, and backends other than the installed one.
LABORATORY = ("matplotlib", "pandas", "seaborn", "anywidget", "IPython", "sklearn", "mlxtend", "tensorflow")
HEAVY = ("keras", "tensorflow", "numba", "matplotlib", "ipywidgets")


def run(*command):
    """Standard output of a command; if it fails, the check ends with its whole output."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)[:200]}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def python(code):
    """Standard output of a piece of Python; ``-P`` keeps the folder it runs in off the path."""
    return run(sys.executable, "-P", "-c", code)


def check_import():
    """``import plstm`` loads no heavy packages and is fast; the best of five, because a machine may be busy."""
    loaded = python(f"import plstm, sys; print(*[name for name in {HEAVY} if name in sys.modules])").split()
    if loaded:
        sys.exit(f"expected `import plstm` to load none of {', '.join(HEAVY)}, got {', '.join(loaded)}")
    code = "import time; start = time.perf_counter(); import plstm; print(time.perf_counter() - start)"
    best = min(float(python(code)) for _ in range(5))
    if best > IMPORT_SECONDS:
        sys.exit(f"expected `import plstm` in {IMPORT_SECONDS} s, got {best:.2f} s")
    return f"{1000 * best:.0f} ms, without {', '.join(HEAVY)}"


def check_place():
    """The package is the installed one, not a repository on the path."""
    where = python("import plstm; print(plstm.__file__)").strip()
    if not Path(where).is_relative_to(sys.prefix):
        sys.exit(f"expected plstm inside {sys.prefix}, got {where}")
    return where


def check_absent():
    """No package of the laboratory was installed."""
    found = python(f"import importlib.util as u; print(*[name for name in {LABORATORY} if u.find_spec(name)])").split()
    if found:
        sys.exit(f"expected the library without {', '.join(LABORATORY)}, got {', '.join(found)}")
    return f"without {', '.join(LABORATORY)}"


def check_readme(repository, count=None):
    """README's Python examples, or the first ``count`` of them, run unchanged."""
    text = (Path(repository) / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if not examples:
        sys.exit("expected Python examples in README.md, got none")
    last = python("\n".join(examples[:count])).strip().splitlines()[-1]
    return f"{len(examples[:count])} example(s), one after another; the last line: {last.strip()}"


def check_train():
    """Twenty steps of training, then the same command again: it finds the run finished."""
    command = [str(Path(sys.executable).with_name("plstm")), "train", "mnist", "--steps", "20", "--out", "a run"]
    first, again = run(*command), run(*command)
    if first.splitlines()[0] != again.splitlines()[0]:
        sys.exit(f"expected a finished run to print the same again, got\n{first}{again}")
    return first.splitlines()[0]


def check_info():
    """``plstm info`` lists the contents of the wheel."""
    lines = dict(
        line.split(maxsplit=1) for line in run(str(Path(sys.executable).with_name("plstm")), "info").split("\n") if line
    )
    for name in ("tensorflow", "engines", "MNIST", "results"):
        if name not in lines:
            sys.exit(f"expected plstm info to say {name}, got {', '.join(lines)}")
    if "none" in lines["results"]:
        sys.exit("expected published results in the wheel, got none")
    return f"engines {lines['engines']}; results {lines['results']}"


def check_figure():
    """A live figure writes its page, the modules beside it; the shell script opens it in a browser if there is one."""
    python(
        "import os; os.environ['PLSTM_LIVE'] = 'page'; import plstm; from plstm.lab.live import javascript\n"
        "page = '<!doctype html><meta charset=utf-8><title>gate</title>'\n"
        "page += plstm.explore_gate()._repr_mimebundle_()['text/html']\n"
        "page += '<script type=module>import \\'./gate.mjs\\'; import \\'./host.mjs\\'</script>'\n"
        "open('figure.html', 'w', encoding='utf-8').write(page)\n"
        "for name in javascript.names():\n"
        "    open(f'{name}.mjs', 'w', encoding='utf-8').write(javascript.source(name))\n"
    )
    return f"figure.html, {Path('figure.html').stat().st_size} bytes"


def main(repository, storey):
    checks = [("installed", check_place), ("import", check_import)]
    if storey == "library":
        checks += [("absent", check_absent), ("README", lambda: check_readme(repository, count=1))]
    else:
        checks += [("README", lambda: check_readme(repository)), ("train", check_train)]
        checks += [("info", check_info), ("figure", check_figure)]
    for name, check in checks:
        start = time.perf_counter()
        answer = check()
        print(f"{name:<10} {time.perf_counter() - start:5.1f} s  {answer}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
