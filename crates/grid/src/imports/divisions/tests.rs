use super::*;

const HEAD: &str = "code,name,level,parent\n";
const COUNTY: &str = "620821,泾川县,county,\n";

fn county() -> Division {
    "620821".parse().unwrap()
}

fn errors(csv: impl AsRef<[u8]>) -> Vec<(u32, &'static str, String)> {
    let mut problems = Problems::default();
    read(csv.as_ref(), county(), |_| false, &mut problems);
    let problems = problems.into_rows();
    assert!(problems.iter().all(|problem| !problem.zh.is_empty()));
    problems.into_iter().map(|problem| (problem.row, problem.column, problem.en)).collect()
}

/// The only error of a table, which must say `word`.
fn error(rows: &str, word: &str) -> (u32, &'static str) {
    let found = errors(format!("{HEAD}{COUNTY}{rows}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].2.contains(word), "{found:?}");
    (found[0].0, found[0].1)
}

#[test]
fn a_clean_table_gives_its_rows_and_names() {
    let table = format!("\u{feff}{HEAD}{COUNTY}620821101,\"玉都, 镇\",township,620821\r\n");
    let mut problems = Problems::default();
    let (count, lines) = read(table.as_bytes(), county(), |_| false, &mut problems);
    assert_eq!((count, problems.into_rows()), (2, vec![]));
    let row = |row, code: &str| DivisionLine { row, division: code.parse().unwrap() };
    assert_eq!(lines, [row(1, "620821"), row(2, "620821101")]);
    assert_eq!(names(table.trim_start_matches('\u{feff}')), ["泾川县", "玉都, 镇"]);
}

#[test]
fn a_wrong_code_level_or_parent_is_named_with_row_and_column() {
    assert_eq!(error("62082,甲,township,620821\n", "digits"), (2, "code"));
    assert_eq!(error("６20821101,甲,township,620821\n", "digits only"), (2, "code"));
    assert_eq!(error("620822101,甲,township,620822\n", "does not lie in 620821"), (2, "code"));
    assert_eq!(error("620821101,甲,village,620821\n", "township"), (2, "level"));
    assert_eq!(error("620821101,甲,township,\n", "missing"), (2, "parent"));
    let short = errors(format!("{HEAD}{COUNTY}620821101,甲\n"));
    let places: Vec<_> = short.iter().map(|(row, column, _)| (*row, *column)).collect();
    assert_eq!(places, [(2, "level"), (2, "parent")], "a row that ends early lacks its cells");
}

#[test]
fn a_parent_must_be_the_codes_own_and_be_known() {
    assert_eq!(error("620821101,甲,township,6208\n", "is 620821"), (2, "parent"));
    assert_eq!(error("620821101203,甲,village,620821101\n", "neither"), (2, "parent"));
    let village = format!("{HEAD}620821101203,甲,village,620821101\n");
    let mut problems = Problems::default();
    read(
        village.as_bytes(),
        county(),
        |division| division.to_string() == "620821101",
        &mut problems,
    );
    assert!(problems.is_empty(), "a registered parent need not be in the table");
}

#[test]
fn the_same_code_twice_and_a_name_that_says_nothing_or_is_hostile_are_refused() {
    let row = "620821101,甲,township,620821\n";
    assert_eq!(error(&format!("{row}{row}"), "row 2"), (3, "code"));
    assert_eq!(error("620821101, ,township,620821\n", "missing"), (2, "name"));
    assert_eq!(error("620821101,\"\u{7}\",township,620821\n", "U+0007"), (2, "name"));
    let long = "长".repeat(61);
    assert_eq!(error(&format!("620821101,{long},township,620821\n"), "longer"), (2, "name"));
}

#[test]
fn a_file_as_a_whole_has_a_header_rows_an_encoding_and_a_size() {
    let missing = errors("code,name\n620821,县\n");
    assert_eq!(
        missing.iter().map(|found| (found.0, found.1)).collect::<Vec<_>>(),
        [(0, "level"), (0, "parent")]
    );
    assert!(errors(HEAD)[0].2.contains("no rows"));
    assert_eq!(errors([HEAD.as_bytes(), COUNTY.as_bytes(), b"\xff"].concat())[0].0, 2);
    assert!(errors(vec![b'a'; super::super::MAX_FILE_BYTES + 1])[0].2.contains("20 MB"));
    assert_eq!(errors("").len(), 4);
}

#[test]
fn who_has_very_many_wrong_rows_is_told_of_the_first_thousand() {
    assert_eq!(errors(format!("{HEAD}{}", "x,甲,town,y\n".repeat(5_000))).len(), 1_000);
}
