//! Exact arithmetic at its limits; the Python reference compares the rest with `decimal`.

use super::*;

fn decimal(text: &str) -> Decimal {
    Decimal::from_json(text).expect("a decimal")
}

/// Sums, differences and products are those of decimals, not of doubles.
#[test]
fn arithmetic_is_decimal() {
    assert_eq!(decimal("0.1").add(decimal("0.2")), Ok(decimal("0.3")));
    assert_eq!(decimal("1e22").subtract(decimal("0.5")), Ok(decimal("9999999999999999999999.5")));
    assert_eq!(decimal("1.1").multiply(decimal("1.1")), Ok(decimal("1.21")));
    assert_eq!(decimal("5").subtract(decimal("5.0")), Ok(Decimal::ZERO));
    assert_eq!(Decimal::ZERO.add(decimal("7")), Ok(decimal("7")));
    assert_eq!(decimal("7").add(Decimal::ZERO), Ok(decimal("7")));
}

/// A quotient with infinitely many digits needs a scale; one with finitely many doesn't.
#[test]
fn quotients_end_or_are_rounded() {
    assert_eq!(decimal("1").divide(decimal("8"), None), Ok(decimal("0.125")));
    assert_eq!(decimal("4.2").divide(decimal("-0.7"), None), Ok(decimal("-6")));
    assert_eq!(decimal("1").divide(decimal("3"), None), Err(Failure::PrecisionLoss));
    assert_eq!(decimal("2").divide(decimal("3"), Some((4, Rounding::HalfEven))), Ok(decimal("0.6667")));
    assert_eq!(decimal("1").divide(Decimal::ZERO, None), Err(Failure::DivisionByZero));
}

/// Each rounding treats 2.5, -2.5, 3.5 and 2.1 as defined.
#[test]
fn roundings_differ_where_they_should() {
    for (rounding, expected) in [
        (Rounding::HalfEven, ["2", "-2", "4", "2"]),
        (Rounding::HalfUp, ["3", "-3", "4", "2"]),
        (Rounding::HalfDown, ["2", "-2", "3", "2"]),
        (Rounding::Down, ["2", "-2", "3", "2"]),
        (Rounding::Up, ["3", "-3", "4", "3"]),
        (Rounding::Floor, ["2", "-3", "3", "2"]),
        (Rounding::Ceiling, ["3", "-2", "4", "3"]),
    ] {
        for (text, expected) in ["2.5", "-2.5", "3.5", "2.1"].into_iter().zip(expected) {
            assert_eq!(decimal(text).round(0, rounding), Ok(decimal(expected)), "{rounding:?} {text}");
        }
    }
}

/// A number far below the scale rounds to zero, or to the smallest step when rounding away from zero.
#[test]
fn tiny_numbers_round_without_overflow() {
    let tiny = decimal("99999999999999999999999999999999999999e-400");
    assert_eq!(tiny.round(2, Rounding::HalfUp), Ok(Decimal::ZERO));
    assert_eq!(tiny.round(2, Rounding::Up), Ok(decimal("0.01")));
    let near = decimal("99999999999999999999999999999999999999e-38");
    assert_eq!(near.round(0, Rounding::HalfEven), Ok(decimal("1")));
}

/// Numbers of more than 38 digits are refused, never cut.
#[test]
fn digits_are_never_dropped() {
    let widest = "99999999999999999999999999999999999999";
    assert_eq!(Decimal::from_json(&format!("{widest}9")), Err(Failure::PrecisionLoss));
    assert_eq!(decimal(widest).add(decimal("1")), Ok(decimal("1e38")));
    assert_eq!(decimal(widest).multiply(decimal(widest)), Err(Failure::PrecisionLoss));
    assert_eq!(decimal("1e300").add(decimal("1")), Err(Failure::PrecisionLoss));
    assert_eq!(Decimal::from_json("1e999999999999999999999"), Err(Failure::Overflow));
}

/// Digits that rounding cuts off may be any number; digits that are kept may not.
#[test]
fn rounds_numbers_of_any_length() {
    let long = "5".repeat(60);
    for (text, scale, rounding, gives) in [
        (format!("0.{long}"), 2, Rounding::HalfEven, "0.56"),
        (format!("0.{long}"), 2, Rounding::Down, "0.55"),
        (format!("-0.{long}"), 2, Rounding::Floor, "-0.56"),
        (format!("0.{}", "9".repeat(100)), 2, Rounding::HalfUp, "1"),
        (format!("2.5{}1", "0".repeat(60)), 0, Rounding::HalfEven, "3"),
        (format!("2.5{}1", "0".repeat(60)), 0, Rounding::HalfDown, "3"),
        (format!("2.4{long}"), 0, Rounding::HalfUp, "2"),
        (format!("0.00{long}"), 1, Rounding::Ceiling, "0.1"),
        (format!("0.00{long}"), 1, Rounding::HalfUp, "0"),
        (format!("0.0{long}"), 1, Rounding::HalfUp, "0.1"),
        ("-5e-401".to_owned(), 0, Rounding::HalfUp, "0"),
        ("1e-9999999".to_owned(), 38, Rounding::Up, "1e-38"),
        (format!("{}.5", "9".repeat(38)), 0, Rounding::HalfUp, "1e+38"),
    ] {
        let rounded = Decimal::rounded_from_json(&text, scale, rounding).map(Decimal::to_text);
        assert_eq!(rounded.as_deref(), Ok(gives), "{text} {scale} {rounding:?}");
    }
    let whole = format!("{}.5", "9".repeat(39));
    assert_eq!(Decimal::rounded_from_json(&whole, 0, Rounding::Down), Err(Failure::PrecisionLoss));
}

/// Text has the layout of ECMAScript's numbers, for any number of digits.
#[test]
fn text_has_the_layout_of_ecmascript() {
    for text in [
        "0",
        "1",
        "-1",
        "100",
        "19.99",
        "0.000001",
        "1e-7",
        "1.5e-7",
        "123456789012345680000",
        "1e+21",
        "1.5e+300",
        "9007199254740993",
        "-0.5",
        "12345678901234567890.5",
    ] {
        assert_eq!(decimal(text).to_text(), text);
    }
}

/// Fixed text has exactly the digits of its scale.
#[test]
fn fixed_text_keeps_the_scale() {
    assert_eq!(decimal("19.9").to_fixed_text(2).as_deref(), Ok("19.90"));
    assert_eq!(decimal("-0.05").to_fixed_text(2).as_deref(), Ok("-0.05"));
    assert_eq!(decimal("7").to_fixed_text(0).as_deref(), Ok("7"));
    assert_eq!(Decimal::ZERO.to_fixed_text(3).as_deref(), Ok("0.000"));
    assert_eq!(decimal("0.001").to_fixed_text(2), Err(Failure::PrecisionLoss));
}
