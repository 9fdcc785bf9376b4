"""Signatures of logging in, sessions and privilege."""

from __future__ import annotations

from soc.domain.classification import Classification as C
from soc.logs.signatures.model import Signature as S

ALERT, ACTION = C.SECURITY_ALERT, C.USER_ACTION

ACCESS: tuple[S, ...] = (
    S(
        "auth.failed-password", "Failed login", r"failed (?:password|publickey|keyboard-interactive(?:/pam)?|hostbased|none|gssapi-with-mic|login) for\b", ALERT, 6, 0.95,
        ("sshd[811]: Failed password for root from 203.0.113.9 port 4022 ssh2", "Failed publickey for git from 198.51.100.4"),
        ("password changed for root", "Accepted password for root"), "T1110", "auth-failure",
    ),
    S(
        "auth.invalid-user", "Login with an unknown user", r"\b(?:invalid|illegal|unknown|unknown or invalid|non-?existent) user(?:name)?\b", ALERT, 6, 0.9,
        ("sshd[7]: Invalid user oracle from 203.0.113.9", "login refused: unknown user bob"),
        ("user invalidated the cache",), "T1110.001",
    ),
    S(
        "auth.pam-failure", "Authentication failure", r"\bauthentication (?:failures?|failed|error|unsuccessful)\b", ALERT, 6, 0.9,
        ("pam_unix(sshd:auth): authentication failure; rhost=203.0.113.9 user=root", "IMAP: authentication failed for bob"),
        ("authentication failures=0 today", "authentication succeeded"), "T1110", "auth-failure",
    ),
    S(
        "auth.login-failed", "Failed login", r"\b(?:log ?in|log ?on|sign-?in|log-in|auth|authentication|authorization|credentials?)\b.{0,48}?\b(?:failed|failure|failures|unsuccessful|incorrect|denied|rejected|refused|invalid)\b", ALERT, 6, 0.8,
        ("user bob login failed", "Logon attempt was unsuccessful", "login authenticator failed for host"),
        ("login page loaded", "the build failed"), "T1110", "auth-failure",
    ),
    S(
        "auth.failed-login", "Failed login", r"\b(?:failed|failure|incorrect|bad|invalid|wrong|unsuccessful|rejected|denied)\b.{0,24}?\b(?:log ?in|log ?on|sign-?in|log-in|auth|authenticate|authentication|credentials?|password|passwd)\b", ALERT, 6, 0.8,
        ("Failed to authenticate bob", "Invalid credentials given", "Wrong password for alice", "Bad login from 203.0.113.9"),
        ("invalid date given", "password rotated"), "T1110", "auth-failure",
    ),
    S(
        "auth.password-mismatch", "Failed login", r"\b(?:password (?:mismatch|check failed|verification failed|incorrect|did not match|doesn't match|not correct)|max auth tries|auth errors|no auth attempts|disallowed plaintext auth|aborted login|bad auth|invalid nonce|access denied for user|user name or password|username or password|authentication required but)\b", ALERT, 6, 0.85,
        ("imap-login: Password mismatch (ip=203.0.113.4)", "Access denied for user 'root'@'203.0.113.9'"),
        ("password policy updated",), "T1110", "auth-failure",
    ),
    S(
        "auth.user-not-found", "Login with an unknown user", r"\b(?:(?:user|account)(?: \S{1,64})? (?:(?:was )?not found|does not exist|doesn't exist|is not allowed|not known|unknown)|no such user|user not known to|not allowed because|account (?:is )?(?:locked|disabled|expired)|not in allowusers)\b", ALERT, 6, 0.75,
        ("sshd: User bob not allowed because account is locked", "AH01618: user eve not found: /private", "no such user 'toor@pam'"),
        ("file not found",), "T1110.001",
    ),
    S(
        "auth.multiple-failures", "Repeated failed logins", r"\b(?:multiple|repeated|too many|excessive|numerous|several|\d more) (?:failed|authentication|unsuccessful|login|logon|wrong|invalid|incorrect).{0,20}? (?:failures?|attempts?|logins?|passwords?)\b", ALERT, 7, 0.9,
        ("Multiple failed root login attempts", "error: Too many authentication failures for root", "PAM 5 more authentication failures"),
        ("multiple attempts to render the page",), "T1110", "auth-failure",
    ),
    S(
        "auth.brute-force", "Brute force", r"\b(?:brute[ -]?forc(?:e|ing)|password spray(?:ing)?|credential stuffing|dictionary attack|maximum authentication attempts exceeded)\b", ALERT, 8, 0.9,
        ("Possible brute force attack on /login", "error: maximum authentication attempts exceeded for root"),
        ("forced a restart",), "T1110",
    ),
    S(
        "auth.break-in", "Possible break-in attempt", r"\bpossible break-?in attempt\b", ALERT, 7, 0.85,
        ("reverse mapping failed - POSSIBLE BREAK-IN ATTEMPT!",), ("break in the line",), "T1110",
    ),
    S(
        "auth.ssh-probe", "SSH probe", r"\b(?:did not receive identification string|bad protocol version identification|no matching (?:key exchange method|cipher|host key type|mac)|unable to negotiate with|banner exchange: connection from|received disconnect from \S{1,60}: \d+: (?:bye bye|auth fail)|(?:connection (?:closed|reset) by|disconnected from|disconnecting) (?:authenticating|invalid) user|connection (?:closed|reset) by \S{1,60}(?: port \d+)? \[preauth\])", ALERT, 5, 0.8,
        ("Did not receive identification string from 203.0.113.9", "Connection closed by 203.0.113.9 [preauth]", "Connection reset by authenticating user root 203.0.113.9 port 4"),
        ("identification string set",), "T1595",
    ),
    S(
        "auth.accepted", "Login accepted", r"\baccepted (?:password|publickey|keyboard-interactive(?:/pam)?|hostbased|gssapi-with-mic) for\b", ACTION, 3, 0.95,
        ("sshd[4]: Accepted password for deploy from 192.0.2.7 port 2 ssh2",), ("Failed password for deploy",), "T1078", "auth-success",
    ),
    S(
        "auth.login-success", "Login accepted", r"\b(?:(?:log ?in|log ?on|sign-?in|authentication)(?: \S{1,40}){0,2}? (?:succeeded|successful|success|accepted)|successful(?:ly)? (?:log ?in|log ?on|logged (?:in|on)|authenticated|authentication|sign-?in)|authenticated successfully|logged in successfully)\b", ACTION, 3, 0.9,
        ("Login successful for alice", "user bob successfully authenticated", "authentication of bob succeeded"),
        ("login unsuccessful for alice", "authentication failed"), "T1078", "auth-success",
    ),
    S(
        "auth.session", "Session opened or closed", r"\bsession (?:opened|closed|started|ended|terminated) for (?:local )?user\b|\b(?:new session \d+ of user|removed session \d+)\b", ACTION, 2, 0.95,
        ("pam_unix(cron:session): session opened for user root by (uid=0)", "New session 12 of user alice."), ("session store opened",),
    ),
    S(
        "user.logged", "User logged in or out", r"\b(?:user|account|admin|operator)\b.{0,40}?\b(?:logged (?:in|out|on|off)|signed (?:in|out))\b", ACTION, 2, 0.9,
        ("User alice logged in", "user 42 signed out"), ("the agent logged 14 rows",),
    ),
    S(
        "user.account-changed", "Account changed", r"\b(?:new (?:user|group): name=|(?:user|account|group|role)\b.{0,40}?\b(?:created|added|deleted|removed|modified|renamed|unlocked|enabled)\b|password changed for|useradd|usermod|userdel|passwd\[\d+\]: password for)", ACTION, 4, 0.8,
        ("useradd[9]: new user: name=eve, UID=0", "Account eve was created by admin", "password changed for root"), ("table created",), "T1136",
    ),
    S(
        "user.admin-group", "User put into an administrators' group", r"\badd(?:ed|ing)?\b.{0,60}?\b(?:to|into)\b.{0,20}?\b(?:sudo|wheel|domain admins|enterprise admins|administrators)\b", ALERT, 7, 0.85,
        ("usermod: add 'eve' to group 'sudo'", "eve was added to Domain Admins"), ("added to the cart",), "T1098",
    ),
    S(
        "sudo.command", "Command run as another user", r"; USER=\S{1,40} ; COMMAND=", ACTION, 3, 0.95,
        ("sudo: alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls",), ("install sudo now",), "T1548.003",
    ),
    S(
        "sudo.not-allowed", "sudo refused", r"\b(?:not in (?:the )?sudoers|(?:user|command) (?:is )?not allowed (?:to execute|on this host)|incorrect password attempts?|this incident (?:will be|has been) reported|command not allowed)\b", ALERT, 8, 0.95,
        ("sudo: eve : user NOT in sudoers ; TTY=pts/1 ; COMMAND=/bin/sh", "bob : 3 incorrect password attempts ; USER=root"), ("sudoers file parsed",), "T1548.003",
    ),
    S(
        "su.failed", "su refused", r"\b(?:failed su(?: \(to \S+\))? |su: failed|su: .{0,20}?'su \S+' failed|'su \S+' failed|bad su )", ALERT, 7, 0.9,
        ("FAILED SU (to root) bob on pts/0", "su: 'su root' failed for lonvick on /dev/pts/8"), ("su: session opened",), "T1548",
    ),
    S(
        "auth.permission-denied", "Access refused", r"\b(?:permission denied|access (?:is |was )?denied|operation not permitted|unauthori[sz]ed|forbidden by|client denied by server configuration|not authori[sz]ed|login not permitted|refused connect(?:ion)? from|access not allowed)\b", ALERT, 5, 0.65,
        ("open /etc/shadow: Permission denied", "client denied by server configuration: /var/www/.env", "Unauthorized request to /admin"), ("permission granted",), "T1078",
    ),
    S(
        "auth.mfa", "Second factor refused or pressed for", r"\b(?:mfa|2fa|otp|multi-?factor|two-?factor|verification code)\b.{0,40}?\b(?:failed|failure|denied|rejected|invalid|fatigue|bypass(?:ed)?|disabled)\b", ALERT, 7, 0.85,
        ("MFA challenge denied by user bob", "Two-factor authentication disabled for admin"), ("MFA challenge passed",), "T1621",
    ),
    S(
        "auth.impossible-travel", "Login from an unusual place", r"\b(?:impossible travel|atypical travel|unfamiliar (?:location|sign-in)|login from (?:a )?new (?:country|location|device)|anonymous (?:ip|proxy)|tor exit node)\b", ALERT, 7, 0.85,
        ("Impossible travel for alice: Oslo, then Lima", "sign-in via Tor exit node"), ("travel booked",), "T1078.004",
    ),
    S(
        "auth.account-locked", "Account locked", r"\b(?:account|user)\b.{0,40}?\b(?:locked out|has been locked|was locked|temporarily locked|lockout)\b", ALERT, 6, 0.85,
        ("Account bob was locked out", "user eve temporarily locked for 900 s"), ("account unlocked",), "T1110",
    ),
    S(
        "auth.direct-root", "Root logged in", r"\b(?:root login on|login on tty\S+ by root|accepted \S+ for root from)\b", ACTION, 5, 0.9,
        ("login[1]: ROOT LOGIN ON tty1", "Accepted password for root from 203.0.113.9"), ("root filesystem mounted",), "T1078.003", "auth-success",
    ),
)
