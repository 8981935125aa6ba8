"""The names of the email templates."""

from pathlib import Path

TEMPLATES = Path(__file__).parent.parent.parent / "app" / "templates"
# Each has two files, .txt and .html. The layout and the button are parts of them.
MAILS = sorted(
    {
        str(path.relative_to(TEMPLATES).with_suffix(""))
        for path in TEMPLATES.glob("**/mail/*")
        if path.stem not in {"layout", "button"}
    }
)
