"""Under which keys records of a service that is not known call the deed, and what it concerns; and what looks like the name of one."""

from __future__ import annotations

import re
from functools import lru_cache

#: Keys (the last one or two of a path, in lower case) that name the deed, best first.
ACTS = (
    "audit_log_event", "actionname", "action_name", "eventtypename", "event_type._tag", "event_type..tag", "eventname", "event_name", "operationname",
    "operation_name", "event_type", "eventtype", "activitytype", "activity_type", "activity", "operation", "action", "event.action", "action.type", "event", "command_name",
    "action_type", "actiontype", "audit_event", "audit_action", "auditaction", "activity_name", "activitydisplayname", "change_type", "changetype",
    "methodname", "method_name", "eventtype_name", "operationtype", "operation_type", "restapioperationtype", "verb", "events.name",
)  # fmt: skip
#: Keys that may name it, best first, where nothing else does; a value counts that looks like the name of a deed.
CALLED = (
    "typename", "type", "name", "tasktitle", "taskdisplayname", "title", "eventdescription", "event_description", "actiontext", "action_text", "custom_message",
    "primarydescription", "description", "display", "text", "summary", "desc", "category",
)  # fmt: skip
#: Somebody or something else is called so.
NOT_BESIDE = re.compile(
    r"(?:actor|user|target|resource|owner|rule|device|app|application|client|object|file|process|principal|group)s?\x1f"
)
OF_ACTORS = re.compile(
    r"(?:actors?|initiator|initiated_?by|author|auth|principal|user|created_?by|context|client|agent|session)\x1f"
)
OBJECTS = frozenset((
    "category", "subcategory", "category_type", "resource_type", "resourcetype", "servicename", "service_name", "object_type", "objecttype", "target_type",
    "targettype", "entity_type", "entitytype", "target.type", "resource.type", "object.type", "entity.type", "asset.type", "property", "target.property", "setting", "setting_name",
    "settingname", "workspaceconfkeys", "requestparams.workspaceconfkeys", "section", "module", "operation_detail", "change_detail", "event_category", "eventcategory",
    "source_type", "source_label", "change_description", "objecttypename", "entity", "target_resource_type", "subject_type", "auditable_type", "item_type", "feature", "objectref.resource",
    "objectref.subresource", "resourcepath", "resource_path", "tablename", "table_name", "fieldname", "field_name", "page", "label", "metadata.setting", "resources.type",
))  # fmt: skip
_CUT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
#: A deed of one word says not what it concerns; nor do these beside it.
_VERB = re.compile(
    r"(?i)(?:batch |scim api - )?[a-z]{3,12}|\w{1,24}(?:conf|config|configuration|settings?)_?(?:edit|update|set|change)e?d?"
)
#: How deeds are called, and people and things are not: `CHANGE_USER_ACCESS`, `page.shared_to_web`, `Delete a log stream`.
_AS_DEEDS_ARE = re.compile(
    r"[A-Za-z]\w{1,40}(?:[._:/ -]{1,3}['\w()]{1,40}){1,14}\.?|[A-Z]?[a-z]{2,20}(?:[A-Z][a-z0-9]{1,20}){1,6}"
)
_DONE = re.compile(
    r"(?i)(?:add|set|creat|updat|delet|remov|disabl|enabl|edit|modif|chang|grant|revok|assign|invit|reset|export|shar|stopp|clear|fail|lock|promot|install|authoriz|download|"
    r"access|turn|impersonat|rotat|generat|regist|link|convert|transfer|purg|unenroll|suspend|bypass|disconnect|decrypt|destroy|granted|opened|uninstall|started|made|detect)(?:e?d|e?s|ing|e|ion)?"
)


@lru_cache(maxsize=20_000)
def is_a_verb(name: str) -> bool:
    """Whether a deed's name says what was done and not to what."""
    return bool(_VERB.fullmatch(name))


def is_done(word: str) -> bool:
    """Whether it is one of the words by which deeds are told."""
    return bool(_DONE.fullmatch(word))


@lru_cache(maxsize=20_000)
def is_a_deed(text: str) -> bool:
    """Whether a value looks like the name of a deed, or tells of one in a few words."""
    return bool(_AS_DEEDS_ARE.fullmatch(text)) and any(_DONE.fullmatch(word) for word in _CUT.findall(text))
