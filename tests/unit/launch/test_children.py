"""When a child that ended is started again."""

from __future__ import annotations

import os
import sys

from podium.launch.children import Child


def test_a_child_that_says_that_the_machine_must_be_changed_first_is_not_started_again_soon() -> None:
    # EX_CONFIG of sysexits.h, what a worker ends with that cannot isolate programs here.
    hopeless = Child("worker", [sys.executable, "-c", f"raise SystemExit({os.EX_CONFIG})"], dict(os.environ))
    for _ in range(2):
        hopeless.start()
        assert hopeless.reap() == 78
        assert hopeless.delay_s == 300
        assert hopeless.due - hopeless.started >= 300


def test_other_failures_are_tried_again_soon() -> None:
    failing = Child("worker", [sys.executable, "-c", "raise SystemExit(1)"], dict(os.environ))
    failing.start()
    failing.reap()
    assert failing.delay_s < 1
