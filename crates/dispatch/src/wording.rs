//! What letters say: the templates of each version of the rules, from the vault. A version never
//! changes, so what was read once is kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use contracts::dispatch::notification::Transition;
use kernel::id::RecordId;
use platform::{
    projection::View,
    vault::{Vault, VaultError},
};

use crate::{
    domain::notification::{shipped, template::Template},
    projections::{
        notification_rules::{self, NotificationRulesRow},
        notifications::NotificationRow,
    },
};

/// Whose the templates are: they are the public's.
const OWNER: &str = "public";

/// The templates.
#[derive(Clone)]
pub struct Wording {
    vault: Vault,
    rules: View<NotificationRulesRow>,
    kept: Arc<Mutex<HashMap<u32, Arc<Vec<Template>>>>>,
}

impl Wording {
    /// The templates in this vault, by the versions of these rules.
    pub fn new(vault: Vault, rules: View<NotificationRulesRow>) -> Self {
        Self { vault, rules, kept: Arc::default() }
    }

    /// Stores the templates of a version. Done twice is done once.
    pub async fn store(&self, record: &RecordId, templates: &[Template]) -> Result<(), VaultError> {
        let written = serde_json::to_vec(templates).expect("templates are texts");
        self.vault.seal(OWNER, record, &written).await
    }

    /// What a letter says, by the version under which it was told; what that leaves out is said as it
    /// is shipped. None where it cannot be read now.
    pub async fn of(&self, row: &NotificationRow, transition: Transition) -> Option<Template> {
        let version = u32::try_from(row.rule_version).unwrap_or_default();
        self.templates(version).await.map(|own| one(&own, transition))
    }

    /// Every template of a version; none where it cannot be read now.
    pub async fn every(&self, version: u32) -> Option<Vec<Template>> {
        let own = self.templates(version).await?;
        Some(Transition::ALL.iter().map(|transition| one(&own, *transition)).collect())
    }

    async fn templates(&self, version: u32) -> Option<Arc<Vec<Template>>> {
        if version == 0 {
            return Some(Arc::default());
        }
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&version).cloned() {
            return Some(known);
        }
        let record = notification_rules::find(&self.rules, Some(version))?.templates?;
        let text = self.vault.text(&record).await.ok()??;
        let read: Arc<Vec<Template>> = Arc::new(serde_json::from_str(&text).ok()?);
        lock().insert(version, Arc::clone(&read));
        Some(read)
    }
}

fn one(own: &[Template], transition: Transition) -> Template {
    let word = transition.to_string();
    let found = own.iter().find(|template| template.transition == word);
    found.cloned().unwrap_or_else(|| shipped::template(transition))
}
