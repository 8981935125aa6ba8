"""A row that is asked of the driver is the one that SQLAlchemy would have brought."""

import pytest
from flask import g
from sqlalchemy import (
    Float,
    Numeric,
    bindparam,
    column,
    literal_column,
    select,
    table,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError

from app.application import Application
from app.database import db, reading_engine
from app.one_row import read_one_row, read_one_row_within
from app.tables import table_of
from app.unit_of_work import unit_of_work
from app.users.models import User

_users = table_of(User)
BY_ADDRESS = select(_users).where(_users.c.email == bindparam("email"))
NOWHERE = (
    select(column("secret"))
    .select_from(table("nowhere"))
    .where(column("secret") == bindparam("it"))
)


def test_it_has_the_same_values_of_the_same_types(app: Application, alice: User) -> None:
    asked = {"email": alice.email}
    with app.test_request_context():
        with reading_engine().connect() as connection:
            theirs = list(connection.execute(BY_ADDRESS, asked).one())
        ours = read_one_row(reading_engine(), BY_ADDRESS, asked)
    assert ours == theirs
    assert [type(value) for value in ours] == [type(value) for value in theirs]


def test_a_price_is_read_as_one(app: Application, alice: User) -> None:
    """What a type makes of a value may depend on what the driver sends."""
    price = [literal_column("1.5").label("price"), literal_column("2.25").label("rate")]
    kinds = [type_coerce(price[0], Numeric(6, 2)), type_coerce(price[1], Float())]
    statement = select(*kinds).where(_users.c.email == bindparam("email"))
    asked = {"email": alice.email}
    with app.test_request_context():
        with reading_engine().connect() as connection:
            theirs = list(connection.execute(statement, asked).one())
        for _ in range(2):
            ours = read_one_row(reading_engine(), statement, asked)
            assert list(map(repr, ours)) == list(map(repr, theirs))


def test_there_may_be_none(app: Application) -> None:
    with app.test_request_context():
        assert read_one_row(reading_engine(), BY_ADDRESS, {"email": "nobody@example.com"}) is None


def test_it_counts_as_a_query_of_its_request(app: Application, alice: User) -> None:
    with app.test_request_context():
        app.preprocess_request()
        before = g.queries.count
        read_one_row(reading_engine(), BY_ADDRESS, {"email": alice.email})
        assert g.queries.count == before + 1
        assert g.queries.seconds > 0


def test_what_the_database_refuses_is_refused_as_ever(app: Application) -> None:
    asked = {"it": "a value that no log may hold"}
    with app.test_request_context():
        with reading_engine().connect() as connection, pytest.raises(DBAPIError) as theirs:
            connection.execute(NOWHERE, asked)
        with pytest.raises(DBAPIError) as ours:
            read_one_row(reading_engine(), NOWHERE, asked)
    assert ours.type is theirs.type
    assert asked["it"] not in str(ours.value)


def test_within_a_transaction_it_sees_what_the_transaction_has_done(app: Application) -> None:
    with app.app_context(), unit_of_work():
        db.session.add(User(email="bob@example.com"))
        db.session.flush()
        found = read_one_row_within(
            db.session.connection(), BY_ADDRESS, {"email": "bob@example.com"}
        )
        assert found is not None


def test_what_is_refused_within_a_transaction_undoes_it(app: Application) -> None:
    def add_and_stumble() -> None:
        with unit_of_work():
            db.session.add(User(email="bob@example.com"))
            db.session.flush()
            read_one_row_within(db.session.connection(), NOWHERE, {"it": "x"})

    with app.app_context():
        with pytest.raises(DBAPIError):
            add_and_stumble()
        assert read_one_row(reading_engine(), BY_ADDRESS, {"email": "bob@example.com"}) is None


def test_after_a_refusal_the_next_one_is_answered(app: Application, alice: User) -> None:
    with app.test_request_context():
        for _ in range(reading_engine().pool.size() + 1):  # type: ignore[attr-defined]
            with pytest.raises(DBAPIError):
                read_one_row(reading_engine(), NOWHERE, {"it": "x"})
        assert read_one_row(reading_engine(), BY_ADDRESS, {"email": alice.email}) is not None
        assert db.session.get(User, alice.id) is not None
