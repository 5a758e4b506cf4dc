"""Checked amounts of public bodies and messages: decimal strings, and the currencies of ISO 4217."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_MONEY: Final = re.compile(r"\d{1,10}(\.\d{1,4})?", re.ASCII)
_SIGNED: Final = re.compile(r"-?\d{1,10}(\.\d{1,4})?", re.ASCII)


def _decimal_text(pattern: re.Pattern[str], example: str) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, Decimal):
            return value
        if isinstance(value, str) and pattern.fullmatch(value):
            return Decimal(value)
        raise PydanticCustomError("not_a_decimal_string", f'must be a decimal string such as "{example}"')

    return BeforeValidator(check)


def _show_decimal(value: Decimal) -> str:
    return format(value, "f")


Money = Annotated[
    Decimal,
    _decimal_text(_MONEY, "25.00"),
    PlainSerializer(_show_decimal, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,10}(\.\d{1,4})?$"}),
]
"""An amount of at least 0 as a decimal string; its exponent is that of its currency (ISO 4217)."""

SignedDecimal = Annotated[
    Decimal,
    _decimal_text(_SIGNED, "-10"),
    PlainSerializer(_show_decimal, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,10}(\.\d{1,4})?$"}),
]
"""A percentage or an amount that may be negative, as a decimal string."""

Total = Annotated[
    Decimal,
    _decimal_text(re.compile(r"\d{1,30}(\.\d{1,4})?", re.ASCII), "50.00"),
    PlainSerializer(_show_decimal, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,30}(\.\d{1,4})?$"}),
]
"""An amount that was computed, such as many times a price: as Money, with as many digits as it needs."""

Difference = Annotated[
    Decimal,
    _decimal_text(re.compile(r"-?\d{1,30}(\.\d{1,4})?", re.ASCII), "-5.00"),
    PlainSerializer(_show_decimal, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,30}(\.\d{1,4})?$"}),
]
"""By how much a computed amount changes, as a decimal string."""

EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
"""Minor units of the currencies that do not have two (ISO 4217)."""

_CURRENCY_CODES: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES: Final = frozenset(_CURRENCY_CODES.split())


def _check_currency(value: str) -> str:
    if value not in CURRENCIES:
        raise PydanticCustomError("unknown_currency", "must be a currency code of ISO 4217 such as EUR")
    return value


Currency = Annotated[
    str,
    AfterValidator(_check_currency),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$", "enum": sorted(CURRENCIES)}),
]
"""A currency code of ISO 4217."""


def exponent(currency: str) -> int:
    """Return how many decimals amounts of the currency have (ISO 4217)."""
    return EXPONENTS.get(currency, 2)
