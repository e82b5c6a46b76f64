"""Each part of a site is broken for real, and `podium doctor` names it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.requirements_on_machine import require
from tests.running_site import plain_environment

from podium.server.history.guards import statements_to_unguard

_CHECKS = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from podium.launch.checks import check_site
print(json.dumps([asdict(check) for check in check_site(Path(sys.argv[1]))]))
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that nobody breaks."""
    data = tmp_path_factory.mktemp("template") / "data"
    prepared(data)
    return data


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Path:
    """The data folder of a site that was prepared and is not running."""
    return Path(shutil.copytree(template, tmp_path / "data"))


def prepared(data: Path, **more: str) -> None:
    environment = {**plain_environment(), "PODIUM_DATA": str(data), "PODIUM_WORKER_TOKEN": "t", **more}
    command = [sys.executable, "-m", "podium.launch.prepare"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)


def checks(data: Path, before: tuple[str, ...] = (), **more: str) -> dict[str, dict[str, Any]]:
    """What is said of each part, by the part's name."""
    done = subprocess.run(
        [*before, sys.executable, "-c", _CHECKS, str(data)],
        env={**plain_environment(), "PODIUM_DISK_FLOOR_BYTES": "1000000", **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return {check["part"]: check for check in json.loads(done.stdout)}


def failed(found: dict[str, dict[str, Any]]) -> set[str]:
    return {part for part, check in found.items() if check["state"] == "failed"}


def change(data: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(data / "podium.sqlite3")) as database, database:
        database.execute(statement, values)


def test_of_a_site_that_is_well_nothing_has_failed_and_nothing_was_changed(site: Path) -> None:
    def content() -> dict[str, bytes]:
        kept = {path for path in site.rglob("*") if path.is_file() and "sqlite3-" not in path.name}
        return {str(path): path.read_bytes() for path in kept}

    before = content()
    found = checks(site)
    assert failed(found) == set()
    assert list(found) == [
        "software",
        "runtimes",
        "database",
        "tables",
        "database writes",
        "journal",
        "files",
        "disk space",
        "signing key",
        "mail",
        "clock",
        "workers",
    ]
    # Prepared, but no worker was started.
    assert found["workers"]["state"] == "attention"
    assert "(WAL)" in found["journal"]["detail"]
    assert content() == before


def test_the_command_shows_the_site_and_fails_with_it(site: Path) -> None:
    (site / "secret.key").chmod(0o644)
    command = [sys.executable, "-m", "podium", "doctor", "--data", str(site)]
    environment = {**plain_environment(), "PATH": str(site)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    # Where no sandbox can be had, the site is looked at all the same.
    assert "The program bwrap is not installed. Type: apt install bubblewrap" in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("  signing key")]
    assert "failed" in row
    assert "mode 0644" in row
    assert f"Type: chmod 600 {site / 'secret.key'}" in done.stdout
    assert "Programs cannot be run here. 1 part of the site failed." in done.stdout
    assert "not enforced" not in done.stdout


def test_a_database_that_is_none(site: Path) -> None:
    for name in ("podium.sqlite3-wal", "podium.sqlite3-shm"):
        (site / name).unlink(missing_ok=True)
    (site / "podium.sqlite3").write_bytes(b"This is not a database, and was one once." * 100)
    found = checks(site)
    assert "database" in failed(found)
    assert "file is not a database" in found["database"]["detail"]
    # What rests on it is left out; what does not is looked at.
    assert not {"tables", "clock", "workers"} & set(found)
    assert found["files"]["state"] == "in order"


def test_tables_of_an_older_version(site: Path) -> None:
    change(site, "DELETE FROM django_migrations WHERE app = 'jobs'")
    found = checks(site)
    assert "tables" in failed(found)
    assert "were not applied" in found["tables"]["detail"]
    assert "podium up" in found["tables"]["advice"]
    assert "workers" not in found


def test_tables_of_a_newer_version(site: Path) -> None:
    change(site, "INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '0099_rings', '2030-01-01')")
    found = checks(site)
    assert failed(found) == {"tables"}
    assert "does not know jobs 0099_rings" in found["tables"]["detail"]


def test_a_clock_that_was_set_back(site: Path) -> None:
    for statement in statements_to_unguard("sqlite"):
        change(site, statement)
    change(site, "UPDATE history_event SET at = '2100-01-01 00:00:00'")
    found = checks(site)
    assert failed(found) == {"clock"}
    assert "2100-01-01 00:00:00 UTC" in found["clock"]["detail"]


def test_a_worker_that_refuses_and_one_whose_clock_is_wrong(site: Path) -> None:
    change(
        site,
        "UPDATE jobs_worker SET slots = 2, refusal = ?, clock_skew_s = -3600.0, last_seen_at = ?",
        "There is no bwrap.",
        time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
    )
    found = checks(site)
    assert failed(found) == {"workers"}
    assert found["workers"]["detail"] == "local takes no runs: There is no bwrap."
    assert found["clock of a worker"]["state"] == "attention"
    assert "3600 s behind" in found["clock of a worker"]["detail"]


def test_a_worker_that_was_heard_of_now(site: Path) -> None:
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    change(site, "UPDATE jobs_worker SET slots = 2, last_seen_at = ?", now)
    assert checks(site)["workers"] == {
        "part": "workers",
        "state": "in order",
        "detail": "local with 2 slots in all.",
        "advice": "",
    }


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_may_use(site: Path, mode: int) -> None:
    (site / "secret.key").chmod(mode)
    found = checks(site)
    assert failed(found) == {"signing key"}
    assert f"mode {mode:04o}" in found["signing key"]["detail"]


def test_a_key_that_is_gone_and_one_that_is_too_short(site: Path) -> None:
    short = checks(site, PODIUM_SECRET_KEY="hello")
    assert failed(short) == set()
    assert short["signing key"]["state"] == "attention"
    (site / "secret.key").unlink()
    assert failed(checks(site)) == {"signing key"}


def test_less_space_than_the_floor(site: Path) -> None:
    found = checks(site, PODIUM_DISK_FLOOR_BYTES=str(1 << 60))
    # The store of files refuses for the same reason.
    assert failed(found) == {"files", "disk space"}
    assert "uploads are refused" in found["disk space"]["detail"]


def test_settings_that_make_no_sense(site: Path) -> None:
    found = checks(site, PODIUM_EMAIL_PORT="many")
    assert failed(found) == {"settings"}
    assert "PODIUM_EMAIL_PORT" in found["settings"]["detail"]


def test_a_database_server_that_is_not_there(site: Path) -> None:
    url = f"postgresql://podium:secret@127.0.0.1:{closed_port()}/podium"
    found = checks(site, PODIUM_DATABASE_URL=url)
    assert failed(found) == {"database"}
    assert "secret" not in json.dumps(found)
    assert "PODIUM_DATABASE_URL" in found["database"]["advice"]


def test_postgresql_is_looked_at_the_same_way(site: Path, postgres_url: str) -> None:
    found = checks(site, PODIUM_DATABASE_URL=postgres_url)
    assert found["database"]["detail"].startswith("PostgreSQL 1")
    # The server answers; its tables are another's or none.
    assert found["tables"]["state"] in {"in order", "failed"}


def as_read_only(data: Path) -> tuple[str, ...]:
    require(os.geteuid() == 0, "only root can mount a folder for reading alone")
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    return ("unshare", "-m", "sh", "-c", mount, str(data))


def test_a_folder_that_can_only_be_read(site: Path) -> None:
    found = checks(site, as_read_only(site))
    # SQLite opens no journal beside a database that it cannot write to.
    assert failed(found) == {"database", "files"}
    assert "unable to open database file" in found["database"]["detail"]
    assert "Read-only file system" in found["files"]["detail"]


def test_a_folder_on_a_full_disk(tmp_path: Path) -> None:
    require(os.geteuid() == 0, "only root can mount a small disk")
    place = tmp_path / "small"
    place.mkdir()
    # Prepared and filled where it is mounted: nobody else sees that disk.
    fill = (
        'mount -t tmpfs -o size=24m none "$0" && "$1" -m podium.launch.prepare >&2 && '
        '{ cat /dev/zero > "$0/filled" 2>/dev/null; exec "$@"; }'
    )
    found = checks(
        place / "data",
        ("unshare", "-m", "sh", "-c", fill, str(place)),
        PODIUM_DATA=str(place / "data"),
        PODIUM_DISK_FLOOR_BYTES="1",
    )
    assert {"files", "disk space"} <= failed(found)
    assert "0.0 GiB are free" in found["disk space"]["detail"]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def mail_server(answer: Callable[[str], str]) -> Iterator[tuple[int, list[str]]]:
    """A server on a free port that greets, hears one conversation and answers each line."""
    heard: list[str] = []

    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rw", newline="\r\n") as lines:
            lines.write("220 mail.example.org\r\n")
            lines.flush()
            for line in lines:
                heard.append(line.split()[0].upper())
                lines.write(answer(heard[-1]) + "\r\n")
                lines.flush()
                if heard[-1] == "QUIT":
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk, args=(listener,), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1]), heard
        thread.join(10)


def test_a_mail_server_that_answers_gets_no_mail(site: Path) -> None:
    with mail_server(lambda word: "221 bye" if word == "QUIT" else "250 ok") as (port, heard):
        found = checks(site, PODIUM_EMAIL_HOST="127.0.0.1", PODIUM_EMAIL_PORT=str(port))
    assert found["mail"]["state"] == "in order"
    assert heard == ["EHLO", "NOOP", "QUIT"]


def test_a_mail_server_that_has_trouble(site: Path) -> None:
    with mail_server(lambda word: "421 later" if word == "NOOP" else "250 ok") as (port, _):
        found = checks(site, PODIUM_EMAIL_HOST="127.0.0.1", PODIUM_EMAIL_PORT=str(port))
    assert failed(found) == {"mail"}
    assert "421 later" in found["mail"]["detail"]


def test_a_mail_server_that_is_not_there(site: Path) -> None:
    port = str(closed_port())
    found = checks(site, PODIUM_EMAIL_HOST="127.0.0.1", PODIUM_EMAIL_PORT=port, PODIUM_EMAIL_PASSWORD="hush-hush")
    assert failed(found) == {"mail"}
    assert f"127.0.0.1 port {port} cannot be used" in found["mail"]["detail"]
    assert "hush-hush" not in json.dumps(found)
