"""Open pages of model boards hear of every change of what they show, and of nothing else."""

from __future__ import annotations

import pytest

from podium.rules.errors import NotFound
from podium.rules.modelboards.declared import read_declared
from podium.server import clock
from podium.server.accounts.credentials import Credential, credential_of
from podium.server.live.model_boards import BoardFollower, BoardTold, place_on_board, tell_boards
from podium.server.modelboards.models import BoardStatistics, Dataset
from podium.server.modelboards.queries.following import LIST, BoardSubject, follow_board
from podium.server.modelboards.services import DatasetWishes, add_dataset, add_result

pytestmark = pytest.mark.django_db
VISITOR: Credential = credential_of("", "")


@pytest.fixture(autouse=True)
def datasets(db: None) -> None:
    for name in ("Moods", "Names"):
        add_dataset(None, DatasetWishes(name, "text_classification"))


def follower(subject: BoardSubject, text: str = "") -> BoardFollower:
    return BoardFollower(1, VISITOR, subject, place_on_board(subject, text))


def declare(score: float = 0.5, dataset: str = "Moods") -> None:
    add_result(None, dataset, read_declared({"model": "Llama3", "score": score}))


def told(each: BoardFollower) -> BoardTold:
    (said,) = tell_boards([each])
    return said


def test_a_result_is_told_once_to_its_board_and_to_the_list() -> None:
    board, other, everything = follower(follow_board("moods")), follower(follow_board("names")), follower(LIST)
    assert tell_boards([board, other, everything]) == []
    declare()
    said = tell_boards([board, other, everything])
    assert [(each.follower.subject, each.changed, each.gone) for each in said] == [
        (board.subject, True, False),
        (LIST, True, False),
    ]
    assert tell_boards([each.follower for each in said]) == []


def test_the_same_result_again_is_no_news() -> None:
    declare()
    board = follower(follow_board("moods"))
    declare()
    assert tell_boards([board]) == []
    declare(0.75)
    assert told(board).changed


def test_statistics_that_are_ready_are_news() -> None:
    board = follower(follow_board("moods"))
    dataset = Dataset.objects.get(slug="moods")
    BoardStatistics.objects.create(dataset=dataset, version=dataset.version, computed_at=clock.now(), content={})
    assert told(board).changed
    # They are of a version that is past: what the page shows of them now is that they are.
    later = follower(follow_board("moods"))
    declare()
    assert told(later).changed


def test_a_new_dataset_is_news_for_the_list() -> None:
    everything = follower(LIST)
    add_dataset(None, DatasetWishes("Third", "text_classification"))
    assert told(everything).changed


def test_a_page_that_comes_back_is_told_what_it_missed() -> None:
    board = follower(follow_board("moods"))
    declare()
    assert told(follower(board.subject, str(board.place))).changed
    for nonsense in ("", "-", "-x", "1:2-", "-" + "9" * 40, "-\u0661"):
        assert tell_boards([follower(board.subject, nonsense)]) == []


def test_a_dataset_that_is_deleted_is_gone_for_its_page() -> None:
    board = follower(follow_board("moods"))
    Dataset.objects.all().delete()
    said = told(board)
    assert (said.changed, said.gone) == (False, True)


def test_there_is_nothing_to_follow_where_no_dataset_is() -> None:
    with pytest.raises(NotFound):
        follow_board("nothing")


def test_the_number_of_queries_does_not_grow_with_the_pages(django_assert_num_queries: object) -> None:
    board = follow_board("moods")
    many = [BoardFollower(number, VISITOR, board, place_on_board(board, "-0")) for number in range(50)]
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(tell_boards(many)) == 50
