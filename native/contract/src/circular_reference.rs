//! Find references that lead back to themselves without going into the instance. Their evaluation would never end.

use crate::ids::SchemaId;
use crate::schema::{Arena, Body};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// Return a schema that such references lead back to. Dynamic references are not followed: their targets are known only
/// during evaluation, which handles them itself.
pub(crate) fn find(arena: &Arena) -> Option<SchemaId> {
    let mut states = vec![State::New; arena.schemas.len()];
    for start in 0..arena.schemas.len() {
        // Depth first with an explicit stack, since chains of references may be long.
        let mut open = vec![(SchemaId(start), in_place(arena, SchemaId(start)))];
        if states[start] == State::Done {
            continue;
        }
        states[start] = State::Open;
        while let Some((id, left)) = open.last_mut() {
            let Some(next) = left.pop() else {
                states[id.0] = State::Done;
                open.pop();
                continue;
            };
            match states[next.0] {
                State::Open => return Some(next),
                State::Done => {}
                State::New => {
                    states[next.0] = State::Open;
                    open.push((next, in_place(arena, next)));
                }
            }
        }
    }
    None
}

/// Return the schemas that are applied to the same instance.
fn in_place(arena: &Arena, id: SchemaId) -> Vec<SchemaId> {
    match &arena.schemas[id.0].body {
        Body::Always(_) => Vec::new(),
        Body::Keywords(keywords) => keywords.iter().flat_map(|(_, keyword)| keyword.in_place()).collect(),
    }
}
