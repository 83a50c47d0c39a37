//! The open containers, one bit each: a megabyte of brackets takes 128 KiB and no stack.

/// A stack of container kinds.
#[derive(Default)]
pub(crate) struct Nesting {
    /// Bit `n` of all words: whether the container at depth `n + 1` is an object.
    words: Vec<u64>,
    depth: usize,
}

impl Nesting {
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn open(&mut self, is_object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.words.len() {
            self.words.push(0);
        }
        self.words[word] = (self.words[word] & !(1 << bit)) | (u64::from(is_object) << bit);
        self.depth += 1;
    }

    /// Close the innermost container. One must be open.
    pub(crate) fn close(&mut self) {
        self.depth -= 1;
    }

    /// Return whether the innermost open container is an object; `None` at the root.
    pub(crate) fn innermost_is_object(&self) -> Option<bool> {
        let position = self.depth.checked_sub(1)?;
        Some(self.words[position / 64] >> (position % 64) & 1 == 1)
    }
}
