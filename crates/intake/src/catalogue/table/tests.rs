use super::*;

const NOW: Timestamp = Timestamp(1_780_279_200_000);

fn read(bytes: &[u8]) -> Result<Table, Vec<Wrong>> {
    super::read(bytes, &BTreeMap::new(), NOW)
}

const SHIPPED: &str = include_str!("../../../../../resources/categories.csv");

fn with_rows(rows: &[&str]) -> String {
    format!("{}\n{}\n", LEAF_COLUMNS.join(","), rows.join("\n"))
}

const GOOD: &str =
    "01,公共设施,0101,路灯,lamp,component,网格员,2wd,normal,grid,no,no,no,common practice";

#[test]
fn the_shipped_table_has_144_leaves_in_13_groups_and_every_body_is_known() {
    let table = read(SHIPPED.as_bytes()).unwrap();
    assert_eq!(table.rows, 144);
    let (groups, leaves): (Vec<_>, Vec<_>) =
        table.entries.iter().partition(|entry| entry.rules.is_none());
    assert_eq!((groups.len(), leaves.len()), (13, 144));
    assert!(leaves.iter().all(|leaf| leaf.parent.is_some()));
    let last = leaves.iter().find(|leaf| leaf.code.as_str() == "1311").unwrap();
    assert_eq!(names(SHIPPED.as_bytes())[last.row as usize - 1].of(true).zh, "其他(待分类)");
}

#[test]
fn a_table_with_a_byte_order_mark_and_spaces_is_the_same_table() {
    let plain = read(with_rows(&[GOOD]).as_bytes()).unwrap();
    let marked = format!("\u{feff}{}", with_rows(&[&GOOD.replace(',', " , ")]));
    let marked_table = read(marked.as_bytes()).unwrap();
    assert_eq!((marked_table.entries, marked_table.rows), (plain.entries, plain.rows));
    let names = names(marked.as_bytes());
    assert_eq!((names[0].of(false).zh.as_str(), names[0].of(false).en.as_str()), ("公共设施", ""));
    assert_eq!((names[0].of(true).zh.as_str(), names[0].of(true).en.as_str()), ("路灯", "lamp"));
}

#[test]
fn every_error_names_its_row_and_column_in_both_languages() {
    let cases: [(&str, &str, &str); 11] = [
        ("01,公", "1,公", "group_code"),
        ("公共设施", "", "group_zh"),
        ("0101", "0201", "leaf_code"),
        ("0101", "010", "leaf_code"),
        ("路灯", "路\u{202e}灯", "leaf_zh"),
        ("component", "thing", "kind"),
        ("网格员", "网格圆", "department_zh"),
        ("2wd", "0wd", "limit"),
        ("normal", "soon", "urgency"),
        (",grid,", ",street,", "admission"),
        ("no,no,no", "no,no,maybe", "report_earns_points"),
    ];
    for (good, bad, column) in cases {
        let text = with_rows(&[&GOOD.replace("0101", "0102"), &GOOD.replacen(good, bad, 1)]);
        let found = read(text.as_bytes()).unwrap_err();
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert_eq!((found[0].row, found[0].column.as_str()), (2, column), "{bad}");
        assert!(!found[0].en.is_empty() && !found[0].zh.is_empty());
    }
}

#[test]
fn all_errors_of_a_table_are_told_at_once() {
    let text = with_rows(&[
        GOOD,
        GOOD,
        &GOOD.replace("公共设施", "别名").replace("0101", "0102"),
        "01,公共设施",
        &GOOD.replace("2wd", "x").replace("normal", "y").replace("0101", "0103"),
    ]);
    let found = read(text.as_bytes()).unwrap_err();
    let places: Vec<(u32, &str)> =
        found.iter().map(|wrong| (wrong.row, wrong.column.as_str())).collect();
    assert_eq!(
        places,
        [(2, "leaf_code"), (3, "group_zh"), (4, "csv"), (5, "limit"), (5, "urgency")]
    );
}

#[test]
fn what_is_no_such_table_is_told_as_a_whole() {
    for bytes in [&b""[..], b"\xff\xfe", b"a,b\n1,2\n", LEAF_COLUMNS.join(",").as_bytes()] {
        let found = read(bytes).unwrap_err();
        assert_eq!((found.len(), found[0].row, found[0].column.as_str()), (1, 0, "csv"));
    }
}

/// A table with a row a category, with every column: its rows, of which the last columns may be left
/// out.
fn tree(rows: &[&str]) -> String {
    let header = write::header();
    let rows: Vec<String> = rows
        .iter()
        .map(|row| format!("{row}{}", ",".repeat(header.len() - 1 - row.matches(',').count())))
        .collect();
    format!("{}\n{}\n", header.join(","), rows.join("\n"))
}

const RULES: &str = "event,网格员,2wd,normal,grid,no,no,no";

fn leaf(code: &str, parent: &str) -> String {
    format!("{code},{parent},名,name,{RULES}")
}

#[test]
fn three_hundred_categories_four_levels_deep_are_read() {
    let mut rows = Vec::new();
    for top in 1..=4 {
        rows.push(format!("{top:02},,大类,group"));
        for middle in 1..=4 {
            rows.push(format!("{top:02}{middle:02},{top:02},中类,group"));
            for small in 1..=4 {
                rows.push(format!("{top:02}{middle:02}{small:02},{top:02}{middle:02},小类,group"));
                for n in 1..=4 {
                    let above = format!("{top:02}{middle:02}{small:02}");
                    rows.push(leaf(&format!("{above}{n:02}"), &above));
                }
            }
        }
    }
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let table = read(tree(&rows).as_bytes()).unwrap();
    assert_eq!((table.rows, table.entries.len()), (340, 340));
}

/// The rows of a table, and where it is wrong.
type Case = (Vec<String>, Vec<(u32, &'static str)>);

#[test]
fn a_tree_that_does_not_hold_is_refused_with_its_row_and_column() {
    let group = |code: &str, parent: &str| format!("{code},{parent},名,name");
    // The last four columns: from, until, successor, origin.
    let with = |row: String, more: &str| {
        format!("{row}{},{more}", ",".repeat(17 - row.matches(',').count()))
    };
    let many: Vec<String> = (10..20)
        .map(|n| group(&n.to_string(), &if n == 10 { String::new() } else { (n - 1).to_string() }))
        .collect();
    let rows = |rows: &[String]| rows.to_vec();
    let cases: Vec<Case> = vec![
        (rows(&[group("01", "02"), group("02", "01")]), vec![(1, "parent"), (2, "parent")]),
        (rows(&[group("01", "01")]), vec![(1, "parent")]),
        (rows(&[leaf("0101", "01")]), vec![(1, "parent")]),
        (rows(&[leaf("01", ""), leaf("0101", "01")]), vec![(2, "parent")]),
        (rows(&[leaf("0101", ""), leaf("0101", "")]), vec![(2, "code")]),
        (rows(&[group("01", "") + ",,网格员"]), vec![(1, "department_zh")]),
        (many, vec![(10, "parent")]),
        (rows(&[with(leaf("0101", ""), "2026-09-01,2026-08-31,,")]), vec![(1, "until")]),
        (rows(&[with(leaf("0101", ""), ",,0102,")]), vec![(1, "successor")]),
        (rows(&[with(leaf("0101", ""), ",2026-08-31,0101,")]), vec![(1, "successor")]),
        (rows(&[with(leaf("0101", ""), ",2026-02-30,,")]), vec![(1, "until")]),
    ];
    for (rows, expected) in cases {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let found = read(tree(&rows).as_bytes()).unwrap_err();
        let places: Vec<(u32, &str)> =
            found.iter().map(|wrong| (wrong.row, wrong.column.as_str())).collect();
        assert_eq!(places, expected, "{rows:?}: {found:?}");
    }
}

const FULL: &str = r#"{"categories": [
  {"code": "01", "name_zh": "大类"},
  {"code": "0101", "parent": "01", "name_zh": "名 <&>", "name_en": "name", "kind": "event",
   "department_zh": "网格员", "limit": "2wd", "urgency": "normal", "admission": "grid",
   "confidential": false, "consent_needed": true, "report_earns_points": false,
   "departments": {"county": "供电所"}, "limits": {"county/urgent": "8wh", "emergency": "60min", "village": "1wd"},
   "duplicate_radius_m": 50, "duplicate_window_days": 7,
   "legal_basis": {"l002": "《条例, \"二\"》", "l001": "《法》"},
   "form": {"type": "object", "properties": {"a": {"type": "boolean", "title": "甲, 乙"}}},
   "until": "2099-12-31", "successor": "0102", "origin": "test"},
  {"code": "0102", "parent": "01", "name_zh": "名", "name_en": "name", "kind": "event",
   "department_zh": "网格员", "limit": "2wd", "urgency": "normal", "admission": "direct",
   "confidential": true, "consent_needed": false, "report_earns_points": false}]}"#;

/// The lines that would be exported after this table was imported.
fn lines(table: &Table) -> Vec<write::Line> {
    let names = names(&table.document);
    let mut entries = table.entries.clone();
    entries.sort_by(|one, other| one.code.cmp(&other.code));
    let line = |entry: Entry| write::Line {
        code: entry.code.to_string(),
        parent: entry.parent.map(|code| code.to_string()).unwrap_or_default(),
        form: entry
            .rules
            .as_ref()
            .and_then(|rules| table.forms.get(&rules.details.form?))
            .cloned()
            .unwrap_or_default(),
        rules: entry.rules,
        until: entry.until,
        successor: entry.successor.map(|code| code.to_string()).unwrap_or_default(),
        names: names[entry.row as usize - 1].clone(),
    };
    entries.into_iter().map(line).collect()
}

#[test]
fn what_is_written_reads_back_as_the_same_in_all_three_forms() {
    for table in [FULL.as_bytes(), SHIPPED.as_bytes()] {
        let mut first = read(table).unwrap();
        let lines_of_first = lines(&first);
        let written = [
            write::as_csv(&lines_of_first),
            write::as_xlsx(&lines_of_first).unwrap(),
            write::as_json(&lines_of_first),
        ];
        first.entries.sort_by(|one, other| one.code.cmp(&other.code));
        for (place, bytes) in written.iter().enumerate() {
            let mut second = read(bytes).unwrap();
            let again = lines(&second);
            let same = match place {
                0 => write::as_csv(&again),
                1 => write::as_xlsx(&again).unwrap(),
                _ => write::as_json(&again),
            };
            assert!(same == *bytes, "form {place} is not the same again");
            second.entries.sort_by(|one, other| one.code.cmp(&other.code));
            for (one, other) in first.entries.iter().zip(&second.entries) {
                assert_eq!(&Entry { row: one.row, ..other.clone() }, one, "form {place}");
            }
            assert_eq!(first.forms, second.forms);
        }
    }
}

#[test]
fn limits_and_bodies_are_those_of_the_tier_and_urgency() {
    use contracts::intake::{Tier, Urgency};
    let table = read(FULL.as_bytes()).unwrap();
    let rules = table.entries.iter().find_map(|entry| entry.rules.as_ref()).unwrap();
    let limit = |tier, urgency| rules.limit_for(tier, urgency).to_string();
    assert_eq!(limit(Tier::County, Urgency::Urgent), "8wh");
    assert_eq!(limit(Tier::County, Urgency::Emergency), "60min");
    assert_eq!(limit(Tier::Village, Urgency::Emergency), "1wd", "the tier before the urgency");
    assert_eq!(limit(Tier::Township, Urgency::Normal), "2wd");
    assert_ne!(rules.handler_at(Tier::County), &rules.handler);
    assert_eq!(rules.handler_at(Tier::Village), &rules.handler);
}

#[test]
fn a_hostile_workbook_or_document_is_refused() {
    let table = read(SHIPPED.as_bytes()).unwrap();
    let workbook = write::as_xlsx(&lines(&table)).unwrap();
    let rows: Vec<String> = (0..5_001).map(|_| leaf("0101", "")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let too_many = tree(&rows);
    let cases: [(&[u8], &str); 6] = [
        (&workbook[..workbook.len() / 2], "xlsx"),
        (b"PK\x03\x04", "xlsx"),
        (b"{", "json"),
        (br#"{"categories": [1]}"#, "json"),
        (br#"{"categories": [{"colour": "red"}]}"#, "json"),
        (too_many.as_bytes(), "csv"),
    ];
    for (bytes, format) in cases {
        let found = read(bytes).unwrap_err();
        assert_eq!((found.len(), found[0].row, found[0].column.as_str()), (1, 0, format));
    }
}
