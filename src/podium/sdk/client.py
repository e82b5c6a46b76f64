"""A client of the HTTP API: what the command line speaks with a server through."""

from __future__ import annotations

from podium.sdk.answers import TokenAnswer
from podium.sdk.competitions import Competitions
from podium.sdk.connection import understood
from podium.sdk.model_boards import ModelBoards
from podium.sdk.rescores import Rescores
from podium.sdk.submissions import Submissions


class PodiumClient(Competitions, Submissions, Rescores):
    """Speaks for the owner of an API token; an empty one speaks for a visitor.

    Raises:
        UserError: the token holds characters that no token has.
    """

    @property
    def boards(self) -> ModelBoards:
        """Model boards: datasets, and what models reached on them."""
        return ModelBoards(self)

    def token(self, name_or_email: str, password: str) -> str:
        """The API token of an account, by name or e-mail and password."""
        answer = self._send("POST", "/api/api-token-auth/", json={"username": name_or_email, "password": password})
        return understood(TokenAnswer, answer).token
