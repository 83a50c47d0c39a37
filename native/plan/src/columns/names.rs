//! Names that a dataset's table can hold. It knows no types.
//!
//! Delta tables and `DuckDB` compare names in lower case, as `str::to_lowercase` makes it. Storage adds columns of its own
//! to every table, and names the later ones with an underscore at the front.

use super::kind::Column;
use crate::error::PlanError;
use crate::profile::{FieldSpec, Profile, Source, escape_pointer};

/// The columns that storage adds to every table, beside those that begin with an underscore. The last one is added by
/// `DuckDB` when storage reads a table's files.
const STORAGE: [&str; 6] = ["record_id", "idempotency_key", "raw_line", "raw_offset", "raw_length", "file_row_number"];
/// The column that storage adds to a table unless the plan has one of exactly this name.
const OCCURRED_AT: &str = "occurred_at";

/// Why a table can't hold a name.
struct Refusal {
    rule: &'static str,
    problem: String,
    /// A name that a table can hold.
    other: String,
}

/// Check that one table can hold all columns. `columns` is in the order of names.
///
/// # Errors
/// The first name that a table can't hold: at the field that is mapped to it, else at the contract's property.
pub(crate) fn check_names(columns: &[Column], spec: &Profile) -> Result<(), PlanError> {
    match columns.iter().find_map(|column| Some((column, refusal(&column.name)?))) {
        Some((column, refusal)) => Err(error(column, spec, &refusal)),
        None => check_case(columns, spec),
    }
}

/// Return why no table can hold a name, whatever its other columns are.
fn refusal(name: &str) -> Option<Refusal> {
    let lower = name.to_lowercase();
    let plain = name.trim_start_matches('_').replace('\0', "");
    let plain = if plain.is_empty() { "value".to_owned() } else { plain };
    let (rule, problem, other) = if name.is_empty() {
        ("columnName", "a column must have a name".to_owned(), plain)
    } else if name.contains('\0') {
        ("columnName", "a column's name can't have the character U+0000".to_owned(), plain)
    } else if name.starts_with('_') {
        ("columnName", format!("{name:?} begins with an underscore, as only columns of storage do"), plain)
    } else if STORAGE.contains(&lower.as_str()) || (lower == OCCURRED_AT && name != OCCURRED_AT) {
        let other = if lower == OCCURRED_AT { lower.clone() } else { format!("source_{lower}") };
        ("reservedColumn", format!("{name:?} in lower case is {lower:?}, a column that storage adds"), other)
    } else {
        return None;
    };
    Some(Refusal { rule, problem, other })
}

/// Check that no two names are equal in lower case.
fn check_case(columns: &[Column], spec: &Profile) -> Result<(), PlanError> {
    let mut in_lower_case: Vec<(String, &Column)> =
        columns.iter().map(|column| (column.name.to_lowercase(), column)).collect();
    in_lower_case.sort_by(|one, other| one.0.cmp(&other.0));
    for pair in in_lower_case.windows(2) {
        let ((lower, one), (same, other)) = (&pair[0], &pair[1]);
        if lower == same {
            // A profile's author can change a mapping. Nobody can change the field `type`.
            let (at, kept) = if mapping(one, spec).is_some() && mapping(other, spec).is_none() || other.name == "type" {
                (one, other)
            } else {
                (other, one)
            };
            let problem = format!("{:?} and {:?} differ only in case; a table can't hold both", at.name, kept.name);
            return Err(error(at, spec, &Refusal { rule: "columnCase", problem, other: format!("{}_2", at.name) }));
        }
    }
    Ok(())
}

/// Return the error at the place that names the column, with the next step.
fn error(column: &Column, spec: &Profile, refusal: &Refusal) -> PlanError {
    let Refusal { rule, problem, other } = refusal;
    match mapping(column, spec) {
        Some(FieldSpec { pointer, source: Source::Path(path), .. }) => {
            PlanError::profile(pointer, rule, format!("{problem}; map it to another name, such as {other}: {path}"))
        }
        Some(field) => {
            PlanError::profile(&field.pointer, rule, format!("{problem}; choose another name, such as {other}"))
        }
        None => {
            let place = format!("/properties/{}", escape_pointer(&column.name));
            PlanError::contract(place, rule, format!("{problem}; rename the property, such as to {other}"))
        }
    }
}

/// Return the profile's field that fills the column, if the profile maps one.
fn mapping<'s>(column: &Column, spec: &'s Profile) -> Option<&'s FieldSpec> {
    spec.fields.iter().find(|field| field.name == column.name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan::Plan;

    /// Return the document, place and rule of the error for these mapped fields and these properties of the contract.
    fn refused(mapped: &[&str], properties: &[&str]) -> Option<(String, String, &'static str, String)> {
        let mapping: serde_json::Map<String, Value> =
            mapped.iter().map(|name| ((*name).to_owned(), json!("$.v"))).collect();
        let properties: serde_json::Map<String, Value> =
            properties.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
        let spec = json!({ "canonicalEventType": "t", "mapping": mapping });
        let error = Plan::compile(&spec, &json!({ "properties": properties })).err()?;
        Some((error.document.to_string(), error.pointer, error.rule, error.detail))
    }

    fn place(mapped: &[&str], properties: &[&str]) -> Option<(String, String, &'static str)> {
        refused(mapped, properties).map(|(document, pointer, rule, _)| (document, pointer, rule))
    }

    fn at(document: &str, pointer: &str, rule: &'static str) -> (String, String, &'static str) {
        (document.to_owned(), pointer.to_owned(), rule)
    }

    /// Two names that are equal in lower case are refused: both mapped, one in the contract alone, or one is `type`.
    #[test]
    fn refuses_names_that_differ_only_in_case() {
        assert_eq!(place(&["ID", "id"], &[]), Some(at("profile", "/mapping/id", "columnCase")));
        assert_eq!(place(&["É", "é"], &[]), Some(at("profile", "/mapping/é", "columnCase")));
        assert_eq!(place(&["İ", "i\u{307}"], &[]), Some(at("profile", "/mapping/İ", "columnCase")));
        assert_eq!(place(&["id"], &["ID"]), Some(at("profile", "/mapping/id", "columnCase")));
        assert_eq!(place(&["ID"], &["id"]), Some(at("profile", "/mapping/ID", "columnCase")));
        assert_eq!(place(&[], &["ID", "id"]), Some(at("contract", "/properties/id", "columnCase")));
        assert_eq!(place(&["Type"], &["Type", "type"]), Some(at("profile", "/mapping/Type", "columnCase")));
        assert_eq!(place(&[], &["TYPE"]), Some(at("contract", "/properties/TYPE", "columnCase")));
        assert_eq!(place(&["ß", "SS", "ſ", "s_"], &["S", "id", "ID_2"]), None);
    }

    /// A name that is a column of storage is refused in any case; `occurred_at` itself may be mapped.
    #[test]
    fn refuses_the_names_of_columns_that_storage_adds() {
        for name in
            ["record_id", "Record_Id", "RAW_LINE", "raw_offset", "Raw_Length", "idempotency_KEY", "File_Row_Number"]
        {
            assert_eq!(place(&[name], &[]), Some(at("profile", &format!("/mapping/{name}"), "reservedColumn")));
            assert_eq!(place(&[], &[name]), Some(at("contract", &format!("/properties/{name}"), "reservedColumn")));
        }
        assert_eq!(place(&["occurred_at", "record_ids", "raw line", "filename"], &["occurred_at"]), None);
    }

    /// A name that begins with an underscore, holds U+0000 or is empty is refused; any other character is accepted.
    #[test]
    fn refuses_names_that_no_table_can_hold() {
        for name in ["_", "_id", "__v", "_canonical", "_sequence", "a\0b", ""] {
            assert_eq!(place(&[name], &[]), Some(at("profile", &format!("/mapping/{name}"), "columnName")));
            assert_eq!(place(&[], &[name]), Some(at("contract", &format!("/properties/{name}"), "columnName")));
        }
        assert_eq!(
            place(&["a_", "a.b", ".", "a b", " ", "a,b", ";{}()=", "a\tb\n", "\u{7f}", "[0]", "\"", "*"], &[]),
            None
        );
        assert_eq!(place(&[&"x".repeat(200_000)], &[]), None);
    }

    /// The error says what to do next, with the field's own path.
    #[test]
    fn names_the_next_step() {
        let detail = |mapped: &[&str], properties: &[&str]| refused(mapped, properties).map(|found| found.3);
        assert!(
            detail(&["_id"], &["_id"]).is_some_and(|text| text.ends_with("map it to another name, such as id: $.v"))
        );
        assert!(detail(&["ID", "id"], &[]).is_some_and(|text| text.ends_with("such as id_2: $.v")));
        assert!(detail(&[], &["_id"]).is_some_and(|text| text.contains("rename the property, such as to id")));
    }
}
