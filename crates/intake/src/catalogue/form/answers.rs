//! Checks answers against a form: all that is wrong at once, each by its JSON pointer.

use serde_json::{Map, Value};

use super::{Field, Group, MAX_ANSWERS, Number, Text};
use crate::catalogue::days;

/// What is wrong with one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which, as a JSON pointer; empty for all of them.
    pub pointer: String,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// How many faults are told.
const MAX_FAULTS: usize = 50;

pub(super) fn check(form: &Group, text: &str) -> Result<String, Vec<Fault>> {
    let whole = |en: &str, zh: &str| {
        Err(vec![Fault { pointer: String::new(), en: en.to_owned(), zh: zh.to_owned() }])
    };
    if text.len() > MAX_ANSWERS {
        return whole("the answers are too long: shorten them", "表单内容过长，请缩短");
    }
    let text = if text.trim().is_empty() { "{}" } else { text };
    let Ok(Value::Object(answers)) = serde_json::from_str::<Value>(text) else {
        return whole("send the answers as a JSON object", "表单内容应为 JSON 对象");
    };
    let mut checking = Checking { found: Vec::new() };
    checking.group(form, &answers, "");
    if checking.found.is_empty() {
        return Ok(Value::Object(answers).to_string());
    }
    checking.found.truncate(MAX_FAULTS);
    Err(checking.found)
}

struct Checking {
    found: Vec<Fault>,
}

impl Checking {
    fn wrong(&mut self, at: &str, en: impl Into<String>, zh: impl Into<String>) {
        self.found.push(Fault { pointer: at.to_owned(), en: en.into(), zh: zh.into() });
    }

    fn group(&mut self, group: &Group, answers: &Map<String, Value>, at: &str) {
        for name in &group.required {
            if !answers.contains_key(name) {
                self.wrong(&format!("{at}/{name}"), "this is missing: fill it in", "此项必填");
            }
        }
        for (name, answer) in answers {
            let field = group.fields.iter().find(|(known, _)| known == name);
            let name: String = name.chars().take(40).collect();
            let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            match field {
                Some((_, field)) => self.field(field, answer, &at),
                None => self.wrong(
                    &at,
                    "the form has no such field: leave it out",
                    "表单没有此项，请删除",
                ),
            }
        }
    }

    fn field(&mut self, field: &Field, answer: &Value, at: &str) {
        match (field, answer) {
            (Field::Group(group), Value::Object(answers)) => self.group(group, answers, at),
            (Field::Text(text), Value::String(answer)) => self.text(text, answer, at),
            (Field::Number(number), Value::Number(answer)) => {
                self.number(number, answer.as_f64().unwrap_or(f64::NAN), at);
            }
            (Field::Truth, Value::Bool(_)) => {}
            (Field::List { item, min, max, unique }, Value::Array(answers)) => {
                let count = u64::try_from(answers.len()).unwrap_or(u64::MAX);
                if !(*min..=*max).contains(&count) {
                    self.wrong(
                        at,
                        format!("choose {min} to {max} values"),
                        format!("应选择{min}至{max}项"),
                    );
                    return;
                }
                if *unique && answers.iter().enumerate().any(|(n, one)| answers[..n].contains(one))
                {
                    self.wrong(at, "a value comes twice: leave one out", "有重复的值，请删除");
                }
                for (place, answer) in answers.iter().enumerate() {
                    self.field(item, answer, &format!("{at}/{place}"));
                }
            }
            (Field::Group(_), _) => self.wrong(at, "an object is needed", "应为一组内容"),
            (Field::Text(_), _) => self.wrong(at, "a text is needed", "应为文字"),
            (Field::Number(_), _) => self.wrong(at, "a number is needed", "应为数字"),
            (Field::Truth, _) => self.wrong(at, "true or false", "应为是或否"),
            (Field::List { .. }, _) => self.wrong(at, "a list is needed", "应为列表"),
        }
    }

    fn text(&mut self, text: &Text, answer: &str, at: &str) {
        let chars = u64::try_from(answer.chars().count()).unwrap_or(u64::MAX);
        if !(text.min..=text.max).contains(&chars) {
            self.wrong(
                at,
                format!("write {} to {} characters", text.min, text.max),
                format!("应为{}至{}个字", text.min, text.max),
            );
        }
        let hidden = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        };
        if answer.contains(hidden) {
            self.wrong(
                at,
                "it has characters that cannot be seen: take them out",
                "含有不可见字符，请删除",
            );
        }
        if !text.choices.is_empty() && !text.choices.iter().any(|choice| choice == answer) {
            let choices = text.choices.join(", ");
            self.wrong(at, format!("one of: {choices}"), format!("应为以下之一：{choices}"));
        }
        if text.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(answer)) {
            self.wrong(at, "it does not have the form that is asked for", "格式不符合要求");
        }
        if text.is_day && days::begins(answer).is_none() {
            self.wrong(at, "a day such as 2026-07-01 is needed", "应为日期，例如 2026-07-01");
        }
    }

    fn number(&mut self, number: &Number, answer: f64, at: &str) {
        if !answer.is_finite() || (number.whole && answer.fract() != 0.0) {
            self.wrong(at, "a whole number is needed", "应为整数");
        }
        if number.min.is_some_and(|min| answer < min) || number.max.is_some_and(|max| answer > max)
        {
            let shown =
                |bound: Option<f64>| bound.map_or_else(|| "…".to_owned(), |b| b.to_string());
            let (min, max) = (shown(number.min), shown(number.max));
            self.wrong(at, format!("from {min} to {max}"), format!("应在{min}至{max}之间"));
        }
        if number.step.is_some_and(|step| (answer / step).fract().abs() > 1e-9) {
            self.wrong(at, "it is no multiple of the step", "不是步长的整数倍");
        }
    }
}
