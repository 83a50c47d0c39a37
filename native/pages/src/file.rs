//! A Parquet file: row groups, then the footer. It encodes no values.

use std::io::Write;
use std::sync::Arc;

use arrow_schema::Schema as ArrowSchema;
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowSchemaConverter, encode_arrow_schema};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::schema::types::SchemaDescPtr;

use crate::chunk::Chunk;

const MAGIC: &[u8; 4] = b"PAR1";

/// The columns of a file, as Parquet and as Arrow types.
#[derive(Debug, Clone)]
pub struct Schema {
    columns: SchemaDescPtr,
    arrow: String,
}

impl Schema {
    /// Return the Parquet columns for an Arrow schema.
    ///
    /// # Errors
    /// Parquet has no such column.
    pub fn new(schema: &ArrowSchema) -> Result<Self, ParquetError> {
        let columns = ArrowSchemaConverter::new().convert(schema)?;
        Ok(Self { columns: Arc::new(columns), arrow: encode_arrow_schema(schema) })
    }

    /// Return the fixed length of a column's values in bytes, where they have one.
    #[must_use]
    pub fn width(&self, column: usize) -> usize {
        let column = self.columns.column(column);
        match column.physical_type() {
            parquet::basic::Type::INT32 | parquet::basic::Type::FLOAT => size_of::<i32>(),
            parquet::basic::Type::FIXED_LEN_BYTE_ARRAY => usize::try_from(column.type_length()).unwrap_or_default(),
            _ => size_of::<i64>(),
        }
    }
}

/// A file that is written from start to end.
#[derive(Debug)]
pub struct ParquetFile<W> {
    writer: W,
    written: u64,
    schema: Schema,
    row_groups: Vec<RowGroupMetaData>,
}

impl<W: Write> ParquetFile<W> {
    /// Begin a file.
    ///
    /// # Errors
    /// The writer's errors.
    pub fn new(mut writer: W, schema: Schema) -> std::io::Result<Self> {
        writer.write_all(MAGIC)?;
        Ok(Self { writer, written: MAGIC.len() as u64, schema, row_groups: Vec::new() })
    }

    /// Append a row group: one finished chunk for each column, all with the same number of rows.
    ///
    /// # Errors
    /// The writer's errors, or that the chunks don't match the schema.
    pub fn append<'c>(&mut self, chunks: impl IntoIterator<Item = &'c mut Chunk>) -> Result<(), ParquetError> {
        let mut group = RowGroupMetaData::builder(self.schema.columns.clone()).set_file_offset(offset(self.written)?);
        let (mut rows, mut plain_bytes) = (0, 0);
        for (at, chunk) in chunks.into_iter().enumerate() {
            (rows, plain_bytes) = (chunk.rows, plain_bytes + chunk.plain_bytes);
            group = group.add_column_metadata(self.described(at, chunk)?);
            for pages in [&chunk.dictionary, &chunk.pages] {
                self.writer.write_all(pages)?;
                self.written += pages.len() as u64;
            }
        }
        let group = group.set_num_rows(offset(rows)?).set_total_byte_size(offset(plain_bytes)?);
        self.row_groups.push(group.build()?);
        Ok(())
    }

    /// Return the footer's entry for the chunk that is written next.
    fn described(&self, at: usize, chunk: &mut Chunk) -> Result<ColumnChunkMetaData, ParquetError> {
        if at >= self.schema.columns.num_columns() {
            return Err(ParquetError::General("a chunk without a column".to_owned()));
        }
        let dictionary_bytes = chunk.dictionary.len() as u64;
        let mut described = ColumnChunkMetaData::builder(self.schema.columns.column(at))
            .set_encodings(chunk.encodings())
            .set_compression(chunk.compression())
            .set_num_values(offset(chunk.rows)?)
            .set_total_compressed_size(offset(dictionary_bytes + chunk.pages.len() as u64)?)
            .set_total_uncompressed_size(offset(chunk.plain_bytes)?)
            .set_data_page_offset(offset(self.written + dictionary_bytes)?);
        if dictionary_bytes > 0 {
            described = described.set_dictionary_page_offset(Some(offset(self.written)?));
        }
        if let Some(statistics) = chunk.statistics.take() {
            described = described.set_statistics(statistics);
        }
        described.build()
    }

    /// Write the footer and return the writer.
    ///
    /// # Errors
    /// The writer's errors.
    pub fn finish(mut self) -> Result<W, ParquetError> {
        let rows = self.row_groups.iter().map(RowGroupMetaData::num_rows).sum();
        let made_by = concat!("chartly-pages version ", env!("CARGO_PKG_VERSION")).to_owned();
        let arrow = vec![KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), self.schema.arrow)];
        let file = FileMetaData::new(1, rows, Some(made_by), Some(arrow), self.schema.columns, None);
        let footer = ParquetMetaData::new(file, self.row_groups);
        ParquetMetaDataWriter::new(&mut self.writer, &footer).finish()?;
        Ok(self.writer)
    }
}

fn offset(bytes: u64) -> Result<i64, ParquetError> {
    i64::try_from(bytes).map_err(|_| ParquetError::General("a file beyond 2^63 bytes".to_owned()))
}
