"""Zips as attackers write them, byte by byte where the library would not."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_zip(path: Path, members: Mapping[str, bytes] | Sequence[tuple[str, bytes]]) -> Path:
    """An ordinary zip; a sequence may name a member twice."""
    pairs = members.items() if isinstance(members, Mapping) else members
    path.write_bytes(zip_bytes(list(pairs)))
    return path


def zip_bytes(members: Sequence[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """The bytes of a zip, deflated. A name twice is written twice."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            # The library warns of a name that occurs twice; forgetting it allows what other tools write.
            archive.NameToInfo.pop(info.filename, None)
            archive.writestr(info, content)
    return buffer.getvalue()


def member_of_kind(name: str, mode: int) -> zipfile.ZipInfo:
    """A member with a Unix mode such as that of a link."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


LINK = stat.S_IFLNK | 0o777
PIPE = stat.S_IFIFO | 0o644


def with_raw_name(content: bytes, old: bytes, new: bytes) -> bytes:
    """The zip with one name replaced by another of the same length, in the header and in the directory."""
    assert len(old) == len(new)
    assert content.count(old) == 2
    return content.replace(old, new)


def with_field(content: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """The zip with bytes replaced at an offset in every record that starts with the signature."""
    result = bytearray(content)
    start = content.find(signature)
    while start >= 0:
        result[start + offset : start + offset + len(value)] = value
        start = content.find(signature, start + 4)
    return bytes(result)


LOCAL = b"PK\x03\x04"
DIRECTORY = b"PK\x01\x02"


def with_announced_size(content: bytes, size_bytes: int) -> bytes:
    """The zip with another unpacked size of every member, wherever it is announced."""
    value = struct.pack("<L", size_bytes)
    return with_field(with_field(content, LOCAL, 22, value), DIRECTORY, 24, value)
