"""Writing files that must be whole or not there at all: keys, secrets, manifests."""

import os
from pathlib import Path
from uuid import uuid4


def write_new(path: Path, content: bytes, *, mode: int = 0o600) -> bool:
    """Write a file that does not exist yet, whole and on disk; False when another process was first."""
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    _write(part, content, mode)
    try:
        os.link(part, path)  # unlike rename, never overwrites
    except FileExistsError:
        return False
    finally:
        part.unlink()
    sync_folder(path.parent)
    return True


def replace(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file over an older one, whole and on disk."""
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    _write(part, content, mode)
    part.replace(path)
    sync_folder(path.parent)


def make_private_folder(path: Path) -> None:
    """A folder only its owner may enter; one that is there keeps its owner and gets the mode."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def sync_folder(folder: Path) -> None:
    """Bring to the disk which files a folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()  # half a file, or a key nobody would think of destroying
        raise
