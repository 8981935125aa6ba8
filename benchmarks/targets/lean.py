"""A hand-written application with Flask-Login, Flask-SQLAlchemy and Flask-WTF.

Each request loads the user by primary key; a write is one INSERT and one commit.
"""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Flask, redirect, render_template, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, TextAreaField
from wtforms.validators import InputRequired, Length

from benchmarks.targets import DATABASE_URL, HASHES_CHEAPLY, SECRET_KEY


class Base(DeclarativeBase):
    pass


app = Flask(__name__)
app.config["SECRET_KEY"] = SECRET_KEY
app.config["SQLALCHEMY_DATABASE_URI"] = DATABASE_URL
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
db = SQLAlchemy(app, model_class=Base)
CSRFProtect(app)
login_manager = LoginManager(app)
login_manager.login_view = "login"
# The parameters of Lockstep, which OWASP recommends.
hasher = PasswordHasher(1, 8, 1) if HASHES_CHEAPLY else PasswordHasher(2, 19 * 1024, 1)


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))


class Feedback(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    text: Mapped[str] = mapped_column(String(280))


class LoginForm(FlaskForm):
    next = HiddenField()
    email = EmailField("Email address", [InputRequired(), Length(max=254)])
    password = PasswordField("Password", [InputRequired(), Length(max=128)])
    remember = BooleanField("Keep me signed in on this device")


class FeedbackForm(FlaskForm):
    text = TextAreaField("Feedback", [InputRequired(), Length(max=280)])


@login_manager.user_loader
def load_user(id: str) -> User | None:
    return db.session.get(User, int(id))


@app.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if form.validate_on_submit():
        user = db.session.scalar(select(User).where(User.email == form.email.data))
        try:
            if user is not None and hasher.verify(user.password_hash, form.password.data):
                login_user(user, remember=form.remember.data)
                return redirect(url_for("feedback"))
        except VerifyMismatchError:
            pass
        form.form_errors.append("Incorrect email or password.")
    return render_template("lean/login.html", form=form)


@app.route("/feedback", methods=["GET", "POST"])
@login_required
def feedback():
    form = FeedbackForm()
    if form.validate_on_submit():
        db.session.add(Feedback(user_id=current_user.id, text=form.text.data))
        db.session.commit()
        return redirect(url_for("feedback"), 303)
    return render_template("lean/feedback.html", form=form, name=current_user.email)


@app.post("/logout")
def logout():
    return redirect(url_for("login"), 303)


def prepare(emails: list[str], password: str) -> None:
    with app.app_context():
        db.create_all()
        password_hash = hasher.hash(password)
        db.session.add_all(User(email=it, password_hash=password_hash) for it in emails)
        db.session.commit()
