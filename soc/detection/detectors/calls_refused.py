"""Calls refused: one caller whom a service refuses many different things: somebody looks what an account may do."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.bursts import Burst, BurstSettings
from soc.detection.detectors.kit.declaration import Example

_RULES = ("behaviour.call-refused", "behaviour.anonymous-access")
_CALLS = ("ListUsers", "ListRoles", "ListBuckets", "GetSecretValue", "DescribeInstances", "DescribeVpcs")


def _refusals(count: int, error: str = ',"errorCode":"AccessDenied"', seconds: int = 5) -> str:
    line = '{{"eventTime":"2026-03-01T02:{m:02d}:{s:02d}Z","eventSource":"iam.amazonaws.com","eventName":"{name}","sourceIPAddress":"203.0.113.9","userIdentity":{{"type":"IAMUser","userName":"eve"}}{error}}}\n'
    return "".join(
        line.format(m=n * seconds // 60, s=n * seconds % 60, name=name, error=error)
        for n, name in enumerate(_CALLS[:count])
    )


class CallsRefusedSettings(BurstSettings):
    needed: int = Field(default=5, ge=2, description="So many different calls within them.")


class CallsRefused(Burst):
    id = "cloud.calls-refused"
    title = "Many calls refused"
    about = "One address whose calls to a service are refused, each another one: what may this account do?"
    order = 82
    attack = ("T1580", "T1087.004")
    said = "different calls refused to"
    Settings = CallsRefusedSettings
    examples: ClassVar = (
        Example("five calls in half a minute", _refusals(5), fires=True),
        Example("four calls", _refusals(4), fires=False),
        Example("six in ten minutes", _refusals(6, seconds=120), fires=False),
        Example("six that were answered", _refusals(6, error=""), fires=False),
    )

    def looks_at(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        lines = (block.rule_among(_RULES) & events["source.ip"].is_not_null()).arg_true()
        called = pl.coalesce("url.path", "event.action").alias("value")
        return (
            events.select("url.path", "event.action")[lines].select(lines.alias("row"), called).drop_nulls()
        )
