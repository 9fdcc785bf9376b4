"""What people and administrators do to an issue at the practice Jira, by hand: all of it under somebody's name."""

from __future__ import annotations

import copy
from collections.abc import Callable

from soc.sandbox.jira import catalogue
from soc.sandbox.jira.life.history import note_change
from soc.sandbox.jira.life.hooks import tell
from soc.sandbox.jira.memory import Comment, Issue, JiraMemory
from soc.sandbox.jira.wire import Json


def save(
    memory: JiraMemory,
    issue: Issue,
    *,
    author: str,
    mark: Json | None = None,
    event: str = "jira:issue_updated",
) -> None:
    """Keep a changed issue, with an entry of its history, and tell whoever listens."""
    entry = note_change(memory, issue, author=author, mark=mark)
    issue.updated = memory.now()
    memory.save_issue(issue)
    tell(memory, event, issue, author=author, entry=entry)


def change_by_hand(
    memory: JiraMemory,
    key: str,
    change: Callable[[Issue], None],
    *,
    author: str = catalogue.ANALYST.account_id,
) -> bool:
    """Change an issue as a person at the practice Jira would. False when there is no such issue."""
    found = memory.find_issue(key)
    if found is None:
        return False
    issue = copy.deepcopy(found)
    change(issue)
    save(memory, issue, author=author)
    return True


def move_to_other_project(memory: JiraMemory, key: str, *, author: str = catalogue.ANALYST.account_id) -> str:
    """The new key. The id stays; the old key still leads to it."""
    found = memory.find_issue(key)
    assert found is not None
    new = f"{catalogue.OTHER_KEY}-{int(found.id) - 10000}"

    def change(issue: Issue) -> None:
        issue.project, issue.key = catalogue.OTHER_ID, new

    change_by_hand(memory, key, change, author=author)
    return new


def archive(memory: JiraMemory, key: str) -> bool:
    return change_by_hand(memory, key, lambda issue: setattr(issue, "archived", memory.now()))


def restore(memory: JiraMemory, key: str) -> bool:
    """Out of the archive, and into sight."""

    def change(issue: Issue) -> None:
        issue.archived, issue.hidden = None, False

    return change_by_hand(memory, key, change)


def hide(memory: JiraMemory, key: str) -> bool:
    """Behind a security level that the product's account is not in."""
    return change_by_hand(memory, key, lambda issue: setattr(issue, "hidden", True))


def attach(memory: JiraMemory, key: str, name: str = "report.pdf") -> bool:
    """A file, of which its name is kept."""
    return change_by_hand(memory, key, lambda issue: issue.attachments.append(name))


def delete(memory: JiraMemory, key: str, *, author: str = catalogue.ANALYST.account_id) -> bool:
    found = memory.find_issue(key)
    if found is None:
        return False
    memory.delete_issue(found)
    tell(memory, "jira:issue_deleted", found, author=author)
    return True


def comment_by_hand(
    memory: JiraMemory, key: str, body: object, *, author: str = catalogue.ANALYST.account_id
) -> str:
    """The new comment's id."""
    number = memory.next_comment_id()
    change_by_hand(
        memory,
        key,
        lambda issue: issue.comments.append(Comment(number, author, body, memory.now())),
        author=author,
    )
    return number


def delete_comment(memory: JiraMemory, key: str, number: str) -> bool:
    def change(issue: Issue) -> None:
        issue.comments = [one for one in issue.comments if one.id != number]

    return change_by_hand(memory, key, change)


#: What an administrator (or anybody, with a file) does to a ticket, by the words of its button.
BY_ADMINISTRATORS: dict[str, Callable[[JiraMemory, str], object]] = {
    "Attach report.pdf": attach,
    "Move to another project": move_to_other_project,
    "Archive": archive,
    "Hide from the product's account": hide,
    "Bring back": restore,
    "Delete": delete,
}
