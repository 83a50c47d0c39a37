//! References that lead back without going into the instance. Evaluating them would never end, whatever the instance.

use crate::ids::SchemaId;
use crate::schema::{Arena, Body};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// A schema on such a circle. Dynamic references are left out: where they lead is known only in evaluation, which minds
/// them itself.
pub(crate) fn find(arena: &Arena) -> Option<SchemaId> {
    let mut states = vec![State::New; arena.schemas.len()];
    for start in 0..arena.schemas.len() {
        // Depth first with a stack of our own, since chains of references may be long.
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

/// The schemas that are applied to the same instance.
fn in_place(arena: &Arena, id: SchemaId) -> Vec<SchemaId> {
    match &arena.schemas[id.0].body {
        Body::Always(_) => Vec::new(),
        Body::Keywords(keywords) => keywords.iter().flat_map(|(_, keyword)| keyword.in_place()).collect(),
    }
}
