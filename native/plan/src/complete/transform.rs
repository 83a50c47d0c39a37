//! Apply ops to fields: each field's own ops first, in the order of names, then `spec.transforms` in their order. The
//! contract is not checked here.

use chartly_json::{Node, NumberError, Value};
use chartly_transform::{Failure, Fields, Op};

use crate::field::Field;
use crate::plan::Plan;
use crate::reason::{Reason, ReasonCode};

/// The state of a field.
#[derive(Debug, Clone, Default)]
pub(crate) enum State<'a> {
    #[default]
    Absent,
    Value(Value<'a>),
    /// The field counts as present and is not validated further. Its reason is reported after all ops have run.
    Failed(Reason),
}

/// Receives every step.
pub(crate) trait Trace {
    /// An op ran on a field, and this is the result.
    fn step(&mut self, field: usize, op: &'static str, state: &State<'_>);
}

/// A run without a trace.
pub(crate) struct Untraced;

impl Trace for Untraced {
    fn step(&mut self, _: usize, _: &'static str, _: &State<'_>) {}
}

/// The record's fields as an op reads them.
struct View<'v, 'a> {
    fields: &'v [Field],
    states: &'v [State<'a>],
}

impl<'a> Fields<'a> for View<'_, 'a> {
    fn field(&self, name: &str) -> Option<&Value<'a>> {
        let position = self.fields.iter().position(|field| field.name == name)?;
        match &self.states[position] {
            State::Value(value) => Some(value),
            State::Absent | State::Failed(_) => None,
        }
    }
}

impl Plan {
    /// Return the state of all fields, from their raw values. Reasons of failed fields are appended in the fields'
    /// order.
    pub(crate) fn transform<'a>(
        &'a self,
        raw: Vec<State<'a>>,
        reasons: &mut Vec<Reason>,
        trace: &mut dyn Trace,
    ) -> Vec<State<'a>> {
        let mut states = raw;
        for (position, field) in self.fields.iter().enumerate() {
            for op in &field.ops {
                self.apply(position, &**op, &mut states, trace);
            }
        }
        for (position, op) in &self.late_ops {
            self.apply(*position, &**op, &mut states, trace);
        }
        for (field, state) in self.fields.iter().zip(&mut states) {
            if let State::Value(value) = state
                && let Err(error) = settle(value)
            {
                *state = State::Failed(field.number_reason(error));
            }
            if let State::Failed(reason) = state {
                reasons.push(reason.clone());
            }
        }
        states
    }

    fn apply<'a>(&'a self, position: usize, op: &dyn Op, states: &mut [State<'a>], trace: &mut dyn Trace) {
        // An op may also read its own field, as it was before the op.
        let reads_none = op.reads().is_empty();
        let state = if reads_none { std::mem::take(&mut states[position]) } else { states[position].clone() };
        let before = match state {
            failed @ State::Failed(_) => {
                states[position] = failed;
                return;
            }
            State::Absent => None,
            State::Value(value) => Some(value),
        };
        let field = &self.fields[position];
        let view = View { fields: &self.fields, states };
        let result = match before {
            Some(Value::Array(elements)) if field.collect => over_elements(op, elements, &view).map(Some),
            before => apply_one(op, before, &view),
        };
        states[position] = match result {
            Ok(Some(value)) => State::Value(value),
            Ok(None) => State::Absent,
            Err(failure) => State::Failed(failure_reason(field, op, failure)),
        };
        trace.step(position, op.name(), &states[position]);
    }
}

fn apply_one<'a>(op: &dyn Op, before: Option<Value<'a>>, view: &View<'_, 'a>) -> Result<Option<Value<'a>>, Failure> {
    match before {
        None => op.fill(view),
        Some(Value::Null) => Ok(Some(op.fill(view)?.unwrap_or(Value::Null))),
        Some(value) => op.apply(value, view).map(|outcome| match outcome {
            chartly_transform::Outcome::Value(value) => Some(value),
            chartly_transform::Outcome::Dropped => None,
        }),
    }
}

fn over_elements<'a>(op: &dyn Op, elements: Vec<Node<'a>>, view: &View<'_, 'a>) -> Result<Value<'a>, Failure> {
    let mut kept = Vec::with_capacity(elements.len());
    let mut refused = None;
    for Node { value, span } in elements {
        let after = if value.is_null() { Ok(Some(value)) } else { apply_one(op, Some(value), view) };
        match (after, refused) {
            (Ok(after), _) => kept.extend(after.map(|value| Node { value, span })),
            // The first failure is reported, except that an overflow wins over a loss of precision in the same field.
            (Err(failure), None) | (Err(failure @ Failure::Overflow), Some(Failure::PrecisionLoss)) => {
                refused = Some(failure);
            }
            (Err(_), Some(_)) => {}
        }
    }
    match refused {
        None => Ok(Value::Array(kept)),
        Some(failure) => Err(failure),
    }
}

/// Replace each faithful print in the value by its double. Return an error when a number can't be held by a double. An
/// overflow wins over a loss of precision.
fn settle(value: &mut Value<'_>) -> Result<(), NumberError> {
    let lesser = |one: Result<(), NumberError>, other: Result<(), NumberError>| match (one, other) {
        (Err(NumberError::Overflow), _) | (_, Err(NumberError::Overflow)) => Err(NumberError::Overflow),
        (Err(error), _) => Err(error),
        (Ok(()), other) => other,
    };
    match value {
        Value::Number(text) => {
            let number = chartly_json::number::surviving(text)?;
            if !number.is_exact {
                *value = Value::Double(number.double);
            }
            Ok(())
        }
        Value::Array(elements) => elements.iter_mut().map(|node| settle(&mut node.value)).fold(Ok(()), lesser),
        Value::Object(object) => {
            object.members_mut().iter_mut().map(|member| settle(&mut member.node.value)).fold(Ok(()), lesser)
        }
        _ => Ok(()),
    }
}

fn failure_reason(field: &Field, op: &dyn Op, failure: Failure) -> Reason {
    let code = match failure.reason() {
        chartly_transform::Reason::TransformFailed => ReasonCode::TransformFailed,
        chartly_transform::Reason::PrecisionLoss => ReasonCode::PrecisionLoss,
        chartly_transform::Reason::PolicyViolation => ReasonCode::PolicyViolation,
    };
    let rule = format!("{}/{}", op.name(), failure.rule());
    Reason { code, field: field.name.clone(), path: field.path(), rule }
}
