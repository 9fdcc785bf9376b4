"""The ten classes a line can have."""

from __future__ import annotations

from enum import StrEnum


class Classification(StrEnum):
    SECURITY_ALERT = "Security Alert"
    CRITICAL_ERROR = "Critical Error"
    ERROR = "Error"
    WORKFLOW_ERROR = "Workflow Error"
    SYSTEM_NOTIFICATION = "System Notification"
    HTTP_STATUS = "HTTP Status"
    RESOURCE_USAGE = "Resource Usage"
    USER_ACTION = "User Action"
    DEPRECATION_WARNING = "Deprecation Warning"
    UNCLASSIFIED = "Unclassified"
