"""The site's own jobs, done at once in the test's thread instead of in the jobs process."""

from __future__ import annotations

import threading
from pathlib import Path

from podium.server.accounts.people import Person
from podium.server.duties.internal import carry_out
from podium.server.duties.kinds import KINDS
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.services import create_data_set, delete_data_set, keep_blob, store
from podium.server.imports import services
from podium.server.imports.services import ImportedCompetition
from podium.server.jobs.internal.services import take_next
from podium.server.jobs.internal.work import Work


def do_jobs() -> int:
    """Do every job that waits, as the jobs process does. Returns how many it were."""
    done = 0
    stopping = threading.Event()
    while (order := take_next(KINDS.keys())) is not None:
        carry_out(KINDS[order.kind], Work(order, stopping), stopping)
        done += 1
    return done


def uploaded(by: Person, path: Path, file_name: str) -> DataSet:
    """The data set of a bundle that lies at `path` and that its owner calls `file_name`."""
    blob = keep_blob(store().put_file(path))
    return create_data_set(by.id, DataSetType.COMPETITION_BUNDLE, file_name, blob)


def import_bundle(by: Person, path: Path, file_name: str) -> ImportedCompetition:
    """What the bundle at `path` makes; raises what is wrong with it, and forgets the bundle then as its job does."""
    bundle = uploaded(by, path, file_name)
    try:
        return services.import_bundle(by, bundle, lambda made: None)
    except BaseException:
        assert delete_data_set(by.id, bundle.key)
        raise
