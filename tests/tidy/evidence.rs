//! What the documents of security claim, they claim by a test: it must be there, and where a document
//! counts, it must count right.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{none, paths, sources, text};

const DOCUMENTS: [&str; 4] =
    ["docs/SECURITY.md", "docs/compliance.md", "docs/asvs.md", "docs/peers-defects.md"];
const ASVS: &str = "docs/asvs.md";
const STATES: [&str; 4] = ["met", "partly", "not met", "not applicable"];
/// The requirements of ASVS 5.0.0 of level 1 and of level 2.
const REQUIREMENTS: [usize; 2] = [70, 183];

fn in_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A test's name is a sentence: at least three words.
fn is_sentence(name: &str) -> bool {
    name.matches('_').count() >= 2 && name.chars().all(in_a_name)
}

/// The tests of a source: functions with the attribute, and what `on_both_databases!` makes tests of.
fn tests_of(source: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for attribute in ["#[test]", "#[tokio::test"] {
        for rest in source.split(attribute).skip(1) {
            let function = rest.split_once("fn ").map_or("", |(_, function)| function);
            found.extend(function.split(|c| !in_a_name(c)).next());
        }
    }
    for rest in source.split("on_both_databases! {").skip(1) {
        let names = rest.split('}').next().unwrap_or_default();
        found.extend(names.split(|c| !in_a_name(c)).filter(|name| is_sentence(name)));
    }
    found
}

/// Every test of the tree as a document names it, `crate::test`, and the scripts for browsers.
fn all_tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let ours = paths().into_iter().filter(|path| path.starts_with("tests/"));
    let ours = ours.filter_map(|path| text(&path).map(|text| (path, text)));
    for (path, source) in sources().into_iter().chain(ours) {
        let place = path.strip_prefix("crates/").unwrap_or(&path);
        let name = place.split('/').next().unwrap_or_default();
        found.extend(tests_of(&source).into_iter().map(|test| format!("{name}::{test}")));
        if place.starts_with("tests/browser/") {
            found.insert(path);
        }
    }
    found
}

/// The tests that a document names in backticks; those that are named without their crate, too.
fn named(document: &str) -> BTreeSet<&str> {
    let is_test = |name: &&str| {
        let last = name.rsplit("::").next().unwrap_or_default();
        let is_long = last.matches('_').count() >= 4 || name.contains("::");
        (is_long && is_sentence(last)) || name.strip_suffix(".mjs").is_some()
    };
    document.split('`').skip(1).step_by(2).filter(is_test).collect()
}

#[test]
fn what_security_claims_has_a_test() {
    let tests = all_tests();
    assert!(tests.len() > 500, "tests are no longer found: {}", tests.len());
    let mut found = Vec::new();
    for document in DOCUMENTS {
        let text = text(document).unwrap_or_else(|| panic!("{document} is not there"));
        let named = named(&text);
        assert!(named.len() > 20, "{document} names {} tests: they are its evidence", named.len());
        for name in named.into_iter().filter(|name| !tests.contains(*name)) {
            found.push(format!(
                "{document} names the test {name}, which is not there: write it as crate::test, as \
                 it is called now, or say what is not shown any more"
            ));
        }
    }
    none(&found);
}

#[test]
fn a_test_is_told_from_other_words() {
    let source = "#[test]\nfn one_two_three() {}\n#[tokio::test(flavor = \"x\")]\nasync fn a_b_c() {}\n\
        on_both_databases! {\n    life::d_e_f: d_e_f_on_sqlite, d_e_f_on_postgres;\n}\nfn no_test_here() {}";
    let expected = ["a_b_c", "d_e_f", "d_e_f_on_postgres", "d_e_f_on_sqlite", "one_two_three"];
    assert_eq!(tests_of(source), expected.into());
    let document = "`weft::a_b_c` `keys/vault.master` `log_max_bytes` `what_is_one_of_ours` `x::Y` \
        `platform::audit` `tests/browser/nojs.mjs`";
    let expected = ["tests/browser/nojs.mjs", "weft::a_b_c", "what_is_one_of_ours"];
    assert_eq!(named(document), expected.into());
}

/// The rows of the self-assessment: the number in three parts, level and state.
fn assessed(document: &str) -> Vec<([u32; 3], usize, &str)> {
    let rows = document.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").collect();
        let parts: Vec<u32> = cells[0].split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        Some((parts.try_into().ok()?, cells.get(1)?.parse().ok()?, *cells.get(2)?))
    });
    rows.collect()
}

#[test]
fn the_self_assessment_is_whole_and_counts_right() {
    let document = text(ASVS).unwrap_or_default();
    let rows = assessed(&document);
    assert!(rows.is_sorted_by_key(|row| row.0), "the rows stand in the order of the standard");
    let ids: BTreeSet<[u32; 3]> = rows.iter().map(|row| row.0).collect();
    assert_eq!(ids.len(), rows.len(), "each requirement has one row");
    let mut counted: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (id, level, state) in &rows {
        assert!(STATES.contains(state), "{id:?} is {state}: say one of {STATES:?}");
        counted.entry(state).or_default()[level - 1] += 1;
    }
    let of_level = |level: usize| rows.iter().filter(|row| row.1 == level).count();
    assert_eq!([of_level(1), of_level(2)], REQUIREMENTS, "requirements of ASVS 5.0.0 by level");
    for state in STATES {
        let [one, two] = counted.get(state).copied().unwrap_or_default();
        let line = format!("| {state} | {one} | {two} | {} |", one + two);
        assert!(document.contains(&line), "{ASVS} counts otherwise; write {line}");
    }
}
