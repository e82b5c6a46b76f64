"""Erasing a person: name, address and everything the person wrote go; scores, ranks and the proof of them stay."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Q

from podium.rules.errors import Conflict, NotFound
from podium.rules.history import EventKind
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.charts.models import Chart
from podium.server.competitions.models import Competition, WhitelistedAddress
from podium.server.files.models import DataSet, DataSetType
from podium.server.history.models import EventText
from podium.server.history.services import ChainName, append
from podium.server.jobs.internal.models import InternalJob
from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.leaderboards.services import hold_board
from podium.server.leaderboards.services.versions import new_version
from podium.server.modelboards.models import Dataset, Predictions, ReferenceSet, Result
from podium.server.modelboards.services import forget_published
from podium.server.submissions.models import Attempt, LiveMessage, ScoreEdit, Submission

_ENDINGS = frozenset(("csv", "tsv", "json", "jsonl", "ndjson"))


@transaction.atomic
def erase(by: Person | None, user_id: int, *, also_organizers: bool = False) -> str:
    """Erase a person, for ever. Returns what boards call the person from now on.

    Submissions, their files, scores and entries stay, as do the events, which name nobody. `by` is None for whoever
    keeps the site. Only with `also_organizers` is somebody erased who runs competitions: nobody else may be left to.

    Raises:
        NotFound: there is no such person, or the person is erased already.
        Conflict: the person runs competitions, or is the last administrator.
    """
    _hold_boards(user_id)
    user = hold_account(user_id) if User.objects.filter(pk=user_id).exists() else None
    if user is None or (not user.is_active and user.email == _address(user)):
        raise NotFound("no-such-person", "There is no such account.", "It may have been deleted before.")
    _check(user, also_organizers=also_organizers)
    _leave_competitions(by, user)
    _forget_what_was_written(user)
    _forget_boards(user)
    _forget_account(user)
    append(ChainName.site(), EventKind.USER_ERASED, actor=by, payload={"user": str(user.opaque_id)})
    return user.shown_name


def _hold_boards(user_id: int) -> None:
    """In the order in which everybody locks them."""
    phases = Entry.objects.filter(owner_id=user_id).order_by("phase_id").values_list("phase_id", flat=True)
    for phase_id in dict.fromkeys(phases):
        hold_board(phase_id)


def _check(user: User, *, also_organizers: bool) -> None:
    if user.is_superuser and not User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists():
        raise Conflict(
            "last-administrator",
            "This is the only administrator's account.",
            "Make another one first: `podium user create NAME EMAIL --admin`.",
        )
    titles = list(Competition.objects.filter(created_by=user).order_by("pk").values_list("title", flat=True)[:3])
    if titles and not also_organizers:
        raise Conflict(
            "runs-competitions",
            f"This account runs competitions: {', '.join(titles)}.",
            "Delete them first, or ask the administrator to delete the account all the same.",
        )


def _leave_competitions(by: Person | None, user: User) -> None:
    for competition_id in sorted(user.collaborations.values_list("pk", flat=True)):
        payload = {"competition": competition_id, "user": str(user.opaque_id)}
        append(ChainName.competition(competition_id), EventKind.COLLABORATOR_REMOVED, actor=by, payload=payload)
    user.collaborations.clear()
    user.organized_queues.clear()
    WhitelistedAddress.objects.filter(address=user.email.lower()).delete()
    Competition.objects.filter(contact_email__iexact=user.email).update(contact_email="")


def _forget_what_was_written(user: User) -> None:
    EventText.objects.filter(about=str(user.opaque_id)).delete()
    sent = Submission.objects.filter(owner=user)
    # What a program wrote may quote what it was given, such as the name of a file.
    sent.update(description="", fact_sheet_answers=None, status_details="", reason_hint="")
    Attempt.objects.filter(run__submission__owner=user).update(reason="", notes=[])
    _forget_unknown_keys(user)
    LiveMessage.objects.filter(book__submission__owner=user).delete()
    ScoreEdit.objects.filter(submission__owner=user).update(reason="")
    mine = list(sent.values_list("pk", flat=True))
    for start in range(0, len(mine), 500):
        part = mine[start : start + 500]
        EntryMark.objects.filter(submission_id__in=part).update(reason="")
        forget_published(part)
    for type_ in DataSetType:
        name = f"{type_.value}.zip"
        DataSet.objects.filter(owner=user, type=type_).update(name=name, file_name=name, description="")
    _forget_results(user)
    _forget_names_of_files(user)
    InternalJob.objects.filter(owner=user).exclude(ended_at=None).delete()


def _forget_results(user: User) -> None:
    """Who sent results, also what others wrote there of this person; boards that showed it are made again."""
    named = Q(submitted_by__icontains=user.email)
    for name in filter(None, (user.username, user.display_name)):
        named |= Q(submitted_by__iexact=name)
    Predictions.objects.filter(named).update(submitted_by="")
    results = Result.objects.filter(named | Q(submitter=user)).exclude(submitted_by="")
    datasets = set(results.values_list("dataset_id", flat=True))
    results.update(submitted_by="")
    Dataset.objects.filter(pk__in=datasets).update(version=F("version") + 1)


def _forget_names_of_files(user: User) -> None:
    """Of what was sent to model boards: also what is wrong with a file says how it is called. The ending stays, as it
    tells how to read the file."""
    for sent in Predictions.objects.filter(submitter=user):
        sent.submitted_by, sent.name, sent.problems = "", _nameless(sent.name), _placeless(sent.problems)
        sent.save(update_fields=["submitted_by", "name", "problems"])
    for references in ReferenceSet.objects.filter(sender=user):
        references.name, references.inputs_name = _nameless(references.name), _nameless(references.inputs_name)
        references.problems = _placeless(references.problems)
        references.save(update_fields=["name", "inputs_name", "problems"])


def _nameless(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return f"file.{ending}" if ending in _ENDINGS else "file" if name else ""


def _placeless(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**problem, "file": None} for problem in problems]


def _forget_unknown_keys(user: User) -> None:
    """Of what attempts reported, keep what belongs to a column: a key that no leaderboard has is a program's text."""
    attempts = Attempt.objects.filter(run__submission__owner=user).exclude(reported_scores=None)
    columns: dict[int, frozenset[str]] = {}
    for pk, competition_id, reported in attempts.values_list(
        "pk", "run__submission__phase__competition_id", "reported_scores"
    ):
        if competition_id not in columns:
            columns[competition_id] = columns_of_competition(competition_id).keys
        kept = [pair for pair in reported or () if pair[0] in columns[competition_id]]
        if kept != reported:
            Attempt.objects.filter(pk=pk).update(reported_scores=kept)


def _forget_boards(user: User) -> None:
    """Entries say the new name by themselves; what was made of the old one is made again."""
    entries = Entry.objects.filter(owner=user)
    boards = sorted(set(entries.values_list("leaderboard_id", "phase_id")))
    entries.update(fact_sheet_answers=None)
    for leaderboard_id, phase_id in boards:
        Chart.objects.filter(leaderboard_id=leaderboard_id, phase_id=phase_id).delete()
        new_version(leaderboard_id, phase_id)


def _forget_account(user: User) -> None:
    user.api_tokens.all().delete()
    EmailAddress.objects.filter(user=user).delete()
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    # With spaces, as no name that somebody chooses has them.
    user.username = f"deleted participant {user.pk}"
    user.display_name = f"Deleted participant {user.pk}"
    user.email = _address(user)
    user.password = make_password(None)
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.save()


def _address(user: User) -> str:
    return f"deleted-{user.pk}@invalid"
