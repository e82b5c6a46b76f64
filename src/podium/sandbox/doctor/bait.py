"""What hostile programs of the doctor reach for: a file, a process and open doors of this machine, all made for it."""

from __future__ import annotations

import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from podium.sandbox.interpreter import interpreter
from podium.sandbox.keeper.network import own_addresses
from podium.sandbox.temporary import remove_left_behind, temporary_folder

_PREFIX = "podium-doctor-"
# It ends with whoever holds the other end of its input, however that ends.
_BYSTANDER = "import sys; sys.stdin.read()"


@dataclass(frozen=True)
class Bait:
    """Everything here is of no worth. `mark` is on the command line of each trial, `bystander_mark` on that of a
    process outside; `program` and `data` are shown inside, `secret_file` is not. `tcp` listens on the loopback, or on
    every address where programs have a network."""

    mark: str
    secret: str
    secret_file: Path
    program: Path
    data: Path
    bystander: subprocess.Popen[bytes]
    bystander_mark: str
    tcp: socket.socket
    udp: socket.socket
    local: socket.socket

    def for_program(self) -> dict[str, object]:
        """What a trial's program is told. Of the two secret words it learns the reverse: its own command line, or an
        echo of it, is no find."""
        return {
            "mark": self.mark,
            "secret_file": str(self.secret_file),
            "secret": self.secret[::-1],
            "bystander": self.bystander_mark[::-1],
            "tcp": self.tcp.getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "own": own_addresses(Path("/proc/net/fib_trie").read_text(encoding="ascii")),
            "local": self.local.getsockname().decode()[1:],
        }

    def visited(self) -> bool:
        """Whether anything knocked at one of the doors."""
        with suppress(BlockingIOError):
            self.udp.recv(16)
            return True
        for listener in (self.tcp, self.local):
            with suppress(BlockingIOError):
                listener.accept()[0].close()
                return True
        return False


@contextmanager
def laid_out(*, everywhere: bool = False) -> Iterator[Bait]:
    """The bait, until the context ends; with `everywhere` a door that is open at all addresses of this machine."""
    with ExitStack() as stack:
        remove_left_behind(_PREFIX)
        folder = stack.enter_context(temporary_folder(_PREFIX))
        # The user of a slot has to reach what is shown; at the secret nothing but the sandbox shall stop it.
        folder.chmod(0o755)
        secret, bystander_mark = secrets.token_hex(16), secrets.token_hex(16)
        program, data = folder / "program", folder / "data"
        for shown in (program, data):
            shown.mkdir(mode=0o755)
            _write(shown / "file", "as it was")
        _write(folder / "secret", secret)
        bystander = subprocess.Popen(  # noqa: S603 - our own interpreter
            [interpreter(), "-I", "-S", "-c", _BYSTANDER, bystander_mark],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.enter_context(bystander)
        stack.callback(bystander.kill)
        tcp = stack.enter_context(socket.create_server(("" if everywhere else "127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        local = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        local.bind(b"\0podium-doctor-" + secrets.token_hex(8).encode())
        local.listen()
        for each in (tcp, udp, local):
            each.setblocking(False)
        stack.callback(_remove_leavings, folder.name)
        yield Bait(
            mark=folder.name,
            secret=secret,
            secret_file=folder / "secret",
            program=program,
            data=data,
            bystander=bystander,
            bystander_mark=bystander_mark,
            tcp=tcp,
            udp=udp,
            local=local,
        )


def _remove_leavings(mark: str) -> None:
    """What a trial that was killed left in folders of this machine, where it was in no sandbox."""
    for folder in ("/tmp", "/dev/shm"):  # noqa: S108 - looked into, not written to
        for left in Path(folder).glob(f"{mark}-*"):
            left.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii")
    path.chmod(0o644)
