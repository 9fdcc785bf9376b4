"""Firewalls of many makers say in many ways that they refused a connection: thirty ports of one address are a scan in all of them."""

from __future__ import annotations

from pathlib import Path

from soc.settings import Settings
from tests.detection.logs import analyse

REFUSED = (
    "fw kernel: IPTABLES-DROP: IN=eth0 OUT= MAC=00 SRC={a} DST=192.0.2.10 LEN=40 PROTO=TCP SPT=40001 DPT={p} SYN",
    "fw kernel: net-fw:DROP:IN=eth0 OUT= SRC={a} DST=192.0.2.10 LEN=40 PROTO=TCP SPT=40001 DPT={p} SYN",
    "fw kernel: nft-drop IN=eth0 OUT= SRC={a} DST=192.0.2.10 LEN=44 PROTO=TCP SPT=40001 DPT={p} SYN URGP=0",
    "h1 kernel: FINAL_REJECT: IN=ens3 OUT= SRC={a} DST=192.0.2.10 LEN=44 PROTO=TCP SPT=40001 DPT={p} SYN",
    "h1 kernel: Firewall: *TCP_IN Blocked* IN=eth0 OUT= SRC={a} DST=192.0.2.10 PROTO=TCP SPT=40001 DPT={p} SYN",
    "gw filterlog[812]: 5,,,103,igb0,match,block,in,4,0x0,,51,1,0,none,6,tcp,44,{a},192.0.2.10,40001,{p},0,S,123,,1024,,mss",
    "gw pf: rule 3/0(match): block in on em0: {a}.40001 > 192.0.2.10.{p}: S 1:1(0) win 1024",
    "gw kernel: ipfw: 65500 Deny TCP {a}:40001 192.0.2.10:{p} in via em0",
    "r1 77: %SEC-6-IPACCESSLOGP: list 101 denied tcp {a}(40001) -> 192.0.2.10({p}), 1 packet",
    "mt firewall,info drop-in: in:ether1 out:(unknown 0), proto TCP (SYN), {a}:40001->192.0.2.10:{p}, len 44",
    "srx RT_FLOW: RT_FLOW_SESSION_DENY: session denied {a}/40001->192.0.2.10/{p} junos-tcp 6(0) deny-all untrust trust",
    'fw1 id=firewall sn=00 fw=192.0.2.1 pri=5 msg="TCP connection dropped" n=9 src={a}:40001:X1 dst=192.0.2.10:{p}:X0',
    'fw1 type="traffic" srcip={a} srcport=40001 dstip=192.0.2.10 dstport={p} proto=6 action="deny" policyid=0',
)
LET_THROUGH = (
    "fw kernel: ACCEPT IN=eth0 OUT= MAC=00 SRC={a} DST=192.0.2.10 LEN=40 PROTO=TCP SPT=40001 DPT={p} SYN",
    "gw filterlog[812]: 5,,,103,igb0,match,pass,in,4,0x0,,51,1,0,none,6,tcp,44,{a},192.0.2.10,40001,{p},0,S,123,,1024,,mss",
    "gw pf: rule 3/0(match): pass in on em0: {a}.40001 > 192.0.2.10.{p}: S 1:1(0) win 1024",
    'fw1 type="traffic" srcip={a} srcport=40001 dstip=192.0.2.10 dstport={p} proto=6 action="accept" policyid=4',
)


def _log() -> str:
    lines = []
    for number, form in enumerate((*REFUSED, *LET_THROUGH)):
        for minute in range(30):
            said = form.format(a=f"203.0.113.{number + 1}", p=20 + 97 * minute)
            lines.append(f"Mar  1 02:{minute:02d}:{number:02d} {said}\n")
    return "".join(lines)


def test_thirty_refused_ports_are_a_scan_whoever_refused_them_and_as_many_open_ones_are_none(
    tmp_path: Path, settings: Settings
) -> None:
    found = analyse(_log(), tmp_path, settings).incidents
    scans = {one.entity for one in found if one.rule_id == "scan.ports"}
    refused = {f"203.0.113.{number + 1}": form for number, form in enumerate(REFUSED)}
    assert {refused[one] for one in refused.keys() - scans} == set()
    assert scans - refused.keys() == set()
