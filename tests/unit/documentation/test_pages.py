"""What the pages say exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import typer.main
from tests.unit.documentation.pages import DOCS, PAGES, REPOSITORY, links, name_of, shell_lines
from typer.core import TyperCommand, TyperGroup, TyperOption

from podium.cli.main import app
from podium.rules.limits import LIMITS, written_amount
from podium.sandbox.interface import Limits
from podium.server.configuration import Configuration
from podium.worker.execute.limits import sandbox_limits


def commands_named_on(page: Path, program: str) -> list[list[str]]:
    """The words after every mention of a program that is a command line, `$(...)` included."""
    found = []
    for line in shell_lines(page):
        for start in re.finditer(rf"(?:^|\$\(|; |&& |\| |[A-Z_]+=\S+ ){program} ", line):
            words = shlex.split(re.split(r"[|;)#]| && ", line[start.end() :])[0].strip())
            found.append(words)
    return found


def resolve(words: list[str]) -> tuple[TyperCommand | TyperGroup, list[str]]:
    """The command that the words name, and the words after its name."""
    command = typer.main.get_command(app)
    rest = list(words)
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        if name == "...":
            return command, []
        assert name in command.commands, f"there is no command podium {name}"
        command = command.commands[name]
    return command, rest


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_podium_command_on_a_page_is_real_and_so_are_its_options(page: Path) -> None:
    for words in commands_named_on(page, "podium"):
        command, rest = resolve(words)
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        named = {word.split("=")[0].rstrip("]").lstrip("[") for word in rest if word.lstrip("[").startswith("--")}
        assert named <= options | {"--help"}, f"podium {shlex.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_on_a_page_is_real(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for words in commands_named_on(page, "make"):
        assert words[0] in targets, f"make {words[0]}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_into_the_repository_leads_somewhere(page: Path) -> None:
    for target in links(page):
        parts = urlsplit(target)
        if not parts.scheme and parts.path:
            assert (page.parent / parts.path).exists(), target


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    index = DOCS / "README.md"
    listed = {(DOCS / urlsplit(target).path).resolve() for target in links(index)}
    pages = {page.resolve() for page in DOCS.rglob("*.md") if page.parent.name != "decisions"} - {index.resolve()}
    assert {name_of(page) for page in pages - listed} == set()


def test_every_decision_has_a_date_and_the_three_sections() -> None:
    records = sorted(DOCS.glob("decisions/[0-9]*.md"))
    assert records
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert re.search(r"^\d{4}-\d{2}-\d{2}$", text, re.MULTILINE), record.name
        assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Context", "Decision", "Consequence"], record.name


def test_every_command_and_every_option_is_on_the_reference_page() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")

    def check(command: TyperCommand | TyperGroup, name: str) -> None:
        if isinstance(command, TyperGroup):
            for part, child in command.commands.items():
                check(child, f"{name} {part}")
            return
        assert f"\n## `{name}" in page, name
        section = page.split(f"\n## `{name}")[1].split("\n## ")[0]
        for parameter in command.params:
            if isinstance(parameter, TyperOption):
                assert all(f"`{option}" in section for option in parameter.opts), f"{name} {parameter.opts}"
            else:
                assert str(parameter.name).upper() in section.splitlines()[0], f"{name} {parameter.name}"

    check(typer.main.get_command(app), "podium")


def test_every_setting_of_the_site_is_on_the_reference_page() -> None:
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(PODIUM_[A-Z_0-9]+)` \|", page, re.MULTILINE))
    assert {f"PODIUM_{name.upper()}" for name in Configuration.model_fields} <= documented


def test_every_setting_on_the_reference_page_is_read_somewhere() -> None:
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "src").rglob("*.py"))
    fields = {f"PODIUM_{name.upper()}" for name in Configuration.model_fields}
    for name in re.findall(r"^\| `(PODIUM_[A-Z_0-9]+)` \|", page, re.MULTILINE):
        assert name in fields or f'"{name}"' in sources, name


def test_the_limits_on_the_reference_page_are_the_limits_of_the_sandbox() -> None:
    page = (DOCS / "reference" / "programs.md").read_text(encoding="utf-8")
    row = re.compile(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
    rows = row.findall(page.split("## What it may use")[1])
    assert {name: (default, most) for name, _, default, most in rows} == {
        limit.name: (written_amount(limit, limit.default), written_amount(limit, limit.most))
        for limit in LIMITS.values()
    }
    assert sandbox_limits({}, 600) == Limits()
    assert "600 s unless it says otherwise" in page
