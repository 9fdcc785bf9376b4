"""What the practice StackStorm remembers: the executions that were asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

from pydantic import Field

from soc.sandbox.kit.journal import Record
from soc.sandbox.kit.memory import Json, Memory, Settings
from soc.sandbox.stackstorm import runs
from soc.sandbox.stackstorm.runs import Execution


class StackStormSettings(Settings):
    """`execution_seconds`: how long an ordinary action runs."""

    execution_seconds: float = Field(default=1.0, ge=0, le=600)


class StackStormMemory(Memory):
    RECORDS: ClassVar = frozenset({"execution"})
    SETTINGS: ClassVar = StackStormSettings
    execution_seconds: float = 1.0

    def forget(self) -> None:
        self.executions: dict[str, Execution] = {}

    def save_execution(self, execution: Execution) -> None:
        """Journal and keep an execution, new or changed."""
        self.record("execution", asdict(execution))

    def apply(self, kind: str, data: Json) -> None:
        self.executions[data["id"]] = Execution(**data)

    def kept(self) -> list[Record]:
        return [{"kind": "execution", "data": asdict(execution)} for execution in self.executions.values()]

    def counts(self) -> dict[str, int]:
        return {"executions": len(self.executions)}

    def received(self) -> dict[str, list[Json]]:
        now = self.moment()
        rows = [asdict(one) | {"status": runs.status(one, now)} for one in self.executions.values()]
        return {"executions": rows}
