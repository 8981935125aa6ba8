"""Flask alone: two templates of about the same size, without sign-in and database."""

from flask import Flask, render_template

app = Flask(__name__)


@app.get("/login")
def login() -> str:
    return render_template("bare/login.html")


@app.get("/feedback")
def feedback() -> str:
    return render_template("bare/feedback.html", name="person-0")


def prepare(emails: list[str], password: str) -> None:
    """Create nothing: this target has no users."""
