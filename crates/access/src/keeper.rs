//! Does what the requests over a person's data come to: the vault restricts or erases, the media erase,
//! and it is noted. All of it can be done again: what is done stays done.

use std::{collections::BTreeMap, sync::Arc};

use contracts::{
    privacy::{DataRequestEvent, Holder, RetentionEvent},
    subject,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::{
    Division, StoredEvent as _,
    id::{CaseId, MediaId, PersonId, RecordId},
};
use platform::{
    executor::{Executor, Request, Target},
    grpc::ServiceError,
    projection::View,
    service::Context,
    vault::Standing,
};

use crate::{
    domain::{
        data_request::{Applied, Command, DataRequest, State},
        retention::{NoteErased, Retention},
    },
    grpc::Server,
    projections::personal_records::{self, Found, PersonalRecordRow},
};

/// How many records are erased at once.
const AT_ONCE: usize = 16;

/// Keeps what is kept of persons, and only that.
#[derive(Clone)]
pub struct Keeper {
    context: Context,
    records: View<PersonalRecordRow>,
    requests: Executor<DataRequest>,
    retention: Executor<Retention>,
    people: Arc<Server>,
}

impl Keeper {
    /// Over the register of what is kept.
    pub(crate) fn new(
        context: &Context,
        records: View<PersonalRecordRow>,
        people: Arc<Server>,
    ) -> Self {
        Self {
            context: context.clone(),
            records,
            requests: context.executor(),
            retention: context.executor(),
            people,
        }
    }

    /// Executes on the requests.
    pub fn requests(&self) -> &Executor<DataRequest> {
        &self.requests
    }

    /// What is kept of whom.
    pub fn records(&self) -> &View<PersonalRecordRow> {
        &self.records
    }

    /// Before anything is served: whoever the log says was erased is fenced in the vault, also where a
    /// copy of the vault from before was put back. Answers with those whose key had come back.
    pub async fn fence(&self) -> Result<Vec<PersonId>, ServiceError> {
        let erased = self.erased().await?;
        let vault = &self.context.vault;
        let returned = stream::iter(erased).map(|person| async move {
            let owner = person.to_string();
            if vault.standing(&owner).await? == Standing::Erased {
                return Ok::<_, ServiceError>(None);
            }
            vault.erase(&owner).await?;
            Ok(Some(person))
        });
        let returned: Vec<Option<PersonId>> =
            returned.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(returned.into_iter().flatten().collect())
    }

    /// Whom the log says was erased.
    async fn erased(&self) -> Result<Vec<PersonId>, ServiceError> {
        let every = every_request(self.context.county);
        let mut erased = Vec::new();
        for recorded in self.context.log.load(&every, 1).await? {
            let event = DataRequestEvent::decode(&recorded.ce_type, &recorded.payload)
                .map_err(ServiceError::corrupt)?;
            if let DataRequestEvent::PersonErased(event) = event {
                erased.push(event.person);
            }
        }
        Ok(erased)
    }

    /// Makes the vault what a person's requests say, and notes what that came to.
    pub async fn apply(&self, person: &PersonId, request: Request) -> Result<(), ServiceError> {
        let (state, _) = self.requests.load(&subject::data_request(person)).await?;
        let owner = person.to_string();
        match state {
            State::Used => Ok(self.context.vault.lift(&owner).await?),
            State::Restricted => Ok(self.context.vault.restrict(&owner).await?),
            State::Due | State::Held => self.erase_or_hold(person, request).await,
            State::Erased => Ok(self.context.vault.erase(&owner).await?),
        }
    }

    async fn erase_or_hold(&self, person: &PersonId, request: Request) -> Result<(), ServiceError> {
        let rows = personal_records::of_person(&self.records, &person.to_string()).await?;
        let open = rows.iter().filter(|(_, row)| row.kind == "case" && row.open == 1).count();
        let target = Target {
            subject: subject::data_request(person),
            id: person.to_string(),
            creates: false,
        };
        let person = person.clone();
        if open > 0 {
            self.context.vault.restrict(&person.to_string()).await?;
            let open_cases = u32::try_from(open).unwrap_or(u32::MAX);
            let hold = move |at| Command::HoldErasure { person: person.clone(), open_cases, at };
            self.requests.execute(target, request, hold).await?;
            return Ok(());
        }
        self.people.part_with(&person, &request).await?;
        let applied = self.erase(&person, &rows).await?;
        let complete = move |at| Command::CompleteErasure {
            person: person.clone(),
            applied: applied.clone(),
            at,
        };
        self.requests.execute(target, request, complete).await?;
        Ok(())
    }

    /// Erases a person: the key first, so that nothing of theirs opens from here on, then what is written
    /// about their cases under others' keys, and the photos.
    async fn erase(&self, person: &PersonId, rows: &[Found]) -> Result<Vec<Applied>, ServiceError> {
        self.context.vault.erase(&person.to_string()).await?;
        self.erase_records(rows).await
    }

    /// The same for those whose key had come back, once the register knows all that the log has.
    pub async fn erase_again(&self, persons: &[PersonId]) -> Result<(), ServiceError> {
        for person in persons {
            let rows = personal_records::of_person(&self.records, &person.to_string()).await?;
            self.erase(person, &rows).await?;
        }
        Ok(())
    }

    /// Erases again what was erased by age, where a copy of the vault from before was put back. It shows
    /// in the last case whose texts went: its tombstones came last. Answers with how many cases it was.
    pub async fn erase_old_again(&self) -> Result<usize, ServiceError> {
        let every = format!("weft.{}.*.*.{}.*", self.context.county, RetentionEvent::CATEGORY);
        let mut cases = Vec::new();
        for recorded in self.context.log.load(&every, 1).await? {
            let RetentionEvent::CaseTextsErased(event) =
                RetentionEvent::decode(&recorded.ce_type, &recorded.payload)
                    .map_err(ServiceError::corrupt)?;
            if event.texts > 0 {
                cases.push(event.case.to_string());
            }
        }
        let Some(last) = cases.last() else { return Ok(0) };
        let mut returned = false;
        for (id, row) in personal_records::of_case(&self.records, last).await? {
            if sort_of(&row.kind) == Sort::Text {
                let record: RecordId = id.parse().map_err(ServiceError::corrupt)?;
                returned |= self.context.vault.has_record(&record).await?;
            }
        }
        if !returned {
            return Ok(0);
        }
        for case in &cases {
            let rows = personal_records::of_case(&self.records, case).await?;
            self.erase_records(&rows).await?;
        }
        Ok(cases.len())
    }

    /// Erases what was written and photographed with a case, and notes it; answers with where in the log.
    pub async fn erase_case(&self, case: &CaseId, request: Request) -> Result<u64, ServiceError> {
        let rows = personal_records::of_case(&self.records, &case.to_string()).await?;
        let applied = self.erase_records(&rows).await?;
        let texts = applied.iter().map(|applied| applied.texts).sum();
        let photos = applied.iter().map(|applied| applied.photos).sum();
        let target =
            Target { subject: subject::retention(case), id: case.to_string(), creates: false };
        let case = case.clone();
        let note = move |at| NoteErased { case: case.clone(), texts, photos, at };
        let outcome = self.retention.execute(target, request, note).await?;
        Ok(outcome.position.sequence)
    }

    async fn erase_records(&self, rows: &[Found]) -> Result<Vec<Applied>, ServiceError> {
        let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for (_, row) in rows {
            let (texts, photos) = counts.entry(&row.holder).or_default();
            match sort_of(&row.kind) {
                Sort::Text => *texts += 1,
                Sort::Photo => *photos += 1,
                Sort::Fact => {}
            }
        }
        let gone = stream::iter(rows.to_vec()).map(|(id, row)| async move {
            match sort_of(&row.kind) {
                Sort::Text => {
                    let record: RecordId = id.parse().map_err(ServiceError::corrupt)?;
                    self.context.vault.erase_record(&record).await?;
                }
                Sort::Photo => {
                    let photo: MediaId = id.parse().map_err(ServiceError::corrupt)?;
                    self.context.media.erase(&photo).await?;
                }
                Sort::Fact => {}
            }
            Ok::<_, ServiceError>(())
        });
        gone.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        let applied = counts.into_iter().filter_map(|(holder, (texts, photos))| {
            let holder: Holder = holder.parse().ok()?;
            (texts + photos > 0).then_some(Applied { holder, texts, photos })
        });
        Ok(applied.collect())
    }
}

/// What a row of the register stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A record of the vault.
    Text,
    /// A photo of the media.
    Photo,
    /// A fact of the log, which names nobody and stays.
    Fact,
}

/// What a row of this kind stands for.
pub fn sort_of(kind: &str) -> Sort {
    match kind {
        "photo" => Sort::Photo,
        "case" | "order" | "points" | "rating" => Sort::Fact,
        _text => Sort::Text,
    }
}

/// The subject of every person's requests.
fn every_request(county: Division) -> String {
    format!("weft.{county}.*.*.{}.*", DataRequestEvent::CATEGORY)
}
