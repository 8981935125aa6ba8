"""The library that verifies passkeys costs nothing before one is used."""

from tests.databases import on_sqlite
from tests.loaded_modules import loaded_by_start


@on_sqlite
def test_the_start_does_not_load_the_library(clean_database: str) -> None:
    loaded = loaded_by_start(clean_database)
    assert "app.passkeys" in loaded
    assert "webauthn" not in loaded
