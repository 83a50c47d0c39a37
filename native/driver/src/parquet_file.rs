//! `accepted.parquet`: row groups encoded by the workers, appended in order. It does not choose columns; the plan does.

use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DataType, SchemaRef};
use chartly_plan::{Output, Plan};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::error::DriverError;
use crate::files::{ACCEPTED_PARQUET, WholeFile};

/// Encoded columns of one block.
pub(crate) type RowGroup = Vec<ArrowColumnChunk>;

/// Encodes row groups; shared by the workers.
pub(crate) struct Encoder {
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// Positions of the file's columns among the plan's.
    columns: Vec<usize>,
}

/// The file, written by one thread at a time.
pub(crate) struct ParquetFile {
    writer: SerializedFileWriter<WholeFile>,
}

/// The plan's column that is left out: a key is for the dedupe index, and most are the record id over again.
const KEY_COLUMN: &str = "idempotency_key";

/// Creates the file in a folder.
pub(crate) fn create(plan: &Plan, folder: &Path) -> Result<(ParquetFile, Encoder), DriverError> {
    let schema = plan.accepted_schema(false);
    let columns: Vec<usize> = (0..schema.fields().len()).filter(|at| schema.field(*at).name() != KEY_COLUMN).collect();
    let schema = Arc::new(schema.project(&columns)?);
    let file = WholeFile::create(folder, ACCEPTED_PARQUET)?;
    let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties(&schema)))?;
    let (writer, factory) = writer.into_serialized_writer()?;
    Ok((ParquetFile { writer }, Encoder { factory, schema, columns }))
}

/// A column's dictionary may grow to this before its values are written plainly: some 2,000 short values. Columns of few values get
/// theirs, and columns of many (ids, times) waste little on trying. Parquet's usual 1 MiB would hold a whole row group of unique ids.
const DICTIONARY_BYTES_MAX: usize = 32 << 10;

/// Bytes of a page before compression, some 10,000 short values. A page's memory grows by doubling and is new for each page: up to
/// Parquet's usual 1 MiB, that is copies and page faults beyond the CPU's cache.
const PAGE_BYTES: usize = 128 << 10;

fn properties(schema: &SchemaRef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for field in schema.fields() {
        let column = ColumnPath::from(field.name().as_str());
        match field.data_type() {
            // Digests have no two values alike: nothing compresses, and a least and a greatest one exclude nothing.
            DataType::Utf8 if field.name() == "record_id" => {
                properties = properties
                    .set_column_dictionary_enabled(column.clone(), false)
                    .set_column_compression(column.clone(), Compression::UNCOMPRESSED)
                    .set_column_statistics_enabled(column, EnabledStatistics::None);
            }
            // Comparing every text costs more than all else about it, and what readers prune by are times and numbers.
            DataType::Utf8 => properties = properties.set_column_statistics_enabled(column, EnabledStatistics::None),
            DataType::UInt64 if field.name().starts_with("raw_") => {
                properties = properties
                    .set_column_dictionary_enabled(column.clone(), false)
                    .set_column_encoding(column.clone(), Encoding::DELTA_BINARY_PACKED)
                    .set_column_statistics_enabled(column, EnabledStatistics::None);
            }
            _ => {}
        }
    }
    properties.build()
}

impl Encoder {
    /// Begins a row group.
    pub(crate) fn begin(&self) -> Columns<'_> {
        Columns { encoder: self, writers: Vec::new() }
    }
}

/// A row group in the making.
pub(crate) struct Columns<'e> {
    encoder: &'e Encoder,
    /// Empty until there is a record.
    writers: Vec<ArrowColumnWriter>,
}

impl Columns<'_> {
    /// Adds the accepted records of a piece.
    pub(crate) fn add(&mut self, plan: &Plan, output: &Output) -> Result<(), DriverError> {
        if output.counts().accepted == 0 {
            return Ok(());
        }
        let Encoder { factory, schema, columns } = self.encoder;
        if self.writers.is_empty() {
            self.writers = factory.create_column_writers(0)?;
        }
        let batch = plan.accepted_batch(output, false)?;
        let mut writers = self.writers.iter_mut();
        for (field, column) in schema.fields().iter().zip(columns) {
            for leaf in compute_leaves(field, batch.column(*column))? {
                let missing = || DriverError::Columns("a column without a writer".to_owned());
                writers.next().ok_or_else(missing)?.write(&leaf)?;
            }
        }
        Ok(())
    }

    /// Encodes what is left; nothing when there was no record.
    pub(crate) fn finish(self) -> Result<Option<RowGroup>, DriverError> {
        if self.writers.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.writers.into_iter().map(ArrowColumnWriter::close).collect::<Result<_, _>>()?))
    }
}

impl ParquetFile {
    pub(crate) fn append(&mut self, row_group: RowGroup) -> Result<(), DriverError> {
        let mut writer = self.writer.next_row_group()?;
        for column in row_group {
            column.append_to_row_group(&mut writer)?;
        }
        writer.close()?;
        Ok(())
    }

    /// Writes the footer and gives the file, whole but not yet under its name.
    pub(crate) fn finish(self) -> Result<WholeFile, DriverError> {
        Ok(self.writer.into_inner()?)
    }
}

/// Shared by the workers, or nothing where no columns are written.
pub(crate) type SharedEncoder = Option<Arc<Encoder>>;
