"""The kind of second factor that this part knows itself."""

from app.two_factor.factors import FactorKind
from app.two_factor.models import Authenticator

AUTHENTICATOR = FactorKind("authenticator", Authenticator)
