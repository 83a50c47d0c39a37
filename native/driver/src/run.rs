//! `normalize`: from options to files and counts.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use chartly_plan::{Framing, Plan};

use crate::error::DriverError;
use crate::lines::Lines;
use crate::options::{Input, Options};
use crate::page::{Broken, Elements};
use crate::parquet_file::SharedEncoder;
use crate::pass::OnePass;
use crate::pipeline::Pipeline;
use crate::sink::Sink;
use crate::source::Source;
use crate::stats::{Clocks, Stats};

/// Bytes of input in a block. With its output it stays in a core's second-level cache for the most part; smaller blocks cost more system
/// calls, larger ones more memory traffic.
const BLOCK_BYTES: usize = 1 << 20;

/// Bytes of input in a block whose records become one row group: some 35,000 ordinary records. Readers want row groups large, memory wants
/// them small.
const ROW_GROUP_INPUT_BYTES: usize = 8 << 20;

/// Bytes read at a time until the framing is known.
const HEAD_BYTES: usize = 64 << 10;

/// Runs a plan over an input and writes the files of its format, which appear whole when all is done.
///
/// # Errors
/// [`DriverError`]; then no file has appeared.
pub fn normalize(plan: &Plan, options: &Options) -> Result<Stats, DriverError> {
    let clocks = Clocks::start();
    let (sink, encoder) = Sink::create(plan, options)?;
    let (path, mut reader) = open(&options.input)?;
    let block_bytes = if encoder.is_some() { ROW_GROUP_INPUT_BYTES } else { BLOCK_BYTES };
    let (head, framing) = framing(plan, &path, &mut reader)?;
    let sink = match framing {
        Framing::Lines => {
            let lines = Lines::new(path, reader, head, block_bytes, plan.record_bytes_max());
            run(plan, options, encoder, sink, &lines)?
        }
        Framing::Page => {
            let bytes = read_page(&path, reader, head, options.page_bytes_max)?;
            run_page(plan, options, (sink, encoder), &bytes, block_bytes)?
        }
    };
    let counts = sink.appear()?;
    Ok(clocks.stop(counts, options.threads))
}

/// Runs a page: one thread in one pass where that is sure in the end, else its records once they are found.
fn run_page(
    plan: &Plan,
    options: &Options,
    (mut sink, mut encoder): (Sink, SharedEncoder),
    bytes: &[u8],
    block_bytes: usize,
) -> Result<Sink, DriverError> {
    if options.threads <= 1
        && let Some(pass) = plan.page_pass(bytes)
    {
        let source = OnePass::new(pass, block_bytes);
        let filled = run(plan, options, encoder, sink, &source)?;
        if source.is_sound() {
            return Ok(filled);
        }
        // Its files go before others take their names.
        drop(filled);
        (sink, encoder) = Sink::create(plan, options)?;
    }
    match plan.open_page(bytes) {
        Ok(page) => run(plan, options, encoder, sink, &Elements::new(&page, bytes.len(), block_bytes)),
        Err(rejected) => run(plan, options, encoder, sink, &Broken::new(bytes.len(), *rejected)),
    }
}

fn run(
    plan: &Plan,
    options: &Options,
    encoder: SharedEncoder,
    sink: Sink,
    source: &impl Source,
) -> Result<Sink, DriverError> {
    let threads = options.threads.max(1);
    Pipeline { plan, source, encoder, format: options.format, threads, cancel: &options.cancel }.run(sink)
}

fn open(input: &Input) -> Result<(PathBuf, Box<dyn Read + Send>), DriverError> {
    match input {
        Input::Standard => Ok((PathBuf::from("-"), Box::new(std::io::stdin()))),
        Input::File(path) => {
            let file = File::open(path).map_err(|source| DriverError::Input { path: path.clone(), source })?;
            Ok((path.clone(), Box::new(file)))
        }
    }
}

/// Reads as much as the plan needs to tell how records stand in the input, and gives it back.
fn framing(plan: &Plan, path: &Path, reader: &mut impl Read) -> Result<(Vec<u8>, Framing), DriverError> {
    let mut head = Vec::new();
    loop {
        let before = head.len();
        // Doubling: a plan may look at all of the head each time.
        let wanted = before.max(HEAD_BYTES) as u64;
        reader.by_ref().take(wanted).read_to_end(&mut head).map_err(|source| input_error(path, source))?;
        let at_end = ((head.len() - before) as u64) < wanted;
        if let Some(framing) = plan.framing(&head, at_end) {
            return Ok((head, framing));
        }
        if at_end {
            return Ok((head, Framing::Lines));
        }
    }
}

fn read_page(path: &Path, reader: impl Read, mut head: Vec<u8>, page_bytes_max: u64) -> Result<Vec<u8>, DriverError> {
    // One byte more than may be tells that it is too long.
    let rest = (page_bytes_max + 1).saturating_sub(head.len() as u64);
    reader.take(rest).read_to_end(&mut head).map_err(|source| input_error(path, source))?;
    if head.len() as u64 > page_bytes_max {
        return Err(DriverError::PageTooLarge { path: path.to_owned(), bytes_max: page_bytes_max });
    }
    Ok(head)
}

fn input_error(path: &Path, source: std::io::Error) -> DriverError {
    DriverError::Input { path: path.to_owned(), source }
}
