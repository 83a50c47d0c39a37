//! Trace one record, field by field: what its query selected and where, the result of each op, and the results of the
//! checks. It shows values, because the caller has the record; nothing of it goes into logs or quarantine.

use chartly_json::{Node, Value};
use chartly_path::{Effort, NormalizedPath};
use serde_json::{Map, Value as Json, json};

use crate::complete::{State, States, Trace, Untraced};
use crate::field::Origin;
use crate::plan::Plan;
use crate::reason::Reason;

/// Levels of a value that are shown as a structure. A trace is sent as a protobuf `Struct`, whose messages may nest 100
/// deep, and an object takes three levels.
const SHOWN_DEPTH_MAX: usize = 16;

/// Bytes of a value's JSON text that are shown: several screens. A value is repeated for each step.
const SHOWN_BYTES_MAX: usize = 16 << 10;

/// Nodes of a query that are shown: more than a person reads.
const NODES_SHOWN_MAX: usize = 100;

/// Children of a record that are shown, and bytes of their canonical text. Each child repeats what it takes from its
/// record.
const CHILDREN_SHOWN_MAX: usize = 100;
const CHILDREN_BYTES_MAX: usize = 4 << 20;

/// Records the steps of every field.
struct Recorder {
    steps: Vec<Vec<Json>>,
}

impl Trace for Recorder {
    fn step(&mut self, field: usize, op: &'static str, state: &State<'_>) {
        let mut entry = json!({ "op": op });
        merge(&mut entry, state_of(state));
        self.steps[field].push(entry);
    }
}

impl Plan {
    /// Trace one record.
    ///
    /// The result is `{accepted, plan_hash, fields: [{field, path, raw: [{value, path, offset, length}], steps, result,
    /// violations}], reasons, canonical, record_id}`; with `explode` it is `{accepted, plan_hash, children: [<such a
    /// trace>]}`. Keys that don't apply are left out. `raw_left_out` and `children_left_out` count what was too much to
    /// show.
    #[must_use]
    pub fn explain(&self, record: &[u8]) -> Json {
        let explained = self.explain_within(record, &self.effort(record.len()));
        explained.unwrap_or_else(|reason| json!({ "accepted": false, "fields": [], "reasons": [reason_of(&reason)] }))
    }

    fn explain_within(&self, record: &[u8], effort: &Effort) -> Result<Json, Reason> {
        let root = self.parse_record(record, effort)?;
        let of_record = self.raw_of_record(&root, effort)?;
        if self.explode.is_none() {
            return Ok(self.explain_child(&root, &root, of_record));
        }
        let (mut children, mut left_out) = (Vec::new(), 0_usize);
        let (mut accepted, mut bytes) = (true, 0_usize);
        for child in self.children(&root, effort)? {
            let raw = self.raw_of_child(&of_record, child, effort)?;
            if children.len() == CHILDREN_SHOWN_MAX || bytes > CHILDREN_BYTES_MAX {
                accepted &= self.is_accepted(raw);
                left_out += 1;
                continue;
            }
            let explained = self.explain_child(&root, child, raw);
            accepted &= explained["accepted"] == json!(true);
            bytes += explained["canonical"].as_str().map_or(0, str::len);
            children.push(explained);
        }
        let mut explained = json!({ "accepted": accepted, "plan_hash": self.hash, "children": children });
        if left_out > 0 {
            merge(&mut explained, json!({ "children_left_out": left_out }));
        }
        Ok(explained)
    }

    fn is_accepted(&self, raw: States<'_>) -> bool {
        let mut reasons = Vec::new();
        let states = self.transform(raw, &mut reasons, &mut Untraced);
        self.check(&states, &mut reasons);
        reasons.is_empty()
    }

    fn explain_child<'a>(&'a self, root: &Node<'a>, child: &Node<'a>, raw: States<'a>) -> Json {
        let mut recorder = Recorder { steps: vec![Vec::new(); self.fields.len()] };
        let mut reasons = Vec::new();
        let states = self.transform(raw, &mut reasons, &mut recorder);
        self.check(&states, &mut reasons);
        let fields: Vec<Json> = (0..self.fields.len())
            .map(|position| {
                let steps = std::mem::take(&mut recorder.steps[position]);
                self.explain_field(position, (root, child), &steps, &states[position], &reasons)
            })
            .collect();
        let mut explained = json!({
            "accepted": reasons.is_empty(),
            "plan_hash": self.hash,
            "fields": fields,
            "reasons": reasons.iter().map(reason_of).collect::<Vec<_>>(),
        });
        if reasons.is_empty() {
            merge(&mut explained, self.identity(&states));
        }
        explained
    }

    fn explain_field(
        &self,
        position: usize,
        (root, child): (&Node<'_>, &Node<'_>),
        steps: &[Json],
        state: &State<'_>,
        reasons: &[Reason],
    ) -> Json {
        let field = &self.fields[position];
        let mut explained = json!({ "field": field.name, "steps": steps });
        if let Origin::Query { query, of_child } = &field.origin {
            let selected = query.select_located(if *of_child { child } else { root });
            let left_out = selected.len().saturating_sub(NODES_SHOWN_MAX);
            let raw: Vec<Json> = selected
                .into_iter()
                .take(NODES_SHOWN_MAX)
                .map(|located| {
                    let span = located.node.span;
                    json!({
                        "path": if *of_child { of_the_child(&located.path) } else { located.path.to_string() },
                        "value": shown(&located.node.value),
                        "offset": span.start,
                        "length": span.len(),
                    })
                })
                .collect();
            merge(&mut explained, json!({ "path": field.path(), "raw": raw }));
            if left_out > 0 {
                merge(&mut explained, json!({ "raw_left_out": left_out }));
            }
        }
        let checks: Vec<Json> = reasons.iter().filter(|reason| reason.field == field.name).map(reason_of).collect();
        merge(&mut explained, json!({ "result": state_of(state), "violations": checks }));
        explained
    }

    /// Return the canonical bytes and the record id of an accepted record.
    fn identity(&self, states: &[State<'_>]) -> Json {
        let mut output = crate::output::Output::default();
        let place = crate::place::Place { line: 1, offset: 0, length: 0 };
        if self.emit(states, place, true, &mut output).is_err() {
            return json!({});
        }
        output.fill_digests(self);
        let identity = output.accepted().next().map(|record| {
            let hex = chartly_digest::hex(record.record_id);
            json!({
                "canonical": String::from_utf8_lossy(record.canonical),
                "record_id": format!("sha256:{}", String::from_utf8_lossy(&hex)),
            })
        });
        identity.unwrap_or_default()
    }
}

/// Return a place within a child of an exploded record, written like the field's own path: it starts with `@`, as `$`
/// is the record.
fn of_the_child(path: &NormalizedPath) -> String {
    path.to_string().replacen('$', "@", 1)
}

fn state_of(state: &State<'_>) -> Json {
    match state {
        State::Absent => json!({ "state": "absent" }),
        State::Value(value) => json!({ "state": "value", "value": shown(value) }),
        State::Failed(reason) => json!({ "state": "failed", "reason": reason_of(reason) }),
    }
}

/// Return a value to be shown. A number that a double can't hold is shown as its text. A value nested deeper than
/// [`SHOWN_DEPTH_MAX`] is shown as JSON text. Of a value beyond [`SHOWN_BYTES_MAX`], the start of its text and its size
/// are shown.
fn shown(value: &Value<'_>) -> Json {
    let shown = value_of(value, SHOWN_DEPTH_MAX);
    let text = shown.to_string();
    if text.len() <= SHOWN_BYTES_MAX {
        return shown;
    }
    json!(format!("{}… ({} bytes)", &text[..text.floor_char_boundary(SHOWN_BYTES_MAX)], text.len()))
}

fn value_of(value: &Value<'_>, levels: usize) -> Json {
    match value {
        Value::Array(elements) if levels > 0 => elements.iter().map(|node| value_of(&node.value, levels - 1)).collect(),
        Value::Object(object) if levels > 0 => {
            let members = object.members().iter();
            let values = members.map(|member| (member.key.to_string(), value_of(&member.node.value, levels - 1)));
            Json::Object(values.collect::<Map<_, _>>())
        }
        Value::Array(_) | Value::Object(_) => json!(value_of(value, usize::MAX).to_string()),
        scalar => {
            let mut text = Vec::new();
            match (chartly_canonical::write_value(scalar, &mut text), scalar) {
                (Ok(()), _) => serde_json::from_slice(&text).unwrap_or_default(),
                (Err(_), Value::Number(text)) => json!(text),
                (Err(_), _) => Json::Null,
            }
        }
    }
}

fn reason_of(reason: &Reason) -> Json {
    json!({ "reason": reason.code.as_str(), "field": reason.field, "path": reason.path, "rule": reason.rule })
}

fn merge(into: &mut Json, from: Json) {
    if let (Json::Object(into), Json::Object(from)) = (into, from) {
        into.extend(from);
    }
}
