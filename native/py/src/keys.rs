//! Convert columns of 32-byte keys and record ids between Arrow and slices.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use pyo3_arrow::PyArray;

use crate::error::{BindingError, Result};

/// Return the values of a `fixed_size_binary[32]` column without nulls, in place.
pub(crate) fn of<'a>(column: &'a PyArray, name: &str) -> Result<&'a [[u8; 32]]> {
    let array = binary(column.array(), name)?;
    if array.null_count() > 0 {
        return Err(BindingError::Argument(format!("{name} has nulls")));
    }
    let values = array.as_fixed_size_binary();
    Ok(values.value_data().as_chunks().0)
}

/// Return the record ids of a column without nulls: as `fixed_size_binary[32]`, or as the text `sha256:` and 64 digits
/// that tables have.
pub(crate) fn record_ids(column: &PyArray) -> Result<Cow<'_, [[u8; 32]]>> {
    let array = column.array();
    let texts: Vec<Option<&str>> = match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().collect(),
        DataType::Utf8View => array.as_string_view().iter().collect(),
        _ => return of(column, "record_ids").map(Cow::Borrowed),
    };
    let id =
        |text: Option<&str>| text.and_then(|text| chartly_digest::parse_hex(text.strip_prefix("sha256:")?.as_bytes()));
    let ids: Option<Vec<[u8; 32]>> = texts.into_iter().map(id).collect();
    ids.map(Cow::Owned).ok_or_else(|| BindingError::Argument("record_ids has a value that is no record id".to_owned()))
}

/// Return the values of a `fixed_size_binary[32]` column, null where there is none.
pub(crate) fn optional(column: &PyArray, name: &str) -> Result<Vec<Option<[u8; 32]>>> {
    let array = binary(column.array(), name)?.as_fixed_size_binary();
    let value = |value: Option<&[u8]>| value.and_then(|value| value.try_into().ok());
    Ok(array.iter().map(value).collect())
}

/// Return a column with null where there is no value.
pub(crate) fn column(values: &[Option<[u8; 32]>]) -> Result<PyArray> {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(values.len(), 32);
    for value in values {
        match value {
            Some(value) => builder.append_value(value).map_err(|error| BindingError::Argument(error.to_string()))?,
            None => builder.append_null(),
        }
    }
    Ok(PyArray::from_array_ref(Arc::new(builder.finish())))
}

fn binary<'a>(array: &'a ArrayRef, name: &str) -> Result<&'a ArrayRef> {
    match array.data_type() {
        DataType::FixedSizeBinary(32) => Ok(array),
        other => Err(BindingError::Argument(format!("{name} is {other}, not fixed_size_binary[32]"))),
    }
}
