"""Reading rescores: those of a competition, what one would change, and what was done to one submission."""

from podium.server.rescores.queries.changes import RankMove, ScoreChange, ShownItem
from podium.server.rescores.queries.detail import RescoreDetail, Twins, rescore_detail
from podium.server.rescores.queries.logs import RescoreLog, log_of_rescore
from podium.server.rescores.queries.notices import Notice, Superseded, notices_of, superseded_of
from podium.server.rescores.queries.rows import RescorableCompetition, RescoreRow, rescorable, rescores_of

__all__ = [
    "Notice",
    "RankMove",
    "RescorableCompetition",
    "RescoreDetail",
    "RescoreLog",
    "RescoreRow",
    "ScoreChange",
    "ShownItem",
    "Superseded",
    "Twins",
    "log_of_rescore",
    "notices_of",
    "rescorable",
    "rescore_detail",
    "rescores_of",
    "superseded_of",
]
