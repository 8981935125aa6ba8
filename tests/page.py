"""Parse the HTML of a page, and lint it."""

from collections import Counter
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)


class Element:
    def __init__(self, tag: str, attributes: dict[str, str], inside: list["Element"]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.inside = inside
        self.text = ""

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def is_within(self, tag: str) -> bool:
        return any(outer.tag == tag for outer in self.inside)


class Page(HTMLParser):
    """The elements of a page in order, each with its ancestors and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.html = html
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, [*self.open])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag: str, **attributes: str) -> Element:
        """Return the only matching element. Raises ValueError if there is not exactly one."""
        [found] = [
            element
            for element in self.all(tag)
            if all(element.get(name) == value for name, value in attributes.items())
        ]
        return found

    def within(self, outer: Element, *tags: str) -> list[Element]:
        return [element for element in self.all(*tags) if outer in element.inside]

    @property
    def text(self) -> str:
        return " ".join(self.one("body").text.split())

    def fields_for(self, path: str | None) -> dict[str, Any]:
        """Return the fields that a browser sends if the main form is submitted unchanged.

        If `path` is None, the fields of all forms on the page are returned.
        """
        sent: dict[str, Any] = {}
        for element in self.all("input", "textarea"):
            if path is not None and not element.is_within("main"):
                continue
            kind = element.get("type")
            checked = kind not in {"checkbox", "radio"} or "checked" in element.attributes
            if element.get("name") and kind != "submit" and checked:
                sent[element.get("name")] = element.get("value") or element.text
        for option in self.all("option"):
            if "selected" in option.attributes:
                [select] = [outer for outer in option.inside if outer.tag == "select"]
                sent[select.get("name")] = option.get("value")
        return sent


@lru_cache(maxsize=2)
def parse(html: str) -> Page:
    """Return the page, parsed once for the lint and for the test, which must not change it."""
    return Page(html)


def lint(html: str, where: str) -> None:
    """Raise AssertionError with all problems of a page."""
    page = parse(html)
    problems = [problem for check in CHECKS for problem in check(page)]
    assert not problems, f"{where}: " + "; ".join(problems)


def has_one_heading_and_a_title(page: Page) -> list[str]:
    headings = len(page.all("h1"))
    titles = [title.text.strip() for title in page.all("title") if not title.is_within("svg")]
    return [f"{headings} h1 elements"] * (headings != 1) + ["no title"] * (not any(titles))


def has_no_duplicate_ids(page: Page) -> list[str]:
    ids = Counter(element.get("id") for element in page.elements if element.get("id"))
    return [f"id {name!r} is used {count} times" for name, count in ids.items() if count > 1]


def labels_its_fields(page: Page) -> list[str]:
    labelled = {label.get("for") for label in page.all("label")}
    return [
        f"{field.tag} {field.get('name')!r} has no label"
        for field in page.all("input", "select", "textarea")
        if field.get("type") not in {"hidden", "submit"}
        and field.get("id") not in labelled
        and not field.is_within("label")
        and not field.get("aria-label")
    ]


def protects_its_forms(page: Page) -> list[str]:
    forms = [form for form in page.all("form") if form.get("method").lower() == "post"]
    tokens = [field for field in page.all("input") if field.get("name") == "csrf_token"]
    return [
        f"the form to {form.get('action') or 'itself'} has no csrf_token"
        for form in forms
        if not any(form in token.inside for token in tokens)
    ]


def has_nothing_inline(page: Page) -> list[str]:
    scripts = [
        "a script without src or nonce"
        for script in page.all("script")
        if not script.get("src") and not script.get("nonce")
    ]
    handlers = [
        f"{name} on {element.tag}"
        for element in page.elements
        for name in element.attributes
        if name.startswith("on") or name == "style"
    ]
    return scripts + handlers


def has_a_language(page: Page) -> list[str]:
    return ["html has no lang"] * (not page.one("html").get("lang"))


CHECKS = (
    has_one_heading_and_a_title,
    has_no_duplicate_ids,
    labels_its_fields,
    protects_its_forms,
    has_nothing_inline,
    has_a_language,
)
