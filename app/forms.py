"""The form every form is made from."""

from http import HTTPStatus

from flask_wtf import FlaskForm
from wtforms import Field


class Form(FlaskForm):
    @property
    def status(self) -> HTTPStatus:
        """Return 200 for a form that is shown, 422 for one that was sent and comes back."""
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.is_submitted() else HTTPStatus.OK

    def refuse(self, field: Field, reason: str) -> None:
        """Have the field come back with what is wrong, found after it was well formed."""
        field.errors = [*field.errors, reason]
