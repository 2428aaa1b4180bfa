//! What the command line says: results on standard output, errors on standard error, one line each.

use std::io::Write as _;

/// A line of result.
pub(crate) fn line(text: &str) {
    // A reader that has closed the pipe wants no more.
    let _closed = writeln!(std::io::stdout().lock(), "{text}");
}

/// A line of error.
pub(crate) fn error(text: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "weft: {text}");
}

/// A line for the one who watches, beside the result.
pub(crate) fn note(text: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "{text}");
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text.replace('\n', " ")
}
