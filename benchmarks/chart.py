"""Draw the chart of CPU time: one group of bars for each operation."""

from collections.abc import Iterator

from benchmarks.rounds import TARGETS, Measurements

CHARTED = ["sign-in page", "signed-in page", "signed-in write"]
NAMES = {"lockstep": "Lockstep", "flask_security": "Flask-Security", "django": "Django"}
# Legible on light and on dark backgrounds.
COLORS = {"lockstep": "#2f6fde", "lean": "#7a8699"}
DEFAULT_COLOR = "#a9b2c0"
LEFT, BAR, GAP, WIDTH = 150, 18, 34, 720
STYLE = "font: 13px system-ui, sans-serif; fill: #7a8699"


def draw_chart(measured: Measurements) -> str:
    """Return the CPU time per request, relative to lean, as SVG."""
    ratios = {
        key: task.median_of("cpu") / measured.few[key[0], "lean"].median_of("cpu")
        for key, task in measured.few.items()
        if key[0] in CHARTED and key[1] in TARGETS
    }
    scale = (WIDTH - LEFT - 60) / max(ratios.values())
    body = list(draw_groups(ratios, scale))
    height = len(ratios) * (BAR + 4) + len(CHARTED) * GAP + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="CPU time per request, relative to a hand-written application">\n'
        f"<style>text {{ {STYLE} }} .title {{ font-weight: 600 }}</style>\n"
        + "\n".join(body)
        + "\n</svg>\n"
    )


def draw_groups(ratios: dict[tuple[str, str], float], scale: float) -> Iterator[str]:
    y = 0
    for operation in CHARTED:
        yield f'<text class="title" x="{LEFT}" y="{y + 22}">{operation}</text>'
        y += GAP
        for target in TARGETS:
            if (operation, target) in ratios:
                yield draw_bar(target, y, ratios[operation, target], scale)
                y += BAR + 4


def draw_bar(target: str, y: int, ratio: float, scale: float) -> str:
    length = ratio * scale
    return (
        f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{NAMES.get(target, target)}</text>'
        f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="3" '
        f'fill="{COLORS.get(target, DEFAULT_COLOR)}"/>'
        f'<text x="{LEFT + length + 6:.1f}" y="{y + 14}">{ratio:.2f}</text>'
    )
