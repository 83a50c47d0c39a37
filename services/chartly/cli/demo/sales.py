"""Invented sales, the same at every call: most are valid, some have the faults that real feeds have. Pure."""

from collections.abc import Iterator
from random import Random
from typing import Any

SALES = 20_000
# About one record in fifty is invalid: enough that each kind of fault occurs, few enough for a meaningful chart.
_BAD_SHARE = 0.02
_SEED = 42
_CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF")
_BAD = ("no_id", "word_for_time", "february_30", "no_offset", "word_for_amount", "negative", "small_letters", "no_currency")


def sales() -> Iterator[dict[str, Any]]:
    """Yield the sales of the first quarter of 2026, in the order of their ids."""
    random = Random(_SEED)  # noqa: S311 - a demonstration must be repeatable, not secret
    for number in range(SALES):
        bad = random.choice(_BAD) if random.random() < _BAD_SHARE else ""
        yield _sale(number, random, bad)


def bad_sales() -> int:
    """Return the number of invalid records."""
    random, found = Random(_SEED), 0  # noqa: S311 - as above
    for number in range(SALES):
        bad = random.choice(_BAD) if random.random() < _BAD_SHARE else ""
        _sale(number, random, bad)
        found += bool(bad)
    return found


def _sale(number: int, random: Random, bad: str) -> dict[str, Any]:
    day, month = random.randint(1, 28), random.randint(1, 3)
    clock = f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}:{random.randint(0, 59):02d}"
    amount, currency = f"{random.randint(1, 400)}.{random.randint(0, 99):02d}", random.choice(_CURRENCIES)
    customer = random.randint(1, 2_000)
    sale: dict[str, Any] = {
        "id": f"sale_{number:06d}",
        "timestamp": f"2026-{month:02d}-{day:02d}T{clock}{random.choice(('Z', 'Z', 'Z', '+01:00', '-05:00'))}",
        "totals": {"amount": amount, "currency": currency},
        "customer": {"id": f"cust_{customer}"},
    }
    match bad:
        case "no_id":
            del sale["id"]
        case "word_for_time":
            sale["timestamp"] = "yesterday"
        case "february_30":
            sale["timestamp"] = "2026-02-30T12:00:00Z"
        case "no_offset":
            sale["timestamp"] = sale["timestamp"][:19]
        case "word_for_amount":
            sale["totals"]["amount"] = "a lot"
        case "negative":
            sale["totals"]["amount"] = f"-{amount}"
        case "small_letters":
            sale["totals"]["currency"] = currency.lower()
        case "no_currency":
            del sale["totals"]["currency"]
        case _:
            pass
    return sale
