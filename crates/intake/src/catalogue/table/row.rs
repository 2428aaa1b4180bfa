//! Checks a row: every column of it, and what was in the rows before.

use std::collections::BTreeMap;

use contracts::intake::{Admission, CategoryDetails, CategoryKind, CategoryRules, Urgency};
use kernel::{Timestamp, hash::Sha256, id::CategoryCode};

use super::{COLUMNS, Entry, LEAF_COLUMNS, MORE, Wrong, cells::Noted, source::Sheet};
use crate::catalogue::form::Form;

/// How far and how long ago another report may be of the same matter, at most.
const MAX_RADIUS_M: u32 = 10_000;
const MAX_WINDOW_DAYS: u32 = 366;

/// The columns of the rules, which a group leaves empty.
const RULES: std::ops::Range<usize> = 4..12;

/// A table as it is read.
#[derive(Default)]
pub(super) struct Checking {
    pub(super) row: u32,
    pub(super) found: Vec<Wrong>,
    pub(super) entries: BTreeMap<CategoryCode, Entry>,
    pub(super) forms: BTreeMap<Sha256, String>,
    /// The names of groups, in a table with a row a leaf, with the row in which each was first.
    groups: BTreeMap<CategoryCode, (u32, String)>,
}

/// What a row says of time.
struct Term {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    successor: Option<CategoryCode>,
}

impl Checking {
    pub(super) fn wrong(&mut self, column: &str, en: impl Into<String>, zh: impl Into<String>) {
        self.found.push(Wrong {
            row: self.row,
            column: column.to_owned(),
            en: en.into(),
            zh: zh.into(),
        });
    }

    /// Checks every column of a row, and keeps the row if all are good.
    pub(super) fn take(&mut self, sheet: &Sheet, row: &[String]) {
        if sheet.is_of_leaves() {
            self.leaf_with_group(sheet, row);
        } else {
            self.category(sheet, row);
        }
    }

    fn category(&mut self, sheet: &Sheet, row: &[String]) {
        let before = self.found.len();
        let cell = |column| sheet.cell(row, column);
        let code = self.code(COLUMNS[0], cell(COLUMNS[0]), None);
        let parent = self.code_or_none(COLUMNS[1], cell(COLUMNS[1])).ok();
        let is_leaf = !cell("kind").is_empty();
        self.name(COLUMNS[2], cell(COLUMNS[2]), true);
        self.name(COLUMNS[3], cell(COLUMNS[3]), is_leaf);
        let rules = if is_leaf { self.rules(&cell) } else { self.no_rules(&cell) };
        let term = self.term(&cell);
        if let Some(code) = &code {
            self.once(COLUMNS[0], code);
        }
        if let (Some(code), Some(parent), Some(term)) = (code, parent, term)
            && self.found.len() == before
        {
            self.keep(code, parent, rules, term);
        }
    }

    fn leaf_with_group(&mut self, sheet: &Sheet, row: &[String]) {
        let before = self.found.len();
        let cell = |column| sheet.cell(row, column);
        let group = self.code(LEAF_COLUMNS[0], cell(LEAF_COLUMNS[0]), Some(2));
        let leaf = self.code(LEAF_COLUMNS[2], cell(LEAF_COLUMNS[2]), Some(4));
        for column in [1, 3, 4] {
            self.name(LEAF_COLUMNS[column], cell(LEAF_COLUMNS[column]), true);
        }
        let rules = self.rules(&cell);
        let term = self.term(&cell);
        if let (Some(group), Some(leaf)) = (&group, &leaf) {
            self.place(group, cell(LEAF_COLUMNS[1]), leaf);
        }
        if let (Some(group), Some(leaf), Some(rules), Some(term)) = (group, leaf, rules, term)
            && self.found.len() == before
        {
            let (row, name) = (self.row, cell(LEAF_COLUMNS[1]).to_owned());
            self.groups.entry(group.clone()).or_insert((row, name));
            self.entries.entry(group.clone()).or_insert_with(|| Entry {
                code: group.clone(),
                parent: None,
                rules: None,
                row,
                from: None,
                until: None,
                successor: None,
            });
            self.keep(leaf, Some(group), Some(rules), term);
        }
    }

    fn keep(
        &mut self,
        code: CategoryCode,
        parent: Option<CategoryCode>,
        rules: Option<CategoryRules>,
        term: Term,
    ) {
        let Term { from, until, successor } = term;
        let entry =
            Entry { code: code.clone(), parent, rules, row: self.row, from, until, successor };
        self.entries.insert(code, entry);
    }

    /// A leaf begins with its group's code and comes once; a group has one name.
    fn place(&mut self, group: &CategoryCode, name: &str, leaf: &CategoryCode) {
        if !leaf.as_str().starts_with(group.as_str()) {
            self.wrong(
                LEAF_COLUMNS[2],
                format!("the code of a leaf begins with its group's, {group}"),
                format!("末级代码应以大类代码 {group} 开头"),
            );
        }
        self.once(LEAF_COLUMNS[2], leaf);
        let known = self.groups.get(group).filter(|(_, known)| known != name && !name.is_empty());
        if let Some(row) = known.map(|(row, _)| *row) {
            self.wrong(
                LEAF_COLUMNS[1],
                format!("this group has another name in row {row}: write the same"),
                format!("该大类名称与第{row}行不一致，请统一"),
            );
        }
    }

    fn once(&mut self, column: &str, code: &CategoryCode) {
        if let Some(first) = self.entries.get(code).map(|entry| entry.row) {
            self.wrong(
                column,
                format!("this code is in row {first} already: give one of them another"),
                format!("该代码与第{first}行重复，请更换"),
            );
        }
    }

    fn no_rules<'a>(&mut self, cell: &impl Fn(&'static str) -> &'a str) -> Option<CategoryRules> {
        for column in COLUMNS[RULES].iter().chain(&MORE[..6]) {
            if !cell(column).is_empty() {
                self.wrong(
                    column,
                    "a group has no rules: leave this empty, or fill in kind for a leaf",
                    "大类不设规则，此处应为空；末级类别请填写 kind",
                );
            }
        }
        None
    }

    fn rules<'a>(&mut self, cell: &impl Fn(&'static str) -> &'a str) -> Option<CategoryRules> {
        let kind = self.word("kind", cell("kind"), CategoryKind::ALL);
        let handler = self.body("department_zh", cell("department_zh"));
        let limit = self.limit("limit", cell("limit"));
        let urgency = self.word("urgency", cell("urgency"), Urgency::ALL);
        let admission = self.word("admission", cell("admission"), Admission::ALL);
        let confidential = self.yes_or_no("confidential", cell("confidential"));
        let consent_needed = self.yes_or_no("consent_needed", cell("consent_needed"));
        let report_earns_points =
            self.yes_or_no("report_earns_points", cell("report_earns_points"));
        let details = self.details(cell);
        Some(CategoryRules {
            kind: kind?,
            handler: handler?,
            limit: limit?,
            urgency: urgency?,
            admission: admission?,
            confidential: confidential?,
            consent_needed: consent_needed?,
            report_earns_points: report_earns_points?,
            details: details?,
        })
    }

    fn details<'a>(&mut self, cell: &impl Fn(&'static str) -> &'a str) -> Option<CategoryDetails> {
        let [departments, limits, radius, window, laws, form] =
            [MORE[0], MORE[1], MORE[2], MORE[3], MORE[4], MORE[5]];
        let handlers = self.handlers(departments, cell(departments));
        let limits = self.limits(limits, cell(limits));
        let duplicate_radius_m = self.count(radius, cell(radius), MAX_RADIUS_M);
        let duplicate_window_days = self.count(window, cell(window), MAX_WINDOW_DAYS);
        let legal_basis = self.laws(laws, cell(laws));
        let form = self.form(form, cell(form));
        Some(CategoryDetails {
            handlers: handlers?,
            limits: limits?,
            duplicate_radius_m: duplicate_radius_m.ok()?,
            duplicate_window_days: duplicate_window_days.ok()?,
            legal_basis: legal_basis?,
            form: form.ok()?,
        })
    }

    fn form(&mut self, column: &str, text: &str) -> Result<Option<Sha256>, Noted> {
        if text.is_empty() {
            return Ok(None);
        }
        match Form::read(text) {
            Ok(form) => {
                self.forms.insert(form.hash(), form.text().to_owned());
                Ok(Some(form.hash()))
            }
            Err(wrong) => {
                let at = if wrong.pointer.is_empty() { "/" } else { &wrong.pointer };
                self.wrong(column, format!("at {at}: {}", wrong.en), format!("{at}：{}", wrong.zh));
                Err(Noted)
            }
        }
    }

    fn term<'a>(&mut self, cell: &impl Fn(&'static str) -> &'a str) -> Option<Term> {
        let from = self.day("from", cell("from"), false).ok()?;
        let until = self.day("until", cell("until"), true).ok()?;
        let successor = self.code_or_none("successor", cell("successor")).ok()?;
        if matches!((from, until), (Some(from), Some(until)) if until <= from) {
            self.wrong("until", "it ends before it begins", "终止日早于生效日");
        }
        if successor.is_some() && until.is_none() {
            self.wrong(
                "successor",
                "only what ends has a successor: fill in until",
                "有终止日的类别才有接替类别，请填写 until",
            );
        }
        Some(Term { from, until, successor })
    }
}
