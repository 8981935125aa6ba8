"""Reduce a screenshot to 256 colors: python -m tests.framework.browser.shrink FROM TO.

It looks the same, in a third of the bytes.
"""

import sys

from PIL import Image


def shrink(source: str, target: str) -> None:
    picture = Image.open(source).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    shrink(*sys.argv[1:])
