//! `accepted.parquet`: row groups that workers encode, appended in order. The plan chooses the columns.

use chartly_pages::{ParquetFile as File, Schema};
use chartly_plan::{PageColumns, Plan};

use crate::error::DriverError;
use crate::files::{ACCEPTED_PARQUET, WholeFile};
use crate::options::Options;

/// The file. One thread writes at a time.
pub(crate) type ParquetFile = File<WholeFile>;

/// Create the file in the run's folder.
pub(crate) fn create(plan: &Plan, options: &Options) -> Result<(ParquetFile, Schema), DriverError> {
    let schema = plan.page_schema()?;
    let file = WholeFile::create(options, ACCEPTED_PARQUET)?;
    let path = options.out.join(ACCEPTED_PARQUET);
    let file = File::new(file, schema.clone()).map_err(|source| DriverError::output(&path, source))?;
    Ok((file, schema))
}

/// Append a finished row group, unless it has no rows.
pub(crate) fn append(file: &mut ParquetFile, columns: &mut PageColumns) -> Result<(), DriverError> {
    if columns.rows() > 0 {
        file.append(columns.chunks())?;
    }
    Ok(())
}
