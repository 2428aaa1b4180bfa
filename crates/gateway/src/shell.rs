//! What surrounds every page and what every template asks: the language's words, the assets' paths,
//! who is signed in, the time.

use kernel::Timestamp;

use crate::{
    assets,
    gateway::Gateway,
    session::Who,
    time::{self, Left},
    visit::Visit,
    words::{Locale, Value},
};

/// What surrounds a page. Templates call it `shell`.
#[derive(Clone)]
pub(crate) struct Shell {
    gateway: Gateway,
    locale: Locale,
    now: Timestamp,
    /// Whether type and targets are large.
    pub(crate) elder: bool,
    /// From where this page listens to what is live.
    pub(crate) live_from: String,
    /// The path and the query of this page.
    pub(crate) path: String,
    /// The name of the place that the visitor works in, or of the county.
    pub(crate) place: String,
    /// The role's key, such as `operator`; empty for who is not signed in.
    pub(crate) role: String,
    /// Whether anybody is signed in.
    pub(crate) signed_in: bool,
}

impl Shell {
    /// What surrounds a page of this visit.
    pub(crate) fn new(visit: &Visit, who: Option<&Who>) -> Self {
        let gateway = visit.gateway.clone();
        let county = || gateway.context.county.to_string();
        let place = who.map_or_else(county, |who| who.division(&gateway));
        Self {
            locale: visit.locale,
            now: visit.now,
            elder: visit.elder,
            live_from: visit.live_from.clone(),
            path: visit.path.clone(),
            place: gateway.names.place(&place),
            role: who.map(|who| who.principal.role.to_string()).unwrap_or_default(),
            signed_in: who.is_some(),
            gateway,
        }
    }

    /// The language's tag.
    pub(crate) fn lang(&self) -> &'static str {
        self.locale.tag()
    }

    /// The language.
    pub(crate) fn locale(&self) -> Locale {
        self.locale
    }

    /// The tag of the other language.
    pub(crate) fn other_lang(&self) -> &'static str {
        self.locale.other().tag()
    }

    /// The text of a key.
    pub(crate) fn say(&self, key: &str) -> String {
        self.locale.say(key)
    }

    /// The text of a word of a set: `<set>-<word>`, such as `role-operator`.
    pub(crate) fn word(&self, set: &str, word: impl std::fmt::Display) -> String {
        self.locale.say(&format!("{set}-{word}"))
    }

    /// The text of a key with one value.
    pub(crate) fn with(&self, key: &str, name: &str, value: impl Value) -> String {
        self.locale.with(key, name, value)
    }

    /// The text of a key with two values.
    pub(crate) fn with2(
        &self,
        key: &str,
        name: &str,
        value: impl Value,
        name2: &str,
        value2: impl Value,
    ) -> String {
        self.locale.with2(key, (name, value), (name2, value2))
    }

    /// When the page was made, `09:05`.
    pub(crate) fn made_at(&self) -> String {
        time::clock(self.now).chars().take(5).collect()
    }

    /// The name of a division or a grid; else its code.
    pub(crate) fn place_of(&self, code: &str) -> String {
        self.gateway.names.place(code)
    }

    /// The place with what it lies in, without the county: `township › village`.
    pub(crate) fn place_path(&self, code: &str) -> String {
        self.gateway.names.place_path(code)
    }

    /// The name of a member of staff; else the id.
    pub(crate) fn person(&self, id: &str) -> String {
        self.gateway.names.person(id)
    }

    /// The name of a category; else its code.
    pub(crate) fn category(&self, code: &str) -> String {
        self.gateway.names.category(code, self.locale)
    }

    /// The name of an organisation; else its id.
    pub(crate) fn organisation(&self, id: &str) -> String {
        self.gateway.names.organisation(id)
    }

    /// The name of the role.
    pub(crate) fn role_name(&self) -> String {
        if self.role.is_empty() { String::new() } else { self.word("role", &self.role) }
    }

    /// Whether the visitor is one of the three administrators, who handle no case.
    pub(crate) fn administers(&self) -> bool {
        ["administrator", "security_administrator", "audit_administrator"]
            .contains(&self.role.as_str())
    }

    /// Whether the visitor keeps the register of people, or their accounts.
    pub(crate) fn keeps_people(&self) -> bool {
        ["administrator", "security_administrator"].contains(&self.role.as_str())
    }

    /// Whether this is the desk's queue or a case of it.
    pub(crate) fn is_cases(&self) -> bool {
        self.path.split('?').next() == Some("/console") || self.is_at("/console/cases")
    }

    /// Whether this page, or one below it, is the place of a link.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let here = self.path.split('?').next().unwrap_or_default();
        here == path
            || (path.len() > 1 && here.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    }
}

#[expect(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "templates reach everything through the shell, and pass their values by reference"
)]
impl Shell {
    /// The path of an asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// `2026-11-22 09:05`, from UTC milliseconds.
    pub(crate) fn minute(&self, at: &i64) -> String {
        time::minute(Timestamp(*at))
    }

    /// `11-22 09:05`.
    pub(crate) fn short(&self, at: &i64) -> String {
        time::short(Timestamp(*at))
    }

    /// What `<time datetime>` takes.
    pub(crate) fn machine(&self, at: &i64) -> String {
        time::machine(Timestamp(*at))
    }

    /// How a deadline stands now.
    pub(crate) fn left(&self, due: &i64) -> Left {
        Left::of(Timestamp(*due), self.now, self.locale)
    }
}
