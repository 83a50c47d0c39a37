//! The files of a run, written block by block in the input's order.

use std::fs;

use chartly_pages::Schema;
use chartly_plan::{Counts, Plan};

use crate::error::DriverError;
use crate::files::{ACCEPTED_NDJSON, REJECTED_NDJSON, WholeFile};
use crate::options::Options;
use crate::parquet_file::{self, ParquetFile};
use crate::task::Task;

pub(crate) struct Sink {
    accepted: Option<WholeFile>,
    rejected: Option<WholeFile>,
    parquet: Option<ParquetFile>,
    counts: Counts,
}

impl Sink {
    pub(crate) fn create(plan: &Plan, options: &Options) -> Result<(Self, Option<Schema>), DriverError> {
        let (format, folder) = (options.format, options.out.as_path());
        if format.has_rejected() {
            fs::create_dir_all(folder).map_err(|source| DriverError::output(folder, source))?;
        }
        let file = |wanted: bool, name| wanted.then(|| WholeFile::create(options, name)).transpose();
        let (parquet, columns) = format.has_parquet().then(|| parquet_file::create(plan, options)).transpose()?.unzip();
        let sink = Self {
            accepted: file(format.has_ndjson(), ACCEPTED_NDJSON)?,
            rejected: file(format.has_rejected(), REJECTED_NDJSON)?,
            parquet,
            counts: Counts::default(),
        };
        Ok((sink, columns))
    }

    pub(crate) fn write(&mut self, task: &mut Task) -> Result<(), DriverError> {
        self.counts += task.outputs.counts();
        if let Some(file) = &mut self.accepted {
            for output in task.outputs.iter() {
                file.append(output.accepted_ndjson())?;
            }
        }
        if let Some(file) = &mut self.rejected
            && !task.rejected.is_empty()
        {
            file.append(&task.rejected)?;
        }
        if let (Some(file), Some(columns)) = (&mut self.parquet, &mut task.row_group) {
            parquet_file::append(file, columns)?;
        }
        Ok(())
    }

    /// Finish all files, then rename all of them.
    pub(crate) fn appear(self) -> Result<Counts, DriverError> {
        let parquet = self.parquet.map(ParquetFile::finish).transpose()?;
        for file in [self.accepted, self.rejected, parquet].into_iter().flatten() {
            file.appear()?;
        }
        Ok(self.counts)
    }
}
