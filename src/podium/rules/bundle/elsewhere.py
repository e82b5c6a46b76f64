"""Keys of other formats and other levels that are met in a version 2 file, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping

_TEAMS = "There are no teams; everybody takes part alone."
_TASK = "In version 2 programs and data belong to a task."
_PARALLEL = 'In version 2 a phase lists several "tasks"; a submission runs on all of them.'
_IMAGE = 'There is one image per competition, "docker_image".'

COMPETITION: Mapping[str, str] = {
    "html": 'In version 2 pages stand in the list "pages", and the terms under "terms".',
    "has_registration": 'In version 2 it is "registration_auto_approve", with the opposite value.',
    "competition_docker_image": 'In version 2 it is "docker_image".',
    "end_date": 'In version 2 each phase has its own "end".',
    "start_date": 'In version 2 each phase has its own "start".',
    "enable_forum": 'In version 2 it is "forum_enabled".',
    "admin_names": 'In version 2 it is the list "collaborators".',
    "allow_public_submissions": 'In version 2 it is "can_participants_make_submissions_public".',
    "force_submission_to_leaderboard": 'In version 2 a leaderboard has "submission_rule: Force_Last".',
    "force_best_submission_to_leaderboard": 'In version 2 a leaderboard has "submission_rule: Force_Best".',
    "disallow_leaderboard_modifying": 'In version 2 a leaderboard has a "submission_rule".',
    "allow_teams": _TEAMS,
    "enable_teams": _TEAMS,
    "allow_organizer_teams": _TEAMS,
    "require_team_approval": _TEAMS,
    "anonymous_leaderboard": "The board shows the names of participants.",
    "hide_top_three": "The board shows all ranks.",
    "hide_chart": "There is no chart of submissions to hide.",
    "enable_per_submission_metadata": 'Ask for it in the "fact_sheet".',
    "enable_medical_image_viewer": "There is no viewer of medical images.",
    "show_datasets_from_yaml": "List links to data on a page.",
    "published": "A competition is published on its page or at import.",
    "max_submissions": "Each phase has its own.",
    "max_submissions_per_day": "Each phase has its own.",
    "execution_time_limit": "Each phase has its own.",
}

PAGE: Mapping[str, str] = {
    "index": "Pages are shown in the order of the list.",
    "content": 'Write the text into a file and name it in "file".',
}

TASK: Mapping[str, str] = {
    "is_public": "A task is made public on its page.",
    "docker_image": _IMAGE,
    "solutions": 'In version 2 a solution lists its "tasks".',
    "phases": 'In version 2 a phase lists its "tasks".',
    "ingestion_program_only_during_scoring": 'In version 2 it is "ingestion_only_during_scoring".',
}

PHASE: Mapping[str, str] = {
    "label": 'In version 2 it is "name".',
    "solutions": 'In version 2 a solution lists its "tasks".',
    "docker_image": _IMAGE,
    "has_max_submissions": 'In version 2 "max_submissions: 0" stands for no limit.',
    "max_submissions_per_person": 'In version 2 it is "max_submissions".',
    "start_date": 'In version 2 it is "start".',
    "end_date": 'In version 2 it is "end".',
    "phasenumber": 'In version 2 it is "index".',
    "phase_never_ends": 'In version 2 the last phase simply has no "end".',
    "auto_migration": 'In version 2 it is "auto_migrate_to_this_phase".',
    "scoring_program": _TASK,
    "ingestion_program": _TASK,
    "input_data": _TASK,
    "reference_data": _TASK,
    "ingestion_program_only_during_scoring": 'In version 2 a task has "ingestion_only_during_scoring".',
    "is_scoring_only": 'In version 2 a task for results has no "ingestion_program".',
    "accepts_only_result_submissions": "Whether a submission is run follows from what it contains.",
    "leaderboard_management_mode": 'In version 2 a leaderboard has "hidden", a phase has "hide_output".',
    "force_best_submission_to_leaderboard": 'In version 2 a leaderboard has "submission_rule: Force_Best".',
    "is_parallel_parent": _PARALLEL,
    "parent_phasenumber": _PARALLEL,
    "scoring_program_docker_image": _IMAGE,
    "ingestion_program_docker_image": _IMAGE,
    "default_docker_image": _IMAGE,
    "disable_custom_docker_image": "Participants never choose the image.",
    "datasets": 'List links to data on a page, or name a file in "public_data".',
    "max_submission_size": "The size of submissions is limited for the whole site.",
    "delete_submissions_except_best_and_last": "Submissions are kept.",
    "color": "Phases have no colour.",
    "hidden_columns": 'In version 2 a column is "hidden", in all phases.',
}

LEADERBOARD: Mapping[str, str] = {
    "index": "Leaderboards keep the order of the list.",
    "rank": "Leaderboards keep the order of the list.",
    "label": 'In version 2 it is "title".',
}

COLUMN: Mapping[str, str] = {
    "label": 'In version 2 it is "title".',
    "sort": 'In version 2 it is "sorting".',
    "default_sort": 'In version 2 it is "sorting".',
    "format": 'In version 2 it is "precision".',
    "rank": 'In version 2 it is "index".',
    "numeric_format": 'In version 2 it is "precision".',
    "computed": 'In version 2 it is "computation" and "computation_indexes".',
    "leaderboard": 'In version 2 columns stand in the "columns" of their leaderboard.',
    "column_group": "Columns stand beside each other without groups.",
    "selection_default": "Columns are not selected one by one.",
}
