"""The preferences of signed-in users."""

from sqlalchemy import ForeignKey, String
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

    def chosen(self) -> dict[str, str]:
        """Return the chosen values by name."""
        values = {name: getattr(self, name) for name in PREFERENCES}
        return {name: value for name, value in values.items() if value is not None}
