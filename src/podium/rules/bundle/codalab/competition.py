"""The whole of a competition.yaml of CodaLab, from its root table."""

from __future__ import annotations

from podium.rules.bundle.codalab.keys import COMPETITION
from podium.rules.bundle.codalab.leaderboards import read_leaderboards
from podium.rules.bundle.codalab.pages import read_pages
from podium.rules.bundle.codalab.phases import read_phases
from podium.rules.bundle.files import BundleFiles
from podium.rules.bundle.findings import Findings
from podium.rules.bundle.images import read_image_name
from podium.rules.bundle.nodes import Scalar, Table
from podium.rules.bundle.people import read_names
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import CompetitionSpec

VERSION = "1.5"
_FLAGS = {
    "enable_detailed_results": "enable_detailed_results",
    "show_detailed_results_in_submission_panel": "show_detailed_results_in_submission_panel",
    "show_detailed_results_in_leaderboard": "show_detailed_results_in_leaderboard",
    "auto_run_submissions": "auto_run_submissions",
    "make_programs_available": "make_programs_available",
    "make_input_data_available": "make_input_data_available",
    "can_participants_make_submissions_public": "allow_public_submissions",
    "forum_enabled": "enable_forum",
}


def read_codalab_competition(document: Table, files: BundleFiles, findings: Findings) -> CompetitionSpec:
    """The competition that the document describes. To be used only where `findings` has no errors."""
    section = Section(document, COMPETITION, "", findings)
    terms_file, terms, pages = read_pages(section, files)
    reading = read_phases(section, files)
    queue = section.uuid("queue")
    values: dict[str, object] = {name: section.flag(key) for name, key in _FLAGS.items()}
    values |= {
        "version": VERSION,
        "title": section.text("title"),
        "description": section.text("description"),
        "reward": section.text("reward"),
        "image": _read_logo(section, files),
        "terms": terms,
        "terms_file": terms_file,
        "pages": pages,
        "docker_image": read_image_name(section, "competition_docker_image"),
        "registration_auto_approve": not section.flag("has_registration"),
        "collaborators": read_names(section, "admin_names"),
        "queue": str(queue) if queue else None,
        "tasks": reading.tasks,
        "phases": reading.phases,
        "leaderboards": read_leaderboards(section, reading),
    }
    section.note_unknown_keys()
    return CompetitionSpec.model_validate(values)


def _read_logo(section: Section, files: BundleFiles) -> str:
    """The path of the logo; empty, with a note, where there is none that browsers show safely."""
    node = section.node("image")
    if node is not None and not (isinstance(node, Scalar) and not node.text.strip()):
        return files.image(section, "image", may_be_another=True)
    message = '"image" is missing: the competition gets a neutral logo.'
    section.findings.note("logo-missing", message, section.mark("image"), "Name a JPEG, PNG, GIF or WebP file.")
    return ""
