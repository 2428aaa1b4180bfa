//! The pages of the room `console`: the desk's queue, a case with all that may be done with it, and
//! what a supervisor and an administrator look at. For a desktop, with the keyboard in mind.
//!
//! | file | what |
//! |---|---|
//! | `queue` | the queue with its tabs, filters and counts |
//! | `tab` | which tab asks which service for what |
//! | `row` | a line of the queue |
//! | `case` | one case: facts, history, actions |
//! | `choices` | what the selects of these pages offer |
//! | `grids` | grids with their members |
//! | `people`, `person` | who is registered; one person's roles, account and sessions |
//! | `points` | programmes, their rules and balance sheets |
//! | `system` | services, tables, processes |

mod case;
mod choices;
mod grids;
mod people;
mod person;
mod points;
mod queue;
mod row;
mod system;
mod tab;

use axum::Router;
use kernel::Role;

use crate::gateway::Gateway;

/// Whom these pages are for.
const DESK: [Role; 4] = [Role::Operator, Role::Supervisor, Role::Administrator, Role::Verifier];

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .merge(queue::routes())
        .merge(case::routes())
        .merge(grids::routes())
        .merge(people::routes())
        .merge(person::routes())
        .merge(points::routes())
        .merge(system::routes())
}

/// The word of a proto enum's value as the catalogues have it: `CASE_STATUS_REPORTED` is `reported`.
fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_lowercase().replace('_', "-")
}

/// The last characters of an id's key: what people read out to one another.
fn short(id: &str) -> String {
    let key = id.rsplit('-').next().unwrap_or(id);
    key[key.len().saturating_sub(8)..].to_uppercase()
}

/// What may stand in a query without being written otherwise; the rest of what a visitor typed into
/// an address is left out.
fn plain(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.~".contains(*c);
    text.chars().filter(plain).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_an_address_changes_nothing_of_it() {
        assert_eq!(plain("a&tab=x <script>"), "atabxscript");
        assert_eq!(short("620821101203-01jd7zzzzzzzzzzzzzzzzz4kq2"), "ZZZZ4KQ2");
        assert_eq!(word("CASE_STATUS_REPORTED", "CASE_STATUS_"), "reported");
    }
}
