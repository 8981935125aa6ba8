"""Signed in on a device."""

from app.application import Application

from . import cookies, current, guards


def init_app(app: Application) -> None:
    cookies.init_app(app)
    current.init_app(app)
    guards.init_app(app)
