"""The manifest says what is made from which results: here it is compared with what pages, verdicts and modules read."""

import ast
import json
import re
from pathlib import Path

import pytest

from plstm.lab import results, verdicts
from plstm.lab.experiments import grid
from plstm.lab.results import table
from plstm.lab.verdicts import comparison, fair, parts, quoted

ROOT = Path(__file__).parents[3]
LAB = ROOT / "plstm" / "lab"
MANIFEST = results.manifest()
# What reads published files in a page or a module, by the word before its dot, and the folder of those files.
READERS = {
    ("results", "published"): "",
    ("results", "choices"): "",
    ("table", "runs"): "",
    ("analysis", "published"): "analysis/",
    ("report", "published"): "bench/",
    ("rivals", "published"): "rivals/",
    ("rivals", "markdown"): "rivals/",
    ("fair", "entries"): "",
    ("fair", "comparisons"): "",
    ("fair_table", "markdown"): "",
    ("fair_table", "sentences"): "",
    ("fair_table", "verdict"): "",
    ("forms_table", "markdown"): "",
    ("forms_table", "sentences"): "",
    ("forms_table", "verdict"): "",
    ("parts", "entries"): "",
    ("parts", "comparisons"): "",
    ("parts_table", "markdown"): "",
    ("parts_table", "sentence"): "",
    ("parts_table", "verdict"): "",
    ("parts_table", "leaking"): "",
    ("quoted", "markdown"): "",
    ("quoted", "sentences"): "",
}
LISTING = "provenance.ipynb"  # reads all there is, to list it


def claimed(kind):
    """{user: the published names that it reads} by the manifest."""
    found = {}
    for name, uses in MANIFEST.items():
        for user in uses.get(kind, []):
            found.setdefault(user, set()).add(name)
    return found


def calls(code):
    """The calls ``word.name(...)`` of some code, as (word, name, arguments)."""
    for node in ast.walk(ast.parse(code)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            yield node.func.value.id, node.func.attr, node.args


def read_by(code, where, loops=False):
    """The published names that some code reads; they must stand in the calls, so that this test can see them.

    ``loops``: the code goes through all fair comparisons, whose names are no constants there.
    """
    found = set()
    for word, name, arguments in calls(code):
        if (word, name) in READERS and not (loops and word.startswith("fair")):
            assert arguments and isinstance(arguments[0], ast.Constant), f"{where}: name what {word}.{name} reads"
            found.add(READERS[word, name] + arguments[0].value)
    return found


@pytest.fixture
def reading(monkeypatch):
    """``reading(function)``: the published names that it reads when it is called."""
    paths, read_text = [], Path.read_text

    def recorded(path, *arguments, **options):
        paths.append(path)
        return read_text(path, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", recorded)

    def names(function):
        cached = comparison._runs, comparison._histories, fair.entries, parts.entries, parts.comparisons, quoted.entries
        for one in cached:
            one.cache_clear()
        paths.clear()
        function()
        ours = [path for path in paths if path.is_relative_to(results.FOLDER)]
        return {path.relative_to(results.FOLDER).with_suffix("").as_posix() for path in ours} - {"schema", "manifest"}

    return names


def test_every_published_file_is_in_the_manifest():
    reports = [
        f"{kind}/{path.stem}"
        for kind in ("analysis", "bench", "rivals")
        for path in (results.FOLDER / kind).glob("*.json")
    ]
    assert sorted(MANIFEST) == sorted([*results.names(), *reports])
    assert json.loads(results.store.MANIFEST.read_text()) == MANIFEST


def test_verdicts_read_what_the_manifest_says(reading):
    found = {finding.__name__: reading(finding) for finding in verdicts.FINDINGS}
    assert found == claimed("verdicts")


def test_pages_read_what_the_manifest_says(reading):
    ablations = reading(verdicts.ablations)
    through = dict.fromkeys(("ablations", "pairs", "ablation_difference"), ablations)
    through["findings"] = set().union(*claimed("verdicts").values())
    found = {}
    for path in (ROOT / "book").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        code = re.sub(r"^( *)[%!].*", r"\1pass", code, flags=re.MULTILINE)
        if path.name != LISTING:
            every_comparison = any(call[:2] == ("fair", "published") for call in calls(code))
            read = set(fair.published()) if every_comparison else set()
            read |= read_by(code, path.name, loops=every_comparison)
            read |= set().union(*(through.get(name, ()) for word, name, _ in calls(code) if word == "verdicts"))
            found |= {path.name: read} if read else {}
    assert found == claimed("pages")


def test_modules_read_what_the_manifest_says():
    found, apart = {}, {LAB / "results", LAB / "verdicts", LAB / "cli"}
    for path in (ROOT / "plstm").rglob("*.py"):
        if apart & set(path.parents):
            continue
        code, name = path.read_text(encoding="utf-8"), ".".join(path.relative_to(ROOT).with_suffix("").parts)
        read = read_by(code, name)
        if "of the published results" in code:  # as a docstring says that quotes their numbers
            read |= {one for one in results.names() if f'``"{one}"``' in code}
        found |= {name: read} if read else {}
    assert found == claimed("modules")


def test_files_that_name_runs_by_their_hashes_are_in_the_manifest():
    hashes = {name: table.runs(name)["run"] for name in results.names()}
    found = {}
    for path in LAB.rglob("*.json"):
        if path.parent == results.FOLDER:
            continue
        text = path.read_text(encoding="utf-8")
        read = {name for name, of_name in hashes.items() if any(one in text for one in of_name)}
        found |= {path.relative_to(LAB).as_posix(): read} if read else {}
    assert found == claimed("files")


def test_every_run_is_of_a_grid_or_a_report_of_a_command():
    for name, uses in MANIFEST.items():
        assert set(uses) <= {"grids", "command", "pages", "verdicts", "modules", "files"}
        assert bool(uses.get("grids")) != bool(uses.get("command")), name
    for name in results.names():
        runs = [{**run["result"]["config"], "engine": None} for run in results.published(name)]
        for file in MANIFEST[name]["grids"]:
            asked = [{**config.as_dict(), "engine": None} for config in grid.read(ROOT / "grids" / file)]
            assert any(config in asked for config in runs), f"expected runs of {file} in {name}, found none"


def test_a_page_that_hides_what_it_reads_is_found():
    assert read_by("a = table.runs('x')\nb = report.published('y')", "page") == {"x", "bench/y"}
    with pytest.raises(AssertionError, match="page: name what results.published reads"):
        read_by("results.published(name)", "page")
