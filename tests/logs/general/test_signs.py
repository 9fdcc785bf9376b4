"""Whether the sender of a record says that it detected something: by the words of its keys and values."""

from __future__ import annotations

from soc.logs.general.deeds.deeds import DEED, read_deed
from soc.logs.general.extensions import cef_pairs, key_value_pairs
from soc.logs.general.pairs import pairs_of
from soc.logs.general.sender.scales import gravity_of
from soc.logs.general.sender.signs import DETECTION, GRAVITY, KIND, read_signs


def signs(record: object) -> dict[str, str]:
    if isinstance(record, str):
        found = cef_pairs(record) if record.startswith("CEF") else key_value_pairs(record)
        assert found is not None
        return dict(read_signs(*found))
    return dict(read_signs(*pairs_of(record)))


def test_a_detection_is_told_by_a_key_a_positive_value_and_a_severity_or_a_second_sign() -> None:
    detections: list[object] = [
        {"eventType": "ThreatDetected", "severity": "High", "threatName": "Trojan.Gen", "host": "ws4"},
        {"type": "alert", "rule": {"title": "Odd parent of a shell"}, "severity": "medium"},
        {"finding": {"title": "Open port to the world"}, "severity": "CRITICAL", "status": "OPEN"},
        {"alert": "yes", "user": "eve@example.com", "activity": "Upload"},
        {"detection": {"name": "Credential theft", "mitre": {"technique": "T1003"}}, "device": "ws4"},
        {"timestamp": 1, "attack_family": "SQL injection", "verb": "GET"},
        {
            "eventType": "MobileDetectionEvent",
            "UserName": "user1",
            "Tactic": "Insecure posture",
            "Severity": "low",
        },
        {
            "activitytype": "19",
            "primarydescription": "Threat suspicious detected: a.exe",
            "data": {"threatclassification": "Trojan", "confidencelevel": "suspicious"},
        },
        {"user": "bob", "ip": "192.0.2.4", "enrichment": {"scanners": {"classification": "malicious"}}},
        {"user": "bob", "ip": "192.0.2.4", "is_tor": True},
        "CEF:0|Maker|Shield|1.0|77|Malware blocked|8|src=192.0.2.4 act=blocked",
        {
            "alert_name": "Ransomware on file server: disk usage above 90 %",
            "severity": "critical",
            "host": "fs1",
        },
        {
            "action": "Scan blocked",
            "threatName": "Port scan detected",
            "severity": "high",
            "source": "192.0.2.4",
        },
        {
            "type": "mail",
            "action": "quarantined",
            "from": "eve@example.com",
            "to": "bob@example.com",
            "subject": "Offer",
            "virus": "Trojan.Gen",
        },
        'date=2026-03-01 type="utm" subtype="virus" level="warning" msg="File is infected." virus="EICAR_TEST_FILE" action="blocked"',
        # what it calls its connection does not make a threat a record of its own
        {
            "event_type": "Threat_Event",
            "severity": "Warning",
            "threat_name": "JS/Agent",
            "action_taken": "connection terminated",
        },
        # what an attacker is after, as a category; what is done with malware alone
        "CEF:0|Maker|Watch|6.1|tunnel|Hidden HTTPS Tunnel|7|cat=COMMAND & CONTROL src=192.0.2.4 dst=203.0.113.9",
        "CEF:0|Maker|Shield|2019|AV:File quarantined|JS_EXPLOIT.SMDN|3|act=File quarantined dhost=ws4",
        {"stage": "lateral movement", "title": "Remote service creation", "severity": {"name": "high"}},
        {"name": "Cryptomining", "confidence": 90, "kill_chain": "actions", "host": "192.0.2.4"},
        # how grave it is beneath the severity; what it is in a list of kinds
        {"Types": ["TTPs/Initial Access"], "Title": "Port 22 is being probed", "Severity": {"Label": "HIGH"}},
        {"riskEventType": "unfamiliarFeatures", "riskState": "atRisk", "user": "eve"},
        # what points to a detection stands in a record of one
        {"breachUrl": "https://watch.example/1", "model": {"name": "Anomalous logins"}, "device": "ws4"},
    ]
    assert [one for one in detections if signs(one).get(KIND) != "alert"] == []


def test_audits_heartbeats_settings_and_negative_values_are_no_detections() -> None:
    ordinary: list[object] = [
        {
            "dns": {"question": {"name": "malware.test.example"}},
            "action": "Allowed",
            "categories": "Software",
        },
        {"event": "viewed", "alert_id": "77", "by": "ann"},
        {"stage": "ResponseComplete", "verb": "list", "severity": "high"},
        {"threatId": 0, "threatName": "", "action": "allow", "app": "ssl"},
        {"operation": "sign-in", "riskState": "none", "riskEventTypes": [], "severity": "low"},
        {"eventType": "PolicyUpdate", "severity": "High", "policy": "threat prevention"},
        {"type": "heartbeat", "agent": "ws4", "threats": 0, "infected": False},
        {"category": "Audit", "operation": "alert rule created", "severity": "info", "user": "bob"},
        {"type": "scan finished", "malware": "none", "threat_count": 3, "detectionEngineVersion": "4.2"},
        {"event": "login", "user": "bob", "result": "success", "severity": "low"},
        {"verdict": "clean", "file": "a.pdf", "sha256": "0" * 64},
        {
            "user": "bob",
            "ip": "192.0.2.4",
            "is_tor": False,
            "reputation": "trusted",
            "classification": "internal",
        },
        "CEF:0|Maker|Vault|1.0|7|Retrieve password|5|suser=bob act=Retrieve",
        "CEF:0|Maker|Mail|1.0|7|Consolidated event|5|suser=bob@example.com dkimVerdict=pass msg=Phishing training for all",
        {
            "type": "mail",
            "recipient": "bob@example.com",
            "subject": "Ransomware attack: what to do",
            "severity": "medium",
        },
        {
            "detectedName": "dlp - plan.xlsx",
            "labeledName": "dlp - plan.xlsx",
            "detectedExt": "XLSX",
            "detectedMime": "application/x",
        },
        {"name": "pack_incident-response_shell_history", "action": "added", "severity": "high"},
        {
            "type": "write",
            "process_signature": "Maker Ltd",
            "threat": "4de10a349d006433d690133f98aa368b",
            "user": "bob",
        },
        "CEF:0|Maker|Gate|1.0|TRAFFIC|Upload|9|src=192.0.2.4 act=alert",
        {"type": "activity", "category": "Detections", "severity": "INFO", "state": "NEW", "user": "bob"},
        {"category": "threat-logs", "action": "allow", "rule": "Allow VPN", "src": "192.0.2.4"},
        # how a machine does, a look for malware, care for an alert told before, spam
        {"alert_name": "CPU usage above 90%", "severity": "critical", "host": "web1", "state": "firing"},
        {"incidentType": "Storage almost full", "severity": "High", "host": "nas1", "status": "open"},
        'id=firewall pri=5 logtype="alarm" msg="Interface eth3 down" alarmid=12 class=system',
        {"eventName": "Scan completed", "endpoint": "ws4", "infected": 0, "scanType": "Full malware scan"},
        {"action": "Alert acknowledged", "user": "bob", "alert": "4711", "priority": "P3"},
        {"action": "Comment added to incident", "user": "bob", "incident": "INC-44"},
        {
            "riskType": "unfamiliarFeatures",
            "operation": "User Risk Detection",
            "riskState": "dismissed",
            "detection": "realtime",
        },
        {
            "type": "mail",
            "action": "quarantined",
            "from": "eve@example.com",
            "to": "bob@example.com",
            "subject": "Offer",
            "virus": "none",
        },
    ]
    assert [one for one in ordinary if signs(one).get(KIND) == "alert"] == []


def test_a_record_in_ecs_own_words_is_what_it_calls_itself() -> None:
    assert (
        signs({"event": {"kind": "event"}, "threat": {"name": "Emotet"}, "severity": "high"})[KIND] == "event"
    )
    assert signs({"event.kind": "alert", "rule.name": "Odd login"})[KIND] == "alert"


def test_a_rule_that_fired_with_its_priority_and_what_it_puts_out_is_a_detection() -> None:
    fired = {"rule": "Shell in a container", "priority": "Critical", "output": "sh ran as root"}
    assert signs(fired) == {KIND: "alert", DETECTION: "Shell in a container", GRAVITY: "critical"}
    assert KIND not in signs({name: value for name, value in fired.items() if name != "output"})


def test_the_detection_is_a_value_that_stands_in_the_record() -> None:
    found = signs({"eventType": "IntrusionAlert", "severity": "high", "status": "new"})
    assert found == {KIND: "alert", DETECTION: "IntrusionAlert", GRAVITY: "high"}


def test_a_number_is_a_severity_only_where_its_scale_is_known() -> None:
    assert gravity_of("9") == gravity_of("very odd") == ""
    assert [gravity_of(number, "cef") for number in ("0", "3", "5", "8", "10")] == [
        "informational", "low", "medium", "high", "critical",
    ]  # fmt: skip
    assert [gravity_of(number, "suricata") for number in ("1", "2", "3", "9", "1.5")] == [
        "high",
        "medium",
        "low",
        "",
        "",
    ]
    assert gravity_of("Very High") == "critical"
    assert gravity_of("SEVERITY_LOW") == "low"
    assert GRAVITY not in signs({"severity": 8, "alert": "yes"})
    assert (
        signs({"event_type": "alert", "alert": {"severity": 1, "signature_id": 7, "signature": "x"}})[GRAVITY]
        == "high"
    )


def test_a_services_own_account_that_comes_with_a_tool_of_people_is_in_somebodys_hands() -> None:
    def deed(agent: str) -> str:
        record = {
            "verb": "list", "auditID": "7", "user": {"username": "system:serviceaccount:shop:web"}, "userAgent": agent,
            "objectRef": {"resource": "secrets"},
        }  # fmt: skip
        return read_deed(*pairs_of(record))[DEED]

    assert deed("kube-controller-manager/v1.30") == "kubernetes\tlist secrets\tservice"
    assert deed("curl/8.5.0") == deed("kubectl/v1.30.2") == "kubernetes\tlist secrets\t"
