"""A secret value that is masked in logs, in reprs and in the printed configuration. It is not encrypted."""


class Secret:
    """Text that only ``reveal`` returns."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text. Call this only where the text is used."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret('****')" if self._text else "Secret('')"

    __str__ = __repr__
