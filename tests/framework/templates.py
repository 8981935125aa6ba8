"""The templates of pages and emails, and the languages in which they are rendered."""

from pathlib import Path

APP = Path(__file__).parent.parent.parent / "app"
TEMPLATES = APP / "templates"
LANGUAGES = ["en", *sorted(path.parent.name for path in APP.glob("translations/*/LC_MESSAGES"))]
# Each has two files, .txt and .html. The layout and the button are parts of them.
MAILS = sorted(
    {
        str(path.relative_to(TEMPLATES).with_suffix(""))
        for path in TEMPLATES.glob("**/mail/*")
        if path.stem not in {"layout", "button"}
    }
)
# Folders of components, and of pages in English that only developers see.
NO_PAGES = {"components", "fragments", "mail", "home", "dev"}
PAGES = sorted(
    str(path.relative_to(TEMPLATES).with_suffix(""))
    for path in TEMPLATES.rglob("*.html")
    if not NO_PAGES & set(path.relative_to(TEMPLATES).parts) and path.name != "layout.html"
)
