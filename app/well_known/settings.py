"""The settings of the URLs that programs request; config.py reads them."""


class Settings:
    # Contact for reporting vulnerabilities, mailto: or https:, for /.well-known/security.txt.
    SECURITY_CONTACT: str = ""
