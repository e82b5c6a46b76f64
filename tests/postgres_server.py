"""A PostgreSQL server of our own, on a socket in a temporary folder, that vanishes with whoever started it.

    python tests/postgres_server.py COMMAND ...

runs a command on it, with its address in PODIUM_DATABASE_URL and PODIUM_TEST_POSTGRES_URL. Where PostgreSQL is not
installed the command is not run: exit 0 with a line that says so, or 1 under PODIUM_TEST_REQUIRE=all.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_OWNER = "podium"
_START_LIMIT_S = 60.0
_LOOK_EVERY_S = 0.05
# Nothing outlives the server, so nothing needs to reach the disk. No TCP: only the socket in its own 0700 folder.
_SETTINGS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")

MISSING = "PostgreSQL is missing: apt install postgresql"


def binaries() -> Path | None:
    """The folder of the newest initdb that Debian's packages installed, or the one in PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda program: float(program.parts[-3]), default=None)
    found = newest or (Path(in_path) if (in_path := shutil.which("initdb")) else None)
    return found.parent if found else None


@dataclass(frozen=True)
class _Account:
    """Who runs the server: PostgreSQL refuses to be root."""

    user: int | None
    group: int | None

    @classmethod
    def choose(cls) -> _Account:
        if os.geteuid() != 0:
            return cls(user=None, group=None)
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = names.get("postgres") or names["nobody"]
        return cls(user=entry.pw_uid, group=entry.pw_gid)

    def owns(self, folder: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)

    def start(self, argv: list[str | Path], folder: Path, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            return subprocess.Popen(
                argv,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
            )


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a fresh server, which is gone at the end. Raises RuntimeError where there is none to be had."""
    programs = binaries()
    if programs is None:
        raise RuntimeError(MISSING)
    account = _Account.choose()
    folder = Path(tempfile.mkdtemp(prefix="podium-postgres-"))
    log = folder / "log"
    try:
        account.owns(folder)
        data = folder / "data"
        prepare = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            _OWNER,
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "-N",
        ]
        if account.start(prepare, folder, log).wait() != 0:
            raise RuntimeError(f"initdb failed:\n{log.read_text(errors='replace')}")
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        server = account.start([programs / "postgres", "-D", data, "-k", folder, *settings], folder, log)
        try:
            _wait_until_ready(server, programs, folder, log)
            yield f"postgresql://{_OWNER}@{quote(str(folder), safe='')}/postgres"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes], programs: Path, folder: Path, log: Path) -> None:
    ask = [programs / "pg_isready", "-q", "-h", folder, "-U", _OWNER, "-d", "postgres"]
    for _ in range(round(_START_LIMIT_S / _LOOK_EVERY_S)):
        if subprocess.run(ask, check=False).returncode == 0:
            return
        try:
            server.wait(_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            continue
        break
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    # SIGQUIT is PostgreSQL's immediate shutdown: it does not wait for clients.
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main(command: list[str]) -> int:
    """Run `command` on a fresh server. Returns its exit code."""
    if binaries() is None:
        required = os.environ.get("PODIUM_TEST_REQUIRE") == "all"
        print(MISSING if required else f"Not run on PostgreSQL. {MISSING}", file=sys.stderr)
        return int(required)
    with postgres_server() as url:
        environment = os.environ | {"PODIUM_DATABASE_URL": url, "PODIUM_TEST_POSTGRES_URL": url}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
