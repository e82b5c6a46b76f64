"""What a scoring program may leave instead of scores: for each case the code that leaves it, and how it is refused."""

from __future__ import annotations

_JSON, _TXT = "/app/output/scores.json", "/app/output/scores.txt"


def _json(text: str) -> str:
    return f"open({_JSON!r}, 'wb').write({text})"


def _txt(text: str) -> str:
    return f"open({_TXT!r}, 'wb').write({text})"


INVALID, MISSING = "scores-invalid", "scores-missing"

HOSTILE: dict[str, tuple[str, str]] = {
    "NaN": (_json("b'{\"a\": NaN}'"), INVALID),
    "infinity": (_json("b'{\"a\": Infinity}'"), INVALID),
    "infinity below": (_json("b'{\"a\": -Infinity}'"), INVALID),
    "1e999": (_json("b'{\"a\": 1e999}'"), INVALID),
    "number of 100,000 digits": (_json("b'{\"a\": ' + b'9' * 100_000 + b'}'"), INVALID),
    "number of a million digits": (_json("b'{\"a\": 0.' + b'9' * 1_000_000 + b'e400}'"), INVALID),
    "depth of 100,000": (_json("b'[' * 100_000"), INVALID),
    "depth in a value": (_json("b'{\"a\":' * 100_000"), INVALID),
    "key twice": (_json('b\'{"a": 0, "a": 1}\''), INVALID),
    "list": (_json("b'[1, 2]'"), INVALID),
    "list as a score": (_json("b'{\"a\": [1]}'"), INVALID),
    "table as a score": (_json('b\'{"a": {"b": 1}}\''), INVALID),
    "text as a score": (_json('b\'{"a": "1"}\''), INVALID),
    "true": (_json("b'{\"a\": true}'"), INVALID),
    "null": (_json("b'{\"a\": null}'"), INVALID),
    "nothing": (_json("b''"), INVALID),
    "3 megabytes": (_json("b' ' * (3 << 20)"), INVALID),
    "no UTF-8": (_json("b'{\"\\xff\": 1}'"), INVALID),
    "UTF-16": (_json("'{\"a\": 1}'.encode('utf-16')"), INVALID),
    "zero bytes": (_json("bytes(1000)"), INVALID),
    "half a pair": (_json("b'{\"\\\\ud800\": 1}'"), INVALID),
    "key with an escape": (_json("b'{\"\\\\u001b[2J\": 1}'"), INVALID),
    "key of 100,000 letters": (_json("b'{\"' + b'a' * 100_000 + b'\": 1}'"), INVALID),
    "2,000 keys": (_json("('{' + ', '.join(f'\"k{n}\": 1' for n in range(2000)) + '}').encode()"), INVALID),
    "code": (_json('b\'__import__("os").system("id")\''), INVALID),
    "object of Python in YAML": (_txt("b'a: !!python/object/apply:os.system [id]'"), INVALID),
    "laughs in YAML": (_txt("b'a: &a [1,1]\\nb: &b [*a,*a]\\nc: [*b,*b]'"), INVALID),
    "depth in YAML": (_txt("b'a: ' + b'[' * 100_000"), INVALID),
    "infinity in YAML": (_txt("b'a: .inf'"), INVALID),
    "pipe": (f"import os; os.mkfifo({_JSON!r})", MISSING),
    "folder": (f"import os; os.mkdir({_JSON!r})", MISSING),
    "link to the truth": (f"import os; os.symlink('/app/input/ref/scores.json', {_JSON!r})", MISSING),
    "second name": (
        f"import os; open('/app/output/a', 'w').write('{{\"a\": 1}}'); os.link('/app/output/a', {_JSON!r})",
        MISSING,
    ),
    "another folder": (
        "import os; os.mkdir('/app/output/x'); open('/app/output/x/scores.json', 'w').write('{}')",
        MISSING,
    ),
}
