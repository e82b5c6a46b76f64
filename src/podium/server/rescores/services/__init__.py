"""Starting a rescore, applying it, dropping it."""

from podium.server.rescores.services.applying import apply
from podium.server.rescores.services.cancelling import cancel
from podium.server.rescores.services.starting import RescoreWish, start

__all__ = ["RescoreWish", "apply", "cancel", "start"]
