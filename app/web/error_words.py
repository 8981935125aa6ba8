"""What an error page says: what happened, what was kept, what to do next."""

from dataclasses import dataclass

from app.web.i18n import lazy_gettext as _


@dataclass
class Words:
    title: str
    what_happened: str
    what_was_kept: str
    what_next: str


NOTHING_CHANGED = _("Nothing was changed.")
NOTHING_SAVED = _("Nothing of this request was saved.")
WORDS = {
    400: Words(
        _("That request could not be understood"),
        _("Something in it was missing or not in the right form."),
        NOTHING_CHANGED,
        _("Go back, reload the page and try again."),
    ),
    401: Words(
        _("Please sign in"),
        _("This is only shown to people who are signed in."),
        NOTHING_CHANGED,
        _("Sign in, then try again."),
    ),
    403: Words(
        _("You may not do that"),
        _("You are known here, but this is not open to you."),
        NOTHING_CHANGED,
        _("If you think it should be, ask whoever runs this site."),
    ),
    404: Words(
        _("There is no such page"),
        _("The address may be mistyped, or what was here has been removed."),
        NOTHING_CHANGED,
        _("Check the address, or start again from the home page."),
    ),
    405: Words(
        _("That does not work here"),
        _("This address exists, but does not do what was asked of it."),
        NOTHING_CHANGED,
        _("Go back and use the buttons on the page."),
    ),
    409: Words(
        _("Somebody else was faster"),
        _("What you sent no longer fits what is stored: it may be taken, or just changed."),
        NOTHING_SAVED,
        _("Go back, reload the page to see how things stand, and try again."),
    ),
    413: Words(
        _("That was too large"),
        _("What you sent is larger than this site accepts."),
        NOTHING_SAVED,
        _("Send something smaller."),
    ),
    422: Words(
        _("Something needs another look"),
        _("What you sent was understood, but is not acceptable as it stands."),
        NOTHING_SAVED,
        _("Go back, correct it and send it again."),
    ),
    429: Words(
        _("That was too often"),
        _("There were too many tries in a short time."),
        NOTHING_SAVED,
        _("Wait a little, then try again."),
    ),
    500: Words(
        _("Something went wrong on our side"),
        _("The mistake is ours. It has been recorded."),
        NOTHING_SAVED,
        _("Try again in a moment. If it happens again, tell us the number below."),
    ),
    503: Words(
        _("We cannot answer right now"),
        _("The site is busy, or part of it is away for a moment."),
        NOTHING_SAVED,
        _("Try again in a few seconds."),
    ),
}
# A connection was lost between COMMIT and its answer.
OUTCOME_UNKNOWN = Words(
    _("We do not know whether that was saved"),
    _("The connection to our database was lost just as it was being saved."),
    _("It may have been saved, and it may not."),
    _("Look whether it is there before you send it again."),
)
