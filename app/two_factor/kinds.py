"""The kind of second factor that this part knows itself."""

from app.two_factor.factors import Kind
from app.two_factor.models import Authenticator

AUTHENTICATOR = Kind("authenticator", Authenticator)
