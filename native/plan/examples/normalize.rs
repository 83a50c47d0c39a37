//! Measure a whole job on one core, reading and writing included. It is also the smallest program that runs a plan over
//! a file.
//!
//! `normalize PROFILE.json CONTRACT.json IN.ndjson OUT_DIR [--complete]` writes `accepted.ndjson` and `rejected.ndjson`
//! and prints counts and CPU seconds. It reads lines in blocks, of which one is in memory at a time. It reads a page as
//! a whole.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::time::Instant;

use chartly_plan::{Counts, Framing, Output, PassState, Plan, Position, RunOptions};

const BLOCK_BYTES: usize = 512 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [profile, contract, input, out, rest @ ..] = arguments.as_slice() else {
        return Err("usage: normalize PROFILE.json CONTRACT.json IN OUT_DIR [--complete]".into());
    };
    let read_json = |path: &str| -> Result<serde_json::Value, Box<dyn Error>> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    };
    let mut plan = Plan::compile(&read_json(profile)?, &read_json(contract)?)?;
    if rest.iter().any(|argument| argument == "--complete") {
        plan = plan.without_fusion();
    }
    std::fs::create_dir_all(out)?;
    let (start, cpu_start) = (Instant::now(), cpu_seconds());
    let mut sink = Sink {
        accepted: File::create(format!("{out}/accepted.ndjson"))?,
        rejected: File::create(format!("{out}/rejected.ndjson"))?,
        rejected_lines: Vec::new(),
        counts: Counts::default(),
    };
    let mut file = File::open(input)?;
    let mut block = vec![0; 2 * BLOCK_BYTES];
    let filled = file.read(&mut block[..BLOCK_BYTES])?;
    if plan.framing(&block[..filled], filled < BLOCK_BYTES) == Some(Framing::Page) {
        block.truncate(filled);
        file.read_to_end(&mut block)?;
        run_page(&plan, &block, &mut sink)?;
    } else {
        run_lines(&plan, file, block, filled, &mut sink)?;
    }
    sink.rejected.write_all(&sink.rejected_lines)?;
    let (seconds, cpu_seconds) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu_start);
    let counts = sink.counts;
    println!(
        "{{\"records\":{},\"accepted\":{},\"rejected\":{},\"blank_lines\":{},\"bytes\":{},\"wall_seconds\":{seconds:.4},\"cpu_seconds\":{cpu_seconds:.3},\"records_per_s\":{:.0},\"fused\":{}}}",
        counts.records,
        counts.accepted,
        counts.rejected,
        counts.blank_lines,
        counts.bytes,
        f64::from(u32::try_from(counts.records)?) / cpu_seconds,
        plan.is_fused(),
    );
    Ok(())
}

/// Return user and system time of this process. The kernel counts scheduled time, so other processes don't count.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

/// The output files.
struct Sink {
    accepted: File,
    rejected: File,
    rejected_lines: Vec<u8>,
    counts: Counts,
}

impl Sink {
    /// Remove the output of a page that turned out to be malformed.
    fn forget(&mut self) -> std::io::Result<()> {
        self.rejected_lines.clear();
        self.counts = Counts::default();
        for file in [&mut self.accepted, &mut self.rejected] {
            file.set_len(0)?;
            file.rewind()?;
        }
        Ok(())
    }

    fn take(&mut self, output: &Output) -> std::io::Result<()> {
        self.accepted.write_all(output.accepted_ndjson())?;
        output.write_rejected_ndjson(&mut self.rejected_lines);
        if self.rejected_lines.len() > BLOCK_BYTES {
            self.rejected.write_all(&self.rejected_lines)?;
            self.rejected_lines.clear();
        }
        self.counts += output.counts();
        Ok(())
    }
}

fn run_lines(
    plan: &Plan,
    mut file: File,
    mut block: Vec<u8>,
    mut filled: usize,
    sink: &mut Sink,
) -> Result<(), Box<dyn Error>> {
    let (mut worker, mut output, mut start) = (plan.worker(RunOptions::default()), Output::default(), Position::START);
    loop {
        let room_end = block.len().min(filled + BLOCK_BYTES);
        let got = file.read(&mut block[filled..room_end])?;
        filled += got;
        let end = if got == 0 {
            filled
        } else {
            block[..filled].iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1)
        };
        output.clear();
        worker.run_lines(&block[..end], &mut output);
        output.set_start(start);
        start = output.end();
        sink.take(&output)?;
        block.copy_within(end..filled, 0);
        filled -= end;
        if got == 0 {
            return Ok(());
        }
        if filled == block.len() {
            block.resize(2 * filled, 0);
        }
    }
}

fn run_page(plan: &Plan, bytes: &[u8], sink: &mut Sink) -> Result<(), Box<dyn Error>> {
    const ELEMENTS: usize = 2048;
    if let Some(mut pass) = plan.page_pass(Box::new(bytes)) {
        let (mut worker, mut output) = (plan.worker(RunOptions::default()), Output::default());
        loop {
            output.clear();
            match worker.run_pass(&mut pass, BLOCK_BYTES, &mut output) {
                PassState::GaveUp => break sink.forget()?,
                PassState::Ended => return Ok(sink.take(&output)?),
                PassState::More => sink.take(&output)?,
            }
        }
    }
    match plan.open_page(bytes) {
        Err(rejected) => sink.take(&Output::of_malformed_page(bytes.len(), *rejected))?,
        Ok(page) => {
            let (mut worker, mut output) = (plan.worker(RunOptions::default()), Output::default());
            for first in (0..page.len().max(1)).step_by(ELEMENTS) {
                output.clear();
                worker.run_elements(&page, first..(first + ELEMENTS).min(page.len()), &mut output);
                sink.take(&output)?;
            }
        }
    }
    Ok(())
}
