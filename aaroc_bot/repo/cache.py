"""Readings kept on disk by the content that they depend on: a restart reads nothing twice.

A file that was written by anything else, or by another version, is read anew.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

KEPT_DAYS = 60


def key(*parts: object) -> str:
    """Hash what a reading depends on."""
    text = json.dumps(parts, sort_keys=True, default=_digest)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(value: object) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else str(value)


T = TypeVar("T")


class Cache(Generic[T]):
    """Values of one type, in memory and, unless told otherwise, in a private folder."""

    def __init__(self, folder: Path, type: type[T]) -> None:
        """Keep values in `folder`, which nobody else can read."""
        self._folder = folder
        self._adapter = TypeAdapter(type)
        self._memory: dict[str, T] = {}
        self._used: set[str] = set()

    def get(self, key: str) -> T | None:
        """Give a value, None if it is not there or cannot be used."""
        self._used.add(key)
        if key in self._memory:
            return self._memory[key]
        path = self._folder / key
        try:
            value = self._adapter.validate_json(path.read_bytes())
            os.utime(path)
        except (OSError, ValidationError):
            return None
        self._memory[key] = value
        return value

    def put(self, key: str, value: T, *, disk: bool) -> None:
        """Keep a value; one that cannot be written is kept in memory, and read anew one day."""
        self._memory[key] = value
        self._used.add(key)
        if disk:
            with contextlib.suppress(OSError):
                self._write(key, value)

    def _write(self, key: str, value: T) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder)  # private, and whole or not there
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(self._adapter.dump_json(value))
            Path(name).replace(self._folder / key)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def forget_unused(self) -> None:
        """Drop what was not asked for since this was called last, from disk after long."""
        self._memory = {key: self._memory[key] for key in self._used & set(self._memory)}
        before = time.time() - KEPT_DAYS * 86400
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if path.name not in self._used and path.stat().st_mtime < before:
                    path.unlink(missing_ok=True)
        self._used = set()
