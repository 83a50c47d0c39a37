//! Which containers are open, one bit each, so that a megabyte of brackets costs 128 KiB and no stack.

/// A stack of container kinds.
#[derive(Default)]
pub(crate) struct Nesting {
    /// Bit `n` of the whole: whether the container at depth `n + 1` is an object.
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

    /// Close the innermost container. The driver calls it only while one is open.
    pub(crate) fn close(&mut self) {
        self.depth -= 1;
    }

    /// Whether the innermost open container is an object; `None` at the root.
    pub(crate) fn innermost_is_object(&self) -> Option<bool> {
        let position = self.depth.checked_sub(1)?;
        Some(self.words[position / 64] >> (position % 64) & 1 == 1)
    }
}
