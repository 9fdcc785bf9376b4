"""Port scan: one address that is refused on many different ports."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.declaration import Example
from soc.detection.detectors.kit.fan_out import FanOut, FanOutSettings
from soc.detection.detectors.kit.refused import REFUSED, refused_rows

_PORT_KEY = r"(?i)\b(?:dpt|dport|dst_?port|dest(?:ination)?_?port)=\"?(\d{1,5})\b"
_PORT_WORDS = r"(?i)\bto [0-9a-f.:]{3,45}(?: port |[:/])(\d{1,5})\b|\bdst \S{1,60}?/(\d{1,5})\b"


def _refusals(*ports: int) -> str:
    line = "Mar  1 02:00:{s:02d} fw1 kernel: [UFW BLOCK] IN=eth0 SRC=203.0.113.9 DST=192.0.2.1 PROTO=TCP DPT={port}\n"
    return "".join(line.format(s=n % 60, port=port) for n, port in enumerate(ports))


class PortScanSettings(FanOutSettings):
    needed: int = Field(default=15, ge=2, description="So many different ports refused within the window.")


class PortScan(FanOut):
    id = "scan.ports"
    title = "Port scan"
    about = "One address is refused on many different ports. Takes the address's firewall drops into one incident."
    order = 60
    attack = ("T1046",)
    probe = "port-probe"
    said = "different ports refused to"
    asks: ClassVar = {
        REFUSED: "a firewall refused a connection: its port counts for a port scan",
        probe: "its sessions become part of a port scan of the same address",
    }
    Settings = PortScanSettings
    examples = (
        Example("fifteen ports in fifteen seconds", _refusals(*range(1000, 1015)), fires=True),
        Example("fourteen ports", _refusals(*range(1000, 1014)), fires=False),
        Example("one port again and again", _refusals(*[445] * 40), fires=False),
    )

    def hold(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        lines = refused_rows(block, self.ruleset).arg_true()
        raw = pl.DataFrame(
            {
                "row": lines,
                "raw": events["raw"].gather(lines),
                "port": events["destination.port"].gather(lines),
            }
        )
        port = pl.coalesce(
            pl.col("port").cast(pl.String),
            pl.col("raw").str.extract(_PORT_KEY, 1),
            pl.col("raw").str.extract(_PORT_WORDS, 1),
            pl.col("raw").str.extract(_PORT_WORDS, 2),
        )
        return raw.select("row", port.alias("value"))
