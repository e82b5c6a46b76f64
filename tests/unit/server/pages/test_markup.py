import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.server.pages.markup import shown


def test_markdown_becomes_html_with_tables_and_strikethrough() -> None:
    html = shown("**bold** ~~gone~~\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n")
    assert "<strong>bold</strong>" in html
    assert "<s>gone</s>" in html
    assert '<td align="right">2</td>' in html
    assert '<div class="wide"><table>' in html


def test_headings_start_just_below_the_page_around_them() -> None:
    assert shown("# One\n\n## Two\n") == "<h3>One</h3>\n<h4>Two</h4>\n"
    assert shown("## Two\n\n#### Four\n") == "<h3>Two</h3>\n<h5>Four</h5>\n"
    assert shown("<h1>a</h1><h6>b</h6>", "html") == "<h3>a</h3><h6>b</h6>"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<p style="position:fixed;inset:0">x</p>',
        '<iframe src="https://example.org"></iframe>',
        '<form action="/accounts/logout/"><button>x</button></form>',
        '<base href="https://example.org/">',
        "<svg><script>alert(1)</script></svg>",
        '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
        '<meta http-equiv="refresh" content="0;url=https://example.org">',
        '<p id="main" class="skip" name="csrfmiddlewaretoken">x</p>',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
        '"><script>alert(1)</script>',
        "<!--><script>alert(1)</script>-->",
    ],
)
@pytest.mark.parametrize("form", ["md", "html"])
def test_nothing_that_acts_or_hides_survives(hostile: str, form: str) -> None:
    html = shown(hostile, form)
    tags = re.findall(r"<[^>]*>", html)
    forbidden = re.compile(
        r"<(script|iframe|form|button|base|meta|svg|math|style|object)|\son\w+=|javascript:|\sstyle=|\sid=|\sclass=\"skip"
        r"|data:text|svg\+xml",
        re.IGNORECASE,
    )
    assert [tag for tag in tags if forbidden.search(tag)] == []


def test_a_picture_on_another_host_becomes_a_link_to_it() -> None:
    html = shown('![A "plot"](https://img.example.org/a.png)')
    assert "<img" not in html
    assert 'href="https://img.example.org/a.png"' in html
    assert "Picture on img.example.org: A &quot;plot&quot;" in html


@pytest.mark.parametrize("source", ["/static/a.png", "data:image/png;base64,iVBORw0KGgo="])
def test_a_picture_of_this_site_or_in_the_text_itself_is_shown(source: str) -> None:
    assert f'<img src="{source}" alt="Plot" loading="lazy">' in shown(f"![Plot]({source})")


def test_links_to_other_sites_give_away_nothing() -> None:
    assert 'rel="nofollow noopener noreferrer"' in shown("[x](https://example.org)")


def test_code_that_scrolls_is_reached_by_the_keyboard() -> None:
    assert '<pre tabindex="0"><code>' in shown("```\nlong\n```")


def test_text_that_looks_like_a_tag_in_code_stays_text() -> None:
    assert "<code>&lt;h1&gt;</code>" in shown("`<h1>`")


@given(st.text(alphabet=st.sampled_from("<>/\"'=&;ahimgscrptonxjv:# \n![]()-|`"), max_size=120))
def test_the_result_of_anything_only_has_allowed_tags(text: str) -> None:
    for form in ("md", "html"):
        for tag in re.findall(r"<\s*/?\s*([a-zA-Z!?][\w!-]*)", shown(text, form)):
            assert tag.lower() not in {"script", "svg", "input", "form", "link", "math"}
            assert tag[0].isalpha()


@pytest.mark.parametrize("address", ["//[x", "//a\u2100b", "http://[::1"])
def test_a_picture_whose_address_is_none_leaves_its_title(address: str) -> None:
    assert shown(f'<img src="{address}" alt="A tree">', "html") == "A tree"


@pytest.mark.parametrize("form", ["md", "html"])
def test_tags_that_would_become_millions_of_elements_stand_as_they_were_written(form: str) -> None:
    # Each of the 2,000 paragraphs would open all of the 2,000 tags before it anew: four million elements of 36 kB.
    hostile = "".join(f"<b title={number}>" for number in range(2000)) + "<p>x\n\n" * 2000
    assert shown(hostile, form).startswith('<pre tabindex="0">&lt;b title=0&gt;')


def test_elements_nested_by_the_ten_thousand_stand_as_they_were_written() -> None:
    assert shown("<div>" * 20_000, "html") == f'<pre tabindex="0">{"&lt;div&gt;" * 20_000}</pre>'


def test_a_long_table_with_a_link_in_each_row_is_a_table() -> None:
    rows = "".join(f'<tr><td>{row}</td><td><a href="#{row}">x</a></td></tr>' for row in range(300))
    assert shown(f"<table>{rows}</table>", "html").count("<tr>") == 300


def test_a_paragraph_of_thousands_of_marks_stands_as_it_was_written_and_no_other_does() -> None:
    html = shown(f"*Before*\n\n{'*a* ' * 3000}\n\n*After*")
    assert "<em>Before</em>" in html
    assert "*a* *a* *a*" in html
    assert "<em>a</em>" not in html
    assert "<em>After</em>" in html
