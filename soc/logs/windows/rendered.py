"""A Windows event as the sentences that people are shown: sections with labels, however the lines between them were written.

The number of the event is told by its first sentence (English), the data by the label and the section that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from soc.logs.windows.fields import read_event

#: How agents write the ends of lines and tabs of a message that they put on one line; `\\n` within a path is none.
_BREAKS = re.compile(r"#015#012|#01[125]|\\r\\n(?:\\t)*|(?<=:)(?:\\t)+|[\r\n\t]|\s{2,}")
_SENTENCES = {
    "An account was successfully logged on": "4624", "An account failed to log on": "4625", "An account was logged off": "4634",
    "User initiated logoff": "4647", "A logon was attempted using explicit credentials": "4648", "Special privileges assigned to new logon": "4672",
    "A new process has been created": "4688", "A process has exited": "4689", "A service was installed in the system": "4697",
    "A scheduled task was created": "4698", "A user account was created": "4720", "A user account was enabled": "4722",
    "An attempt was made to change an account's password": "4723", "An attempt was made to reset an account's password": "4724",
    "A user account was disabled": "4725", "A user account was deleted": "4726", "A member was added to a security-enabled global group": "4728",
    "A member was added to a security-enabled local group": "4732", "A user account was changed": "4738", "A user account was locked out": "4740",
    "A member was added to a security-enabled universal group": "4756", "A user account was unlocked": "4767",
    "A Kerberos authentication ticket (TGT) was requested": "4768", "A Kerberos service ticket was requested": "4769",
    "Kerberos pre-authentication failed": "4771", "attempted to validate the credentials for an account": "4776", "The audit log was cleared": "1102",
    "An attempt was made to access an object": "4663", "A network share object was accessed": "5140",
}  # fmt: skip
#: Data by label; an account's depends on its section.
_LABELS = {
    "Logon Type": "LogonType", "Process Name": "ProcessName", "New Process Name": "NewProcessName", "New Process ID": "NewProcessId",
    "Process Command Line": "CommandLine", "Creator Process Name": "ParentProcessName", "Creator Process ID": "ParentProcessId",
    "Source Network Address": "IpAddress", "Source Address": "IpAddress", "Client Address": "IpAddress", "Source Port": "IpPort", "Client Port": "IpPort",
    "Failure Reason": "FailureReason", "Service File Name": "ServiceFileName", "Object Name": "ObjectName", "Group Name": "TargetUserName",
    "Logon Account": "TargetUserName", "Account Name": "TargetUserName", "Account Domain": "TargetDomainName", "Domain Name": "TargetDomainName",
}  # fmt: skip
_OF_SUBJECT = {
    "Account Name": "SubjectUserName",
    "Account Domain": "SubjectDomainName",
    "Domain Name": "SubjectDomainName",
}
#: Labels that end what stands before them and say nothing here.
_OTHERS = (
    "Security ID", "Logon ID", "Linked Logon ID", "Logon GUID", "Caller Process ID", "Caller Process Name", "Process ID", "Workstation Name", "Logon Process",
    "Authentication Package", "Transited Services", "Package Name", "Key Length", "Status", "Sub Status", "Restricted Admin Mode", "Virtual Account", "Elevated Token",
    "Impersonation Level", "Token Elevation Type", "Mandatory Label", "Service Name", "Service ID", "Ticket Options", "Ticket Encryption Type", "Result Code",
    "Pre-Authentication Type", "Source Workstation", "Error Code", "Network Account Name", "Network Account Domain", "Caller Computer Name", "Privileges",
    "Object Type", "Object Server", "Handle ID", "Accesses", "Access Mask", "Share Name", "Share Path", "Task Name", "Task Content", "SAM Account Name", "Display Name",
    "Creator Subject", "Member", "Group", "Subject", "New Logon", "Account For Which Logon Failed", "Target Account", "New Account", "Account Information",
    "Account That Was Locked Out", "Account Whose Credentials Were Used", "Process Information", "Network Information", "Failure Information",
    "Detailed Authentication Information", "Additional Information", "Target Server", "Logon Information", "Object", "Attributes", "Changed Attributes", "Service",
)  # fmt: skip
_MARK = re.compile(
    rf"(?<![\w-])({'|'.join(sorted((*_LABELS, *_OTHERS), key=len, reverse=True))}): ?(?=[\n]|\S|$)"
)
_SECTIONS = {"Subject": True, "Creator Subject": True} | dict.fromkeys(
    (
        "New Logon", "Account For Which Logon Failed", "Target Account", "New Account", "Account Information", "Account That Was Locked Out",
        "Account Whose Credentials Were Used", "Group", "Member",
    ),
    False,
)  # fmt: skip


def event_of_text(text: str) -> Mapping[str, str] | None:
    """The fields of the event; None where no sentence of a known one stands in it."""
    code = next((code for sentence, code in _SENTENCES.items() if sentence in text), "")
    if not code:
        return None
    plain = _BREAKS.sub("\n", text)
    found = {"EventID": code, "Channel": "Security"}
    subject = False
    marks = list(_MARK.finditer(plain))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        label = mark[1]
        subject = _SECTIONS.get(label, subject)
        name = _OF_SUBJECT.get(label) if subject else None
        name = name or _LABELS.get(label)
        value = (
            plain[mark.end() : following.start() if following else len(plain)]
            .strip("\n ")
            .split("\n")[0]
            .strip()
        )
        if name and value:
            found.setdefault(name, value)
    return read_event(found)
