"""Errors a user can act on, each one line long."""

__all__ = [
    "CardError",
    "CorruptFileError",
    "MissingExtraError",
    "SchemaError",
    "UnknownNameError",
    "UserError",
]


class UserError(Exception):
    """What a user can mend; the command line prints it as one line.

    The text reads ``<what>: <rule>, got <value>. <what to do>``; it is one line that a terminal
    can show, whatever names a broken file brought into it.

    Examples
    --------
    >>> raise UserError("pile-up: must not be negative, got -3. Give --pileup 0 or more.")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.UserError: pile-up: must not be negative, got -3. Give --pileup 0 or more.
    """

    def __str__(self) -> str:
        text = " ".join(str(part) for part in self.args)
        if text.isprintable():
            return text
        return "".join(
            one if one.isprintable() else " " if one in "\n\r\t" else "?" for one in text
        )


class SchemaError(UserError, ValueError):
    """Events or inputs lack a field, or a field has the wrong type or value."""


class CardError(UserError, ValueError):
    """A card has an unknown key, a wrong value or a part that is missing."""


class UnknownNameError(UserError, LookupError):
    """No component, sample or field has this name."""


class MissingExtraError(UserError, ImportError):
    """A package of an optional extra is not installed."""


class CorruptFileError(UserError, OSError):
    """A file is damaged, truncated, or not what its name says."""
