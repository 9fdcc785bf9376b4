"""The words by which `changes` reads a deed's name: data, whoever the sender is."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


CUT = re.compile(r"2(?:fa|FA|[sS]tep|sv|SV)|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
TAKES = _set(
    "disable disabled delete deleted deletion remove removed removal destroy destroyed stop stopped deactivate deactivated "
    "suspend suspended clear cleared clearance purge uninstall off detach revoke destruction stops removes deletes disables bypass bypassed skip "
    "unenroll unenrolled unset released release uninstalled purged override overridden overrode waived weaken weakened shorten shortened mute muted unbind unbound disassociate disassociated dissociate exempt exempted"
)
GIVES = _set(
    "add added grant granted assign assigned create created creation set attach invite invited elevate elevated promote promoted put insert generate generated register registered install installed link linked authorized made"
)
CHANGES = (
    TAKES
    | GIVES
    | _set(
        "update updated modify modified change changed patch write edit enable enabled authorize reset transfer transferred export exported copy start activate activated rotate rotated alter altered unset set started "
        "expanded converted verified approve approved regenerate regenerated deploy deployed terminate terminated wiped erased voided void push pushed "
        "created delegated escalated requested made"
    )
)
READS = _set("get list describe read view lookup select search watch evaluate viewed listed searched queried")
#: What watches, keeps or protects: less of it is what somebody wants who hides, or destroys.
GUARDS = _set(
    "log logs logging trail trails audit auditing monitor monitoring detector guard guardrail alert alerts alarm firewall "
    "firewalls protection protected security scanning mfa 2fa factor factors two sso saml scim encryption encrypt backup backups "
    "snapshot snapshots restore vault vaults allowlist restriction restrictions whitelist acl waf flow diagnostic "
    "policy conditional insight antivirus quarantine delivery saml ekm barrier barriers hold authenticator approval approvals detection detections "
    "idp redaction tfa dlp ssl tls tamper sensor edr verification prevention spam dkim dmarc isolation exclusion exclusions trust transport antimalware retention dnssec "
    "otp totp passkey passkeys webauthn fido recording recordings protected enforcement authenticators"
)
#: Ways in: whoever changes them decides who may come.
DOORS = _set(
    "allowlist sso saml scim scanning identity provider federation ingress credential credentials mirror guest guests impersonation apikey token tokens "
    "secret secrets binding public suppression "
    "2fa mfa oauth restrictions firewall firewalls ownership capture domain domains certificate authority owner idp tfa impersonation"
)
RIGHTS = _set(
    "role roles admin admins administrator administrators permission permissions privilege privileges policy principal principals member delegate delegates delegation collaborator"
)
#: Rights, whichever way they are changed; the others only where somebody gets them.
MIGHT = RIGHTS - _set("policy principal member")
#: What leaves: of all of this the whole, or what tells of everybody.
OUT = _set("export exported exports exporting download downloaded dump dumped")
WHOLE = _set(
    "audit log logs workspace data content all members users database backup vault account tenant organization team space manual corporate enterprise org mailbox message "
    "item items client clients customer customers record records state task image users contacts directory vaults compliance insights project"
)
SHARES = _set(
    "share shared sharing link visibility access published publish made converted conversion audience"
)
OUTER = _set("public publicly external externally outside anyone everyone anonymous")
SHUTS = _set("block blocked restrict restricted prevent private")
ENDS = _set(
    "destroy destroyed destruction delete deleted deletion purge purged wipe wiped clearance void voided terminate terminated erase erased"
)
MUCH = _set(
    "team workspace project org global tenant organization database cluster instance repository repo vault backup bucket namespace jobs site space envelope zone "
    "subscription resourcegroup volume disk stack filesystem table"
)
#: A name with one of these is a finding, unless it tells of the settings that look for it.
FINDS = _set(
    "malicious malware suspicious fraud fraudulent anomaly anomalous phishing compromised leaked breach breached violation violations intrusion exploit ransomware spoofing jailbreak jailbroken leak "
    "excessive takeover impossible fatigue rooted stuffing spraying hijack hijacked bruteforce"
)
VIOLATIONS = _set("violation violations")
SETTINGS = _set(
    "policy rule rules setting settings config configuration report reports training test create created update updated delete deleted enabled disabled resolved dismissed scan scanned scanning"
)
#: What protects as long as it is on; what is not on says so beside its name.
STRICT = _set(
    "require required requires requirement approval approvals session duration timeout expiration expiry lockout passcode secured enforce enforcement force mfa 2fa factor sso saml encryption"
)
OFF = _set("off never optional")
#: Whoever reads one of these has it.
SECRETS, SEES = (
    _set(
        "password passwords credential credentials secret secrets passphrase passphrases token tokens recovery"
    ),
    _set("reveal revealed read viewed view copied accessed decrypted"),
)
#: What lies in a safe; programs fetch theirs one by one all day long, a list of all or one that was thrown away is for a person.
KEPT, FETCHES = _set("secret secrets"), _set("list recover restore")
#: How a service says that it has seen something.
WARNS, ALARMS = _set("shield threat security attack"), _set("alert detected finding incident")
#: What is stopped and stays where it is; whose second factor is left out.
STOPS, WHOSE = (
    _set("disable disabled deactivate deactivated"),
    _set("user code codes create created add added generate generated"),
)
#: How somebody acts as somebody else.
AS_ANOTHER = _set("impersonation impersonate impersonated assumed assumption")
ENTERS = _set("login logged logon signin sign")
#: Settings of how one gets in.
ENTRY, SETUP = (
    _set("login auth authentication signin password network"),
    _set("settings preference preferences policy method methods requirement requirements"),
)
#: What acts with the rights that it is given.
AGENTS = _set("app application bot integration integrations grant trusted scopes scope webhook webhooks hook")
#: Keys that open something.
IP_LISTS = _set("list allow allowed range ranges filter access restriction restrictions entry")
#: What runs on a machine that somebody else sits at.
REMOTE, RUNS = _set("remote live"), _set("shell command commands script scripts response")
#: How strict a password must be.
STRICTNESS = _set("security level complexity strength length policy expiration expiry history")
#: What protects only as it is set up.
SET_UP = GUARDS - _set(
    "policy flow delivery hold backup backups snapshot snapshots encryption verification transport trust"
)
#: What is left out of what protects.
EXCEPTIONS = _set("exclusion exclusions exemption exemptions suppression")
#: What is stricter now, or may do less.
MILDER = re.compile(
    r"(?i)\bfrom (?:off to on|disabled to enabled|false to true|public to)\b|\bfrom [\w -]{0,20}(?:admin|owner|full|super)[\w -]{0,20} to (?![\w -]{0,20}(?:admin|owner|full|super))|\bfrom [\w -]{1,30} to (?:user|member|viewer|reader|guest|basic|licensed|read[ -]?only)\b"
)
TO_PUBLIC = re.compile(
    r"(?i)(?:^|[^a-z])to[ _.-]?(?:public|the[ _-]web|web|world)\b|\bmade[ _.-]?public\b|public_[a-z]{1,20}_made"
)
KEYED = _set("access api deploy ssh signing")
#: So much at once that nobody does it one by one.
MANY = _set("mass bulk")
#: Copies of everything that a machine or a database holds; who copies one takes it along.
COPIES, COPIED = _set("copy copied clone cloned"), _set("snapshot image database backup disk volume")
#: What runs with rights of its own.
CODE = _set("function lambda runbook")
#: What somebody hands to another organisation.
HANDS, HANDED = (
    _set("transfer transferred migrate migrated"),
    _set("repo repository project domain account workspace ownership owner site"),
)
#: Findings that somebody sets aside unread; to update or to close one is an analyst's work.
ASIDE = _set("archive archived suppress suppressed dismiss dismissed mute muted ignore ignored")
#: Groups of people, and who belongs to them.
PEOPLE, JOINED = _set("group groups team teams channel list"), _set("member members membership user users")
#: Two words written as one are as long as this.
GLUED = 8
#: What verbs are said of.
THINGS = GUARDS | DOORS | RIGHTS | MUCH | WHOLE | SECRETS | CODE | COPIED | _set("access key group")


#: A second factor, by one word; by two: see `is_of_factor`.
FACTORS = _set("mfa 2fa 2step 2sv tfa otp totp passkey passkeys webauthn fido authenticator authenticators")
SECOND = (_set("two multi second"), _set("factor factors step"))
#: What is safer where it is on; what is not.
SAFER = _set(
    "allowlist whitelist restriction restrictions scanning saml sso encryption dlp enforcement protection verification dkim dnssec dmarc approval approvals lockout audit logging recording tamper isolation expiration"
)
LOOSER = _set(
    "bypass exclusion exclusions exemption exemptions suppression impersonation anonymous public external guest guests connector except"
)
TURNED_ON = _set("enable enabled enables activate activated enforced on")
ENROLLED = _set("add added enroll enrolled register registered create created activate activated verified")
#: A key that is no longer; what opens something with it is another's.
KEY_GONE = _set("revoke revoked delete deleted remove removed destroy expire expired deactivate deactivated")
KEYS = _set("token tokens apikey credential credentials key")
#: Who is locked out; what else is locked.
LOCKED, LOCKS_OUT = (
    _set("lockout locked lock"),
    _set("user account login access out admin attempts password"),
)
OTHER_LOCKS = _set(
    "screen device file row table branch workspace page resource state unlock unlocked thread topic object document record records policy period version"
)
#: Last words that say that somebody may do little now.
TO_LITTLE = re.compile(r"(?i)(?:^|[^a-z])to[ _-](?:user|member|viewer|reader|guest|basic|regular)$")
#: Codes that let in whoever has no factor at hand.
#: How something is set up, which gives nobody anything.
SET_HOW = _set("setting settings preference preferences")
#: By which somebody comes in, or out.
PASSES = _set("ingress egress access grant session sessions")
#: How a login goes wrong, and what is then said to have gone wrong.
FAILS, TRIED = (
    _set("fail failed failure failures fails denied rejected invalid incorrect"),
    _set("login logon signin auth authentication mfa credentials password passcode otp"),
)
SPARE, CODES, USED = (
    _set("recovery backup scratch bypass"),
    _set("code codes"),
    _set("used use redeemed"),
)
