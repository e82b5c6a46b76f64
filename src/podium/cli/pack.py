"""`podium pack`: the zip of a bundle, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from podium.cli.lint import tell_problems

# What editors, version control and Python leave beside one's files, and what nobody means to publish.
LEFT_OUT = frozenset(
    {
        ".git", ".gitignore", ".gitattributes", ".hg", ".svn", ".venv", ".idea", ".vscode", ".ipynb_checkpoints",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__",
    }
)  # fmt: skip


def pack(
    bundle: Annotated[Path, typer.Argument(help="The folder of competition.yaml.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The zip to write; default: the folder's name, here.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Pack it even if it has errors.")] = False,
) -> None:
    """Lint a bundle and pack it into a zip. The same content always gives the same bytes.

    What version control, editors and Python leave in folders is left out. Exit status: 1 if the bundle has errors.
    """
    from podium.blobs.archives import FolderSource
    from podium.cli.local.lint import lint_source
    from podium.rules.bundle import read_bundle
    from podium.rules.errors import UserError

    root = bundle.expanduser().resolve()
    if not root.is_dir():
        raise UserError("not-a-folder", f"{bundle} is not a folder.", "Name the folder of competition.yaml.")
    target = (output or Path(f"{root.name}.zip")).expanduser().resolve()
    if not target.parent.is_dir():
        raise UserError("no-such-folder", f"There is no folder {target.parent}.", "Make it, or choose another place.")

    def is_left_out(path: Path) -> bool:
        return path.name in LEFT_OUT or path.suffix == ".pyc" or path == target

    with FolderSource(root, leave_out=lambda name: is_left_out(root / name)) as source:
        reading = read_bundle(source)
        report = lint_source(source, reading)
    tell_problems(report, to_stderr=True)
    if report.errors and not force:
        typer.echo("Nothing was packed. Correct the errors, or use --force.", err=True)
        raise typer.Exit(1)
    digest = _write(root / reading.root, target, is_left_out)
    typer.echo(f"{output or target.name}  {target.stat().st_size} bytes  sha256 {digest}")


def _write(folder: Path, target: Path, is_left_out: Callable[[Path], bool]) -> str:
    """Write the zip; it is there as a whole or not at all. Returns its sha256."""
    import hashlib
    import tempfile

    from podium.blobs.archives import pack_folder

    draft = tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115
    path = Path(draft.name)
    try:
        with draft:
            pack_folder(folder, draft, leave_out=lambda name: folder / name == path or is_left_out(folder / name))
        with path.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        path.chmod(0o644)
        path.replace(target)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return digest
