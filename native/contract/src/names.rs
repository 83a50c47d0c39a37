//! Search for a name among those of a schema. Lengths are compared first, as most names differ in length.

/// The most names of one length that are compared one by one; more are found by binary search.
const COMPARED_MAX: usize = 4;
/// Names of this length and longer share one row: they are rare, and a row for every length could take much memory.
const LENGTH_MAX: usize = 64;

/// Names with their values. It is faster than a hash, as it takes only one or two comparisons.
#[derive(Debug)]
pub(crate) struct Names<T> {
    /// For each length, the names of that length, sorted.
    by_length: Vec<Vec<(String, T)>>,
}

impl<T> Names<T> {
    pub(crate) fn new(named: impl IntoIterator<Item = (String, T)>) -> Self {
        let mut by_length: Vec<Vec<(String, T)>> = Vec::new();
        for (name, value) in named {
            let row = name.len().min(LENGTH_MAX);
            if row >= by_length.len() {
                by_length.resize_with(row + 1, Vec::new);
            }
            by_length[row].push((name, value));
        }
        for names in &mut by_length {
            names.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
        Self { by_length }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        let names = self.by_length.get(name.len().min(LENGTH_MAX))?;
        if names.len() <= COMPARED_MAX {
            return names.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        }
        let found = names.binary_search_by(|(known, _)| known.as_str().cmp(name));
        found.ok().map(|position| &names[position].1)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_length.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 11] = ["b", "a", "c", "d", "e", "f", "", "ab", "é", "abc", "abcdefgh"];

    /// Names that share the last row are found.
    #[test]
    fn finds_long_names() {
        let long = |last: &str| "x".repeat(100) + last;
        let names = Names::new((0..9).map(|number| (long(&number.to_string()), number)));
        assert!((0..9).all(|number| names.get(&long(&number.to_string())) == Some(&number)));
        assert!(!names.has(&long("9")) && !names.has(&long("")));
    }

    /// Every name is found with its value, and no other name is found.
    #[test]
    fn finds_names() {
        let names = Names::new(NAMES.map(|name| (name.to_owned(), name.len())));
        for name in NAMES {
            assert_eq!(names.get(name), Some(&name.len()), "{name}");
        }
        assert!(!names.has("g") && !names.has("abcd") && !names.is_empty());
    }
}
