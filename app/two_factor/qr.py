"""Draw a QR code into the page: no other host is asked, and no script runs."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Return an inline SVG, dark on white in every theme: many cameras read nothing else."""
    code = segno.make(text, error="m", micro=False)
    svg: str = code.svg_inline(border=4, dark="#000", light="#fff", svgclass="qr", omitsize=True)
    return Markup(svg)  # noqa: S704  # nosec B704  # drawn from modules; the text itself is not in it
