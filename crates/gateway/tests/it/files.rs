//! The files of this crate, as text.

use std::{fs, path::Path};

/// The files below a folder of the crate whose names end so: path within the crate, and text.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(Path::new(env!("CARGO_MANIFEST_DIR")), folder, ending, &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder} has no {ending}");
    found
}

fn walk(root: &Path, folder: &str, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            walk(root, &path, ending, found);
        } else if path.ends_with(ending) {
            found.push((path, fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// Fails with everything that was found.
pub(crate) fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Whether a text has a Chinese character or a Chinese mark.
pub(crate) fn is_chinese(text: &str) -> bool {
    text.chars()
        .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) || ('\u{3000}'..='\u{303f}').contains(&c))
}
