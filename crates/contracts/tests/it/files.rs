//! The folders that the tests read: one JSON file a name.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;

/// A folder of this repository, given from the folder of this crate.
pub(crate) fn folder(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The JSON files of a folder by their names, without `ending`; others are left out.
pub(crate) fn read(path: &str, ending: &str) -> BTreeMap<String, Value> {
    let entries = fs::read_dir(folder(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    entries
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name()?.to_str()?.strip_suffix(ending)?.to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let json = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{} is no JSON: {error}", path.display()));
            Some((name, json))
        })
        .collect()
}

/// Every version of every event ever, by its `ce-type`, as it was on the day it was new.
pub(crate) fn golden() -> BTreeMap<String, Value> {
    let mut golden = read("golden", ".json");
    golden.retain(|name, _| is_ce_type(name));
    golden
}

/// Examples with the optional fields that a version got later, with their `ce-type`:
/// `<ce-type>.<what they got>.json`.
pub(crate) fn grown() -> Vec<(String, Value)> {
    let later = |name: &String| !is_ce_type(name) && !name.ends_with(".decodes-to");
    let ce_type = |name: String| name.rsplit_once('.').map(|(of, _)| of.to_owned());
    read("golden", ".json")
        .into_iter()
        .filter(|(name, _)| later(name))
        .filter_map(|(name, value)| Some((ce_type(name)?, value)))
        .collect()
}

fn is_ce_type(name: &str) -> bool {
    name.split('.').count() == 4
}
