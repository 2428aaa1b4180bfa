//! The two catalogues say the same things, and all that pages say is in them.

use std::collections::{BTreeMap, BTreeSet};

use crate::files::{files, is_chinese, none};

type Arguments = BTreeSet<String>;

/// The keys of a catalogue, and the arguments that each takes.
fn keys(text: &str) -> BTreeMap<String, Arguments> {
    let mut keys = BTreeMap::<String, Arguments>::new();
    let mut at = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let named = line.split_once(" =").map(|(key, _)| key);
        if let Some(key) = named.filter(|key| !key.starts_with(' ') && !key.contains('{')) {
            at = key.to_owned();
            keys.insert(at.clone(), Arguments::new());
        }
        let arguments = line
            .split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        keys.entry(at.clone()).or_default().extend(arguments);
    }
    keys.remove("");
    keys
}

fn catalogue(language: &str) -> BTreeMap<String, BTreeMap<String, Arguments>> {
    let files = files(&format!("locales/{language}"), ".ftl").into_iter();
    files.map(|(path, text)| (path.rsplit('/').next().unwrap().to_owned(), keys(&text))).collect()
}

#[test]
fn both_languages_say_the_same_things() {
    let (zh, en) = (catalogue("zh-CN"), catalogue("en"));
    let rooms = |catalogue: &BTreeMap<String, _>| catalogue.keys().cloned().collect::<Vec<_>>();
    assert_eq!(rooms(&zh), rooms(&en));
    let mut found = Vec::new();
    for (room, zh) in &zh {
        let en = &en[room];
        for key in zh.keys().chain(en.keys()).collect::<BTreeSet<_>>() {
            match (zh.get(key), en.get(key)) {
                (Some(zh), Some(en)) if zh == en => {}
                (Some(_), Some(_)) => found.push(format!("{room}: {key} takes other arguments")),
                (None, _) => found.push(format!("{room}: {key} has no Chinese")),
                (_, None) => found.push(format!("{room}: {key} has no English")),
            }
        }
    }
    none(&found);
}

#[test]
fn english_is_english_and_chinese_never_says_what_it_must_not() {
    let mut found = Vec::new();
    for (path, text) in files("locales/en", ".ftl") {
        let lines = text.lines().filter(|line| !line.starts_with("common-other-language"));
        found.extend(lines.filter(|line| is_chinese(line)).map(|line| format!("{path}: {line}")));
    }
    for (path, text) in files("locales/zh-CN", ".ftl") {
        // A matter that a resident brings is no case of the police or of a court.
        let wrong = text.lines().filter(|line| line.contains("\u{6848}\u{4ef6}"));
        found.extend(wrong.map(|line| format!("{path}: {line}")));
    }
    none(&found);
}

/// The texts in quotes after a call such as `say(`.
fn named<'a>(text: &'a str, call: &str) -> Vec<&'a str> {
    let calls = text.split(call).skip(1);
    let quoted = calls.filter_map(|rest| rest.trim_start().strip_prefix('"'));
    quoted.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn what_pages_say_is_in_the_catalogues() {
    let known: BTreeSet<String> =
        catalogue("zh-CN").into_values().flat_map(BTreeMap::into_keys).collect();
    let mut found = Vec::new();
    let mut said = 0;
    for (path, text) in files("templates", ".html").into_iter().chain(files("src", ".rs")) {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let calls = [".say(", ".with(", ".with2("];
        for key in calls.iter().flat_map(|call| named(text, call)).filter(|key| key.contains('-')) {
            said += 1;
            if !known.contains(key) {
                found.push(format!("{path}: {key} is in no catalogue"));
            }
        }
        for set in named(text, ".word(") {
            if !known.iter().any(|key| key.starts_with(&format!("{set}-"))) {
                found.push(format!("{path}: no key begins with {set}-"));
            }
        }
    }
    assert!(said > 50, "the keys are looked for where they are not");
    none(&found);
}

#[test]
fn no_text_stands_outside_of_the_catalogues() {
    let mut found = Vec::new();
    let sources = files("templates", ".html").into_iter().chain(files("src", ".rs"));
    for (path, text) in sources.chain(files("assets/js", ".js")).chain(files("assets/css", ".css"))
    {
        // Tests may look for Chinese words.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = text.lines().enumerate().filter(|(_, line)| is_chinese(line));
        found.extend(lines.map(|(at, _)| format!("{path}:{} says it in Chinese", at + 1)));
    }
    none(&found);
}
