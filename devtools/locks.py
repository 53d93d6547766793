"""Locks between ``./dev`` commands, and folders that are either whole or absent.

The locks are ``flock`` locks: the kernel gives them back when their holder dies, so
a killed command leaves nothing that has to be cleaned up by hand.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from .console import say

STAMP = ".complete"


@contextlib.contextmanager
def exclusive(path, busy_message=""):
    """Hold the lock file ``path`` alone; while another has it, say so and wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if busy_message:
                say(f"    waiting: {busy_message}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def is_complete(folder, key=""):
    """Whether the folder was finished, and for this ``key``."""
    stamp = Path(folder) / STAMP
    return stamp.is_file() and stamp.read_text() == key


def mark_complete(folder, key=""):
    (Path(folder) / STAMP).write_text(key)


@contextlib.contextmanager
def folder_made_whole(target, key=""):
    """Yield an empty folder that becomes ``target`` only if all went well.

    An interrupted download or unpacking thus never passes for a whole one. What an
    earlier, killed command left half made is removed; call it under a lock.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}.part-"
    for leftover in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield part
        part.chmod(0o755)  # mkdtemp's 0700 would shut out the database's own user
        mark_complete(part, key)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
