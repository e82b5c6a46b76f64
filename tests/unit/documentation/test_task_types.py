"""The page of task types says what they are."""

from __future__ import annotations

from tools.task_types_page import PAGE, page


def test_the_page_of_task_types_is_made_from_them() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "type: python -m tools.task_types_page"
