//! The input as it was named, opened, and the text of a page in it, which may have to be read twice.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use chartly_plan::PageReader;

use crate::error::DriverError;
use crate::options::Input;

/// An input and the name that errors call it by.
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) reader: Box<dyn Read + Send>,
    /// The same file, at the same place, if it is one that can be read from its begin again.
    again: Option<File>,
}

impl Input {
    /// What errors call it.
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

/// The text of a page: in a file, or held whole when it came through a pipe, which gives nothing twice.
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
    /// The page that begins with `head`, which was read already.
    pub(crate) fn new(opened: Opened, head: Vec<u8>, bytes_max: u64) -> Result<Self, DriverError> {
        let place = match opened.again {
            Some(file) => Text::InFile(file),
            None => Text::Held(read_whole(&opened.path, opened.reader, head, bytes_max)?),
        };
        Ok(Self { path: opened.path, bytes_max, place })
    }

    /// Reads from the page's begin, and one byte further than it may go.
    pub(crate) fn reader(&mut self) -> Result<PageReader<'_>, DriverError> {
        match &mut self.place {
            Text::Held(bytes) => Ok(Box::new(bytes.as_slice())),
            Text::InFile(file) => {
                file.rewind().map_err(|source| DriverError::input(&self.path, source))?;
                Ok(Box::new(file.take(self.bytes_max.saturating_add(1))))
            }
        }
    }

    /// All of the page, in memory.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, DriverError> {
        match self.place {
            Text::Held(bytes) => Ok(bytes),
            Text::InFile(mut file) => {
                let begin = file.rewind().and_then(|()| file.metadata());
                let bytes = begin.map_err(|source| DriverError::input(&self.path, source))?.len();
                // Room for all of it at once: growing would copy, and touch twice the memory.
                let room = usize::try_from(bytes.min(self.bytes_max)).unwrap_or_default();
                read_whole(&self.path, file, Vec::with_capacity(room + 1), self.bytes_max)
            }
        }
    }
}

fn read_whole(path: &Path, reader: impl Read, mut head: Vec<u8>, bytes_max: u64) -> Result<Vec<u8>, DriverError> {
    // One byte more than may be tells that it is too long.
    let rest = bytes_max.saturating_add(1).saturating_sub(head.len() as u64);
    reader.take(rest).read_to_end(&mut head).map_err(|source| DriverError::input(path, source))?;
    if head.len() as u64 > bytes_max {
        return Err(DriverError::PageTooLarge { path: path.to_owned(), bytes_max });
    }
    Ok(head)
}
