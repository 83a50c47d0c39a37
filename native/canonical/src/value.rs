//! Values, members in canonical order.

use chartly_json::{Member, Node, NumberError, Object, Value};

use crate::{CanonicalError, Precision, compare_keys, write_double, write_number, write_string};

/// Append the canonical bytes of a value whose numbers doubles must hold.
///
/// Keys must not repeat; for raw documents, call [`Node::first_duplicate_deep`] first. On an error, `out` holds a part
/// of the value.
///
/// # Errors
/// [`CanonicalError::Number`] for the first number, in canonical order, that a double can't hold.
pub fn write_value(value: &Value<'_>, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    write(value, 0, Precision::MustSurvive, out)
}

pub(crate) fn write_node(node: &Node<'_>, precision: Precision, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    write(&node.value, node.span.start as usize, precision, out)
}

fn write(value: &Value<'_>, offset: usize, precision: Precision, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(text) => {
            write_number(text, precision, out).map_err(|error| CanonicalError::Number { offset, error })?;
        }
        Value::Double(double) if double.is_finite() => write_double(*double, out),
        Value::Double(_) => return Err(CanonicalError::Number { offset, error: NumberError::Overflow }),
        Value::String(text) | Value::Decimal(text) => write_string(text, out),
        Value::Array(elements) => {
            out.push(b'[');
            for (position, element) in elements.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_node(element, precision, out)?;
            }
            out.push(b']');
        }
        Value::Object(object) => return write_object(object, precision, out),
    }
    Ok(())
}

fn write_object(object: &Object<'_>, precision: Precision, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    let members = object.members();
    out.push(b'{');
    if members.is_sorted_by(|one, other| compare_keys(&one.key, &other.key).is_le()) {
        write_members(members.iter(), precision, out)?;
    } else {
        let mut ordered: Vec<&Member<'_>> = members.iter().collect();
        ordered.sort_by(|one, other| compare_keys(&one.key, &other.key));
        write_members(ordered.into_iter(), precision, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_members<'m, 'a: 'm>(
    members: impl Iterator<Item = &'m Member<'a>>,
    precision: Precision,
    out: &mut Vec<u8>,
) -> Result<(), CanonicalError> {
    for (position, member) in members.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_string(&member.key, out);
        out.push(b':');
        write_node(&member.node, precision, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A computed object is written in canonical order, exact decimals as strings.
    #[test]
    fn writes_computed_values() {
        let mut object = Object::default();
        object.push("z", Value::Double(1.50));
        object.push("a", Value::Decimal("19.90".into()));
        let mut out = Vec::new();
        assert_eq!(write_value(&Value::Object(object), &mut out), Ok(()));
        assert_eq!(out, br#"{"a":"19.90","z":1.5}"#);
    }

    /// A number that a double can't hold is an error for a payload and is not rounded.
    #[test]
    fn refuses_precision_loss() {
        let value = Value::Number("9007199254740993".into());
        let error = CanonicalError::Number { offset: 0, error: NumberError::PrecisionLoss };
        assert_eq!(write_value(&value, &mut Vec::new()), Err(error));
    }
}
