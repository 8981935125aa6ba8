"""Chromium's virtual authenticator, attached to a page by the DevTools protocol.

Its keys and signatures are real.
"""

from typing import Any

from playwright.sync_api import Page

LAPTOP = {"transport": "internal", "hasUserVerification": True, "isUserVerified": True}


class Device:
    """An authenticator with passkeys: a laptop with a fingerprint reader, or as in `options`."""

    def __init__(self, page: Page, **options: Any) -> None:
        self.options = {"protocol": "ctap2", "hasResidentKey": True, **LAPTOP, **options}
        self.kept: list[dict[str, Any]] = []
        self.attach(page)

    def attach(self, page: Page) -> None:
        """Attach it to this page, with its passkeys."""
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {**self.options, "automaticPresenceSimulation": False}
        added = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = added["authenticatorId"]
        for credential in self.kept:
            self.send("addCredential", credential=credential)

    def detach_from_page(self) -> None:
        """Detach it from the page, and keep its passkeys."""
        self.kept = self.passkeys()
        self.send("removeVirtualAuthenticator")
        self.cdp.detach()

    def touch(self, *, is_touched: bool = True) -> None:
        """Confirm all following requests, as a finger on the reader does."""
        self.send("setAutomaticPresenceSimulation", enabled=is_touched)

    def stop_touching(self) -> None:
        self.touch(is_touched=False)

    def verifies_user(self, *, is_known: bool) -> None:
        self.send("setUserVerified", isUserVerified=is_known)

    def passkeys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.send("getCredentials")["credentials"]
        return found

    def set_counters(self, count: int) -> None:
        """Set the signature counters. A lower value than before indicates a copied passkey."""
        for credential in self.passkeys():
            self.send("removeCredential", credentialId=credential["credentialId"])
            self.send("addCredential", credential={**credential, "signCount": count})

    def send(self, command: str, **values: Any) -> Any:
        return self.cdp.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **values})
