"""Where the solver's machine code is kept: never lost, never somebody else's, never all over."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from arcs_engine.foundation import machine_code
from arcs_engine.foundation.errors import FileError

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="each user has a folder there")
OWN = f"arcs-{os.getuid()}" if sys.platform != "win32" else "arcs"


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "arcs"


@pytest.fixture
def no_cache(tmp_path, monkeypatch):
    """A cache folder that cannot be made, whoever tries."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))


def fill(folder: Path, count: int) -> None:
    """Store machine code, as numba would."""
    (folder / "steady_1").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / "steady_1" / f"f{number}.1.nbc").write_bytes(bytes([number]))
        (folder / "steady_1" / f"f{number}.nbi").write_bytes(b"index")


def test_that_machine_code_is_kept_in_the_users_cache(cache, temporary):
    folder = machine_code.place("v1")
    assert folder == cache / "kernels" / "v1"
    assert machine_code.is_usual(folder)
    assert list(folder.iterdir()) == []
    assert list(temporary.iterdir()) == []


def test_that_each_version_has_a_folder_of_its_own(cache, temporary):
    assert machine_code.place("v1") != machine_code.place("v2")


@POSIX
def test_that_without_a_cache_it_is_kept_where_only_this_user_can_enter(no_cache, temporary):
    folder = machine_code.place("v1")
    assert folder == temporary / OWN / "kernels" / "v1"
    assert not machine_code.is_usual(folder)
    assert (temporary / OWN).stat().st_mode & 0o777 == 0o700
    fill(folder, 2)
    assert machine_code.place("v1") == folder
    assert machine_code.stored(folder) == 2
    assert [file.name for file in temporary.iterdir()] == [OWN]


def _link(place: Path) -> None:
    elsewhere = place.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    place.symlink_to(elsewhere)


@POSIX
@pytest.mark.parametrize(
    "occupy",
    [_link, Path.touch, lambda place: (place.mkdir(), place.chmod(0o755))],
    ids=["link", "file", "open to others"],
)
def test_that_what_others_could_have_written_is_not_taken(no_cache, temporary, occupy):
    occupy(temporary / OWN)
    with pytest.raises(FileError, match=r"cannot be stored, neither in .* nor in .*XDG_CACHE_HOME"):
        machine_code.place("v1")


@POSIX
def test_that_the_folder_of_another_user_is_not_taken(no_cache, temporary, monkeypatch):
    machine_code.place("v1")
    other = os.getuid() + 1
    (temporary / OWN).rename(temporary / f"arcs-{other}")
    monkeypatch.setattr(os, "getuid", lambda: other)
    with pytest.raises(FileError):
        machine_code.place("v1")


@POSIX
def test_that_processes_share_one_folder_and_leave_no_other_behind(tmp_path):
    """Once there was a folder for each process."""
    (tmp_path / "file").touch()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    code = "from arcs_engine.simulation.steady.compiled import cache_folder; print(cache_folder())"
    places = {"TMPDIR": str(temporary), "XDG_CACHE_HOME": str(tmp_path / "file")}
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | places,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    }
    (folder,) = said
    assert Path(folder.strip()).is_relative_to(temporary / OWN)
    assert [file.name for file in temporary.iterdir()] == [OWN]


@POSIX
def test_that_a_complete_cache_that_cannot_be_written_is_not_compiled_again(
    cache, temporary, monkeypatch
):
    """The home of an image that was made with ARCS compiled may be mounted read-only."""
    usual = machine_code.place("v1")
    fill(usual, 3)
    machine_code.mark_complete(usual)
    monkeypatch.setattr(machine_code, "_can_be_written", lambda _: False)
    other = machine_code.place("v1")
    assert other.is_relative_to(temporary)
    assert machine_code.is_complete(other)
    assert (other / "steady_1" / "f2.1.nbc").read_bytes() == b"\2"
    (usual / "complete").unlink()  # what is there by now is not copied again
    assert machine_code.is_complete(machine_code.place("v1"))


@POSIX
def test_that_half_a_cache_is_not_taken_for_a_whole_one(cache, temporary, monkeypatch):
    fill(machine_code.place("v1"), 3)
    monkeypatch.setattr(machine_code, "_can_be_written", lambda _: False)
    assert machine_code.stored(machine_code.place("v1")) == 0


def test_that_it_is_complete_only_while_everything_is_there(tmp_path):
    assert not machine_code.is_complete(tmp_path)
    fill(tmp_path, 3)
    assert not machine_code.is_complete(tmp_path)
    machine_code.mark_complete(tmp_path)
    assert machine_code.is_complete(tmp_path)
    next(tmp_path.rglob("*.nbc")).unlink()
    assert not machine_code.is_complete(tmp_path)
    fill(tmp_path, 3)
    assert machine_code.is_complete(tmp_path)


@pytest.mark.parametrize("mark", ["", "three", "0"])
def test_that_a_mark_that_cannot_be_read_is_none(tmp_path, mark):
    fill(tmp_path, 3)
    (tmp_path / "complete").write_text(mark)
    assert not machine_code.is_complete(tmp_path)
    assert not machine_code.is_complete(tmp_path / "nowhere")
