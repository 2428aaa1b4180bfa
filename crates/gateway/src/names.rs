//! The names of places, categories and organisations, for display. They are asked for with the token
//! of whoever looks at a page, kept for a while, and shown as codes until they are there: a page
//! never waits long for a name and never fails for one.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use api::{
    access::v1::ListOrganisationsRequest, grid::v1::ListDivisionsRequest,
    intake::v1::ListCategoriesRequest,
};
use kernel::Timestamp;
use platform::auth::Principal;

use crate::{gateway::Gateway, words::Locale};

/// What one page of a list holds at most.
const PAGE: i32 = 1000;

/// A category as the catalogue has it.
#[derive(Clone, Debug)]
pub(crate) struct Category {
    /// Its code.
    pub(crate) code: String,
    /// The code of the group above it; empty for a group.
    pub(crate) parent: String,
    /// Its Chinese name.
    pub(crate) zh: String,
    /// Its English name.
    pub(crate) en: String,
}

impl Category {
    /// The name in this language.
    pub(crate) fn name(&self, locale: Locale) -> &str {
        match locale {
            Locale::Zh => &self.zh,
            Locale::En => &self.en,
        }
    }
}

#[derive(Default)]
struct Known {
    places: HashMap<String, String>,
    organisations: HashMap<String, String>,
    categories: Vec<Category>,
    /// What a scope sees → when it was last asked for.
    asked: HashMap<String, Timestamp>,
}

/// The names that are known.
pub(crate) struct Names {
    known: RwLock<Known>,
    keep_ms: i64,
}

impl Names {
    /// None yet; each is asked for again after so many seconds.
    pub(crate) fn new(keep_seconds: u32) -> Self {
        Self { known: RwLock::default(), keep_ms: i64::from(keep_seconds) * 1000 }
    }

    /// The name of a division, and of the division of a grid with the grid's number; else the code.
    pub(crate) fn place(&self, code: &str) -> String {
        let known = self.read();
        if let Some(name) = known.places.get(code) {
            return name.clone();
        }
        match (code.get(..12), code.get(12..)) {
            (Some(village), Some(grid)) if !grid.is_empty() => known
                .places
                .get(village)
                .map_or_else(|| code.to_owned(), |name| format!("{name} {grid}")),
            _ => code.to_owned(),
        }
    }

    /// The names of township and village, as `township › village`; what is not known is its code.
    pub(crate) fn place_path(&self, code: &str) -> String {
        let township = code.get(..9).filter(|_| code.len() > 9);
        match township {
            Some(township) => format!("{} › {}", self.place(township), self.place(code)),
            None => self.place(code),
        }
    }

    /// The name of a category; else its code.
    pub(crate) fn category(&self, code: &str, locale: Locale) -> String {
        let known = self.read();
        let found = known.categories.iter().find(|category| category.code == code);
        found.map_or_else(|| code.to_owned(), |category| category.name(locale).to_owned())
    }

    /// The catalogue, groups among it, in its own order.
    pub(crate) fn categories(&self) -> Vec<Category> {
        self.read().categories.clone()
    }

    /// The name of an organisation; else its id.
    pub(crate) fn organisation(&self, id: &str) -> String {
        self.read().organisations.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether this scope's names are to be asked for; says so once.
    fn is_due(&self, scope: &str, now: Timestamp) -> bool {
        let since = |asked: &Timestamp| now.0.saturating_sub(asked.0);
        if self.read().asked.get(scope).is_some_and(|asked| since(asked) < self.keep_ms) {
            return false;
        }
        self.change(|known| {
            // The scopes of a county's staff are few; this only bounds what a stranger could add.
            if known.asked.len() > 10_000 {
                known.asked.clear();
            }
            known.asked.insert(scope.to_owned(), now);
        });
        true
    }

    /// Asks for the names that this person may see, if they are old. What is not answered stays as
    /// it was.
    pub(crate) async fn refresh(&self, gateway: &Gateway, token: &str, principal: &Principal) {
        let scope = format!("{}:{:?}", principal.role, principal.scope);
        if !self.is_due(&scope, gateway.now()) {
            return;
        }
        let clients = &gateway.clients;
        let (mut grid, mut intake, mut access) =
            (clients.grid(token), clients.intake(token), clients.access(token));
        let divisions = ListDivisionsRequest { page_size: PAGE, ..Default::default() };
        let organisations = ListOrganisationsRequest { page_size: PAGE, ..Default::default() };
        let (divisions, categories, organisations) = tokio::join!(
            grid.list_divisions(divisions),
            intake.list_categories(ListCategoriesRequest::default()),
            access.list_organisations(organisations),
        );
        self.change(|known| {
            if let Ok(answer) = divisions {
                let rows = answer.into_inner().divisions;
                known.places.extend(rows.into_iter().map(|row| (row.code, row.name)));
            }
            if let Ok(answer) = organisations {
                let rows = answer.into_inner().organisations;
                known
                    .organisations
                    .extend(rows.into_iter().map(|row| (row.organisation_id, row.name)));
            }
            if let Ok(answer) = categories {
                let rows = answer.into_inner().categories.into_iter();
                known.categories = rows
                    .map(|row| Category {
                        code: row.code,
                        parent: row.parent,
                        zh: row.name_zh,
                        en: row.name_en,
                    })
                    .collect();
            }
        });
    }
}
