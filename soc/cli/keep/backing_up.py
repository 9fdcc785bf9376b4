"""`soc backup` and `soc restore`: what they do and say."""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path

from soc import clock
from soc.audit.whereabouts import set_whereabouts
from soc.backup.checking import check_backup
from soc.backup.manifest import Manifest
from soc.backup.restoring import Restored, note_restored, restore_backup
from soc.backup.taking import take_backup
from soc.cli.endings import Ending
from soc.cli.say import complain, end, explained, give, open_store, refuse, result, warn
from soc.domain.actor import AT_THE_SHELL
from soc.script_log import log_beside_the_output
from soc.store import vault

_NOUNS = ("batches", "incidents", "tickets", "deliveries")


def back_up(target: Path, *, with_key: bool, with_files: bool) -> None:
    with explained():
        os.umask(0o077)
        open_store()
        manifest = take_backup(target, actor=AT_THE_SHELL, with_key=with_key, with_files=with_files)
        for name in manifest.gone:
            warn(f"{name} went while it was copied: its batch became too old.")
        result(
            f"{target} holds the state of {clock.isoformat(manifest.taken_at)}: {_counted(manifest)}; "
            f"{len(manifest.content)} files, {_size(manifest.bytes)}, in {manifest.seconds:.1f} s."
        )
        if with_key:
            warn("The key is in it: whoever has this folder can open every credential.")
        else:
            result(
                f"The key is not in it: keep the one with the mark {manifest.key} (SOC_SECRET_KEY) elsewhere."
            )
        give({"folder": str(target), **_told(manifest)})


def verify_backup(source: Path) -> None:
    with explained():
        log_beside_the_output("WARNING")
        manifest = check_backup(source)
        result(
            f"{source} is whole: the state of {clock.isoformat(manifest.taken_at)}, {_counted(manifest)}, by version "
            f"{manifest.version} on {manifest.database}; its key has the mark {manifest.key}."
        )
        if not (compared := vault.has_key()):
            warn(
                "The signature was not compared with a key of yours: there is none here, so anybody may have made it."
            )
        give({"folder": str(source), **_told(manifest), "compared_with_the_key_here": compared})


def put_back(source: Path, *, force: bool) -> None:
    with explained():
        os.umask(0o077)
        set_whereabouts(f"shell {getpass.getuser()}@{socket.gethostname()}")
        log_beside_the_output("WARNING")
        restored = restore_backup(source, actor=AT_THE_SHELL, force=force)
        _say(restored)
        if restored.findings:
            end(Ending.CHECK_FAILED, f"The audit is not what was written: {len(restored.findings)} findings.")


def note_moment(text: str) -> None:
    with explained():
        try:
            moment = clock.parse(text)
        except ValueError:
            refuse(f"{text} is no moment.", hint="Write it as 2026-11-27T09:30:00Z.")
        set_whereabouts(f"shell {getpass.getuser()}@{socket.gethostname()}")
        log_beside_the_output("WARNING")
        doubted = note_restored(moment, actor=AT_THE_SHELL)
        result(f"The store knows that it is of {clock.isoformat(moment)}.")
        _say_doubted(doubted)
        give({"taken_at": clock.isoformat(moment), "looked_up": doubted})


def _say_doubted(number: int) -> None:
    if number:
        result(
            f"{number} messages had not arrived by then; each is looked up at its vendor before it is sent. Where that cannot "
            "be asked, it waits for you on “Deliveries”."
        )


def _say(restored: Restored) -> None:
    manifest = restored.manifest
    result(
        f"Restored: {_counted(manifest)}, in {restored.took.total_seconds():.1f} s (RTO). It is the state of "
        f"{clock.isoformat(manifest.taken_at)}: what was done in the {clock.describe(restored.lost)} since then is lost (RPO)."
    )
    _say_doubted(restored.doubted)
    if restored.aside:
        result(f"What was here is in {restored.aside}.")
    if restored.lost_entries:
        first, last = restored.lost_entries
        warn(
            f"Entries {first} to {last} of the audit are lost: its heads, which were here and are put aside, tell of them, and "
            "the backup is older."
        )
    if not manifest.with_files:
        warn("The backup is one without files: uploads and results have to be where SOC_FILES_URL says.")
    if restored.findings is None:
        warn(
            f"There is no key here, so nothing starts and the audit was not verified: set SOC_SECRET_KEY to the one with the mark "
            f"{manifest.key}, or, if it is lost, `soc config new-key`."
        )
    for finding in restored.findings or ():
        complain(finding)
    give(
        {
            **_told(manifest),
            "restored_in_seconds": round(restored.took.total_seconds(), 3),
            "lost_seconds": round(restored.lost.total_seconds(), 3),
            "looked_up": restored.doubted,
            "aside": restored.aside,
            "lost_entries": restored.lost_entries,
            "audit": None if restored.findings is None else list(restored.findings),
        }
    )


def _counted(manifest: Manifest) -> str:
    return ", ".join(f"{manifest.rows.get(noun, 0):,} {noun}" for noun in _NOUNS)


def _size(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} GiB"


def _told(manifest: Manifest) -> dict[str, object]:
    return manifest.model_dump(mode="json", exclude={"content", "signature"}) | {"bytes": manifest.bytes}
