"""Writing competitions: made by an import, published, joined, decided about, deleted."""

from podium.server.competitions.services.creation import Belongings, create_competition
from podium.server.competitions.services.participation import decide, register
from podium.server.competitions.services.publishing import (
    add_collaborator,
    delete,
    publish,
    remove_collaborator,
    unpublish,
)

__all__ = [
    "Belongings",
    "add_collaborator",
    "create_competition",
    "decide",
    "delete",
    "publish",
    "register",
    "remove_collaborator",
    "unpublish",
]
