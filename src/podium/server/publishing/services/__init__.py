"""Beginning and ending publications, and letting model boards follow leaderboards."""

from podium.server.publishing.services.choosing import PublicationWishes, publish, unpublish
from podium.server.publishing.services.following import refresh_publications

__all__ = ["PublicationWishes", "publish", "refresh_publications", "unpublish"]
