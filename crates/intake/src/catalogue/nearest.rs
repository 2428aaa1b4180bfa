//! What to take instead of a code that cannot be reported under.

use std::collections::HashMap;

use kernel::id::CategoryCode;

use crate::projections::categories::CategoryRow;

/// How many leaves are named.
const NAMED: usize = 3;

/// How many ends are followed, one after another.
const FOLLOWED: usize = 8;

/// The leaf in force that took the place of what has ended, directly or after others that have ended
/// too; none where there is none.
pub(crate) fn successor(
    rows: &HashMap<String, CategoryRow>,
    ended: &CategoryRow,
) -> Option<String> {
    let mut next = ended.successor.as_str();
    for _ in 0..FOLLOWED {
        let row = rows.get(next)?;
        if row.is_in_force() {
            return Some(next.to_owned());
        }
        next = row.successor.as_str();
    }
    None
}

/// The leaves in force whose codes are nearest to one that is not there: those that begin as it does,
/// the closest numbers first.
pub(crate) fn leaves(rows: &HashMap<String, CategoryRow>, code: &CategoryCode) -> Vec<String> {
    let number = |code: &str| format!("{code:0<8}").parse::<i64>().unwrap_or_default();
    let wanted = number(code.as_str());
    for length in (2..code.as_str().len()).rev().step_by(2) {
        let start = code.as_str().get(..length - length % 2).unwrap_or_default();
        let alike = rows
            .iter()
            .filter(|(code, row)| row.is_leaf() && row.is_in_force() && code.starts_with(start));
        let mut alike: Vec<&String> = alike.map(|(code, _)| code).collect();
        if !alike.is_empty() {
            alike.sort_by_key(|code| ((number(code) - wanted).abs(), code.as_str()));
            return alike.into_iter().take(NAMED).cloned().collect();
        }
    }
    Vec::new()
}
