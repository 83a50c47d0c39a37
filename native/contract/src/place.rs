//! The place of an evaluation, as links on the stack: a pointer is written only for a violation.

/// One step of a place, and the place before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    token: Token<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Token<'p> {
    Root,
    Name(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    pub(crate) const ROOT: Place<'static> = Place { parent: None, token: Token::Root };

    pub(crate) fn name(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), token: Token::Name(name) }
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self { parent: Some(self), token: Token::Index(index) }
    }

    /// Return the place as a JSON Pointer (RFC 6901).
    pub(crate) fn pointer(&self) -> String {
        let mut tokens = Vec::new();
        let mut place = Some(self);
        while let Some(here) = place {
            tokens.push(here.token);
            place = here.parent;
        }
        let mut pointer = String::new();
        for token in tokens.into_iter().rev() {
            match token {
                Token::Root => {}
                Token::Name(name) => push_name(&mut pointer, name),
                Token::Index(index) => {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                }
            }
        }
        pointer
    }
}

/// Append `/name`, escaped.
pub(crate) fn push_name(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(character),
        }
    }
}

/// The two places of an evaluation: in the instance, and in the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'p> {
    pub(crate) instance: &'p Place<'p>,
    pub(crate) schema: &'p Place<'p>,
}

impl At<'_> {
    pub(crate) fn violation(&self, keyword: &'static str) -> crate::Violation {
        crate::Violation { instance_path: self.instance.pointer(), schema_path: self.schema.pointer(), keyword }
    }
}
