"""The one image that the back end makes itself: no programs, only names of users and a process that waits.

Runtimes of this machine are shown in it read-only, as under bubblewrap. It is made by an import, so no registry is
needed; every slot's user has one, with the user's name in it.
"""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile

PAUSE = "/podium-pause"
"""A program of its own, without any library: it waits until it is killed."""

LABEL = "podium.base"

_LOADED_AT = 0x400000
_HEADERS_SIZE = 64 + 56
_CODE = {
    # mov eax, 34 (pause); syscall; jmp to the beginning
    "x86_64": (62, bytes.fromhex("b8220000000f05ebf7")),
    # x0 to x4 = 0; x8 = 73 (ppoll, without descriptors and without an end); svc 0; back to the beginning
    "aarch64": (183, struct.pack("<8I", *(0xD2800000 + n for n in range(5)), 0xD2800928, 0xD4000001, 0x17FFFFF9)),
}
_PROCESSORS = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
_FOLDERS = ("app", "dev", "etc", "proc", "sys", "tmp")


def base_image(processor: str, uid: int) -> bytes:
    """The image as a tar file, for an engine on this kind of processor (as it names it) and the user of a slot.

    Raises:
        KeyError: there is no code for this processor.
    """
    files = {
        "etc/passwd": (f"root:x:0:0:root:/:/nologin\npodium:x:{uid}:{uid}:Podium:/tmp:/bin/sh\n".encode(), 0o644),
        "etc/group": (f"root:x:0:\npodium:x:{uid}:\n".encode(), 0o644),
        "etc/nsswitch.conf": (b"passwd: files\ngroup: files\nhosts: files dns\n", 0o644),
        PAUSE.lstrip("/"): (_executable(*_CODE[_PROCESSORS[processor]]), 0o755),
    }
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name in _FOLDERS:
            folder = tarfile.TarInfo(name)
            # An engine gives the file system in memory that it mounts here the rights of the folder below it.
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        for name, (data, mode) in files.items():
            file = tarfile.TarInfo(name)
            file.size, file.mode = len(data), mode
            tar.addfile(file, io.BytesIO(data))
    return content.getvalue()


def digest_of(image: bytes) -> str:
    """What tells one base image from another."""
    return hashlib.sha256(image).hexdigest()[:32]


def _executable(machine: int, code: bytes) -> bytes:
    """The smallest ELF file: one header, one segment that holds the whole file and may be executed."""
    size = _HEADERS_SIZE + len(code)
    start = _LOADED_AT + _HEADERS_SIZE
    identity = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)  # 64 bits, little-endian, version 1, System V
    header = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, start, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _LOADED_AT, _LOADED_AT, size, size, 0x1000)
    return identity + header + segment + code
