//! Reads a schema into a form. The first fault ends it: a form is written by few and checked once.

use serde_json::{Map, Value};

use super::{
    Field, Group, KEYWORDS, MAX_CHARS, MAX_CHOICES, MAX_DEPTH, MAX_FIELDS, MAX_ITEMS, MAX_PATTERN,
    MAX_PATTERN_PROGRAM, Number, Text, Unusable,
};

const SCHEMA: &str = "https://json-schema.org/draft/2020-12/schema";

pub(super) fn unusable(pointer: &str, en: impl Into<String>, zh: impl Into<String>) -> Unusable {
    Unusable { pointer: pointer.to_owned(), en: en.into(), zh: zh.into() }
}

/// The form of a schema.
pub(super) fn form(schema: &Value) -> Result<Group, Unusable> {
    let mut fields = 0;
    match (Reading { at: String::new(), depth: 1, fields: &mut fields }).field(schema)? {
        Field::Group(group) => Ok(group),
        Field::Text(_) | Field::Number(_) | Field::Truth | Field::List { .. } => Err(unusable(
            "/type",
            "a form is an object: write \"type\": \"object\"",
            "表单应为对象，请写 \"type\": \"object\"",
        )),
    }
}

struct Reading<'a> {
    at: String,
    depth: usize,
    fields: &'a mut usize,
}

impl Reading<'_> {
    fn wrong<T>(
        &self,
        key: &str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Result<T, Unusable> {
        let at = if key.is_empty() { self.at.clone() } else { format!("{}/{key}", self.at) };
        Err(unusable(&at, en, zh))
    }

    fn below(&mut self, path: &str) -> Reading<'_> {
        Reading {
            at: format!("{}/{path}", self.at),
            depth: self.depth + 1,
            fields: &mut *self.fields,
        }
    }

    fn field(&mut self, schema: &Value) -> Result<Field, Unusable> {
        let Some(schema) = schema.as_object() else {
            return self.wrong("", "a schema is an object here", "此处应为对象");
        };
        if let Some(key) = schema.keys().find(|key| !KEYWORDS.contains(&key.as_str())) {
            let key: String = key.chars().take(40).collect();
            return self.wrong(
                &key,
                format!("{key:?} cannot be used in a form: use {}", KEYWORDS.join(", ")),
                format!("表单不支持关键字 {key:?}"),
            );
        }
        if schema.get("$schema").is_some_and(|named| named != SCHEMA || self.depth > 1) {
            return self.wrong(
                "$schema",
                format!("write {SCHEMA} at the top, or nothing"),
                format!("只可在最外层写 {SCHEMA}"),
            );
        }
        for key in ["title", "description", "x-title-en"] {
            if schema
                .get(key)
                .is_some_and(|text| text.as_str().is_none_or(|text| text.chars().count() > 200))
            {
                return self.wrong(
                    key,
                    "a text of at most 200 characters",
                    "应为不超过200字的文字",
                );
            }
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => self.group(schema).map(Field::Group),
            Some("string") => self.text(schema).map(Field::Text),
            Some("integer") => self.number(schema, true),
            Some("number") => self.number(schema, false),
            Some("boolean") => Ok(Field::Truth),
            Some("array") => self.list(schema),
            Some(_) | None => self.wrong(
                "type",
                "one of: object, string, integer, number, boolean, array",
                "应为 object、string、integer、number、boolean、array 之一",
            ),
        }
    }

    fn group(&mut self, schema: &Map<String, Value>) -> Result<Group, Unusable> {
        if self.depth > MAX_DEPTH {
            return self.wrong(
                "",
                format!("at most {MAX_DEPTH} groups lie in each other"),
                format!("分组最多{MAX_DEPTH}层"),
            );
        }
        if schema.get("additionalProperties").is_some_and(|more| more != &Value::Bool(false)) {
            return self.wrong(
                "additionalProperties",
                "a form takes no other fields than its own: write false",
                "表单不接受其他字段，应为 false",
            );
        }
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return self.wrong("properties", "an object with the fields is needed", "应列出字段");
        };
        *self.fields += properties.len();
        if *self.fields > MAX_FIELDS {
            return self.wrong(
                "properties",
                format!("a form has at most {MAX_FIELDS} fields"),
                format!("表单最多{MAX_FIELDS}个字段"),
            );
        }
        let mut fields = Vec::with_capacity(properties.len());
        for (name, schema) in properties {
            if !is_name(name) {
                return self.wrong(
                    "properties",
                    "the name of a field has 1 to 40 of a-z A-Z 0-9 _",
                    "字段名应为1至40个字母、数字或下划线",
                );
            }
            fields.push((name.clone(), self.below(&format!("properties/{name}")).field(schema)?));
        }
        let required = self.texts(schema, "required")?;
        if let Some(name) = required.iter().find(|name| !properties.contains_key(*name)) {
            let name: String = name.chars().take(40).collect();
            return self.wrong(
                "required",
                format!("{name:?} is no field of this group"),
                format!("没有字段 {name:?}"),
            );
        }
        Ok(Group { fields, required })
    }

    fn text(&self, schema: &Map<String, Value>) -> Result<Text, Unusable> {
        let pattern = match schema.get("pattern") {
            None => None,
            Some(pattern) => Some(self.pattern(pattern)?),
        };
        let is_day = match schema.get("format").map(Value::as_str) {
            None => false,
            Some(Some("date")) => true,
            Some(_) => return self.wrong("format", "only date is known", "格式只支持 date"),
        };
        let (min, max) = self.bounds(schema, ("minLength", "maxLength"), MAX_CHARS)?;
        Ok(Text { choices: self.texts(schema, "enum")?, min, max, pattern, is_day })
    }

    fn pattern(&self, pattern: &Value) -> Result<regex_lite::Regex, Unusable> {
        let text = pattern.as_str().filter(|text| text.len() <= MAX_PATTERN);
        let program = text.and_then(|text| {
            regex_lite::RegexBuilder::new(text)
                .size_limit(MAX_PATTERN_PROGRAM)
                .nest_limit(20)
                .build()
                .ok()
        });
        match program {
            Some(program) => Ok(program),
            None => self.wrong(
                "pattern",
                format!("a pattern of at most {MAX_PATTERN} bytes, without references to itself and without repetitions of repetitions"),
                format!("应为不超过{MAX_PATTERN}字节的正则表达式，不含反向引用和过多重复"),
            ),
        }
    }

    fn number(&self, schema: &Map<String, Value>, whole: bool) -> Result<Field, Unusable> {
        let mut bounds = [None; 3];
        for (place, key) in ["minimum", "maximum", "multipleOf"].into_iter().enumerate() {
            let Some(bound) = schema.get(key) else { continue };
            bounds[place] = bound.as_f64().filter(|bound| bound.is_finite());
            if bounds[place].is_none() || (place == 2 && bounds[place] <= Some(0.0)) {
                return self.wrong(
                    key,
                    "a number is needed, and a step above 0",
                    "应为数字，步长应大于0",
                );
            }
        }
        let [min, max, step] = bounds;
        if matches!((min, max), (Some(min), Some(max)) if min > max) {
            return self.wrong("minimum", "it is above the maximum", "最小值大于最大值");
        }
        Ok(Field::Number(Number { whole, min, max, step }))
    }

    fn list(&mut self, schema: &Map<String, Value>) -> Result<Field, Unusable> {
        let Some(items) = schema.get("items") else {
            return self.wrong("items", "a list says what it is a list of", "应说明列表的内容");
        };
        let item = self.below("items").field(items)?;
        if matches!(item, Field::List { .. } | Field::Group(_)) {
            return self.wrong(
                "items",
                "a list holds texts, numbers or truths",
                "列表只能由文字、数字或是否组成",
            );
        }
        let (min, max) = self.bounds(schema, ("minItems", "maxItems"), MAX_ITEMS)?;
        let unique = schema.get("uniqueItems").is_some_and(|unique| unique == &Value::Bool(true));
        Ok(Field::List { item: Box::new(item), min, max, unique })
    }

    /// The least and the most of something; the most is never above `cap`.
    fn bounds(
        &self,
        schema: &Map<String, Value>,
        (least, most): (&str, &str),
        cap: u64,
    ) -> Result<(u64, u64), Unusable> {
        let mut bounds = [0, cap];
        for (place, key) in [least, most].into_iter().enumerate() {
            let Some(bound) = schema.get(key) else { continue };
            match bound.as_u64().filter(|bound| *bound <= cap) {
                Some(bound) => bounds[place] = bound,
                None => {
                    return self.wrong(
                        key,
                        format!("a whole number from 0 to {cap}"),
                        format!("应为0至{cap}的整数"),
                    );
                }
            }
        }
        if bounds[0] > bounds[1] {
            return self.wrong(least, "the least is above the most", "下限大于上限");
        }
        Ok((bounds[0], bounds[1]))
    }

    /// A list of texts, each once; empty where there is none.
    fn texts(&self, schema: &Map<String, Value>, key: &str) -> Result<Vec<String>, Unusable> {
        let Some(list) = schema.get(key) else { return Ok(Vec::new()) };
        let texts: Option<Vec<String>> = list
            .as_array()
            .filter(|list| list.len() <= MAX_CHOICES && (key != "enum" || !list.is_empty()))
            .and_then(|list| list.iter().map(|text| Some(text.as_str()?.to_owned())).collect());
        let once = texts.filter(|texts| {
            let set: std::collections::BTreeSet<&String> = texts.iter().collect();
            set.len() == texts.len()
        });
        match once {
            Some(texts) => Ok(texts),
            None => self.wrong(
                key,
                format!("a list of at most {MAX_CHOICES} texts, each once"),
                format!("应为不超过{MAX_CHOICES}项、不重复的文字列表"),
            ),
        }
    }
}

fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
