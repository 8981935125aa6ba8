"""The kind of second factor that this part knows itself."""

from app.two_factor.authenticators import drop_authenticator, has_authenticator
from app.two_factor.factors import Kind

AUTHENTICATOR = Kind("authenticator", is_set_up_by=has_authenticator, drop=drop_authenticator)
