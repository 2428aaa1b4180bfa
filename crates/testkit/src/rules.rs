//! The committed table of an aggregate's rules: written by a test, reviewed like code.

use std::path::Path;

use kernel::{Aggregate, Rejection as _};

/// Compares the table that a test has made with the committed file, whose path is relative to the
/// crate's folder. With the environment variable `UPDATE_RULES` set, writes the file instead.
pub fn check(path: &str, markdown: &str) {
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the tests")]
    let update = std::env::var_os("UPDATE_RULES").is_some();
    compare(Path::new(path), markdown, update);
}

/// A Markdown table with a row a command and a column a state, in Chinese and English. `said` puts
/// an event in words.
pub fn table<A: Aggregate<Command: Clone>>(
    title: &str,
    states: &[(&str, A::State)],
    commands: &[(&str, A::Command)],
    said: fn(&A::Event) -> &'static str,
) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let heads = states.iter().map(|(name, _)| (*name).to_owned());
    let mut text = format!("# {title}\n\n");
    text += &line(std::iter::once("命令 command".to_owned()).chain(heads).collect());
    text += &line(vec!["---".to_owned(); states.len() + 1]);
    for (name, command) in commands {
        let cell = |state: &A::State| match A::decide(state, command.clone()) {
            Ok(events) if events.is_empty() => "已是如此 already so".to_owned(),
            Ok(events) => events.iter().map(said).collect::<Vec<_>>().join("; "),
            Err(no) => format!("不准 refused `{}`: {} / {no}", no.reason(), no.message_zh()),
        };
        let cells = states.iter().map(|(_, state)| cell(state));
        text += &line(std::iter::once((*name).to_owned()).chain(cells).collect());
    }
    text
}

fn compare(path: &Path, markdown: &str, update: bool) {
    let shown = path.display();
    if update {
        std::fs::write(path, markdown).expect("the rules can be written beside their aggregate");
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    if committed == markdown {
        return;
    }
    let (line, was, is) = first_difference(&committed, markdown);
    assert_eq!(
        was, is,
        "{shown} is not what the code does, first in line {line}: if the change is meant, \
         run the test again with UPDATE_RULES=1 and review the file"
    );
}

/// The first line that differs, from 1, and what stands there on both sides.
fn first_difference<'a>(
    left: &'a str,
    right: &'a str,
) -> (usize, Option<&'a str>, Option<&'a str>) {
    let (mut left, mut right) = (left.split('\n'), right.split('\n'));
    let mut number = 0;
    loop {
        number += 1;
        let (was, is) = (left.next(), right.next());
        if was != is || was.is_none() {
            return (number, was, is);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_the_code_no_longer_does_fails_until_it_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("case.rules.md");
        compare(&path, "| a | b |\n", true);
        compare(&path, "| a | b |\n", false);
        let changed = std::panic::catch_unwind(|| compare(&path, "| a | c |\n", false));
        let said = *changed.unwrap_err().downcast::<String>().unwrap();
        assert!(said.contains("line 1") && said.contains("UPDATE_RULES=1"), "{said}");
        let missing = dir.path().join("order.rules.md");
        assert!(std::panic::catch_unwind(|| compare(&missing, "| a |\n", false)).is_err());
    }
}
