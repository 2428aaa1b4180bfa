//! Reads and checks the table: CSV with the columns of `resources/categories.csv`. The whole table is
//! checked, and every error names its row and column in both languages.

use std::{
    collections::{BTreeMap, HashMap},
    str::FromStr,
    sync::LazyLock,
};

use contracts::intake::{Admission, CategoryKind, CategoryRules, Urgency};
use kernel::{
    id::{CategoryCode, OrgKind},
    limit::Limit,
};

/// The columns, in order. The last one is for the readers of the table.
pub const COLUMNS: [&str; 14] = [
    "group_code",
    "group_zh",
    "leaf_code",
    "leaf_zh",
    "leaf_en",
    "kind",
    "department_zh",
    "limit",
    "urgency",
    "admission",
    "confidential",
    "consent_needed",
    "report_earns_points",
    "origin",
];

/// The longest name, in characters.
const MAX_NAME: usize = 60;

/// A category of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its code.
    pub code: CategoryCode,
    /// The group of a leaf.
    pub parent: Option<CategoryCode>,
    /// The rules of a leaf.
    pub rules: Option<CategoryRules>,
    /// Its first row, from 1, the header not counted.
    pub row: u32,
}

/// What is wrong in one place of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The row from 1; 0 for the header or the whole.
    pub row: u32,
    /// The column.
    pub column: String,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// A checked table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// How many rows it has.
    pub rows: u32,
    /// Its groups, then its leaves.
    pub entries: Vec<Entry>,
}

/// The kinds of bodies by their Chinese names, as shipped.
static DEPARTMENTS: LazyLock<HashMap<String, OrgKind>> = LazyLock::new(|| {
    let table = include_str!("../../../../resources/departments.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    reader
        .records()
        .filter_map(|record| {
            let record = record.ok()?;
            Some((record.get(1)?.to_owned(), record.get(0)?.parse().ok()?))
        })
        .collect()
});

/// Reads a table, or tells all that is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Table, Vec<Wrong>> {
    let wrong = |row, column: &str, en: &str, zh: &str| {
        vec![Wrong { row, column: column.to_owned(), en: en.to_owned(), zh: zh.to_owned() }]
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(wrong(
            0,
            "csv",
            "this is not UTF-8: save the table as CSV UTF-8",
            "文件不是 UTF-8 编码，请另存为 CSV UTF-8",
        ));
    };
    let mut reader = reader(text);
    let header = reader.headers().cloned().unwrap_or_default();
    if !header.iter().eq(COLUMNS) {
        let columns = COLUMNS.join(",");
        return Err(wrong(
            0,
            "csv",
            &format!("the first line must be {columns}"),
            &format!("首行应为 {columns}"),
        ));
    }
    let mut checking = Checking::default();
    for record in reader.records() {
        checking.row += 1;
        match record {
            Ok(record) => checking.take(&record),
            Err(_) => checking.wrong(
                "csv",
                format!("a row has {} columns: check commas and quotes", COLUMNS.len()),
                format!("每行应有{}列，请检查逗号和引号", COLUMNS.len()),
            ),
        }
    }
    if checking.row == 0 {
        return Err(wrong(0, "csv", "the table has no rows: fill it in", "表中没有数据行"));
    }
    if !checking.found.is_empty() {
        return Err(checking.found);
    }
    let groups = checking.groups.into_iter().map(|(code, (row, _))| Entry {
        code,
        parent: None,
        rules: None,
        row,
    });
    let entries = groups.chain(checking.leaves.into_values()).collect();
    Ok(Table { rows: checking.row, entries })
}

/// The names of each row of a table that was checked: of its group, in Chinese; of its leaf, in
/// Chinese and English.
pub fn names(text: &str) -> Vec<[String; 3]> {
    let name = |record: &csv::StringRecord, column| {
        record.get(column).unwrap_or_default().trim().to_owned()
    };
    reader(text)
        .records()
        .map(|record| {
            let record = record.unwrap_or_default();
            [name(&record, 1), name(&record, 3), name(&record, 4)]
        })
        .collect()
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes())
}

#[derive(Default)]
struct Checking {
    row: u32,
    found: Vec<Wrong>,
    groups: BTreeMap<CategoryCode, (u32, String)>,
    leaves: BTreeMap<CategoryCode, Entry>,
}

impl Checking {
    fn wrong(&mut self, column: &str, en: impl Into<String>, zh: impl Into<String>) {
        self.found.push(Wrong {
            row: self.row,
            column: column.to_owned(),
            en: en.into(),
            zh: zh.into(),
        });
    }

    /// Checks every column of a row, and keeps the row if all are good.
    fn take(&mut self, record: &csv::StringRecord) {
        let before = self.found.len();
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let group = self.code(COLUMNS[0], cell(0), 2);
        let leaf = self.code(COLUMNS[2], cell(2), 4);
        for column in [1, 3, 4] {
            self.name(COLUMNS[column], cell(column));
        }
        let rules = self.rules(&cell);
        if let (Some(group), Some(leaf)) = (&group, &leaf) {
            self.place(group, cell(1), leaf);
        }
        if let (Some(group), Some(leaf), Some(rules)) = (group, leaf, rules)
            && self.found.len() == before
        {
            let row = self.row;
            self.groups.entry(group.clone()).or_insert_with(|| (row, cell(1).to_owned()));
            let entry = Entry { code: leaf.clone(), parent: Some(group), rules: Some(rules), row };
            self.leaves.insert(leaf, entry);
        }
    }

    fn rules<'a>(&mut self, cell: &impl Fn(usize) -> &'a str) -> Option<CategoryRules> {
        let kind = self.word(5, cell(5), CategoryKind::ALL);
        let handler = DEPARTMENTS.get(cell(6)).cloned();
        if handler.is_none() {
            self.wrong(
                COLUMNS[6],
                format!("no body {:?}: use a name of departments.csv", shown(cell(6))),
                format!("没有“{}”这个单位，请使用单位表中的名称", shown(cell(6))),
            );
        }
        let limit = self.limit(cell(7));
        let urgency = self.word(8, cell(8), Urgency::ALL);
        let admission = self.word(9, cell(9), Admission::ALL);
        let confidential = self.yes_or_no(10, cell(10));
        let consent_needed = self.yes_or_no(11, cell(11));
        let report_earns_points = self.yes_or_no(12, cell(12));
        Some(CategoryRules {
            kind: kind?,
            handler: handler?,
            limit: limit?,
            urgency: urgency?,
            admission: admission?,
            confidential: confidential?,
            consent_needed: consent_needed?,
            report_earns_points: report_earns_points?,
        })
    }

    /// A leaf begins with its group's code and comes once; a group has one name.
    fn place(&mut self, group: &CategoryCode, name: &str, leaf: &CategoryCode) {
        if !leaf.as_str().starts_with(group.as_str()) {
            self.wrong(
                COLUMNS[2],
                format!("the code of a leaf begins with its group's, {group}"),
                format!("末级代码应以大类代码 {group} 开头"),
            );
        }
        if let Some(first) = self.leaves.get(leaf).map(|entry| entry.row) {
            self.wrong(
                COLUMNS[2],
                format!("this code is in row {first} already: give one of them another"),
                format!("该代码与第{first}行重复，请更换"),
            );
        }
        let known = self.groups.get(group).filter(|(_, known)| known != name && !name.is_empty());
        let other = known.map(|(row, _)| *row);
        if let Some(row) = other {
            self.wrong(
                COLUMNS[1],
                format!("this group has another name in row {row}: write the same"),
                format!("该大类名称与第{row}行不一致，请统一"),
            );
        }
    }

    fn code(&mut self, column: &str, text: &str, digits: usize) -> Option<CategoryCode> {
        let code = text.parse::<CategoryCode>().ok().filter(|code| code.as_str().len() == digits);
        if code.is_none() {
            self.wrong(
                column,
                format!("a code of {digits} digits is needed, found {:?}", shown(text)),
                format!("应为{digits}位数字代码"),
            );
        }
        code
    }

    fn name(&mut self, column: &str, text: &str) {
        let good = !text.is_empty()
            && text.chars().count() <= MAX_NAME
            && !text.chars().any(|c| {
                c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            });
        if !good {
            self.wrong(
                column,
                format!("a name has 1 to {MAX_NAME} characters, on one line"),
                format!("名称应为1至{MAX_NAME}个字，不换行"),
            );
        }
    }

    fn limit(&mut self, text: &str) -> Option<Limit> {
        text.parse()
            .map_err(|reason: kernel::limit::InvalidLimit| {
                self.wrong(
                    COLUMNS[7],
                    reason.to_string(),
                    "时限应为数字加 wd、wh 或 min，例如 3wd",
                );
            })
            .ok()
    }

    fn word<T: FromStr + std::fmt::Display>(
        &mut self,
        column: usize,
        text: &str,
        all: &[T],
    ) -> Option<T> {
        let word = text.parse().ok();
        if word.is_none() {
            let words: Vec<String> = all.iter().map(ToString::to_string).collect();
            let words = words.join(", ");
            self.wrong(
                COLUMNS[column],
                format!("one of: {words}"),
                format!("应为以下之一：{words}"),
            );
        }
        word
    }

    fn yes_or_no(&mut self, column: usize, text: &str) -> Option<bool> {
        match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => {
                self.wrong(COLUMNS[column], "yes or no", "应为 yes 或 no");
                None
            }
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(32).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests;
