"""What is said below fields, for JSON Schemas that are made of structs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def told_below_fields(module: ModuleType) -> dict[str, dict[str, str]]:
    """Class of a module -> its field -> what the docstring below the field says, on one line."""
    read = ast.parse(inspect.getsource(module))
    return {
        shape.name: {
            field.target.id: _one_line(text.value.value)
            for field, text in zip(shape.body, shape.body[1:], strict=False)
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        }
        for shape in read.body
        if isinstance(shape, ast.ClassDef)
    }


def _one_line(text: str) -> str:
    return " ".join(textwrap.dedent(text).split())
