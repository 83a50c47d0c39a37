//! Measure the complete engines on one sales record: checking, parsing, validating and writing. (`cargo bench -p
//! chartly-contract`)

use std::hint::black_box;
use std::time::Instant;

use chartly_canonical::{write_double, write_value};
use chartly_contract::{Contract, Resources};
use chartly_json::number::surviving;
use chartly_json::{Limits, parse, parse_check};

const SCHEMA: &[u8] = br#"{
    "type": "object", "additionalProperties": false,
    "required": ["amount", "currency", "event_id", "occurred_at", "type"],
    "properties": {
        "event_id": {"type": "string", "minLength": 1},
        "occurred_at": {"type": "string", "format": "date-time"},
        "amount": {"type": "number", "minimum": 0},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "customer_id": {"type": "string"},
        "type": {"const": "sales.event"}
    }
}"#;
const RAW: &[u8] = br#"{"id":"sale_0000123","timestamp":"2024-03-04T05:06:07+02:00","totals":{"amount":"812.40","currency":"EUR"},"customer":{"id":"cust_1234"},"items":[{"sku":"sku_12","qty":3,"price":"12.99"},{"sku":"sku_99","qty":1,"price":"5.00"}],"notes":"gift wrap please \u2013 line\n"}"#;
const PAYLOAD: &[u8] = br#"{"amount":812.4,"currency":"EUR","customer_id":"cust_1234","event_id":"sale_0000123","occurred_at":"2024-03-04T03:06:07Z","type":"sales.event"}"#;

/// Print the best time of one call over several runs, so that other load on the machine counts little.
fn report(what: &str, mut call: impl FnMut()) {
    const CALLS: u32 = 20_000;
    const RUNS: u32 = 25;
    let mut best_ns = f64::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        for _ in 0..CALLS {
            call();
        }
        best_ns = best_ns.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS));
    }
    println!("{what}: {best_ns:.1} ns");
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let contract = Contract::compile(&parse(SCHEMA, Limits::default())?, &Resources::new())?;
    let payload = parse(PAYLOAD, Limits::default())?;
    assert!(contract.is_valid(&payload.value));
    report(&format!("check {} bytes", RAW.len()), || {
        black_box(parse_check(black_box(RAW)).is_ok());
    });
    report(&format!("parse {} bytes", RAW.len()), || drop(black_box(parse(black_box(RAW), Limits::default()))));
    report("validate the payload, no violations", || {
        black_box(contract.is_valid(black_box(&payload.value)));
    });
    report("list its violations, none", || drop(black_box(contract.violations(black_box(&payload.value)))));
    let mut out = Vec::with_capacity(1024);
    report("write the payload", || {
        out.clear();
        black_box(write_value(black_box(&payload.value), &mut out).is_ok());
    });
    for text in ["812.40", "7", "123456.789", "9007199254740993", "1.7976931348623157e308", "0.1e-7"] {
        report(&format!("does {text} survive"), || {
            black_box(surviving(black_box(text)).is_ok());
        });
    }
    for double in [812.4, 7.0, 123_456.789, 0.1 + 0.2, 1e21, f64::MIN_POSITIVE] {
        report(&format!("write {double:?}"), || {
            out.clear();
            write_double(black_box(double), &mut out);
        });
    }
    Ok(())
}
