"""What somebody who may decide can be asked to decide."""

from enum import StrEnum


class Matter(StrEnum):
    COMPENSATION = "compensation"
    SERVICE_DOWN = "service_down"
    """Taking a service down, and with it those who could still work."""
    GOING_PUBLIC = "going_public"
    OTHER = "other"
