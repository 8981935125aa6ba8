"""The syntax of email addresses, checked by email-validator."""

from typing import TYPE_CHECKING

from app.lazy_modules import lazy_module

if TYPE_CHECKING:
    import email_validator
else:
    # Its regular expressions take 15 ms of the startup, and few requests check an address.
    email_validator = lazy_module("email_validator")


class AddressRefused(ValueError):
    """No email can be sent to this address; the message says why."""


def parse_email(address: str) -> "email_validator.ValidatedEmail":
    """Return the parts of an address. Raises ValueError with the reason if it is not valid.

    Only an email can tell whether the address exists.
    """
    return email_validator.validate_email(address, check_deliverability=False)


def normalize_address(address: str) -> str:
    """Return the address with an ASCII domain (RFC 5891). Raises AddressRefused."""
    try:
        valid = parse_email(address)
    except ValueError as error:
        raise AddressRefused(f"{address!r} is not an email address: {error}") from error
    return f"{valid.local_part}@{valid.ascii_domain}"
