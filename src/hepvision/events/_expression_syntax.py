"""What an expression may look like: short, shallow, and with brackets where they matter."""

import ast
import re
import warnings

from hepvision.core.errors import SchemaError

__all__ = ["ALLOWED", "BRACKETS", "NARROWED", "parsed", "short"]

#: ``Photon = Photon[…]``: the name and what it becomes.
NARROWED = re.compile(r"^\s*(\w+)\s*=(?!=)(.+)$", re.DOTALL)
LONGEST, DEEPEST = 2000, 100
ALLOWED = "Take fields, numbers, comparisons, & | ~, num, any, all, max, min, sum and [:, 0]."
BRACKETS = "Put brackets around each comparison: (a > 1) & (b < 2)."


def short(expression: str) -> str:
    """Quoted, on one line, cut."""
    text = " ".join(expression.split())
    return repr(text if len(text) <= 80 else f"{text[:79]}…")


def parsed(expression: str) -> ast.expr:
    """The tree of an expression, or what is wrong with it."""
    if len(expression) > LONGEST:
        raise SchemaError(
            f"selection: at most {LONGEST} characters, got {len(expression)}. Write several cuts."
        )
    text = expression.strip()
    try:
        with warnings.catch_warnings():  # of Python's own syntax, which this is not
            warnings.simplefilter("ignore")
            found = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = getattr(error, "offset", None)
        raise SchemaError(
            f"selection: must be an expression, got {short(expression)} (stopped at character "
            f"{place}). Write for example 'num(Photon) == 2'."
        ) from error
    _check_depth(found, expression)
    _check_brackets(found, text)
    return found


def _check_depth(top: ast.expr, expression: str) -> None:
    level: list[ast.AST] = [top]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise SchemaError(
        f"selection: at most {DEEPEST} levels deep, got {short(expression)}. Write several cuts."
    )


def _check_brackets(top: ast.expr, text: str) -> None:
    """``a > 1 & b < 2`` would be ``a > (1 & b) < 2``."""
    letters = text.encode()
    for node in ast.walk(top):
        for one in (node.left, *node.comparators) if isinstance(node, ast.Compare) else ():
            if not (isinstance(one, ast.BinOp) and isinstance(one.op, ast.BitAnd | ast.BitOr)):
                continue
            before = letters[: one.col_offset].rstrip()
            after = letters[one.end_col_offset :].lstrip()
            if not (before.endswith(b"(") and after.startswith(b")")):
                raise SchemaError(
                    f"selection: '&' and '|' bind closer than comparisons, got {short(text)}. "
                    f"{BRACKETS}"
                )
