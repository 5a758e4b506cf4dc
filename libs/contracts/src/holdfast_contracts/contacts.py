"""Where people and pages are reached: e-mail addresses, phone numbers, https addresses; normalised, never tried."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from holdfast_contracts.values import CleanText, clean_text, is_checked


def _check_email(value: str) -> str:
    cleaned = clean_text(value)
    try:
        return validate_email(cleaned, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise PydanticCustomError("invalid_email", "must be an e-mail address") from error


@lru_cache(maxsize=4096)
def _known_email(value: str) -> str:
    return _check_email(value)


def _email(value: str, info: ValidationInfo) -> str:
    return value if is_checked(info) else _known_email(value)


Email = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254}),
]
"""An e-mail address, normalised; whether it exists is not asked."""


@lru_cache(maxsize=4096)
def _known_phone(value: str) -> str:
    try:
        number = phonenumbers.parse(clean_text(value), None)
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError(
            "invalid_phone", "must be a phone number with its country code, such as +4930123456"
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise PydanticCustomError("invalid_phone", "must be a possible phone number, such as +4930123456")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _phone(value: str, info: ValidationInfo) -> str:
    return value if is_checked(info) else _known_phone(value)


Phone = Annotated[str, Field(max_length=32), AfterValidator(_phone)]
"""A phone number in E.164."""


def _check_https(value: str) -> str:
    if not re.fullmatch(r"https://[^\s/?#@]+(?:[/?#][^\s]*)?", value):
        raise PydanticCustomError("not_https", "must be an https:// address")
    return value


HttpsUrl = Annotated[
    str,
    CleanText(2000),
    AfterValidator(_check_https),
    WithJsonSchema({"type": "string", "format": "uri", "maxLength": 2000}),
]
"""An https address; stored, never fetched."""
