"""Body templates: they read the payload, and can do nothing else."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from soc.errors import ConfigurationError, PermanentDeliveryError
from soc.integrations.registry import InvalidConfiguration, connect, validate
from soc.integrations.vendors.webhook import preview_template
from tests.integrations.examples import ALERT, an_incident, called, sent_json

DATA = {"url": "https://receiver.example/hook"}
CHAT = """{
  "text": {{ ("[" ~ incident_data.severity | upper ~ "] " ~ incident_data.title) | tojson }},
  "fields": [{% for service in incident_data.affected_services %}{{ service | tojson }}{% if not loop.last %}, {% endif %}{% endfor %}],
  {% if custom_details.score > 8 %}"urgent": true,{% endif %}
  "missing": {{ custom_details.nothing | default("") | tojson }}
}"""


def test_a_template_makes_another_body_from_a_real_incident() -> None:
    assert json.loads(preview_template(CHAT, an_incident())) == {
        "text": "[CRITICAL] Multiple failed root login attempts",
        "fields": ["SecuritySystem"],
        "urgent": True,
        "missing": "",
    }


def test_what_is_previewed_is_what_is_sent() -> None:
    seen: list[httpx.Request] = []
    client = httpx.Client(transport=httpx.MockTransport(lambda r: seen.append(r) or httpx.Response(200)))
    connect("webhook", validate("webhook", {**DATA, "template": CHAT}), http=client).deliver(
        ALERT, delivery_id="d"
    )
    assert sent_json(seen[0]) == json.loads(preview_template(CHAT, ALERT.incident))


def test_hostile_text_cannot_break_out_of_its_json_value() -> None:
    hostile = '", "admin": true, "x": "{{ 7 }}\n\x00'
    made = json.loads(
        preview_template('{"t": {{ incident_data.title | tojson }}}', an_incident(title=hostile))
    )
    assert list(made) == ["t"]
    assert "{{ 7 }}" in made["t"]


ESCAPES = [
    '{{ "".__class__.__mro__ }}',
    "{{ incident_data.__class__ }}",
    '{{ incident_data["__class__"] }}',
    '{{ incident_data | attr("__class__") }}',
    "{{ self._TemplateReference__context }}",
    "{{ self }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ range(10) }}",
    "{{ incident_data.items() }}",
    "{{ incident_data.title.format }}",
    '{{ "%s" | format(incident_data) }}',
    '{{ ["upper"] | map("upper") | list }}',
    '{% include "x" %}',
    '{% import "x" as x %}',
    '{% extends "x" %}',
    "{% set x = 1 %}1",
    "{% macro a() %}{% endmacro %}1",
    "{% block a %}{% endblock %}1",
    "{{ _tick() }}",
    "{{ _joined }}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
]
BOMBS = [
    '{{ "x" * 999999999 }}',
    "{{ 9 ** 9 ** 9 }}",
    '{{ "x" | indent(999999999) }}',
    '{{ "x" | center(999999999) }}',
    "{{ 1.5 | round(999999999) }}",
    "{% for a in incident_data.description %}" * 6 + "{% endfor %}" * 6 + "1",
    "{% for a in incident_data.description %}" * 2 + "{{ incident_data.description }}" + "{% endfor %}" * 2,
    "{{ " + "~".join(["incident_data.description"] * 700) + " | tojson }}",
    "{{ [" + ",".join(["incident_data"] * 1300) + "] | tojson }}",
    "{{ [" + ",".join(["incident_data"] * 1300) + '] | join("") | tojson }}',
    "{{ " + "+".join(["incident_data.description"] * 700) + " | tojson }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "9" * 19_000 + " }}",
]


@pytest.mark.parametrize("template", ESCAPES)
def test_no_way_leads_out_of_the_sandbox(template: str) -> None:
    with pytest.raises(ConfigurationError):
        preview_template(template, an_incident())


@pytest.mark.parametrize("template", BOMBS, ids=[b[:40] for b in BOMBS])
def test_no_template_takes_long_or_grows_without_end(template: str) -> None:
    started = time.process_time()  # of this process alone, however busy the machine is
    with pytest.raises(ConfigurationError):
        preview_template(template, an_incident(message="x" * 2_000))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{", "line 1"),
        ("hello", "no valid JSON"),
        ("{{ incident_data.title }}", "no valid JSON"),
        ("{{ incident_data.title + 1 }}", "two numbers or two texts"),
    ],
)
def test_a_template_that_does_not_work_says_why(template: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        preview_template(template, an_incident())
    assert words in str(caught.value)


@pytest.mark.parametrize("template", ["{{", "{% set x = 1 %}", "x" * 20_001, "{{ 2 ** 9 }}"])
def test_a_template_that_cannot_be_read_is_not_saved(template: str) -> None:
    with pytest.raises(InvalidConfiguration, match="Body template"):
        validate("webhook", {**DATA, "template": template})


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ incident.titel }}", "does not work: 'incident' is undefined"), ("not json", "makes no valid JSON"), (CHAT, ""), ("", ""),
        ('{"reason": {{ custom_details.reasons[0] | tojson }}}', ""),
    ],
)  # fmt: skip
def test_a_template_that_cannot_tell_of_any_incident_is_refused_at_the_save(template: str, said: str) -> None:
    refused = connect("webhook", validate("webhook", {**DATA, "template": template})).untaken()
    assert set(refused) == ({"template"} if said else set())
    assert said in refused.get("template", "")


def test_another_content_type_may_be_anything() -> None:
    seen: list[httpx.Request] = []
    client = httpx.Client(transport=httpx.MockTransport(lambda r: seen.append(r) or httpx.Response(200)))
    config = {**DATA, "template": "<b>{{ incident_id }}</b>", "headers": {"content-type": "text/html"}}
    connect("webhook", validate("webhook", config), http=client).deliver(ALERT, delivery_id="d")
    assert seen[0].content == b"<b>inc-7k2m9q4x1c</b>"
    assert seen[0].headers["content-type"] == "text/html"


def test_an_event_that_the_template_cannot_take_is_permanent_and_explained() -> None:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    connector = connect(
        "webhook", validate("webhook", {**DATA, "template": "{{ custom_details.score }}"}), http=client
    )
    with pytest.raises(PermanentDeliveryError, match="has no attribute") as caught:
        connector.deliver(called("send", incident_id="i"), delivery_id="d")
    assert caught.value.__context__ is None
