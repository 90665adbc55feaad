"""Template code in bodies (C5): what it gives, what goes, what stays; never in code; S1, S2."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings, strategies as st

from feedpub.core import body as bodies, text
from feedpub.core.body import Page
from feedpub.core.template_code import resolve

PAGE = Page(
    "https://e.org/blog/",
    {
        "title": "A *T* & <b>",
        "excerpt": "Ex",
        "date": "2020-01-02",
        "author": "Ann",
        "topics": "a, b",
        "link": "https://e.org/blog/x/",
        "image": "",
        "secured": "CANARY",
        "other": "CANARY",
    },
)
TITLE = "A &#42;T&#42; &#38; &#60;b&#62;"
DIALECTS = [
    *("", "jekyll", "eleventy", "hugo", "zola", "docusaurus", "pelican", "obsidian", "mkdocs"),
    "quarto",
]
WATCH = "https://www.youtube.com/watch?v="


def read(body: str, dialect: str = "", *, is_mdx: bool = False) -> str:
    return resolve(body, dialect, PAGE, is_mdx=is_mdx)[0]


def lost(body: str, dialect: str = "", *, is_mdx: bool = False) -> list[tuple[int, str]]:
    return [(each.line, each.name) for each in resolve(body, dialect, PAGE, is_mdx=is_mdx)[1]]


UNDERSTOOD = [
    # Liquid and Nunjucks
    ("jekyll", "a {{ page.title }} b", f"a {TITLE} b"),
    ("eleventy", "{{ title }}{{ page.image }}|{{ author | strip | escape }}", f"{TITLE}|Ann"),
    ("jekyll", "[x]({{ site.url }}{{ site.baseurl }}/x)", "[x](https://e.org/blog/x)"),
    ("jekyll", "![x]({{ '/a.png' | relative_url }})", "![x](/blog/a.png)"),
    ("jekyll", "{{ 'a' | absolute_url }}", "https://e.org/blog/a"),
    ("jekyll", "{{ '/a' | prepend: site.baseurl | prepend: site.url }}", "https://e.org/blog/a"),
    ("jekyll", "[x]({% post_url 2020-01-01-n %})", "[x](@/2020-01-01-n.md)"),
    ("jekyll", "[x]({{ site.baseurl }}{% link _posts/x.md %}#p)", "[x](@/_posts/x.md#p)"),
    ("jekyll", "{% assign x = 1 %}a{% # words %}", "a"),
    ("jekyll", "{% if page.title %}a{% else %}b{% endif %}", "a"),
    ("jekyll", "{% unless page.title %}a{% else %}b{% endunless %}", "b"),
    ("jekyll", "{% if false %}a{% endif %}{% if page.image == '' %}b{% endif %}", "b"),
    (
        "jekyll",
        "{% if page.author == 'Bob' %}a{% elsif page.author == \"Ann\" %}b{% else %}c{% endif %}",
        "b",
    ),
    ("jekyll", "{% if title %}{% if page.image %}a{% else %}b{% endif %}{% endif %}", "b"),
    ("jekyll", "{% capture x %}a{% endcapture %}b", "b"),
    ("jekyll", "{{ site.url }}{{ page.url }}", "https://e.org/blog/x/"),
    (
        "jekyll",
        "{{ page.url | prepend: site.baseurl | prepend: site.url }}",
        "https://e.org/blog/x/",
    ),
    (
        "jekyll",
        "?u={{ site.url }}{{ page.url | url_encode }}",
        "?u=https%3A%2F%2Fe.org%2Fblog%2Fx%2F",
    ),
    (
        "jekyll",
        '{{ page.date | date: "%B %-d" }} {{ page.date | date_to_string }}',
        "2020-01-02 2020-01-02",
    ),
    ("jekyll", '{{ page.date | date: "%999999999d" }} {{ tags | join: ", " }}', "2020-01-02 a, b"),
    ("jekyll", "{::comment}\nCANARY `\n{:/comment}\na `{::comment}`", "\na `{::comment}`"),
    (
        "jekyll",
        '{% include video id="abc" provider="vimeo" %}',
        "[Vimeo video](https://vimeo.com/abc)",
    ),
    ("eleventy", "{% css %}CANARY{% endcss %}{% js %}CANARY{% endjs %}", ""),
    (
        "hugo",
        '| {{< ref "b.md" >}} |\n- {{< ref "b.md" >}}',
        "| [b.md](@/b.md) |\n- [b.md](@/b.md)",
    ),
    ("jekyll", "{% youtube abc %}", f"[YouTube video]({WATCH}abc)"),
    ("jekyll", '{% include youtube.html id="abc" %}', f"[YouTube video]({WATCH}abc)"),
    ("jekyll", "{% gist user/12 %} {% gist 12 f.rb %}", None),
    (
        "jekyll",
        '{% include figure.html src="/a.png" alt="b" caption="c" %}',
        '<figure><img src="/a.png" alt="b"><figcaption>c</figcaption></figure>\n',
    ),
    # Shortcodes of Hugo, Quarto, Zola and Pelican's plugin
    ("hugo", "{{< youtube abc >}} {{< youtube id='abc' >}}", None),
    ("hugo", "{{< x user='a' id=12 >}}", "[Post on X](https://x.com/a/status/12)"),
    ("hugo", "{{< gist a 12 >}}", "[Gist](https://gist.github.com/a/12)"),
    ("hugo", '{{< figure src="a b.png" alt="x_y" >}}', "![x&#95;y](a%20b.png)"),
    ("hugo", '[r]({{< ref "x.md" >}}) [s]({{% relref "/b/x#p" %}})', "[r](@/x.md) [s](@/b/x#p)"),
    ("hugo", "{{< param title >}}", TITLE),
    (
        "hugo",
        '{{< figure src="a.png" title="T" caption="*c*" >}}\nb',
        '<figure><img src="a.png" alt="T"><figcaption>T <em>c</em></figcaption></figure>\n\nb',
    ),
    (
        "eleventy",
        '{% image "a.png", "b", "(min-width: 9em) 50vw, 100vw" %} {% figure "a.png", "b", "c" %}',
        '![b](a.png) <figure><img src="a.png" alt="b"><figcaption>c</figcaption></figure>\n',
    ),
    ("hugo", '{{< own href="/x" >}}a *b*{{< /own >}}', '<a href="/x">a *b*</a>'),
    ("hugo", '{{< card link="/x" title="*T*" >}}', '<a href="/x"><em>T</em></a>'),
    ("hugo", '{{< tab "One" >}}\na\n{{< /tab >}}', "**One**\n\n\na\n"),
    ("hugo", '{{< imgproc "a.png" Fill >}}{{< alert text="*b*" >}}', "![](a.png)*b*"),
    ("jekyll", '{% include lightbox.html src="/a.png" alt="b" %}', "![b](/a.png)"),
    ("hugo", '[a]({{< link "https://e.org/" >}})', "[a](https://e.org/)"),
    ("hugo", "{{% note %}}\n*x*\n{{% /note %}}", "\n*x*\n"),
    (
        "hugo",
        '{{< details "S" >}}\nx\n{{< /details >}}',
        "<details><summary>S</summary>\n\n\nx\n\n\n</details>",
    ),
    ("hugo", "{{</* x */>}} `{{%/* x */%}}`", "{{< x >}} `{{% x %}}`"),
    ("zola", "`{{/* x(a=1) */}}` {%/* end */%}", "`{{ x(a=1) }}` {% end %}"),
    ("jekyll", "{% details Two words %}x{% enddetails %}", None),
    ("hugo", "{{% tab title='L' %}}x{{% /tab %}}", "**L**\n\nx"),
    ("hugo", "{{ x }} {% y %} {.z}", "{{ x }} {% y %} {.z}"),
    (
        "hugo",
        "{{ .Title }} {{ $.Params.author }} {{ .RelPermalink }}",
        f"{TITLE} Ann https://e.org/blog/x/",
    ),
    ("mkdocs", '{{ a"\n\n`y` "}}', '{{ a"\n\n`y` "}}'),
    ("quarto", "{{% x %}\n\n`y` %}}", "{{% x %}\n\n`y` %}}"),
    ("quarto", "{{< meta title >}} {{ x }}", f"{TITLE} {{{{ x }}}}"),
    (
        "zola",
        "```\n<a href='{{/* f(a=1) */}}'>{%/* b */%} {{/* c::d() */}} {{/* e(a=b) */}}\n```",
        "```\n<a href='{{ f(a=1) }}'>{%/* b */%} {{/* c::d() */}} {{/* e(a=b) */}}\n```",
    ),
    ("zola", "{{ youtube(id='abc') }} {{ x }} {% y %}", None),
    (
        "pelican",
        "{% img left /a.png 3 4 't' 'b' %} {{ x }} {% y %}",
        "![b](/a.png) {{ x }} {% y %}",
    ),
    # MDX
    ("docusaurus", "a{' '}b {\"c*d\"}", "a b c&#42;d"),
    ("docusaurus", "A <>part</> here.", "A part here."),
    ("docusaurus", "import A from 'a'\nimport {\n  b\n} from \"c\";\n\nx", "\n\n\nx"),
    ("docusaurus", "export const a = {\n  b: {},\n\n  c: 1,\n}\n\nx", "\n\nx"),
    ("docusaurus", '<img src={require("./a.png").default} width={7} />', None),
    ("docusaurus", "import i from './a.png'\n\n<img src={i} />", '\n\n<img src="./a.png" />'),
    ("docusaurus", '<p style={{a: "b"}} className="c">d</p>', "<p>d</p>"),
    ("docusaurus", "<Tabs><TabItem value='a' label='L'>x</TabItem></Tabs>", "**L**\n\nx"),
    ("docusaurus", "<YouTube id='abc' />", f"[YouTube video]({WATCH}abc)"),
    ("docusaurus", "# T {#id}\n\n$a^{2}$ $$b^{3}$$ \\{x}", "# T {#id}\n\n$a^{2}$ $$b^{3}$$ \\{x}"),
    ("docusaurus", "{/* truncate */}", "<!-- truncate -->"),
    # Whatever the dialect is not known for, but unmistakable
    ("", "{{ page.title }} {{< param title >}} {{ .Params.Title }}", f"{TITLE} {TITLE} {TITLE}"),
    ("", "${{ secrets.X }} $\\frac{{a}}{{b}}$ $${{x}}$$ {a} {{ d", None),
    ("", '<div style={{color: "red"}}>x</div>', "<div>x</div>"),
    ("", "# T {#id} {#b}\n\n{{ title }} Map<K,Va/>", f"# T {{#id}} {{#b}}\n\n{TITLE} Map<K,Va/>"),
    ("", "$$ {{ title }}\n\n$$", f"$$ {TITLE}\n\n$$"),
    ("", "import taxes, press <Enter>, a < B />", "import taxes, press <Enter>, a < B />"),
]
ASIDE = {
    "{% gist user/12 %} {% gist 12 f.rb %}": (
        "[Gist](https://gist.github.com/user/12) [Gist](https://gist.github.com/12)"
    ),
    "{{< youtube abc >}} {{< youtube id='abc' >}}": " ".join([f"[YouTube video]({WATCH}abc)"] * 2),
    "{% details Two words %}x{% enddetails %}": (
        "<details><summary>Two words</summary>\n\nx\n\n</details>"
    ),
    "{{ youtube(id='abc') }} {{ x }} {% y %}": f"[YouTube video]({WATCH}abc) {{{{ x }}}} {{% y %}}",
    '<img src={require("./a.png").default} width={7} />': '<img src="./a.png" width="7" />',
}


@pytest.mark.parametrize(("dialect", "body", "expected"), UNDERSTOOD)
def test_c5_what_tags_give(dialect: str, body: str, expected: str | None) -> None:
    expected = ASIDE.get(body, body) if expected is None else expected
    assert resolve(body, dialect, PAGE) == (expected, ())


NOT_UNDERSTOOD = [
    ("jekyll", "a {{ page.secret }} b", "a  b", ["page.secret"]),
    ("jekyll", "{{ page.title | upcase }}", "", ["page.title"]),
    ("jekyll", "{% include a/b.html x=1 %}c", "c", ["include"]),
    ("jekyll", "{% include a/{{ page.x }}/b.html %}c", "c", ["include"]),
    ("jekyll", "{{ a }} {{ b }} {{ c }} {{ d }} {{ e }} x", "x", ["a", "b", "c", "d", "e"]),
    ("jekyll", '{% include video id="abc" provider="other" %}', "", ["include"]),
    ("hugo", "{{ .Params.secured }}{{ .Site.Title }}", "", [".Params.secured", ".Site.Title"]),
    ("jekyll", "{% for a in b %}x{{ a.title }}{% endfor %}", "x", ["for", "a.title"]),
    ("jekyll", "{% if user %}x{% endif %}", "x", ["if"]),
    ("jekyll", "{% if user %}x{% else %}y{% endif %}z", "z", ["if"]),
    ("jekyll", "{% for a in b %}x{% else %}y{% endfor %}z", "xz", ["for"]),
    ("jekyll", "{% assign title = 1 %}{{ title }}", "", ["title"]),
    ("jekyll", "[text]({{ x }}) ![p]({{ x }}/a.png) c", "text  c", ["x", "x"]),
    ("jekyll", "a[^1]\n\n[^1]: b {{ x }} c", "a[^1]\n\n[^1]: b  c", ["x"]),
    ("jekyll", "[a][{{ x }}] <a href={{ x }}>b</a>", "a <a >b</a>", ["x", "x"]),
    (
        "jekyll",
        "https://e.org/{{ x }} <https://e.org/{{ x }}>",
        "https:&#xfffe;//e.org/ https:&#xfffe;//e.org/",
        ["x", "x"],
    ),
    ("jekyll", '<img src="{{ x }}/a.png"> <a href="{{ x }}">t</a>', " <a >t</a>", ["x", "x"]),
    ("jekyll", "{% endfoo %}a", "a", ["endfoo"]),
    ("hugo", "{{< foo title=b >}}*x*{{< /foo >}} {{% bar %}}", "*x* ", ["foo", "bar"]),
    ("hugo", "{{< param secret >}}", "", ["param"]),
    (
        "hugo",
        '![a]({{< static "b.png" >}}) <img src="{{< static "b.png" >}}">',
        " ",
        ["static"] * 2,
    ),
    ("hugo", '{{< own href="/x" >}}a\n\nb{{< /own >}}', "a\n\nb", ["own"]),
    ("zola", "{% quote(a='b') %}x{% end %}{{ foo(a=1) }}", "x", ["quote", "foo"]),
    ("docusaurus", "a {1 + 1} and {props.x}.", "a  and .", ["expression", "expression"]),
    ("docusaurus", "<Own x={1}>*a*</Own><Own y={b => c} />", "*a*", ["Own", "Own"]),
    ("docusaurus", "<img src={x} />a<b title={x}>c</b>", "a<b>c</b>", ["img", "b"]),
    ("", "<Own>x</Own> <Own />", "x ", ["Own", "Own"]),
    ("mkdocs", "{{ macro('x') }}a", "a", ["macro"]),
]


@pytest.mark.parametrize(("dialect", "body", "expected", "names"), NOT_UNDERSTOOD)
def test_c5_what_is_not_understood_goes_and_is_told(
    dialect: str, body: str, expected: str, names: list[str]
) -> None:
    assert read(body, dialect) == expected
    assert [name for _, name in lost(body, dialect)] == names


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "comment",
    [
        "{% comment %} CANARY ` {{ x }}\n\n{% if %} {% endcomment %}",
        "{# CANARY #}",
        "{#CANARY#}",
        "{/* CANARY\n\n*/}",
        "{{/* CANARY */}}",
        "<!-- CANARY {{ x }}\n\n<Own /> -->",
    ],
)
def test_c5_comments_go_in_every_dialect(dialect: str, comment: str) -> None:
    resolved, lost = resolve(f"a {comment} b `c`", dialect, PAGE)
    assert "CANARY" not in resolved
    assert "CANARY" not in str(bodies.read(f"a {comment} b `c`", "a.md", dialect, PAGE).html)
    assert resolved.startswith("a ")
    assert resolved.endswith(" b `c`")
    assert lost == ()


def test_c5_obsidian_has_comments_of_its_own() -> None:
    assert "b" not in str(bodies.read("a %%b\n\nc%% d", "a.md", "obsidian").html)
    body = "a %%b\n\nc%% d {{ e }} `%%f%%`"
    assert resolve(body, "obsidian", PAGE) == ("a  d {{ e }} `%%f%%`", ())
    assert read(body, "hugo") == body


@pytest.mark.parametrize("mark", ["<!--more-->", "<!-- truncate -->"])
def test_c5_where_the_excerpt_ends_stays(mark: str) -> None:
    assert read(f"a\n\n{mark}\n\n{{{{ x }}}}b") == f"a\n\n{mark}\n\nb"


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("jekyll", "a{% members_only %}CANARY{% endmembers_only %}b"),
        ("jekyll", "a{% private %}{% if x %}CANARY{% endprivate %}b"),
        ("jekyll", "a{% if user.member %}CANARY{% endif %}b"),
        ("hugo", "a{{< todo-list >}}\n\nCANARY\n\n{{< /todo-list >}}b"),
        ("zola", "a{% paywall() %}CANARY{% end %}b"),
        ("docusaurus", "a<SecretNote x={1}>CANARY</SecretNote>b"),
    ],
)
def test_c5_private_parts_go_whole(dialect: str, body: str) -> None:
    for each in (dialect, "") if dialect != "zola" else (dialect,):
        assert read(body, each) == "ab"
        assert bodies.read(body, "a.md", each).html == "<p>ab</p>\n"
        assert len(lost(body, each)) == 1


SPOKEN = [
    *("{{ page.%s }}", "{{ %s }}", "{{ .Params.%s }}", "{{ frontmatter.%s }}", "{{ page['%s'] }}"),
    *("{{ param '%s' }}", "{{< param %s >}}", "{{% param '%s' %}}", "{{< meta %s >}}"),
    *(
        "{frontMatter.%s}",
        "{props.%s}",
        "<img src={frontMatter.%s} />",
        "{% include image src=page.%s %}",
    ),
    *("{%% if page.%s == 'CANARY' %%}YES{%% else %%}NO{%% endif %%}", "{{ '' | append: page.%s }}"),
    *("{{ post.%s }}", "{{ site.%s }}", "{{ item.data.%s }}"),
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["secured", "other", "secured.token", "body", "__class__"])
@pytest.mark.parametrize("tag", SPOKEN)
def test_s1_no_other_name_gives_anything(dialect: str, name: str, tag: str) -> None:
    tag = tag.replace("%s", name).replace("%%", "%")
    for is_mdx in (False, True):
        body = read(f"a {tag} b", dialect, is_mdx=is_mdx).replace(tag, "")
        assert "CANARY" not in body
        assert "YES" not in body


def test_s2_only_names_are_told() -> None:
    body = '{{ x["CANARY"] }} {{< foo "CANARY" >}} {% bar CANARY %} <Own a="CANARY" /> {CANARY}'
    told = lost(body, is_mdx=True)
    assert [name for _, name in told] == ["x", "foo", "bar", "Own", "expression"]
    assert lost(f"{{{{< {'x' * 99} >}}}}", "hugo") == [(1, "x" * 40)]


def test_c5_the_line_is_that_of_the_body() -> None:
    body = (
        "{% comment %}\n\n{% endcomment %}\n{% raw %}\n{% endraw %}\na {% highlight x %}b\n"
        "{% endhighlight %} c\n\n{{ x }}\n{{ y }}\n"
    )
    assert lost(body, "jekyll") == [(9, "x"), (10, "y")]
    assert lost(f"<X {{...y}}\n/>\n\n{body}", is_mdx=True)[1:] == [(12, "x"), (13, "y")]


def test_c5_a_highlight_tag_without_a_language_or_a_line_only_marks_words() -> None:
    shown = resolve("a {% highlight %}b{% endhighlight %} c", "eleventy", PAGE)[0]
    assert shown == "a b c"


HIGHLIGHTS = [
    (
        "{% highlight ruby linenos %}\na ` {{ x }}\n{% endhighlight %}\nb `c`",
        "```ruby\na ` {{ x }}\n```\nb `c`",
    ),
    (
        "<div>\n{% highlight js %}\n<b>\n\n*c* {{ d }}\n{% endhighlight %}\n</div>",
        '<div>\n<pre><code class="language-js">&lt;b&gt;\n&#xfffe;\n*c* {{ d }}\n</code></pre>\n</div>',
    ),
    ("{% highlight %}\n```\na\n```\n{% endhighlight %}", "````\n```\na\n```\n````"),
    (
        "1. a\n\n   {% highlight js %}\nb\n\n  c\n   {% endhighlight %}",
        "1. a\n\n   ```js\n   b\n\n     c\n   ```",
    ),
    ("- {% highlight js %}\n  b\n  {% endhighlight %}", "- ```js\n    b\n  ```"),
    ("> {% highlight js %}\n> b\n> {% endhighlight %}", "> ```js\n> b\n> ```"),
    ("a {% highlight js %}b{% endhighlight %} c", "a \n```js\nb\n```\n c"),
    ("{% highlight x %}{% raw %}{{ y }}{% endraw %}{% endhighlight %}", "```x\n{{ y }}\n```"),
    ("{% raw %}{% highlight x %}{% endraw %}", "{% highlight x %}"),
    (
        "`{% highlight x %}` and `{% endhighlight %}`",
        "`{% highlight x %}` and `{% endhighlight %}`",
    ),
    ("`{% comment %}` {% comment %}a ` b{% endcomment %} `c`", "`{% comment %}`  `c`"),
    ("{% comment %}b{% endcomment %}\n{% comment %}\n```\n{% endcomment %}a", "\na"),
]


@pytest.mark.parametrize(("body", "expected"), HIGHLIGHTS)
def test_c5_highlighted_blocks_are_code(body: str, expected: str) -> None:
    assert resolve(body, "jekyll", PAGE) == (expected, ())


def test_c5_hugo_highlights_too() -> None:
    body = '{{< highlight go "linenos=table" >}}\na {{< x >}} `\n{{< /highlight >}}\n`b`'
    assert resolve(body, "hugo", PAGE) == ("```go\na {{< x >}} `\n```\n`b`", ())


def test_c5_shortcodes_for_code_hold_it() -> None:
    body = "{{< %s file=hugo >}}\na {{< x >}} *b*\n\n    c\n{{</ %s >}}"
    for name in ("code", "code-toggle", "mermaid"):
        language = name if name == "mermaid" else ""
        expected = f"```{language}\na {{{{< x >}}}} *b*\n\n    c\n```"
        assert resolve(body.replace("%s", name), "hugo", PAGE) == (expected, ())
    fenced = "{{< code >}}\n```py\na\n```\n{{< /code >}}"
    assert resolve(fenced, "hugo", PAGE)[0] == "\n```py\na\n```\n"
    alone = "{{< code-toggle config=x />}} *a* {{< code >}}b{{< /code >}}"
    assert read(alone, "hugo").startswith("*a*")


def test_c5_raw_counts_in_code_where_the_generator_takes_it_away() -> None:
    body = "`{% raw %}{{ a }}{% endraw %}` {% raw %}{{ b }}{% endraw %}"
    assert read(body, "jekyll") == "`{{ a }}` {{ b }}"
    assert read(body) == "`{% raw %}{{ a }}{% endraw %}` {{ b }}"
    assert read(body, "hugo") == body
    fence = "{% raw %}```\n{{ a }}\n```{% endraw %}"
    assert read(fence, "eleventy") == "```\n{{ a }}\n```"


def test_c5_html_has_no_markdown_in_it() -> None:
    body = "<p>{% youtube a %}{% img /b.png %}\n{% highlight js %}<{% endhighlight %}</p>"
    assert resolve(body, "jekyll", PAGE, is_html=True)[0] == (
        f'<p><a href="{WATCH}a">YouTube video</a><img src="/b.png" alt="">\n'
        '<pre><code class="language-js">&lt;\n</code></pre></p>'
    )


def test_c5_a_captioned_picture_ends_before_the_next_line() -> None:
    body = "{{< figure src=/a.png caption='b' >}}\n*c*"
    found = '<figure><img src="/a.png" alt=""><figcaption>b</figcaption></figure>\n\n*c*'
    assert read(body, "hugo") == found


def test_c5_in_html_within_markdown_embeds_are_html() -> None:
    assert read("<div>\n{% youtube a %}\n</div>", "jekyll") == (
        f'<div>\n<a href="{WATCH}a">YouTube video</a>\n</div>'
    )


def test_c5_what_is_indented_in_mdx_is_no_code() -> None:
    body = "<Tabs>\n  <TabItem>\n\n    ```js\n    {x}\n    ```\n\n    *y*\n\n  </TabItem>\n</Tabs>"
    assert read(body, "docusaurus").split() == ["```js", "{x}", "```", "*y*"]
    assert "\n```js\n{x}\n```\n" in read(body, "docusaurus")


TAGS = [
    *(
        "{% x %}",
        "{% if a %}",
        "{% else %}",
        "{% endif %}",
        "{% endx %}",
        "{{ x }}",
        "{{ page.title }}",
    ),
    *(
        "{{< x >}}",
        "{{< /x >}}",
        "{{% y /%}}",
        "<Own a={b}>",
        "</Own>",
        "<Own/>",
        "{1}",
        "<>",
        "</>",
    ),
    *(
        "{% for a in b %}",
        "{% endfor %}",
        "{% post_url a %}",
        "[a]({{ b }})",
        "{{ a",
        "{% b",
        "<C d={",
    ),
    *(
        "}}",
        "%}",
        "{",
        "}",
        "import a from 'b'\n",
        "export const a = {\n",
        "a",
        " ",
        "\n",
        "é",
        '"',
        "'",
    ),
    *(
        "`",
        "{% raw %}",
        "{% endraw %}",
        "{{</* x */>}}",
        "    ",
        "- ",
        "> ",
        "\ud800",
        "\ufdd0",
        "\ufdd4",
    ),
    *(
        "{% highlight x %}",
        "{% endhighlight %}",
        "<!--",
        "-->",
        "{#",
        "#}",
        "{/*",
        "*/}",
        "%%",
        "$$",
    ),
]
around = st.lists(st.sampled_from(TAGS), max_size=12).map("".join)
plain_around = st.lists(
    # Not what makes comments, conditions, statements or code of what follows.
    st.sampled_from(
        [
            tag
            for tag in TAGS[:46]
            if tag not in {"`", "\ud800"} and not re.search(r"if|else|= \{", tag)
        ]
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(around | st.text(st.characters(exclude_categories=())), st.booleans(), st.booleans())
def test_c5_no_text_raises(dialect: str, body: str, is_mdx: bool, is_html: bool) -> None:
    _, lost = resolve(text.legal(body), dialect, PAGE, is_mdx=is_mdx, is_html=is_html)
    assert all(each.line <= body.count("\n") + 1 for each in lost)
    assert all(len(each.name) <= 40 for each in lost)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(plain_around, plain_around, around)
def test_c5_code_is_left_as_it_is(dialect: str, before: str, after: str, code: str) -> None:
    code = "".join(each for each in code if each not in "`\n\ud800\ufdd0\ufdd4")
    code = code.replace("raw", "row").replace("*", "")
    body = f"{before}\n\n```\nx{code}x\n```\n\n{after}\n\ny `z{code}z` {after}"
    resolved = resolve(text.legal(body), dialect, PAGE)[0]
    assert f"\n```\nx{code}x\n```\n" in resolved
    if dialect != "docusaurus" or "{" not in after:  # where braces hold templates of JavaScript
        assert f"`z{code}z`" in resolved


HOSTILE = [
    *("{% if page.title %}", "{% if x %}a{% else %}b{% endif %}", "{% endif %}", "{% x '", "{% x"),
    *(
        "{{ x }}",
        "{{ a | ",
        '{{ "',
        "{{ x",
        "{{< x >}}a{{< /x >}}",
        "{{< x >}}",
        '{{< x "',
        "{% a() %}",
    ),
    *(
        "{% highlight x %}`\n{% endhighlight %}\n",
        "{% highlight x %}` ",
        "`{% highlight x %}`",
        "{/*",
    ),
    *(
        "{% raw %}",
        "`{% raw %}`",
        "{{</* x */>}}",
        "<!--",
        "`<!--` ",
        "{#  ",
        "%% %",
        "$$",
        "<pre>",
    ),
    *("<Aa>", "<Aa b='", "<Aa b=\"<Ab c='", "<Aa b={", "{", "{'", "{'a'}", "import {\n", "</Aa>"),
    *(
        "export const a = {\n",
        "![a]({{ x }}",
        "<img src={{ x }}",
        "[a]({{ x }})",
        "    {{ x }}\n\n",
    ),
    *(
        "{{< figure src=a caption=b >}}",
        "{% case x %}{% when a %}",
        "<p className='a'>",
        " style={{",
    ),
]


@pytest.mark.parametrize(("dialect", "is_mdx"), [("jekyll", False), ("", True)])
@pytest.mark.usefixtures("unmeasured")
def test_thousands_of_each_end_soon(dialect: str, is_mdx: bool) -> None:
    """What takes the square of the input takes many seconds; these take a twentieth of one each."""
    for tag in HOSTILE:
        body = f"a {tag * 4_000} }}}} %}} >}}}} */}} --> \" ' `"
        started = time.process_time()
        resolve(body, dialect, PAGE, is_mdx=is_mdx)
        assert time.process_time() - started < 10, tag


@pytest.mark.parametrize("dialect", ["", "quarto", "docusaurus"])
@pytest.mark.parametrize(
    ("hidden", "names"),
    [
        (":::private\nx\n:::", "private"),
        ("::::draft\nx\n\n:::note\ny\n:::\n\nz\n::::", "draft"),
        ('::: {.content-hidden when-format="html"}\nx\n:::', "content-hidden"),
        ('::: {.content-visible when-format="pdf"}\nx\n:::', "content-visible"),
        ("> ::: {#a .todo}\n> x\n> :::", "todo"),
        (":::secret\nis left open", "secret"),
    ],
)
def test_s1_a_container_that_no_reader_may_see_goes_whole(
    dialect: str, hidden: str, names: str
) -> None:
    shown = "Before\n\n:::note Draft of a *title*\n\na\n\n:::\n\n```\n:::private\n```\n\n"
    body, lost = resolve(f"{shown}{hidden}", dialect, PAGE)
    assert body.strip() == shown.strip()
    assert [each.name for each in lost] == [names]
    assert bodies.read(hidden, "a.md", dialect).html in {"", "<blockquote>\n</blockquote>\n"}
    assert lost[0].line == shown.count("\n") + 1


def test_c5_a_container_of_quarto_that_hides_from_print_alone_is_shown() -> None:
    source = '::: {.content-hidden when-format="pdf"}\na\n:::\n\n::: {.callout-note title="Hidden"}\nb\n:::'
    assert resolve(source, "quarto", PAGE) == (source, ())


def test_c5_braces_in_strings_and_paragraphs_in_texts_end_no_javascript() -> None:
    tag = "<A b={() => {\n  return '}';\n}} c=\"1\">x</A>"
    assert resolve(tag, "docusaurus", PAGE)[0] == "x"
    assert resolve("export const a = `b\n\nc`\n\nd", "docusaurus", PAGE)[0].strip() == "d"


def test_c5_what_is_mdx_by_its_name_is_so_under_any_generator() -> None:
    assert resolve("import a from 'b'\n\nx", "pelican", PAGE, is_mdx=True)[0].strip() == "x"
    picture = resolve('<img src={"/a.png"} hidden />', "pelican", PAGE, is_mdx=True)[0]
    assert picture == '<img src="/a.png" hidden="" />'
