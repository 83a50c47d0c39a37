//! The paths of all fields as one tree of names and indexes, which the walk follows.

use chartly_path::Step;

pub(crate) type NodeId = u16;
pub(crate) type SlotId = u16;

/// What a key or index leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A value that is not read.
    Skip,
    /// The value of a field.
    Slot(SlotId),
    /// A value that a longer path goes into, and that may be a field's value too.
    Node(NodeId, Option<SlotId>),
}

/// A container that a path leads through.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(crate) names: Vec<(String, Target)>,
    pub(crate) indexes: Vec<(u32, Target)>,
}

/// The merged paths. Node 0 is the record.
#[derive(Debug, Clone)]
pub(crate) struct Trie {
    pub(crate) nodes: Vec<Node>,
    pub(crate) slots: usize,
}

impl Trie {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node::default()], slots: 0 }
    }

    /// Add a path and return the slot of its value; `None` for a path that the walk can't follow: the record itself, or
    /// an index that counts from the end.
    pub(crate) fn add(&mut self, path: &[Step]) -> Option<SlotId> {
        let (last, way) = path.split_last()?;
        let mut node = 0;
        for step in way {
            node = self.descend(node, step)?;
        }
        let next = SlotId::try_from(self.slots).ok()?;
        let target = self.target(node, last)?;
        let slot = match *target {
            Target::Slot(slot) | Target::Node(_, Some(slot)) => return Some(slot),
            Target::Skip => {
                *target = Target::Slot(next);
                next
            }
            Target::Node(below, None) => {
                *target = Target::Node(below, Some(next));
                next
            }
        };
        self.slots += 1;
        Some(slot)
    }

    fn descend(&mut self, node: usize, step: &Step) -> Option<usize> {
        let next = NodeId::try_from(self.nodes.len()).ok()?;
        let target = self.target(node, step)?;
        match *target {
            Target::Node(below, _) => return Some(usize::from(below)),
            Target::Skip => *target = Target::Node(next, None),
            Target::Slot(slot) => *target = Target::Node(next, Some(slot)),
        }
        self.nodes.push(Node::default());
        Some(usize::from(next))
    }

    fn target(&mut self, node: usize, step: &Step) -> Option<&mut Target> {
        let node = &mut self.nodes[node];
        Some(match step {
            Step::Name(name) => {
                let place = node.names.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                    node.names.push((name.clone(), Target::Skip));
                    node.names.len() - 1
                });
                &mut node.names[place].1
            }
            Step::Index(index) => {
                let index = u32::try_from(*index).ok()?;
                let place = node.indexes.iter().position(|(known, _)| *known == index).unwrap_or_else(|| {
                    node.indexes.push((index, Target::Skip));
                    node.indexes.len() - 1
                });
                &mut node.indexes[place].1
            }
        })
    }
}
