//! The reference page of the ops, written from their definitions and examples.
//!
//! It only lays out; whatever it says stands in the ops' own files, so the page can't say what the code doesn't do.

use std::fmt::Write;

use crate::example::{Example, Shows};
use crate::registry::DEFINITIONS;
use crate::timestamp::pattern::DIRECTIVES;
use crate::units::UNITS;
use crate::{Definition, Failure, condition, conditional};

/// What stands above the ops.
const PREFACE: &str = "# Transforms

Every op of a profile's `transforms`, in the form `{op: toNumber, field: amount}` under `spec.transforms`, or `{op: toNumber}` in a
field's own list. This page is written from the ops' definitions and from examples that run as tests
(`cargo run -p chartly-transform --example reference`, in `native/`).

## What holds for all

- An op on an absent field does nothing, and a null passes unchanged; `coalesce` and `template` are for these.
- An op that can't convert a value fails; it never guesses. The record is rejected with the op's name and the rule, never the value.
- A number that an op gives must survive as an IEEE 754 double: RFC 8785 writes it as the very decimal that it is. If not, the reason is
  `PRECISION_LOSS`. Arithmetic is exact, in decimals of up to 38 digits.
- With `collect: true`, ops go over each element.
- Any op takes `when`, a condition on this field or others; see [Conditions](#conditions).
- An unknown op, an unknown option, or an option that means nothing beside the others is an error of the profile.
- A text that an op makes has at most 1,048,576 bytes, an array at most 65,536 elements; beyond that the op fails.
";

/// Write the page.
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
    match example.shows {
        Shows::Gives(value) => code(value),
        Shows::Drops => "absent".to_owned(),
        Shows::Fails(failure) => format!("{}: {failure}", failure.reason().code()),
    }
}

/// Sets text in code within a table, where a bar ends the cell even there.
fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", text.replace('|', "\\|"))
}

fn conditions(page: &mut String) {
    page.push_str(
        "\n## Conditions\n\nA transform with `when` runs only where its condition holds; elsewhere the field stays as it is. A condition is a map \
         of tests that all must hold. A test on a field that is absent or null doesn't hold, but for `present: false`; a condition never \
         fails. Other fields are seen as they stand when the transform runs: a field's own transforms run before `spec.transforms`. At most \
         64 tests, nested at most 8 deep.\n",
    );
    options(page, condition::OPTIONS);
    let _ = write!(page, "\nOn `{}`:\n", conditional::EXAMPLE_OP);
    examples(page, conditional::EXAMPLES);
}

fn patterns(page: &mut String) {
    page.push_str(
        "\n## Patterns\n\n`patterns` of `toUtcTimestamp` and `toDate` are a strict subset of strftime. Text must have exactly the pattern's \
         form, with nothing before or after; whatever isn't a directive stands for itself. A pattern has one year, one month and day (or `%j`), \
         and no part twice; a part of the time that it lacks is zero. For `toUtcTimestamp` it has `%z`, or the op names a `zone`.\n\n\
         | directive | reads |\n|---|---|\n",
    );
    for (directive, meaning) in DIRECTIVES {
        let _ = writeln!(page, "| `{directive}` | {meaning} |");
    }
}

fn units(page: &mut String) {
    page.push_str("\n## Units\n\nOf `convertUnit`, by dimension. A unit converts to every other of its line.\n\n| dimension | units |\n|---|---|\n");
    let mut rest = UNITS;
    while let [first, ..] = rest {
        let count = rest.iter().take_while(|unit| unit.dimension == first.dimension).count();
        let names: Vec<String> = rest[..count].iter().map(|unit| format!("`{}`", unit.name)).collect();
        let _ = writeln!(page, "| {} | {} |", first.dimension, names.join(" "));
        rest = &rest[count..];
    }
}

fn rules(page: &mut String) {
    page.push_str("\n## Rules\n\nWhat a failed transform can name, with its reason code.\n\n| rule | reason | means |\n|---|---|---|\n");
    for failure in Failure::ALL {
        let _ = writeln!(page, "| `{}` | `{}` | {failure} |", failure.rule(), failure.reason().code());
    }
}
