"""Flask, Flask-Login and Flask-SQLAlchemy, with hand-written forms, CSRF tokens and plain HTML.

Without form library, layout and style sheets: the minimum cost of these pages.
"""

from hmac import compare_digest
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.targets import DATABASE_URL, HASHES_CHEAPLY, LONGEST_TEXT, SECRET_KEY


class Base(DeclarativeBase):
    pass


app = Flask(__name__)
app.config["SECRET_KEY"] = SECRET_KEY
app.config["SQLALCHEMY_DATABASE_URI"] = DATABASE_URL
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
db = SQLAlchemy(app, model_class=Base)
login_manager = LoginManager(app)
login_manager.login_view = "login"
# The parameters of Lockstep and of lean, which OWASP recommends.
hasher = PasswordHasher(1, 8, 1) if HASHES_CHEAPLY else PasswordHasher(2, 19 * 1024, 1)


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))


class Feedback(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))


@login_manager.user_loader
def load_user(id: str) -> User | None:
    return db.session.get(User, int(id))


@app.template_global()
def csrf_token() -> str:
    """Return the token of this session. The first form of a session creates it."""
    if "csrf_token" not in session:
        session["csrf_token"] = token_urlsafe()
    return session["csrf_token"]


@app.before_request
def require_csrf_token() -> None:
    """Reject a form without the session's token with 400 (OWASP, synchronizer token pattern).

    A session without a token is rejected first: an empty field would equal an absent token.
    """
    if request.method != "POST":
        return
    expected, sent = session.get("csrf_token"), request.form.get("csrf_token", "")
    if not expected or not compare_digest(sent.encode(), expected.encode()):
        abort(400)


@app.get("/login")
def login() -> str:
    return render_template("minimal/login.html")


@app.post("/login")
def check_password() -> ResponseReturnValue:
    email, password = request.form.get("email", ""), request.form.get("password", "")
    user = db.session.scalar(select(User).where(User.email == email))
    try:
        if user is not None and hasher.verify(user.password_hash, password):
            login_user(user)
            return redirect(url_for("feedback"), 303)
    except VerifyMismatchError:
        pass
    flash("Incorrect email or password.")
    return render_template("minimal/login.html", email=email), 422


@app.get("/feedback")
@login_required
def feedback() -> str:
    return render_template("minimal/feedback.html", name=current_user.email)


@app.post("/feedback")
@login_required
def write() -> ResponseReturnValue:
    text = request.form.get("text", "")
    if not 0 < len(text) <= LONGEST_TEXT:
        abort(400)
    db.session.add(Feedback(user_id=current_user.id, text=text))
    db.session.commit()
    return redirect(url_for("feedback"), 303)


def prepare(emails: list[str], password: str) -> None:
    with app.app_context():
        db.create_all()
        password_hash = hasher.hash(password)
        db.session.add_all(User(email=it, password_hash=password_hash) for it in emails)
        db.session.commit()
