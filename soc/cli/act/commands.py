"""`soc incident …` and `soc ticket …`: what each command takes. What it does is imported when one is called.

Both have the same commands: an act on an incident is one on its tickets. Either takes an incident's id, a ticket's key or its number here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import typer

from soc.cli.say import Json, Quiet

incident_app = typer.Typer(
    help="An incident's life: acknowledge, assign, note, move, close.", no_args_is_help=True
)
ticket_app = typer.Typer(
    help="The same by the ticket: acknowledge, assign, note, move, close.", no_args_is_help=True
)

Which = Annotated[
    str, typer.Argument(metavar="ID", help="An incident's id (inc-…), a ticket's key, or its number here.")
]
Key = Annotated[
    str, typer.Option("--key", help="A word of your own: with the same one, the same is done once.")
]
Public = Annotated[bool, typer.Option("--public", help="Also for whoever reported it; internal unless said.")]
DuplicateOf = Annotated[
    str, typer.Option("--of", help="With duplicate: the other incident's id, or its ticket's key.")
]
Word = Annotated[
    str,
    typer.Argument(
        metavar="VERDICT",
        help="true_positive, benign_true_positive, false_positive_rule, false_positive_data, duplicate, undetermined.",
    ),
]


def acknowledge(which: Which, key: Key = "", json: Json = False, quiet: Quiet = False) -> None:
    """You have seen it and look into it. Ends with 3 where somebody else was first, and says who."""
    from soc.cli.act.acting import acknowledge as act  # start-up cost

    act(which, key=key)


def assign(
    which: Which,
    owner: Annotated[str, typer.Argument(metavar="PERSON", help="Id or e-mail; nobody: give it back.")],
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Give it to a person."""
    from soc.cli.act.acting import assign as act  # start-up cost

    act(which, owner, key=key)


def add_note(
    which: Which,
    text: Annotated[str, typer.Argument(help="What was found; - reads standard input.")],
    public: Public = False,
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write an investigation note."""
    from soc.cli.act.acting import add_note as act  # start-up cost

    act(which, text, public=public, key=key)


def show_notes(which: Which, json: Json = False) -> None:
    """Its notes, oldest first, with every wording."""
    from soc.cli.act.acting import print_notes  # start-up cost

    print_notes(which)


def edit_note(
    note_id: Annotated[str, typer.Argument(metavar="NOTE", help="The note's id (note-…).")],
    text: Annotated[str, typer.Argument(help="Its new wording; - reads standard input.")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Give a note another wording; the earlier ones are kept."""
    from soc.cli.act.acting import edit_note as act  # start-up cost

    act(note_id, text)


def set_status(
    which: Which,
    status: Annotated[str, typer.Argument(metavar="STATUS", help="open or in_progress.")],
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Move it; what has ended is reopened by it."""
    from soc.cli.act.acting import set_status as act  # start-up cost

    act(which, status, key=key)


def set_priority(
    which: Which,
    priority: Annotated[str, typer.Argument(metavar="PRIORITY", help="Highest, High, Medium, Low, Lowest.")],
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Choose its priority, whatever its score says."""
    from soc.cli.act.acting import set_priority as act  # start-up cost

    act(which, priority, key=key)


def close(
    which: Which,
    verdict: Word,
    note: Annotated[str, typer.Option("--note", help="Kept with it; - reads standard input.")] = "",
    duplicate_of: DuplicateOf = "",
    public: Public = False,
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Close it with what it turned out to be."""
    from soc.cli.act.acting import close as act  # start-up cost

    act(which, verdict, note=note, duplicate_of=duplicate_of, public=public, key=key)


def set_verdict(
    which: Which,
    verdict: Word,
    duplicate_of: DuplicateOf = "",
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what one that has ended turned out to be."""
    from soc.cli.act.acting import set_verdict as act  # start-up cost

    act(which, verdict, duplicate_of=duplicate_of, key=key)


def _changing(field: Literal["labels", "components", "watchers"], help: str) -> Callable[..., None]:
    """The command that shows one of the ticket's sets, and changes it where something is said to come or go."""

    def change(
        which: Which,
        add: Annotated[list[str], typer.Option("--add", help="What comes; often.")] = [],  # noqa: B006 - typer's way
        remove: Annotated[list[str], typer.Option("--remove", help="What goes; often.")] = [],  # noqa: B006 - to say several
        key: Key = "",
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        from soc.cli.act.acting import change_members as act  # start-up cost

        act(which, field, add=add, remove=remove, key=key)

    change.__doc__ = help
    return change


def act_on_many(
    act: Annotated[
        str,
        typer.Argument(metavar="ACT", help="acknowledge, assign, add_note, set_status, set_priority, close."),
    ],
    which: Annotated[list[str], typer.Argument(metavar="ID...", help="Incidents' ids or tickets' keys.")],
    owner: Annotated[str, typer.Option("--owner", help="With assign: a person's id or e-mail.")] = "",
    status: Annotated[str, typer.Option("--status", help="With set_status: open or in_progress.")] = "",
    priority: Annotated[str, typer.Option("--priority", help="With set_priority.")] = "",
    verdict: Annotated[str, typer.Option("--verdict", help="With close.")] = "",
    note: Annotated[str, typer.Option("--note", help="With add_note, or kept with close.")] = "",
    duplicate_of: DuplicateOf = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would come of it; change nothing.")
    ] = False,
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The same act on many, as one group; vendors are told after ten seconds; `undo` takes it back for a minute."""
    from soc.cli.act.many import act_on_many as do  # start-up cost

    do(
        act, which, owner=owner, status=status, priority=priority, verdict=verdict, note=note,
        duplicate_of=duplicate_of, preview=preview, key=key,
    )  # fmt: skip


def merge(
    which: Which,
    others: Annotated[list[str], typer.Argument(metavar="OTHER...", help="What becomes one with it.")],
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would come of it; change nothing.")
    ] = False,
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Merge others into it: each is closed as its duplicate, and what comes for it comes there; `undo` takes it back for a minute."""
    from soc.cli.act.many import merge as do  # start-up cost

    do(which, others, preview=preview, key=key)


def split(
    which: Which,
    where: Annotated[
        list[str],
        typer.Option(
            "--where", help="FIELD=VALUE of the lines that go, such as source.ip=203.0.113.9; often."
        ),
    ] = [],  # noqa: B006 - typer's way to say several
    since: Annotated[
        str, typer.Option("--since", help="Lines from this time on (ISO-8601; UTC unless said).")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="Lines before this time.")] = "",
    title: Annotated[
        str, typer.Option("--title", help="What the new incident is called; as before unless said.")
    ] = "",
    values: Annotated[
        str,
        typer.Option(
            "--values", metavar="FIELD", help="Only say by which values of a field it could be split."
        ),
    ] = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would come of it; change nothing.")
    ] = False,
    key: Key = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make some of its lines an incident of their own, with a ticket linked to its; `undo` takes it back for ten seconds."""
    from soc.cli.act.many import print_values  # start-up cost
    from soc.cli.act.many import split as do  # start-up cost

    if values:
        print_values(which, values)
        return
    do(which, where, since=since, until=until, title=title, preview=preview, key=key)


def undo(
    group: Annotated[str, typer.Argument(metavar="GROUP", help="The group (grp-…) that the act named.")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Take a group of acts back, within a minute (a split within ten seconds); who was told by then is told again."""
    from soc.cli.act.many import undo as do  # start-up cost

    do(group)


incident_app.command("many")(act_on_many)
incident_app.command("undo")(undo)
incident_app.command("merge")(merge)
incident_app.command("split")(split)
for _app in (incident_app, ticket_app):
    _app.command("acknowledge")(acknowledge)
    _app.command("assign")(assign)
    _app.command("note")(add_note)
    _app.command("notes")(show_notes)
    _app.command("edit-note")(edit_note)
    _app.command("status")(set_status)
    _app.command("priority")(set_priority)
    _app.command("close")(close)
    _app.command("verdict")(set_verdict)
    _app.command("labels")(_changing("labels", "Its ticket's labels; add some or take some out."))
    _app.command("components")(_changing("components", "Its ticket's components; add some or take some out."))
    _app.command("watchers")(
        _changing("watchers", "Who watches its ticket: people of the roster, by id or e-mail.")
    )
