"""The new version of a bundle, read, checked and put into the blob store, before anything is compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from podium.blobs import Blob
from podium.blobs.archives import ZipSource
from podium.rules.bundle.checks.places import Places
from podium.rules.bundle.pairing import numbered_by_use
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.errors import Problem
from podium.server.accounts.people import Person
from podium.server.files.services import store
from podium.server.imports.checking import called, check_for_site, renamed
from podium.server.imports.members import StoredMembers, store_members


@dataclass(frozen=True)
class NewVersion:
    """A bundle that this site can read. `spec` has its tasks numbered by their use (see `numbered_by_use`).

    `problems` forbid to write anything; `notes` are worth knowing. `places` finds where something stands in its
    competition.yaml; `file_name` is what its owner calls the zip, and `spooled` what it is called here.
    """

    spec: CompetitionSpec
    members: StoredMembers
    bundle: Blob
    logo_path: str
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    places: Places
    file_name: str
    spooled: str

    def sha256s(self) -> Mapping[str, str]:
        """The hash of every file that the specification names, by its path there."""
        named = {path: member.blob.sha256 for path, member in self.members.by_path.items()}
        return {**named, self.logo_path: self.members.logo.sha256}

    def said(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Problems that name the zip as its owner does."""
        return tuple(renamed(problems, self.spooled, self.file_name))


@contextmanager
def opened_version(by: Person, competition_id: int, path: Path, file_name: str) -> Iterator[NewVersion]:
    """Read the zip at `path`, which is to become the bundle of a competition, and keep its members in the blob store.

    What the database never comes to name is swept from there.

    Raises:
        BundleError: it cannot be read, or a member is damaged; with everything that was found.
        TooLarge, OutOfSpace: it does not fit.
    """
    with called(path.name, file_name), ZipSource(path) as source:
        checked = check_for_site(by, source, competition_id=competition_id)
        spec, _ = numbered_by_use(checked.spec)
        yield NewVersion(
            spec=spec,
            members=store_members(source, checked.reading, checked.spec),
            bundle=store().put_file(path),
            logo_path=checked.spec.image,
            problems=tuple(problem for problem in checked.problems if problem.severity == "error"),
            notes=(*(problem for problem in checked.problems if problem.severity == "note"), *checked.inside),
            places=Places(source),
            file_name=file_name,
            spooled=path.name,
        )
