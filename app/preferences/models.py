"""What a signed-in person chose."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model
from app.preferences.declared import PREFERENCES


class Preferences(Model):
    """One person's choices; None where they have made none."""

    __tablename__ = "preferences"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    theme: Mapped[str | None] = mapped_column(String(16))
    locale: Mapped[str | None] = mapped_column(String(16))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    page_size: Mapped[str | None] = mapped_column(String(16))

    def chosen(self) -> dict[str, str]:
        """Return what was chosen, by name."""
        values = {name: getattr(self, name) for name in PREFERENCES}
        return {name: value for name, value in values.items() if value is not None}
