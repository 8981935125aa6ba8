"""Flask alone: two templates of the same size, nobody signed in, nothing asked of a database."""

from flask import Flask, render_template

app = Flask(__name__)


@app.get("/login")
def login() -> str:
    return render_template("bare/login.html")


@app.get("/feedback")
def feedback() -> str:
    return render_template("bare/feedback.html", name="person-0")


def prepare(addresses: list[str], password: str) -> None:
    """Nobody can sign in."""
