//! The pages of the room `account`: what is a person's own.
//!
//! | file | what |
//! |---|---|
//! | `own` | roles, sessions, substitutes |
//! | `role` | going on in another role |
//! | `credentials` | another password, another second factor |

mod credentials;
mod own;
mod role;

use api::access::v1::HeldRole;
use axum::Router;

use crate::{gateway::Gateway, shell::Shell};

pub(super) fn routes() -> Router<Gateway> {
    Router::new().merge(own::routes()).merge(role::routes()).merge(credentials::routes())
}

/// A role as these pages show it.
pub(super) struct RoleRow {
    pub(super) assignment: String,
    pub(super) name: String,
    pub(super) place: String,
    pub(super) term: String,
    pub(super) on_behalf_of: String,
    pub(super) current: bool,
}

impl RoleRow {
    pub(super) fn of(shell: &Shell, role: &HeldRole, current: bool) -> Self {
        Self {
            name: role_name(shell, role.role()),
            place: place(shell, &role.division, &role.grid, &role.organisation_id),
            term: term(shell, role.from, role.until),
            on_behalf_of: name_of(shell, &role.on_behalf_of),
            assignment: role.assignment_id.clone(),
            current,
        }
    }
}

/// The name of a role.
pub(super) fn role_name(shell: &Shell, role: api::access::v1::Role) -> String {
    let word = role.as_str_name().strip_prefix("ROLE_").unwrap_or_default().to_lowercase();
    shell.word("role", word)
}

/// What a role covers, in words.
pub(super) fn place(shell: &Shell, division: &str, grid: &str, organisation: &str) -> String {
    let place = if grid.is_empty() { division } else { grid };
    let place = if place.is_empty() { String::new() } else { shell.place_of(place) };
    match (organisation, place.as_str()) {
        ("", _) => place,
        (organisation, "") => shell.organisation(organisation),
        (organisation, place) => format!("{} · {place}", shell.organisation(organisation)),
    }
}

/// From when until when.
pub(super) fn term(shell: &Shell, from: i64, until: i64) -> String {
    let from = shell.minute(&from);
    if until == 0 {
        shell.with("account-since", "from", from)
    } else {
        shell.with2("account-term", "from", from, "until", shell.minute(&until))
    }
}

/// The name of a member of staff; of one whose name is not known the id; of nobody nothing.
pub(super) fn name_of(shell: &Shell, id: &str) -> String {
    if id.is_empty() { String::new() } else { shell.person(id) }
}
