//! Read blocks of whole lines from a stream. It knows line feeds, not records.

use std::io::Read;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use chartly_plan::{Position, Worker, split_lines};
use memchr::{memchr, memchr_iter, memrchr};

use crate::error::DriverError;
use crate::source::{Each, PIECE_BYTES, Source};
use crate::task::{Oversized, Task};

pub(crate) struct Lines {
    block_bytes: usize,
    /// A longer line is not stored: it is read to its end and rejected by its length.
    line_bytes_max: usize,
    path: PathBuf,
    /// Guards the stream and its state: one thread reads at a time, and gets the block's number under the same lock.
    stream: Mutex<Stream>,
}

struct Stream {
    reader: Box<dyn Read + Send>,
    /// Bytes that were already read: the head from which the framing was detected, then the start of the line that the
    /// last block cut off.
    carry: Vec<u8>,
    position: Position,
    next: u64,
    has_ended: bool,
}

impl Lines {
    pub(crate) fn new(
        path: PathBuf,
        reader: Box<dyn Read + Send>,
        head: Vec<u8>,
        block_bytes: usize,
        record_bytes_max: usize,
    ) -> Self {
        // A record of the greatest length may end in a carriage return.
        let line_bytes_max = record_bytes_max.saturating_add(1);
        let stream = Stream { reader, carry: head, position: Position::START, next: 0, has_ended: false };
        Self { block_bytes, line_bytes_max, path, stream: Mutex::new(stream) }
    }
}

impl Source for Lines {
    fn take(&self, task: &mut Task) -> Result<bool, DriverError> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = stream.fill(&mut task.input, self.block_bytes, self.line_bytes_max);
        let filled = filled.map_err(|source| DriverError::Input { path: self.path.clone(), source })?;
        (task.input_bytes, task.oversized) = match filled {
            Filled::Nothing => return Ok(false),
            Filled::Lines(bytes) => (bytes, None),
            Filled::Oversized(line) => (0, Some(line)),
        };
        task.start = stream.position;
        task.number = stream.next;
        stream.next += 1;
        stream.position.offset += task.oversized.map_or(task.input_bytes as u64, |line| line.line_bytes);
        let lines = memchr_iter(b'\n', &task.input[..task.input_bytes]).count() as u64;
        stream.position.line += task.oversized.map_or(lines, |_| 1);
        Ok(true)
    }

    fn run(&self, worker: &mut Worker<'_>, task: &mut Task, each: &mut Each<'_>) -> Result<(), DriverError> {
        if let Some(line) = task.oversized {
            let output = task.outputs.add();
            worker.run_oversized_line(line.length, line.line_bytes, output);
            output.set_start(task.start);
            return each(output);
        }
        let mut start = task.start;
        for piece in split_lines(&task.input[..task.input_bytes], PIECE_BYTES) {
            let output = task.outputs.add();
            worker.run_lines(piece, output);
            output.set_start(start);
            start = output.end();
            each(output)?;
        }
        Ok(())
    }
}

/// The content of a block.
enum Filled {
    /// None, as the stream has ended.
    Nothing,
    /// Whole lines of this many bytes.
    Lines(usize),
    /// A line that is too long to be stored.
    Oversized(Oversized),
}

impl Stream {
    /// Fill `block` with the carried bytes and more of the stream. Bytes after its last whole line are carried to the
    /// next block.
    fn fill(&mut self, block: &mut Vec<u8>, block_bytes: usize, line_bytes_max: usize) -> std::io::Result<Filled> {
        // The length of a block must not depend on memory that earlier blocks needed, so that row groups are the same
        // on all threads.
        let mut limit = block_bytes.max(self.carry.len() + 1);
        if block.len() > limit.saturating_mul(4) {
            *block = Vec::new();
        }
        if block.len() < limit {
            // Only the first blocks grow the memory, so it is zeroed only once.
            block.resize(limit, 0);
        }
        let mut filled = self.carry.len();
        block[..filled].copy_from_slice(&self.carry);
        self.carry.clear();
        loop {
            filled += self.read_into(&mut block[filled..limit])?;
            if self.has_ended {
                return Ok(if filled == 0 { Filled::Nothing } else { Filled::Lines(filled) });
            }
            if let Some(last) = memrchr(b'\n', &block[..filled]) {
                self.carry.extend_from_slice(&block[last + 1..filled]);
                return Ok(Filled::Lines(last + 1));
            }
            if filled > line_bytes_max {
                return self.skip_line(block, filled).map(Filled::Oversized);
            }
            limit = filled * 2;
            if block.len() < limit {
                block.resize(limit, 0);
            }
        }
    }

    /// Read to the end of a line without storing it. `held` bytes of it are in `block`.
    fn skip_line(&mut self, block: &mut [u8], held: usize) -> std::io::Result<Oversized> {
        let (mut bytes, mut last) = (held as u64, block[held - 1]);
        loop {
            let read = self.read_into(block)?;
            let end = memchr(b'\n', &block[..read]);
            let part = end.unwrap_or(read);
            bytes += part as u64;
            if part > 0 {
                last = block[part - 1];
            }
            let length = bytes - u64::from(last == b'\r');
            if let Some(end) = end {
                self.carry.extend_from_slice(&block[end + 1..read]);
                return Ok(Oversized { length, line_bytes: bytes + 1 });
            }
            if self.has_ended {
                return Ok(Oversized { length, line_bytes: bytes });
            }
        }
    }

    /// Read until the memory is full or the stream has ended. Pipes return less than a block at a time.
    fn read_into(&mut self, memory: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while filled < memory.len() && !self.has_ended {
            match self.reader.read(&mut memory[filled..]) {
                Ok(0) => self.has_ended = true,
                Ok(bytes) => filled += bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};
    use std::path::PathBuf;

    use super::Lines;
    use crate::source::Source;
    use crate::task::Task;

    /// Returns three bytes at a time, as a slow pipe does.
    struct Slow(Cursor<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, memory: &mut [u8]) -> std::io::Result<usize> {
            let bytes = memory.len().min(3);
            self.0.read(&mut memory[..bytes])
        }
    }

    fn blocks(text: &str, head_bytes: usize, block_bytes: usize) -> Vec<(String, u64, u64)> {
        let head = text.as_bytes()[..head_bytes].to_vec();
        let rest = Slow(Cursor::new(text.as_bytes()[head_bytes..].to_vec()));
        let lines = Lines::new(PathBuf::from("-"), Box::new(rest), head, block_bytes, usize::MAX);
        let (mut task, mut found) = (Task::default(), Vec::new());
        while lines.take(&mut task).expect("memory does not fail") {
            assert_eq!(task.number, found.len() as u64);
            let text = String::from_utf8(task.input[..task.input_bytes].to_vec()).expect("text");
            found.push((text, task.start.offset, task.start.line));
        }
        found
    }

    /// Blocks end after line feeds, are contiguous, and have their offset and line; the last one may lack its line
    /// feed.
    #[test]
    fn blocks_are_whole_lines() {
        let text = "one\n\nthree\nfour and more\nfive";
        for head_bytes in [0, 3, 4, text.len()] {
            for block_bytes in 1..40 {
                let found = blocks(text, head_bytes, block_bytes);
                let (mut offset, mut line) = (0, 1);
                for (index, (block, at, first)) in found.iter().enumerate() {
                    assert_eq!((*at, *first), (offset, line));
                    assert!(block.ends_with('\n') || index + 1 == found.len());
                    offset += block.len() as u64;
                    line += block.matches('\n').count() as u64;
                }
                assert_eq!(found.iter().map(|(block, ..)| block.as_str()).collect::<String>(), text);
            }
        }
    }

    /// A line longer than a block becomes one block, and later blocks have the usual size.
    #[test]
    fn a_long_line_makes_a_long_block() {
        let text = "x".repeat(100) + "\n" + &"y\n".repeat(100);
        let found = blocks(&text, 0, 8);
        assert!(found[0].0.starts_with(&text[..101]));
        assert!(found.len() > 5 && found[1..].iter().all(|(block, ..)| block.len() <= 8));
    }

    /// A line over the limit is read to its end and not stored; `length` excludes and `line_bytes` includes its ending.
    #[test]
    fn an_oversized_line_has_only_its_length() {
        for (end, behind) in [("\n", 1), ("\r\n", 2), ("", 0), ("\r", 1)] {
            let text = "a\n".to_owned() + &"x".repeat(1000) + end + if end.ends_with('\n') { "b\n" } else { "" };
            let rest = Slow(Cursor::new(text.clone().into_bytes()));
            let lines = Lines::new(PathBuf::from("-"), Box::new(rest), Vec::new(), 8, 20);
            let (mut task, mut found) = (Task::default(), Vec::new());
            while lines.take(&mut task).expect("memory does not fail") {
                assert!(task.input.len() < 100, "a long line is not held");
                let line = task.oversized.map(|line| (line.length, line.line_bytes));
                found.push((line, task.input_bytes, task.start.offset, task.start.line));
            }
            let mut want = vec![(None, 2, 0, 1), (Some((1000, 1000 + behind)), 0, 2, 2)];
            if end.ends_with('\n') {
                want.push((None, 2, 1002 + behind, 3));
            }
            assert_eq!(found, want, "{end:?}");
        }
    }

    /// An empty input has no block.
    #[test]
    fn an_empty_input_has_no_block() {
        assert_eq!(blocks("", 0, 8), []);
    }
}
