"""Windows' own numbers of events: what each says, by the log that it stands in. Data from Microsoft's documentation."""

from __future__ import annotations

import polars as pl

#: The field rule by number: of the Security log, of System, of Defender's.
_SECURITY = {
    "behaviour.failed-login": "4625 4771 529 530 531 532 533 534 535 537 539",
    "behaviour.login": "4624 528 540",
    "sender.log-cleared": "1102 517",
    "sender.protection-off": "4719 612 4794",
    "sender.credential-theft": "4649 4765 4766",
    "behaviour.account-changed": "4720 4722 4724 4725 4726 4738 4740 4767 4781 624 626 627 628 630 642 644 4741",
    "behaviour.rights-changed": "4672 576 4728 4732 4756 4735 4737 4755 632 636 660 4704 4717 4739",
    "sender.persistence": "4697 4698 4702 602",
}
_SYSTEM = {"sender.log-cleared": "104", "sender.persistence": "7045"}
_DEFENDER = {
    "sender.malware": "1006 1007 1015 1116 1117 1118 1119",
    "sender.protection-off": "5001 5010 5012 5013",
}


def _numbered(table: dict[str, str]) -> dict[str, str]:
    return {number: rule for rule, numbers in table.items() for number in numbers.split()}


_BY_LOG = {"security": _numbered(_SECURITY), "system": _numbered(_SYSTEM), "defender": _numbered(_DEFENDER)}
_NUMBERS = sorted({number for table in _BY_LOG.values() for number in table})


#: Of those the ones that tell who joined which group; and groups that may do much, by words of their names.
_JOINED = ["4728", "4732", "4756", "632", "636", "660"]
_MIGHTY = r"(?i)admin|operator|root|privileg|owner|remote|domain controller|policy|backup|sudo|wheel|s-1-5-32-5|-51[2-9]$|-52[0-7]$"

#: A login with much rights, and whose it is every minute.
_AT_LOGIN, _ITSELF = (
    ["4672", "576"],
    r"(?i)\$$|^(?:system|local service|network service|dwm-\d+|umfd-\d+|anonymous logon)$",
)


def name_windows_events(fields: pl.DataFrame) -> pl.Series:
    """Of each line the id of the field rule that its number asks for, null where it is no such event of Windows.

    A number means nothing without its log: `winlog.channel`, or else the provider.
    """
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(fields))
    code = fields["event.code"]
    rows = code.is_in(_NUMBERS).fill_null(False).arg_true()
    if not len(rows):
        return nothing
    where = pl.concat_str(
        "winlog.channel", "event.provider", separator=" ", ignore_nulls=True
    ).str.to_lowercase()
    some = fields.select("winlog.channel", "event.provider", "event.code", "group.name", "user.name")[
        rows
    ].with_columns(where.alias("where"))
    told = pl.lit(None, dtype=pl.String)
    for log, sign in (
        ("system", r"\bsystem\b|service control manager|eventlog"),
        ("defender", "defender"),
        ("security", r"\bsecurity\b|security-auditing"),
    ):
        by_number = pl.col("event.code").replace_strict(_BY_LOG[log], default=None, return_dtype=pl.String)
        told = (
            pl.when(pl.col("where").str.contains(sign) & by_number.is_not_null())
            .then(by_number)
            .otherwise(told)
        )
    # whoever joins a group of people that may do nothing of note
    meek = pl.col("event.code").is_in(_JOINED) & ~pl.col("group.name").str.contains(_MIGHTY)
    told = (
        pl.when(meek.fill_null(False) & told.is_not_null())
        .then(pl.lit("behaviour.account-changed"))
        .otherwise(told)
    )
    # the system and its machines always have them
    itself = (pl.col("event.code").is_in(_AT_LOGIN)) & pl.col("user.name").str.contains(_ITSELF)
    told = pl.when(~itself.fill_null(False)).then(told)
    return nothing.scatter(rows, some.select(told.alias("rule")).to_series())
