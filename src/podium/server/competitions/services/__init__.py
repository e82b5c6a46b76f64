"""Writing competitions: made by an import, changed by an update, published, joined, decided about, deleted."""

from podium.server.competitions.services.changing import KeptRows, WrittenRows, change_competition
from podium.server.competitions.services.creation import create_competition
from podium.server.competitions.services.participation import decide, register
from podium.server.competitions.services.publishing import (
    add_collaborator,
    delete,
    publish,
    remove_collaborator,
    unpublish,
)
from podium.server.competitions.services.rows import Belongings

__all__ = [
    "Belongings",
    "KeptRows",
    "WrittenRows",
    "add_collaborator",
    "change_competition",
    "create_competition",
    "decide",
    "delete",
    "publish",
    "register",
    "remove_collaborator",
    "unpublish",
]
