//! What the policy of the headers refuses, and what stylesheets do not have, stands in no template.

use std::collections::BTreeSet;

use crate::files::{files, none};

#[test]
fn templates_keep_the_policy() {
    let mut found = Vec::new();
    for (path, text) in files("templates", ".html") {
        for (at, line) in text.lines().enumerate() {
            let handler = line.split_whitespace().any(|word| {
                word.strip_prefix("on").and_then(|rest| rest.split_once("=\"")).is_some_and(
                    |(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()),
                )
            });
            let inline = line.contains("<script") && !line.contains(" src=");
            if line.contains(" style=") || line.contains("<style") || handler || inline {
                found.push(format!("{path}:{}: the browser would refuse this: {line}", at + 1));
            }
            if line.contains("|safe") {
                found.push(format!("{path}:{}: what is typed could run: {line}", at + 1));
            }
        }
    }
    none(&found);
}

#[test]
fn nothing_is_loaded_from_another_site() {
    let mut found = Vec::new();
    let ours = files("templates", ".html").into_iter().chain(files("assets/css", ".css"));
    for (path, text) in ours.chain(files("assets/js", ".js")).chain(files("assets", ".svg")) {
        let text = text.replace("http://www.w3.org/2000/svg", "");
        for foreign in ["http://", "https://", "=\"//", "url(//", "@import"] {
            if text.contains(foreign) {
                found.push(format!("{path} has {foreign}"));
            }
        }
    }
    none(&found);
}

/// The classes that a template sets, without those that it puts together from values.
fn classes(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in text.split("class=\"").skip(1) {
        let value = rest.split('"').next().unwrap_or_default();
        // Conditions go, the classes in them stay; a class with a value in it is not looked at.
        let mut value = value.to_owned();
        while let Some(at) = value.find("{{") {
            let end = value[at..].find("}}").map_or(value.len(), |end| at + end + 2);
            value.replace_range(at..end, "{}");
        }
        let mut plain = String::new();
        for (n, piece) in value.split("{%").enumerate() {
            let piece =
                if n == 0 { piece } else { piece.split_once("%}").map_or("", |(_, rest)| rest) };
            plain.push_str(piece);
            plain.push(' ');
        }
        let words = plain.split_whitespace().filter(|word| !word.contains(['{', '}']));
        let whole = words.filter(|word| {
            !word.ends_with('-') && word.starts_with(|c: char| c.is_ascii_lowercase())
        });
        found.extend(whole.filter(|word| !word.contains('.')).map(str::to_owned));
    }
    found
}

#[test]
fn classes_stand_in_a_stylesheet() {
    let styles: String = files("assets/css", ".css").into_iter().map(|(_, text)| text).collect();
    let known: BTreeSet<&str> = styles
        .split('.')
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
            &rest[..end.unwrap_or(rest.len())]
        })
        .collect();
    let mut found = Vec::new();
    for (path, text) in files("templates", ".html") {
        for class in classes(&text) {
            if !known.contains(class.as_str()) {
                found.push(format!("{path}: no stylesheet has .{class}"));
            }
        }
    }
    none(&found);
}

#[test]
fn icons_are_those_that_there_are() {
    let (_, icons) = files("assets", "icons.svg").remove(0);
    let known: BTreeSet<&str> =
        icons.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let mut found = Vec::new();
    for (path, text) in files("templates", ".html") {
        for rest in text.split("icon(shell, \"").skip(1) {
            let name = rest.split('"').next().unwrap_or_default();
            if !known.contains(name) {
                found.push(format!("{path}: icons.svg has no {name}"));
            }
        }
    }
    none(&found);
}
