//! The checks of the finished fields: `requiredFields`, then the contract. It changes no field.

use chartly_json::{Object, Value};

use super::State;
use crate::plan::Plan;
use crate::reason::{Reason, ReasonCode};

impl Plan {
    /// Append the reasons of missing required fields and of contract violations.
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
                // The field is present, but its value is unknown. Violations of its value are left out below.
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

/// Return the payload's member that a pointer leads into; an empty text for the payload itself.
fn first_token(pointer: &str) -> String {
    let token = pointer.split('/').nth(1).unwrap_or_default();
    token.replace("~1", "/").replace("~0", "~")
}
