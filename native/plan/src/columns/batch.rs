//! Record batches of accepted and rejected records.

#![allow(unsafe_code)] // T canonical text becomes text columns without a second check of UTF-8

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
    StructBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch, UInt64Array};
use arrow_buffer::Buffer;
use arrow_schema::{ArrowError, DataType, Field as ArrowField, Fields, Schema, SchemaRef};

use super::kind::{Column, Kind};
use super::parse;
use super::texts::Texts;
use crate::output::{LINE_ID, Output};
use crate::plan::Plan;

const REASON_FIELDS: [&str; 4] = ["reason", "field", "path", "rule"];
const DIGEST_BYTES: i32 = 32;
pub(super) const RECORD_ID_HEAD: &[u8] = b"sha256:";
const RECORD_ID_BYTES: usize = RECORD_ID_HEAD.len() + chartly_digest::HEX_BYTES;

impl Plan {
    /// Return the schema of [`Plan::accepted_batch`]: the contract's columns by name, then the reserved ones;
    /// `_canonical` last when asked for.
    #[must_use]
    pub fn accepted_schema(&self, with_canonical: bool) -> SchemaRef {
        let mut fields: Vec<ArrowField> = self.columns.iter().map(Column::arrow_field).collect();
        fields.push(ArrowField::new("record_id", DataType::Utf8, false));
        fields.push(ArrowField::new("idempotency_key", DataType::FixedSizeBinary(DIGEST_BYTES), false));
        for name in ["raw_line", "raw_offset", "raw_length"] {
            fields.push(ArrowField::new(name, DataType::UInt64, false));
        }
        if with_canonical {
            fields.push(ArrowField::new("_canonical", DataType::Utf8, false));
        }
        Arc::new(Schema::new(fields))
    }

    /// Return the accepted records of an output that was made with [`crate::RunOptions::columns`].
    ///
    /// # Errors
    /// The output was made without columns, or a column exceeds Arrow's 32-bit offsets.
    pub fn accepted_batch(&self, output: &Output, with_canonical: bool) -> Result<RecordBatch, ArrowError> {
        let rows = output.accepted().len();
        if output.cells.len() != rows * self.fields.len() {
            return Err(ArrowError::InvalidArgumentError("the output was made without columns".to_owned()));
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len() + 6);
        for column in &self.columns {
            arrays.push(self.array(column, output)?);
        }
        append_own(output, with_canonical, &mut arrays)?;
        RecordBatch::try_new(self.accepted_schema(with_canonical), arrays)
    }

    /// Return the array of a column. A field that is absent or null is null.
    fn array(&self, column: &Column, output: &Output) -> Result<ArrayRef, ArrowError> {
        let width = self.fields.len();
        let rows = output.accepted().len();
        let ranges = (0..rows).map(|row| {
            let cell = output.cells[row * width + column.field?];
            // Among canonical values, only `null` starts with this letter.
            (!cell.is_absent() && output.text[cell.range().start] != b'n').then(|| cell.range())
        });
        let cells = ranges.clone().map(|range| range.map(|range| &output.text[range]));
        Ok(match column.kind {
            Kind::Text => {
                let plain = Texts::of_plain(&output.text, ranges.clone(), rows)?;
                let texts = plain.map_or_else(|| Texts::of_escaped(&output.text, ranges, rows), Ok)?;
                // SAFETY: the bytes are the characters of canonical strings, which are UTF-8.
                unsafe { texts.finish() }
            }
            Kind::Json => {
                let mut texts = Texts::out_of(&output.text, rows, rows * 16)?;
                for cell in cells {
                    match cell {
                        Some(text) => texts.push(text),
                        None => texts.push_null(),
                    }
                }
                // SAFETY: the bytes are canonical values, which are UTF-8.
                unsafe { texts.finish() }
            }
            Kind::Float => {
                let mut builder = Float64Builder::with_capacity(rows);
                cells.for_each(|cell| builder.append_option(cell.and_then(parse::float)));
                Arc::new(builder.finish())
            }
            Kind::Integer => {
                let mut builder = Int64Builder::with_capacity(rows);
                cells.for_each(|cell| builder.append_option(cell.and_then(parse::integer)));
                Arc::new(builder.finish())
            }
            Kind::Boolean => {
                let mut builder = BooleanBuilder::with_capacity(rows);
                cells.for_each(|cell| builder.append_option(cell.and_then(parse::boolean)));
                Arc::new(builder.finish())
            }
            Kind::Timestamp => {
                let mut builder = TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC");
                cells.for_each(|cell| builder.append_option(cell.and_then(parse::timestamp)));
                Arc::new(builder.finish())
            }
            Kind::Date => {
                let mut builder = Date32Builder::with_capacity(rows);
                cells.for_each(|cell| builder.append_option(cell.and_then(parse::date)));
                Arc::new(builder.finish())
            }
            Kind::Decimal { precision, scale } => {
                let builder = Decimal128Builder::with_capacity(rows);
                let mut builder = builder.with_precision_and_scale(precision, scale)?;
                cells.for_each(|cell| builder.append_option(cell.and_then(|text| parse::decimal(text, scale))));
                Arc::new(builder.finish())
            }
        })
    }
}

/// Append the reserved columns: ids, keys and places, and canonical bytes if asked for.
fn append_own(output: &Output, with_canonical: bool, arrays: &mut Vec<ArrayRef>) -> Result<(), ArrowError> {
    let rows = output.canonical.len();
    let mut ids = Texts::out_of(&output.text, rows, rows * RECORD_ID_BYTES)?;
    let missing_id = || ArrowError::InvalidArgumentError("a line without its id".to_owned());
    for range in &output.canonical {
        // The line of `accepted.ndjson` already holds the id as text.
        let start = range.end + LINE_ID.len() - RECORD_ID_HEAD.len();
        // The length is a constant, so the copy goes through registers.
        let id: &[u8; RECORD_ID_BYTES] = output.text[start..].first_chunk().ok_or_else(missing_id)?;
        ids.push(id);
    }
    // SAFETY: ids are ASCII.
    arrays.push(unsafe { ids.finish() });
    let keys = if output.keys.is_empty() { &output.record_ids } else { &output.keys };
    let keys = Buffer::from_slice_ref(keys.as_flattened());
    arrays.push(Arc::new(FixedSizeBinaryArray::try_new(DIGEST_BYTES, keys, None)?));
    let places = || output.places.iter().map(|place| place.after(output.start));
    arrays.push(Arc::new(UInt64Array::from_iter_values(places().map(|place| place.line))));
    arrays.push(Arc::new(UInt64Array::from_iter_values(places().map(|place| place.offset))));
    arrays.push(Arc::new(UInt64Array::from_iter_values(places().map(|place| place.length))));
    if with_canonical {
        let mut canonical = Texts::out_of(&output.text, rows, output.text.len())?;
        for range in &output.canonical {
            canonical.push(&output.text[range.clone()]);
        }
        // SAFETY: RFC 8785 bytes are UTF-8.
        arrays.push(unsafe { canonical.finish() });
    }
    Ok(())
}

/// Return the schema of [`rejected_batch`].
#[must_use]
pub fn rejected_schema() -> SchemaRef {
    let reason = DataType::Struct(reason_fields());
    let reasons = DataType::List(Arc::new(ArrowField::new("item", reason, false)));
    Arc::new(Schema::new(vec![
        ArrowField::new("line", DataType::UInt64, false),
        ArrowField::new("offset", DataType::UInt64, false),
        ArrowField::new("length", DataType::UInt64, false),
        ArrowField::new("reasons", reasons, false),
    ]))
}

fn reason_fields() -> Fields {
    REASON_FIELDS.iter().map(|name| ArrowField::new(*name, DataType::Utf8, false)).collect()
}

/// Return the rejected records of an output.
///
/// # Errors
/// A column exceeds Arrow's 32-bit offsets.
pub fn rejected_batch(output: &Output) -> Result<RecordBatch, ArrowError> {
    let rows = output.rejected().len();
    let mut places = [(); 3].map(|()| UInt64Builder::with_capacity(rows));
    let structs = StructBuilder::from_fields(reason_fields(), rows);
    let item = ArrowField::new("item", DataType::Struct(reason_fields()), false);
    let mut reasons = ListBuilder::new(structs).with_field(item);
    for record in output.rejected() {
        let place = record.place;
        for (builder, value) in places.iter_mut().zip([place.line, place.offset, place.length]) {
            builder.append_value(value);
        }
        for reason in &record.reasons {
            let values = [reason.code.as_str(), &reason.field, &reason.path, &reason.rule];
            for (index, value) in values.into_iter().enumerate() {
                if let Some(builder) = reasons.values().field_builder::<StringBuilder>(index) {
                    builder.append_value(value);
                }
            }
            reasons.values().append(true);
        }
        reasons.append(true);
    }
    let mut arrays: Vec<ArrayRef> = places.map(|mut builder| Arc::new(builder.finish()) as ArrayRef).into();
    arrays.push(Arc::new(reasons.finish()));
    RecordBatch::try_new(rejected_schema(), arrays)
}
