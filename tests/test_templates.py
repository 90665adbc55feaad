"""Templates of a site (`output.templates`): what they may do, and that no feed depends on them."""

from __future__ import annotations

import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from command import Run
from feed_samples import window
from hypothesis import example, given, strategies as st
from jinja2.meta import find_undeclared_variables
from running_service import serving
from small_site import Files, Site

from feedpub.formats.checks import own_page_faults as page_faults
from feedpub.formats.pages import TEMPLATES, environment, template_faults as faults

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
OURS = Path(__file__).parent.parent / "feedpub" / "formats" / "templates"
FEEDS = (".xml", ".json", ".opml")
BLOCKS = ("head", "header", "subscribe", "items", "archive", "feeds", "footer")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose folder of templates is empty."""
    site = Site(tmp_path / "site").fill(range(4, 9))
    site.configure(output={"templates": "layout"})
    (site.root / "layout").mkdir()
    return site


def put(site: Site, **files: str) -> None:
    """Put templates in the folder; `__` in a name stands for the dot."""
    for name, text in files.items():
        (site.root / "layout" / name.replace("__", ".")).write_text(text, encoding="utf-8")


def page(site: Site, path: str = "") -> str:
    return (site.out / path / "index.html").read_text(encoding="utf-8")


def feeds(site: Site) -> Files:
    return {path: data for path, data in site.feeds().items() if path.endswith(FEEDS)}


def refused(site: Site, *command: str) -> str:
    """Run a command that must fail for the config, and return what it says."""
    done = site.run(*(command or ("build",)))
    assert (done.code, done.stdout) == (2, ""), done
    assert "Traceback" not in done.stderr
    assert re.match(r"\S+/feedpub\.yaml:1: output\.templates: \S+/layout/", done.stderr), done
    return done.stderr


def checked(site: Site) -> Run:
    done = site.run("check")
    assert done.code in {0, 4}, done
    return done


# what they are for ---------------------------------------------------------------------------


def test_an_empty_folder_changes_nothing(site: Site) -> None:
    site.build()
    before = site.feeds()
    del site.config["output"]["templates"]
    site.configure()
    assert site.build()["feeds"]["written"] == 0
    assert site.feeds() == before


def test_an_item_alone_can_be_told_in_another_way(site: Site) -> None:
    site.build()
    before, others = feeds(site), site.looks()
    put(site, item__html="<article>\n<h3>Own: {{ entry.title }}</h3><br>&nbsp;\n</article>\n")
    report = site.build()
    assert report["pages"]["written"] == report["pages"]["total"] > 1
    assert report["feeds"]["written"] == report["archives"]["written"] == 0
    assert feeds(site) == before
    assert {p: look for p, look in site.looks().items() if not p.endswith(".html")} == {
        p: look for p, look in others.items() if not p.endswith(".html")
    }
    assert "<h3>Own: Item 8</h3><br>&nbsp;\n</article>\n<article>" in page(site)
    assert '<section class="subscribe"' in page(site), "the rest is ours"
    assert site.build()["pages"]["rendered"] == 0


def test_a_changed_template_changes_pages_and_one_that_is_gone_is_ours_again(site: Site) -> None:
    site.build()
    ours = site.feeds()
    put(site, facts__html="{{ facts.items }} stories")
    site.build()
    assert ">5 stories</span>" in page(site)
    put(site, facts__html="{{ facts.items }} tales")
    assert site.build()["feeds"]["written"] == 0
    assert ">5 tales</span>" in page(site)
    (site.root / "layout" / "facts.html").unlink()
    site.build()
    assert site.feeds() == ours


def test_one_that_extends_ours_gives_only_what_is_other(site: Site) -> None:
    site.build()
    before = page(site)
    put(site, page__html=_readme_block())
    site.build()
    assert ">Imprint</a></p></footer>" in page(site, "topics/ai")
    put(site, page__html='{% extends "feedpub/page.html" %}')
    site.build()
    assert page(site) == before


def _readme_block() -> str:
    found = re.search(r"```jinja\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]


def test_every_block_that_is_documented_can_be_given() -> None:
    text = (OURS / "page.html").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^{% block (\w+) %}", text, re.MULTILINE)) == BLOCKS
    top = text.partition("#}")[0]
    assert all(f" {name}" in top for name in BLOCKS)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_where_it_says(site: Site, block: str) -> None:
    text = f'{{% block {block} %}}{{{{ super() }}}}<p class="own">Own</p>{{% endblock %}}'
    put(site, page__html='{% extends "feedpub/page.html" %}' + text)
    site.build()
    assert '<p class="own">Own</p>' in page(site)


@pytest.mark.parametrize("name", [*TEMPLATES, "feedpub.css", "feedpub.js"])
def test_a_copy_of_ours_gives_what_ours_does(site: Site, name: str) -> None:
    site.build()
    before = site.feeds()
    shutil.copy(OURS / name, site.root / "layout")
    assert site.build()["feeds"]["written"] == 0
    assert site.feeds() == before


def test_all_that_templates_have_is_documented_at_their_top() -> None:
    """What jinja2 finds no value for in ours is what they are given."""
    reading = environment({})
    for name in TEMPLATES:
        text = (OURS / name).read_text(encoding="utf-8")
        top = text.partition("#}")[0]
        its_own = re.findall(r"{% set (\w+)", text)
        for had in find_undeclared_variables(reading.parse(text)) - {*its_own}:
            assert re.search(rf"^(\w+, )*{had}\b", top, re.MULTILINE), (name, had)


def test_style_and_script_are_those_of_the_site_and_marked_as_ours(site: Site) -> None:
    put(site, feedpub__css="body { color: red }\n", feedpub__js="let a = {}\n")
    site.configure(output={"precompress": True})
    site.build()
    style = (site.out / "feedpub.css").read_bytes()
    assert style.endswith(b"\nbody { color: red }\n")
    assert style.startswith(b"/* feedpub: ")
    assert (site.out / "feedpub.js").read_bytes().endswith(b"\nlet a = {}\n")
    shutil.rmtree(site.state)
    put(site, feedpub__css="body { color: blue }\n")
    assert site.build()["problems"] == [], "what was written is known as ours without the state"
    assert (site.out / "feedpub.css").read_bytes().endswith(b"blue }\n")


def test_others_of_the_folder_can_be_included_and_the_catalogue_is_theirs(site: Site) -> None:
    put(
        site,
        feed__html='<li>{% include "name.html" %}{% for child in children %}{{ child }}{% endfor %}',
        name__html="<b>{{ head.title }}</b>",
    )
    site.configure(topics={"define": {"AI": {}, "Web": {"parent": "AI"}}})
    site.build()
    assert "<li><b>AI · Small site</b><li><b>Web · Small site</b>" in page(site)


def test_a_template_may_choose_what_it_includes() -> None:
    item = "{% include (entry.type or 'other') ~ '.html' %}"
    names = ("article.html", "other.html", "never.html")
    assert faults({"item.html": item, **dict.fromkeys(names, "<br>")}) == []


def test_text_is_escaped_and_what_is_safe_can_be_shown(site: Site) -> None:
    put(site, item__html="<p>{{ entry.title }}</p>{{ entry.content | safe }}")
    site.edit(4, title="A <b>c</b>")
    site.build()
    assert "<p>A &lt;b&gt;c&lt;/b&gt;</p>" in page(site)
    assert "Some <em>text</em> with a <a href=" in page(site)


# what is wrong with them ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("item.html", "<p>\n{% if entry.title %}", "item.html:2: Unexpected end of template"),
        ("item.html", "<p>\n\n{{ entry.titel }}", "item.html:3: Entry has no attribute 'titel'"),
        ("item.html", "{{ head.title }}", "item.html:1: 'head' is undefined; see the top of ours"),
        ("item.html", "{{ entry.images[0].url }}", "item.html:1: tuple object has no element 0"),
        ("item.html", "{{ entry | shiny }}", "item.html:1: No filter named 'shiny'"),
        ("item.html", "{{ entry.provider.name }}", "item.html:1: 'None' has no attribute 'name'"),
        ("facts.html", "\n{{ 1 / facts.items }}", "facts.html:2: ZeroDivisionError"),
        ("feed.html", "{{ facts.newest | rfc3339 }}", "feed.html:1: TypeError"),
        ("page.html", "<p>Hello", "page.html: the page must begin with <!DOCTYPE html>"),
        ("page.html", "<!doctype html><p>", 'must have <meta name="generator" content="feedpub">'),
        ("page.html", '{% extends "page.html" %}', "page.html:1: loads itself without end; ours"),
        ("itme.html", "<p>", "itme.html: is in use by no page; those in place of ours are called"),
        (
            "feedpub.cs.css",
            "p {}",
            'feedpub.cs.css: is in use by no page; did you mean "feedpub.css"?',
        ),
        ("item.html", "{# \udcff #}", "item.html: is not UTF-8 text"),
        ("feedpub.js", "{" * (1 << 20) + "}", "feedpub.js: is larger than 1 MiB"),
    ],
)
def test_a_mistake_is_one_of_the_config(site: Site, name: str, text: str, said: str) -> None:
    (site.root / "layout" / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert said in refused(site)
    assert not site.out.exists()


@given(st.binary() | st.text("<!-a>'=&; \0é").map(str.encode))
@example(b"")
@example(b"<!--")
def test_the_check_of_pages_says_no_to_any_bytes(data: bytes) -> None:
    assert page_faults(b"<!DOCTYPE html>" + data, window())
    assert page_faults(data, window())


def test_what_readers_need_must_stay_in_the_head(site: Site) -> None:
    sign = '<meta name="generator" content="feedpub">'
    put(site, page__html=f"<!DOCTYPE html><title>T</title>{sign}")
    assert "page.html: the page must link to each of `addresses`" in refused(site)
    link = '{% for a in addresses %}<link rel=alternate href="{{ a.url }}">{% endfor %}'
    put(site, page__html=f"<!doctype html><title>{{{{ head.title }}}}</title>{sign}{link}")
    site.build()
    assert page(site).startswith("<!doctype html><title>Small site</title><meta")


@pytest.mark.parametrize(
    "text",
    [
        '{% include "../../../../../../../../etc/passwd" %}',
        '{% include "/etc/passwd" %}',
        '{% include "../feedpub.yaml" %}',
        '{% include "feedpub/../../config/__init__.py" %}',
        '{% import "../feedpub.yaml" as all %}',
        "{{ ''.__class__ }}",
        "{{ entry.__class__.__init__.__globals__ }}",
        "{{ entry['__class__'] }}",
        "{{ (entry | attr('__class__')).__mro__ }}",
        "{{ '{0.__class__}'.format(entry) }}",
        "{{ cycler.__init__ }}",
        "{{ site.timezone.utcoffset(none) }}",
        "{{ site._replace }}",
        "{{ self._TemplateReference__context }}",
        "{{ [1, 2] | random }}",
        "{{ lipsum() }}",
        "{{ range(1000000) }}",
        "{% set entry.title = 'x' %}",
        "{{ entry.topics.__class__ }}",
    ],
)
def test_s5_templates_reach_no_file_and_nothing_but_data(site: Site, text: str) -> None:
    put(site, item__html=text)
    assert "/layout/item.html:1: " in refused(site)


def test_templates_cannot_change_what_others_are_made_of(site: Site) -> None:
    put(site, page__html='{{ head.addresses.pop("rss") }}')
    assert "access to attribute 'pop' of 'dict' object is unsafe" in refused(site)


def test_s5_a_link_that_leads_out_of_the_folder_is_not_followed(site: Site) -> None:
    inside, outside = site.root / "layout" / "data", site.root / "secret.html"
    outside.write_text("<p>secret</p>", encoding="utf-8")
    (site.root / "layout" / "item.html").symlink_to(outside)
    assert "item.html: is a link that leads out of the folder" in refused(site)
    (site.root / "layout" / "item.html").unlink()
    inside.mkdir()
    (inside / "item.html").write_text("<p>inside</p>", encoding="utf-8")
    (site.root / "layout" / "item.html").symlink_to("data/item.html")
    site.build()
    assert "<p>inside</p>" in page(site)


def test_all_mistakes_are_told_at_once(site: Site) -> None:
    put(site, item__html="{{ entry.a }}", facts__html="{{ b }}")
    told = refused(site)
    assert "item.html:1" in told
    assert "facts.html:1" in told
    put(site, item__html="{% if %}", facts__html="{{")
    told = refused(site, "check")
    assert "item.html:1" in told
    assert "facts.html:1" in told


@pytest.mark.parametrize("command", [("check",), ("topics",), ("serve", "--port", "0")])
def test_no_command_takes_a_wrong_template(site: Site, command: tuple[str, ...]) -> None:
    put(site, item__html="{{ entry.a }}")
    assert "item.html:1: Entry has no attribute 'a'" in refused(site, *command)


def test_a_file_that_is_unreadable_is_named(site: Site) -> None:
    (site.root / "layout" / "item.html").mkdir()
    assert "item.html: cannot be read: Is a directory" in refused(site)
    (site.root / "layout" / "item.html").rmdir()
    (site.root / "layout" / "item.html").symlink_to("item.html")
    assert "item.html: cannot be read: Too many levels of symbolic links" in refused(site)


@pytest.mark.parametrize("path", ["nowhere", "feedpub.yaml", "out/layout", "out"])
def test_the_folder_must_be_there_and_outside_of_what_is_published(site: Site, path: str) -> None:
    (site.out / "layout").mkdir(parents=True)
    site.configure(output={"templates": path})
    done = site.run("check")
    said = "output.root; the templates would be published" if "out" in path else "is no folder; "
    assert done.code == 2
    assert f"feedpub.yaml:1: output.templates: {'is ' * ('out' in path)}" in done.stderr
    assert said in done.stderr


# what only a real item brings out ------------------------------------------------------------

FAILS = '{% if "Item 7" in entry.title %}\n{{ {}[entry.title] }}{% endif %}<i>{{ entry.title }}</i>'


def test_one_that_fails_for_an_item_holds_back_no_feed_and_quotes_nothing(site: Site) -> None:
    put(site, item__html=FAILS)
    site.edit(7, title="Item 7 canary")
    done = site.run("build", "--report", "json")
    assert done.code == 0
    assert "canary" not in done.stdout + done.stderr
    assert [(p["code"], p["path"], p["line"]) for p in done.report["problems"]] == [
        ("template-failed", "item.html", 2)
    ]
    assert "Item 7 canary</a></h3>" in page(site), "by ours"
    assert b"Item 7 canary" in (site.out / "rss.xml").read_bytes()
    shown = {path for path, data in site.feeds().items() if b"<i>Item" in data}
    assert shown, "the others are as the site wants them"
    put(site, item__html="<i>{{ entry.title }}</i>")
    assert site.build()["problems"] == []
    assert "<i>Item 7 canary</i>" in page(site)


def test_x4_nothing_stays_on_a_page_because_a_template_fails(site: Site) -> None:
    put(site, item__html=FAILS)
    site.edit(7, title="Hello")
    site.edit(4, title="canary")
    site.build()
    assert "<i>canary</i>" in page(site)
    site.edit(7, title="Item 7")
    site.edit(4, title="canary", removed="true")
    assert site.run("build").code == 0
    assert not [path for path, data in site.feeds().items() if b"canary" in data]


def test_a_service_takes_over_templates_with_its_config(site: Site) -> None:
    put(site, item__html="<i>{{ entry.title }}</i>")
    with serving(site) as service:
        service.settled("/rss.xml")
        before = service.get("/rss.xml").body
        assert "<i>Item 6</i>" in service.get("/").text
        put(site, item__html="<u>{{ entry.titel }}</u>")
        mark = service.mark
        service.signal(signal.SIGHUP)
        service.wait_for("item.html:1: Entry has no attribute 'titel'", mark)
        service.wait_for("the old one stays", mark)
        assert "<i>Item 6</i>" in service.get("/").text
        put(site, item__html="<u>{{ entry.title }}</u>")
        service.signal(signal.SIGHUP)
        service.wait_until("/", 200, "<u>Item 6</u>")
        assert service.get("/rss.xml").body == before
        site.edit(6, title="Saved after that")
        service.wait_until("/", 200, "<u>Saved after that</u>")


def test_ours_pass_the_rehearsal() -> None:
    assert faults({name: (OURS / name).read_text(encoding="utf-8") for name in TEMPLATES}) == []


ENDLESS = (
    "{{ 'a' * 9999999999 }}",
    "{{ 9999999999 * [1] }}",
    "{{ 2 ** 9999999999 }}",
    "{% set n = namespace(a=3) %}{% for i in range(60) %}{% set n.a = n.a * n.a %}{% endfor %}",
    "{% set n = namespace(a='ab') %}{% for i in range(60) %}{% set n.a = n.a + n.a %}{% endfor %}",
    "{% for a in range(9999) %}{% for b in range(9999) %}{% set c = a * b %}{% endfor %}{% endfor %}",
    "{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}{% set n = namespace(a='abcdefghij') %}"
    "{% for i in range(60) %}{% set n.a = m(n.a) %}{% endfor %}",
    "{% for a in range(40000) %}{{ 'a' * 1000 }}{% endfor %}",
)


@pytest.mark.parametrize("text", ENDLESS)
def test_what_would_never_end_is_a_mistake_like_any_other(site: Site, text: str) -> None:
    put(site, item__html=f"<article>\n{text}</article>")
    began = time.perf_counter()
    said = refused(site)
    assert time.perf_counter() - began < 30, "it would fill the memory, or take all day"
    assert re.search(r"layout/item\.html:2: (makes|loops over) more than [\d,]+ ", said)


def test_what_only_a_real_item_makes_too_large_holds_no_feed_back(site: Site) -> None:
    text = "{% if entry.title == 'Item 5' %}{{ 'a' * 9999999999 }}{% endif %}"
    put(site, item__html=f"<article>{text}</article>")
    done = site.run("build")
    assert done.code == 0
    assert (
        "item.html:1: error: cannot make every page (TooLarge); these look as ours" in done.stderr
    )
    assert "Item 5" in page(site)


def test_bounds_do_not_change_what_templates_make(site: Site) -> None:
    text = "{% set b = '<b>'|safe %}{{ '<' ~ b + 'x' * 3 ~ 2 ** 10 ~ 2 * 1.5 ~ 'a'.ljust(2) ~ 'b'|center(3) }}"
    put(site, item__html=f"<article>{text}{{{{ range(3)|list }}}}</article>")
    site.build()
    assert "<article>&lt;<b>xxx10243.0a  b [0, 1, 2]</article>" in page(site)
