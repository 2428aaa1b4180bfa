//! Checks the tree that a table and the catalogue make together: every parent is a group that is
//! there, nothing lies under itself, and what ends names what can take its place.

use std::collections::BTreeMap;

use kernel::{Timestamp, id::CategoryCode};

use super::{Entry, Known, Wrong};

/// How many categories may lie above one.
const MAX_ABOVE: usize = 8;

pub(super) fn check(
    entries: &BTreeMap<CategoryCode, Entry>,
    known: &BTreeMap<CategoryCode, Known>,
    now: Timestamp,
) -> Vec<Wrong> {
    let tree = Tree { entries, known, now };
    let mut found: Vec<Wrong> = entries
        .values()
        .flat_map(|entry| [tree.parent(entry), tree.successor(entry)])
        .flatten()
        .collect();
    found.sort_by_key(|wrong| wrong.row);
    found
}

struct Tree<'a> {
    entries: &'a BTreeMap<CategoryCode, Entry>,
    known: &'a BTreeMap<CategoryCode, Known>,
    now: Timestamp,
}

impl Tree<'_> {
    /// What is at a code once the table is imported.
    fn at(&self, code: &CategoryCode) -> Option<Known> {
        let Some(entry) = self.entries.get(code) else { return self.known.get(code).cloned() };
        Some(Known {
            parent: entry.parent.clone(),
            is_leaf: entry.rules.is_some(),
            is_over: entry.until.is_some_and(|until| until <= self.now),
        })
    }

    fn parent(&self, entry: &Entry) -> Option<Wrong> {
        let code = entry.parent.as_ref()?;
        let is_over = entry.until.is_some_and(|until| until <= self.now);
        let (en, zh) = match self.at(code) {
            None => (
                format!("there is no category {code}: add a row for it"),
                format!("没有类别 {code}，请补充一行"),
            ),
            Some(above) if above.is_leaf => (
                format!("{code} is a leaf, under which nothing can lie: choose a group"),
                format!("{code} 是末级类别，不能再有下级"),
            ),
            Some(above) if above.is_over && !is_over => (
                format!("{code} has ended: choose another group, or end this category too"),
                format!("{code} 已终止，请改选其他大类，或同时终止本类别"),
            ),
            Some(_) => match self.above(entry) {
                Above::Loop => (
                    "this category lies under itself: mend the parents".to_owned(),
                    "类别的上级形成循环，请更正".to_owned(),
                ),
                Above::TooMany => (
                    format!("at most {MAX_ABOVE} categories lie above one"),
                    format!("上级类别最多{MAX_ABOVE}层"),
                ),
                Above::Fine => return None,
            },
        };
        Some(Wrong { row: entry.row, column: "parent".to_owned(), en, zh })
    }

    fn above(&self, entry: &Entry) -> Above {
        let mut seen = vec![entry.code.clone()];
        let mut next = entry.parent.clone();
        while let Some(code) = next {
            if seen.contains(&code) {
                return Above::Loop;
            }
            if seen.len() > MAX_ABOVE {
                return Above::TooMany;
            }
            next = self.at(&code).and_then(|above| above.parent);
            seen.push(code);
        }
        Above::Fine
    }

    fn successor(&self, entry: &Entry) -> Option<Wrong> {
        let code = entry.successor.as_ref()?;
        let fits = self.at(code).is_some_and(|next| {
            next.is_leaf == entry.rules.is_some() && !next.is_over && *code != entry.code
        });
        (!fits).then(|| Wrong {
            row: entry.row,
            column: "successor".to_owned(),
            en: format!(
                "{code} cannot take its place: name another category of the same sort that goes on"
            ),
            zh: format!("{code} 不能接替本类别，请填写同级且未终止的其他类别"),
        })
    }
}

enum Above {
    Fine,
    Loop,
    TooMany,
}
