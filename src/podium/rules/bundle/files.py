"""The files a bundle names: found, confined to the bundle, and read as text or image where that is needed."""

from __future__ import annotations

from pathlib import PurePosixPath

from podium.rules.bundle.findings import Findings
from podium.rules.bundle.nodes import Scalar, kind_in_words
from podium.rules.bundle.paths import PathFault, tidy_path
from podium.rules.bundle.section import Section
from podium.rules.bundle.source import BundleSource, MemberKind
from podium.rules.bundle.spec import FileRef
from podium.rules.bundle.spelling import closest
from podium.rules.bundle.values import parse_uuid
from podium.rules.errors import BundleError, TooLarge, UserError

MAX_PAGE_BYTES = 5 * 1024 * 1024
MAX_PAGES_BYTES = 20 * 1024 * 1024
"""All pages together; one that is named several times counts as often."""
_IMAGE_HEAD_BYTES = 16
ZIP_HEAD_BYTES = 4
NOT_A_ZIP_HINT = "Put the file into a folder and name the folder. A zip that only has the name of one is damaged."
_SAMPLE = 500
_MAX_SUGGESTIONS = 20


class BundleFiles:
    """Looks up what the YAML names, below the folder `root` of the source."""

    def __init__(self, source: BundleSource, root: str, findings: Findings) -> None:
        self._source = source
        self._root = root
        self._findings = findings
        self._candidates: tuple[str, ...] | None = None
        self._suggestions_left = _MAX_SUGGESTIONS
        self._page_bytes_left = MAX_PAGES_BYTES

    def member(self, section: Section, key: str) -> FileRef | None:
        """A file, a folder or a stored data set that the key names; None where it names none."""
        text = self._named_text(section, key)
        if text is None:
            return None
        path = _named_path(text)
        if isinstance(path, str) and self._kind(section, key, path) is not None:
            return FileRef(path=path)
        stored = parse_uuid(text)
        if stored is not None:
            return FileRef(key=stored)
        if isinstance(path, PathFault):
            self._report_fault(section, key, text, path)
        else:
            self._report_missing(section, key, path)
        return None

    def page(self, section: Section, key: str, *, may_be_empty: bool = False) -> tuple[str, str]:
        """The path and the text of a page; both empty where there is none."""
        path = self._file(section, key)
        content = self._content(section, key, path) if path else None
        if content is None:
            return "", ""
        text, is_utf8 = decode_text(content)
        if not is_utf8:
            message = f'"{path}" is not UTF-8 and is read as Windows-1252.'
            self._findings.note("text-encoding", message, section.mark(key), "Save it as UTF-8.")
        if "\0" in text:
            self._findings.error("not-text", f'"{path}" is not a text file.', section.mark(key), "Name a text file.")
        elif not text.strip() and not may_be_empty:
            self._findings.error("file-empty", f'"{path}" is empty.', section.mark(key), "Write a text into it.")
        return path or "", text

    def image(self, section: Section, key: str, *, may_be_another: bool = False) -> str:
        """The path of an image in a format that browsers show; empty where there is none.

        With `may_be_another` one in another format is a note and not an error, and counts as none.
        """
        path = self._file(section, key)
        if not path:
            return ""
        try:
            head = self._source.head(self._join(path), _IMAGE_HEAD_BYTES)
        except UserError as failure:
            self._report_failure(section, key, failure)
            return path
        if not is_image(head):
            message = f'"{path}" is not a JPEG, PNG, GIF or WebP image.'
            say = self._findings.note if may_be_another else self._findings.error
            say("image-format", message, section.mark(key), "Convert it to PNG.")
            return "" if may_be_another else path
        return path

    def _file(self, section: Section, key: str) -> str | None:
        text = self._named_text(section, key)
        if text is None:
            return None
        path = _named_path(text)
        if isinstance(path, PathFault):
            self._report_fault(section, key, text, path)
            return None
        kind = self._kind(section, key, path)
        if kind == "folder":
            message = f'{section.named(key)} names the folder "{path}" where a file belongs.'
            self._findings.error("file-is-folder", message, section.mark(key), "Name a file in it.")
        elif kind is None:
            self._report_missing(section, key, path)
        return path if kind == "file" else None

    def _named_text(self, section: Section, key: str) -> str | None:
        node = section.node(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text.strip():
            return node.text.strip()
        found = "empty" if isinstance(node, Scalar) else kind_in_words(node)
        message = f"{section.named(key)} is {found} where the name of a file belongs."
        self._findings.error("wrong-type", message, node.mark)
        return None

    def _kind(self, section: Section, key: str, path: str) -> MemberKind | None:
        try:
            return self._source.kind(self._join(path))
        except UserError as failure:
            self._report_failure(section, key, failure)
            # The member is there: one error is enough, a second "not in the bundle" would be wrong.
            return "folder" if section.level[key].kind == "member" else "file"

    def _content(self, section: Section, key: str, path: str) -> bytes | None:
        limit = min(MAX_PAGE_BYTES, self._page_bytes_left)
        try:
            content = self._source.read(self._join(path), limit_bytes=limit)
        except TooLarge:
            message = f'"{path}" is longer than {MAX_PAGE_BYTES // 1024**2} MiB.'
            if limit < MAX_PAGE_BYTES:
                message = f'With "{path}" all pages have more than {MAX_PAGES_BYTES // 1024**2} MiB.'
            self._findings.error("file-large", message, section.mark(key), "Shorten it; link large images.")
        except UserError as failure:
            self._report_failure(section, key, failure)
        else:
            self._page_bytes_left -= len(content)
            return content
        return None

    def _report_failure(self, section: Section, key: str, failure: UserError) -> None:
        if isinstance(failure, BundleError):
            for problem in failure.problems:
                message = f"{section.named(key)}: {problem.message}"
                self._findings.error(problem.code, message, section.mark(key), problem.hint)
        else:
            self._findings.error(
                failure.code, f"{section.named(key)}: {failure.message}", section.mark(key), failure.hint
            )

    def _report_fault(self, section: Section, key: str, text: str, fault: PathFault) -> None:
        message = f'{section.named(key)}: the name "{text[:200]}" {fault.reason}.'
        self._findings.error(fault.code, message, section.mark(key))

    def _report_missing(self, section: Section, key: str, path: str) -> None:
        message = f'{section.named(key)}: there is no "{path[:200]}" in the bundle.'
        likely = self._suggestion(path)
        is_member = section.level[key].kind == "member"
        otherwise = "Add it, or write the UUID of a stored data set." if is_member else "Add it."
        hint = f'Did you mean "{likely}"?' if likely else otherwise
        self._findings.error("file-missing", message, section.mark(key), hint)

    def _suggestion(self, path: str) -> str | None:
        """The member most like a path that is missing. A few per bundle: comparing names takes time."""
        if self._suggestions_left == 0:
            return None
        self._suggestions_left -= 1
        if self._candidates is None:
            prefix = f"{self._root}/" if self._root else ""
            names = [name.removeprefix(prefix) for name in self._source.names() if name.startswith(prefix)]
            folders = {str(folder) for name in names[:_SAMPLE] for folder in PurePosixPath(name).parents if folder.name}
            self._candidates = tuple(sorted([*names, *folders], key=lambda name: name.count("/"))[:_SAMPLE])
        return closest(path, self._candidates)

    def _join(self, path: str) -> str:
        return f"{self._root}/{path}" if self._root else path


def _named_path(text: str) -> str | PathFault:
    if "://" in text:
        return PathFault("path-web", "is an address on the web; put the file into the bundle and name it")
    return tidy_path(text)


def decode_text(content: bytes) -> tuple[str, bool]:
    """The text with plain line ends and without byte order mark, and whether it was Unicode.

    What is not UTF-8 (or UTF-16 with its mark) is taken for Windows-1252, which old editors wrote.
    """
    for encoding, marks in (("utf-8-sig", ()), ("utf-16", (b"\xff\xfe", b"\xfe\xff"))):
        if not marks or content.startswith(marks):
            try:
                return _plain_line_ends(content.decode(encoding)), True
            except UnicodeDecodeError:
                continue
    # The five bytes that Windows-1252 leaves open become the replacement character.
    return _plain_line_ends(content.decode("cp1252", errors="replace")), False


def is_image(head: bytes) -> bool:
    """Whether a file that starts so is a JPEG, PNG, GIF or WebP image."""
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))


def may_be_single_file(key: str, path: str) -> bool:
    """Whether what the key names may be a file that is no zip: data and solutions may, if they are not called zip."""
    return not key.endswith("_program") and not path.lower().endswith(".zip")


def is_zip(head: bytes) -> bool:
    """Whether a file that starts so is a zip, with members or without."""
    return head[:ZIP_HEAD_BYTES] in (b"PK\x03\x04", b"PK\x05\x06")


def _plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
