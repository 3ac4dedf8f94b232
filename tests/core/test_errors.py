"""Each error is one a user can mend, and also the built-in that it is like."""

from __future__ import annotations

import pytest

from hepvision.core import errors


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("SchemaError", ValueError),
        ("CardError", ValueError),
        ("UnknownNameError", LookupError),
        ("MissingExtraError", ImportError),
        ("CorruptFileError", OSError),
    ],
)
def test_kinship(name: str, builtin: type[Exception]) -> None:
    error = getattr(errors, name)
    assert issubclass(error, errors.UserError)
    assert issubclass(error, builtin)


@pytest.mark.parametrize("name", errors.__all__)
def test_text_is_what_was_said(name: str) -> None:
    assert str(getattr(errors, name)("card: no 'x'. Give one.")) == "card: no 'x'. Give one."


def test_a_message_is_one_line_that_a_terminal_can_show():
    assert str(errors.CorruptFileError("a.h5: needs x, got la\x1fyer\x1b[31m, b\nc.")) == (
        "a.h5: needs x, got la?yer?[31m, b c."
    )
