"""Something that keeps passkeys, at hand to one page: Chromium's virtual authenticator.

It is driven over the DevTools protocol (WebAuthn domain). Its keys and signatures are real.
"""

from typing import Any

from playwright.sync_api import Page

LAPTOP = {"transport": "internal", "hasUserVerification": True, "isUserVerified": True}


class Device:
    """A laptop with a finger on its reader or not, or whatever else was `made`."""

    def __init__(self, page: Page, **made: Any) -> None:
        self.made = {"protocol": "ctap2", "hasResidentKey": True, **LAPTOP, **made}
        self.kept: list[dict[str, Any]] = []
        self.take_to(page)

    def take_to(self, page: Page) -> None:
        """Use it in front of this page, with the passkeys it has."""
        self.wire = page.context.new_cdp_session(page)
        self.wire.send("WebAuthn.enable", {"enableUI": False})
        options = {**self.made, "automaticPresenceSimulation": False}
        made = self.wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]
        for credential in self.kept:
            self.tell("addCredential", credential=credential)

    def put_away(self) -> None:
        """Have it out of reach, which is also how it is lost."""
        self.kept = self.passkeys()
        self.tell("removeVirtualAuthenticator")
        self.wire.detach()

    def touch(self, *, is_touched: bool = True) -> None:
        """Put the finger on it, and leave it there."""
        self.tell("setAutomaticPresenceSimulation", enabled=is_touched)

    def let_go(self) -> None:
        self.touch(is_touched=False)

    def knows_its_owner(self, *, is_known: bool) -> None:
        self.tell("setUserVerified", isUserVerified=is_known)

    def passkeys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.tell("getCredentials")["credentials"]
        return found

    def count_from(self, count: int) -> None:
        """Go on counting from here; lower than before is what a copy of it would do."""
        for credential in self.passkeys():
            self.tell("removeCredential", credentialId=credential["credentialId"])
            self.tell("addCredential", credential={**credential, "signCount": count})

    def tell(self, command: str, **values: Any) -> Any:
        return self.wire.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **values})
