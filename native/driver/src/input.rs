//! The opened input, and the text of a page in it, which may have to be read twice.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use chartly_plan::PageReader;

use crate::error::DriverError;
use crate::options::{Format, Input, Options};

/// An input and its name for error messages.
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) reader: Box<dyn Read + Send>,
    /// The same file, if it can be read from the start a second time.
    again: Option<File>,
}

impl Input {
    /// Return the input's name for error messages.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Standard => Path::new("-"),
            Self::File(path) => path,
        }
    }
}

impl Opened {
    pub(crate) fn open(input: &Input) -> Result<Self, DriverError> {
        let path = input.path().to_owned();
        if *input == Input::Standard {
            return Ok(Self { path, reader: Box::new(std::io::stdin()), again: None });
        }
        let opened = || {
            let file = File::open(&path)?;
            let again = if file.metadata()?.is_file() { Some(file.try_clone()?) } else { None };
            Ok((file, again))
        };
        let (file, again) = opened().map_err(|source| DriverError::input(&path, source))?;
        Ok(Self { path, reader: Box::new(file), again })
    }
}

/// Bytes of one copy step.
const COPIED_BYTES: usize = 256 << 10;

/// The text of a page, which may be read twice: a file, or memory if it is short and came through a pipe.
pub(crate) struct PageText {
    path: PathBuf,
    bytes_max: u64,
    place: Text,
}

enum Text {
    InFile(File),
    Held(Vec<u8>),
}

impl PageText {
    /// Return the page that starts with `head`, which was already read. A long page from a pipe is copied into an
    /// unnamed file in the output folder.
    pub(crate) fn new(opened: Opened, head: Vec<u8>, options: &Options) -> Result<Self, DriverError> {
        let Opened { path, mut reader, again } = opened;
        let (bytes_max, held_max) = (options.page_bytes_max, options.page_held_bytes_max);
        if let Some(file) = again {
            return Ok(Self { path, bytes_max, place: Text::InFile(file) });
        }
        let begin = read_up_to(&path, &mut reader, head, held_max.min(bytes_max))?;
        if begin.len() as u64 <= held_max.min(bytes_max) {
            return Ok(Self { path, bytes_max, place: Text::Held(begin) });
        }
        // A run without output files has no folder of its own.
        let folder = if options.format == Format::Nothing { std::env::temp_dir() } else { options.out.clone() };
        let mut file = nameless(&folder)?;
        // One byte more than the limit shows that the page is too long, and bounds the use of the disk.
        let mut text = begin.as_slice().chain(reader).take(bytes_max.saturating_add(1));
        if copy(&path, &mut text, &mut file, &folder)? > bytes_max {
            return Err(DriverError::PageTooLarge { path, bytes_max });
        }
        Ok(Self { path, bytes_max, place: Text::InFile(file) })
    }

    /// Return a reader from the page's start to one byte past its limit.
    pub(crate) fn reader(&mut self) -> Result<PageReader<'_>, DriverError> {
        match &mut self.place {
            Text::Held(bytes) => Ok(Box::new(bytes.as_slice())),
            Text::InFile(file) => {
                file.rewind().map_err(|source| DriverError::input(&self.path, source))?;
                Ok(Box::new(file.take(self.bytes_max.saturating_add(1))))
            }
        }
    }

    /// Return the whole page in memory.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, DriverError> {
        match self.place {
            Text::Held(bytes) => Ok(bytes),
            Text::InFile(mut file) => {
                let begin = file.rewind().and_then(|()| file.metadata());
                let bytes = begin.map_err(|source| DriverError::input(&self.path, source))?.len();
                // Allocate all of it at once: growing would copy, and use twice the memory.
                let room = usize::try_from(bytes.min(self.bytes_max)).unwrap_or_default();
                read_whole(&self.path, file, Vec::with_capacity(room + 1), self.bytes_max)
            }
        }
    }
}

fn read_whole(path: &Path, reader: impl Read, head: Vec<u8>, bytes_max: u64) -> Result<Vec<u8>, DriverError> {
    let text = read_up_to(path, reader, head, bytes_max)?;
    if text.len() as u64 > bytes_max {
        return Err(DriverError::PageTooLarge { path: path.to_owned(), bytes_max });
    }
    Ok(text)
}

/// Read after the head up to one byte past the limit, which shows that the page is too long.
fn read_up_to(path: &Path, reader: impl Read, mut head: Vec<u8>, bytes: u64) -> Result<Vec<u8>, DriverError> {
    let rest = bytes.saturating_add(1).saturating_sub(head.len() as u64);
    reader.take(rest).read_to_end(&mut head).map_err(|source| DriverError::input(path, source))?;
    Ok(head)
}

/// Return a file that no other process can open and that disappears when this process ends.
fn nameless(folder: &Path) -> Result<File, DriverError> {
    let name = folder.join(format!(".page.{}.partial", std::process::id()));
    let created = || {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&name)?;
        std::fs::remove_file(&name)?;
        Ok(file)
    };
    created().map_err(|source| DriverError::output(folder, source))
}

/// Copy to the end. The error names the side that failed.
fn copy(path: &Path, from: &mut impl Read, to: &mut File, folder: &Path) -> Result<u64, DriverError> {
    let mut memory = vec![0; COPIED_BYTES];
    let mut copied = 0;
    loop {
        match from.read(&mut memory) {
            Ok(0) => return Ok(copied),
            Ok(bytes) => {
                to.write_all(&memory[..bytes]).map_err(|source| DriverError::output(folder, source))?;
                copied += bytes as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(source) => return Err(DriverError::input(path, source)),
        }
    }
}
