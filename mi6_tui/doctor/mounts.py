"""Which file system a file lies on, as far as it matters to a store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from mi6_tui.ingest.problem import as_text

_NETWORK: Final = frozenset(
    [
        *(
            "9p",
            "afpfs",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "coda",
            "davfs",
            "drvfs",
            "gfs2",
            "glusterfs",
            "gpfs",
        ),
        *(
            "lustre",
            "nfs",
            "nfs4",
            "ocfs2",
            "prl_fs",
            "smb3",
            "smbfs",
            "vboxsf",
            "virtiofs",
            "vmhgfs",
            "webdav",
        ),
        *("fuse.ceph-fuse", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse"),
    ]
)
"""Kinds of file systems that another machine may change, too, or the host of this one."""


def network(path: Path) -> str | None:
    """The kind and place of the file system over a network that `path` lies on; None: on none, or unknown."""
    import psutil  # late, as all here that is slow to load

    try:
        mounts = psutil.disk_partitions(all=True)
    except (OSError, RuntimeError):
        return None
    wanted = os.path.realpath(path)
    # The longest is the nearest; of several at one place the last one is seen.
    over = [one for one in mounts if _lies_in(wanted, one.mountpoint)]
    nearest = max(reversed(over), key=lambda one: len(one.mountpoint), default=None)
    if nearest is None or nearest.fstype.casefold() not in _NETWORK:
        return None
    return f"{as_text(nearest.fstype)} at {as_text(nearest.mountpoint)}"


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
