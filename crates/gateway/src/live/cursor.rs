//! How far a page is: `<epoch>-<cases>-<orders>`, the last sequence of each table that it was told.

use std::{fmt, str::FromStr};

use platform::executor::derived_key;

/// How far a page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which log, so that another one in its place is noticed.
    pub epoch: String,
    /// The last change of a case that it knows.
    pub cases: u64,
    /// The last change of an order that it knows.
    pub orders: u64,
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a live position is <epoch>-<number>-<number>: load the page anew")]
pub struct NoCursor;

/// The epoch of a log that was created at this moment.
pub fn epoch(created: &str) -> String {
    derived_key(&[b"live", created.as_bytes()]).as_str().chars().take(8).collect()
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.epoch, self.cases, self.orders)
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let mut parts = text.split('-');
        let (Some(epoch), Some(cases), Some(orders), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NoCursor);
        };
        let number = |text: &str| text.parse().map_err(|_| NoCursor);
        if epoch.len() != 8 || !epoch.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(NoCursor);
        }
        Ok(Self { epoch: epoch.to_owned(), cases: number(cases)?, orders: number(orders)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_it_writes_and_nothing_else() {
        let cursor = Cursor { epoch: epoch("2026-06-01T02:00:00Z"), cases: 12, orders: 9 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "1", "abcdef01-1", "abcdef01-1-x", "abcdef01-1-2-3", "a\nb-1-2", "é-1-2"]
        {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
        assert_ne!(epoch("2026-06-01T02:00:00Z"), epoch("2026-06-01T02:00:01Z"));
    }
}
