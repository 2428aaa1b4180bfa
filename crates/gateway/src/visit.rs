//! What a request says about how it wants its answer: the language, the type size, whether a page or
//! a part of one is wanted, and up to which position the visitor has already seen the log.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, Uri, header, request::Parts},
};
use kernel::Timestamp;
use platform::http::Peer;

use crate::{gateway::Gateway, session::Who, shell::Shell, words::Locale};

/// The cookie of the language.
pub(crate) const LANGUAGE: &str = "weft-language";
/// The cookie of large type.
pub(crate) const ELDER: &str = "weft-elder";
/// The query's name of the position up to which the visitor has seen the log.
const SEEN: &str = "at";

/// How a request wants its answer.
#[derive(Clone)]
pub(crate) struct Visit {
    /// The state of the router.
    pub(crate) gateway: Gateway,
    /// The language.
    pub(crate) locale: Locale,
    /// Whether type and targets are large.
    pub(crate) elder: bool,
    /// The path and the query.
    pub(crate) path: String,
    /// Whether only a part of the page is wanted, which htmx puts into the page that is there.
    pub(crate) part: bool,
    /// The position of the visitor's own last command: what a query passes on as `min_position`.
    pub(crate) seen: Option<api::common::v1::Position>,
    /// Whether the browser speaks https: its cookies are then `Secure`.
    pub(crate) secure: bool,
    /// Where the live parts were when the request came, before anything was asked for: from there a
    /// page listens, and so misses nothing.
    pub(crate) live_from: String,
    /// When the request came.
    pub(crate) now: Timestamp,
}

impl Visit {
    /// What these headers and this address say.
    pub(crate) fn of(
        gateway: &Gateway,
        uri: &Uri,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Self {
        let header =
            |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let accepted = || header(header::ACCEPT_LANGUAGE).and_then(Locale::accepted);
        let locale = query(uri, "lang")
            .and_then(|tag| Locale::of_tag(&tag))
            .or_else(|| cookie(headers, LANGUAGE).and_then(Locale::of_tag))
            .or_else(accepted)
            .unwrap_or_default();
        Self {
            gateway: gateway.clone(),
            locale,
            elder: cookie(headers, ELDER) == Some("1"),
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            part: headers.contains_key("hx-request") && !headers.contains_key("hx-boosted"),
            seen: query(uri, SEEN).and_then(|text| position(&text)),
            secure: is_secure(extensions),
            live_from: gateway.live.rendered_at(u64::MAX).to_string(),
            now: gateway.now(),
        }
    }

    /// What surrounds the page of somebody who is not signed in.
    pub(crate) fn shell(&self) -> Shell {
        Shell::new(self, None)
    }

    /// What surrounds the page of this person.
    pub(crate) fn shell_of(&self, who: &Who) -> Shell {
        Shell::new(self, Some(who))
    }
}

impl FromRequestParts<Gateway> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Infallible> {
        Ok(Self::of(gateway, &parts.uri, &parts.headers, &parts.extensions))
    }
}

/// Whether a request came over https.
pub(crate) fn is_secure(extensions: &Extensions) -> bool {
    extensions.get::<Peer>().is_some_and(|peer| peer.secure)
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// A value of the query.
fn query(uri: &Uri, name: &str) -> Option<String> {
    let axum::extract::Query(pairs) =
        axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    pairs.into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

/// `log.sequence`; what is no position is none.
fn position(text: &str) -> Option<api::common::v1::Position> {
    let (log, sequence) = text.rsplit_once('.')?;
    Some(api::common::v1::Position { log: log.to_owned(), sequence: sequence.parse().ok()? })
}

/// The path with the position in it that the page there is to have reached: for the redirect after a
/// command, so that the visitor sees what they did.
pub(crate) fn path_at(path: &str, position: Option<&api::common::v1::Position>) -> String {
    let Some(position) = position else { return path.to_owned() };
    let join = if path.contains('?') { '&' } else { '?' };
    format!("{path}{join}{SEEN}={}.{}", position.log, position.sequence)
}

/// A path of this site that a form or a link named; anything else is the front page.
pub(crate) fn own_path(path: &str) -> &str {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n', '\t'])
        && path.len() <= 2000;
    if own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; weft-elder=1;b=x=y".parse().unwrap());
        assert_eq!(cookie(&headers, ELDER), Some("1"));
        assert_eq!(cookie(&headers, "b"), Some("x=y"));
        assert_eq!(cookie(&headers, "elder"), None);
    }

    #[test]
    fn a_position_goes_there_and_back() {
        let at = api::common::v1::Position { log: "WEFT_620821".into(), sequence: 7 };
        let path = path_at("/console?tab=open", Some(&at));
        assert_eq!(path, "/console?tab=open&at=WEFT_620821.7");
        assert_eq!(query(&path.parse().unwrap(), SEEN).and_then(|text| position(&text)), Some(at));
        assert_eq!(position("x"), None);
    }

    #[test]
    fn only_a_path_of_this_site_is_gone_to() {
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example", "", "a"] {
            assert_eq!(own_path(foreign), "/", "{foreign}");
        }
        assert_eq!(own_path("/console?tab=open"), "/console?tab=open");
    }
}
