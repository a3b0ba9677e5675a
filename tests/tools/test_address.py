"""The repository's address: the same wherever it is written, and one command changes all of it."""

import json
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "address.py"
NEW = "https://github.com/Some-One/the.book"
tool = runpy.run_path(str(TOOL))


def stated(root):
    """Every place that must hold the address, by its own name for it: {place: address}."""
    urls = tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    places = {
        "_config.yml": yaml.safe_load((root / "_config.yml").read_text())["repository"]["url"],
        "pyproject.toml": urls["Repository"],
        "CITATION.cff": citation["repository-code"],
    }
    for path in sorted((root / "book").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "".join(next(cell["source"] for cell in cells if cell["cell_type"] == "code"))
        places[path.name] = re.search(r"git\+(\S+)", code)[1]
    return places, {"pyproject.toml": urls["Book"], "CITATION.cff": citation["url"]}


@pytest.fixture
def copy(tmp_path):
    """A copy of the tracked files, itself a repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_every_place_states_the_same_address():
    places, published = stated(ROOT)
    assert len(places) > 10
    assert set(places.values()) == {tool["address"]()}
    assert set(published.values()) == {tool["pages"](tool["address"]())}


def test_one_command_changes_it_everywhere(copy):
    old = tool["address"]()
    done = subprocess.run(
        [sys.executable, copy / "tools" / "address.py", NEW], capture_output=True, text=True, check=True
    )
    places, published = stated(copy)
    assert set(places.values()) == {NEW}
    assert set(published.values()) == {"https://some-one.github.io/the.book/"}
    assert all(name in done.stdout for name in ("_config.yml", "pyproject.toml", "CITATION.cff", "book/mnist.ipynb"))
    name = old.removeprefix("https://github.com/")
    listed = subprocess.run(["git", "grep", "-l", "-F", name], cwd=copy, capture_output=True, text=True).stdout
    assert listed == "", "the old address was left somewhere"
    subprocess.run([sys.executable, copy / "tools" / "address.py", old], capture_output=True, check=True)
    for path in (copy / "book").glob("*.ipynb"):
        assert path.read_bytes() == (ROOT / "book" / path.name).read_bytes(), "there and back changed a notebook"


def test_a_longer_name_is_another_repository(copy):
    other = f"{tool['address']()}-of-another"
    (copy / "README.md").write_text(f"{tool['address']()}. See {other}, {tool['address']()}/issues\n")
    tool["change"](NEW, copy)
    assert (copy / "README.md").read_text() == f"{NEW}. See {other}, {NEW}/issues\n"


@pytest.mark.parametrize(
    "url", ["http://github.com/a/b", "https://gitlab.com/a/b", "https://github.com/a", "https://github.com/a/b.git"]
)
def test_an_address_that_colab_cannot_open_is_refused(url):
    done = subprocess.run([sys.executable, TOOL, url], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"expected an address such as https://github.com/OWNER/NAME, got {url}\n"


def test_a_repository_named_after_its_owners_pages():
    assert tool["pages"]("https://github.com/Owner/owner.github.io") == "https://owner.github.io/"
