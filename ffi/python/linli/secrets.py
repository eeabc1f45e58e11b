"""Keystores for programs that have none of their own."""

import contextlib
import errno
import os
import stat
import threading
from pathlib import Path
from typing import Dict, Optional, Union

from .linli_ffi import SecretError, SecretStore


class MemorySecrets(SecretStore):
    """Keeps secrets as long as the program runs: for tests and trials. The home is lost with them."""

    def __init__(self) -> None:
        self._kept: Dict[str, bytes] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Optional[bytes]:
        with self._lock:
            return self._kept.get(name)

    def put(self, name: str, secret: bytes) -> None:
        with self._lock:
            self._kept[name] = bytes(secret)

    def remove(self, name: str) -> None:
        with self._lock:
            self._kept.pop(name, None)


class FileSecrets(SecretStore):
    """Keeps each secret in a file of a directory that only its owner may read, as the program `phone` does.

    For a machine that has no keystore. The directory belongs in no backup: whoever has it and the home has the phone.
    What others may do with a directory that is there, and with secrets in it, is taken from them. Names are written in
    hexadecimal, so that none can leave the directory.
    """

    def __init__(self, directory: Union[str, os.PathLike]) -> None:
        self._directory = Path(directory)
        # A parent that is made on the way is nobody else's either: `mkdir` would make it by the umask alone.
        for directory in [*reversed(self._directory.parents), self._directory]:
            # Not every system says of a root that it is there when it is to be made.
            if directory.is_dir():
                continue
            try:
                directory.mkdir(mode=0o700)
            except FileExistsError:
                continue
            _sync(directory.parent)
        self._close_to_others()

    def _close_to_others(self) -> None:
        files = [file for file in self._directory.iterdir() if _is_secret(file)]
        for path, mode in [(self._directory, 0o700), *((file, 0o600) for file in files)]:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                # What belongs to another owner stays as it is.
                with contextlib.suppress(PermissionError):
                    path.chmod(mode)

    def get(self, name: str) -> Optional[bytes]:
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unavailable(error) from error

    def put(self, name: str, secret: bytes) -> None:
        beside = self._file(name).with_suffix(".new")
        try:
            # Whole or not at all, whatever happens meanwhile; and on the disk before the engine goes on.
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self._file(name))
            _sync(self._directory)
        except OSError as error:
            raise _unavailable(error) from error

    def remove(self, name: str) -> None:
        try:
            self._file(name).unlink()
            _sync(self._directory)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _unavailable(error) from error

    def _file(self, name: str) -> Path:
        return self._directory / name.encode().hex()


def _is_secret(file: Path) -> bool:
    hexadecimal = file.name.removesuffix(".new")
    return bool(hexadecimal) and set(hexadecimal) <= set("0123456789abcdef") and file.is_file()


def _sync(directory: Path) -> None:
    """Makes what was made, renamed or removed in a directory durable. Only Unix can and needs to."""
    if os.name != "posix":
        return
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


def _unavailable(error: OSError) -> SecretError:
    if error.errno in _NO_ROOM:
        return SecretError.Full()
    return SecretError.Unavailable(reason=str(error))
