"""Carry the configurations to another installation: a file out, a file in."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from soc import clock
from soc.access.scopes import Scope
from soc.configuration.transfer import (
    FORMAT,
    SHORTEST_PASSPHRASE,
    Imported,
    export_configurations,
    import_configurations,
)
from soc.errors import ConfigurationError
from soc.integrations.registry import KINDS
from soc.ui import covered
from soc.ui.kit import buttons, outcome, quoted
from soc.ui.kit.problems import show_problem
from soc.ui.sitting import actor_here

_FILE = "exported-configurations"


def draw_transfer() -> None:
    with st.expander(
        "Export and import configurations", icon=":material/sync_alt:", key="transfer", on_change="rerun"
    ) as box:
        if not box.open:
            return
        row = st.grid(2, min_column_width=380, gap="large")
        with row.container():
            _draw_export()
        with row.container():
            _draw_import()


@covered.form(Scope.ADMIN, "Export")
def _draw_export() -> None:
    st.markdown("**Export**")
    st.caption(
        "Every saved configuration as JSON. With a passphrase the secrets go along, sealed; without one they are left "
        "out. What comes from the environment, and practice, is not part of it."
    )
    passphrase = st.text_input(
        "Passphrase for the secrets (optional)", type="password", autocomplete="new-password", key="export-passphrase",
        help=f"At least {SHORTEST_PASSPHRASE} characters. Whoever imports the file needs it.",
    )  # fmt: skip
    buttons.act_button(
        "Make the file",
        lambda _key: _exported(passphrase),
        needed=Scope.ADMIN,
        name="export-configurations",
        busy="Sealing …" if passphrase else "Writing …",
        then=lambda text: st.session_state.update({_FILE: text}),
        icon=":material/deployed_code:",
    )
    if text := st.session_state.get(_FILE):
        st.download_button(
            "Download it",
            text,
            file_name=f"soc-configuration-{clock.now():%Y-%m-%d}.json",
            mime="application/json",
            icon=":material/download:",
            type="primary",
            on_click=lambda: st.session_state.pop(_FILE, None),
        )


def _exported(passphrase: str) -> str:
    document = export_configurations(passphrase=passphrase, actor=actor_here(Scope.ADMIN))
    if not document["integrations"]:
        raise ConfigurationError(
            "There is nothing to export.", hint="Save an integration of your own first; practice is left out."
        )
    return json.dumps(document, indent=2, ensure_ascii=False)


@covered.form(Scope.ADMIN, "Import")
def _draw_import() -> None:
    st.markdown("**Import**")
    round = st.session_state.get("import-round", 0)
    file = st.file_uploader("Exported file", type="json", max_upload_size=5, key=f"import-file-{round}")
    if file is None:
        st.caption("Its configurations take the place of those saved here; each becomes a new version.")
        return
    try:
        document = read_document(file.getvalue())
    except ConfigurationError as error:
        show_problem(error.message, error.hint)
        return
    entries = document["integrations"]
    titles = [KINDS[kind].title if kind in KINDS else kind for kind in entries]
    sealed = any("sealed" in entry for entry in entries.values())
    st.markdown(quoted.markdown(f"Would replace the settings of: {', '.join(titles) or 'nothing'}."))
    passphrase = (
        st.text_input("Its passphrase", type="password", autocomplete="new-password", key=f"import-passphrase-{round}")
        if sealed
        else ""
    )  # fmt: skip
    if not sealed:
        st.caption("The file holds no secrets: those saved here stay where the address is the same.")
    buttons.act_button(
        "Import them",
        lambda _key: import_configurations(
            document, passphrase=passphrase, actor=actor_here(Scope.ADMIN), author="import"
        ),
        needed=Scope.ADMIN,
        name=f"import-{round}",
        busy="Importing …",
        done=_said,
        then=lambda imported: _forget(imported.kinds, round),
        icon=":material/upload:",
        disabled=not entries or (sealed and not passphrase),
    )


def _said(imported: Imported) -> outcome.Said:
    names = ", ".join(KINDS[kind].title for kind in imported.kinds)
    return outcome.note(" ".join([f"Imported: {names}. Test each of them.", *imported.warnings]))


def _forget(kinds: list[str], round: int) -> None:
    st.session_state["import-round"] = round + 1
    for kind in kinds:
        st.session_state[f"form-{kind}"] = st.session_state.get(f"form-{kind}", 0) + 1
        st.session_state.pop(f"report-{kind}", None)


def read_document(raw: bytes) -> dict[str, Any]:
    """The document of an exported file. Raises ConfigurationError."""
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except ValueError:
        found = None
    entries = found.get("integrations") if isinstance(found, dict) else None
    whole = isinstance(entries, dict) and all(
        isinstance(entry, dict) and isinstance(entry.get("settings", {}), dict) for entry in entries.values()
    )
    if not isinstance(found, dict) or not whole or found.get("format") != FORMAT:
        raise ConfigurationError(
            "This is no exported configuration.", hint="Choose a file that “Make the file” wrote."
        )
    return found
