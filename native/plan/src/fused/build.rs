//! Build a plan's fused form. A plan without one runs by the complete engine.

use std::sync::Arc;

use chartly_contract::{ObjectShape, Rule};
use chartly_json::Value;
use chartly_transform::{Fused, NoFields, Op, Outcome};

use super::checks::Checks;
use super::cursor::Constant;
use super::field::{Absent, FusedField, Kernel, Source};
use super::number;
use super::program::{Parts, Program};
use super::property_rules;
use super::trie::Trie;
use super::walk::DEPTH_MAX;
use crate::field::Origin;
use crate::output::{LINE_END, LINE_HEAD, LINE_ID};

impl Program {
    /// Return the plan's fused form. There is none when a field reads other fields, collects, or has a query that is
    /// not singular, or when no record could meet the contract.
    pub(crate) fn new(parts: Parts<'_>) -> Option<Self> {
        let shape = parts.contract.shape();
        let covers_contract = shape.as_ref().is_some_and(|shape| covers_contract(shape, parts));
        let mut trie = Trie::new();
        let mut fields = Vec::with_capacity(parts.fields.len());
        for position in 0..parts.fields.len() {
            let mut field = fused_field(parts, position, shape.as_ref(), &mut trie)?;
            if covers_contract {
                field.add_contract_rules(parts.schema, shape.as_ref())?;
            }
            fields.push(field);
        }
        let uses = |slot: usize| {
            fields
                .iter()
                .filter(|field| matches!(field.source, Source::Slot(used, _) if usize::from(used) == slot))
                .count()
        };
        let slot_uses_max = (0..trie.slots).map(uses).max().unwrap_or(0);
        let fixed_bytes = fields.iter().map(FusedField::fixed_bytes).sum::<usize>()
            + [LINE_HEAD, LINE_ID, LINE_END].map(<[u8]>::len).iter().sum::<usize>()
            + chartly_digest::HEX_BYTES
            + 2;
        Some(Self {
            slots: trie.slots,
            nodes: trie.nodes,
            fields,
            fixed_bytes,
            slot_uses_max,
            depth_max: parts.depth_max.min(DEPTH_MAX),
            contract: (!covers_contract).then(|| Arc::clone(parts.contract)),
        })
    }
}

impl FusedField {
    /// Return the bytes that a field may take besides those of a string: key, constant or default, and any number or
    /// timestamp.
    fn fixed_bytes(&self) -> usize {
        let default = match &self.absent {
            Absent::Default(text) => text.len(),
            Absent::Omit | Absent::GiveUp => 0,
        };
        self.head.len() + default + number::BYTES_MAX + chartly_transform::timestamp::OUTPUT_BYTES_MAX + 2
    }
}

/// Return whether the shape covers all that the contract asks of a payload of these fields, apart from single fields
/// that can be validated by themselves.
fn covers_contract(shape: &ObjectShape, parts: Parts<'_>) -> bool {
    let lets_pass = |name: &String| shape.closed.iter().all(|closed| closed.names.contains(name));
    // A required name without a field is missing from every record, and no field's own check covers it.
    let has_field = |name: &String| parts.fields.iter().any(|field| field.name == *name);
    let is_known = |property: &chartly_contract::PropertyShape| {
        property.complete
            || (shape.properties.iter().filter(|other| other.name == property.name).count() == 1
                && property_rules::contract(parts.schema, &property.name).is_some())
    };
    shape.complete
        && shape.required.iter().all(|required| required.names.iter().all(has_field))
        && shape.properties.iter().all(is_known)
        && parts.fields.iter().all(|field| lets_pass(&field.name))
}

impl FusedField {
    /// Add the rules of the contract that are about this field alone; `None` when a constant breaks them.
    fn add_contract_rules(&mut self, contract: &serde_json::Value, shape: Option<&ObjectShape>) -> Option<()> {
        let property = shape?.properties.iter().find(|property| property.name == self.name);
        if property.is_none_or(|property| property.complete) {
            return Some(());
        }
        if matches!(self.source, Source::Slot(_, Kernel::Plain)) {
            self.rules = property_rules::value_rules(contract, &self.name);
        }
        if self.rules.is_none() {
            self.contract = property_rules::contract(contract, &self.name);
        }
        // Constants and defaults were checked against the scalar rules only, so the complete engine takes their
        // records.
        match (&self.source, &self.absent) {
            (Source::Constant, _) => None,
            (_, Absent::Default(_)) => {
                self.absent = Absent::GiveUp;
                Some(())
            }
            _ => Some(()),
        }
    }
}

fn fused_field(parts: Parts<'_>, position: usize, shape: Option<&ObjectShape>, trie: &mut Trie) -> Option<FusedField> {
    let field = &parts.fields[position];
    let rules = rules_of(&field.name, shape);
    let mut head = b",".to_vec();
    head.extend_from_slice(&field.key);
    let key_bytes = head.len();
    let late = parts.late_ops.iter().filter(|(of, _)| *of == position).map(|(_, op)| op);
    let ops: Vec<Arc<dyn Op>> = field.ops.iter().chain(late).cloned().collect();
    if field.collect || ops.iter().any(|op| !op.reads().is_empty()) {
        return None;
    }
    let checks = Checks::new(rules);
    let (source, absent) = match &field.origin {
        Origin::Computed | Origin::Query { of_child: true, .. } => return None,
        Origin::Const(value) => {
            let text = canonical_after(value, &ops).filter(|text| checks.pass_canonical(text))?;
            head.extend_from_slice(&text);
            (Source::Constant, Absent::Omit)
        }
        Origin::Query { query, of_child: false } => {
            let slot = trie.add(query.as_singular()?)?;
            let absent = absent_of(parts, position, &ops, &checks, shape);
            (Source::Slot(slot, kernel_of(ops)), absent)
        }
    };
    let checks = match source {
        Source::Slot(_, Kernel::Timestamp) => checks.without_date_time(),
        _ => checks,
    };
    Some(FusedField {
        name: field.name.clone(),
        head: Constant::new(&head),
        key_bytes,
        source,
        absent,
        keep_null: field.keep_null,
        checks,
        rules: None,
        contract: None,
    })
}

/// Return all rules of the shape for a property.
fn rules_of(name: &str, shape: Option<&ObjectShape>) -> Vec<Rule> {
    let properties = shape.iter().flat_map(|shape| &shape.properties).filter(|property| property.name == name);
    properties.flat_map(|property| property.checks.iter().map(|check| check.rule.clone())).collect()
}

fn kernel_of(ops: Vec<Arc<dyn Op>>) -> Kernel {
    match &ops[..] {
        [] => Kernel::Plain,
        [op] => match op.fused() {
            Some(Fused::Number) => Kernel::Number,
            Some(Fused::UtcTimestamp) => Kernel::Timestamp,
            _ => Kernel::Ops(ops),
        },
        _ => Kernel::Ops(ops),
    }
}

/// Return what to do when nothing is selected. A field that is required, or that its ops may fill, is left to the
/// complete engine.
fn absent_of(
    parts: Parts<'_>,
    position: usize,
    ops: &[Arc<dyn Op>],
    checks: &Checks,
    shape: Option<&ObjectShape>,
) -> Absent {
    let field = &parts.fields[position];
    if let Some(default) = &field.default {
        let text = canonical_after(default, ops).filter(|text| checks.pass_canonical(text));
        return text.map_or(Absent::GiveUp, |text| Absent::Default(Constant::new(&text)));
    }
    let is_required = parts.required.contains(&position)
        || shape.is_some_and(|shape| shape.required.iter().any(|required| required.names.contains(&field.name)));
    let may_be_filled = ops.iter().any(|op| !matches!(op.fill(&NoFields), Ok(None)));
    if is_required || may_be_filled { Absent::GiveUp } else { Absent::Omit }
}

/// Return a value of the profile after the field's ops, as canonical bytes; `None` when an op fails or drops it.
fn canonical_after(value: &Value<'static>, ops: &[Arc<dyn Op>]) -> Option<Vec<u8>> {
    let mut value = value.clone();
    for op in ops {
        value = match op.apply(value, &NoFields) {
            Ok(Outcome::Value(value)) => value,
            Ok(Outcome::Dropped) | Err(_) => return None,
        };
    }
    let mut text = Vec::new();
    chartly_canonical::write_value(&value, &mut text).ok()?;
    Some(text)
}
