use super::*;

const SHIPPED: &str = include_str!("../../../../../resources/categories.csv");

fn with_rows(rows: &[&str]) -> String {
    format!("{}\n{}\n", COLUMNS.join(","), rows.join("\n"))
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
    assert_eq!(names(SHIPPED)[last.row as usize - 1][1], "其他(待分类)");
}

#[test]
fn a_table_with_a_byte_order_mark_and_spaces_is_the_same_table() {
    let plain = read(with_rows(&[GOOD]).as_bytes()).unwrap();
    let marked = format!("\u{feff}{}", with_rows(&[&GOOD.replace(',', " , ")]));
    assert_eq!(read(marked.as_bytes()).unwrap(), plain);
    assert_eq!(names(&marked), [["公共设施", "路灯", "lamp"].map(str::to_owned)]);
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
    for bytes in [&b""[..], b"\xff\xfe", b"a,b\n1,2\n", COLUMNS.join(",").as_bytes()] {
        let found = read(bytes).unwrap_err();
        assert_eq!((found.len(), found[0].row, found[0].column.as_str()), (1, 0, "csv"));
    }
}
