"""`make feature` reads its fields, refuses invalid ones, and writes one commit."""

import pytest

from tests.framework.tools.conftest import Clone
from tools.features.fields import parse_field, parse_fields
from tools.features.layout import call, lay_out
from tools.features.names import class_name, singular_of
from tools.features.texts import texts_in, with_texts
from tools.git import Refused
from tools.product_parts import add_part, parts_of, without_parts

# A product may have notes.
NAME = "almanacs"
FIELDS = "title:str:120 text:text:5000"
PRODUCT = '''"""The parts of your product."""

from types import ModuleType

# In their order.
PARTS: tuple[ModuleType, ...] = ()
'''


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("notes", "note"),
        ("team_notes", "team_note"),
        ("categories", "category"),
        ("boxes", "box"),
        ("addresses", "address"),
        ("houses", "house"),
        ("statuses", "status"),
        ("people", "person"),
        ("movies", "movie"),
    ],
)
def test_the_singular_follows_from_the_plural(plural: str, singular: str) -> None:
    assert singular_of(plural) == singular


@pytest.mark.parametrize("name", ["note", "address", "sheep", "bus"])
def test_a_name_without_a_plural_asks_for_the_singular(name: str) -> None:
    with pytest.raises(Refused, match="SINGULAR="):
        singular_of(name)
    assert class_name(singular_of(name, "one_sheep")) == "OneSheep"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title", "no type that is known"),
        ("title:varchar:20", "no type that is known: str:LENGTH"),
        ("title:str", "give the length"),
        ("title:str:0", "from 1 to 255"),
        ("title:str:256", "from 1 to 255"),
        ("title:str:x", "give the length"),
        ("text:text:100001", "from 1 to 100000"),
        ("price:decimal:16:2", "at most 15 digits"),
        ("price:decimal:2:2", "fewer places"),
        ("done:bool?", "never optional"),
        ("due:date:1", "takes no '1'"),
        ("size:choice:s", "at least two"),
        ("size:choice:s|s", "different values"),
        ("size:choice:S|M", "lower-case"),
        ("project:ref", "name the feature"),
        ("Title:str:9", "is not valid"),
        ("a-b:int", "is not valid"),
        ("title__x:int", "is not valid"),
        ("x" * 21 + ":int", "is not valid"),
        ("class:int", "keyword of Python"),
        ("order:int", "reserved in SQL"),
        ("status:str:9", "Use state"),
        ("date:date", "Use due_on"),
        ("metadata:str:9", "for something else"),
        ("user:ref:users", "reserved in SQL"),
        ("errors:int", "for something else"),
    ],
)
def test_an_invalid_field_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        parse_field(text)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("title:str:9 title:str:9", "two fields 'title'"),
        ("title:str:9 project:ref:projects project_id:int", "two fields 'project_id'"),
        ("title:str:9 title_length:int", "constant MAX_TITLE_LENGTH"),
        ("email:str:9 contact:email", "constant MAX_EMAIL_LENGTH"),
        ("text:text:100", "such as title:str:120"),
        ("title:str:9?", "such as title:str:120"),
    ],
)
def test_fields_that_exclude_each_other_are_refused(fields: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        parse_fields(fields.split())


def test_two_addresses_share_their_limit() -> None:
    assert len(parse_fields(["title:str:9", "first:email", "second:email?"])) == 3


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"FIELDS": FIELDS}, "Give NAME and FIELDS"),
        ({"NAME": NAME}, "Give NAME and FIELDS"),
        ({"NAME": "Notes", "FIELDS": FIELDS}, "is not valid"),
        ({"NAME": "../notes", "FIELDS": FIELDS}, "is not valid"),
        ({"NAME": "lambda", "FIELDS": FIELDS}, "keyword of Python"),
        ({"NAME": "users", "FIELDS": FIELDS}, "'users' cannot be used: app/users/"),
        ({"NAME": "devices", "FIELDS": FIELDS}, "pages at /devices exist"),
        ({"NAME": "login_sessions", "FIELDS": FIELDS}, "a table has this name"),
        ({"NAME": "fragments", "FIELDS": FIELDS}, "app/templates/fragments/"),
        ({"NAME": "migrations", "FIELDS": FIELDS}, "docs/migrations.md exists"),
        ({"NAME": "logins", "FIELDS": FIELDS}, "tests/logins.py exists"),
        ({"NAME": "teams", "FIELDS": FIELDS}, "a later part of the starter"),
        ({"NAME": "talks", "SINGULAR": "session", "FIELDS": FIELDS}, "uses 'session'"),
        ({"NAME": "news", "FIELDS": FIELDS}, "uses 'new' for something else"),
        ({"NAME": "types", "FIELDS": FIELDS}, "Python's standard library"),
        ({"NAME": "models", "FIELDS": FIELDS}, "The class Model exists"),
        ({"NAME": "exceptions", "FIELDS": FIELDS}, "The class Exception exists"),
        ({"NAME": "sheep", "SINGULAR": "sheep", "FIELDS": FIELDS}, "both 'sheep'"),
        ({"NAME": NAME, "FIELDS": FIELDS, "OWNER": "team"}, "OWNER is user"),
        ({"NAME": NAME, "FIELDS": "title:str"}, "give the length"),
        ({"NAME": NAME, "FIELDS": f"{FIELDS} plan:ref:plans"}, "no feature 'plans'"),
        ({"NAME": NAME, "FIELDS": f"{FIELDS} login:ref:sessions"}, "no feature 'sessions'"),
    ],
    ids=lambda it: " ".join(it.values()) if isinstance(it, dict) else None,
)
def test_a_refused_feature_changes_nothing(
    variables: dict[str, str], reason: str, pure_starter: Clone
) -> None:
    before = pure_starter.state
    done = pure_starter.make("feature", **variables)
    assert done.returncode != 0
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert pure_starter.state == before


def test_a_working_tree_with_changes_is_refused(pure_clone: Clone) -> None:
    pure_clone.write("app/new.py", "")
    done = pure_clone.make("feature", NAME=NAME, FIELDS=FIELDS)
    assert "has changes that are not committed" in done.stderr
    assert not (pure_clone.folder / f"app/{NAME}").exists()


def test_dry_prints_the_files_and_changes_nothing(pure_starter: Clone) -> None:
    before = pure_starter.state
    done = pure_starter.make("feature", NAME=NAME, FIELDS=FIELDS, DRY="1")
    assert "class Almanac(Model):" in done.stdout
    assert f"app/templates/{NAME}/new.html (new)" in done.stdout
    assert pure_starter.state == before


def test_a_feature_is_one_commit_that_can_be_reverted(pure_clone: Clone) -> None:
    before = pure_clone.git("rev-parse", "HEAD^{tree}")
    done = pure_clone.make("feature", NAME=NAME, FIELDS=FIELDS)
    assert done.returncode == 0, done.stderr
    assert ".venv/bin/flask db upgrade" in done.stdout
    assert NAME in parts_of(pure_clone.read("app/product.py"))
    assert f"app/{NAME}/" in pure_clone.make("feature", NAME=NAME, FIELDS=FIELDS).stderr
    pure_clone.git("revert", "--no-edit", "HEAD")
    assert pure_clone.git("rev-parse", "HEAD^{tree}") == before


def test_shared_rows_cannot_refer_to_those_of_one_user(pure_clone: Clone) -> None:
    assert pure_clone.make("feature", NAME=NAME, FIELDS=FIELDS).returncode == 0
    shared = {"NAME": "annals", "FIELDS": f"title:str:120 old:ref:{NAME}", "OWNER": "none"}
    assert "readable for one user only" in pure_clone.make("feature", **shared).stderr


def test_the_product_lists_its_parts_in_their_order() -> None:
    two = add_part(add_part(PRODUCT, "notes"), "articles")
    assert "from app import articles, notes\n" in two
    assert "= (notes, articles)\n" in two
    assert without_parts(without_parts(two, {"notes"}), {"articles"}) == PRODUCT


def test_many_parts_have_a_line_each() -> None:
    text = PRODUCT
    for number in range(20):
        text = add_part(text, f"part_{number:02}")
    assert "    part_00,\n    part_01,\n" in text
    assert len(parts_of(text)) == 20


def test_long_calls_are_broken_as_the_formatter_does() -> None:
    inner = call("outer", "a" * 40, call("inner", "b" * 40, "c" * 40), "d")
    broken = ["outer(", f"    {'a' * 40},", f"    inner({'b' * 40}, {'c' * 40}),", "    d,", ")"]
    assert lay_out(inner) == "\n".join(broken)
    assert lay_out(call("x", "y")) == "x(y)"


def test_known_texts_are_translated_and_others_are_left_empty() -> None:
    source = '{{ _("Next") }} {{ _("Notes") }} {{ _("Next") }}'
    assert list(texts_in(source)) == ["Next", "Notes"]
    messages = with_texts([], {"app/templates/notes/notes.html": source}, {"Next": "Weiter"})
    assert [it.fields["msgstr"] for it in messages] == ["Weiter", ""]
