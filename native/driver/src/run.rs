//! `normalize`: run options to files and counts.

use std::io::Read;

use chartly_pages::Schema;
use chartly_plan::{Framing, Plan};

use crate::error::DriverError;
use crate::input::{Opened, PageText};
use crate::lines::Lines;
use crate::options::Options;
use crate::page::{Broken, Elements};
use crate::pass::OnePass;
use crate::pipeline::Pipeline;
use crate::sink::Sink;
use crate::source::Source;
use crate::stats::{Clocks, Stats};

/// Input bytes of a block. With its output and tokens it fits a core's second-level cache, so that writing reads from
/// the cache: a block four times as large costs a tenth more. With a quarter of it, system calls would matter.
const BLOCK_BYTES: usize = 256 << 10;

/// Input bytes of a block whose records become one row group: about 35,000 ordinary records. Readers need large row
/// groups, memory needs small ones.
const ROW_GROUP_INPUT_BYTES: usize = 8 << 20;

/// Bytes of one read until the framing is known.
const HEAD_BYTES: usize = 64 << 10;

/// Run a plan over an input and write the files of its format, which appear complete at the end.
///
/// # Errors
/// [`DriverError`]; then no file has appeared.
pub fn normalize(plan: &Plan, options: &Options) -> Result<Stats, DriverError> {
    let clocks = Clocks::start();
    let (sink, columns) = Sink::create(plan, options)?;
    let mut opened = Opened::open(&options.input)?;
    let block_bytes = if columns.is_some() { ROW_GROUP_INPUT_BYTES } else { BLOCK_BYTES };
    let (head, framing) = framing(plan, &mut opened)?;
    let sink = match framing {
        Framing::Lines => {
            let lines = Lines::new(opened.path, opened.reader, head, block_bytes, plan.record_bytes_max());
            run(plan, options, columns, sink, &lines)?
        }
        Framing::Page => {
            let text = PageText::new(opened, head, options)?;
            run_page(plan, options, (sink, columns), text, block_bytes)?
        }
    };
    let counts = sink.appear()?;
    Ok(clocks.stop(counts, options.threads))
}

/// Run a page in one pass. If the pass gives up, open the page and run its records.
fn run_page(
    plan: &Plan,
    options: &Options,
    (mut sink, mut columns): (Sink, Option<Schema>),
    mut text: PageText,
    block_bytes: usize,
) -> Result<Sink, DriverError> {
    if let Some(pass) = plan.page_pass(text.reader()?) {
        let source = OnePass::new(pass, block_bytes, options);
        let filled = run(plan, options, columns, sink, &source)?;
        if source.is_sound() {
            return Ok(filled);
        }
        // Remove its temporary files before new ones are created under the same names.
        drop(filled);
        (sink, columns) = Sink::create(plan, options)?;
    }
    let bytes = text.into_bytes()?;
    match plan.open_page(&bytes) {
        Ok(page) => run(plan, options, columns, sink, &Elements::new(&page, bytes.len(), block_bytes)),
        Err(rejected) => run(plan, options, columns, sink, &Broken::new(bytes.len(), *rejected)),
    }
}

fn run(
    plan: &Plan,
    options: &Options,
    columns: Option<Schema>,
    sink: Sink,
    source: &impl Source,
) -> Result<Sink, DriverError> {
    let threads = options.threads.max(1);
    Pipeline { plan, source, columns, format: options.format, threads, cancel: &options.cancel }.run(sink)
}

/// Read as much as the plan needs to detect the framing. Return those bytes and the framing.
fn framing(plan: &Plan, opened: &mut Opened) -> Result<(Vec<u8>, Framing), DriverError> {
    let mut head = Vec::new();
    loop {
        let before = head.len();
        // The size doubles, as a plan may look at the whole head each time.
        let wanted = before.max(HEAD_BYTES) as u64;
        let read = opened.reader.by_ref().take(wanted).read_to_end(&mut head);
        read.map_err(|source| DriverError::input(&opened.path, source))?;
        let at_end = ((head.len() - before) as u64) < wanted;
        if let Some(framing) = plan.framing(&head, at_end) {
            return Ok((head, framing));
        }
        if at_end {
            return Ok((head, Framing::Lines));
        }
    }
}
