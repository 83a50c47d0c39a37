"""Ops on numbers compared with Python's ``decimal`` and ``fractions``."""

import decimal
import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import rfc8785
from generate import examples, texts
from hypothesis import assume, given
from hypothesis import strategies as st
from ops import FAILED, LOST, apply
from reference.numbers import Overflow, PrecisionLost, decimal_of, surviving

EXACT = decimal.Context(prec=1000, Emin=-100_000, Emax=100_000)
DIGITS_MAX = 38
ROUNDINGS = {
    "halfEven": decimal.ROUND_HALF_EVEN,
    "halfUp": decimal.ROUND_HALF_UP,
    "halfDown": decimal.ROUND_HALF_DOWN,
    "down": decimal.ROUND_DOWN,
    "up": decimal.ROUND_UP,
    "floor": decimal.ROUND_FLOOR,
    "ceiling": decimal.ROUND_CEILING,
}

# Few enough digits that no product leaves 38, and both sides mean the same by every step.
SHORT = st.tuples(st.integers(-(10**15), 10**15), st.integers(-12, 6)).map(lambda pair: str(Decimal(pair[0]).scaleb(pair[1])))

# More digits than 38, as libraries write that give a double's whole decimal, and such that lie on the border between two roundings.
LONG = st.tuples(st.integers(-(10**60), 10**60), st.integers(-70, -20)).map(
    lambda pair: format(Decimal(pair[0]).scaleb(pair[1], EXACT), "f")
)
NEAR_TIES = st.tuples(st.integers(-(10**9), 10**9), st.sampled_from(["5", "50", f"5{'0' * 50}1", f"4{'9' * 50}", "6"])).map(
    lambda pair: f"{pair[0]}.{pair[1]}"
)


def sensible(numbers: list[str], *, digits_max: int = 1000) -> list[str]:
    """Leave out values that ``decimal`` can't compute with, and values with too many digits."""
    kept: list[str] = []
    for text in numbers:
        try:
            number = Decimal(text)
        except decimal.InvalidOperation:
            continue
        if abs(number.adjusted()) < 300 and len(number.normalize(EXACT).as_tuple().digits) <= digits_max:
            kept.append(text)
    assume(kept)
    return kept


def written(number: Decimal) -> Any:
    """Return a decimal's value in the payload: the double that represents it, or the reason."""
    try:
        return surviving(format(number, "f"))
    except Overflow:
        return (FAILED,)
    except PrecisionLost:
        return (LOST,)


@examples(150)
@given(st.lists(texts.number_texts(), min_size=1, max_size=20))
def test_to_number_keeps_or_refuses(numbers: list[str]) -> None:
    """``toNumber`` returns exactly the number or refuses it, as text and as a JSON number."""
    expected: list[Any] = []
    for text in numbers:
        try:
            expected.append(surviving(text))
        except Overflow:
            expected.append((FAILED,))
        except PrecisionLost:
            expected.append((LOST,))
    assert apply({"op": "toNumber"}, numbers) == expected
    assert apply({"op": "toNumber"}, [json.dumps(text) for text in numbers]) == expected


@examples(150)
@given(st.lists(SHORT, min_size=1, max_size=20), SHORT)
def test_sums_and_products_are_exact(numbers: list[str], other: str) -> None:
    """``add``, ``subtract`` and ``multiply`` compute in decimals, with an operand of the profile or of a field."""
    operations: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
        "add": EXACT.add,
        "subtract": EXACT.subtract,
        "multiply": EXACT.multiply,
    }
    for name, operation in operations.items():
        expected = [written(operation(Decimal(text), Decimal(other))) for text in numbers]
        assert apply({"op": name, "valueFrom": "w"}, numbers, others={"w": other}) == expected


@examples(150)
@given(st.lists(SHORT, min_size=1, max_size=20), SHORT, st.integers(0, 8), st.sampled_from(sorted(ROUNDINGS)))
def test_quotients_are_rounded_once(numbers: list[str], other: str, scale: int, rounding: str) -> None:
    """``divide`` rounds the true quotient, not a quotient of doubles."""
    assume(Decimal(other) != 0)
    expected: list[Any] = []
    for text in numbers:
        quotient = Fraction(Decimal(text)) / Fraction(Decimal(other)) * 10**scale
        # One digit beyond the quotient's floor stands for all that follow: it decides every rounding.
        floor, rest = divmod(quotient.numerator, quotient.denominator)
        twice = 2 * rest
        beyond = 0 if rest == 0 else 5 if twice == quotient.denominator else 2 if twice < quotient.denominator else 7
        near = Decimal(floor * 10 + beyond).scaleb(-scale - 1, EXACT)
        rounded = near.quantize(Decimal(1).scaleb(-scale), ROUNDINGS[rounding], EXACT)
        expected.append(written(rounded))
    assert apply({"op": "divide", "valueFrom": "w", "scale": scale, "rounding": rounding}, numbers, others={"w": other}) == expected


@examples(150)
@given(st.lists(texts.number_texts() | LONG | NEAR_TIES, min_size=1, max_size=20), st.integers(0, 12), st.sampled_from(sorted(ROUNDINGS)))
def test_rounding_is_of_the_decimal(numbers: list[str], scale: int, rounding: str) -> None:
    """``round`` rounds numbers of any length by each rule as ``decimal`` does; the result has at most 38 digits."""
    numbers = sensible(numbers)
    step = Decimal(1).scaleb(-scale)
    expected: list[Any] = []
    for text in numbers:
        number = Decimal(text).normalize(EXACT)
        is_long = len(number.as_tuple().digits) > DIGITS_MAX
        lost = is_long and number.adjusted() + 1 + scale > DIGITS_MAX
        expected.append((LOST,) if lost else written(number.quantize(step, ROUNDINGS[rounding], EXACT)))
    assert apply({"op": "round", "scale": scale, "rounding": rounding}, numbers) == expected


@examples(150)
@given(st.lists(texts.number_texts() | SHORT | LONG | NEAR_TIES, min_size=1, max_size=20), st.integers(1, 38), st.data())
def test_decimals_are_exact(numbers: list[str], precision: int, data: st.DataObject) -> None:
    """``toDecimal`` writes all digits of its scale; more digits are refused, or rounded by the named rule."""
    scale = data.draw(st.integers(0, precision))
    rounding = data.draw(st.sampled_from([None, *sorted(ROUNDINGS)]))
    numbers = sensible(numbers)
    expected: list[Any] = []
    for text in numbers:
        number = Decimal(text).normalize(EXACT)
        rounded = number.quantize(Decimal(1).scaleb(-scale), ROUNDINGS[rounding or "down"], EXACT)
        if any(each and each.adjusted() + 1 > precision - scale for each in (number, rounded)):
            expected.append((FAILED,))
        elif rounding is None and rounded != number:
            expected.append((LOST,))
        else:
            expected.append(format(rounded or abs(rounded), f".{scale}f"))
    op = {"op": "toDecimal", "precision": precision, "scale": scale, **({"rounding": rounding} if rounding else {})}
    assert apply(op, numbers) == expected


@examples(100)
@given(st.lists(texts.number_texts() | SHORT, min_size=1, max_size=20))
def test_integers_have_no_fraction(numbers: list[str]) -> None:
    """``toInteger`` accepts numbers without a fraction, in any notation."""
    numbers = sensible(numbers, digits_max=DIGITS_MAX)
    expected = [(FAILED,) if Fraction(Decimal(text)).denominator != 1 else written(Decimal(text)) for text in numbers]
    assert apply({"op": "toInteger"}, numbers) == expected


@examples(100)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_text_of_a_double_is_its_canonical_text(doubles: list[float]) -> None:
    """``toString`` writes a double that survives as RFC 8785 does."""
    assert apply({"op": "toString"}, [repr(double) for double in doubles]) == [rfc8785.dumps(double).decode() for double in doubles]


@pytest.mark.parametrize(
    ("from_unit", "to_unit", "factor"),
    [
        ("in", "cm", Fraction(254, 100)),
        ("mi", "km", Fraction(1609344, 1000000)),
        ("lb", "kg", Fraction(45359237, 10**8)),
        ("kg", "lb", Fraction(10**8, 45359237)),
        ("km/h", "m/s", Fraction(10, 36)),
        ("kn", "km/h", Fraction(1852, 1000)),
        ("galUS", "l", Fraction(231 * 254**3, 10**9)),
        ("kWh", "MJ", Fraction(36, 10)),
        ("psi", "Pa", Fraction(45359237, 10**8) * Fraction(980665, 10**5) / Fraction(254, 10**4) ** 2),
        ("acre", "m2", Fraction(4840) * Fraction(9144, 10**4) ** 2),
        ("bbl", "l", Fraction(42 * 231 * 254**3, 10**9)),
        ("hp", "W", Fraction(550 * 12) * Fraction(254, 10**4) * Fraction(45359237, 10**8) * Fraction(980665, 10**5)),
        ("GiB", "MB", Fraction(2**30, 10**6)),
        ("arcsec", "deg", Fraction(1, 3600)),
        ("mmHg", "Pa", Fraction(133322387415, 10**9)),
        ("torr", "Pa", Fraction(101325, 760)),
        ("cal", "J", Fraction(4184, 1000)),
        ("BTU", "J", Fraction(105505585262, 10**8)),
        ("ozt", "g", Fraction(480 * 6479891, 10**8)),
        ("flozUK", "ml", Fraction(454609, 16000)),
    ],
)
def test_units_are_as_defined(from_unit: str, to_unit: str, factor: Fraction) -> None:
    """A unit's factor follows its definition, to 1e-12."""
    exact = factor * 1000
    nearest = EXACT.quantize(EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator)), Decimal("1e-9"))
    assert apply({"op": "convertUnit", "from": from_unit, "to": to_unit, "scale": 9}, ["1000"]) == [float(nearest)]


def test_the_decimal_of_a_double_is_its_shortest() -> None:
    """``repr`` of a double is ECMAScript's shortest text, on which the reference relies."""
    assert decimal_of(0.1) == Decimal("0.1")
