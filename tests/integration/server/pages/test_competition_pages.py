import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.integration.server.scene import Scene, scored, sent

from podium.rules.runs import SubmissionStatus
from podium.server.competitions.models import Competition, Page
from podium.server.files.models import Blob
from podium.server.leaderboards.models import Column
from podium.server.submissions.models import SubmissionCount

As = Callable[[str | None], Client]


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.django_db
def test_an_empty_site_says_how_a_competition_comes_into_being(client: Client) -> None:
    page = text_of(client.get("/"))
    assert "Nothing is published here yet." in page
    assert "competition.yaml" in page


def test_the_list_shows_title_line_state_and_counts(scene: Scene, as_: As) -> None:
    page = text_of(as_(None).get("/"))
    assert f'href="/competitions/{scene.competition.pk}/"' in page
    assert "Classify Wheat Seeds" in page
    assert "Three kinds of wheat, told apart by the shape of their grains." in page
    assert "<b>Development phase</b> closes <time" in page
    assert "1 participant · 0 submissions · $1,000" in page


@pytest.mark.parametrize("tab", ["", "results/", "submissions/all/"])
def test_the_tab_of_all_submissions_says_how_many_there_are(scene: Scene, as_: As, tab: str) -> None:
    sent(scene, scene.people["participant"], status=SubmissionStatus.FAILED)

    def counted() -> list[str]:
        page = text_of(as_("organizer").get(f"/competitions/{scene.competition.pk}/{tab}"))
        return re.findall(r"All submissions\s*<span[^>]*>([^<]*)</span>", page)

    assert counted() == ["1"]
    SubmissionCount.objects.update(number=1001)
    assert counted() == ["1,001"]
    assert "All submissions" not in text_of(as_("participant").get(f"/competitions/{scene.competition.pk}/{tab}"))
    found = as_(None).get(f"/api/competitions/{scene.competition.pk}/").json()
    assert found["submissions_count"] == 1001


def test_an_unpublished_competition_is_listed_for_its_organizer_and_marked(scene: Scene, as_: As) -> None:
    Competition.objects.update(published=False)
    assert "Classify Wheat Seeds" not in text_of(as_("participant").get("/"))
    assert "Not published" in text_of(as_("organizer").get("/"))


def test_the_overview_shows_the_first_page_as_safe_html(scene: Scene, as_: As) -> None:
    Page.objects.filter(index=0).update(
        content="# Sort\n\n<script>alert(1)</script>\n\n**wheat** <b onclick='x()'>b</b>"
    )
    page = text_of(as_(None).get(f"/competitions/{scene.competition.pk}/"))
    assert "<h3>Sort</h3>" in page
    assert "<strong>wheat</strong>" in page
    assert "alert(1)" not in page
    assert "onclick" not in page
    assert 'href="mailto:seeds@example.org"' in page


def test_another_page_has_an_address_of_its_own(scene: Scene, as_: As) -> None:
    page = text_of(as_(None).get(f"/competitions/{scene.competition.pk}/pages/1/"))
    assert "Accuracy, then F1." in page
    assert as_(None).get(f"/competitions/{scene.competition.pk}/pages/7/").status_code == 404


def test_phases_name_their_limits_and_give_files_to_participants_only(scene: Scene, as_: As) -> None:
    address = f"/competitions/{scene.competition.pk}/phases/"
    page = text_of(as_("participant").get(address))
    assert "5 a day, 100 in all" in page
    assert "10 min for each step" in page
    assert "starting-kit.zip" in page
    assert "starting-kit.zip" not in text_of(as_("user").get(address))


def test_a_phase_says_what_it_takes_over(scene: Scene, as_: As) -> None:
    later = scene.phases[2]
    later.auto_migrate_to_this_phase = True
    later.save()
    page = as_(None).get(f"/competitions/{scene.competition.pk}/phases/").text
    assert "successful submissions of the phase before, when it opens" in page
    later.migrate = "board"
    later.save()
    page = as_(None).get(f"/competitions/{scene.competition.pk}/phases/").text
    assert "board entries of the phase before, when it opens" in page


def test_a_file_is_fetched_by_a_signed_link_to_its_content(scene: Scene, as_: As) -> None:
    answer = as_("participant").get(f"/competitions/{scene.competition.pk}/files/{scene.kit.key}/")
    assert answer.status_code == 302
    link = rf"/blobs/{scene.kit.blob_id}/starting-kit\.zip\?expires=\d+&signature=[\w-]+"
    assert re.fullmatch(link, answer.headers["Location"])


def test_the_logo_is_a_picture_that_browsers_may_keep(scene: Scene, as_: As) -> None:
    answer = as_(None).get(f"/competitions/{scene.competition.pk}/logo/")
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "image/png"
    assert "max-age" in answer.headers["Cache-Control"]
    assert content.startswith(b"\x89PNG")
    logo = Blob.objects.get(pk=scene.competition.logo_id)
    assert len(content) == logo.size_bytes


def test_the_button_publishes_and_unpublishes(scene: Scene, as_: As) -> None:
    address = f"/competitions/{scene.competition.pk}/publish/"
    as_("organizer").post(address, {"published": "no"})
    assert not Competition.objects.get(pk=scene.competition.pk).published
    answer = as_("organizer").post(address, {"published": "yes"}, follow=True)
    assert Competition.objects.get(pk=scene.competition.pk).published
    assert "Published: everybody sees this competition now." in text_of(answer)


@pytest.mark.parametrize(
    ("who", "button"),
    [
        (None, "Sign in to take part"),
        ("user", "Join"),
        ("participant", "Submit"),
        ("pending", "Waiting for the organizer."),
        ("denied", "The organizer has denied your participation."),
        ("organizer", "Unpublish"),
    ],
)
def test_the_head_offers_what_the_person_can_do_next(scene: Scene, as_: As, who: str | None, button: str) -> None:
    assert button in text_of(as_(who).get(f"/competitions/{scene.competition.pk}/"))


def test_only_organizers_find_the_tabs_for_organizers(scene: Scene, as_: As) -> None:
    address = f"/competitions/{scene.competition.pk}/"
    assert "participants/" in text_of(as_("collaborator").get(address))
    assert "participants/" not in text_of(as_("participant").get(address))


def test_the_board_ranks_marks_the_own_row_and_explains_what_is_missing(scene: Scene, as_: As) -> None:
    scored(scene, scene.people["user"], {"accuracy": 0.5, "f1": 0.75, "duration": 12.0}, on_board=True)
    scored(scene, scene.people["participant"], {"accuracy": 0.8, "duration": 3.25}, on_board=True)
    page = text_of(as_("participant").get(f"/competitions/{scene.competition.pk}/results/"))
    rows = re.findall(
        r'<tr data-key="\d+"( class="mine")?>\s*<td class="n rank">(\d+)</td>\s*<th[^>]*>(?:<a[^>]*>)?(\w+)', page
    )
    assert rows == [(' class="mine"', "1", "participant"), ("", "2", "user")]
    assert re.search(r'<td class="n opt missing" title="[^"]+">–</td>', page)
    assert "0.800" in page
    assert "12.00" in page
    assert 'aria-sort="descending"' in page
    assert "ranked by Accuracy, then F1, then Duration, s, then the earlier submission" in page


def test_an_empty_board_says_how_it_fills(scene: Scene, as_: As) -> None:
    page = text_of(as_(None).get(f"/competitions/{scene.competition.pk}/results/{scene.phases[2].pk}/"))
    assert "No scores yet." in page
    assert "Add to leaderboard" in page


def test_the_board_of_another_competitions_phase_is_not_shown_here(scene: Scene, as_: As) -> None:
    other = Competition.objects.create(
        title="Other",
        terms="",
        created_by=scene.people["user"],
        created_at=scene.competition.created_at,
        published=True,
        docker_image="x",
    )
    assert as_(None).get(f"/competitions/{other.pk}/results/{scene.phase.pk}/").status_code == 404


def test_an_organizer_takes_the_competition_out_by_a_button(scene: Scene, as_: As) -> None:
    address = f"/competitions/{scene.competition.pk}/export/"
    assert f'action="{address}"' in text_of(as_("organizer").get(f"/competitions/{scene.competition.pk}/"))
    assert address not in text_of(as_("participant").get(f"/competitions/{scene.competition.pk}/"))
    sent = as_("organizer").post(address)
    assert sent.status_code == 302
    assert re.fullmatch(r"/blobs/[0-9a-f]{64}/classify-wheat-seeds\.zip\?expires=.*", sent["Location"])


def test_the_long_title_of_a_column_may_take_several_lines(scene: Scene, as_: As) -> None:
    Column.objects.filter(key="f1").update(title=f"F1 {'of all nights ' * 8}")
    scored(scene, scene.people["user"], {"accuracy": 0.5, "f1": 0.75, "duration": 12.0}, on_board=True)
    page = text_of(as_("participant").get(f"/competitions/{scene.competition.pk}/results/"))
    heads = re.findall(r'<th scope="col" class="([^"]*)"[^>]*><a [^>]*>(Accuracy|F1|Duration)', page)
    assert [(title, "long" in classes.split()) for classes, title in heads] == [
        ("Accuracy", False),
        ("F1", True),
        ("Duration", False),
    ]
