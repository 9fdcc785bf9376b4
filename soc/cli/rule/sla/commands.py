"""`soc sla …`: what each command takes. What it does is imported when one is called."""

from __future__ import annotations

from typing import Annotated

import typer

from soc.cli.say import Json, Quiet

sla_app = typer.Typer(
    help="SLA: policies, and why a ticket's clocks stand where they do.", no_args_is_help=True
)

TicketRef = Annotated[str, typer.Argument(metavar="TICKET", help="Its key (SOC-123), or its number here.")]
PolicyId = Annotated[
    str, typer.Argument(metavar="POLICY", help="The policy's id, as `soc sla policies` shows it.")
]
PolicyFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="The policy as JSON, as `soc sla policy ID --json` writes it; -: standard input."
    ),
]


@sla_app.command("policies")
def list_policies(json: Json = False) -> None:
    """Every policy in the order in which they are asked; the first that takes a ticket wins."""
    from soc.cli.rule.sla.policies import print_policies  # start-up cost

    print_policies()


@sla_app.command("policy")
def show_policy(policy_id: PolicyId, json: Json = False) -> None:
    """One policy with its versions."""
    from soc.cli.rule.sla.policies import print_policy  # start-up cost

    print_policy(policy_id)


@sla_app.command("preview")
def preview_policy(file: PolicyFile, json: Json = False) -> None:
    """What a policy would mean for the tickets that are open. Nothing is changed."""
    from soc.cli.rule.sla.policies import preview  # start-up cost

    preview(file)


@sla_app.command("save")
def save_policy(
    file: PolicyFile,
    apply_to_open: Annotated[
        bool, typer.Option("--apply-to-open", help="Also for the open tickets that it takes, from now on.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Save a policy as a new version; open tickets keep theirs unless told otherwise."""
    from soc.cli.rule.sla.policies import save  # start-up cost

    save(file, apply_to_open=apply_to_open)


@sla_app.command("order")
def order_policies(
    policy_ids: Annotated[
        list[str], typer.Argument(metavar="POLICY...", help="Every id; the default stays last.")
    ],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask the policies in this order."""
    from soc.cli.rule.sla.policies import order  # start-up cost

    order(policy_ids)


@sla_app.command("remove")
def remove_policy(policy_id: PolicyId, json: Json = False, quiet: Quiet = False) -> None:
    """Take a policy away; tickets that have it keep it."""
    from soc.cli.rule.sla.policies import remove  # start-up cost

    remove(policy_id)


@sla_app.command("explain")
def explain(
    which: TicketRef,
    zone: Annotated[str, typer.Option("--zone", help="The zone of the times that are shown.")] = "UTC",
    json: Json = False,
) -> None:
    """Why a ticket's clocks stand where they do: a sentence for each interval."""
    from soc.cli.rule.sla.clocks import explain as tell  # start-up cost

    tell(which, zone=zone)


@sla_app.command("forecast")
def forecast(json: Json = False) -> None:
    """How likely the open tickets' clocks run out, how good such forecasts were, and what can still be saved."""
    from soc.cli.rule.sla.forecast import print_forecast  # start-up cost

    print_forecast()


@sla_app.command("pause")
def pause(
    which: TicketRef,
    reason: Annotated[str, typer.Option("--reason", help="What the ticket waits for.")],
    hours: Annotated[float, typer.Option("--hours", min=0.02, max=2160, help="For how long at most.")] = 24,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Pause a ticket's clocks by hand; one that has run out stays violated."""
    from soc.cli.rule.sla.clocks import pause as hold  # start-up cost

    hold(which, reason=reason, hours=hours)


@sla_app.command("resume")
def resume(which: TicketRef, json: Json = False, quiet: Quiet = False) -> None:
    """Let clocks that were paused by hand go on."""
    from soc.cli.rule.sla.clocks import resume as let_go  # start-up cost

    let_go(which)


@sla_app.command("recompute")
def recompute(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what differs, change nothing.")] = False,
    json: Json = False,
) -> None:
    """Compare what is kept of each clock with what its rows add up to. A repair adds rows and overwrites none."""
    from soc.cli.rule.sla.clocks import recompute as compare  # start-up cost

    compare(dry_run=dry_run)
