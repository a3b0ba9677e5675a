"""The books of earlier releases stand beside the newest one, each as it was."""

import io
import runpy
import tarfile
from pathlib import Path

import pytest

tool = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "editions.py"))


def archive(folder, version, files):
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / f"phased-lstm-book-{version}.tar.gz", "w:gz") as file:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            file.addfile(member, io.BytesIO(text.encode()))


def test_every_edition_is_put_in_its_place_and_listed(tmp_path):
    for version in ("v1.9.0", "v1.10.0"):
        archive(
            tmp_path / "a", version, {"html/index.html": version, "html/b/c.html": "c", "html/editions/index.html": ""}
        )
    (tmp_path / "a" / "plstm-1.9.0.tar.gz").write_text("another file of the release")
    tool["main"](tmp_path / "a", tmp_path / "site")
    editions = tmp_path / "site" / "editions"
    assert (editions / "v1.9.0" / "index.html").read_text() == "v1.9.0"
    assert (editions / "v1.10.0" / "b" / "c.html").exists()
    assert not (editions / "v1.10.0" / "editions").exists()
    text = (editions / "index.html").read_text()
    assert 0 < text.index("v1.10.0/index.html") < text.index("v1.9.0/index.html")


def test_no_archives_change_nothing(tmp_path, capsys):
    tool["main"](tmp_path, tmp_path / "site")
    assert not (tmp_path / "site").exists()
    assert "no editions" in capsys.readouterr().out


def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path):
    archive(tmp_path / "a", "v1.0.0", {"html/../../../evil": "x"})
    with pytest.raises(tarfile.FilterError):
        tool["main"](tmp_path / "a", tmp_path / "site")
