//! The reference page of the ops, generated from their definitions and examples.
//!
//! It only lays the page out; its content is in the ops' own files.

use std::fmt::Write;

use crate::example::{Example, Expected};
use crate::registry::DEFINITIONS;
use crate::timestamp::pattern::DIRECTIVES;
use crate::units::UNITS;
use crate::{Definition, Failure, condition, conditional};

/// The text before the ops.
const PREFACE: &str = "# Transforms

Every op of a profile's `transforms`, in the form `{op: toNumber, field: amount}` under `spec.transforms`, or `{op: toNumber}` in a
field's own list. This page is generated from the ops' definitions and from examples that run as tests
(`cargo run -p chartly-transform --example reference`, in `native/`).

## Common rules

- An op on an absent field does nothing, and a null passes unchanged. Only `coalesce` and `template` fill them.
- An op that can't convert a value fails; it never guesses. The record is rejected with the op's name and the rule, never the value.
- A result that is a number must *survive* as an IEEE 754 double: RFC 8785 writes the nearest double as exactly this decimal, or
  it has a fraction and is that double in 17 significant digits, as `%.17g` prints it: `-73.668450000000007` is stored as `-73.66845`. Otherwise
  the reason is `PRECISION_LOSS`. Arithmetic is exact, in decimals of up to 38 digits.
- With `collect: true`, ops are applied to each element.
- Any op takes `when`, a condition on this field or others; see [Conditions](#conditions).
- An unknown op, an unknown option, or an option without meaning beside the others is an error of the profile.
- The result of an op has at most 1,048,576 bytes of text, or 65,536 elements of an array. Otherwise the op fails.
";

/// Return the page.
#[must_use]
pub fn page() -> String {
    let mut page = PREFACE.to_owned();
    page.push_str("\n## Ops\n\n");
    for definition in DEFINITIONS {
        let _ = writeln!(page, "- [`{0}`](#{1})", definition.name, definition.name.to_lowercase());
    }
    for definition in DEFINITIONS {
        op(&mut page, definition);
    }
    conditions(&mut page);
    patterns(&mut page);
    units(&mut page);
    rules(&mut page);
    page
}

fn op(page: &mut String, definition: &Definition) {
    let _ = write!(page, "\n### {}\n\n{}\n", definition.name, definition.promise);
    options(page, definition.options);
    examples(page, definition.examples);
}

fn options(page: &mut String, options: &[(&str, &str)]) {
    if !options.is_empty() {
        page.push_str("\n| option | meaning |\n|---|---|\n");
        for (name, meaning) in options {
            let _ = writeln!(page, "| `{name}` | {meaning} |");
        }
    }
}

fn examples(page: &mut String, examples: &[Example]) {
    let among = examples.iter().any(|example| example.record != "{}");
    let with = examples.iter().any(|example| example.options != "{}");
    let columns: Vec<&str> = [(true, "value"), (with, "options"), (among, "other fields"), (true, "gives")]
        .iter()
        .filter(|column| column.0)
        .map(|column| column.1)
        .collect();
    let _ = write!(page, "\n| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
    for example in examples {
        let cells = [
            (true, example.value.map_or("absent".to_owned(), code)),
            (with, if example.options == "{}" { String::new() } else { code(example.options) }),
            (among, if example.record == "{}" { String::new() } else { code(example.record) }),
            (true, shown(example)),
        ];
        let cells: Vec<String> = cells.into_iter().filter(|cell| cell.0).map(|cell| cell.1).collect();
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
}

fn shown(example: &Example) -> String {
    match example.expected {
        Expected::Value(value) => code(value),
        Expected::Absent => "absent".to_owned(),
        Expected::Failure(failure) => format!("{}: {failure}", failure.reason().code()),
    }
}

/// Format text as code in a table cell, where a vertical bar must be escaped.
fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", text.replace('|', "\\|"))
}

fn conditions(page: &mut String) {
    page.push_str(
        "\n## Conditions\n\nA transform with `when` runs only where its condition is true; elsewhere the field stays as it is. A condition is a map \
         of tests that must all be true. A test of a field that is absent or null is false, except `present: false`; a condition never \
         fails. Other fields have the values at the time when the transform runs: a field's own transforms run before `spec.transforms`. \
         A condition has at most 64 tests, nested at most 8 deep.\n",
    );
    options(page, condition::OPTIONS);
    let _ = write!(page, "\nOn `{}`:\n", conditional::EXAMPLE_OP);
    examples(page, conditional::EXAMPLES);
}

fn patterns(page: &mut String) {
    page.push_str(
        "\n## Patterns\n\n`patterns` of `toUtcTimestamp` and `toDate` are a strict subset of strftime. Text must have exactly the pattern's \
         form, with nothing before or after; a character that isn't part of a directive matches itself. A pattern has one year, one month \
         and day (or `%j`), and no part twice; a missing part of the time is zero. For `toUtcTimestamp` it needs `%z`, or the op a `zone`.\n\n\
         | directive | reads |\n|---|---|\n",
    );
    for (directive, meaning) in DIRECTIVES {
        let _ = writeln!(page, "| `{directive}` | {meaning} |");
    }
}

fn units(page: &mut String) {
    page.push_str("\n## Units\n\nThe units of `convertUnit`, by dimension. A unit converts to every other unit of its dimension.\n\n| dimension | units |\n|---|---|\n");
    let mut rest = UNITS;
    while let [first, ..] = rest {
        let count = rest.iter().take_while(|unit| unit.dimension == first.dimension).count();
        let names: Vec<String> = rest[..count].iter().map(|unit| format!("`{}`", unit.name)).collect();
        let _ = writeln!(page, "| {} | {} |", first.dimension, names.join(" "));
        rest = &rest[count..];
    }
}

fn rules(page: &mut String) {
    page.push_str("\n## Rules\n\nThe rules of failed transforms, with their reason codes.\n\n| rule | reason | means |\n|---|---|---|\n");
    for failure in Failure::ALL {
        let _ = writeln!(page, "| `{}` | `{}` | {failure} |", failure.rule(), failure.reason().code());
    }
}
