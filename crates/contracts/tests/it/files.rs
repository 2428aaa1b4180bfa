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

/// Every version of every event ever, by its `ce-type`.
pub(crate) fn golden() -> BTreeMap<String, Value> {
    let mut golden = read("golden", ".json");
    golden.retain(|name, _| !name.ends_with(".decodes-to"));
    golden
}
