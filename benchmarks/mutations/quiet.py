"""What nobody who uses the product can notice. Two programs that differ in it alone are one, so there is no mutant.

Each has its reason at its place. What an analyst or an operator could see stays: numbers, limits, order, defaults, texts
that are put together, whether an event is logged at all, what is kept out of a printed value (`repr=False` hides secrets).
"""

from __future__ import annotations

import ast

#: They change only how fast something is, or say something to readers and type checkers.
_CACHES = ("lru_cache", "cache", "cached_property")
_SPOKEN = ("override", "final", "overload", "runtime_checkable")
#: Of a dataclass: whether it can be changed, what it weighs, that it is made by names. mypy holds the code to it.
_OF_CLASSES = ("frozen", "slots", "kw_only")
#: Of a declared field: words of the API's description, which a generated file is compared with, and no rule.
_OF_FIELDS = (
    "description",
    "examples",
    "example",
    "title",
    "summary",
    "json_schema_extra",
    "openapi_examples",
)
_FIELDS = ("Field", "Query", "Path", "Body", "Header", "Cookie", "Form")
#: Whose flags are bits of their own: put together by `+` or `^` they are the same number as by `|`.
_FLAGS = ("os", "re", "stat", "signal", "select", "fcntl")


def settled(tree: ast.Module) -> str:
    """The program without what nobody notices: equal for two that behave alike. The tree given is used up."""
    return ast.dump(_Settling().visit(tree))


class _Settling(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.decorator_list = [one for one in node.decorator_list if _called(one) not in (*_CACHES, *_SPOKEN)]
        node.returns = None
        self.generic_visit(node)
        given = node.args  # who calls by name, which mypy asks for, notices no `*` and no `/`
        named = [*given.posonlyargs, *given.args]
        defaults = [None] * (len(named) - len(given.defaults)) + given.defaults
        node.args = ast.arguments(
            [],
            [],
            given.vararg,
            [*named, *given.kwonlyargs],
            [*defaults, *given.kw_defaults],
            given.kwarg,
            [],
        )
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = _told(node.annotation)
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = _told(node.annotation) or ast.Constant(None)
        if (
            isinstance(node.target, ast.Name)
            and node.target.id.startswith("_")
            and isinstance(node.value, ast.Call)
        ):
            node.value.keywords = [
                word for word in node.value.keywords if word.arg != "repr"
            ]  # nobody prints a cache
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if "Protocol" in {_called(base) for base in node.bases}:  # for the type checker; whoever fits it runs
            return ast.Pass()
        for one in node.decorator_list:
            if isinstance(one, ast.Call) and _called(one) == "dataclass":
                one.keywords = [word for word in one.keywords if word.arg not in _OF_CLASSES]
        node.decorator_list = [one for one in node.decorator_list if _called(one) not in _SPOKEN]
        self.generic_visit(node)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        if "TYPE_CHECKING" in ast.unparse(node.test):
            return ast.Pass()
        self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if any(
            isinstance(one, ast.Name) and one.id == "__all__" for one in node.targets
        ):  # for `import *` alone
            return ast.Pass()
        self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant):  # a docstring
            return ast.Pass()
        if (
            isinstance(node.value, ast.Call) and _called(node.value) == "assert_never"
        ):  # mypy says that nothing comes here
            return ast.Pass()
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = _called(node)
        if name in _FIELDS:
            node.keywords = [word for word in node.keywords if word.arg not in _OF_FIELDS]
        elif name == "zip":  # an assertion about our own lists, which holds
            node.keywords = [word for word in node.keywords if word.arg != "strict"]
        self.generic_visit(node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        flags = _flags(node)
        if flags:
            return ast.Set([ast.Constant(one) for one in sorted(flags)])
        self.generic_visit(node)
        return node


def _told(annotation: ast.expr | None) -> ast.expr | None:
    """What of an annotation is a rule: the calls in it (`Field(ge=1)`, `Query(…)`), which models and routes obey."""
    rules = [one for one in ast.walk(annotation) if isinstance(one, ast.Call)] if annotation else []
    return ast.Tuple(list(rules), ast.Load()) if rules else None


def _called(node: ast.expr) -> str:
    """The last part of a name, called or not: `functools.lru_cache(maxsize=4)` is `lru_cache`."""
    inner = node.func if isinstance(node, ast.Call) else node
    inner = inner.value if isinstance(inner, ast.Subscript) else inner
    return inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else ""


def _flags(node: ast.expr) -> set[str]:
    """The flags that are put together here; empty where anything else takes part."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.Add | ast.BitXor):
        left, right = _flags(node.left), _flags(node.right)
        return left | right if left and right and not left & right else set()
    one = isinstance(node, ast.Attribute) and node.attr.isupper() and ast.unparse(node.value) in _FLAGS
    return {ast.unparse(node)} if one else set()
