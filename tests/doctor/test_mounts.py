"""What a store lies on, by tables of mounts as systems give them."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from mi6_tui.doctor.mounts import network

MOUNTS = r"""
/dev/vda1 / ext4 rw,relatime 0 0
proc /proc proc rw,nosuid 0 0
overlay /var/lib/box overlay rw,lowerdir=/a:/b 0 0
files:/export/home /net/home nfs4 rw,vers=4.2,addr=10.0.0.2 0 0
/dev/vdb1 /net/home/me/scratch xfs rw 0 0
files:/export/two\040words /net/two\040words nfs rw 0 0
me@far:/srv /mnt/far fuse.sshfs rw,user_id=1000 0 0
C:\134 /mnt/c 9p rw,dirsync,aname=drvfs 0 0
//nas/share /mnt/nas cifs rw,vers=3.1.1 0 0
/dev/vdc1 /mnt/twice ext4 rw 0 0
nas:/twice /mnt/twice nfs rw 0 0
gone:/x /mnt/lo nfs rw 0 0
portal /run/user/1000/doc fuse.portal rw 0 0
"""
"""As `/proc/self/mounts` has them."""


@pytest.fixture(autouse=True)
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "mounts").write_text(MOUNTS.lstrip())
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/home/me/.local/share/mi6.db", None),
        ("/var/lib/box/mi6.db", None),
        ("/net/home/me/mi6.db", "nfs4 at /net/home"),
        ("/net/home/me/scratch/mi6.db", None),
        ("/net/homes/mi6.db", None),
        ("/net/two words/mi6.db", "nfs at /net/two words"),
        ("/mnt/far/mi6.db", "fuse.sshfs at /mnt/far"),
        ("/mnt/c/state/mi6.db", "9p at /mnt/c"),
        ("/mnt/nas/mi6.db", "cifs at /mnt/nas"),
        ("/mnt/twice/mi6.db", "nfs at /mnt/twice"),
        ("/mnt/local/mi6.db", None),
        ("/run/user/1000/doc/mi6.db", None),
    ],
)
def test_the_nearest_mount_counts(path: str, found: str | None) -> None:
    assert network(Path(path)) == found


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/mnt/nas")
    assert network(tmp_path / "link" / "mi6.db") == "cifs at /mnt/nas"


def test_where_no_mounts_are_told_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "self" / "mounts").unlink()
    assert network(Path("/mnt/nas/mi6.db")) is None
