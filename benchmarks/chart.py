"""The chart: one group of bars for each operation, as long as the CPU time is."""

from collections.abc import Iterator

from benchmarks.rounds import TARGETS, Measured

SHOWN = ["sign-in page", "signed-in page", "signed-in write"]
NAMES = {"lockstep": "Lockstep", "flask_security": "Flask-Security", "django": "Django"}
# Legible on a light and on a dark page.
COLOURS = {"lockstep": "#2f6fde", "lean": "#7a8699"}
OTHERS = "#a9b2c0"
LEFT, BAR, GAP, WIDTH = 150, 18, 34, 720
STYLE = "font: 13px system-ui, sans-serif; fill: #7a8699"


def chart(measured: Measured) -> str:
    """Return an SVG of CPU time per request relative to lean's."""
    ratios = {
        key: task.of("cpu") / measured.few[key[0], "lean"].of("cpu")
        for key, task in measured.few.items()
        if key[0] in SHOWN and key[1] in TARGETS
    }
    scale = (WIDTH - LEFT - 60) / max(ratios.values())
    body = list(rows(ratios, scale))
    height = len(ratios) * (BAR + 4) + len(SHOWN) * GAP + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="CPU time per request, relative to a hand-written application">\n'
        f"<style>text {{ {STYLE} }} .title {{ font-weight: 600 }}</style>\n"
        + "\n".join(body)
        + "\n</svg>\n"
    )


def rows(ratios: dict[tuple[str, str], float], scale: float) -> Iterator[str]:
    y = 0
    for operation in SHOWN:
        yield f'<text class="title" x="{LEFT}" y="{y + 22}">{operation}</text>'
        y += GAP
        for target in TARGETS:
            if (operation, target) in ratios:
                yield bar(target, y, ratios[operation, target], scale)
                y += BAR + 4


def bar(target: str, y: int, ratio: float, scale: float) -> str:
    length = ratio * scale
    return (
        f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{NAMES.get(target, target)}</text>'
        f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="3" '
        f'fill="{COLOURS.get(target, OTHERS)}"/>'
        f'<text x="{LEFT + length + 6:.1f}" y="{y + 14}">{ratio:.2f}</text>'
    )
