"""Flask-Security with Flask-SQLAlchemy, configured as in its quickstart, with the same page."""

from flask import Flask, redirect, render_template, url_for
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    auth_required,
    current_user,
    hash_password,
)
from flask_security.models import fsqla_v3 as fsqla
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy import Column, ForeignKey, Integer, String
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from benchmarks.targets import DATABASE_URL, HASHES_CHEAPLY, SECRET_KEY

app = Flask(__name__)
app.config.update(
    SECRET_KEY=SECRET_KEY,
    SECURITY_PASSWORD_SALT="146585145368132386173505678016728509634",
    SECURITY_PASSWORD_HASH="plaintext" if HASHES_CHEAPLY else "argon2",
    SECURITY_LOGIN_USER_TEMPLATE="security/login.html",
    SECURITY_POST_LOGIN_VIEW="/feedback",
    SQLALCHEMY_DATABASE_URI=DATABASE_URL,
    SESSION_COOKIE_SAMESITE="Lax",
)
db = SQLAlchemy(app)
CSRFProtect(app)
fsqla.FsModels.set_db_info(db)


class Role(db.Model, fsqla.FsRoleMixin):
    pass


class User(db.Model, fsqla.FsUserMixin):
    pass


models = [User, Role]


# part: passkeys
class WebAuthn(db.Model, fsqla.FsWebAuthnMixin):
    """Required by FsUserMixin if the package webauthn is installed, as Lockstep needs it."""


models.append(WebAuthn)
# end part: passkeys


class Feedback(db.Model):
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("user.id"), index=True)
    text = Column(String(280))


class FeedbackForm(FlaskForm):
    text = TextAreaField("Feedback", [InputRequired(), Length(max=280)])


security = Security(app, SQLAlchemyUserDatastore(db, *models))


@app.route("/feedback", methods=["GET", "POST"])
@auth_required("session")
def feedback():
    form = FeedbackForm()
    if form.validate_on_submit():
        db.session.add(Feedback(user_id=current_user.id, text=form.text.data))
        db.session.commit()
        return redirect(url_for("feedback"), 303)
    return render_template("lean/feedback.html", form=form, name=current_user.email)


def prepare(emails: list[str], password: str) -> None:
    with app.app_context():
        db.create_all()
        password_hash = hash_password(password)
        for email in emails:
            security.datastore.create_user(email=email, password=password_hash)
        db.session.commit()
