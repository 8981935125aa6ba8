"""The fields of a feature: how each type is stored, migrated, entered and tested.

Each class is a type of FIELDS, such as `title:str:120`. `?` at its end makes it optional.
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from tools.features.layout import Brackets, Code, call, listed
from tools.features.names import RESERVED, class_name, require_valid
from tools.git import Refused

INSTEAD = {
    "status": "state",
    "date": "due_on",
    "datetime": "due_at",
    "id": "number",
    "data": "content",
    "user_id": "OWNER, which adds it",
    "created_at": "the column that each feature has",
}


@dataclass(frozen=True)
class Field(ABC):
    """A column of the model, and its field in the form."""

    name: str
    words: tuple[str, ...] = ()
    is_optional: bool = False

    type: ClassVar[str]
    annotation: ClassVar[str] = "str"
    control: ClassVar[str]
    usage: ClassVar[str] = ""
    imports: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if self.words:
            raise Refused(f"{self.name}: {self.type} takes no {':'.join(self.words)!r}.")

    # --- The model

    @property
    def column(self) -> str:
        return self.name

    @property
    def is_nullable(self) -> bool:
        """Return whether an empty field is NULL. Texts are empty instead."""
        return self.is_optional and self.annotation != "str"

    @property
    def constant(self) -> tuple[str, str] | None:
        """Return the name and value of the limit that model and form share."""
        return None

    def column_arguments(self) -> list[str]:
        return ['default=""'] if self.is_optional and self.annotation == "str" else []

    def in_model(self) -> Code:
        null = " | None" if self.is_nullable else ""
        declared = f"{self.column}: Mapped[{self.annotation}{null}]"
        arguments = self.column_arguments()
        return call(f"{declared} = mapped_column", *arguments) if arguments else declared

    @property
    def model_imports(self) -> list[str]:
        return []

    # --- The migration

    @property
    @abstractmethod
    def in_database(self) -> str: ...

    def in_migration(self) -> Code:
        nullable = f"nullable={self.is_nullable}"
        return call("sa.Column", f'"{self.column}"', self.in_database, nullable)

    # --- The form

    @property
    def label(self) -> str:
        words = self.name.replace("_", " ")
        return words[0].upper() + words[1:]

    def validators(self) -> list[Code]:
        return ["Optional()" if self.is_optional else "Required()"]

    def options(self) -> list[Code]:
        return ['default=""'] if self.is_optional and self.annotation == "str" else []

    def in_form(self) -> Code:
        validators = self.validators()
        checked = [listed(*validators)] if validators else []
        label = f'_("{self.label}")'
        return call(f"{self.column} = {self.control}", label, *checked, *self.options())

    @property
    def form_imports(self) -> list[str]:
        required = "wtforms.validators:Optional" if self.is_optional else "app.web.forms:Required"
        return [f"wtforms:{self.control}", required]

    # --- Tests

    @property
    @abstractmethod
    def sample(self) -> str | None:
        """Return the value that the tests enter, or None if the field is not entered."""


@dataclass(frozen=True)
class Text(Field):
    """A text of several lines."""

    type = "text"
    control = "TextAreaField"
    usage = "text:LENGTH"
    longest: ClassVar[int] = 100_000

    def __post_init__(self) -> None:
        [length] = self.words if len(self.words) == 1 else [""]
        if not length.isdecimal() or not 1 <= int(length) <= self.longest:
            raise Refused(
                f"{self.name}: give the length of a {self.type}, from 1 to {self.longest} "
                f"characters: {self.name}:{self.usage.replace('LENGTH', '120')}"
            )

    @property
    def constant(self) -> tuple[str, str]:
        length = int(self.words[0])
        return f"MAX_{self.name.upper()}_LENGTH", f"{length:_}" if length > 9999 else str(length)

    def column_arguments(self) -> list[str]:
        return ["Text", *super().column_arguments()]

    @property
    def model_imports(self) -> list[str]:
        return ["sqlalchemy:Text"]

    @property
    def in_database(self) -> str:
        return "sa.Text()"

    def validators(self) -> list[Code]:
        required = [] if self.is_optional else super().validators()
        return [*required, f"Length(max={self.constant[0]})"]

    def options(self) -> list[Code]:
        return [*super().options(), 'render_kw={"rows": 8}']

    @property
    def form_imports(self) -> list[str]:
        required = [] if self.is_optional else ["app.web.forms:Required"]
        return [f"wtforms:{self.control}", "wtforms.validators:Length", *required]

    @property
    def sample(self) -> str:
        return "Twice a week."[: int(self.words[0])].strip()


@dataclass(frozen=True)
class String(Text):
    """A text of one line, by which a list can be searched and sorted."""

    type = "str"
    control = "StringField"
    usage = "str:LENGTH"
    longest = 255

    def column_arguments(self) -> list[str]:
        return [f"String({self.constant[0]})", *Field.column_arguments(self)]

    @property
    def model_imports(self) -> list[str]:
        return ["sqlalchemy:String"]

    @property
    def in_database(self) -> str:
        return f"sa.String(length={int(self.words[0])})"

    def options(self) -> list[Code]:
        return Field.options(self)

    @property
    def sample(self) -> str:
        return "Water the plants"[: int(self.words[0])].strip()


@dataclass(frozen=True)
class Integer(Field):
    type = "int"
    annotation = "int"
    control = "IntegerField"

    @property
    def constant(self) -> tuple[str, str]:
        return f"MAX_{self.name.upper()}", "2_147_483_647  # of an INTEGER in PostgreSQL"

    @property
    def in_database(self) -> str:
        return "sa.Integer()"

    def validators(self) -> list[Code]:
        limit = self.constant[0]
        return [*super().validators(), call("NumberRange", f"-{limit}", limit)]

    @property
    def form_imports(self) -> list[str]:
        return [*super().form_imports, "wtforms.validators:NumberRange"]

    @property
    def sample(self) -> str:
        return "3"


@dataclass(frozen=True)
class Decimal(Integer):
    """A decimal number of 12 digits with 2 places, or as given: decimal:9:3."""

    type = "decimal"
    annotation = "Decimal"
    control = "DecimalField"
    usage = "decimal or decimal:DIGITS:PLACES"

    def __post_init__(self) -> None:
        words = self.words or ("12", "2")
        is_number = len(words) == 2 and all(it.isdecimal() for it in words)
        if not is_number or not 0 < int(words[1]) < int(words[0]) <= 15:
            raise Refused(
                f"{self.name}: give at most 15 digits, and fewer places: {self.name}:decimal:12:2"
            )

    @property
    def size(self) -> tuple[int, int]:
        digits, places = self.words or ("12", "2")
        return int(digits), int(places)

    @property
    def constant(self) -> tuple[str, str]:
        digits, places = self.size
        largest = 10 ** (digits - places) - 1
        return f"MAX_{self.name.upper()}", f"{largest:_}" if largest > 9999 else str(largest)

    def column_arguments(self) -> list[str]:
        return ["ExactDecimal({}, {})".format(*self.size)]

    @property
    def model_imports(self) -> list[str]:
        return ["decimal:Decimal", "app.database:ExactDecimal"]

    @property
    def in_database(self) -> str:
        return "sa.Numeric(precision={}, scale={})".format(*self.size)

    def options(self) -> list[Code]:
        return [f"places={self.size[1]}"]

    @property
    def sample(self) -> str:
        return f"{1:.{self.size[1]}f}"


@dataclass(frozen=True)
class Boolean(Field):
    type = "bool"
    annotation = "bool"
    control = "BooleanField"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.is_optional:
            raise Refused(f"{self.name}: a bool is never optional: its box is checked or not.")

    def column_arguments(self) -> list[str]:
        return ["default=False"]

    @property
    def in_database(self) -> str:
        return "sa.Boolean()"

    def validators(self) -> list[Code]:
        return []

    @property
    def form_imports(self) -> list[str]:
        return [f"wtforms:{self.control}"]

    @property
    def sample(self) -> str:
        return "y"


@dataclass(frozen=True)
class Date(Field):
    type = "date"
    annotation = "date"
    control = "DateField"

    @property
    def model_imports(self) -> list[str]:
        return ["datetime:date"]

    @property
    def in_database(self) -> str:
        return "sa.Date()"

    @property
    def sample(self) -> str:
        return "2027-01-31"


@dataclass(frozen=True)
class DateTime(Field):
    """A point in time, entered and shown in the time zone of the user."""

    type = "datetime"
    annotation = "datetime"
    control = "LocalTimeField"

    @property
    def model_imports(self) -> list[str]:
        return ["datetime:datetime"]

    @property
    def in_database(self) -> str:
        return "sa.DateTime(timezone=True)"

    @property
    def form_imports(self) -> list[str]:
        return [super().form_imports[1], "app.web.fields:LocalTimeField"]

    @property
    def sample(self) -> str:
        return "2027-01-31T09:30"


@dataclass(frozen=True)
class Email(Field):
    type = "email"
    control = "EmailField"
    check: ClassVar[str] = "is_email"
    limit: ClassVar[str] = "MAX_EMAIL_LENGTH"
    module: ClassVar[str] = "app.users.models"
    check_module: ClassVar[str] = "app.users.fields"

    def column_arguments(self) -> list[str]:
        return [f"String({self.limit})", *super().column_arguments()]

    @property
    def model_imports(self) -> list[str]:
        return ["sqlalchemy:String", f"{self.module}:{self.limit}"]

    @property
    def in_database(self) -> str:
        return "sa.String(length=254)"

    def validators(self) -> list[Code]:
        return [*super().validators(), self.check, f"Length(max={self.limit})"]

    @property
    def form_imports(self) -> list[str]:
        own = [f"{self.check_module}:{self.check}", f"{self.module}:{self.limit}"]
        return [*super().form_imports, "wtforms.validators:Length", *own]

    @property
    def sample(self) -> str:
        return "team@example.com"


@dataclass(frozen=True)
class Url(Email):
    """The address of a page on the web, http or https."""

    type = "url"
    control = "URLField"
    check = "is_web_address"
    limit = "MAX_URL_LENGTH"
    module = check_module = "app.web.fields"

    @property
    def in_database(self) -> str:
        return "sa.String(length=2000)"

    @property
    def sample(self) -> str:
        return "https://example.com"


@dataclass(frozen=True)
class Choice(Field):
    """One of a few values: radio buttons for up to three, else a drop-down list."""

    type = "choice"
    usage = "choice:VALUE|VALUE"
    value: ClassVar[re.Pattern[str]] = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")

    def __post_init__(self) -> None:
        values = self.values
        is_valid = len(self.words) == 1 and all(self.value.fullmatch(it) for it in values)
        if not is_valid or not 2 <= len(set(values)) == len(values):
            raise Refused(
                f"{self.name}: give at least two different values of lower-case letters, digits "
                f"and underscores: {self.name}:choice:draft|published"
            )
        if max(map(len, values)) > 64:
            raise Refused(f"{self.name}: a value of a choice has at most 64 characters.")

    @property
    def values(self) -> list[str]:
        return self.words[0].split("|") if self.words else []

    @property
    def control(self) -> str:  # type: ignore[override]  # depends on the values
        return "RadioField" if len(self.values) <= 3 and not self.is_optional else "SelectField"

    @property
    def choices(self) -> str:
        return f"{self.name.upper()}_CHOICES"

    @property
    def length(self) -> int:
        return min(it for it in (16, 32, 64) if it >= max(map(len, self.values)))

    def column_arguments(self) -> list[str]:
        return [f"String({self.length})", *super().column_arguments()]

    @property
    def model_imports(self) -> list[str]:
        return ["sqlalchemy:String"]

    @property
    def in_database(self) -> str:
        return f"sa.String(length={self.length})"

    @property
    def form_imports(self) -> list[str]:
        required = [] if self.is_optional else super().form_imports[1:]
        return [f"wtforms:{self.control}", "app.web.options:Option", *required]

    def validators(self) -> list[Code]:
        return [] if self.is_optional else super().validators()

    def options(self) -> list[Code]:
        return [f"choices={self.choices}", *super().options()]

    def declared_choices(self) -> Code:
        """Return the constant with the values and their texts on pages."""
        pairs = [(it, f'_("{it[0].upper() + it[1:].replace("_", " ")}")') for it in self.values]
        empty = [("", '""')] if self.is_optional else []
        rows = tuple(f'Option("{value}", {text})' for value, text in [*empty, *pairs])
        return Brackets(f"{self.choices} = [", rows, "]")

    @property
    def sample(self) -> str:
        return self.values[0]


@dataclass(frozen=True)
class Target:
    """The feature to which a reference refers."""

    plural: str
    singular: str
    title: str
    is_owned: bool

    @property
    def model(self) -> str:
        return class_name(self.singular)


@dataclass(frozen=True)
class Reference(Field):
    """A row of another feature, which the user chooses from a drop-down list."""

    type = "ref"
    annotation = "int"
    control = "SelectField"
    usage = "ref:FEATURE or ref:users"
    target: Target | None = None

    def __post_init__(self) -> None:
        if len(self.words) != 1:
            raise Refused(f"{self.name}: name the feature: {self.name}:ref:projects")

    @property
    def table(self) -> str:
        return self.words[0]

    @property
    def leads_to(self) -> Target:
        if self.target is None:
            raise LookupError(f"with_targets() has not read what {self.name} leads to.")
        return self.target

    @property
    def column(self) -> str:
        return f"{self.name}_id"

    @property
    def on_delete(self) -> str:
        """Return the action on the row if the other one is deleted.

        Rows of the same user are deleted too. One that users share cannot be deleted while another
        user refers to it.
        """
        if self.is_optional:
            return "SET NULL"
        return "CASCADE" if self.leads_to.is_owned else ""

    def column_arguments(self) -> list[str]:
        action = f', ondelete="{self.on_delete}"' if self.on_delete else ""
        return [f'ForeignKey("{self.table}.id"{action})', "index=True"]

    @property
    def model_imports(self) -> list[str]:
        return ["sqlalchemy:ForeignKey"]

    @property
    def in_database(self) -> str:
        return "sa.Integer()"

    def validators(self) -> list[Code]:
        return [] if self.is_optional else super().validators()

    def options(self) -> list[Code]:
        return [f"coerce={'optional_id' if self.is_optional else 'int'}", "choices=[]"]

    @property
    def form_imports(self) -> list[str]:
        more = "app.web.options:optional_id" if self.is_optional else "app.web.forms:Required"
        return ["wtforms:SelectField", more]

    @property
    def sample(self) -> None:
        return None


@dataclass(frozen=True)
class Author(Reference):
    """The user that adds the row.

    Not chosen in the form: a list or a search of users would reveal who has an account (A2).
    """

    @property
    def on_delete(self) -> str:
        return "SET NULL" if self.is_optional else "CASCADE"


KINDS: tuple[type[Field], ...] = (
    String,
    Text,
    Integer,
    Decimal,
    Boolean,
    Date,
    DateTime,
    Email,
    Url,
    Choice,
    Reference,
)
BY_TYPE = {kind.type: kind for kind in KINDS}


def parse_fields(specification: list[str]) -> list[Field]:
    """Read FIELDS. Raises Refused with the reason if they are invalid."""
    fields = [parse_field(word) for word in specification]
    columns = [field.column for field in fields]
    for name in [field.name for field in fields] + columns:
        if max([it.name for it in fields].count(name), columns.count(name)) > 1:
            raise Refused(f"There are two fields {name!r}. Nothing was changed.")
    constants = [limit_of(it) for it in fields if not isinstance(it, Email)]
    constants += {limit_of(it) for it in fields if isinstance(it, Email)}
    if doubled := {it for it in constants if it and constants.count(it) > 1}:
        raise Refused(f"Two fields need a constant {sorted(doubled)[0]}: rename one of them.")
    if not any(type(field) is String and not field.is_optional for field in fields):
        raise Refused(
            "The list shows, sorts and searches rows by a title: add a str that is not optional, "
            "such as title:str:120."
        )
    return fields


def parse_field(text: str) -> Field:
    name, _, rest = text.partition(":")
    require_valid(name, "The field")
    kind, *words = rest.removesuffix("?").split(":")
    if kind not in BY_TYPE:
        known = ", ".join(it.usage or it.type for it in KINDS)
        raise Refused(f"{text!r} has no type that is known: {known}. `?` makes it optional.")
    field = make(BY_TYPE[kind], name, tuple(words), rest.endswith("?"))
    for used in {name, field.column} & set(RESERVED["fields"]):
        instead = f" Use {INSTEAD[used]}." if used in INSTEAD else " Use another name."
        raise Refused(f"Models or forms use {used!r} for something else.{instead}")
    return field


def limit_of(field: Field) -> str:
    """Return the name of the constant that limits a field, or an empty text."""
    if field.constant is not None:
        return field.constant[0]
    return field.limit if isinstance(field, Email) else ""


def make(kind: type[Field], name: str, words: tuple[str, ...], is_optional: bool) -> Field:
    if kind is Reference and words == ("users",):
        kind = Author
    return kind(name, words, is_optional)


def title_of(fields: list[Field]) -> Field:
    """Return the field by which a list shows, sorts and searches its rows."""
    return next(it for it in fields if type(it) is String and not it.is_optional)
