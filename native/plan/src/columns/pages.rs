//! Accepted records as Parquet column chunks, encoded straight from canonical text without Arrow arrays. Their types
//! are those of the record batches.

use arrow_schema::{ArrowError, SchemaRef};
use chartly_digest::{Digest, HEX_BYTES, write_hex};
use chartly_pages::{BooleanColumn, Chunk, HeadedColumn, NumberColumn, PageError, Schema, TextColumn};

use super::batch::RECORD_ID_HEAD;
use super::kind::Kind;
use super::parse;
use crate::output::Output;
use crate::plan::Plan;

/// Decimals of up to this many digits are stored as integers of at most 64 bits.
const WHOLE_DIGITS_MAX: u8 = 18;

/// This column is left out of Parquet files: the key is for the dedupe index, and mostly equals the record id.
const KEY_COLUMN: &str = "idempotency_key";

/// The columns of the current row group. [`PageColumns::clear`] keeps the memory for the next one.
#[derive(Debug)]
pub struct PageColumns {
    /// Each of the contract's columns: the position of its field, and the encoder.
    columns: Vec<(Option<usize>, Encoder)>,
    ids: HeadedColumn<HEX_BYTES>,
    lines: NumberColumn<i64>,
    offsets: NumberColumn<i64>,
    lengths: NumberColumn<i64>,
    rows: u64,
}

#[derive(Debug)]
enum Encoder {
    Text(TextColumn),
    Json(TextColumn),
    Float(NumberColumn<f64>),
    Integer(NumberColumn<i64>),
    Boolean(BooleanColumn),
    Timestamp(NumberColumn<i64>),
    Date(NumberColumn<i64>),
    Decimal { column: NumberColumn<i64>, scale: i8 },
    WideDecimal { column: NumberColumn<i128>, scale: i8 },
}

impl Plan {
    /// Return the columns of a Parquet file: those of [`Plan::accepted_schema`] except the keys.
    ///
    /// # Errors
    /// Parquet has no such column.
    pub fn page_schema(&self) -> Result<Schema, ArrowError> {
        Schema::new(&*self.page_arrow_schema()?).map_err(|error| ArrowError::ParquetError(error.to_string()))
    }

    fn page_arrow_schema(&self) -> Result<SchemaRef, ArrowError> {
        let schema = self.accepted_schema(false);
        let columns: Vec<usize> =
            (0..schema.fields().len()).filter(|at| schema.field(*at).name() != KEY_COLUMN).collect();
        schema.project(&columns).map(Into::into)
    }

    /// Return encoders for the columns of such a file.
    #[must_use]
    pub fn page_columns(&self, schema: &Schema) -> PageColumns {
        let encoder = |(at, kind): (usize, Kind)| match kind {
            Kind::Text => Encoder::Text(TextColumn::default()),
            Kind::Json => Encoder::Json(TextColumn::default()),
            Kind::Float => Encoder::Float(NumberColumn::new(schema.width(at))),
            Kind::Integer => Encoder::Integer(NumberColumn::new(schema.width(at))),
            Kind::Boolean => Encoder::Boolean(BooleanColumn::default()),
            Kind::Timestamp => Encoder::Timestamp(NumberColumn::new(schema.width(at))),
            Kind::Date => Encoder::Date(NumberColumn::new(schema.width(at))),
            Kind::Decimal { precision, scale } if precision <= WHOLE_DIGITS_MAX => {
                Encoder::Decimal { column: NumberColumn::new(schema.width(at)), scale }
            }
            Kind::Decimal { scale, .. } => Encoder::WideDecimal { column: NumberColumn::new(schema.width(at)), scale },
        };
        let place = || NumberColumn::of_unique(size_of::<i64>());
        let columns = self.columns.iter().enumerate();
        PageColumns {
            columns: columns.map(|(at, column)| (column.field, encoder((at, column.kind)))).collect(),
            ids: HeadedColumn::new(RECORD_ID_HEAD),
            lines: place(),
            offsets: place(),
            lengths: place(),
            rows: 0,
        }
    }
}

impl PageColumns {
    /// Append the accepted records of an output that was made with [`crate::RunOptions::columns`].
    ///
    /// # Errors
    /// The output was made without columns, or a page exceeds Parquet's limits.
    pub fn add(&mut self, output: &Output) -> Result<(), ArrowError> {
        let rows = output.record_ids.len();
        if rows == 0 {
            return Ok(());
        }
        let width = output.cells.len() / rows;
        if self.columns.iter().any(|(field, _)| field.is_some_and(|field| field >= width)) {
            return Err(ArrowError::InvalidArgumentError("the output was made without columns".to_owned()));
        }
        self.rows += rows as u64;
        for (field, encoder) in &mut self.columns {
            let cells = (0..rows).map(|row| {
                let cell = output.cells[row * width + (*field)?];
                // Among canonical values, only `null` starts with this letter.
                (!cell.is_absent()).then(|| &output.text[cell.range()]).filter(|text| text[0] != b'n')
            });
            encoder.add(cells).map_err(outgrown)?;
        }
        self.add_own(output).map_err(outgrown)
    }

    fn add_own(&mut self, output: &Output) -> Result<(), PageError> {
        self.ids.push_all(&output.record_ids, |digest: &Digest, hex| write_hex(digest, hex))?;
        for place in &output.places {
            let place = place.after(output.start);
            for (column, value) in
                [(&mut self.lines, place.line), (&mut self.offsets, place.offset), (&mut self.lengths, place.length)]
            {
                column.push(Some(value.cast_signed()));
            }
        }
        [&mut self.lines, &mut self.offsets, &mut self.lengths].into_iter().try_for_each(NumberColumn::end_piece)
    }

    /// Return the number of rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// End the row group and encode the remaining values.
    ///
    /// # Errors
    /// A page exceeds Parquet's limits.
    pub fn finish(&mut self) -> Result<(), ArrowError> {
        let places = [&mut self.lines, &mut self.offsets, &mut self.lengths];
        let encoded = self.columns.iter_mut().try_for_each(|(_, encoder)| encoder.finish());
        encoded.and_then(|()| places.into_iter().try_for_each(NumberColumn::finish)).map_err(outgrown)
    }

    /// Return the chunks of a finished row group, in the order of the schema.
    pub fn chunks(&mut self) -> impl Iterator<Item = &mut Chunk> {
        let places = [&mut self.lines, &mut self.offsets, &mut self.lengths];
        let contract = self.columns.iter_mut().map(|(_, encoder)| encoder.chunk());
        contract.chain([self.ids.chunk()]).chain(places.into_iter().map(NumberColumn::chunk))
    }

    /// Begin a new row group. Memory is kept.
    pub fn clear(&mut self) {
        self.columns.iter_mut().for_each(|(_, encoder)| encoder.clear());
        self.ids.clear();
        [&mut self.lines, &mut self.offsets, &mut self.lengths].into_iter().for_each(NumberColumn::clear);
        self.rows = 0;
    }
}

#[allow(clippy::needless_pass_by_value)] // for map_err
fn outgrown(error: PageError) -> ArrowError {
    ArrowError::ParquetError(error.to_string())
}

/// Evaluate an expression on the column that an encoder holds, whatever its type.
macro_rules! with_column {
    ($encoder:expr, $column:ident => $done:expr) => {
        match $encoder {
            Encoder::Text($column) | Encoder::Json($column) => $done,
            Encoder::Float($column) => $done,
            Encoder::Integer($column) | Encoder::Timestamp($column) | Encoder::Date($column) => $done,
            Encoder::Boolean($column) => $done,
            Encoder::Decimal { column: $column, .. } => $done,
            Encoder::WideDecimal { column: $column, .. } => $done,
        }
    };
}

impl Encoder {
    /// Append the cells of a piece. The cell of an absent field or a null is `None`.
    fn add<'t>(&mut self, cells: impl Iterator<Item = Option<&'t [u8]>>) -> Result<(), PageError> {
        match self {
            Self::Text(column) => cells.for_each(|cell| match cell.and_then(parse::text) {
                Some(text) => column.push(&text),
                None => column.push_null(),
            }),
            Self::Json(column) => cells.for_each(|cell| match cell {
                Some(text) => column.push(text),
                None => column.push_null(),
            }),
            Self::Float(column) => cells.for_each(|cell| column.push(cell.and_then(parse::float))),
            Self::Integer(column) => cells.for_each(|cell| column.push(cell.and_then(parse::integer))),
            Self::Boolean(column) => cells.for_each(|cell| column.push(cell.and_then(parse::boolean))),
            Self::Timestamp(column) => cells.for_each(|cell| column.push(cell.and_then(parse::timestamp))),
            Self::Date(column) => cells.for_each(|cell| column.push(cell.and_then(parse::date).map(i64::from))),
            Self::Decimal { column, scale } => cells.for_each(|cell| {
                let value = cell.and_then(|text| parse::decimal(text, *scale));
                column.push(value.and_then(|value| i64::try_from(value).ok()));
            }),
            Self::WideDecimal { column, scale } => {
                cells.for_each(|cell| column.push(cell.and_then(|text| parse::decimal(text, *scale))));
            }
        }
        with_column!(self, column => column.end_piece())
    }

    fn finish(&mut self) -> Result<(), PageError> {
        with_column!(self, column => column.finish())
    }

    fn chunk(&mut self) -> &mut Chunk {
        with_column!(self, column => column.chunk())
    }

    fn clear(&mut self) {
        with_column!(self, column => column.clear());
    }
}
