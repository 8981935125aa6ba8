"""Write the modules of a feature in app/, and its migration."""

from string import Template

from tools.features.feature import Feature
from tools.features.fields import Choice, Reference
from tools.features.layout import (
    INDENT,
    Code,
    call,
    comment,
    imports,
    lay_out,
    listed,
    tuple_of,
)

PACKAGE = Template('''"""$heading: $whose."""

$imports


def init_app(app: Application) -> None:
    app.register_blueprint(views.blueprint)
$link
''')
MODELS = Template('''"""The table of $words."""

$imports
$constants

class $model(Model):
    __tablename__ = "$plural"

$columns

$index_reason
$index
''')
FORMS = Template('''"""The form of $a $word."""

$imports
$constants

class ${model}Form(Form):
$fields
''')
VIEWS = Template('''"""The pages of $words: list, add, edit and delete."""

$imports

blueprint = Blueprint("$plural", __name__)


@blueprint.get("$url")
def $plural() -> ResponseReturnValue:
    term = search_term()
$found
$page
$render_list


@blueprint.route("$url/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form = $form()
    if form.validate_on_submit():
$create
        form.populate_obj($singular)
        db.session.add($singular)
        commit_later()
        flash(_("Your changes have been saved."), "success")
        return redirect(url_for("$plural.$plural"), 303)
$render_new


@blueprint.route("$url/<int:${singular}_id>", methods=["GET", "POST"])
def $singular(${singular}_id: int) -> ResponseReturnValue:
$one
    form = $form_of_row
    if form.validate_on_submit():
        form.populate_obj($singular)
        commit_later()
        flash(_("Your changes have been saved."), "success")
        return redirect(url_for("$plural.$plural"), 303)
$render_one


@blueprint.post("$url/<int:${singular}_id>/delete")
def delete(${singular}_id: int) -> ResponseReturnValue:
$one
    db.session.delete($singular)
    commit_later()
    flash(_("The $word has been deleted."), "success")
    return redirect(url_for("$plural.$plural"), 303)


def $selected() -> Select[tuple[$model]]:
$selection
$form_function''')
FORM_FUNCTION = Template('''

$signature
    """Return the form, with the rows that its references can lead to."""
    form = ${model}Form(obj=$singular)
$choices
    return form
''')
MIGRATION = Template('''"""create $words"""

import sqlalchemy as sa
from alembic import op

from app.database import search_key

revision = "$revision"
down_revision = $down
branch_labels = None
depends_on = None


def upgrade() -> None:
$table
$indexes


def downgrade() -> None:
    op.drop_table("$plural")
''')
PART = Template("""title = "$heading"
${needs}tables = ["$plural"]
revisions = ["$revision"]
""")


def package(it: Feature) -> str:
    link = call("NavigationLink", f'"{it.plural}.{it.plural}"', f'_("{it.heading}")')
    whose = "each user lists, adds, edits and deletes their own"
    return PACKAGE.substitute(
        heading=it.heading,
        whose=whose if it.is_owned else "all users list, add, edit and delete them",
        imports=imports(
            "app.application:Application",
            f"app.{it.plural}:views",
            "app.web.i18n:lazy_gettext as _",
            "app.web.navigation:NavigationLink",
            "app.web.navigation:navigation_links",
        ),
        plural=it.plural,
        link=lay_out(call("navigation_links.add", "app", link), INDENT),
    )


def models(it: Feature) -> str:
    used = [
        "datetime:datetime",
        "sqlalchemy:Index",
        "sqlalchemy.orm:Mapped",
        "sqlalchemy.orm:mapped_column",
        "app.clock:now",
        "app.database:Model",
        "app.database:search_key",
        *(["sqlalchemy:ForeignKey"] if it.is_owned else []),
        *(name for field in it.fields for name in field.model_imports),
    ]
    index = call("Index", f'"{it.index}"', *owner(it), f"search_key({it.title})", '"id"')
    limits = [field.constant for field in it.fields if field.constant is not None]
    whose = f"the {it.words} of a user" if it.is_owned else it.words
    by_title = f"by the start of their {it.title.replace('_', ' ')}"
    return MODELS.substitute(
        words=it.words,
        imports=imports(*used),
        constants=constants([f"{name} = {value}" for name, value in limits]),
        model=it.model,
        plural=it.plural,
        columns=lines(columns(it), INDENT),
        index_reason=comment(f"Finds {whose} {by_title}, and sorts them.", INDENT),
        index=lay_out(tuple_of("__table_args__", index), INDENT),
    )


def owner(it: Feature) -> list[str]:
    return ['"user_id"'] if it.is_owned else []


def columns(it: Feature) -> list[Code]:
    to_user = 'ForeignKey("users.id", ondelete="CASCADE")'
    return [
        "id: Mapped[int] = mapped_column(primary_key=True)",
        *([call("user_id: Mapped[int] = mapped_column", to_user)] if it.is_owned else []),
        *(field.in_model() for field in it.fields),
        "created_at: Mapped[datetime] = mapped_column(default=now)",
    ]


def constants(declared: list[str]) -> str:
    """Write constants between the imports and a class."""
    return "".join(f"\n{it}" for it in declared) + "\n" if declared else ""


def lines(codes: list[Code], indent: str, end: str = "") -> str:
    return "\n".join(lay_out(code, indent, end) for code in codes)


def forms(it: Feature) -> str:
    limits = [
        f"app.{it.plural}.models:{field.constant[0]}" for field in it.entered if field.constant
    ]
    used = ["app.web.forms:Form", "app.web.i18n:lazy_gettext as _", *limits]
    used += [name for field in it.entered for name in field.form_imports]
    choices = [field.declared_choices() for field in it.entered if isinstance(field, Choice)]
    return FORMS.substitute(
        word=it.word,
        a="an" if it.word[0] in "aeiou" else "a",
        imports=imports(*used),
        constants=constants([lay_out(code) for code in choices]),
        model=it.model,
        fields=lines([field.in_form() for field in it.entered], INDENT),
    )


def views(it: Feature) -> str:
    one = f"{it.selected}().where({it.model}.id == {it.singular}_id)"
    form = f"{it.singular}_form" if it.references else f"{it.model}Form"
    row = it.singular if it.references else f"obj={it.singular}"
    return VIEWS.substitute(
        words=it.words,
        word=it.word,
        imports=imports(*view_imports(it)),
        plural=it.plural,
        singular=it.singular,
        model=it.model,
        url=it.url,
        selected=it.selected,
        found=lines([found(it)], INDENT),
        page=lines([page(it)], INDENT),
        render_list=render(it, it.plural, "page=page", "term=term"),
        render_new=render(it, "new", "form=form", status=True),
        render_one=render(
            it, it.singular, "form=form", f"{it.singular}={it.singular}", status=True
        ),
        form=form,
        form_of_row=f"{form}({row})",
        create=lay_out(call(f"{it.singular} = {it.model}", *given(it)), INDENT * 2),
        one=lay_out(call(f"{it.singular} = db.one_or_404", one), INDENT),
        selection=lay_out(selection(it.model, it.is_owned, "return "), INDENT),
        form_function=form_function(it) if it.references else "",
    )


def view_imports(it: Feature) -> list[str]:
    names = ["Blueprint", "flash", "redirect", "render_template", "url_for"]
    models = [f"app.{ref.table}.models:{ref.leads_to.model}" for ref in it.references]
    return [
        *(f"flask:{name}" for name in names),
        "flask.typing:ResponseReturnValue",
        "flask_babel:gettext as _",
        "sqlalchemy:Select",
        "sqlalchemy:select",
        "app.database:db",
        "app.database:search_key",
        "app.database:starts_with",
        f"app.{it.plural}.forms:{it.model}Form",
        f"app.{it.plural}.models:{it.model}",
        *models,
        *(["app.sessions.current:current_user"] if uses_current_user(it) else []),
        "app.unit_of_work:commit_later",
        *(["app.web.options:row_options"] if it.references else []),
        "app.web.pagination:paginate",
        "app.web.search:search_term",
    ]


def uses_current_user(it: Feature) -> bool:
    owned = [ref for ref in it.references if ref.leads_to.is_owned]
    return it.is_owned or bool(it.authors or owned)


def found(it: Feature) -> Code:
    return call(f"found = {it.selected}().where", f"starts_with({it.model}.{it.title}, term)")


def page(it: Feature) -> Code:
    order = call("found.order_by", f"search_key({it.model}.{it.title})", f"{it.model}.id")
    return call("page = paginate", order)


def render(it: Feature, template: str, *values: str, status: bool = False) -> str:
    name = f'"{it.plural}/{template}.html"'
    after = "), form.status" if status else ")"
    return lay_out(call("return render_template", name, *values, after=after), INDENT)


def given(it: Feature) -> list[str]:
    """Return the values of a new row that are not entered in the form."""
    names = ["user_id"] if it.is_owned else []
    return [f"{name}=current_user.id" for name in [*names, *(a.column for a in it.authors)]]


def selection(model: str, is_owned: bool, before: str = "") -> Code:
    if not is_owned:
        return f"{before}select({model})"
    return call(f"{before}select({model}).where", f"{model}.user_id == current_user.id")


def form_function(it: Feature) -> str:
    return FORM_FUNCTION.substitute(
        singular=it.singular,
        signature=lay_out(
            call(
                f"def {it.singular}_form",
                f"{it.singular}: {it.model} | None = None",
                after=f") -> {it.model}Form:",
            )
        ),
        model=it.model,
        choices=lines([options_of(ref) for ref in it.references], INDENT),
    )


def options_of(ref: Reference) -> Code:
    """Return the line that offers the possible targets of a reference."""
    target = ref.leads_to
    return call(
        f"form.{ref.column}.choices = row_options",
        selection(target.model, target.is_owned),
        f"{target.model}.{target.title}",
        *(["is_optional=True"] if ref.is_optional else []),
    )


def migration(it: Feature, revision: str, down: str) -> str:
    return MIGRATION.substitute(
        words=it.words,
        plural=it.plural,
        revision=revision,
        down=down,
        table=lay_out(table(it), INDENT),
        indexes=lines(indexes(it), INDENT),
    )


def table(it: Feature) -> Code:
    integer = call("sa.Column", '"user_id"', "sa.Integer()", "nullable=False")
    created = ('"created_at"', "sa.DateTime(timezone=True)", "nullable=False")
    return call(
        "op.create_table",
        f'"{it.plural}"',
        call("sa.Column", '"id"', "sa.Integer()", "nullable=False"),
        *([integer] if it.is_owned else []),
        *(field.in_migration() for field in it.fields),
        call("sa.Column", *created),
        *([foreign_key(it, "user_id", "users", "CASCADE")] if it.is_owned else []),
        *(
            foreign_key(it, field.column, field.table, field.on_delete)
            for field in it.fields
            if isinstance(field, Reference)
        ),
        call("sa.PrimaryKeyConstraint", '"id"', f'name=op.f("pk_{it.plural}")'),
        is_spread=True,
    )


def foreign_key(it: Feature, column: str, other: str, on_delete: str) -> Code:
    return call(
        "sa.ForeignKeyConstraint",
        f'["{column}"]',
        f'["{other}.id"]',
        f'name=op.f("fk_{it.plural}_{column}_{other}")',
        *([f'ondelete="{on_delete}"'] if on_delete else []),
    )


def indexes(it: Feature) -> list[Code]:
    by_title = listed(*owner(it), f'search_key(sa.column("{it.title}"))', '"id"')
    names = [field.column for field in it.fields if isinstance(field, Reference)]
    return [
        call("op.create_index", f'"{it.index}"', f'"{it.plural}"', by_title),
        *(
            call(
                "op.create_index",
                f'op.f("ix_{it.plural}_{name}")',
                f'"{it.plural}"',
                f'["{name}"]',
                "unique=False",
            )
            for name in names
        ),
    ]


def part(it: Feature, revision: str) -> str:
    needed = sorted({ref.table for ref in it.references} - {it.plural})
    names = ", ".join(f'"{name}"' for name in needed)
    return PART.substitute(
        heading=it.heading,
        needs=f"needs = [{names}]\n" if needed else "",
        plural=it.plural,
        revision=revision,
    )
