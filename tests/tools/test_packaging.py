"""The package as others get it: one version, loose requirements, exact pins, a complete wheel, a light import."""

import re
import runpy
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import plstm

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = [
    line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.lstrip().startswith("#")
]


def requirements(*extras):
    """What the package asks for with these extras; an extra may name others, as in ``plstm[lab]``."""
    found = [Requirement(text) for text in PROJECT["dependencies"]]
    for extra in extras:
        for requirement in map(Requirement, PROJECT["optional-dependencies"][extra]):
            found += requirements(*requirement.extras) if requirement.name == "plstm" else [requirement]
    return found


def test_one_version():
    assert metadata.version("plstm") == plstm.__version__
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == plstm.__version__


def test_requirements_are_lower_bounds():
    """An exact or upper bound breaks the environments of others; Jupyter Book's is the one with a reason."""
    for requirement in requirements(*PROJECT["optional-dependencies"]):
        operators = {specifier.operator for specifier in requirement.specifier}
        expected = {">=", "<"} if requirement.name == "jupyter-book" else {">="}
        assert operators == expected, requirement


def test_pins_are_exact_and_name_no_place():
    for line in PINS:
        requirement = Requirement(line)
        assert requirement.url is None, line
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], line
    assert not re.search(r"https?://|file:|^\s*-", (ROOT / "requirements.txt").read_text(), re.MULTILINE)


def test_every_requirement_is_pinned_within_its_bounds():
    pins = [Requirement(line) for line in PINS]
    for requirement in requirements("book", "events", "real", "sweep", "dev"):
        same = [pin for pin in pins if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
        assert same, f"{requirement} is not in requirements.txt: make lock"
        for pin in same:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version), f"{pin} is outside {requirement}: make lock"


def test_lowest_versions_are_the_bounds():
    """``make test-oldest`` tests what pyproject.toml promises; 6.0 stands for the first 6.0."""
    lines = (ROOT / "tools" / "lowest.txt").read_text().splitlines()
    lowest = {canonicalize_name(r.name): r for r in map(Requirement, (s for s in lines if s and not s.startswith("#")))}
    for requirement in requirements("lab", "tensorflow", "events", "sweep"):
        pin = lowest[canonicalize_name(requirement.name)]
        (bound,) = requirement.specifier
        assert pin.specifier.contains(bound.version), f"{pin} is not the bound of {requirement}: make lock"


def test_environment_is_what_is_pinned():
    for pin in map(Requirement, PINS):
        if pin.marker is None or pin.marker.evaluate():
            assert pin.specifier.contains(metadata.version(pin.name)), (
                f"{pin.name} {metadata.version(pin.name)}, pinned {pin}"
            )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The source archive and the wheel that ``make dist`` makes."""
    return runpy.run_path(str(ROOT / "tools" / "dist.py"))["build"](tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def package():
    """The files of the package that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", "plstm"], cwd=ROOT, check=True, capture_output=True).stdout
    return sorted(name for name in listed.decode().split("\0") if name and (ROOT / name).is_file())


def test_wheel_holds_the_package_and_nothing_else(built, package):
    names = zipfile.ZipFile(built[1]).namelist()
    assert sorted(name for name in names if ".dist-info/" not in name) == package
    assert any(name.endswith("LICENSE") for name in names)


@pytest.mark.parametrize("pattern", ["live/*.mjs", "live/digits.json", "results/*.json", "results/schema.json"])
def test_package_has_what_a_reader_without_the_repository_needs(package, pattern):
    assert [name for name in package if fnmatch(name, f"plstm/lab/{pattern}")]


def test_source_archive_holds_the_package_and_its_papers(built, package):
    with tarfile.open(built[0]) as file:
        names = [member.name.partition("/")[2] for member in file.getmembers() if member.isfile()]
    papers = {"CHANGELOG.md", "CITATION.cff", "LICENSE", "MANIFEST.in", "README.md", "pyproject.toml"}
    made = {"PKG-INFO", "setup.cfg", *(name for name in names if name.startswith("plstm.egg-info/"))}
    assert set(names) - made == {*package, *papers}


def test_an_earlier_wheel_makes_room(tmp_path):
    (tmp_path / "plstm-0.0.1-py3-none-any.whl").write_text("old")
    runpy.run_path(str(ROOT / "tools" / "dist.py"))["build"](tmp_path)
    assert len(list(tmp_path.glob("*.whl"))) == 1


def test_the_library_asks_for_three_packages():
    assert {requirement.name for requirement in requirements()} == {"keras", "numba", "numpy"}


@pytest.mark.parametrize("module", ["keras", "tensorflow", "numba", "ray", "matplotlib"])
def test_import_is_light(module):
    code = f"import plstm, sys; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0, f"`import plstm` loads {module}"
