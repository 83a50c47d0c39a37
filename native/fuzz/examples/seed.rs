//! Write inputs to start a guided run from: `seed <suites> <out>` reads the public suites and makes a folder for every
//! target.
use std::collections::BTreeSet;
use std::path::Path;

use chartly_fuzz::{INPUT_BYTES_MAX, TARGETS};
use serde_json::Value;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [suites, out] = arguments.as_slice() else { return Err("seed <suites> <out>".into()) };
    for target in TARGETS {
        let mut inputs: BTreeSet<Vec<u8>> = (target.seeds)().into_iter().collect();
        let suites = Path::new(suites);
        inputs.extend(match target.name {
            "parse" => files(&suites.join("json-parsing/test_parsing"))?,
            "canonical" => files(&suites.join("jcs/testdata/input"))?,
            "path" => paths(suites)?,
            "contract" => schemas(suites)?,
            _ => Vec::new(),
        });
        let folder = Path::new(out).join(target.name);
        std::fs::create_dir_all(&folder)?;
        let fitting = inputs.iter().filter(|input| input.len() <= INPUT_BYTES_MAX);
        for (index, input) in fitting.enumerate() {
            std::fs::write(folder.join(format!("seed-{index:04}")), input)?;
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<Vec<u8>>, Error> {
    std::fs::read_dir(folder)?.map(|entry| Ok(std::fs::read(entry?.path())?)).collect()
}

fn paths(suites: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let suite: Value = serde_json::from_slice(&std::fs::read(suites.join("jsonpath/cts.json"))?)?;
    let cases = suite["tests"].as_array().ok_or("cases")?.iter();
    Ok(cases
        .filter_map(|case| Some(format!("{}\n{}", case["selector"].as_str()?, case["document"]).into_bytes()))
        .collect())
}

fn schemas(suites: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let folder = suites.join("json-schema/tests/draft2020-12");
    let mut inputs = Vec::new();
    for folder in [folder.clone(), folder.join("optional/format")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                let groups: Value = serde_json::from_slice(&std::fs::read(path)?)?;
                for group in groups.as_array().ok_or("groups")? {
                    for test in group["tests"].as_array().ok_or("tests")?.iter().take(3) {
                        inputs.push(format!("{}\n{}", group["schema"], test["data"]).into_bytes());
                    }
                }
            }
        }
    }
    Ok(inputs)
}
