"""The parts of your product. An update of the starter never changes this file."""

from types import ModuleType

# In the order in which they may import each other. They may import FOUNDATION and IDENTITY.
PARTS: tuple[ModuleType, ...] = ()
