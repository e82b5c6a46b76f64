"""What each kind of event says: a small schema per kind, checked before an event is appended.

Numbers (`submission`, `phase`, `leaderboard`, `task`...) are those of rows. People are opaque ids. Texts of people are
references: the salted hash of `podium.rules.history.text_hash`, whose text lies in a row that can be deleted. Nothing
else of what people or programs wrote stands here, but for the keys of columns and questions.

Whoever replays a chain up to some event knows the boards as they were then: `board-*`, `phase-*` and `task-*` say what
they were made of, `scores-*` the numbers, `entry-*` who stood there, `submission-received` whose it was and since when.
"""

from podium.rules.event_payloads.boards import BoardState, ColumnState
from podium.rules.event_payloads.competitions import PhaseState, ShownQuestion, TaskState
from podium.rules.event_payloads.fields import Payload
from podium.rules.event_payloads.kinds import PAYLOADS, check_payload
from podium.rules.event_payloads.submissions import PartOfSubmission

__all__ = [
    "PAYLOADS",
    "BoardState",
    "ColumnState",
    "PartOfSubmission",
    "Payload",
    "PhaseState",
    "ShownQuestion",
    "TaskState",
    "check_payload",
]
