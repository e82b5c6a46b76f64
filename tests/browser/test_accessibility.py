import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = [
    (None, "/"),
    (None, "/accounts/login/"),
    (None, "/accounts/signup/"),
    (None, "/accounts/password/reset/"),
    (None, "/competitions/{competition}/"),
    (None, "/competitions/{competition}/pages/1/"),
    (None, "/nowhere/"),
    ("user", "/competitions/{competition}/join/"),
    ("participant", "/competitions/{competition}/phases/"),
    ("participant", "/competitions/{competition}/submit/"),
    ("participant", "/competitions/{competition}/submissions/"),
    ("participant", "/competitions/{competition}/results/"),
    ("participant", "/submissions/{scored}/"),
    ("participant", "/submissions/{failed}/"),
    ("participant", "/submissions/{running}/"),
    ("participant", "/submissions/{waiting}/"),
    ("participant", "/my-work/"),
    ("organizer", "/my-work/running/"),
    ("participant", "/my-work/tokens/"),
    ("participant", "/accounts/email/"),
    ("participant", "/accounts/password/change/"),
    ("organizer", "/competitions/{competition}/participants/"),
    ("organizer", "/competitions/{competition}/submissions/all/"),
    ("organizer", "/competitions/{unpublished}/"),
    ("organizer", "/competitions/import/"),
    ("organizer", "/competitions/{competition}/update/"),
    ("organizer", "/competitions/{competition}/leaderboards/1/edit/"),
    ("organizer", "/competitions/{competition}/leaderboards/edit/"),
    ("organizer", "/submissions/{scored}/correct/"),
    ("participant", "/submit/?kind=declared"),
    ("participant", "/submit/?kind=dataset"),
    ("participant", "/my-work/model-boards/"),
]
# Motion would let axe measure the contrast of a colour that is on its way to another.
LOOKS = [(1440, "light"), (1440, "dark"), (360, "light"), (360, "dark")]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_a_page_has_no_fault_that_axe_finds_and_fits_a_phone(open_page, who: str | None, path: str) -> None:
    faults = []
    page = open_page(path, who, reduced_motion="reduce")
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        faults += [(width, scheme, each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []


MODEL_BOARDS = [
    "/leaderboard/",
    "/leaderboard/moods/",
    "/leaderboard/moods/?tab=forest",
    "/leaderboard/moods/?tab=time",
    "/leaderboard/moods/log/",
    "/leaderboard/matrix/",
    "/compare/?model=Falcon&model=Tulu",
    "/model/Falcon",
]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_model_boards_have_no_fault_that_axe_finds_and_fit_a_phone(open_page, site, width: int, scheme: str) -> None:
    page = open_page(MODEL_BOARDS[0], None, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    faults = []
    for path in MODEL_BOARDS:
        page.goto(site.at(path))
        found = Axe().run(page)
        faults += [(path, each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []


def test_boards_are_printed_whole(open_page, site) -> None:
    paths = (
        "/leaderboard/matrix/",
        "/leaderboard/moods/",
        "/competitions/{competition}/results/",
        "/compare/?model=Falcon&model=Tulu",
    )
    page = open_page(paths[0])
    # A4 upright at 96 px per inch less margins of 10 mm: 190 mm.
    page.set_viewport_size({"width": 718, "height": 1000})
    page.emulate_media(media="print")
    for path in paths:
        page.goto(site.at(path))
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        # Nothing of a row waits to be unfolded, as on a phone.
        expect(page.locator("tr.more:visible")).to_have_count(0)
