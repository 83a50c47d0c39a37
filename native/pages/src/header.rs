//! A page's header in Thrift's compact protocol, limited to the fields that these pages need, by their numbers in
//! `parquet.thrift`.

use crate::varint;

/// The encoding of a page's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain = 0,
    Rle = 3,
    DeltaBinaryPacked = 5,
    DeltaLengthByteArray = 6,
    DeltaByteArray = 7,
    RleDictionary = 8,
}

const INTEGER: u8 = 5;
const STRUCT: u8 = 12;
const FALSE: u8 = 2;
const STOP: u8 = 0;
const DATA_PAGE: i64 = 0;
const DICTIONARY_PAGE: i64 = 2;

/// Sizes of a page, before and after compression.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) plain: i32,
    pub(crate) stored: i32,
}

/// Append the header of a data page.
pub(crate) fn write_data(sizes: Sizes, values: u32, encoding: Encoding, out: &mut Vec<u8>) {
    begin(DATA_PAGE, sizes, out);
    // From field 3 to 5, `data_page_header`.
    out.push(2 << 4 | STRUCT);
    integer(i64::from(values), out);
    integer(encoding as i64, out);
    // The encoding of both kinds of levels; flat columns have no repetition levels.
    integer(Encoding::Rle as i64, out);
    integer(Encoding::Rle as i64, out);
    out.extend_from_slice(&[STOP, STOP]);
}

/// Append the header of a dictionary page.
pub(crate) fn write_dictionary(sizes: Sizes, values: u32, out: &mut Vec<u8>) {
    begin(DICTIONARY_PAGE, sizes, out);
    // From field 3 to 7, `dictionary_page_header`.
    out.push(4 << 4 | STRUCT);
    integer(i64::from(values), out);
    integer(Encoding::Plain as i64, out);
    out.push(1 << 4 | FALSE);
    out.extend_from_slice(&[STOP, STOP]);
}

fn begin(kind: i64, sizes: Sizes, out: &mut Vec<u8>) {
    integer(kind, out);
    integer(i64::from(sizes.plain), out);
    integer(i64::from(sizes.stored), out);
}

/// Append the next field, a number.
fn integer(value: i64, out: &mut Vec<u8>) {
    out.push(1 << 4 | INTEGER);
    varint::write_signed(value, out);
}
