import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from arcs_engine.foundation import lock, scratch

posix = pytest.mark.skipif(sys.platform == "win32", reason="no such signals, links or owners")


@pytest.fixture(autouse=True)
def temp_root(tmp_path, monkeypatch):
    root = tmp_path / "temp"
    root.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(root))
    return root


@pytest.fixture
def left(temp_root):
    """A folder that a killed process left, with something in it."""
    code = (
        "import os, signal; from arcs_engine.foundation import scratch\n"
        "with scratch.folder('test') as folder:\n"
        "    (folder / 'big').write_bytes(b'x')\n"
        "    print(folder, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = os.environ | {"TMPDIR": str(temp_root)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=False, env=environment, stdout=subprocess.PIPE)
    assert done.returncode == -signal.SIGKILL
    folder = Path(done.stdout.decode().strip())
    assert (folder / "big").exists()
    return folder


def test_that_a_folder_goes_with_its_block_however_that_ends(temp_root):
    with pytest.raises(KeyError), scratch.folder("test") as folder:
        (folder / "file").write_bytes(b"x")
        raise KeyError
    assert list(temp_root.iterdir()) == []


@posix
def test_that_what_a_killed_process_left_is_swept(left, temp_root):
    scratch.sweep()
    assert list(temp_root.iterdir()) == []


def test_that_a_folder_in_use_is_not_swept():
    with scratch.folder("test") as folder:
        scratch.sweep()
        assert folder.is_dir()


def test_that_a_folder_which_nobody_locked_is_the_users(temp_root):
    (temp_root / "arcs-output").mkdir(mode=0o700)
    (temp_root / "arcs-output" / "netlist.cir").write_bytes(b"x")
    scratch.sweep()
    assert (temp_root / "arcs-output" / "netlist.cir").exists()


@posix
def test_that_no_link_is_followed(left, temp_root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    (outside / "kept").write_bytes(b"x")
    (left / "link").symlink_to(outside)
    left.replace(outside / "left")
    (temp_root / "arcs-test-link").symlink_to(outside / "left")
    scratch.sweep()
    assert (outside / "left" / "big").exists()
    (outside / "left").replace(left)
    scratch.sweep()
    assert not left.exists()
    assert (outside / "kept").exists()


@posix
def test_that_a_lock_which_is_no_file_is_never_opened(left):
    """A pipe would be waited for."""
    owner = next(entry for entry in left.iterdir() if entry.name != "big")
    owner.unlink()
    os.mkfifo(owner)
    scratch.sweep()
    assert (left / "big").exists()


@posix
def test_that_a_folder_others_can_write_into_is_not_trusted(left):
    left.chmod(0o770)
    scratch.sweep()
    assert (left / "big").exists()


@posix
def test_that_another_users_folder_is_not_touched(left, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: left.stat().st_uid + 1)
    scratch.sweep()
    assert (left / "big").exists()


@pytest.mark.parametrize("kind", ["locked", "swept"])
def test_that_a_folder_which_a_sweep_was_at_is_made_again(monkeypatch, kind):
    seen = []
    take = lock.take

    def disturbed(path):
        seen.append(path)
        if len(seen) > 1:
            return take(path)
        if kind == "locked":
            return None
        taken = take(path)
        path.unlink()
        return taken

    monkeypatch.setattr(lock, "take", disturbed)
    with scratch.folder("test") as folder:
        assert len(seen) == 2
        assert seen[1].parent == folder
