"""The preferences of signed-in users."""

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model
from app.preferences.definitions import PREFERENCES


class Preferences(Model):
    """One user's choices; a column is None if the user has not chosen."""

    __tablename__ = "preferences"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    theme: Mapped[str | None] = mapped_column(String(16))
    locale: Mapped[str | None] = mapped_column(String(16))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    page_size: Mapped[str | None] = mapped_column(String(16))
    # Those that other parts and the product have added, by name: they need no column.
    added: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))

    def get(self, name: str) -> str | None:
        """Return the chosen value, or None if the user has not chosen."""
        return self.chosen().get(name)

    def set(self, name: str, value: str) -> None:
        if name in PREFERENCES:
            setattr(self, name, value)
        else:
            self.added = {**(self.added or {}), name: value}

    def chosen(self) -> dict[str, str]:
        """Return the chosen values by name."""
        values = {name: getattr(self, name) for name in PREFERENCES}
        own = {name: value for name, value in values.items() if value is not None}
        return {**(self.added or {}), **own}
