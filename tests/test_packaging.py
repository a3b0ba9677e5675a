"""The package as others get it: one version, loose requirements, exact pins, a complete wheel, a light import."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import plstm

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = [
    line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.lstrip().startswith("#")
]


def requirements(*extras):
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(text) for texts in lists for text in texts]


def test_one_version():
    assert metadata.version("plstm") == plstm.__version__
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == plstm.__version__


def test_requirements_are_lower_bounds():
    """An exact or upper bound breaks the environments of others; Jupyter Book's is the one with a reason."""
    for requirement in requirements("book", "sweep", "dev", "gpu"):
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
    for requirement in requirements("book", "sweep", "dev"):
        same = [pin for pin in pins if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
        assert same, f"{requirement} is not in requirements.txt: make lock"
        for pin in same:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version), f"{pin} is outside {requirement}: make lock"


def test_environment_is_what_is_pinned():
    for pin in map(Requirement, PINS):
        if pin.marker is None or pin.marker.evaluate():
            assert pin.specifier.contains(metadata.version(pin.name)), (
                f"{pin.name} {metadata.version(pin.name)}, pinned {pin}"
            )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    files = subprocess.run(
        ["git", "ls-files", "-z", "--", "plstm", "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, files):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    command = ["pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder), str(source)]
    subprocess.run([sys.executable, "-m", *command], check=True)
    (path,) = folder.glob("*.whl")
    return path, [name for name in files if name.startswith("plstm/")]


def test_wheel_holds_the_package_and_nothing_else(wheel):
    path, package = wheel
    names = zipfile.ZipFile(path).namelist()
    assert sorted(name for name in names if ".dist-info/" not in name) == sorted(package)
    assert any(name.endswith("LICENSE") for name in names)


@pytest.mark.parametrize("module", ["keras", "tensorflow", "numba", "ray", "matplotlib"])
def test_import_is_light(module):
    code = f"import plstm, sys; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0, f"`import plstm` loads {module}"
