import io
import re
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.integration.server.scene import Scene, failed, ran, scored, sent

from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.runs import RunState, Step, SubmissionStatus
from podium.server.competitions.models import Competition, Phase
from podium.server.leaderboards.models import Leaderboard
from podium.server.submissions.models import Attempt, Submission

As = Callable[[str | None], Client]
SCORES = {"accuracy": 0.8, "f1": 0.7, "duration": 1.5}


def a_zip() -> SimpleUploadedFile:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("prediction", "1\n3\n2\n")
    return SimpleUploadedFile("seeds.zip", content.getvalue(), "application/zip")


def submit(scene: Scene, client: Client, **more):
    data = {"phase": scene.phase.pk, "file": a_zip(), **more}
    return client.post(f"/competitions/{scene.competition.pk}/submit/", data, headers=more.pop("headers", {}))


def test_a_zip_becomes_a_submission_that_waits_for_a_worker(scene: Scene, as_: As) -> None:
    answer = submit(scene, as_("participant"), description="first try")
    made = Submission.objects.get()
    assert answer.headers["Location"] == f"/submissions/{made.pk}/"
    assert made.data.file_name == "seeds.zip"
    page = as_("participant").get(f"/submissions/{made.pk}/").content.decode()
    assert "none of this site was ever heard of" in page
    assert "first try" in page


def test_a_script_that_uploads_is_told_where_to_go(scene: Scene, as_: As) -> None:
    data = {"phase": scene.phase.pk, "file": a_zip()}
    answer = as_("participant").post(
        f"/competitions/{scene.competition.pk}/submit/", data, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == f"/submissions/{Submission.objects.get().pk}/"


def test_what_is_no_zip_is_refused_in_place_and_leaves_nothing(scene: Scene, as_: As) -> None:
    broken = SimpleUploadedFile("seeds.zip", b"no zip at all")
    address = f"/competitions/{scene.competition.pk}/submit/"
    page = as_("participant").post(address, {"phase": scene.phase.pk, "file": broken})
    assert page.status_code == 400
    assert 'class="note bad" role="alert"' in page.content.decode()
    assert "New submission" in page.content.decode()
    broken.seek(0)
    fragment = as_("participant").post(
        address, {"phase": scene.phase.pk, "file": broken}, headers={"HX-Request": "true"}
    )
    assert fragment.status_code == 400
    assert fragment.content.decode().startswith('<div class="note bad" role="alert">')
    assert not Submission.objects.exists()


def test_nothing_chosen_is_said_at_the_field(scene: Scene, as_: As) -> None:
    address = f"/competitions/{scene.competition.pk}/submit/"
    assert "Choose a file." in as_("participant").post(address, {"phase": scene.phase.pk}).content.decode()
    empty = {"phase": scene.phase.pk, "file": SimpleUploadedFile("a.zip", b"")}
    assert "The file is empty." in as_("participant").post(address, empty).content.decode()


def test_a_phase_that_is_not_open_cannot_be_named(scene: Scene, as_: As) -> None:
    data = {"phase": scene.phases[0].pk, "file": a_zip()}
    answer = as_("participant").post(f"/competitions/{scene.competition.pk}/submit/", data)
    assert answer.status_code == 400
    assert not Submission.objects.exists()


def test_without_an_open_phase_there_is_no_form(scene: Scene, as_: As) -> None:
    Phase.objects.filter(index=1).delete()
    page = as_("participant").get(f"/competitions/{scene.competition.pk}/submit/").content.decode()
    assert "No phase is open." in page
    assert "<form class" not in page


def test_what_is_left_of_the_quota_is_shown_and_then_enforced(scene: Scene, as_: As) -> None:
    Phase.objects.filter(pk=scene.phase.pk).update(max_submissions_per_day=1)
    address = f"/competitions/{scene.competition.pk}/submit/"
    assert "1 of 1" in as_("participant").get(address).content.decode()
    submit(scene, as_("participant"))
    assert "0 of 1" in as_("participant").get(address).content.decode()
    refused = submit(scene, as_("participant"))
    assert refused.status_code == 400
    assert "The next one is possible from" in refused.content.decode()
    assert Submission.objects.count() == 1


def test_the_fact_sheet_is_asked_and_kept(scene: Scene, as_: As) -> None:
    question = {"key": "team", "title": "Team", "type": "text", "selection": [], "is_required": True}
    box = {"key": "deep", "title": "Deep learning", "type": "checkbox", "selection": [], "is_required": False}
    Competition.objects.update(fact_sheet=[question, box])
    assert submit(scene, as_("participant")).status_code == 400
    submit(scene, as_("participant"), answer_team="Otters", answer_deep="on")
    assert Submission.objects.get().fact_sheet_answers == {"team": "Otters", "deep": True}


def test_answers_stand_below_the_titles_of_their_questions_empty_ones_too(scene: Scene, as_: As) -> None:
    team = {"key": "team", "title": "Your team", "type": "text", "selection": [], "is_required": False}
    code = {"key": "code", "title": "Where is your code?", "type": "text", "selection": [], "is_required": False}
    new = {"key": "new", "title": "Asked later", "type": "text", "selection": [], "is_required": False}
    Competition.objects.update(fact_sheet=[team, code])
    submit(scene, as_("participant"), answer_team="Otters")
    Competition.objects.update(fact_sheet=[team, code, new])
    row = Submission.objects.get()
    Submission.objects.update(fact_sheet_answers={**row.fact_sheet_answers, "dropped": "said before"})
    page = as_("participant").get(f"/submissions/{row.pk}/").content.decode()
    shown = dict(re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL))
    assert shown["Your team"].strip() == "Otters"
    assert shown["Where is your code?"].strip() == shown["Asked later"].strip() == "not answered"
    assert shown["dropped"].strip() == "said before"


def test_a_failure_is_one_word_a_reason_and_what_to_do(scene: Scene, as_: As) -> None:
    row = failed(scene, scene.people["participant"])
    page = as_("participant").get(f"/submissions/{row.pk}/").content.decode()
    assert '<span class="is bad">Failed</span>, after 4.1 s' in page
    assert "ValueError: expected 210 predictions, found 209." in page
    assert "Check that the last line of your file is not missing, then submit again." in page
    assert "does not count against the limits" in page
    assert "Attempt 1 on lab-1, lost: The worker was not heard of any more." in page
    assert re.search(
        r'<details class="log"[^>]* open><summary>Scoring: errors and warnings</summary><p.*</p><pre[^>]*>Traceback',
        page,
    )
    assert "data-live" not in page


def test_logs_are_shown_as_text_whatever_is_in_them(scene: Scene, as_: As) -> None:
    row = sent(scene, scene.people["participant"], status=SubmissionStatus.SCORING)
    hostile = "\x1b[31m<script>alert(1)</script>\x00\r\nend"
    ran(row, Step.SCORING, RunState.LEASED, None, out=hostile)
    page = as_("participant").get(f"/submissions/{row.pk}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nend" in page
    assert "<script>alert" not in page
    assert "\x1b" not in page


def test_a_long_log_shows_its_end_and_says_so(scene: Scene, as_: As) -> None:
    row = sent(scene, scene.people["participant"], status=SubmissionStatus.SCORING)
    ran(row, Step.SCORING, RunState.LEASED, None, out="beginning\n" + "x" * 1_000_000 + "\nthe end")
    page = as_("participant").get(f"/submissions/{row.pk}/").content.decode()
    assert "the end</pre>" in page
    assert "beginning" not in page
    # 1,000,018 bytes, of which 24,000 are shown
    assert "The first 1.0 MB are left out here." in page


def test_a_page_asks_for_news_until_the_submission_has_ended(scene: Scene, as_: As) -> None:
    row = sent(scene, scene.people["participant"], status=SubmissionStatus.SCORING)
    attempt = ran(row, Step.SCORING, RunState.LEASED, None)
    browser = as_("participant")
    page = browser.get(f"/submissions/{row.pk}/").content.decode()
    poll = re.search(r'data-live="/live/submissions/\d+/[^"]+" data-news="([^"]+)"', page)
    assert poll
    same = browser.get(poll[1], headers={"HX-Request": "true"})
    assert (same.status_code, same.content) == (204, b"")
    Submission.objects.filter(pk=row.pk).update(status="Finished", ended_at=row.created_at)
    attempt.run.job.__class__.objects.update(state="finished")
    news = browser.get(poll[1], headers={"HX-Request": "true"})
    assert news.content.decode().lstrip().startswith('<div id="submission" data-say="Finished">')
    assert "data-live" not in news.content.decode()
    assert "HX-Request" in news.headers["Vary"]


def test_the_participant_puts_a_submission_on_the_board_and_takes_it_off(scene: Scene, as_: As) -> None:
    row = scored(scene, scene.people["participant"], SCORES)
    address = f"/submissions/{row.pk}/"
    before = as_("participant").get(address).content.decode()
    assert "Not on the leaderboard. This competition leaves it to you" in before
    added = as_("participant").post(address, {"do": "add"}, follow=True).content.decode()
    assert "Added to the leaderboard." in added
    assert "Remove from leaderboard" in added
    assert Submission.objects.get(pk=row.pk).on_board
    as_("participant").post(address, {"do": "remove"})
    assert not Submission.objects.get(pk=row.pk).on_board


def test_where_the_board_fills_itself_there_is_no_button_and_no_way_round(scene: Scene, as_: As) -> None:
    Leaderboard.objects.update(submission_rule=SubmissionRule.FORCE_BEST.value)
    best = scored(scene, scene.people["participant"], SCORES)
    worse = scored(scene, scene.people["participant"], SCORES | {"accuracy": 0.1})
    page = as_("participant").get(f"/submissions/{worse.pk}/").content.decode()
    assert "Add to leaderboard" not in page
    assert "The leaderboard shows your best submission, which is another one." in page
    refused = as_("participant").post(f"/submissions/{worse.pk}/", {"do": "add"}, follow=True).content.decode()
    assert "This leaderboard fills itself" in refused
    assert Submission.objects.get(pk=best.pk).on_board
    assert not Submission.objects.get(pk=worse.pk).on_board


def test_scores_stand_in_the_order_of_the_columns_rounded_as_they_say(scene: Scene, as_: As) -> None:
    row = scored(scene, scene.people["participant"], {"duration": 1.5, "accuracy": 0.81239})
    page = as_("participant").get(f"/submissions/{row.pk}/").content.decode()
    found = re.findall(r'<th scope="row">([^<]+)</th><td class="n" title="([^"]+)">([^<]+)</td>', page)
    assert found == [("Accuracy", "0.81239", "0.812"), ("Duration, s", "1.5", "1.50")]


def test_a_cancelled_submission_ends(scene: Scene, as_: As) -> None:
    submit(scene, as_("participant"))
    row = Submission.objects.get()
    page = as_("participant").post(f"/submissions/{row.pk}/", {"do": "cancel"}, follow=True).content.decode()
    assert Submission.objects.get().status == "Cancelled"
    assert "Cancelled" in page


def test_an_unknown_button_is_refused(scene: Scene, as_: As) -> None:
    row = scored(scene, scene.people["participant"], SCORES)
    assert as_("participant").post(f"/submissions/{row.pk}/", {"do": "explode"}).status_code == 400


def test_what_was_sent_and_written_is_fetched_by_signed_links(scene: Scene, as_: As) -> None:
    row = failed(scene, scene.people["participant"])
    sent_file = as_("participant").get(f"/submissions/{row.pk}/files/{row.pk}/data/")
    assert sent_file.headers["Location"].startswith(f"/blobs/{row.data.blob_id}/seeds-v7.zip?")
    log = as_("participant").get(f"/submissions/{row.pk}/files/{row.pk}/scoring_stderr/")
    assert "/scoring_stderr.txt?" in log.headers["Location"]
    assert as_("participant").get(f"/submissions/{row.pk}/files/{row.pk}/nonsense/").status_code == 404


def test_hidden_output_is_for_organizers_only(scene: Scene, as_: As) -> None:
    Phase.objects.update(hide_score_output=True)
    row = failed(scene, scene.people["participant"])
    log = f"/submissions/{row.pk}/files/{row.pk}/scoring_stderr/"
    page = as_("participant").get(f"/submissions/{row.pk}/").content.decode()
    assert "Traceback" not in page
    assert "The organizer keeps the logs and files of this step." in page
    assert as_("participant").get(log).status_code == 404
    assert as_("organizer").get(log).status_code == 302


@pytest.mark.parametrize("where", ["/competitions/{}/submissions/", "/my-work/"])
def test_lists_show_state_and_ask_for_news(scene: Scene, as_: As, where: str) -> None:
    address = where.format(scene.competition.pk)
    scored(scene, scene.people["participant"], SCORES)
    sent(scene, scene.people["participant"], status=SubmissionStatus.SUBMITTED)
    page = as_("participant").get(address).content.decode()
    poll = re.search(r'data-live="/live/[^"]+" data-news="([^"]+)"', page)
    assert poll
    assert as_("participant").get(poll[1], headers={"HX-Request": "true"}).status_code == 204
    assert as_("participant").get(address).content.decode().count('<th scope="row">') == 2


def test_organizers_see_everybodys_submissions_with_their_names(scene: Scene, as_: As) -> None:
    row = scored(scene, scene.people["participant"], SCORES)
    page = as_("organizer").get(f"/competitions/{scene.competition.pk}/submissions/all/").content.decode()
    assert f'href="/submissions/{row.pk}/"' in page
    assert "<td>participant</td>" in page
    assert "0.800" in page


def test_everything_it_was_made_from_is_named_by_its_hash(scene: Scene, as_: As) -> None:
    row = scored(scene, scene.people["participant"], SCORES)
    Attempt.objects.update(made_from={"program_data": "5c" * 32, "prediction_result": row.data.blob_id})
    page = as_("participant").get(f"/submissions/{row.pk}/").content.decode()
    facts = dict(re.findall(r'<dt>([^<]+)</dt><dd><code title="([0-9a-f]{64})">', page))
    assert facts == {"Scoring program": "5c" * 32, "Submission": row.data.blob_id}
    assert "science in place of <code>podium/science</code>" in page
