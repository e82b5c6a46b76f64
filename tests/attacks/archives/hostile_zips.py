"""Archives that want to be more, or somewhere else, than they seem; each made in memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.unit.blobs.archives.zips import (
    DIRECTORY,
    LINK,
    LOCAL,
    PIPE,
    member_of_kind,
    with_announced_size,
    with_field,
    with_raw_name,
    zip_bytes,
)

_DEVICE = 0o020666


def _bomb() -> bytes:
    return zip_bytes([("zeros", bytes(32 << 20))])


def _overlapping() -> bytes:
    """A hundred members that are all the same bytes (as in D. Fifield, A better zip bomb, 2019)."""
    one = zip_bytes([("000", bytes(1 << 20))])
    start = one.index(DIRECTORY)
    entry, end = one[start : one.index(b"PK\x05\x06")], bytearray(one[one.index(b"PK\x05\x06") :])
    entries = b"".join(entry.replace(b"000", f"{number:03}".encode()) for number in range(100))
    struct.pack_into("<HHLL", end, 8, 100, 100, len(entries), start)
    return one[:start] + entries + bytes(end)


def _many_members() -> bytes:
    return zip_bytes([(f"{number}", b"") for number in range(20_001)])


def _long_directory() -> bytes:
    """An end that says the list of members has four gigabytes."""
    content = bytearray(zip_bytes([("a", b"1")]))
    struct.pack_into("<L", content, content.rindex(b"PK\x05\x06") + 12, 0xFFFFFFF0)
    return bytes(content)


def _zip64_lie() -> bytes:
    """Sizes of 2**63 in the records that are for large members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a", "w", force_zip64=True) as member:
        member.write(b"1")
    content = with_field(buffer.getvalue(), DIRECTORY, 20, b"\xff" * 8)
    extra = struct.pack("<HHQQ", 1, 16, 1 << 63, 1 << 63)
    start = content.index(DIRECTORY)
    return (
        content[: start + 30]
        + struct.pack("<H", len(extra))
        + content[start + 32 : start + 47]
        + extra
        + content[start + 47 :]
    )


def _encrypted() -> bytes:
    flag = struct.pack("<H", 1)
    return with_field(with_field(zip_bytes([("a", b"1")]), LOCAL, 6, flag), DIRECTORY, 8, flag)


def _another_method() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", bytes(1 << 20))
    return buffer.getvalue()


def _wrong_checksum() -> bytes:
    good = zip_bytes([("a", b"content")])
    checksum = struct.pack("<L", zlib.crc32(b"content") ^ 1)
    return with_field(with_field(good, LOCAL, 14, checksum), DIRECTORY, 16, checksum)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "bomb": _bomb,
    "overlapping members": _overlapping,
    "more than it announces": lambda: with_announced_size(zip_bytes([("a", bytes(1 << 20))]), 10),
    "less than it announces": lambda: with_announced_size(zip_bytes([("a", b"1")]), 1 << 20),
    "too many members": _many_members,
    "endless list of members": _long_directory,
    "sizes of 64 bits": _zip64_lie,
    "way up": lambda: zip_bytes([("good", b"1"), ("../../escaped", b"2")]),
    "way up in the middle": lambda: zip_bytes([("a/../../escaped", b"2")]),
    "absolute name": lambda: zip_bytes([("/tmp/escaped", b"2")]),
    "name of another system": lambda: zip_bytes([("..\\escaped", b"2"), ("C:/escaped", b"2")]),
    "symbolic link": lambda: zip_bytes([(member_of_kind("link", LINK), b"/etc/passwd")]),
    "file through a link": lambda: zip_bytes([(member_of_kind("link", LINK), b"/tmp"), ("link/escaped", b"2")]),
    "pipe": lambda: zip_bytes([(member_of_kind("pipe", PIPE), b"")]),
    "device": lambda: zip_bytes([(member_of_kind("device", _DEVICE), b"")]),
    "file and folder at once": lambda: zip_bytes([("a", b"1"), ("a/b", b"2")]),
    "name with a zero": lambda: with_raw_name(zip_bytes([("aXb.txt", b"1")]), b"aXb.txt", b"a\0b.txt"),
    "name with control characters": lambda: zip_bytes([("a\x1b[2Jb", b"1")]),
    "name beyond measure": lambda: zip_bytes([("a/" * 600 + "b", b"1")]),
    "name that is no text": lambda: with_raw_name(zip_bytes([("M__ller", b"1")]), b"M__ller", b"M\xfc\xe4ller"),
    "encrypted": _encrypted,
    "another method": _another_method,
    "wrong checksum": _wrong_checksum,
    "cut off": lambda: zip_bytes([("a", b"content" * 1000)])[:-40],
    "no archive": lambda: b"PK\x03\x04 and no more",
}
