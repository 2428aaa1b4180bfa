//! The table of rules that a test writes beside each aggregate: what a command does in each state.

use kernel::{Aggregate, Rejection as _};

/// A Markdown table with a row a command and a column a state, in Chinese and English. `said` puts
/// an event in words.
pub(super) fn table<A: Aggregate<Command: Clone>>(
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
