//! Parquet's own reader reads back every column type, with and without nulls, with few distinct values and many.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Decimal128Type, Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};
use chartly_pages::{BooleanColumn, Chunk, HeadedColumn, Number, NumberColumn, ParquetFile, Schema, TextColumn};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

/// Rows of a piece: many pieces make a page, and many pages a chunk.
const PIECE_ROWS: usize = 700;

/// A file of one column, as its reader returns it.
struct Read {
    arrays: Vec<ArrayRef>,
    chunks: Vec<ColumnChunkMetaData>,
}

fn schema(data_type: DataType, is_nullable: bool) -> Schema {
    Schema::new(&ArrowSchema::new(vec![Field::new("column", data_type, is_nullable)])).expect("a Parquet type")
}

fn read(file: ParquetFile<Vec<u8>>) -> Read {
    let bytes = file.finish().expect("memory does not fail");
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes));
    let reader = reader.expect("a Parquet file");
    let chunks = reader.metadata().row_groups().iter().map(|group| group.column(0).clone()).collect();
    let batches = reader.with_batch_size(1 << 20).build().expect("readable");
    Read { arrays: batches.map(|batch| batch.expect("sound pages").column(0).clone()).collect(), chunks }
}

/// Encode each group of values into a row group of a file, with the same column for all of them.
fn written<C, V>(
    schema: Schema,
    groups: &[Vec<V>],
    column: &mut C,
    piece: impl Fn(&mut C, &[V]),
    finish: impl for<'c> Fn(&'c mut C) -> &'c mut Chunk,
    clear: impl Fn(&mut C),
) -> Read {
    let mut file = ParquetFile::new(Vec::new(), schema).expect("memory does not fail");
    for group in groups {
        clear(column);
        group.chunks(PIECE_ROWS).for_each(|values| piece(column, values));
        file.append([finish(column)]).expect("the chunk is the schema's");
    }
    read(file)
}

fn texts(groups: &[Vec<Option<String>>]) -> Read {
    written(
        schema(DataType::Utf8, true),
        groups,
        &mut TextColumn::default(),
        |column, values| {
            for value in values {
                match value {
                    Some(text) => column.push(text.as_bytes()),
                    None => column.push_null(),
                }
            }
            column.end_piece().expect("small pages");
        },
        |column| {
            column.finish().expect("small pages");
            column.chunk()
        },
        TextColumn::clear,
    )
}

fn numbers<V: Number>(schema: Schema, mut column: NumberColumn<V>, groups: &[Vec<Option<V>>]) -> Read {
    written(
        schema,
        groups,
        &mut column,
        |column, values| {
            for value in values {
                column.push(*value);
            }
            column.end_piece().expect("small pages");
        },
        |column| {
            column.finish().expect("small pages");
            column.chunk()
        },
        NumberColumn::clear,
    )
}

fn of_type<V: Number>(data_type: DataType, groups: &[Vec<Option<V>>]) -> Read {
    let schema = schema(data_type, true);
    let column = NumberColumn::new(schema.width(0));
    numbers(schema, column, groups)
}

fn strings(read: &Read) -> Vec<Option<String>> {
    let all = read.arrays.iter().flat_map(|array| array.as_string::<i32>().iter());
    all.map(|text| text.map(str::to_owned)).collect()
}

fn values<T: ArrowPrimitiveType>(read: &Read) -> Vec<Option<T::Native>> {
    read.arrays.iter().flat_map(|array| array.as_primitive::<T>().iter()).collect()
}

fn has(chunk: &ColumnChunkMetaData, encoding: Encoding) -> bool {
    chunk.encodings().any(|other| other == encoding)
}

/// Return a value for most rows.
fn rows<V>(count: usize, value: impl Fn(usize) -> V) -> Vec<Option<V>> {
    (0..count).map(|row| (row % 7 != 3).then(|| value(row))).collect()
}

/// Few distinct texts get a dictionary and are read back.
#[test]
fn few_texts_get_a_dictionary() {
    let group = rows(50_000, |row| ["EUR", "USD", "", "Ünïcode"][row * row % 4].to_owned());
    let read = texts(&[group.clone(), group.clone()]);
    assert!(strings(&read) == [group.clone(), group].concat());
    assert!(read.chunks.iter().all(|chunk| has(chunk, Encoding::RLE_DICTIONARY)));
    let size = read.chunks[0].compressed_size();
    assert!(size < 25_000, "two bits a text and one a row: {size}");
}

/// Texts that start alike leave out their common prefix; other texts are written whole.
#[test]
fn texts_with_a_common_prefix_are_short() {
    let alike = rows(40_000, |row| format!("order-{row:08}"));
    let unlike = rows(40_000, |row| format!("{:016x}", (row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
    let read = texts(&[alike.clone(), unlike.clone()]);
    assert!(strings(&read) == [alike, unlike].concat());
    assert!(
        has(&read.chunks[0], Encoding::DELTA_BYTE_ARRAY) && has(&read.chunks[1], Encoding::DELTA_LENGTH_BYTE_ARRAY)
    );
    assert!(read.chunks[0].compressed_size() < 40_000 * 4);
    assert_eq!(read.chunks[1].compression(), Compression::UNCOMPRESSED);
}

/// Texts with repetition in themselves are compressed.
#[test]
fn long_texts_are_compressed() {
    let group = rows(4_000, |row| format!("{row}: {}", "the same words again and again ".repeat(row % 20 + 1)));
    let read = texts(std::slice::from_ref(&group));
    assert!(strings(&read) == group);
    assert_eq!(read.chunks[0].compression(), Compression::LZ4_RAW);
    assert!(read.chunks[0].compressed_size() * 4 < read.chunks[0].uncompressed_size());
}

/// A dictionary that exceeds its bound is ended in the middle of a chunk, and its part of the chunk stays valid.
#[test]
fn a_dictionary_beyond_its_bound_is_ended() {
    let group = rows(90_000, |row| if row < 60_000 { format!("{}", row % 9) } else { format!("{row:09}") });
    let read = texts(std::slice::from_ref(&group));
    assert!(strings(&read) == group);
    assert!(has(&read.chunks[0], Encoding::RLE_DICTIONARY) && has(&read.chunks[0], Encoding::DELTA_BYTE_ARRAY));
    let number = |row: usize| i64::try_from(row).expect("few rows");
    let whole = rows(90_000, |row| if row < 60_000 { number(row) % 9 } else { number(row) * 3 });
    let read = of_type(DataType::Int64, std::slice::from_ref(&whole));
    assert!(values::<Int64Type>(&read) == whole);
    assert!(has(&read.chunks[0], Encoding::RLE_DICTIONARY) && has(&read.chunks[0], Encoding::DELTA_BINARY_PACKED));
}

/// A full dictionary is kept for the texts that it has.
#[test]
fn a_full_dictionary_is_kept() {
    // Each takes four bytes more than its characters.
    let texts_of_16 = |row: usize| format!("{:012}", row % 2048);
    let group: Vec<_> = (0..40_000).map(|row| Some(texts_of_16(if row < 4096 { row / 2 } else { row }))).collect();
    let read = texts(std::slice::from_ref(&group));
    assert!(strings(&read) == group);
    let values: Vec<_> = read.chunks[0].encodings().collect();
    assert!(!values.contains(&Encoding::DELTA_BYTE_ARRAY), "32 KiB of entries fit: {values:?}");
}

/// Chunks of nulls, of one row and of no rows are read back.
#[test]
fn small_and_empty_chunks() {
    let groups = [vec![None; 3000], vec![Some(String::new())], vec![None, Some("x".to_owned())], vec![]];
    assert_eq!(strings(&texts(&groups)), groups.concat());
    let groups = [vec![None; 3000], vec![Some(i64::MIN)], vec![None, Some(i64::MAX)], vec![]];
    let read = of_type(DataType::Int64, &groups);
    assert_eq!(values::<Int64Type>(&read), groups.concat());
    let nulls: Vec<_> =
        read.chunks.iter().map(|chunk| chunk.statistics().and_then(Statistics::null_count_opt)).collect();
    assert_eq!(nulls, [Some(3000), Some(0), Some(1), Some(0)]);
}

/// Numbers, dates and decimals of every width have their minimum and maximum in the statistics.
#[test]
fn statistics_have_the_range() {
    let read = of_type(DataType::Float64, &[vec![Some(0.0), Some(7.5), None]]);
    let Some(Statistics::Double(range)) = read.chunks[0].statistics() else { panic!("doubles") };
    assert_eq!(range.min_opt().map(|least| least.to_bits()), Some((-0.0_f64).to_bits()));
    assert_eq!(range.max_opt(), Some(&7.5));
    let days = vec![Some(-3_i64), Some(20_000), None];
    let read = of_type(DataType::Date32, std::slice::from_ref(&days));
    let Some(Statistics::Int32(range)) = read.chunks[0].statistics() else { panic!("days") };
    assert_eq!((range.min_opt(), range.max_opt()), (Some(&-3), Some(&20_000)));
    assert_eq!(values::<Date32Type>(&read), [Some(-3), Some(20_000), None]);
    for precision in [5, 14] {
        let read = of_type(DataType::Decimal128(precision, 2), &[vec![Some(-12_345_i64), Some(99_999), None]]);
        assert_eq!(values::<Decimal128Type>(&read), [Some(-12_345), Some(99_999), None]);
    }
    let wide = vec![Some(-(10_i128.pow(29))), Some(10_i128.pow(29) - 1), None, Some(-1)];
    let read = of_type(DataType::Decimal128(30, 4), std::slice::from_ref(&wide));
    assert_eq!(values::<Decimal128Type>(&read), wide);
    let Some(Statistics::FixedLenByteArray(range)) = read.chunks[0].statistics() else { panic!("wide decimals") };
    assert!(range.min_opt().is_some_and(|least| least.data()[0] >= 0x80));
}

/// Booleans are read back, and so are the required columns of places.
#[test]
fn booleans_and_required_columns() {
    let group = rows(45_000, |row| row % 3 == 0);
    let read = written(
        schema(DataType::Boolean, true),
        &[group.clone(), vec![Some(true)]],
        &mut BooleanColumn::default(),
        |column, values| {
            for value in values {
                column.push(*value);
            }
            column.end_piece().expect("small pages");
        },
        |column| {
            column.finish().expect("small pages");
            column.chunk()
        },
        BooleanColumn::clear,
    );
    let all: Vec<_> = read.arrays.iter().flat_map(|array| array.as_boolean().iter()).collect();
    assert!(all == [group, vec![Some(true)]].concat());
    let Some(Statistics::Boolean(range)) = read.chunks[1].statistics() else { panic!("booleans") };
    assert_eq!((range.min_opt(), range.max_opt()), (Some(&true), Some(&true)));

    let places: Vec<Option<i64>> = (0..30_000).map(|row| Some(row * 241 + row % 13)).collect();
    let read = numbers(schema(DataType::UInt64, false), NumberColumn::of_unique(8), std::slice::from_ref(&places));
    assert!(
        values::<UInt64Type>(&read).iter().zip(&places).all(|(read, place)| *read == place.map(i64::cast_unsigned))
    );
    assert!(read.chunks[0].compressed_size() < 30_000, "a few bits a place");
}

/// Ids have their common prefix once a page.
#[test]
fn ids_are_read_back() {
    let ids: Vec<u64> = (0..5000).collect();
    let mut column = HeadedColumn::<8>::new(b"id:");
    for piece in ids.chunks(PIECE_ROWS) {
        column.push_all(piece, |id, out| out.copy_from_slice(format!("{id:08}").as_bytes())).expect("small pages");
    }
    column.push_all(&[], |_: &u64, _| ()).expect("nothing");
    let mut file = ParquetFile::new(Vec::new(), schema(DataType::Utf8, false)).expect("memory does not fail");
    file.append([column.chunk()]).expect("the chunk is the schema's");
    let read = read(file);
    assert!(strings(&read).iter().zip(&ids).all(|(text, id)| *text == Some(format!("id:{id:08}"))));
    assert_eq!(read.arrays.iter().map(Array::len).sum::<usize>(), ids.len());
    assert!(read.chunks[0].compressed_size() < 5000 * 9);
}

fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![0_usize..40, 900_usize..3000]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any texts are read back.
    #[test]
    fn any_texts_are_read_back(
        size in sizes(),
        pool in prop::collection::vec(prop::option::weighted(0.9, "\\PC{0,40}"), 1..2000),
    ) {
        let group: Vec<_> = pool.iter().cycle().take(size).cloned().collect();
        prop_assert_eq!(strings(&texts(std::slice::from_ref(&group))), group);
    }

    /// Any numbers are read back.
    #[test]
    fn any_numbers_are_read_back(
        size in sizes(),
        pool in prop::collection::vec(prop::option::weighted(0.9, any::<i64>()), 1..2000),
        shift in 0_u32..63,
    ) {
        let group: Vec<_> = pool.iter().cycle().take(size).map(|value| value.map(|value| value >> shift)).collect();
        let read = of_type(DataType::Int64, std::slice::from_ref(&group));
        prop_assert_eq!(values::<Int64Type>(&read), group.clone());
        let group: Vec<_> = group.iter().map(|value| value.map(|value| f64::from_bits(value.cast_unsigned())).filter(|value| !value.is_nan())).collect();
        let read = of_type(DataType::Float64, std::slice::from_ref(&group));
        prop_assert_eq!(values::<Float64Type>(&read), group);
    }
}
