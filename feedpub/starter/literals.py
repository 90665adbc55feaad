"""The literals of a config that is a program: by name and key, with their places. Nothing is run.

Python is read by `ast`, JavaScript and TypeScript by tree-sitter, which an extra brings. As in other
configs every scalar is text, here '' if it is false. What is more than literals, or secret, is None.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from feedpub.starter.folder import SECRET, Folder, Given, Told

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST = 1_000


class Literals:
    """What the modules of a site give their names; each begins with those of the one before.

    Lists hold values, maps hold `Given` ones. In JavaScript `default` is what a module exports, and
    a function is what it returns. `told` says what could not be read of what was asked for.
    """

    def __init__(self, folder: Folder, *modules: str) -> None:
        self._names: dict[str, Given] = {}
        self.told: list[Told] = []
        for self._module in filter(folder.has, modules):
            read = self._python if self._module.endswith(".py") else self._javascript
            try:
                read(folder.text(self._module))
            except ImportError:
                why = "is only read with tree-sitter (pip install 'feedpub[sites]')"
                self.told.append(Told(f"{self._module} {why}"))
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                line = getattr(error, "lineno", None) or 1
                self.told.append(Told(f"{self._module}:{line}: cannot be read"))

    def at(self, *keys: str) -> Given:
        """Return what is at a path of keys, which begins with a name."""
        here = Given(self._names)
        for key in keys:
            here = here.value.get(key, Given()) if isinstance(here.value, dict) else Given()
        if here.source and here.value is None:
            self.told.append(Told(f"{here.source}: {keys[-1]} is not taken over: it is no literal"))
        return here

    def _keep(self, name: str, value: Any, line: int, names: dict[str, Given]) -> None:
        if not SECRET.search(name):
            names[name] = Given(value, f"{self._module}:{line}")

    def _python(self, text: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes that will not be valid some day
            body = ast.parse(text).body
        for statement in body:
            targets = getattr(statement, "targets", [getattr(statement, "target", None)])
            is_plain = all(isinstance(target, ast.Name) for target in targets)
            value = self._of_python(getattr(statement, "value", None)) if is_plain else None
            for node in ast.walk(statement):  # whatever else it does to names is not known
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    self._keep(node.id, value, statement.lineno, self._names)
                elif isinstance(node, ast.alias):
                    self._keep(node.asname or node.name, None, statement.lineno, self._names)

    def _of_python(self, node: ast.AST | None) -> Any:  # noqa: C901 - a case for each expression
        of = self._of_python
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str() as value):
                return str(value or "")
            case ast.Name(id=name):
                return self._names.get(name, Given()).value
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [*map(of, parts)]
            case ast.JoinedStr(values=parts):
                return _joined(map(of, parts))
            case ast.FormattedValue(value=part, conversion=-1, format_spec=None):
                return of(part)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined(map(of, (left, right)))
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return {None: None, "": "True"}.get(of(part), "")
            case ast.IfExp(test=test, body=body, orelse=other):
                chosen = of(test)
                return None if chosen is None else of(body if chosen else other)
        return None

    def _javascript(self, text: str) -> None:
        import tree_sitter
        import tree_sitter_typescript

        language = tree_sitter.Language(tree_sitter_typescript.language_typescript())
        root = fault = tree_sitter.Parser(language).parse(text.encode()).root_node
        while fault.has_error and fault.children:
            fault = next((one for one in fault.children if one.has_error), fault.children[0])
        if root.has_error:
            raise SyntaxError("", ("", fault.start_point.row + 1, 0, ""))
        for one in root.named_children:
            kept = one.child_by_field_name("declaration") or one
            if kept.type == "lexical_declaration" and kept.children[0].type == "const":
                self._names |= self._map(kept.named_children)
            words = [word.type for word in one.children]
            if "default" in words or _text(one).startswith("module.exports"):
                value = self._of_javascript(one.named_children[-1])
                self._keep("default", value, one.start_point.row + 1, self._names)

    def _map(self, nodes: Iterable[Node]) -> dict[str, Given]:
        """Return constants or parts of an object by name; what is spread may be any of them."""
        found: dict[str, Given] = {}
        for node in nodes:
            key = node.child_by_field_name("key") or node.child_by_field_name("name") or node
            value = node.child_by_field_name("value") or node
            name = _text(key).strip("\"'")
            self._keep(name, self._of_javascript(value), value.start_point.row + 1, found)
            found = {} if key.type in ("computed_property_name", "spread_element") else found
        return found

    def _of_javascript(self, node: Node) -> Any:
        of, written = self._of_javascript, _text(node)
        parts = [one for one in node.named_children if one.type != "comment"]
        match node.type:
            case "string_fragment" | "number" | "true" | "false" | "null" | "undefined":
                return "" if written in ("false", "null", "undefined") else written
            case "escape_sequence":
                return None if written[1].isalnum() else written[1:]
            case "identifier" | "shorthand_property_identifier":
                return self._names.get(written, Given()).value
            case "array":
                return [*map(of, parts)]
            case "object":
                return self._map(parts)
            case "string" | "template_string" | "binary_expression":
                is_sum = node.type != "binary_expression" or node.children[1].type == "+"
                return _joined(map(of, parts)) if is_sum else None
            case "call_expression" if not written.startswith("defineConfig("):
                return None
        return of(parts[_VALUE_IN[node.type]]) if parts and node.type in _VALUE_IN else None


_VALUE_IN = {
    **dict.fromkeys(("parenthesized_expression", "satisfies_expression", "as_expression"), 0),
    **dict.fromkeys(("template_substitution", "return_statement"), 0),
    **dict.fromkeys(("arrow_function", "function_expression", "function_declaration"), -1),
    **dict.fromkeys(
        ("statement_block", "call_expression", "arguments", "assignment_expression"), -1
    ),
}
"""In which part of an expression of JavaScript its value is."""


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _joined(parts: Iterable[Any]) -> str | None:
    texts = [*parts]
    if not all(isinstance(part, str) and len(part) <= _LONGEST for part in texts):
        return None
    return text if len(text := "".join(texts)) <= _LONGEST else None
