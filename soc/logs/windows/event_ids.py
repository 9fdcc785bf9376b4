"""What Windows' numbers of events mean: ECS category, type, outcome, and a name. Data; gravity is no matter of this table.

A number means something only beside its log: `security` (the audit), `sysmon`, `system`, `powershell`, `defender`, `tasks`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    category: str
    type: str
    outcome: str
    action: str


def _rows(log: str, text: str) -> dict[tuple[str, str], Meaning]:
    """`4625 authentication start failure logon-failed`; `-` is no outcome."""
    found = {}
    for line in text.strip().splitlines():
        numbers, category, kind, outcome, action = line.split()
        for number in numbers.split(","):
            found[log, number] = Meaning(category, kind, outcome.replace("-", ""), action)
    return found


EVENT_IDS: dict[tuple[str, str], Meaning] = (
    _rows(
        "security",
        """
1102 iam deletion success audit-log-cleared
1100 process end - audit-service-stopped
4608 host start - system-started
4616 configuration change - system-time-changed
4624,4626 authentication start success logged-in
4625 authentication start failure logon-failed
4634,4647 authentication end success logged-out
4648 authentication start - logged-in-explicit
4649 authentication start failure replay-detected
4656,4658,4660,4663 file access - object-accessed
4657 registry change success registry-value-modified
4662 iam access - directory-object-accessed
4670 iam change success permissions-changed
4672 iam admin success privileges-assigned
4673,4674 iam admin - privileged-service-called
4688 process start success created-process
4689 process end success exited-process
4697 configuration creation success service-installed
4698 configuration creation success scheduled-task-created
4699 configuration deletion success scheduled-task-deleted
4700,4701,4702 configuration change success scheduled-task-updated
4704,4705,4717,4718 iam change success user-rights-changed
4706,4707,4713,4716,4739 configuration change success domain-policy-changed
4719,4912 configuration change success audit-policy-changed
4720 iam creation success added-user-account
4722 iam change success enabled-user-account
4723 iam change - changed-password
4724 iam change - reset-password
4725 iam change success disabled-user-account
4726 iam deletion success deleted-user-account
4727,4731,4744,4749,4754,4759 iam creation success added-group-account
4728,4732,4746,4751,4756,4761 iam change success added-member-to-group
4729,4733,4747,4752,4757,4762 iam change success removed-member-from-group
4730,4734,4748,4753,4758,4763 iam deletion success deleted-group-account
4735,4737,4745,4750,4755,4760,4764 iam change success modified-group-account
4738 iam change success modified-user-account
4740 iam change success locked-out-user-account
4741 iam creation success added-computer-account
4742 iam change success changed-computer-account
4743 iam deletion success deleted-computer-account
4765,4766 iam change - sid-history-added
4767 iam change success unlocked-user-account
4768 authentication start - kerberos-authentication-ticket-requested
4769,4770 authentication start - kerberos-service-ticket-requested
4771 authentication start failure kerberos-preauth-failed
4772,4773 authentication start failure kerberos-ticket-failed
4776 authentication start - credential-validated
4777 authentication start failure credential-validation-failed
4778 session start success session-reconnected
4779 session end success session-disconnected
4780,4781 iam change success renamed-user-account
4794 iam change - directory-restore-password-set
4797,4798,4799 iam info success group-membership-enumerated
4800,4801,4802,4803 session info success workstation-locked
4820,4821,4822,4823,4824 authentication start failure policy-denied-logon
4825 authentication start failure remote-desktop-denied
4946,4947,4948,4950 configuration change success firewall-rule-changed
4985 file change - transaction-changed
5001 configuration change - protection-changed
5024,5025 process info - firewall-service-changed
5136,5137,5138,5139,5141 iam change success directory-object-changed
5140 file access success network-share-accessed
5142,5143,5144 file change success network-share-changed
5145 file access - network-share-checked
5152,5153,5155,5157 network denied failure firewall-blocked
5154,5156,5158 network allowed success firewall-allowed
6272,6278 authentication start success network-policy-granted
6273,6274 authentication start failure network-policy-denied
""",
    )
    | _rows(
        "sysmon",
        """
1 process start success process-created
2 file change success file-time-changed
3 network connection success network-connected
4,16 configuration change - sysmon-changed
5 process end success process-ended
6 driver start success driver-loaded
7 process change success image-loaded
8 process change success remote-thread-created
9 file access success raw-disk-read
10 process access success process-accessed
11 file creation success file-created
12,13,14 registry change success registry-changed
15 file access success stream-created
17,18 file creation success pipe-used
19,20,21 process change success wmi-subscription-changed
22 network protocol - dns-queried
23,26 file deletion success file-deleted
24 host change success clipboard-changed
25 process change success process-tampered
27,28 file denied success file-blocked
29 file creation success executable-created
255 process error failure sysmon-error
""",
    )
    | _rows(
        "system",
        """
104 iam deletion success log-cleared
6005 host start success event-log-started
6006,1074 host end success event-log-stopped
6008 host end failure unexpected-shutdown
7045 configuration creation success service-installed
7040 configuration change success service-changed
7036 process info - service-state-changed
7000,7009,7011,7031,7034 process error failure service-failed
""",
    )
    | _rows(
        "powershell",
        """
4103 process info success module-logged
4104 process info - script-block-logged
400,600 process start success engine-started
403 process end success engine-stopped
800 process info success pipeline-executed
""",
    )
    | _rows(
        "defender",
        """
1006,1015,1116 malware info - malware-detected
1007,1117 malware info success malware-acted-on
1008,1118,1119 malware info failure malware-action-failed
5001,5010,5012 configuration change success protection-disabled
5004,5007,5013 configuration change success protection-changed
1000,1001 malware info success scan-run
1002 malware info failure scan-stopped
""",
    )
    | _rows(
        "tasks",
        """
106 configuration creation success scheduled-task-created
140 configuration change success scheduled-task-updated
141 configuration deletion success scheduled-task-deleted
200,129 process start success scheduled-task-started
201 process end success scheduled-task-ended
""",
    )
)

#: Of these the data says how it went: 0 is success.
BY_STATUS = {"4768", "4769", "4776", "4770"}


def log_of(channel: str, provider: str) -> str:
    """Which of the table's logs a channel (or, without one, a provider) is; "" for others."""
    name = f"{channel} {provider}".lower()
    for sign, log in (
        ("sysmon", "sysmon"),
        ("powershell", "powershell"),
        ("windows defender", "defender"),
        ("taskscheduler", "tasks"),
        ("security", "security"),
        ("eventlog", "security" if channel.lower() == "security" else "system"),
        ("system", "system"),
        ("service control manager", "system"),
    ):
        if sign in name:
            return log
    return ""


def meaning_of(channel: str, provider: str, code: str) -> Meaning | None:
    return EVENT_IDS.get((log_of(channel, provider), code))
