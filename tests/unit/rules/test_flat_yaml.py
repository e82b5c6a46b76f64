"""Small YAML files of strangers."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import yaml

from podium.rules.flat_yaml import DEEPEST, compose_flat, plain_values

LAUGHS = "a: &a {k: 1}\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} {{<<: [{','.join(['*' + chr(97 + n)] * 9)}]}}\n" for n in range(12)
)


def test_plain_values_at_the_top_are_read() -> None:
    text = b"exitCode: -9\nelapsedTime: 1.5\nnothing: null\nempty:\nname: 'a: b'\nlist: [1]\ntable: {a: 1}\nhex: 0x10\n"
    assert plain_values(text) == {
        "exitCode": -9,
        "elapsedTime": "1.5",
        "nothing": None,
        "empty": None,
        "name": "a: b",
        "hex": "0x10",
    }


@pytest.mark.parametrize(
    "text", [b"", b"- 1", b"text", b"a: [", b"\xff\xfe\xff", b"\x00", b"a: &a [*b]", b"!!python/object:x {}"]
)
def test_what_is_no_mapping_has_no_values(text: bytes) -> None:
    assert plain_values(text) == {}


def test_a_tag_is_not_obeyed() -> None:
    assert plain_values("a: !!python/name:os.system x\nb: !!int x\n") == {"a": "x", "b": "x"}


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_depth_is_refused_before_it_ends_the_process(opening: str) -> None:
    """Composing 50,000 levels overflows the stack of C, so this is tried in another process."""
    program = f"from podium.rules.flat_yaml import plain_values; print(plain_values('a: ' + {opening!r} * 50_000))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "{}\n")


def test_the_deepest_that_is_read() -> None:
    compose_flat("[" * DEEPEST + "]" * DEEPEST)
    with pytest.raises(yaml.YAMLError, match="deeper"):
        compose_flat("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))


def test_what_is_merged_nine_to_the_twelfth_times_is_not_written_out() -> None:
    begun = time.process_time()
    assert plain_values(LAUGHS) == {}
    assert time.process_time() - begun < 1
