"""What can go wrong while a stack comes up, told so that the reader knows what to do next."""


class StackError(Exception):
    """The stack cannot go on; `advice` says what the reader can do about it."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.advice}" if self.advice else self.message


class EngineMissingError(StackError):
    """A program that the stack needs (PostgreSQL, Java, Maven) is not on this machine."""
