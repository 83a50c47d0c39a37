//! `accepted.parquet`: row groups encoded by the workers, appended in order. It does not choose columns; the plan does.

use chartly_pages::{ParquetFile as File, Schema};
use chartly_plan::{PageColumns, Plan};

use crate::error::DriverError;
use crate::files::{ACCEPTED_PARQUET, WholeFile};
use crate::options::Options;

/// The file, written by one thread at a time.
pub(crate) type ParquetFile = File<WholeFile>;

/// Creates the file in the run's folder.
pub(crate) fn create(plan: &Plan, options: &Options) -> Result<(ParquetFile, Schema), DriverError> {
    let schema = plan.page_schema()?;
    let file = WholeFile::create(options, ACCEPTED_PARQUET)?;
    let path = options.out.join(ACCEPTED_PARQUET);
    let file = File::new(file, schema.clone()).map_err(|source| DriverError::output(&path, source))?;
    Ok((file, schema))
}

/// Appends a finished row group, unless it has no rows.
pub(crate) fn append(file: &mut ParquetFile, columns: &mut PageColumns) -> Result<(), DriverError> {
    if columns.rows() > 0 {
        file.append(columns.chunks())?;
    }
    Ok(())
}
