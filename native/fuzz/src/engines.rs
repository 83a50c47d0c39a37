//! Check that the fused engine and the complete one agree, on the best instructions and on portable ones.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use chartly_json::{Limits, parse};
use chartly_plan::{CompileContext, Instructions, Output, PassState, Plan, RunOptions};
use chartly_transform::{Secret, SecretRef, Secrets};

/// The most compiled pairs that are kept: the guided fuzzer tries many inputs on one profile.
const PAIRS_MAX: usize = 64;

/// Returns a key for every reference of a profile.
pub(crate) struct AnySecret;

impl Secrets for AnySecret {
    fn resolve(&self, _: &SecretRef) -> Option<Secret> {
        Some(Secret::new(*b"example key, thirty-two bytes ok"))
    }
}

/// One profile and contract, compiled three times.
pub(crate) struct Engines {
    fused: Plan,
    portable: Plan,
    complete: Plan,
}

type Compiled = HashMap<(Vec<u8>, Vec<u8>), Option<Rc<Engines>>>;

thread_local! {
    static COMPILED: RefCell<Compiled> = RefCell::default();
}

impl Engines {
    /// Compile two JSON texts; `None` when they are no profile and contract.
    pub(crate) fn of(profile: &[u8], contract: &[u8]) -> Option<Rc<Self>> {
        let key = (profile.to_vec(), contract.to_vec());
        if let Some(known) = COMPILED.with_borrow(|compiled| compiled.get(&key).cloned()) {
            return known;
        }
        let compiled = Self::compile(profile, contract).map(Rc::new);
        COMPILED.with_borrow_mut(|all| {
            if all.len() >= PAIRS_MAX {
                all.clear();
            }
            all.insert(key, compiled.clone());
        });
        compiled
    }

    fn compile(profile: &[u8], contract: &[u8]) -> Option<Self> {
        let profile = serde_json::from_slice(profile).ok()?;
        let contract = serde_json::from_slice(contract).ok()?;
        let plan = || {
            let within = CompileContext { secrets: &AnySecret, ..CompileContext::default() };
            Plan::compile_within(&profile, &contract, &within).ok()
        };
        let portable = plan()?.with_instructions(Instructions::PORTABLE);
        Some(Self { fused: plan()?, portable, complete: plan()?.without_fusion() })
    }

    /// Assert that all ways to run an input give the same bytes, reasons, places, keys and columns.
    pub(crate) fn agree(&self, input: &[u8]) {
        let complete = Results::by(&self.complete, input, 1);
        for (plan, threads, name) in [(&self.fused, 1, "fused"), (&self.portable, 2, "portable")] {
            let results = Results::by(plan, input, threads);
            assert_eq!(text(&results.accepted), text(&complete.accepted), "{name}: accepted");
            assert_eq!(text(&results.rejected), text(&complete.rejected), "{name}: rejected");
            assert_eq!(results.others, complete.others, "{name}: counts, places, keys and columns");
        }
        if let Some((accepted, rejected)) = passed(&self.fused, input) {
            assert_eq!(text(&accepted), text(&complete.accepted), "one pass: accepted");
            assert_eq!(text(&rejected), text(&complete.rejected), "one pass: rejected");
        }
        for line in complete.accepted.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            assert!(parse(line, Limits::WIDEST).is_ok(), "an accepted line is JSON: {}", line.escape_ascii());
        }
    }
}

/// All results of a run.
struct Results {
    accepted: Vec<u8>,
    rejected: Vec<u8>,
    others: Vec<String>,
}

impl Results {
    fn by(plan: &Plan, input: &[u8], threads: usize) -> Self {
        let mut results = Self { accepted: Vec::new(), rejected: Vec::new(), others: Vec::new() };
        for output in plan.run(input, threads, RunOptions { columns: true }) {
            results.accepted.extend_from_slice(output.accepted_ndjson());
            output.write_rejected_ndjson(&mut results.rejected);
            let batch = plan.accepted_batch(&output, true).expect("made with columns");
            results.others.push(format!("{:?} {:?}", output.counts(), batch.columns()));
            results
                .others
                .extend(output.accepted().map(|record| format!("{:?} {:?}", record.place, record.idempotency_key)));
        }
        results
    }
}

/// Return the results of one pass over a page; `None` when the pass gives up.
fn passed(plan: &Plan, page: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    if plan.framing(page, true) != Some(chartly_plan::Framing::Page) {
        return None;
    }
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    let mut worker = plan.worker(RunOptions::default());
    let mut pass = plan.page_pass(Box::new(page))?;
    loop {
        let mut output = Output::default();
        let went = worker.run_pass(&mut pass, 100, &mut output);
        accepted.extend_from_slice(output.accepted_ndjson());
        output.write_rejected_ndjson(&mut rejected);
        match went {
            PassState::More => {}
            PassState::Ended => return Some((accepted, rejected)),
            PassState::GaveUp => return None,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
