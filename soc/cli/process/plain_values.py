"""Values that are what they should be already are taken as they are: typer would load pydantic to look at each.

To load it takes longer than all else that a command does before it says that a path is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import typer.core
from typer._click import Context
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param

_PLAIN = (str, bool, int)


@dataclass(frozen=True)
class _AsItIs(RuntimeParam):
    descriptor: TypeDescriptor

    def _coerce_value(self, value: Any, param: Any, ctx: Context) -> Any:
        if self._fits(value) or (type(value) in _PLAIN and value == param.default):
            return value
        if self.annotation == list[str] and all(type(one) is str for one in value) and self._is_free:
            return list(value)
        return build_runtime_param(self.descriptor)._coerce_value(value, param=param, ctx=ctx)

    def _fits(self, value: Any) -> bool:
        return self.annotation in _PLAIN and type(value) is self.annotation and self._is_free

    @property
    def _is_free(self) -> bool:
        """Nothing narrows the values down or makes something else of them."""
        of = self.descriptor
        narrowed = of.is_path or of.is_file or of.is_choice or of.is_ranged
        return not narrowed and getattr(self.parameter_info, "parser", None) is None


def take_plain_values() -> None:
    """From now on in this process."""
    typer.core.build_runtime_param = lambda descriptor: _AsItIs(  # type: ignore[attr-defined]
        parameter_info=descriptor.parameter_info, annotation=descriptor.annotation, descriptor=descriptor
    )
