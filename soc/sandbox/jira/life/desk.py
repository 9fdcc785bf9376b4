"""Jira Service Management of the practice Jira: its own SLA clocks of a request, day and night, by the priority that it has now."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.responses import JSONResponse, Response

from soc import clock
from soc.sandbox.jira import catalogue, render
from soc.sandbox.jira.memory import Issue, JiraMemory
from soc.sandbox.jira.wire import Call, JiraError, Json

#: Hours by priority, as the setup guide has them for the response; a resolution may take so many times as long.
RESPONSE_HOURS = {"Highest": 1, "High": 4, "Medium": 24, "Low": 72, "Lowest": 168}
RESOLUTION = 8


class Desk:
    def __init__(self, state: JiraMemory) -> None:
        self._state = state

    async def sla(self, call: Call) -> Response:
        """Where the project is no service desk there are no requests."""
        issue = self._state.find_issue(call.request.path_params["issue"])
        if not self._state.desk or issue is None or issue.hidden or self._state.no_permission:
            raise JiraError(404, "The request does not exist, or you may not see it.")
        hours = RESPONSE_HOURS[catalogue.PRIORITIES[issue.priority]]
        answered = issue.status != catalogue.OPEN
        values = [
            self._clock(call, issue, "1", "Time to first response", hours, over=answered),
            self._clock(
                call, issue, "2", "Time to resolution", hours * RESOLUTION, over=bool(issue.resolved)
            ),
        ]
        return JSONResponse(
            {"size": len(values), "start": 0, "limit": 50, "isLastPage": True, "values": values}
        )

    def _clock(self, call: Call, issue: Issue, number: str, name: str, hours: int, *, over: bool) -> Json:
        start, now = clock.parse(issue.created), clock.parse(self._state.now())
        goal = timedelta(hours=hours) + timedelta(seconds=self._state.desk_sla_shift)
        breach = start + goal
        cycle = {
            "startTime": _moment(call, start), "breachTime": _moment(call, breach), "breached": now > breach,
            "goalDuration": _length(goal), "elapsedTime": _length(now - start), "remainingTime": _length(breach - now),
        }  # fmt: skip
        known: Json = {"id": number, "name": name, "completedCycles": [cycle] if over else []}
        if not over:
            known["ongoingCycle"] = {**cycle, "paused": False, "withinCalendarHours": True}
        return known


def _moment(call: Call, at: datetime) -> Json:
    text = render.timestamp(call, clock.isoformat(at))
    return {
        "iso8601": text,
        "jira": text,
        "friendly": f"{at:%d/%b/%y %H:%M}",
        "epochMillis": int(at.timestamp() * 1000),
    }


def _length(span: timedelta) -> Json:
    return {"millis": int(span.total_seconds() * 1000), "friendly": f"{span.total_seconds() / 3600:.1f}h"}
