"""Files to send: written without a name, gone when they are closed, and called what they hold."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO, TextIO, cast

from django.conf import settings

from podium.blobs.archives.writing import ZipWriter, writing_zip

_LONGEST_NAME = 120
_NOT_IN_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+')
_OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class WrittenFile:
    """A file to send; whoever takes it closes it. `history` says how the chain of events ended when it was written."""

    content: BinaryIO
    name: str
    media_type: str
    history: str = ""


def file_stem(title: str) -> str:
    """The title as the name of a file that every system takes, without its ending."""
    safe = _NOT_IN_NAME.sub("_", title)[:_LONGEST_NAME].strip(" .")
    return f"_{safe}" if _OF_WINDOWS.match(safe) else safe or "board"


def add(archive: ZipWriter, name: str, content: BinaryIO) -> None:
    """Put an open file into the zip under a name, and close it."""
    with content:
        size = content.seek(0, io.SEEK_END)
        content.seek(0)
        archive.add(name, content, size, packed=False)


def text_file(write: Callable[[TextIO], None]) -> BinaryIO:
    """A file, open at its beginning, with the text that `write` writes."""
    file = _file()
    try:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="", write_through=False)
        write(text)
        text.flush()
        text.detach()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def zip_file(write: Callable[[ZipWriter], None]) -> BinaryIO:
    """A file, open at its beginning, with the members that `write` adds."""
    file = _file()
    try:
        with writing_zip(file) as archive:
            write(archive)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _file() -> BinaryIO:
    return cast("BinaryIO", TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR))
