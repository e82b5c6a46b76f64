"""The access matrix of the pages."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.integration.server.access.rows import (
    MEMBERS,
    SIGNED_IN,
    STAFF,
    Row,
    board_change_of_participant,
    board_preview_of,
    everybody,
    import_of_participant,
    only,
    open_rescore,
    queue_of_participant,
)
from tests.integration.server.scene import Scene

from podium.server import clock
from podium.server.accounts.models import ApiToken
from podium.server.charts.models import Chart
from podium.server.competitions.models import Competition, Participant
from podium.server.files.services import complete_upload, open_ticket, store
from podium.server.submissions.models import Attempt, RunFile

_ONE = "competitions/<int:pk>/"


def _zip(scene: Scene) -> dict[str, object]:
    return {"file": SimpleUploadedFile("a.zip", b"no zip at all"), "phase": scene.phase.pk}


def _in(path: str) -> Callable[[Scene], str]:
    return lambda scene: f"/competitions/{scene.competition.pk}/{path}"


def _submission(path: str = "") -> Callable[[Scene], str]:
    return lambda scene: f"/submissions/{scene.submissions[0].pk}/{path}"


def _participant(scene: Scene) -> str:
    row = Participant.objects.get(user=scene.people["participant"])
    return f"/competitions/{scene.competition.pk}/participants/{row.pk}/"


def _token(scene: Scene) -> str:
    return f"/my-work/tokens/{ApiToken.objects.get(user=scene.people['participant']).pk}/revoke/"


def _import(path: str = "") -> Callable[[Scene], str]:
    return lambda scene: f"/competitions/import/{import_of_participant(scene)}/{path}"


def _account(path: str) -> Callable[[Scene], str]:
    return lambda scene: f"/accounts/{path}"


def _board(scene: Scene, rest: str) -> str:
    board = scene.competition.leaderboards.get()
    return f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/{board.pk}/{rest}"


def _chart(scene: Scene, kind: str = "time", rest: str = "charts/time/") -> str:
    Chart.objects.create(
        leaderboard=scene.competition.leaderboards.get(),
        phase=scene.phase,
        column_key="accuracy",
        kind=kind,
        stamp=0,
        digest="0" * 64,
        title="",
        description="",
        facts={"head": ["", ""], "rows": []},
        light="<svg/>",
        dark="<svg/>",
        drawn_at=clock.now(),
    )
    return _board(scene, rest)


_OPEN = everybody()
_ASK = only(("user", *STAFF))
_QUEUE = only(("participant", "admin"), others="hidden")


def _detailed(rest: str = "") -> Callable[[Scene], str]:
    """Detailed results that only the submission's own page shows, not the board."""

    def path(scene: Scene) -> str:
        submission = scene.submissions[0]
        attempt = Attempt.objects.get(run__submission=submission)
        ticket = open_ticket(1 << 20)
        complete_upload(ticket.pk, store().put_stream([b"<p>fine</p>"], max_bytes=1 << 20))
        RunFile.objects.get_or_create(attempt=attempt, kind="detailed_results", defaults={"ticket": ticket})
        Competition.objects.update(enable_detailed_results=True, show_detailed_results_in_leaderboard=False)
        return f"/submissions/{submission.pk}/detailed-results/{rest}"

    return path


_OWN = only(MEMBERS, others="hidden")

ROWS = [
    Row("", "GET", lambda scene: "/", _OPEN),
    Row("competitions/", "GET", lambda scene: "/competitions/", _OPEN),
    Row("competitions/import/", "GET", lambda scene: "/competitions/import/", only(SIGNED_IN)),
    Row("competitions/import/", "POST", lambda scene: "/competitions/import/", only(SIGNED_IN), _zip),
    Row("competitions/import/<int:pk>/", "GET", _import(), only(("participant",), others="hidden")),
    Row("competitions/import/<int:pk>/cancel/", "POST", _import("cancel/"), only(("participant",), others="hidden")),
    Row(_ONE, "GET", _in(""), _OPEN, hides=True),
    Row(f"{_ONE}pages/<int:index>/", "GET", _in("pages/1/"), _OPEN, hides=True),
    Row(f"{_ONE}phases/", "GET", _in("phases/"), _OPEN, hides=True),
    Row(
        f"{_ONE}phases/<int:phase>/migrate/",
        "POST",
        lambda scene: f"/competitions/{scene.competition.pk}/phases/{scene.phase.pk}/migrate/",
        only(STAFF),
        hides=True,
    ),
    Row(f"{_ONE}logo/", "GET", _in("logo/"), _OPEN, hides=True),
    Row(f"{_ONE}files/", "GET", _in("files/"), only(MEMBERS), hides=True),
    Row(
        f"{_ONE}files/<uuid:key>/",
        "GET",
        lambda scene: f"/competitions/{scene.competition.pk}/files/{scene.kit.key}/",
        only(MEMBERS),
        hides=True,
    ),
    Row(f"{_ONE}publish/", "POST", _in("publish/"), only(STAFF), lambda scene: {"published": "yes"}, hides=True),
    Row(f"{_ONE}export/", "POST", _in("export/"), only(STAFF), hides=True),
    Row(f"{_ONE}update/", "GET", _in("update/"), only(STAFF), hides=True),
    Row(f"{_ONE}update/", "GET", _in("update/?proposal=made-up"), only(STAFF), hides=True),
    Row(f"{_ONE}update/", "POST", _in("update/"), only(STAFF), _zip, hides=True),
    Row(
        f"{_ONE}update/",
        "POST",
        _in("update/"),
        only(STAFF),
        lambda scene: {"proposal": "made up", "seen": "nothing"},
        hides=True,
    ),
    Row(f"{_ONE}join/", "GET", _in("join/"), _ASK, hides=True),
    Row(f"{_ONE}join/", "POST", _in("join/"), _ASK, lambda scene: {"accept": "on"}, hides=True),
    Row(f"{_ONE}participants/", "GET", _in("participants/"), only(STAFF), hides=True),
    Row(f"{_ONE}history/", "GET", _in("history/"), only(STAFF), hides=True),
    Row(f"{_ONE}history/export/", "GET", _in("history/export/"), only(STAFF), hides=True),
    Row(f"{_ONE}timeline/", "GET", _in("timeline/"), only(SIGNED_IN), hides=True),
    Row(f"{_ONE}changes.atom", "GET", _in("changes.atom"), _OPEN, hides=True),
    Row(
        f"{_ONE}participants/<int:participant>/",
        "POST",
        _participant,
        only(STAFF),
        lambda scene: {"status": "denied"},
        hides=True,
    ),
    Row(f"{_ONE}submit/", "GET", _in("submit/"), only(MEMBERS), hides=True),
    Row(f"{_ONE}submit/", "POST", _in("submit/"), only(MEMBERS), _zip, hides=True),
    Row(f"{_ONE}submissions/", "GET", _in("submissions/"), only(SIGNED_IN), hides=True),
    Row(f"{_ONE}submissions/all/", "GET", _in("submissions/all/"), only(STAFF), hides=True),
    Row(
        f"{_ONE}submissions/rerun/",
        "POST",
        _in("submissions/rerun/"),
        only(STAFF),
        lambda scene: {"do": "phase", "phase": scene.phase.pk},
        hides=True,
    ),
    *(
        Row(f"{_ONE}rescores/", method, _in("rescores/"), only(STAFF), lambda scene: {"reason": "Why."}, hides=True)
        for method in ("GET", "POST")
    ),
    *(
        Row(
            f"{_ONE}rescores/<int:rescore>/",
            method,
            lambda scene: _in(f"rescores/{open_rescore(scene)}/")(scene),
            only(STAFF),
            lambda scene: {"do": "cancel"},
            hides=True,
        )
        for method in ("GET", "POST")
    ),
    *(
        Row(
            f"{_ONE}leaderboards/<int:leaderboard>/edit/",
            method,
            lambda scene: (
                f"/competitions/{scene.competition.pk}/leaderboards/{scene.competition.leaderboards.get().pk}/edit/"
            ),
            only(STAFF),
            lambda scene: {"proposal": "made up"},
            hides=True,
        )
        for method in ("GET", "POST")
    ),
    *(
        Row(f"{_ONE}publications/", method, _in("publications/"), only(STAFF), lambda scene: {"end": "x"}, hides=True)
        for method in ("GET", "POST")
    ),
    Row(f"{_ONE}leaderboards/edit/", "GET", _in("leaderboards/edit/"), only(STAFF), hides=True),
    Row(
        f"{_ONE}leaderboards/edit/",
        "POST",
        _in("leaderboards/edit/"),
        only(STAFF),
        lambda scene: {"proposal": "made up"},
        hides=True,
    ),
    Row(
        f"{_ONE}leaderboards/previews/<int:job>/",
        "GET",
        lambda scene: (
            f"/competitions/{scene.competition.pk}/leaderboards/previews/{board_preview_of(scene, 'organizer')}/"
        ),
        only(("organizer",), others="hidden"),
    ),
    Row(
        f"{_ONE}leaderboards/changes/<int:job>/",
        "GET",
        lambda scene: (
            f"/competitions/{scene.competition.pk}/leaderboards/changes/{board_change_of_participant(scene)}/"
        ),
        only(("participant",), others="hidden"),
    ),
    Row("submissions/<int:pk>/correct/", "GET", _submission("correct/"), _OWN | {"participant": "refused"}, hides=True),
    Row(
        "submissions/<int:pk>/correct/",
        "POST",
        _submission("correct/"),
        _OWN | {"participant": "refused"},
        lambda scene: {"do": "made:0"},
        hides=True,
    ),
    Row("my-work/runs/", "GET", lambda scene: "/my-work/runs/", only(SIGNED_IN)),
    Row("my-work/runs/failures/", "GET", lambda scene: "/my-work/runs/failures/", only(("admin",))),
    Row(f"{_ONE}results/", "GET", _in("results/"), _OPEN, hides=True),
    Row(
        f"{_ONE}results/<int:phase>/",
        "GET",
        lambda scene: f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/",
        _OPEN,
        hides=True,
    ),
    *(
        Row(
            f"{_ONE}results/<int:phase>/<int:leaderboard>/table/<slug:ending>/",
            "GET",
            lambda scene, ending=ending: _board(scene, f"table/{ending}/"),
            _OPEN,
            hides=True,
        )
        for ending in ("csv", "json", "tex", "md")
    ),
    Row(f"{_ONE}results/<int:phase>/<int:leaderboard>/charts/<slug:kind>/", "GET", _chart, _OPEN, hides=True),
    Row(
        f"{_ONE}results/<int:phase>/<int:leaderboard>/ranks.csv",
        "GET",
        lambda scene: _chart(scene, "ranks", "ranks.csv"),
        _OPEN,
        hides=True,
    ),
    Row(
        f"{_ONE}results/<int:phase>/<int:leaderboard>/",
        "GET",
        lambda scene: (
            f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/{scene.competition.leaderboards.get().pk}/"
        ),
        _OPEN,
        hides=True,
    ),
    Row("submissions/<int:pk>/", "GET", _submission(), _OWN, hides=True),
    Row("submissions/<int:pk>/", "POST", _submission(), _OWN, lambda scene: {"do": "remove"}, hides=True),
    Row("submissions/<int:pk>/", "POST", _submission(), _OWN, lambda scene: {"do": "cancel"}, hides=True),
    Row("submissions/<int:pk>/", "POST", _submission(), _OWN, lambda scene: {"do": "add"}, hides=True),
    Row(
        "submissions/<int:pk>/files/<int:part>/<slug:kind>/",
        "GET",
        lambda scene: f"/submissions/{scene.submissions[0].pk}/files/{scene.submissions[0].pk}/data/",
        _OWN,
        hides=True,
    ),
    Row(
        "submissions/<int:pk>/logs/<int:part>/<slug:kind>/",
        "GET",
        lambda scene: f"/submissions/{scene.submissions[0].pk}/logs/{scene.submissions[0].pk}/scoring_stdout/",
        _OWN,
        hides=True,
    ),
    Row("submissions/<int:pk>/detailed-results/", "GET", _detailed(), _OWN, hides=True),
    Row(
        "submissions/<int:pk>/detailed-results/document/",
        "GET",
        _detailed("document/"),
        _OWN,
        hides=True,
    ),
    Row("workers/", "GET", lambda scene: "/workers/", only(("admin",))),
    Row("workers/", "POST", lambda scene: "/workers/", only(("admin",)), lambda scene: {"do": "end"}),
    Row("my-work/", "GET", lambda scene: "/my-work/", only(SIGNED_IN)),
    Row("my-work/running/", "GET", lambda scene: "/my-work/running/", only(SIGNED_IN)),
    Row("my-work/queues/", "GET", lambda scene: "/my-work/queues/", only(SIGNED_IN)),
    Row("my-work/queues/", "POST", lambda scene: "/my-work/queues/", only(SIGNED_IN), lambda scene: {"name": ""}),
    Row("my-work/queues/<int:pk>/", "GET", queue_of_participant("my-work/queues"), _QUEUE),
    Row(
        "my-work/queues/<int:pk>/", "POST", queue_of_participant("my-work/queues"), _QUEUE, lambda scene: {"name": "x"}
    ),
    Row("my-work/account/", "GET", lambda scene: "/my-work/account/", only(SIGNED_IN)),
    Row("my-work/account/", "POST", lambda scene: "/my-work/account/", only(SIGNED_IN), lambda scene: {"name": "x"}),
    Row("my-work/space/", "GET", lambda scene: "/my-work/space/", only(SIGNED_IN)),
    Row("my-work/tokens/", "GET", lambda scene: "/my-work/tokens/", only(SIGNED_IN)),
    Row("my-work/tokens/", "POST", lambda scene: "/my-work/tokens/", only(SIGNED_IN), lambda scene: {"label": "x"}),
    Row("my-work/tokens/<int:pk>/revoke/", "POST", _token, only(("participant",), others="hidden")),
]

_VISITORS_ONLY = ("login/", "signup/")
_NOBODY_MORE = ("logout/", "inactive/", "confirm-email/", "password/reset/", "password/reset/done/")

ROWS += [
    *(Row(f"accounts/{path}", "GET", _account(path), _OPEN) for path in (*_VISITORS_ONLY, *_NOBODY_MORE)),
    Row("accounts/reauthenticate/", "GET", _account("reauthenticate/"), only(SIGNED_IN)),
    Row("accounts/email/", "GET", _account("email/"), only(SIGNED_IN)),
    Row("accounts/password/change/", "GET", _account("password/change/"), only(SIGNED_IN)),
    Row("accounts/password/set/", "GET", _account("password/set/"), only(SIGNED_IN)),
    Row("accounts/login/code/confirm/", "GET", _account("login/code/confirm/"), only(SIGNED_IN)),
    Row("accounts/password/reset/key/done/", "GET", _account("password/reset/key/done/"), _OPEN),
    Row(r"accounts/^confirm-email/(?P<key>[-:\w]+)/$", "GET", _account("confirm-email/x/"), _OPEN),
    Row(
        r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        "GET",
        _account("password/reset/key/1-x/"),
        _OPEN,
    ),
]
