"""Every key of `competition.yaml` as CodaLab wrote it, level by level, and what has no effect in Podium."""

from __future__ import annotations

from podium.rules.bundle.keys import LARGEST_WHOLE, LONGEST_NAME, Key, Level

DEFAULT_IMAGE = "codalab/codalab-legacy:py37"
# " Task" is added to make the name of the phase's task, which has at most 256.
LONGEST_LABEL = 251
_OWN_IMAGE = "There is one image per competition: competition_docker_image."

COMPETITION = Level(
    "the competition",
    (
        Key("version", "version", "The version of the format: 1, 1.5 or 1.8. Most bundles have none."),
        Key("title", "text", "The name of the competition.", required=True, limit=256),
        Key("description", "text", "One or two sentences for lists and headers.", default=""),
        Key("image", "file", "The logo: JPEG, PNG, GIF or WebP; a neutral one where missing."),
        Key("html", "table", "The pages by their titles, each a file; `terms` are the terms.", required=True),
        Key("phases", "table", "The phases, by any key.", required=True),
        Key("leaderboard", "table", "The leaderboards and their columns.", required=True),
        Key("end_date", "moment", "When the last phase closes; none or null: never."),
        Key("competition_docker_image", "text", "The environment programs run in.", default=DEFAULT_IMAGE, limit=128),
        Key("has_registration", "flag", "Participants wait to be approved.", default=True),
        Key("admin_names", "text", "Further organizers, by user name, with commas between them."),
        Key("enable_detailed_results", "flag", "Scoring writes a page per submission.", default=False),
        Key("show_detailed_results_in_submission_panel", "flag", "Participants see that page.", default=True),
        Key("show_detailed_results_in_leaderboard", "flag", "The board links that page.", default=True),
        Key("auto_run_submissions", "flag", "Submissions run at once, not when the organizer says.", default=True),
        Key("allow_public_submissions", "flag", "Participants may publish submissions.", default=True),
        Key("make_programs_available", "flag", "Participants may download the programs.", default=False),
        Key("make_input_data_available", "flag", "Participants may download the input data.", default=False),
        Key("enable_forum", "flag", "The competition has a forum.", default=True),
        Key("reward", "text", "What can be won, in words.", default="", limit=256),
        Key("queue", "uuid", "The queue whose workers run the submissions, by its vhost."),
        Key(
            "force_submission_to_leaderboard",
            "flag",
            "The last submission of each participant stands on the board by itself.",
            default=False,
        ),
        Key(
            "force_best_submission_to_leaderboard",
            "flag",
            "The best submission of each participant stands on the board by itself.",
            default=False,
        ),
        Key(
            "disallow_leaderboard_modifying",
            "flag",
            "Participants do not change the board; without one of the two above, organizers fill it.",
            default=False,
        ),
        Key("start_date", "unused", "Each phase opens at its own start_date."),
        Key("allow_teams", "unused", "There are no teams; everybody takes part alone.", default=False),
        Key("enable_teams", "unused", "There are no teams; everybody takes part alone.", default=False),
        Key("allow_organizer_teams", "unused", "There are no teams; everybody takes part alone.", default=False),
        Key("require_team_approval", "unused", "There are no teams; everybody takes part alone.", default=True),
        Key("anonymous_leaderboard", "unused", "The board shows the names of participants.", default=False),
        Key("hide_top_three", "unused", "The board shows all ranks.", default=False),
        Key("hide_chart", "unused", "There is no chart of submissions to hide.", default=False),
        Key("enable_per_submission_metadata", "unused", "Submissions have no description.", default=False),
        Key("enable_medical_image_viewer", "unused", "There is no viewer of medical images.", default=False),
        Key("show_datasets_from_yaml", "unused", "List links to data on a page.", default=True),
    ),
    {
        "pages": "CodaLab's pages stand under html. For the list, write version: 2.",
        "terms": "CodaLab's terms stand under html, as terms. For this key, write version: 2.",
        "tasks": "In CodaLab's format each phase names its own programs. For tasks, write version: 2.",
        "solutions": "CodaLab's format has no solutions; version 2 has.",
        "leaderboards": "In CodaLab's format they stand under leaderboard. For the list, write version: 2.",
        "docker_image": "CodaLab calls it competition_docker_image.",
        "registration_auto_approve": "CodaLab calls it has_registration, with the opposite value.",
        "forum_enabled": "CodaLab calls it enable_forum.",
        "collaborators": "CodaLab calls it admin_names.",
        "published": "A competition is published on its page or at import.",
    },
)

PHASE = Level(
    "a phase",
    (
        Key("phasenumber", "whole", "Orders the phases.", required=True, limit=LARGEST_WHOLE),
        Key("label", "text", "The name.", required=True, limit=LONGEST_LABEL),
        Key("description", "text", "What happens in it.", default=""),
        Key("start_date", "moment", "When it opens; the phase before closes then.", required=True),
        Key("phase_never_ends", "flag", "The last phase stays open whatever end_date says.", default=False),
        Key(
            "max_submissions",
            "whole",
            "Submissions per person in all; 0 or null: no limit.",
            default=100,
            limit=LARGEST_WHOLE,
        ),
        Key(
            "max_submissions_per_day",
            "whole",
            "Submissions per person and UTC day; 0 or null: no limit.",
            default=5,
            limit=LARGEST_WHOLE,
        ),
        Key(
            "execution_time_limit",
            "whole",
            "Seconds each step may take; 0 or null: 600.",
            default=600,
            limit=LARGEST_WHOLE,
        ),
        Key("auto_migration", "flag", "At its start, submissions of the phase before run again here.", default=False),
        Key("is_scoring_only", "flag", "Submissions are results: no ingestion program runs.", default=False),
        Key("hide_output", "flag", "Participants see neither logs nor outputs.", default=False),
        Key("hide_prediction_output", "flag", "Participants do not see the output of prediction.", default=False),
        Key("hide_score_output", "flag", "Participants do not see the output of scoring.", default=False),
        Key(
            "leaderboard_management_mode",
            "choice",
            "hide_results: participants see no results of the phase, and no board.",
            default="default",
            choices=("default", "hide_results"),
        ),
        Key(
            "force_best_submission_to_leaderboard",
            "flag",
            "As in the competition; it counts for all phases.",
            default=False,
        ),
        Key("is_parallel_parent", "flag", "A submission runs on all phases that name this one.", default=False),
        Key("parent_phasenumber", "whole", "The phase whose task this one becomes.", limit=LARGEST_WHOLE),
        Key("scoring_program", "member", "The program that scores."),
        Key("ingestion_program", "member", "The program that runs the submission."),
        Key("input_data", "member", "The data the prediction step sees."),
        Key("reference_data", "member", "The truth; only the scoring step sees it."),
        Key("ingestion_program_only_during_scoring", "flag", "Both programs run together, at scoring.", default=False),
        Key("starting_kit", "member", "A download to start from."),
        Key("public_data", "member", "A download of data."),
        Key("color", "unused", "Phases have no colour."),
        Key("hidden_columns", "unused", "The columns of a leaderboard are the same in all phases."),
        Key("datasets", "unused", "List links to data on a page."),
        Key("max_submission_size", "unused", "The size of submissions is limited for the whole site."),
        Key("scoring_program_docker_image", "unused", _OWN_IMAGE),
        Key("ingestion_program_docker_image", "unused", _OWN_IMAGE),
        Key("default_docker_image", "unused", _OWN_IMAGE),
        Key("disable_custom_docker_image", "unused", "Participants never choose the image.", default=True),
        Key("delete_submissions_except_best_and_last", "unused", "Submissions are kept.", default=False),
    ),
    {
        "name": "CodaLab calls it label.",
        "start": "CodaLab calls it start_date.",
        "end": "A phase ends when the next one starts; the last one at the end_date of the competition.",
        "end_date": "A phase ends when the next one starts; the last one at the end_date of the competition.",
        "index": "CodaLab calls it phasenumber.",
        "tasks": "In CodaLab's format each phase names its own programs. For tasks, write version: 2.",
        "auto_migrate_to_this_phase": "CodaLab calls it auto_migration.",
        "ingestion_only_during_scoring": "CodaLab calls it ingestion_program_only_during_scoring.",
    },
)

LEADERBOARD = Level(
    "the leaderboard",
    (
        Key("leaderboards", "table", "The leaderboards, by their keys.", required=True),
        Key("columns", "table", "The columns of all of them, by the names of their scores.", required=True),
        Key("column_groups", "unused", "Columns stand beside each other without groups."),
    ),
    {"column_group": "CodaLab calls it column_groups."},
)

BOARD = Level(
    "one of the leaderboards",
    (
        Key("label", "text", "The name; its key where missing.", limit=LONGEST_NAME),
        Key("rank", "whole", "Orders the leaderboards.", default=1, limit=LARGEST_WHOLE),
        Key("hidden", "flag", "Only organizers see it.", default=False),
    ),
)

COLUMN = Level(
    "a column",
    (
        Key("leaderboard", "table", "The leaderboard it belongs to: an alias, or its key or label."),
        Key("label", "text", "The heading; its key where missing."),
        Key("rank", "whole", "Orders the columns; the first one ranks.", default=1, limit=LARGEST_WHOLE),
        Key(
            "sort",
            "choice",
            "desc: larger is better; asc: smaller is better.",
            default="desc",
            choices=("desc", "asc"),
        ),
        Key("numeric_format", "whole", "Decimals shown; ranking uses the raw value.", default=2, limit=20),
        Key("hidden", "flag", "Only organizers see it.", default=False),
        Key("computed", "table", "Computes the value from other columns."),
        Key("column_group", "table", "Its group in `column_groups`, which have no effect."),
        Key("selection_default", "unused", "Columns are not selected one by one.", default=0),
    ),
    {
        "title": "CodaLab calls it label.",
        "index": "CodaLab calls it rank.",
        "sorting": "CodaLab calls it sort.",
        "precision": "CodaLab calls it numeric_format.",
        "computation": "CodaLab calls it computed, a table of operation and fields.",
    },
)

COMPUTED = Level(
    "a computed column",
    (
        Key(
            "operation",
            "choice",
            "Avg is the mean of the ranks in those columns, the others are made of their values.",
            required=True,
            choices=("Avg", "Max", "Min", "Sum"),
        ),
        Key("fields", "list", "The keys of those columns, as a list or with commas between them.", required=True),
    ),
)

LEVELS = (COMPETITION, PHASE, LEADERBOARD, BOARD, COLUMN, COMPUTED)
