"""The column type of decimal numbers, such as prices."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine

# SQLite stores them as binary floats, which hold this many decimal digits exactly.
MAX_DIGITS = 15


class ExactDecimal(TypeDecorator[Decimal]):
    """A Decimal with a number of digits, of which some are places: ExactDecimal(12, 2).

    Numeric warns on SQLite and may return 0.30000000000000004; here both databases return what
    was stored, rounded to these places.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int, places: int) -> None:
        if not 0 <= places <= digits <= MAX_DIGITS:
            raise ValueError(f"ExactDecimal has at most {MAX_DIGITS} digits.")
        super().__init__(digits, places)
        self.digits = digits
        self.places = places

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.supports_native_decimal:
            return dialect.type_descriptor(Numeric(self.digits, self.places))
        return dialect.type_descriptor(Numeric(self.digits, self.places, asdecimal=False))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else round(value, self.places)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else round(Decimal(value), self.places)
