"""`podium history`: whatever is done to a chain, in the database or in an export, the place is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models import F
from tests.integration.server.flow import SteppedClock, begin
from tests.integration.server.unguarded import unguarded
from typer.testing import CliRunner, Result

from podium.cli.main import app
from podium.rules.proof import MisfitKind
from podium.server.history.models import Chain, Event
from podium.server.history.proving import chain_of_text, export_lines, head_of_chain, prove_chain
from podium.server.history.services import ChainName

Run = Callable[..., Result]


@pytest.fixture
def name(tmp_path: Path, time: SteppedClock, db: None) -> ChainName:
    """A chain of more than a dozen events."""
    flow = begin(tmp_path)
    flow.scored({"accuracy": 0.5, "seconds": 2.0})
    return ChainName.competition(flow.competition_id)


@pytest.fixture
def run(data_folder: Path) -> Run:
    """Runs `podium` in this process, on this test's database."""
    (data_folder / "podium.sqlite3").touch()

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--data", str(data_folder)])

    return invoke


def found(name: ChainName) -> tuple[MisfitKind, int] | None:
    misfit = prove_chain(name).misfit
    return None if misfit is None else (misfit.kind, misfit.seq)


def test_one_byte_in_the_database(name: ChainName) -> None:
    row = Event.objects.get(chain__subject=name.subject, chain__kind="competition", kind="scores-accepted")
    # Not even a space beside what is meant.
    for payload in (row.payload.replace("0.5", "0.6"), row.payload.replace(":", ": ", 1)):
        with unguarded():
            Event.objects.filter(pk=row.pk).update(payload=payload)
        assert found(name) == (MisfitKind.EDITED, row.seq)
        with unguarded():
            Event.objects.filter(pk=row.pk).update(payload=row.payload)
    assert found(name) is None


def test_one_event_of_the_database_dropped(name: ChainName) -> None:
    with unguarded():
        Event.objects.filter(chain__subject=name.subject, chain__kind="competition", seq=4).delete()
    assert found(name) == (MisfitKind.DROPPED, 4)


def test_two_events_of_the_database_exchanged(name: ChainName) -> None:
    rows = Event.objects.filter(chain__subject=name.subject, chain__kind="competition")
    with unguarded():
        rows.filter(seq=3).update(seq=1000)
        rows.filter(seq=5).update(seq=3)
        rows.filter(seq=1000).update(seq=5)
    assert found(name) == (MisfitKind.EDITED, 3)


def test_the_tail_cut_in_the_database(name: ChainName) -> None:
    end = prove_chain(name).head
    rows = Event.objects.filter(chain__subject=name.subject, chain__kind="competition")
    with unguarded():
        rows.filter(seq__gt=end.seq - 2).delete()
    assert found(name) == (MisfitKind.CUT, end.seq - 1)
    # With the row moved back as well, only who kept the end elsewhere finds it.
    last = rows.get(seq=end.seq - 2)
    with unguarded():
        Chain.objects.filter(subject=name.subject, kind="competition").update(head_seq=last.seq, head_hash=last.hash)
    assert found(name) is None
    assert head_of_chain(name) != end


def test_more_events_than_the_chain_has(name: ChainName) -> None:
    end = prove_chain(name).head
    with unguarded():
        Event.objects.filter(chain__subject=name.subject, chain__kind="competition", seq=1).update(seq=F("seq") + 998)
        Event.objects.filter(seq=999).update(seq=end.seq + 1)
    assert found(name) == (MisfitKind.DROPPED, 1)


def test_the_command_says_that_all_fits_and_names_what_does_not(name: ChainName, run: Run) -> None:
    good = run("history", "verify")
    head = head_of_chain(name)
    assert good.exit_code == 0
    assert f"{name}: all fits, {head.seq} events. End: {head.seq}:{head.hash}" in good.stdout
    assert good.stdout.startswith("site:0: all fits")
    with unguarded():
        Event.objects.filter(chain__subject=name.subject, chain__kind="competition", seq=6).update(actor="eve")
    bad = run("history", "verify", str(name.subject))
    assert bad.exit_code == 1
    assert bad.stdout == (f"{name}: event 6 does not fit (edited). The content of event 6 does not have its hash.\n")
    assert run("history", "verify", "site:0").exit_code == 0


def test_an_export_is_proved_without_the_site_and_holds_no_names(name: ChainName, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    assert run("history", "export", str(name), "--output", str(file)).exit_code == 0
    content = file.read_text()
    assert content == "".join(f"{line}\n" for line in export_lines(name)) == run("history", "export", str(name)).stdout
    assert not any(word in content for word in ("anna", "otto", "example.org", "Sheep", "Accuracy"))
    head = head_of_chain(name)
    offline = CliRunner().invoke(app, ["history", "verify", "--export", str(file), "--head", str(head)])
    assert (offline.exit_code, offline.stdout) == (0, f"{name}: all fits, {head.seq} events. End: {head}\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda lines: [*lines[:7], lines[7].replace('"actor":"', '"actor":"x', 1), *lines[8:]],
            "event 7 does not fit (edited)",
        ),
        (lambda lines: [*lines[:7], *lines[8:]], "event 7 does not fit (dropped)"),
        (lambda lines: [*lines[:7], lines[8], lines[7], *lines[9:]], "event 7 does not fit (reordered)"),
        (lambda lines: [*lines[:10]], "event 10 does not fit (cut)"),
        (lambda lines: [lines[0].replace("competition:", "competition:1"), *lines[1:]], "event 1 "),
    ],
)
def test_an_export_that_was_changed_names_the_place(
    name: ChainName, run: Run, tmp_path: Path, change: Callable[[list[str]], list[str]], said: str
) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text("".join(f"{line}\n" for line in change(list(export_lines(name)))))
    bad = CliRunner().invoke(app, ["history", "verify", "--export", str(file)])
    assert bad.exit_code == 1
    assert said in bad.stdout


def test_what_is_no_export_no_end_and_no_chain_is_refused(name: ChainName, run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes(b"\xff\xfe nothing of the kind\n")
    for words in (
        ["history", "verify", "--export", str(other)],
        ["history", "verify", "--export", str(tmp_path / "missing")],
        ["history", "verify", "--export", str(other), "--head", "soon"],
        ["history", "verify", "99999"],
        ["history", "export", "moon:1"],
        ["history", "export", "site:0", "--output", str(tmp_path)],
    ):
        refused = run(*words)
        assert refused.exit_code == 1
        assert refused.exception is not None
        assert "Traceback" not in refused.output
    assert run("history", "verify", "--head", "1:" + "0" * 64).exit_code == 2
    assert chain_of_text(str(name.subject)) == name
