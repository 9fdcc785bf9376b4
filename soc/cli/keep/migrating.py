"""`soc migrate`: the schema of store and engine, apart from a start."""

from __future__ import annotations

from soc.cli.say import explained, give, result
from soc.engine.schema import grant_to, migrate_engine
from soc.script_log import log_beside_the_output
from soc.settings import get_settings
from soc.store.migrate import migrate, schema_of


def bring_up_to_date(*, role: str) -> None:
    with explained():
        log_beside_the_output("WARNING")
        before = schema_of()
        migrate(asked=True)
        migrate_engine(get_settings())
        after = schema_of()
        result(
            f"The schema is {after}, as it was."
            if before == after
            else f"The schema is {after}; it was {before or 'none'}."
        )
        if role:
            grant_to(role)
            result(f"{role} may run the product, and change no table.")
        give({"before": before, "schema": after, "granted_to": role})
