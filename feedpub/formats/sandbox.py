"""Where the templates of a site run: they read data, change nothing, and make nothing without end."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sized
from datetime import tzinfo
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

_LARGEST = 16_000_000
"""How long a text or list may be that is made at once, and a page."""

_STEPS = 50_000
"""How many steps the loops over `range` on one page may have."""


class TooLarge(SecurityError):  # noqa: N818 - its name is told, where its message must not be
    """A template makes more than it may."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Lets templates read data: nothing private, no method of a time zone.

    What they make is bounded, so that a slip (`'a' * 9999999999`, loops in loops) neither fills the
    memory nor takes all day: such a template is at fault as any other.
    """

    intercepted_binops = frozenset(("+", "*", "**"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.globals["range"] = self._range
        self.steps = 0

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Say whether a template may see an attribute."""
        return not isinstance(obj, tzinfo) and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return what an operator makes."""
        _check(_size(operator, left, right))
        return super().call_binop(context, operator, left, right)

    def concat(self, pieces: Iterable[str]) -> str:
        """Return a page, or a part of one, of the pieces that a template makes."""
        length, found = 0, []
        for piece in pieces:
            length += len(piece)
            if length > _LARGEST and isinstance(pieces, Generator):
                pieces.throw(_too_large())  # there, where a line is known
            found.append(piece)
        _check(length)
        return "".join(found)

    def _range(self, *bounds: int) -> range:
        steps = range(*bounds)
        self.steps += len(steps)  # its OverflowError is a fault, too
        if self.steps > _STEPS:
            raise TooLarge(f"loops over more than {_STEPS:,} steps of range")
        return steps


def _size(operator: str, left: Any, right: Any) -> int:
    """Return about how large what an operator makes will be; 16,000 bits are enough for a number."""
    if operator == "*" and isinstance(right, Sized):
        left, right = right, left
    size, other = (
        len(value) if isinstance(value, Sized) else int(value).bit_length() << 10
        for value in (left, right)
    )
    is_times = operator == "**" or (operator == "*" and isinstance(left, Sized))
    return size * int(right) if is_times else size + other


def _check(size: int) -> None:
    if size > _LARGEST:
        raise _too_large()


def _too_large() -> TooLarge:
    return TooLarge(f"makes more than {_LARGEST:,} characters")
