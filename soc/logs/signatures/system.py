"""Signatures of failing systems, resources, workflows and ordinary life; context words and vetoes."""

from __future__ import annotations

from soc.domain.classification import Classification as C
from soc.logs.signatures.model import ContextWord, Veto
from soc.logs.signatures.model import Signature as S

CRITICAL, ERROR, NOTE, USAGE = C.CRITICAL_ERROR, C.ERROR, C.SYSTEM_NOTIFICATION, C.RESOURCE_USAGE
FLOW, OLD = C.WORKFLOW_ERROR, C.DEPRECATION_WARNING

_DB = r"(?:database|db|postgres(?:ql)?|mysql|mariadb|oracle|mongo(?:db)?|redis|sql server|cassandra|jdbc)"

SYSTEM: tuple[S, ...] = (
    S(
        "sys.kernel-panic", "Kernel panic", r"\b(?:kernel panic|fatal exception in interrupt|unable to handle kernel|kernel bug at|general protection fault|blue ?screen|bugcheck|machine check (?:exception|events?))\b", CRITICAL, 9, 0.95,
        ("Kernel panic - not syncing: Fatal exception", "BUG: unable to handle kernel NULL pointer"), ("kernel loaded",),
    ),
    S(
        "sys.oom", "Out of memory", r"\b(?:out of memory|oom-?kill(?:er|ed)?|invoked oom|cannot allocate memory|outofmemory(?:error|exception)|java heap space|memory exhausted)\b", CRITICAL, 8, 0.9,
        ("Out of memory: Killed process 71 (java)", "java.lang.OutOfMemoryError: Java heap space"), ("zoom killed the mood",),
    ),
    S(
        "sys.db-down", "Database unreachable", r"\b" + _DB + r"\b.{0,60}?\b(?:connection (?:\S{1,20} )?(?:failed|refused|lost|timed? ?out|reset|error|closed unexpectedly|pool exhausted|failure)|unreachable|unavailable|is down|not responding|timed? ?out|cannot connect|too many connections)\b|\b(?:failed|unable|cannot|could not|can't) (?:to )?connect to (?:the )?(?:\S{1,20} )?" + _DB + r"\b|too many (?:clients already|connections)\b|connection pool (?:is )?exhausted\b", CRITICAL, 7, 0.9,
        ("Database connection failed: timeout", "could not connect to postgres at db1:5432", "FATAL: sorry, too many clients already"), ("database opened",),
    ),
    S(
        "sys.db-error", "Database error", r"\b(?:deadlock (?:found|detected)|lock wait timeout|(?:table|index|database|page) (?:is )?corrupt(?:ed)?|marked as crashed|duplicate entry '|checkpoint(?:s|er)? (?:failed|are occurring too)|replication (?:lag|error|stopped|broken)|sqlstate\[?\s?\w{5}|constraint violation|ora-\d{5})\b", ERROR, 6, 0.85,
        ("ERROR: deadlock detected", "Table './x' is marked as crashed", "ORA-00600 internal error"), ("database tuned",),
    ),
    S(
        "sys.data-loss", "Data lost or corrupt", r"\b(?:data (?:loss|corruption)|filesystem (?:is )?corrupt(?:ed|ion)?|journal (?:has )?aborted|corrupt(?:ed)? (?:block|file|page|data|superblock)|raid (?:array )?(?:degraded|failed|failure)|uncorrectable (?:error|sector)|i/o error|remount(?:ed|ing) (?:filesystem )?read-only|ext4-fs error|bad sector|medium error|smart (?:error|failure))\b", CRITICAL, 8, 0.9,
        ("EXT4-fs error (device sda1): ext4_find_entry", "RAID array degraded", "Buffer I/O error on dev sdb"), ("journal rotated",),
    ),
    S(
        "sys.disk-full", "Disk full", r"\b(?:no space left on device|disk (?:is )?full|filesystem (?:is )?full|(?:out of|low) disk space|disk space (?:is )?(?:low|critical|exhausted)|enospc|disk quota exceeded|inode(?:s)? exhausted)\b", USAGE, 8, 0.95,
        ("write /var/lib/a: No space left on device", "low disk space on /var"), ("disk added",),
    ),
    S(
        "sys.usage-high", "Resource nearly used up", r"\b(?:cpu|memory|mem|ram|disk|swap|heap|storage|inode|filesystem|load|utili[sz]ation)\b.{0,24}?\b(?:9\d|9\d\.\d{1,2}|100) ?(?:%|percent)", USAGE, 7, 0.9,
        ("CPU usage at 97%", "disk /var utilization is 100 %"), ("CPU usage at 12%", "completed 100%"),
    ),
    S(
        "sys.usage-raised", "Resource use is high", r"\b(?:cpu|memory|mem|ram|disk|swap|heap|storage|inode|filesystem|load|utili[sz]ation)\b.{0,24}?\b8\d(?:\.\d{1,2})? ?(?:%|percent)", USAGE, 5, 0.9,
        ("memory usage 84% on web2",), ("memory usage 14%",),
    ),
    S(
        "sys.usage", "Resource use", r"\b(?:cpu|memory|mem|ram|disk|swap|heap|storage|filesystem)\b.{0,30}?\b(?:usage|used|utili[sz]ation|consumption|free|available|load)\b.{0,20}?\d ?(?:%|percent|[kmgt]i?b)\b", USAGE, 2, 0.85,
        ("Memory usage is 412 MB", "disk used: 40 GB"), ("memory of the war",),
    ),
    S(
        "sys.usage-percent", "Resource use", r"\b(?:cpu|memory|mem|ram|disk|swap|heap|storage|filesystem)\b.{0,16}?\b[1-7]?\d ?%", USAGE, 2, 0.85,
        ("CPU 12%", "disk usage 40%"), ("CPU 97%", "score 12%"),
    ),
    S(
        "sys.crash", "Process crashed", r"\b(?:segfault at|segmentation fault|core dumped|process \S{1,60} (?:crashed|died)|(?:service|daemon|application|server|worker|container|pod)\b.{0,40}?\b(?:crash(?:ed|loopbackoff)?|died unexpectedly|exited unexpectedly|terminated unexpectedly)|crashloopbackoff|unhandled exception|uncaught exception|panic: |exited with (?:status|code) (?:[1-9]\d{0,2})\b|killed by signal|exit signal (?:segmentation|abort)|watchdog: bug|soft lockup)", CRITICAL, 7, 0.9,
        ("nginx[4]: segfault at 0 ip 0000", "panic: runtime error: index out of range", "worker 4 died unexpectedly"), ("exited with status 0",),
    ),
    S(
        "sys.hardware", "Hardware trouble", r"\b(?:temperature above threshold|over ?temperature|overheat(?:ed|ing)?|thermal (?:throttl|shutdown|trip)\w{0,8}|fan (?:failure|failed)|power supply (?:failure|failed|lost)|ecc error|(?:hardware|memory|parity|cache) error\b|link (?:is )?down|nic link is down|ups on battery)", CRITICAL, 7, 0.8,
        ("CPU3: Core temperature above threshold", "eth0: NIC Link is Down", "data cache parity error"), ("temperature normal",),
    ),
    S(
        "sys.service-failed", "Service failed", r"\b(?:failed to start|entered failed state|start request repeated too quickly|service (?:\S{1,60} )?(?:failed|is down|unavailable|not running|stopped responding)|unit \S{1,80} failed|main process exited, code=exited, status=[1-9]|failed with result|health ?check (?:failed|failing)|liveness probe failed|readiness probe failed|(?:server|host|node|cluster|instance|backend) (?:\S{1,40} )?(?:is )?(?:down|unreachable|not responding|unavailable|offline))\b", ERROR, 6, 0.9,
        ("systemd[1]: Failed to start nginx.service", "Readiness probe failed: HTTP 503", "backend web2 is down"), ("service started",),
    ),
    S(
        "sys.certificate", "Certificate trouble", r"\b(?:certificate (?:\S{1,60} )?(?:has )?(?:expired|is expired|verify failed|revoked|invalid|not trusted|mismatch|validation failed)|(?:ssl|tls) (?:handshake )?(?:error|failure|failed)|handshake (?:failed|failure)|x509: \S|self[- ]signed certificate|unable to verify the first certificate|certificate verify failed)", ERROR, 5, 0.85,
        ("x509: certificate has expired", "TLS handshake failed with 192.0.2.4"), ("certificate renewed",),
    ),
    S(
        "sys.certificate-soon", "Certificate expires soon", r"\bcertificate\b.{0,60}?\b(?:expires in|will expire|expiring|about to expire)\b", NOTE, 4, 0.9,
        ("certificate for shop.example expires in 7 days",), ("certificate issued",),
    ),
    S(
        "sys.network", "Connection trouble", r"\b(?:connection (?:refused|reset by peer|timed? ?out|aborted|lost|broken)|no route to host|network (?:is )?unreachable|host (?:is )?unreachable|broken pipe|socket (?:timeout|error|hang up)|econn(?:refused|reset)|etimedout|read timed out|request timed out|gateway time-?out|upstream timed out|name or service not known|temporary failure in name resolution|dns (?:lookup|resolution) failed|deadline exceeded)\b", ERROR, 5, 0.85,
        ("connect() failed (111: Connection refused) while connecting to upstream", "read timed out after 30 s"), ("connection accepted",),
    ),
    S(
        "flow.failed", "Workflow failed", r"\b(?:workflow|job|pipeline|playbook|task|step|stage|build|deploy(?:ment)?|backup|batch|cron ?job|dag|etl|migration|sync|release|rollout|runner|orchestration|import|export)\b.{0,50}?\b(?:failed|failure|aborted|errored|timed out|was cancelled|did not complete|incomplete|stuck|unsuccessful)\b", FLOW, 6, 0.85,
        ("Workflow nightly-etl failed at step 3", "Pipeline 81 aborted", "backup of db1 did not complete"), ("Workflow finished", "job: failed=0"),
    ),
    S(
        "flow.fatal-task", "Workflow failed", r"\b(?:fatal: \[[^\]\n]{1,80}\]: (?:failed|unreachable)|failed to (?:execute|run|complete|finish|deploy|build|process|schedule)\b|failed=[1-9]|unreachable=[1-9]|retries exhausted|max(?:imum)? retries (?:exceeded|reached)|rollback (?:initiated|triggered)|error: action failed)", FLOW, 6, 0.85,
        ("fatal: [web1]: FAILED! => {}", "web1 : ok=4 changed=0 unreachable=0 failed=2"), ("web1 : ok=4 failed=0",),
    ),
    S(
        "old.deprecated", "Deprecated", r"\b(?:deprecat(?:ed|ion|ionwarning)|will be removed in|is obsolete|end[- ]of[- ]life|no longer supported|legacy api)\b", OLD, 3, 0.95,
        ("DeprecationWarning: use b() instead", "option x is deprecated and will be removed in 3.0"), ("depreciation of assets",),
    ),
    S(
        "sys.exception", "Exception", r"\b(?:traceback \(most recent call last\)|stack ?trace|[a-z]{2,60}exception\b|exception in thread|(?:type|value|key|attribute|index|runtime|assertion|import|io|os|syntax|reference|name)error: |caused by: |nullpointerexception|php (?:fatal error|parse error))", ERROR, 5, 0.8,
        ("Traceback (most recent call last):", "java.io.IOException: Broken stream", "PHP Fatal error: Uncaught"), ("exceptional service",),
    ),
    S(
        "level.emergency", "Emergency", r"\b(?:EMERG(?:ENCY)?|PANIC)\b[\]:> |]|\b(?:level|severity|lvl)[\"']?\s?[=:]\s?[\"']?(?:emerg|emergency|panic)\b", CRITICAL, 8, 0.8,
        ("EMERGENCY: cooling lost", "level=panic msg=stop"), ("the emergency exit",), caseless=False,
    ),
    S(
        "level.critical", "Critical error", r"\b(?:CRITICAL|FATAL|CRIT|Critical|Fatal)\b|\b(?:level|severity|lvl)[\"']?\s?[=:]\s?[\"']?(?:critical|fatal|crit|alert)\b|\[(?:crit|alert|emerg|fatal|critical)\]|:(?:crit|alert|emerg)\]|\bfatal error\b", CRITICAL, 7, 0.7,
        ("CRITICAL: pump stopped", "level=fatal msg=x", "[crit] 44#0: open() failed", "RAS KERNEL FATAL data storage interrupt"), ("a critical look", "FATALITY"), caseless=False,
    ),
    S(
        "level.error", "Error", r"\b(?:ERROR|SEVERE|ERR)\b|\b(?:level|severity|lvl)[\"']?\s?[=:]\s?[\"']?(?:error|err|ERROR|Error)\b|\[(?:error|err|Error)\]|:error\]|\bError: |\berror: ", ERROR, 5, 0.7,
        ("ERROR could not render", "level=error msg=x", "[error] mod_jk child in state 6"), ("error-free day", "errors: 0"), caseless=False,
    ),
    S(
        "word.failed", "Something failed", r"\b(?:failed|failure|failures|fails|failing|unable to|cannot|can't|could not|couldn't|errors?|errored|abort(?:ed|ing)|denied|rejected|not found|missing|corrupt(?:ed)?|timed? ?out|timeout|invalid|unexpected(?:ly)?|broken)\b", ERROR, 4, 0.55,
        ("could not open the door", "request rejected"), ("failed=0", "all good"),
    ),
    S(
        "level.warning", "Warning", r"\b(?:WARN|WARNING|Warning)\b|\b(?:level|severity|lvl)[\"']?\s?[=:]\s?[\"']?warn(?:ing)?\b|\[warn(?:ing)?\]|:warn\]|\bwarning: ", NOTE, 3, 0.75,
        ("WARN slow request", "[warn] child did not exit", "level=warning"), ("forewarned",), caseless=False,
    ),
    S(
        "note.lifecycle", "Started, stopped or changed", r"\b(?:start(?:ed|ing|up)|stopp(?:ed|ing)|restart(?:ed|ing)?|reload(?:ed|ing)|shut(?:ting)? ?down|initiali[sz](?:ed|ing)|boot(?:ed|ing)|mounted|unmounted|listening on|configured|configuration (?:changed|loaded)|enabled|disabled|installed|upgraded|updated|registered|activated|synchroni[sz]ed|completed|finished|succeeded|succeeded|success(?:ful(?:ly)?)?|connected|terminating|closing|opened|closed|rotated|heartbeat|ready)\b", NOTE, 2, 0.75,
        ("INFO service billing started", "Server listening on 0.0.0.0 port 22."), ("the weather is fine",),
    ),
    S(
        "level.info", "Information", r"\b(?:INFO|NOTICE|DEBUG|TRACE|Info)\b|\b(?:level|severity|lvl)[\"']?\s?[=:]\s?[\"']?(?:info|notice|debug|trace|information)\b|\[(?:info|notice|debug|trace)\]|:(?:info|notice|debug)\]", NOTE, 1, 0.7,
        ("INFO cache warmed", "[notice] workerEnv.init() ok"), ("information desk",), caseless=False,
    ),
)

_SERIOUS = frozenset({C.SECURITY_ALERT, C.CRITICAL_ERROR, C.ERROR, C.WORKFLOW_ERROR, C.RESOURCE_USAGE})

CONTEXT: tuple[ContextWord, ...] = (
    ContextWord("context.critical", "the line calls itself critical", r"\b(?:CRITICAL|FATAL|EMERGENCY|EMERG)\b|\b(?:level|severity)[\"']?\s?[=:]\s?[\"']?(?:critical|fatal|emerg)\b", 1, "level", _SERIOUS, False),
    ContextWord("context.root", "it concerns root or an administrator", r"\b(?:root|administrator|sysadmin|superuser|domain admin)\b", 1, "privilege", frozenset({C.SECURITY_ALERT})),
    ContextWord("context.success", "the attack is said to have succeeded", r"\b(?:attack|exploit|breach|intrusion|injection|infection)\b.{0,20}?\b(?:succeeded|successful)\b", 1, "outcome", frozenset({C.SECURITY_ALERT})),
    ContextWord("context.blocked", "it is said to have been stopped", r"\b(?:quarantined|was blocked|blocked by|successfully removed|has been cleaned|prevented)\b", -1, "outcome", frozenset({C.SECURITY_ALERT})),
    ContextWord("context.example", "it speaks of a test", r"\b(?:eicar|test alert|drill|simulated|this is a test)\b", -2, "test", frozenset({C.SECURITY_ALERT})),
)

VETOES: tuple[Veto, ...] = (
    Veto("veto.zero-after", r"\b(?:errors?|fail(?:ed|ures?|s)?|rejected|denied|timeouts?|warnings?|aborted|missing|invalid|unreachable|corrupt(?:ed)?|fatal|critical|vulnerabilities|viruses|threats?|infected files)[\"']?\s?[=:]\s?[\"']?(?:0|none|null|false|no|nil|\[\]|\"\")\b"),
    Veto("veto.none-before", r"(?:^|[ \t\[(,;:.|-])(?:no|0|zero|without(?: any)?|not any|never|none)(?: \w{1,12})? (?:authentication )?(?:errors?|failures?|failed|fails|warnings?|timeouts?|problems?|issues?|exceptions?|malware|virus(?:es)?|threats?|attacks?|intrusions?|suspicious activity|rootkit|vulnerabilities|missing|corrupt(?:ed|ion)?|breach)\b"),
    Veto("veto.error-name", r"\b(?:error|fail(?:ed|ure)?|warn(?:ing)?)[_.-](?:log|page|handler|count|code|rate|reporting|doc|documents?|free|safe|over)\b|/(?:error|errors|failed|warning|critical|info|debug)\b(?:\.html|\.php|\.log|/|\?| )"),
    Veto("veto.success-state", r"\b(?:error|err)[\"']?\s?[=:]\s?[\"']?(?:success|ok)\b"),
)
