"""Errors of the machine that a run is on: nobody's fault here, and something that the user can do about."""

from __future__ import annotations

import errno
import re

_REMEDIES = {
    errno.ENOSPC: "The disk is full{place}. Free some space, or choose another folder with -o; TMPDIR says where temporary files go.",
    errno.EDQUOT: "Your share of the disk is used up{place}. Free some space, or choose another folder with -o.",
    errno.EFBIG: "A file may not grow so large here{place}. Raise the limit (ulimit -f), and run it again.",
    errno.EROFS: "The disk can only be read{place}. Choose another folder with -o; TMPDIR says where temporary files go.",
    errno.EACCES: "Permission denied{place}. Choose another folder with -o; TMPDIR says where temporary files go.",
    errno.EMFILE: "Too many files are open. Raise the limit (ulimit -n), and run it again.",
    errno.ENFILE: "Too many files are open on this machine. Close something, and run it again.",
    errno.ENOMEM: "There is not enough memory. Close something, or run fewer notebooks at a time with --jobs 1.",
    errno.EAGAIN: "No more processes can be started. Close something, or run fewer notebooks at a time with --jobs 1.",
}
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_HOPELESS = (*_FULL, errno.EMFILE, errno.ENFILE)


def remedy(error: BaseException) -> str:
    """What is wrong with the machine and what to do; nothing where it is not the machine."""
    if isinstance(error, MemoryError):
        return _REMEDIES[errno.ENOMEM].format(place="")
    if not isinstance(error, OSError) or error.errno not in _REMEDIES:
        return ""
    return _REMEDIES[error.errno].format(place=f" at {error.filename}" if error.filename else "")


def is_hopeless(error: BaseException) -> bool:
    """Whether no file can be written or opened any more, so that going on makes no sense."""
    return isinstance(error, OSError) and error.errno in _HOPELESS


def full_in(name: str, message: str) -> OSError | None:
    """That the disk is full, from an error that a kernel told of by its name and message."""
    found = re.match(r"\[Errno (\d+)\]", message)
    if name != "OSError" or found is None or int(found[1]) not in _FULL:
        return None
    return OSError(int(found[1]), message)
