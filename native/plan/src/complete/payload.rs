//! What the finished fields must still pass: `requiredFields`, then the contract. It changes no field.

use chartly_json::{Object, Value};

use super::State;
use crate::plan::Plan;
use crate::reason::{Reason, ReasonCode};

impl Plan {
    /// Appends the reasons that required fields and the contract give.
    pub(crate) fn check(&self, states: &[State<'_>], reasons: &mut Vec<Reason>) {
        for &position in &self.required {
            if matches!(states[position], State::Absent) {
                let field = &self.fields[position];
                reasons.push(Reason {
                    code: ReasonCode::RequiredFieldMissing,
                    field: field.name.clone(),
                    path: field.path(),
                    rule: "requiredFields".to_owned(),
                });
            }
        }
        self.check_contract(states, reasons);
    }

    fn check_contract(&self, states: &[State<'_>], reasons: &mut Vec<Reason>) {
        let mut payload = Object::default();
        for (field, state) in self.fields.iter().zip(states) {
            match state {
                State::Absent => {}
                State::Value(value) => payload.push(field.name.as_str(), value.clone()),
                // Present, but nothing is known of its value: what the contract says of it is left out below.
                State::Failed(_) => payload.push(field.name.as_str(), Value::Null),
            }
        }
        for violation in self.contract.violations(&Value::Object(payload)) {
            let name = first_token(&violation.instance_path);
            let position = self.fields.iter().position(|field| field.name == name);
            if position.is_some_and(|position| matches!(states[position], State::Failed(_))) {
                continue;
            }
            reasons.push(Reason {
                code: ReasonCode::ContractViolation,
                field: name,
                path: violation.instance_path,
                rule: violation.schema_path,
            });
        }
    }
}

/// The payload's member that a pointer leads into; empty for the payload itself.
fn first_token(pointer: &str) -> String {
    let token = pointer.split('/').nth(1).unwrap_or_default();
    token.replace("~1", "/").replace("~0", "~")
}
