"""Who watches an issue of the practice Jira: added and taken out one by one, so that nobody's are lost."""

from __future__ import annotations

import copy

from starlette.responses import JSONResponse, Response

from soc.sandbox.jira import catalogue, render
from soc.sandbox.jira.memory import Issue, JiraMemory
from soc.sandbox.jira.wire import Call, JiraError

_MISSING = "Issue does not exist or you do not have permission to see it."


class Watching:
    def __init__(self, state: JiraMemory) -> None:
        self._state = state

    async def watchers(self, call: Call) -> Response:
        """Read them, add one (the body is a string: the account's id, on Data Center its name; none: oneself), take one out.

        Jira keeps no entry of its history for them, and does not call it a change of the issue.
        """
        issue = self._find(call)
        if call.request.method == "GET":
            return JSONResponse(
                {
                    **render.watches(call, issue),
                    "watchers": [render.user(call, one) for one in issue.watchers],
                }
            )
        changed = copy.deepcopy(issue)
        if call.request.method == "DELETE":
            account = _account(call, call.query("accountId" if call.flavour.is_cloud else "username"))
            changed.watchers = [one for one in changed.watchers if one != account]
        else:
            given = await call.any_json() if await call.request.body() else None
            account = call.account if given is None else _account(call, given)
            changed.watchers += [] if account in changed.watchers else [account]
        self._state.save_issue(changed)
        return Response(status_code=204)

    def _find(self, call: Call) -> Issue:
        issue = self._state.find_issue(call.request.path_params["issue"])
        if issue is None or issue.hidden or self._state.no_permission:
            raise JiraError(404, _MISSING)
        return issue


def _account(call: Call, given: object) -> str:
    name = "accountId" if call.flavour.is_cloud else "name"
    account = catalogue.find_user({name: given}) if isinstance(given, str) and given else None
    if account is None:
        raise JiraError(400 if call.flavour.is_cloud else 404, "Specify a valid user to watch the issue.")
    return account
