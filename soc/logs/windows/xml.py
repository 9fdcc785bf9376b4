"""A Windows event as XML (as the Event Viewer and `wevtutil` write it), one in a text: as the object that its JSON would be.

Read by its few known elements and not by a parser: what is cut off is read as far as it goes, and nothing is expanded.
"""

from __future__ import annotations

import html
import re
from typing import Any

_ELEMENT = re.compile(r"<(EventID|Channel|Computer|Level|Keywords)(?: [^<>]{0,200})?>([^<>]{0,300})</")
_PROVIDER = re.compile(r"<Provider [^<>]{0,200}?Name=(?:'([^'<>]{0,200})'|\"([^\"<>]{0,200})\")")
_CREATED = re.compile(r"<TimeCreated [^<>]{0,60}?SystemTime=['\"]([^'\"<>]{1,60})['\"]")
_DATA = re.compile(r"<Data Name=(?:'([^'<>]{1,100})'|\"([^\"<>]{1,100})\") ?(?:/>|>([^<>]{0,32000})</Data>)")
_OF_USERS = re.compile(r"<([A-Za-z][\w.-]{0,60})>([^<>]{0,32000})</")
_MOST = 300


def event_of_xml(text: str) -> dict[str, Any] | None:
    """`{"Event": {"System": …, "EventData": …}}`; None where no number of an event stands in it."""
    system: dict[str, Any] = {}
    for name, value in _ELEMENT.findall(text):
        system.setdefault(name, html.unescape(value).strip())
    if not system.get("EventID"):
        return None
    if provider := _PROVIDER.search(text):
        system["Provider"] = {"Name": provider[1] or provider[2]}
    if created := _CREATED.search(text):
        system["TimeCreated"] = {"SystemTime": created[1]}
    data = {(one or two): html.unescape(value) for one, two, value in _DATA.findall(text)[:_MOST]}
    if not data and (begins := text.find("<UserData")) >= 0:
        data = {name: html.unescape(value) for name, value in _OF_USERS.findall(text, begins)[:_MOST]}
    return {"Event": {"System": system, "EventData": data}}
