"""Competitions: importing, updating, exporting, taking part, and their leaderboards."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

import httpx

from podium.rules.errors import UserError
from podium.sdk import connection
from podium.sdk.answers import (
    BoardAnswer,
    CompetitionAnswer,
    ExportAnswer,
    ImportAnswer,
    ImportStarted,
    ImportStatusAnswer,
    JoinAnswer,
    ProposalAnswer,
    UpdateAnswer,
)
from podium.sdk.connection import Connection, understood
from podium.sdk.refusals import error_of

_FIRST_LOOK_S = 0.02
_ENDED = frozenset({"Finished", "Failed"})

TellImport = Callable[[str, int, int, str], None]
"""Hears how far an import is: `upload` or `import`, bytes done, of how many, and what the server says it is doing."""


def tell_nobody(step: str, done: int, total: int, saying: str) -> None:
    """Nobody wants to know."""


class Competitions(Connection):
    """What people do with competitions."""

    def import_bundle(self, bundle: Path, *, publish: bool = False, tell: TellImport = tell_nobody) -> ImportAnswer:
        """Make a competition of a bundle (a zip); `tell` hears how far that is.

        Raises:
            BundleError: it has problems; all of them are in it.
            UserError: it was not imported for another reason.
        """
        key = self._upload("competition_bundle", bundle, lambda done, total: tell("upload", done, total, ""))
        answer = self._send("PUT", f"/api/datasets/completed/{key}/", json={"publish": publish})
        made = self._imported(understood(ImportStarted, answer).status_id, tell)
        if made.error is not None:
            raise error_of(made.error, UserError)
        if made.resulting_competition is None:
            raise UserError("import-unknown", "The server does not say what the bundle became.", "Look at the site.")
        address = f"{self._url}/competitions/{made.resulting_competition}/"
        return ImportAnswer(
            id=made.resulting_competition,
            title=made.title,
            url=address,
            published=made.published,
            notes=made.notes,
        )

    def _imported(self, import_id: int, tell: TellImport) -> ImportStatusAnswer:
        pause_s = _FIRST_LOOK_S
        address = f"/api/competitions/{import_id}/creation_status/"
        for found in self._patiently(lambda: self._read(ImportStatusAnswer, address)):
            if found.status in _ENDED:
                return found
            tell("import", found.progress.done, found.progress.total, found.progress.saying)
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.2, connection.LOOK_EVERY_S)
        raise AssertionError("an import ends")

    def propose_update(self, competition_id: int, bundle: Path) -> ProposalAnswer:
        """Have the site say what a new version of a competition's bundle (a zip) changes. Nothing is changed yet.

        Raises:
            BundleError: it has problems, or the competition would lose something by it; all of that is in it.
        """
        with bundle.open("rb") as file:
            answer = self._send(
                "POST",
                f"/api/v1/competitions/{competition_id}/updates/",
                files={"file": (bundle.name, file, "application/zip")},
            )
        return understood(ProposalAnswer, answer)

    def confirm_update(self, competition_id: int, proposed: ProposalAnswer) -> UpdateAnswer:
        """Make the changes that were proposed.

        Raises:
            Conflict: the competition has changed since, so that other things would change.
        """
        wish = {"proposal": proposed.proposal, "seen": proposed.seen}
        answer = self._send("POST", f"/api/v1/competitions/{competition_id}/updates/confirm/", json=wish)
        return understood(UpdateAnswer, answer)

    def export(self, competition_id: int, *, keys_instead_of_files: bool = False) -> ExportAnswer:
        """Have a bundle made of a competition; `fetch` gets it."""
        wish = {"keys_instead_of_files": keys_instead_of_files}
        return understood(
            ExportAnswer, self._send("POST", f"/api/competitions/{competition_id}/create_dump/", json=wish)
        )

    def fetch(self, exported: ExportAnswer, target: Path) -> None:
        """Save an exported bundle as `target`. What stood there is replaced once everything has arrived.

        Raises:
            UserError: what arrived is not what the server announced.
        """
        link = str(httpx.URL(self._url).join(exported.url))
        digest = hashlib.sha256()
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            arrived = Path(file.name)
        try:
            with arrived.open("wb") as file, self._reading(link) as chunks:
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != exported.sha256:
                raise UserError("download-broken", "The bundle did not arrive as it was sent.", "Try again.")
            arrived.chmod(0o644)
            arrived.replace(target)
        finally:
            arrived.unlink(missing_ok=True)

    def competition(self, competition_id: int) -> CompetitionAnswer:
        """A competition with its phases."""
        return self._read(CompetitionAnswer, f"/api/competitions/{competition_id}/")

    def join(self, competition_id: int) -> str:
        """Ask to take part; returns where that stands: approved or pending. The terms count as accepted."""
        answer = self._send("POST", f"/api/competitions/{competition_id}/register/", json={})
        return understood(JoinAnswer, answer).participant_status

    def leaderboard(self, phase_id: int) -> BoardAnswer:
        """The board of a phase."""
        return self._read(BoardAnswer, f"/api/phases/{phase_id}/get_leaderboard/")
