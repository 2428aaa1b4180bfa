//! A form as it was sent: its fields, and its files where the browser sent photos with it.

use axum::{
    extract::{FromRequest as _, Multipart, Request},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use bytes::Bytes;

use crate::{gateway::Gateway, layers::MAX_FORM, problem::Problem};

/// A form with photos has at most so many bytes: five as phones take them.
pub(super) const MAX_WITH_PHOTOS: usize = 40 * 1024 * 1024;

/// What was sent.
#[derive(Default)]
pub(super) struct Sent {
    fields: Vec<(String, String)>,
    /// The files that are not empty, whatever their fields are called.
    pub(super) files: Vec<Bytes>,
}

impl Sent {
    /// Reads a form when it is its turn: only a few are in memory at once, and none for long.
    pub(super) async fn in_turn(gateway: &Gateway, request: Request) -> Result<Self, Problem> {
        let _place = gateway.residents.place().await?;
        match tokio::time::timeout(super::COMING, Self::read(request)).await {
            Ok(read) => read,
            Err(_slow) => Err(StatusCode::REQUEST_TIMEOUT.into()),
        }
    }

    /// Reads a form, of either of the two kinds in which browsers send them.
    async fn read(request: Request) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/")) {
            Self::multipart(request).await
        } else {
            let form = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
            let axum::Form(fields) = form.map_err(|refused| refused.into_response().status())?;
            Ok(Self { fields, files: Vec::new() })
        }
    }

    async fn multipart(request: Request) -> Result<Self, Problem> {
        let refused = |refused: axum::extract::multipart::MultipartError| refused.status();
        let parts = Multipart::from_request(request, &()).await;
        let mut parts = parts.map_err(|refused| refused.into_response().status())?;
        let mut sent = Self::default();
        let mut typed = 0;
        while let Some(part) = parts.next_field().await.map_err(refused)? {
            let name = part.name().unwrap_or_default().to_owned();
            if part.file_name().is_some() {
                let file = part.bytes().await.map_err(refused)?;
                if !file.is_empty() {
                    sent.files.push(file);
                }
            } else {
                let text = part.text().await.map_err(refused)?;
                typed += name.len() + text.len();
                if typed > MAX_FORM {
                    return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
                }
                sent.fields.push((name, text));
            }
        }
        Ok(sent)
    }

    /// The first value of a field; empty if it was not sent.
    pub(super) fn text(&self, name: &str) -> String {
        let found = self.fields.iter().find(|(found, _)| found == name);
        // A browser sends line ends as two characters, and counts them as one.
        found.map(|(_, text)| text.replace("\r\n", "\n")).unwrap_or_default()
    }

    /// All values of a field that are not empty.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let found = self.fields.iter().filter(|(found, text)| found == name && !text.is_empty());
        found.map(|(_, text)| text.clone()).collect()
    }

    /// Sends the files as photos of this resident and answers all ids of the field `photos`, those
    /// that were sent before first. What was refused is answered beside: the rest is kept.
    pub(super) async fn photos(
        &self,
        gateway: &Gateway,
        token: &str,
        most: usize,
    ) -> (Vec<String>, Option<tonic::Status>) {
        let mut ids = self.all("photos");
        let form = self.text("request_id");
        for (number, file) in self.files.iter().enumerate() {
            if ids.len() >= most {
                break;
            }
            let request_id = format!("{form}.{number}");
            match super::photos::upload(gateway, token, request_id, file.clone()).await {
                Ok(id) if ids.contains(&id) => {}
                Ok(id) => ids.push(id),
                Err(refused) => return (ids, Some(refused)),
            }
        }
        ids.truncate(most);
        (ids, None)
    }
}
