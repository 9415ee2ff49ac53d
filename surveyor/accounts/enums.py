"""Roles, each granted on a unit and what lies below it."""

from enum import StrEnum


class Role(StrEnum):
    """What a member of staff may do. Respondents have no account and no role."""

    ADMIN = "admin"
    SURVEY_ADMIN = "survey_admin"
    HR = "hr"
    CONTROLLER = "controller"
    SCORECARD_OFFICE = "scorecard_office"
    DIRECTOR = "director"
    LEADER = "leader"
    READER = "reader"


class LinkPurpose(StrEnum):
    """What a one-time link lets its holder do."""

    FIRST_PASSWORD = "first_password"
    RESET_PASSWORD = "reset_password"
