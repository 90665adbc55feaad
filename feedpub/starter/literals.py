"""The literals of a config that is a program, by name. Nothing is run.

Python is read by `ast`, JavaScript and TypeScript by tree-sitter, which an extra brings. As in other
configs every scalar is text. What is more than literals is `UNREAD`, and secrets are left out.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from feedpub.core.text import legal
from feedpub.starter.folder import SECRET, UNREAD

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST = 1_000


class Values(dict[str, Any]):
    """Values by name, and their lines, counted from 0."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}

    def keep(self, name: str, value: Any, line: int) -> None:
        """Let `name` have a value, unless it is that of a secret."""
        if not SECRET.search(name):
            self[name], self.lines[name] = value, line


def read(name: str, text: str) -> tuple[Values, str]:
    """Return what a module says, and why it could not be read, with its line."""
    try:
        return (_python if name.endswith(".py") else _javascript)(text), ""
    except (ImportError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        how = " without tree-sitter: install feedpub[sites]" * isinstance(error, ImportError)
        return Values(), f"{name}:{getattr(error, 'lineno', None) or 1}: cannot be read{how}"


def _python(text: str) -> Values:
    """Return what a module gives its names."""
    names = Values()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes that will not be valid some day
        body = ast.parse(text).body
    for statement in body:
        sets = isinstance(statement, ast.Assign | ast.AnnAssign)
        value = _of_python(getattr(statement, "value", None), names) if sets else UNREAD
        for node in ast.walk(statement):  # what another statement does to a name is not known
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.keep(node.id, value, statement.lineno - 1)
    return names


def _of_python(node: ast.AST | None, names: Values) -> Any:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return legal(value) if isinstance(value, str) else str(value).lower()
        case ast.Name(id=name):
            return names.get(name, UNREAD)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.JoinedStr(values=parts):
            pass
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [left, right]
        case ast.FormattedValue(value=part, conversion=-1, format_spec=None):
            return _of_python(part, names)
        case ast.IfExp(test=ast.UnaryOp(op=ast.Not(), operand=test), body=other, orelse=body):
            return _of_python(ast.IfExp(test, body, other), names)
        case ast.IfExp(test=test, body=body, orelse=other):
            known = {"true": body, "false": other}  # by the value of the test
            return _of_python(known.get(str(_of_python(test, names))), names)
        case _:
            return UNREAD
    inner = [_of_python(part, names) for part in parts]
    return inner if isinstance(node, ast.List | ast.Tuple) else _joined(inner)


def _joined(texts: list[Any]) -> Any:
    fits = all(isinstance(one, str) and len(one) < _LONGEST // len(texts) for one in texts)
    return "".join(texts) if fits else UNREAD


def _javascript(text: str) -> Values:
    """Return what a module exports by default or as `config`; a function is what it returns."""
    import tree_sitter
    import tree_sitter_typescript

    language = tree_sitter.Language(tree_sitter_typescript.language_typescript())
    root = fault = tree_sitter.Parser(language).parse(text.encode()).root_node
    while fault.has_error and fault.children:
        fault = next((one for one in fault.children if one.has_error), fault.children[0])
    if root.has_error:
        raise SyntaxError("", ("", fault.start_point.row + 1, 0, ""))
    names = Values()
    for one in root.named_children:
        kept = one.child_by_field_name("declaration") or one
        if kept.type == "lexical_declaration" and kept.children[0].type == "const":
            _fill(names, kept.named_children, names)
        words = [word.type for word in one.children]
        if "default" in words or _text(one).startswith("module.exports"):
            names["default"] = _of_javascript(one.named_children[-1], names)
    exported = (names.get("default"), names.get("config"))
    return next((one for one in exported if isinstance(one, Values)), Values())


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _fill(values: Values, nodes: Iterable[Node], names: Values) -> Values:
    """Keep constants or parts of an object; what is spread may be any of those before it."""
    for node in nodes:
        key = node.child_by_field_name("key") or node.child_by_field_name("name") or node
        value = _of_javascript(node.child_by_field_name("value") or node, names)
        values.keep(_text(key).strip("\"'"), value, node.start_point.row)
        if key.type in ("computed_property_name", "spread_element"):
            values.clear()
    return values


def _of_javascript(node: Node, names: Values) -> Any:
    written, parts = _text(node), [one for one in node.named_children if one.type != "comment"]
    match node.type:
        case "string_fragment" | "number" | "true" | "false" | "null" | "undefined":
            return written
        case "escape_sequence":
            return UNREAD if written[1].isalnum() else written[1:]
        case "identifier" | "shorthand_property_identifier":
            return names.get(written, UNREAD)
        case "object":
            return _fill(Values(), parts, names)
        case "array" | "string" | "template_string":
            inner = [_of_javascript(one, names) for one in parts]
            return inner if node.type == "array" else _joined(inner)
        case "call_expression" if not written.startswith("defineConfig("):
            return UNREAD
        case "satisfies_expression" | "as_expression":
            return _of_javascript(parts[0], names)
    is_last = parts and node.type in _IN_LAST
    return _of_javascript(parts[-1], names) if is_last else UNREAD


_IN_LAST = (
    *("arrow_function", "function_expression", "function_declaration", "statement_block"),
    *("return_statement", "call_expression", "arguments", "assignment_expression"),
    *("parenthesized_expression", "template_substitution"),
)
"""Expressions of JavaScript whose value is that of their last part."""
