"""The data folder is its owner's alone: it holds log lines, credentials' seals and the key."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_FOLDER, _FILE = 0o700, 0o600


def make_for_owner(folder: Path, file: Path | None = None) -> None:
    """Make the folder, and the file in it, before anybody else does so with the rights that the process happens to have.

    Cheap: for each process that opens the store, the one-line command and the script too. A folder of ours that others
    could read is closed to them: that covers whatever lies in it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER)
    _mend(folder, _FOLDER)
    if file is not None and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER)
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, _FILE))


def keep_to_owner(data: Path) -> int:
    """From now on this process makes files for their owner only; what is there already is mended. Returns how much.

    What belongs to somebody else is left as it is: he decides.
    """
    os.umask(0o077)
    data.mkdir(parents=True, exist_ok=True, mode=_FOLDER)
    mended = int(_mend(data, _FOLDER))
    for folder, names, files in os.walk(data):
        mended += sum(_mend(Path(folder, name), _FOLDER) for name in names)
        mended += sum(_mend(Path(folder, name), _FILE) for name in files)
    return mended


def _mend(path: Path, mode: int) -> bool:
    with suppress(OSError):
        found = path.lstat()
        if found.st_mode & 0o077 and found.st_uid == os.getuid() and not path.is_symlink():
            path.chmod(mode)
            return True
    return False
