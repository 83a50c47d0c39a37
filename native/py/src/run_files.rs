//! `run_files`: a plan over a file or standard input, into files.

use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use chartly_driver::{Cancel, Format, Input, Options, Stats, normalize};
use pyo3::prelude::{Bound, PyDictMethods, PyRef, PyResult, Python, pyfunction};
use pyo3::types::PyDict;

use crate::error::{BindingError, Result};
use crate::plan::Plan;

/// How often Python's signal handlers run: often enough for a person, rarely enough for the processor.
const SIGNALS_EVERY: Duration = Duration::from_millis(100);

/// How long an interrupted run may take to remove its files: a block takes milliseconds.
const STOPS_WITHIN: Duration = Duration::from_secs(1);

#[pyfunction]
#[pyo3(signature = (plan, source, out, *, format = "ndjson", threads = 1))]
pub(crate) fn run_files<'py>(
    py: Python<'py>,
    plan: PyRef<'py, Plan>,
    source: Option<PathBuf>,
    out: PathBuf,
    format: &str,
    threads: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let plan = plan.inner.clone();
    let input = source.map_or(Input::Standard, Input::File);
    let mut options = Options::new(input, out, format_of(format)?);
    options.threads = threads.max(1);
    let cancel = options.cancel.clone();
    let running = plan.clone();
    let work = move || normalize(&running, &options).map_err(BindingError::from);
    let stats = py.detach(|| interruptible(&cancel, work))??;
    as_dict(py, &stats, plan.hash())
}

/// Do the work on a new thread while Python's thread handles signals.
fn interruptible(cancel: &Cancel, work: impl FnOnce() -> Result<Stats> + Send + 'static) -> PyResult<Result<Stats>> {
    let (done, waiting) = channel();
    let thread = std::thread::spawn(move || done.send(work()).ok());
    loop {
        match waiting.recv_timeout(SIGNALS_EVERY) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(raised) = Python::attach(|py| py.check_signals()) {
                    cancel.cancel();
                    // The thread is not joined: it may wait for a pipe without data. Given a moment, it removes its
                    // files itself.
                    if waiting.recv_timeout(STOPS_WITHIN).is_err() {
                        cancel.abandon();
                    }
                    return Err(raised);
                }
            }
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Ok(_) => return Ok(Err(BindingError::Argument("the run ended without a result".to_owned()))),
                Err(panic) => std::panic::resume_unwind(panic),
            },
        }
    }
}

fn format_of(name: &str) -> Result<Format> {
    match name {
        "ndjson" => Ok(Format::Ndjson),
        "parquet" => Ok(Format::Parquet),
        "both" => Ok(Format::Both),
        "none" => Ok(Format::Nothing),
        _ => Err(BindingError::Argument("format must be ndjson, parquet, both or none".to_owned())),
    }
}

fn as_dict<'py>(py: Python<'py>, stats: &Stats, plan_hash: &str) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("records", stats.counts.records)?;
    dict.set_item("accepted", stats.counts.accepted)?;
    dict.set_item("rejected", stats.counts.rejected)?;
    dict.set_item("blank_lines", stats.counts.blank_lines)?;
    dict.set_item("bytes", stats.counts.bytes)?;
    dict.set_item("cpu_seconds", stats.cpu_seconds)?;
    dict.set_item("wall_seconds", stats.wall_seconds)?;
    dict.set_item("records_per_s", stats.records_per_s())?;
    dict.set_item("threads", stats.threads)?;
    dict.set_item("plan_hash", plan_hash)?;
    Ok(dict)
}
