//! Pages of lists after AIP-158 (<https://google.aip.dev/158>): a page size, and a token that is
//! opaque, bound to the list and its filter, and sealed against tampering.

use aws_lc_rs::{constant_time, digest, hmac};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::validate::Violations;

/// How many items a page has when the caller does not say.
pub const DEFAULT_PAGE_SIZE: u32 = 50;
/// How many items a page has at most; whoever asks for more gets this.
pub const MAX_PAGE_SIZE: u32 = 1000;

const FORMAT: u8 = 1;
const HASH_BYTES: usize = 8;
const TAG_BYTES: usize = 16;
const MAX_TOKEN_CHARS: usize = 2048;

/// A value of a column by which a list is sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortValue {
    /// A number, such as a time.
    Integer(i64),
    /// A text, such as an id.
    Text(String),
}

/// What makes a list this list: a token of one does not open another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListKey([u8; HASH_BYTES]);

impl ListKey {
    /// The key of a list: the method's path, then every filter field, the order and the caller's
    /// scope, each as text and always in the same order.
    pub fn new(method: &str, parts: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in std::iter::once(&method).chain(parts) {
            context.update(&part.len().to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&context.finish().as_ref()[..HASH_BYTES]);
        Self(hash)
    }
}

/// A page that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many items, 1 to [`MAX_PAGE_SIZE`]. Read one more to know whether there is a next page.
    pub size: u32,
    /// The sort values of the last item of the page before; `None` for the first page.
    pub after: Option<Vec<SortValue>>,
}

/// Makes and reads page tokens.
#[derive(Debug)]
pub struct PageTokens {
    key: hmac::Key,
}

impl PageTokens {
    /// Tokens under a secret that all replicas share and that outlives a restart.
    pub fn new(secret: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// Reads the fields `page_size` and `page_token`; notes what is wrong with them.
    pub fn read(
        &self,
        v: &mut Violations,
        list: ListKey,
        page_size: i32,
        page_token: &str,
    ) -> Page {
        let size = match u32::try_from(page_size) {
            Ok(0) => DEFAULT_PAGE_SIZE,
            Ok(size) => size.min(MAX_PAGE_SIZE),
            Err(_) => {
                v.push(
                    "page_size",
                    "a page_size is not negative: leave it out for 50",
                    "page_size 不能为负数",
                );
                DEFAULT_PAGE_SIZE
            }
        };
        if page_token.is_empty() {
            return Page { size, after: None };
        }
        let after =
            self.open(list, page_token).map_err(|(en, zh)| v.push("page_token", en, zh)).ok();
        Page { size, after }
    }

    /// The token of the page after the item with these sort values.
    ///
    /// The last sort value must be unique (an id), or items with equal ones are skipped.
    pub fn next(&self, list: ListKey, after: &[SortValue]) -> String {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&list.0);
        bytes.extend(serde_json::to_vec(after).unwrap_or_default());
        let tag = hmac::sign(&self.key, &bytes);
        bytes.extend_from_slice(&tag.as_ref()[..TAG_BYTES]);
        BASE64URL_NOPAD.encode(&bytes)
    }

    fn open(
        &self,
        list: ListKey,
        token: &str,
    ) -> Result<Vec<SortValue>, (&'static str, &'static str)> {
        const FOREIGN: (&str, &str) = (
            "this page_token is not one of ours: leave it out to start from the first page",
            "page_token 无效，请从第一页重新查询",
        );
        const OTHER_LIST: (&str, &str) = (
            "this page_token belongs to another filter or order: repeat those of the first page, or leave the token out",
            "page_token 与当前筛选或排序条件不符，请保持条件不变或从第一页重新查询",
        );
        if token.len() > MAX_TOKEN_CHARS {
            return Err(FOREIGN);
        }
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| FOREIGN)?;
        let cut = bytes.len().checked_sub(TAG_BYTES).ok_or(FOREIGN)?;
        let (signed, tag) = bytes.split_at(cut);
        let expected = hmac::sign(&self.key, signed);
        constant_time::verify_slices_are_equal(&expected.as_ref()[..TAG_BYTES], tag)
            .map_err(|_| FOREIGN)?;
        let (&format, rest) = signed.split_first().ok_or(FOREIGN)?;
        let (hash, payload) = rest.split_at_checked(HASH_BYTES).ok_or(FOREIGN)?;
        if format != FORMAT {
            return Err(FOREIGN);
        }
        if hash != list.0.as_slice() {
            return Err(OTHER_LIST);
        }
        serde_json::from_slice(payload).map_err(|_| FOREIGN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(filter: &str) -> ListKey {
        ListKey::new("/weft.intake.v1.IntakeService/ListCases", &[filter, "due"])
    }

    fn last() -> Vec<SortValue> {
        vec![SortValue::Integer(1_700_000_000_000), SortValue::Text("620821101203-案".into())]
    }

    fn read(tokens: &PageTokens, size: i32, token: &str) -> (Page, Option<String>) {
        let mut v = Violations::new();
        let page = tokens.read(&mut v, list("open"), size, token);
        (page, v.finish().err().map(|error| error.violations[0].en.clone()))
    }

    #[test]
    fn a_token_leads_to_the_item_after_which_to_go_on() {
        let tokens = PageTokens::new(b"secret");
        let token = tokens.next(list("open"), &last());
        assert_eq!(read(&tokens, 10, &token), (Page { size: 10, after: Some(last()) }, None));
        assert_eq!(read(&PageTokens::new(b"secret"), 10, &token).1, None);
    }

    #[test]
    fn a_size_has_a_default_and_a_maximum_and_is_not_negative() {
        let tokens = PageTokens::new(b"secret");
        assert_eq!(read(&tokens, 0, "").0, Page { size: 50, after: None });
        assert_eq!(read(&tokens, 5000, "").0.size, 1000);
        assert!(read(&tokens, -1, "").1.unwrap().contains("not negative"));
    }

    #[test]
    fn another_filter_another_secret_and_every_changed_character_are_refused() {
        let tokens = PageTokens::new(b"secret");
        let other = tokens.next(list("closed"), &last());
        assert!(read(&tokens, 0, &other).1.unwrap().contains("another filter"));
        let token = tokens.next(list("open"), &last());
        assert!(
            read(&PageTokens::new(b"others"), 0, &token).1.unwrap().contains("not one of ours")
        );
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(read(&tokens, 0, &changed).1.is_some(), "place {place}");
        }
        for text in ["x", "你好", &"A".repeat(5000), ""] {
            assert_eq!(read(&tokens, 0, text).1.is_some(), !text.is_empty());
        }
    }

    #[test]
    fn parts_do_not_run_into_one_another() {
        assert_ne!(ListKey::new("m", &["ab", "c"]), ListKey::new("m", &["a", "bc"]));
    }
}
