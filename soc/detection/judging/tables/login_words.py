"""A login that failed, told by sets of words in any order within one statement; no product's phrase stands here."""

from __future__ import annotations

import polars as pl

from soc.logs.text.eager import take

#: Programs that authenticate, as words of their names.
PROGRAMS = r"(?i)ssh|^su$|^sudo|login|pam|ftp|imap|pop3|smtp|sasl|dovecot|vpn|radius|ldap|slapd|kdc|krb|smbd|winbind|auth|telnet|xrdp|doas|polkit|charon|ipsec|^ike|iked$|pppd|l2tp|racoon|webmin|dropbear|tacacs|tac_plus|apmd|sslvpn|keycloak|guacd|vault|freeradius|radsec"
#: What logins are made of, and how it is said that they failed: one of each must be there before an expression is asked.
_ABOUT = ["login", "log in", "logon", "log on", "logged in", "sign in", "sign-in", "signin", "auth", "pass", "credential", "pubkey",
          "publickey", "secret", "shared", "psk", " pin", "user", "account", "sasl", "nonce", "realm", "qop", "otp", "mfa", "bearer", "jwt", "token", "api key", "api_key", "apikey", "2fa", "token code", "ident", "client",
          "peer", "endpoint", "anmeldung", "passwort", "kennwort", "connexion", "mot de passe", "autentic", "contrase", "senha", "subscriber", "challenge", " acl", "access-rej", "access rej", "eap", "chap", "ntlm", "kerberos", "principal", "not allowed", "not permitted"]  # fmt: skip
_FAILS = ["fail", "reached", " hit", "deny", "cannot", "invalid", "illegal", "unknown", "incorrect", "bad", "wrong", "denied", "reject", "refus", "unsuccess", "unable", "mismatch",
          "not ", "no such", "n't", "non", "no_such", "not_found", "notfound", "unauthori", "disallow", "lock", "expired", "exceed", "too many", "no ", "abort", "fehlgeschlagen", "ungültig", "falsch", "échou", "erreur", "incorrecte", "fallid", "fallit", "inválid", "erro"]  # fmt: skip

_LOGIN = (
    r"(?:(?:un)?auth(?:enticat\w{1,6}|ori[sz]ation|entification|_\w{1,12})?|log(?:ged)?[ -]?[io]ns?|sign(?:ed)?[ -]?[io]n"
    r"|(?:get_)?pass(?:word|wd|phrase|code)s?|credentials?|pub(?:lic)? ?key|pre-?shared[ -]key|psk|secret|sasl|userauth|2fa|mfa|otp|token code|nonce|realm|qop"
    r"|(?:access|bearer|id|api|oauth)[ _-]?(?:tokens?|keys?)|bearer|jwt"
    r"|eap(?:[-_]\w{1,12})?|(?:ms-?|x)?chap(?:v2)?|xauth|ntlm(?:v2)?|kerberos"
    # the same in German, French, Spanish, Italian and Portuguese
    r"|(?:benutzer)?authentifizierung|anmeldung|passworte?|kennwort|connexion|mot de passe|autenticaci[oó]n|autenticazione|autenticação|contraseñ?a|senha)"
)
_BAD = (
    r"(?:fail(?:ed|ures?|s|ing)?|invalid|incorrect|wrong|bad|denied|reject(?:ed|ing|s)?|refus(?:ed|ing|es)|unsuccessful(?:ly)?"
    r"|mismatch(?:ed)?|disallowed|unauthori[sz]ed|not (?:allowed|permitted|accepted|valid|correct|matched|authori[sz]ed|supported|recogni[sz]ed)"
    r"|(?:did|do|does)(?:n't| not) match|exceeded|(?:limit|maximum|threshold)(?: (?:was|is|has been))? (?:reached|hit)|aborted|can(?:no|')t (?:find|verify|authenticate)|unable to (?:authenticate|log|verify)"
    r"|could not be (?:authenticated|verified)|no supported|disabled|excessive|fehlgeschlagen|ungültig\w{0,2}|falsch\w{0,2}|échoué?e?|erreur|incorrecte|fallid[oa]|fallit[oa]|inválid[oa]|erro|(?:might|may|did|does) not (?:have )?work(?:ed)?)"
)
_WHO = r"(?:user(?:[ -]?(?:name|id))?|account|login|log-?in name|identity|principal)"
#: Who is nobody only where it is said in so many words: machines come and go.
_ANYBODY = rf"(?:{_WHO}|peer|endpoint|subscriber)"
_STRANGE = r"(?:unknown|invalid|illegal|non-?existent|no (?:such|matching)|unauthori[sz]ed)"
_NOBODY = (
    r"(?:(?:was |is )?not (?:found|known|allowed|permitted|listed|authori[sz]ed|in (?:the )?\S{1,20} ?(?:database|file|list|allowusers))"
    r"|is (?:unknown|invalid|illegal)|does(?:n't| not) exist|(?:is |has been )(?:locked|disabled|expired|suspended))"
)
#: One word of a statement; a colon ends it.
_WORD = r"(?: [^\s;,]{0,63}[^\s;,:])"
#: A name of several words written as one: `LOGIN_FAILED`, `InvalidPassword`, `NT_STATUS_NO_SUCH_USER`, `AUTHFAIL`.
_GLUED = (
    r"(?:(?:log[io]n|sign_?in|auth(?:entication)?|pass(?:word|wd)?|credentials?|challenge_?response)_?(?:attempts?_?)?"
    r"(?:fail(?:ed|ures?)?|deny|invalid|incorrect|wrong|denied|rejected|mismatch|error)"
    r"|(?:invalid|wrong|bad|incorrect|failed|unknown|no_?such)_?(?:log[io]n|sign_?in|auth(?:entication)?|pass(?:word|wd)?|credentials?|account|user)"
    r"|(?:user|account|client|principal)_?(?:not_?found|unknown))"
)
#: A value that is such a name and no more; a key is none.
_VALUE = rf"[=:\[] ?\"?[A-Za-z_.-]{{0,40}}{_GLUED}[A-Za-z_-]{{0,24}}\"?(?:[,;\s}}\])]|$)"
#: What a record of pairs calls its message, and what it holds.
RECORD_MESSAGE = (
    r"(?i)\"(?:message|msg|reason|error)\" ?: ?\"((?:[^\"\\]|\\.){3,400})\"",
    r"(?i)\b(?:message|msg|reason|error)=\"([^\"]{3,400})\"",
)
#: In a record: a value that is the name of a failed login.
RECORD_VALUE = rf"(?i)({_VALUE})"
#: Words between the two; never over the end of a statement.
_GAP = r"[^;|]{0,64}"
FAILED = (
    rf"(?i)(?:\b|_){_LOGIN}(?:\b|_){_GAP}?(?:\b|_){_BAD}\b|\b{_BAD}\b[^;|]{{0,40}}?(?:\b|_){_LOGIN}(?:\b|_)"
    rf"|\b{_STRANGE}(?: or \w{{1,20}})? {_ANYBODY}\b|\b{_WHO}(?: [^\s;]{{0,63}}[^\s;:])? (?:{_STRANGE}|locked|disabled|expired)\b"
    rf"|\b{_WHO}{_WORD}{{0,4}}? {_NOBODY}\b|\b(?:can(?:no|')t|could not|unable to) (?:find|locate) (?:the )?{_WHO}\b"
    rf"|(?:^|[\s=:|\[(;\"'])[\w.-]{{0,40}}{_GLUED}\w{{0,24}}(?:$|[\s,;:|)\]\"'])"
    r"|\b(?:client|user|host|peer|access|account)(?: [^\s;,]{1,64}){0,4}? (?:denied|forbidden|refused|rejected|(?:is |was )?not (?:allowed|permitted))\b"
    r"|\b(?:can(?:no|')t|unable to|could not|failed to) (?:log ?[io]n|log on|sign in|authenticate)\b|\baccess[- ]reject(?:ed)?\b|\b(?:rejected|refused|denied) by (?:[^\s;,]{1,30} ){0,3}acl\b|\b(?:locked|disabled|expired|suspended)(?: out)? (?:user|account)\b"
    r"|\b(?:was|could) not (?:be )?authenticated\b|\bnot pass(?:ed)? (?:the )?(?:auth|login|password)|\b(?:wrong|invalid|incorrect|bad) pin\b"
    r"|\baccess to \S{1,200} (?:failed|denied|refused)\b|\bunknown algorithm\b"
    r"|type=USER_(?:AUTH|LOGIN|ERR)\b.{0,400}?\bres=(?:failed|0|no)\b|\bpreauth_?failed\b"
)
#: What says that nothing failed, or that the machine's own parts did: taken out before the words are looked for.
DENIED = (
    r"(?i)\bfail(?:ed|ures?)?[_ ]?(?:log[io]ns?|auth\w{0,12}|passwords?|attempts?)(?:_?(?:attempts|count))?\"?[=: ]{1,2}\"?0\b"
    r"|\b(?:0|no|zero|without|any) (?:\w{1,20} ){0,2}?(?:failures?|errors?|failed|attempts?)\b|\b(?:failed|failures?|errors?|invalid)[=: ]{1,2}0\b"
    r"|\bfailed to (?:load|open|read|parse|start|init\w*|connect|fetch|write|bind|resolve|save|create|update|send|get|find|reload|retrieve)\b"
    r"|\bauth(?:entication|orization)? (?:server|service|module|backend|database|daemon|header)s?\b|\bunknown (?:protocol|reason|error)\b"
    r"|\b(?:is |are )?not (?:authori[sz]ed|permitted|allowed) to (?:perform|call|invoke|execute|view|list|read|write|delete|create|modify|update)\b"
    r"|\bfailed[ _-](?:log[ _-]?[io]ns?|logons?|sign-?ins?|auth\w{0,12})[ _-](?:reports?|summar(?:y|ies)|count(?:er)?s?|statistics|metrics?|handlers?|pages?|audits?|protection|polic(?:y|ies))\b"
    r"|\bfailed[ _-](?:log[ _-]?[io]ns?|logons?|sign-?ins?|auth\w{0,12})[ _-](?:attempts? )?(?:thresholds?|limits?|settings?) (?:was |is |were |has been )?(?:set|changed|updated|configured|saved)\b"
    r"|\b(?:user|account|login|session)(?: \S{1,64})? (?:is |was )?not (?:found|present|yet) in (?:the |my |our )?(?:local |session |in-memory )?(?:cache|memory|index|store|snapshot|replica)\b"
    r"|\bconnection (?:refused|reset|closed)\b|\bnot? (?:required|needed)\b"
    r"|\b(?:invalid|unknown|illegal|wrong) (?:user|account|client|customer)[ _-](?:number|type|input|field|data|agent|preference|setting|role|group|status|state|currency)s?\b"
)
#: Whose login failed is told by the record of each try; this one tells of the connection.
BESIDE = r"^type=USER_LOGIN\b"
#: Who gave no name has not failed: the server asks for one.
_ASKED_FOR = ["authorization header", "empty username", "empty user name", "user ''", 'user ""', "no credentials", "missing credentials", "without credentials",
              "no user/password", "no username", "no user name", "credentials required", "authentication required", "no authorization"]  # fmt: skip
#: The name of a program before what it says.
SPEAKER = r"^[\w-]{0,30}login(?:\[\d+\])?: "
#: A connection that was given up before anybody had logged in.
PROBE = (
    r"(?i)\b(?:closed|reset|disconnect\w{0,4})\b.{0,80}\[preauth\]|\bbefore auth(?:entication|enticating)?\b|\bno (?:supported )?authentication methods\b|\bidentification string\b"
    r"|\bSSL_(?:do_handshake|accept|read)\b.{0,40}\bfailed\b|\b(?:SSL|TLS)(?: handshak\w{1,4}| connection)? (?:failed|failure|error)\b|\bpeer did not return a certificate\b"
    r"|\bunable to negotiate\b|\bbad packet length\b|\bconnection corrupted\b|\b(?:invalid|bad|illegal) handshake\b|\bkex_exchange_identification\b|\bno[nt]? \w{1,6} key exchange\b|\b(?:protocol (?:version )?identif\w{1,10})\b|\btried to use (?:disallowed|unsupported) \w{1,20} auth\b"
)
#: What no client of the protocol says that means well; of a peer that is known. One alone is nothing: they are counted.
NONSENSE = (
    r"(?i)\bpre-?greet(?:ing)?\b|\bprotocol synchroni[sz]ation error\b|\bsyntactically invalid\b|\bcommand pipelining\b|\bpast MaxStartups\b"
    r"|\btoo many (?:\w{1,20} (?:or )?){0,2}(?:syntax|protocol|unknown|invalid|unrecognized|non-?mail) (?:errors|commands)\b|\blost connection after AUTH\b"
    r"|\bFAIL: [\w-]{1,40} (?:address|libwrap|per_source_limit|load|time) from=|\bzone transfer \S{1,100} denied\b|\brefused axfr\b|\bratelimit block\b"
    r"|\bdid not issue \S{1,60} during connection\b|\binvalid (?:URI|method|protocol)(?: in request| path)\b|\bURI too long\b"
)
#: A server that turns a peer away before anything is asked of it, or refuses what only its own may ask for. Counted, too.
REFUSAL = (
    r"(?i)\b(?:den(?:ied|ying)|refus(?:ed|ing)|reject(?:ed|ing)|block(?:ed|ing)|dropp(?:ed|ing)) (?:[a-z]{1,20} ){0,2}?(?:session|client|host|peer)s?(?: attempt)? (?:from|by)\b"
    r"|\b(?:query|quer(?:y|ies)|recursion|update|transfer|relay(?:ing)?|notify)\b[^;|]{0,160}? (?:denied|refused|not (?:permitted|allowed))\b"
    r"|\b(?:refused|denied|rejected)\b[^;|]{1,80}? from (?:[a-z.-]{1,63} ?)?[\[(<]?(?:\d{1,3}\.){3}\d|\bconnection from [^;|]{1,60}? refused\b"
    r"|\b(?:blocked|listed|found) (?:using|by|in|at|on) [a-z0-9-]+(?:\.[a-z0-9-]+){1,6}\b"
)
#: Programs that let somebody become somebody else: what failed there is that.
SWITCHES = r"^(?:su|doas|runuser|sudo)$"
#: What such a program says first where it did not let somebody.
SWITCH_FAILED = r"(?i)^\W{0,4}(?:bad su|fail(?:ed|ure)?|denied|refused|rejected|incorrect)\b"
#: A request's path that is there to log in.
LOGIN_PATH = r"(?i)(?:^|[/_.-])(?:log[-_]?[io]n|sign[-_]?in|auth(?:enticate|entication|orize)?|sessions?|token|sso)(?:$|[/_.?-])"
_REFUSALS = [
    "denied",
    "denying",
    "refus",
    "reject",
    "block",
    "dropp",
    "not allowed",
    "not permitted",
    "listed ",
    "found ",
]
#: Turned away by a list of who may connect: the signature of refused access tells of it, and weighs more.
_BY_LIST = [f"{word} connect" for word in ("refused", "denied", "rejected")]
_NONSENSE = ["greet", "GREET", "synchroni", "syntactically", "pipelining", "MaxStartups", "too many", "lost connection after AUTH", "did not issue",
             "in request", "nvalid URI", "URI too long", "FAIL: ", "zone transfer", "refused axfr", "ratelimit block"]  # fmt: skip
_PROBES = [
    "preauth",
    "before auth",
    "authentication methods",
    "identif",
    "negotiate",
    "packet length",
    "corrupted",
    "handshake",
    "tried to use",
    "SSL",
    "TLS",
    "certificate",
]
#: Who says so has looked at the connection and found it harmless.
_HARMLESS = "no auth attempts"


def find_failed_login(texts: pl.Series, rows: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The words of each text in `rows` (a mask) that say so, null where none do; and which texts say that none failed."""
    wanted = rows & may_be_failed_login(texts)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    none = pl.Series([False]).new_from_index(0, len(texts))
    places = wanted.arg_true()
    if not len(places):
        return nothing, none
    some = take(texts, places)
    # `pop3-login: …`: the program that speaks, not a word of what it says
    some = some.str.replace(SPEAKER, "")
    plain = some.str.replace_all(DENIED, " ; ")
    words = plain.str.extract(f"({FAILED})", 1)
    denied = (plain != some) & words.is_null()
    return nothing.scatter(places, words), none.scatter(places, denied.fill_null(False))


def find_probe(texts: pl.Series, rows: pl.Series) -> pl.Series:
    """The words that say that a connection was given up before a login; null where none do."""
    return _search(texts, rows & may_be_probe(texts), PROBE)


def may_be_failed_login(texts: pl.Series) -> pl.Series:
    """Without asking an expression: whether the words are there that each failed login has one of."""
    about = texts.str.contains_any(_ABOUT, ascii_case_insensitive=True)
    about &= ~is_asked_for_name(texts)
    return (about & texts.str.contains_any(_FAILS, ascii_case_insensitive=True)).fill_null(False)


def is_asked_for_name(texts: pl.Series) -> pl.Series:
    """Whether a text says that nobody gave a name yet: the server asks for one, nothing has failed."""
    return texts.str.contains_any(_ASKED_FOR, ascii_case_insensitive=True).fill_null(False)


def may_be_probe(texts: pl.Series) -> pl.Series:
    """The same of a connection that was given up."""
    harmless = texts.str.contains(_HARMLESS, literal=True)
    return (texts.str.contains_any(_PROBES) & ~harmless).fill_null(False)


def may_be_nonsense(texts: pl.Series) -> pl.Series:
    """The same of what no client says that means well."""
    return texts.str.contains_any(_NONSENSE).fill_null(False)


def may_be_refusal(texts: pl.Series) -> pl.Series:
    """The same of a peer that was turned away."""
    said = texts.str.contains_any(_REFUSALS, ascii_case_insensitive=True)
    return (said & ~texts.str.contains_any(_BY_LIST, ascii_case_insensitive=True)).fill_null(False)


def _search(texts: pl.Series, rows: pl.Series, pattern: str) -> pl.Series:
    found = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    places = rows.arg_true()
    return found.scatter(places, take(texts, places).str.extract(f"({pattern})", 1)) if len(places) else found
