//! The tables of media: which photo is attached to what, and what is asked to know who handles that.
//! One file a table, the only one that names it.

pub mod attachments;
pub mod cases;
pub mod categories;
pub mod orders;

use kernel::{DecodeError, LogPosition, StoredEvent};
use platform::{
    grpc::ServiceError,
    log::Recorded,
    projection::View,
    service::{Context, StartError},
};

use attachments::{AttachmentRow, Attachments};
use cases::{CaseRow, Cases};
use categories::{Categories, CategoryRow};
use orders::{OrderRow, Orders};

/// The tables, open.
#[derive(Clone)]
pub struct Tables {
    /// Which photo is attached to what.
    pub attachments: View<AttachmentRow>,
    /// The cases.
    pub cases: View<CaseRow>,
    /// Their orders.
    pub orders: View<OrderRow>,
    /// What is confidential.
    pub categories: View<CategoryRow>,
}

impl Tables {
    /// Opens the tables and keeps them up to date.
    pub async fn open(context: &Context) -> Result<Self, StartError> {
        let database = context.database(crate::NAME).await?;
        Ok(Self {
            attachments: context.projection(crate::NAME, &database, Attachments).await?,
            cases: context.projection(crate::NAME, &database, Cases).await?,
            orders: context.projection(crate::NAME, &database, Orders).await?,
            categories: context.projection(crate::NAME, &database, Categories).await?,
        })
    }

    /// Waits until all of them know what is at a position; none asks for nothing.
    pub async fn wait(
        &self,
        context: &Context,
        min_position: Option<LogPosition>,
    ) -> Result<(), ServiceError> {
        context.wait(&self.attachments, min_position.clone()).await?;
        context.wait(&self.cases, min_position.clone()).await?;
        context.wait(&self.orders, min_position.clone()).await?;
        context.wait(&self.categories, min_position).await
    }
}

/// Reads an event of the set whose aggregates have this token in their subjects; none for others.
fn read<E: StoredEvent>(category: &str, event: &Recorded) -> Result<Option<E>, DecodeError> {
    (event.category() == category).then(|| E::decode(&event.ce_type, &event.payload)).transpose()
}
