"""Write the tests of a feature: its list, adding, and the page of one row."""

import json
from string import Template

from tools.features.feature import Feature
from tools.features.fields import Field, title_of
from tools.features.layout import INDENT, Brackets, Code, call, lay_out

PLUGIN = Template('''"""$a_word of Alice, for the tests of all parts."""

import pytest

from tests.client import Client


@pytest.fixture
$fields_signature
    """The values that Alice enters for $a $word."""
$values


@pytest.fixture
$path_signature
    """The path of $a $word of Alice."""
    as_alice.submit("$url/new", **${singular}_fields)
    title = ${singular}_fields["$title"]
    [link] = [it for it in as_alice.page("$url").all("a") if it.text == title]
    return link.get("href")
''')
ACCESS = Template('''"""Access to the pages of $words (docs/access.md)."""

TABLE = """
$lines
"""
''')
LIST = Template('''"""The list of $words: pages and search."""

from tests.client import Client


$finds
    title = ${singular}_fields["$title"]
    assert title in as_alice.page("$url").text
    assert ${singular}_path in as_alice.page("$url?q=$start").html
    assert ${singular}_path not in as_alice.page("$url?q=no+such").html


$others


def test_a_visitor_has_to_sign_in(client: Client) -> None:
    assert client.get("$url").location == "/login?next=$url"
''')
OTHERS_SEE_NOTHING = Template("""$signature
    assert ${singular}_path not in as_bob.page("$url").html""")
OTHERS_SEE_IT = Template("""$signature
    assert ${singular}_path in as_bob.page("$url").html""")
NEW = Template('''"""Adding $a $word."""

from tests.client import Client


$adds
    response = as_alice.submit("$url/new", **${singular}_fields)
    assert (response.status_code, response.location) == (303, "$url")
    title = ${singular}_fields["$title"]
    assert title in as_alice.page("$url").text


$needs
    for title in ("", " ", "x" * $too_long):
        fields = {**${singular}_fields, "$title": title}
        assert as_alice.submit("$url/new", **fields).status_code == 422
$references''')
REFERENCE = Template("""

$signature
    response = as_bob.submit("$url/new", **${singular}_fields)
    assert response.status_code == 422
""")
ONE = Template('''"""The page of $a $word: edit and delete."""

from tests.client import Client


$shows
    shown = as_alice.page(${singular}_path).fields_for(${singular}_path)
    for name, value in ${singular}_fields.items():
        assert shown[name].strip() == value


$changes
    fields = {**${singular}_fields, "$title": "$changed"}
    assert as_alice.submit(${singular}_path, **fields).status_code == 303
    assert "$changed" in as_alice.page("$url").text


$deletes
    token = as_alice.csrf_token(${singular}_path)
    response = as_alice.post(f"{${singular}_path}/delete", data={"csrf_token": token})
    assert (response.status_code, response.location) == (303, "$url")
    as_alice.page(${singular}_path, status=404)


$others
''')
OTHERS_GET_404 = Template("""$signature
    token = {"csrf_token": as_bob.csrf_token("$url/new")}
    as_bob.page(${singular}_path, status=404)
    assert as_bob.post(${singular}_path, data=token).status_code == 404
    assert as_bob.post(f"{${singular}_path}/delete", data=token).status_code == 404
    as_alice.page(${singular}_path)""")
OTHERS_CHANGE_IT = Template("""$signature
    fields = {**${singular}_fields, "$title": "$changed"}
    assert as_bob.submit(${singular}_path, **fields).status_code == 303
    assert "$changed" in as_alice.page("$url").text""")


def tests(it: Feature) -> dict[str, str]:
    """Return the files of tests by their names."""
    return {
        "access.py": access(it),
        "plugin.py": plugin(it),
        f"test_{it.plural}.py": list_tests(it),
        "test_new.py": new_tests(it),
        f"test_{it.singular}.py": one_tests(it),
    }


def access(it: Feature) -> str:
    """Return the lines of the access table: a visitor signs in, and row 0 is not found."""
    row = f"{it.url}/<int:{it.singular}_id>"
    users = {
        f"GET {it.url}": "200",
        f"GET {it.url}/new": "200",
        f"POST {it.url}/new": "422",
        f"GET {row}": "404",
        f"POST {row}": "404",
        f"POST {row}/delete": "404",
    }
    width = max(map(len, users))
    lines = [f"{'':{width}}  visitor     user"]
    lines += [f"{route:{width}}  sign-in      {status}" for route, status in users.items()]
    return ACCESS.substitute(words=it.words, lines="\n".join(lines))


def common(it: Feature) -> dict[str, str]:
    a = article(it.word)
    return {
        "words": it.words,
        "word": it.word,
        "a": a,
        "a_word": f"{a.capitalize()} {it.word}",
        "singular": it.singular,
        "title": it.title,
        "url": it.url,
        "changed": "Changed"[: longest(title_of(list(it.fields)))],
    }


def article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def longest(field: Field) -> int:
    return int(field.words[0])


def signature(name: str, *arguments: str, returns: str = "None") -> str:
    return lay_out(call(f"def {name}", *arguments, after=f") -> {returns}:"))


def plugin(it: Feature) -> str:
    given = {ref.leads_to.singular: f"{ref.leads_to.singular}_path: str" for ref in it.references}
    rows: list[Code] = [f'"{name}": {json.dumps(value)}' for name, value in it.samples.items()]
    rows += [
        f'"{ref.column}": {ref.leads_to.singular}_path.rpartition("/")[2]' for ref in it.references
    ]
    values = Brackets("return {", tuple(rows), "}")
    return PLUGIN.substitute(
        common(it),
        fields_signature=signature(
            f"{it.singular}_fields", *given.values(), returns="dict[str, str]"
        ),
        values=lay_out(values, INDENT),
        path_signature=signature(
            f"{it.singular}_path", "as_alice: Client", fields_of(it), returns="str"
        ),
    )


def fields_of(it: Feature) -> str:
    return f"{it.singular}_fields: dict[str, str]"


def path_of(it: Feature) -> str:
    return f"{it.singular}_path: str"


def list_tests(it: Feature) -> str:
    start = it.samples[it.title][:3].lower()
    others = OTHERS_SEE_NOTHING if it.is_owned else OTHERS_SEE_IT
    name = f"test_bob_{'does_not_see' if it.is_owned else 'sees'}_{it.plural}_of_alice"
    return LIST.substitute(
        common(it),
        finds=signature(
            f"test_alice_finds_{article(it.word)}_{it.singular}_by_the_start_of_its_{it.title}",
            "as_alice: Client",
            path_of(it),
            fields_of(it),
        ),
        start=start.replace(" ", "+"),
        others=others.substitute(
            common(it), signature=signature(name, "as_bob: Client", path_of(it))
        ),
    )


def new_tests(it: Feature) -> str:
    references = [
        REFERENCE.substitute(
            common(it),
            signature=signature(
                f"test_bob_cannot_refer_to_{article(ref.name)}_{ref.name}_of_alice",
                "as_bob: Client",
                fields_of(it),
            ),
        )
        for ref in it.references
        if ref.leads_to.is_owned
    ]
    return NEW.substitute(
        common(it),
        adds=signature(
            f"test_alice_adds_{article(it.word)}_{it.singular}", "as_alice: Client", fields_of(it)
        ),
        needs=signature(
            f"test_{article(it.word)}_{it.singular}_needs_{article(it.title)}_{it.title}_that_is_not_too_long",
            "as_alice: Client",
            fields_of(it),
        ),
        too_long=str(longest(title_of(list(it.fields))) + 1),
        references="".join(references),
    )


def one_tests(it: Feature) -> str:
    everything = ("as_alice: Client", path_of(it), fields_of(it))
    if it.is_owned:
        name = f"test_{article(it.word)}_{it.singular}_of_alice_does_not_exist_for_bob"
        given = ["as_alice: Client", "as_bob: Client", path_of(it)]
        others = OTHERS_GET_404
    else:
        name = f"test_bob_changes_{article(it.word)}_{it.singular}_of_alice"
        given = ["as_alice: Client", "as_bob: Client", path_of(it), fields_of(it)]
        others = OTHERS_CHANGE_IT
    return ONE.substitute(
        common(it),
        shows=signature("test_the_page_shows_what_was_entered", *everything),
        changes=signature(f"test_alice_changes_{article(it.word)}_{it.singular}", *everything),
        deletes=signature(
            f"test_alice_deletes_{article(it.word)}_{it.singular}",
            "as_alice: Client",
            path_of(it),
        ),
        others=others.substitute(common(it), signature=signature(name, *given)),
    )
