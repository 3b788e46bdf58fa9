import errno
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from arcs_engine.analysis import design_file
from arcs_engine.foundation.errors import FileError
from arcs_engine.foundation.files import read_bounded, replace_whole

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other files")
no_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="nothing is closed to root"
)
OLD, NEW = b"old", b"new\n" * 1000


@pytest.fixture
def folder(tmp_path):
    """A folder in which nothing but what a test puts there may be left."""
    inner = tmp_path / "folder"
    inner.mkdir()
    return inner


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_that_a_new_file_has_the_mode_that_the_user_gives_new_files(folder, mask):
    before = os.umask(mask)
    try:
        replace_whole(folder / "design.json", NEW)
    finally:
        os.umask(before)
    file = folder / "design.json"
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (NEW, 0o666 & ~mask)
    assert names(folder) == ["design.json"]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755])
def test_that_a_file_keeps_its_mode_and_owner(folder, mode):
    file = folder / "design.json"
    file.write_bytes(OLD)
    if os.geteuid() == 0:
        os.chown(file, 12345, 23456)
    file.chmod(mode)
    before = file.stat()
    replace_whole(file, NEW)
    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert file.read_bytes() == NEW


@posix
def test_that_a_secret_is_never_readable_by_others_on_its_way(folder, monkeypatch):
    file = folder / "design.json"
    file.write_bytes(OLD)
    file.chmod(0o600)
    modes = []
    monkeypatch.setattr(os, "fsync", lambda number: modes.append(os.fstat(number).st_mode))
    replace_whole(file, NEW)
    assert stat.S_IMODE(modes[0]) == 0o600


@posix
@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("there", [True, False])
def test_that_a_link_stays_and_what_it_leads_to_is_written(folder, relative, there):
    other = folder / "other"
    other.mkdir()
    if there:
        (other / "real.json").write_bytes(OLD)
    (folder / "second").symlink_to(Path("other/real.json") if relative else other / "real.json")
    (folder / "first").symlink_to("second")
    replace_whole(folder / "first", NEW)
    assert (folder / "first").is_symlink() and (folder / "second").is_symlink()
    assert (other / "real.json").read_bytes() == NEW
    assert (names(folder), names(other)) == (["first", "other", "second"], ["real.json"])


@posix
def test_that_a_pipe_gets_the_content_and_stays_a_pipe(folder):
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    (folder / "link").symlink_to("pipe")
    with ThreadPoolExecutor() as readers:
        for path in (pipe, folder / "link"):
            got = readers.submit(pipe.read_bytes)
            replace_whole(path, NEW)
            assert got.result() == NEW
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(folder) == ["link", "pipe"]


@posix
@pytest.mark.parametrize(("minor", "full"), [(3, False), (7, True)])
def test_that_a_device_is_written_into_and_stays_a_device(folder, minor, full):
    """A copy of /dev/null and of /dev/full; never the ones that the machine needs."""
    device = folder / "device"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        device.open("wb").close()
    except PermissionError:
        pytest.skip("no device can be made here")
    if full:
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            replace_whole(device, NEW)
    else:
        replace_whole(device, NEW)
    assert stat.S_ISCHR(device.stat().st_mode)
    assert device.stat().st_rdev == os.makedev(1, minor)
    assert names(folder) == ["device"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_that_standard_output_is_written_where_it_stands(folder, kind):
    """Through a link such as /dev/stdout is; a file behind it is gone on with, not replaced."""
    (folder / "stdout").symlink_to("/proc/self/fd/1")
    code = (
        "import sys; from pathlib import Path\n"
        "from arcs_engine.foundation.files import replace_whole\n"
        "print('before', flush=True); replace_whole(Path(sys.argv[1]), b'content\\n')\n"
        "print('after')"
    )
    command = [sys.executable, "-c", code, str(folder / "stdout")]
    if kind == "pipe":
        out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    else:
        with (folder / "out.txt").open("wb") as file:
            subprocess.run(command, stdout=file, check=True)
        out = (folder / "out.txt").read_bytes()
    assert out == b"before\ncontent\nafter\n"
    assert (folder / "stdout").is_symlink()


def test_that_a_draft_is_on_the_disk_before_it_takes_the_place(folder, monkeypatch):
    order = []
    fsync, replace = os.fsync, Path.replace

    def synced(number):
        order.append("folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "file")
        fsync(number)

    def replaced(draft, place):
        assert draft.read_bytes() == NEW
        order.append("replaced")
        return replace(draft, place)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    replace_whole(folder / "design.json", NEW)
    assert order == ["file", "replaced", *([] if sys.platform == "win32" else ["folder"])]


def test_that_a_name_as_long_as_names_can_be_is_written(folder):
    name = "µ" * 120 + ".json"
    replace_whole(folder / name, NEW)
    replace_whole(folder / name, OLD)
    assert (folder / name).read_bytes() == OLD
    assert names(folder) == [name]


def refused(path):
    """The sentence with which a path is refused."""
    with pytest.raises(FileError) as caught:
        design_file.write(path, NEW)
    text = str(caught.value)
    assert text.startswith(f"{path} cannot be written: ") and text.endswith(".")
    assert "\n" not in text
    return text


def test_that_a_folder_is_not_written_over(folder):
    (folder / "inner").mkdir()
    assert "is a directory" in refused(folder / "inner")
    assert "is a directory" in refused(Path())
    assert "is a directory" in refused(folder / "inner" / "..")
    assert names(folder) == ["inner"]


def test_that_a_missing_folder_is_named_as_it_is(folder):
    assert f"there is no folder {folder / 'Missing'}" in refused(folder / "Missing" / "design.json")
    assert names(folder) == []


@posix
def test_that_links_in_a_circle_are_refused(folder):
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    assert os.strerror(errno.ELOOP)[1:] in refused(folder / "one")
    assert names(folder) == ["one", "two"]


@no_root
def test_that_a_read_only_folder_and_a_read_only_file_stay_as_they_are(folder):
    file = folder / "design.json"
    file.write_bytes(OLD)
    file.chmod(0o444)
    assert "permission denied" in refused(file)
    file.chmod(0o644)
    folder.chmod(0o555)
    try:
        assert "permission denied" in refused(file)
        assert "permission denied" in refused(folder / "new.json")
    finally:
        folder.chmod(0o755)
    assert (file.read_bytes(), names(folder)) == (OLD, ["design.json"])


@posix
@pytest.mark.parametrize("there", [True, False])
def test_that_a_full_disk_keeps_the_old_content_and_leaves_no_draft(folder, there):
    """The system refuses to let a file grow, as a full disk does."""
    file = folder / "design.json"
    if there:
        file.write_bytes(OLD)
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        text = refused(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert os.strerror(errno.EFBIG)[1:] in text
    assert names(folder) == (["design.json"] if there else [])
    if there:
        assert file.read_bytes() == OLD


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_that_a_failure_at_any_step_keeps_the_old_content_and_leaves_no_draft(
    folder, monkeypatch, step
):
    file = folder / "design.json"
    file.write_bytes(OLD)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os if step == "fsync" else Path, step, full)
    assert "no space left on device" in refused(file)
    assert (file.read_bytes(), names(folder)) == (OLD, ["design.json"])


@posix
def test_that_reading_is_bounded_also_where_no_size_is_known(folder):
    pipe = folder / "pipe"
    os.mkfifo(pipe)

    def endless():
        with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 1000)

    with ThreadPoolExecutor() as writers:
        writers.submit(endless)
        with pytest.raises(OSError, match="too large"):
            read_bounded(pipe, 10_000)
    (folder / "file").write_bytes(OLD)
    assert read_bounded(folder / "file", len(OLD)) == OLD
    with pytest.raises(OSError, match="too large"):
        read_bounded(folder / "file", len(OLD) - 1)
