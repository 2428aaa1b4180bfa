//! The configuration as it came out, for `weft config print`: never with a secret.

use std::fmt::Write as _;

use figment::{
    Figment,
    value::{Dict, Value},
};

use super::error::origin;

const HIDDEN: &str = "***";

/// Every key with its value and where it was said, sorted, as TOML that can be read back, but with
/// `***` for passwords.
pub fn print(figment: &Figment) -> String {
    let mut lines = String::new();
    if let Ok(top) = figment.extract::<Dict>() {
        table(figment, "", &top, &mut lines);
    }
    lines
}

fn table(figment: &Figment, prefix: &str, dict: &Dict, lines: &mut String) {
    for (name, value) in dict {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        if let Value::Dict(_, inner) = value {
            table(figment, &key, inner, lines);
        } else {
            let value = if is_secret(name) { format!("{HIDDEN:?}") } else { literal(value) };
            let origin = origin(figment.get_metadata(value_tag(figment, &key)));
            writeln!(lines, "{key} = {value}  # {origin}").unwrap_or_default();
        }
    }
}

fn value_tag(figment: &Figment, key: &str) -> figment::value::Tag {
    figment.find_value(key).map_or(figment::value::Tag::Default, |value| value.tag())
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(_, text) => format!("{:?}", redact_url(text)),
        Value::Char(_, char) => format!("{:?}", char.to_string()),
        Value::Bool(_, bool) => bool.to_string(),
        Value::Num(_, num) => num
            .to_i128()
            .map(|n| n.to_string())
            .or_else(|| num.to_u128().map(|n| n.to_string()))
            .or_else(|| num.to_f64().map(|n| n.to_string()))
            .unwrap_or_default(),
        Value::Empty(..) => "\"\"".to_owned(),
        Value::Dict(_, dict) => {
            let inner: Vec<_> = dict
                .iter()
                .map(|(key, value)| {
                    let value = if is_secret(key) { format!("{HIDDEN:?}") } else { literal(value) };
                    format!("{key} = {value}")
                })
                .collect();
            format!("{{ {} }}", inner.join(", "))
        }
        Value::Array(_, items) => {
            format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
    }
}

fn is_secret(key: &str) -> bool {
    ["password", "secret", "seed", "token"].iter().any(|word| key.to_lowercase().contains(word))
}

/// A URL without its password, be it before the host or in the query. Other text as it is.
pub(super) fn redact_url(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    // A password may hold anything: take the last @ before the path as the end of it.
    let (authority, tail) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:{HIDDEN}@{host}"),
            None => format!("{user}@{host}"),
        },
        None => authority.to_owned(),
    };
    let tail = tail
        .split_inclusive(['?', '&'])
        .map(|part| match part.split_once('=') {
            Some((key, value)) if is_secret(key) => {
                let end = if value.ends_with('&') { "&" } else { "" };
                format!("{key}={HIDDEN}{end}")
            }
            _ => part.to_owned(),
        })
        .collect::<String>();
    format!("{scheme}://{authority}{tail}")
}
