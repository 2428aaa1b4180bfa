//! The names of places, categories and organisations, for display. They are asked for with the token
//! of whoever looks at a page, kept for a while, and shown as codes until they are there: a page
//! never waits long for a name and never fails for one.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use api::{
    access::v1::{DescribePersonsRequest, ListOrganisationsRequest},
    grid::v1::{DescribePlacesRequest, ListDivisionsRequest},
    intake::v1::ListCategoriesRequest,
};
use kernel::Timestamp;
use platform::auth::Principal;

use crate::{gateway::Gateway, words::Locale};

/// What one page of a list holds at most.
const PAGE: i32 = 1000;

/// How many places or persons are asked for at once.
const AT_ONCE: usize = 200;

/// How many names are kept at most; beyond it all are asked for again.
const KEPT: usize = 100_000;

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
    /// Whether only those who handle it may see it: nothing of it is on a wall.
    pub(crate) confidential: bool,
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
    /// By code, with what it lies in: county, township, village, grid.
    places: HashMap<String, Vec<String>>,
    persons: HashMap<String, String>,
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

    /// The name of a division or a grid; else of a grid the village's with the grid's number; else
    /// the code.
    pub(crate) fn place(&self, code: &str) -> String {
        self.path(code).pop().unwrap_or_else(|| code.to_owned())
    }

    /// The name with what it lies in, without the county: `township › village`; else the code.
    pub(crate) fn place_path(&self, code: &str) -> String {
        let path = self.path(code);
        match path.len() {
            0 => code.to_owned(),
            1 => path.concat(),
            _ => path[1..].join(" › "),
        }
    }

    fn path(&self, code: &str) -> Vec<String> {
        let known = self.read();
        if let Some(path) = known.places.get(code) {
            return path.clone();
        }
        let (Some(village), Some(grid)) = (code.get(..12), code.get(12..15)) else {
            return Vec::new();
        };
        let mut path = known.places.get(village).cloned().unwrap_or_default();
        if let Some(village) = path.pop() {
            path.push(format!("{village} {grid}"));
        }
        path
    }

    /// The name of a member of staff; else the id.
    pub(crate) fn person(&self, id: &str) -> String {
        self.read().persons.get(id).cloned().unwrap_or_else(|| id.to_owned())
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

    /// Asks for the names of these places that are not known yet: for a page that shows grids. The
    /// villages and townships of the visitor's scope are known without.
    pub(crate) async fn learn_places<'a>(
        &self,
        gateway: &Gateway,
        codes: impl IntoIterator<Item = &'a str>,
    ) {
        let mut unknown: Vec<String> = {
            let known = self.read();
            let unknown = codes.into_iter().filter(|code| !known.places.contains_key(*code));
            unknown.filter(|code| !code.is_empty()).map(str::to_owned).collect()
        };
        unknown.sort();
        unknown.dedup();
        for codes in unknown.chunks(AT_ONCE) {
            let request = DescribePlacesRequest { codes: codes.to_vec(), min_position: None };
            let Ok(answer) = gateway.clients.grid(None).describe_places(request).await else {
                return;
            };
            let found = answer.into_inner().places.into_iter().filter(|place| place.found);
            self.change(|known| {
                bound(&mut known.places);
                for place in found {
                    let path = place.full_name.split(' ').map(str::to_owned).collect();
                    known.places.insert(place.code, path);
                }
            });
        }
    }

    /// Asks for the names of these members of staff that are not known yet, with this token.
    pub(crate) async fn learn_persons<'a>(
        &self,
        gateway: &Gateway,
        token: &str,
        ids: impl IntoIterator<Item = &'a str>,
    ) {
        let mut unknown: Vec<String> = {
            let known = self.read();
            let unknown = ids.into_iter().filter(|id| !known.persons.contains_key(*id));
            unknown.filter(|id| !id.is_empty()).map(str::to_owned).collect()
        };
        unknown.sort();
        unknown.dedup();
        for ids in unknown.chunks(AT_ONCE) {
            let request = DescribePersonsRequest { person_ids: ids.to_vec(), min_position: None };
            let Ok(answer) = gateway.clients.access(token).describe_persons(request).await else {
                return;
            };
            let found = answer.into_inner().persons.into_iter().filter(|person| person.found);
            self.change(|known| {
                bound(&mut known.persons);
                known.persons.extend(found.map(|person| (person.person_id, person.name)));
            });
        }
    }

    /// Asks for the county's name, which is on every page.
    pub(crate) async fn learn_county(&self, gateway: &Gateway) {
        let county = gateway.context.county.to_string();
        if self.read().places.contains_key(&county) || !self.is_due("county", gateway.now()) {
            return;
        }
        self.learn_places(gateway, [county.as_str()]).await;
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
            // A person who was erased is so here too, in a while.
            known.persons.clear();
            if let Ok(answer) = organisations {
                let rows = answer.into_inner().organisations.into_iter();
                known.organisations.extend(rows.map(|row| (row.organisation_id, row.name)));
            }
            if let Ok(answer) = categories {
                let rows = answer.into_inner().categories.into_iter();
                known.categories = rows
                    .map(|row| Category {
                        code: row.code,
                        parent: row.parent,
                        zh: row.name_zh,
                        en: row.name_en,
                        confidential: row.confidential,
                    })
                    .collect();
            }
        });
        if let Ok(answer) = divisions {
            let rows = answer.into_inner().divisions;
            self.learn_places(gateway, rows.iter().map(|row| row.code.as_str())).await;
        }
    }
}

/// Keeps a table of names from growing without end.
fn bound<V>(names: &mut HashMap<String, V>) {
    if names.len() > KEPT {
        names.clear();
    }
}
