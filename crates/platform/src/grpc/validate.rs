//! Validation of requests: every wrong field at once, in both languages.

use std::{fmt::Display, str::FromStr};

use kernel::ErrorCode;

use super::status::{FieldViolation, ServiceError};

/// Collects what is wrong with a request; [`Violations::finish`] answers with all of it.
///
/// A check that fails notes a violation and gives `None`, so that a handler checks every field,
/// calls `finish`, and then has them all.
#[derive(Debug, Default)]
pub struct Violations {
    found: Vec<FieldViolation>,
}

impl Violations {
    /// Nothing wrong so far.
    pub const fn new() -> Self {
        Self { found: Vec::new() }
    }

    /// Notes a violation.
    pub fn push(&mut self, field: &str, en: impl Into<String>, zh: impl Into<String>) {
        self.found.push(FieldViolation { field: field.to_owned(), en: en.into(), zh: zh.into() });
    }

    /// A value that must be there.
    pub fn required<T>(&mut self, field: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.push(field, "this is missing: fill it in", "此项必填");
        }
        value
    }

    /// A text that must be there and have the form of a `T`.
    pub fn parse<T: FromStr<Err: Display>>(&mut self, field: &str, text: &str) -> Option<T> {
        self.required(field, (!text.is_empty()).then_some(text))?;
        self.parse_optional(field, text)
    }

    /// A text that is empty (`None`, and no violation) or has the form of a `T`.
    pub fn parse_optional<T: FromStr<Err: Display>>(
        &mut self,
        field: &str,
        text: &str,
    ) -> Option<T> {
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(value) => Some(value),
            Err(reason) => {
                let reason: T::Err = reason;
                self.push(field, reason.to_string(), "格式不正确，请检查后重填");
                None
            }
        }
    }

    /// Texts that each have the form of a `T`: at most `max` of them, none twice.
    pub fn parse_each<T: FromStr<Err: Display> + PartialEq>(
        &mut self,
        field: &str,
        texts: &[String],
        max: usize,
    ) -> Option<Vec<T>> {
        if texts.len() > max {
            self.push(
                field,
                format!("these are more than {max}: leave some out"),
                format!("最多{max}项，请减少"),
            );
            return None;
        }
        let mut values = Vec::with_capacity(texts.len());
        for text in texts {
            let value = self.parse(field, text)?;
            if values.contains(&value) {
                self.push(
                    field,
                    "one of these is here twice: name each once",
                    "有重复，每项只填一次",
                );
                return None;
            }
            values.push(value);
        }
        Some(values)
    }

    /// A text that may be empty: at most `max_chars` characters (not bytes), line ends as `\n`, no
    /// other control characters than tab, nothing that turns the direction of what follows.
    pub fn text(&mut self, field: &str, text: &str, max_chars: usize) -> Option<String> {
        let text = text.replace("\r\n", "\n");
        let before = self.found.len();
        if text.chars().nth(max_chars).is_some() {
            self.push(
                field,
                format!("this is longer than {max_chars} characters: shorten it"),
                format!("不能超过{max_chars}个字，请删减"),
            );
        }
        if let Some(c) = text.chars().find(|c| hostile(*c)) {
            self.push(
                field,
                format!("the character U+{:04X} is not allowed: remove it", u32::from(c)),
                format!("含有不允许的字符（U+{:04X}），请删除", u32::from(c)),
            );
        }
        (self.found.len() == before).then_some(text)
    }

    /// The same for a text that must say something.
    pub fn required_text(&mut self, field: &str, text: &str, max_chars: usize) -> Option<String> {
        self.required(field, (!text.trim().is_empty()).then_some(()))?;
        self.text(field, text, max_chars)
    }

    /// The field `request_id`: 1 to 64 of letters, digits and `_.:-`.
    pub fn request_id(&mut self, text: &str) -> Option<String> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"_.:-".contains(&b);
        if (1..=64).contains(&text.len()) && text.bytes().all(good) {
            return Some(text.to_owned());
        }
        self.push(
            "request_id",
            "a request_id has 1 to 64 of A-Z, a-z, 0-9 and _.:- : make one per command, such as a UUID, and repeat it on retries",
            "request_id 须为1至64位字母、数字或 _.:- ，每个请求生成一个，重试时保持不变",
        );
        None
    }

    /// A phone number: mainland mobile, landline with or without area code, a service number, or
    /// `+` and an international number. Gives its digits (`+` kept) without the separators that
    /// people and input methods put in.
    pub fn phone(&mut self, field: &str, text: &str) -> Option<String> {
        let number = dialled(text).filter(|number| is_phone(number));
        if number.is_none() {
            self.push(
                field,
                "this is no phone number: write 11 digits, an area code and a number, or + and a country code",
                "电话号码不正确：请填写11位手机号、带区号的座机号，或以+开头的国际号码",
            );
        }
        number
    }

    /// `INVALID_ARGUMENT` with every violation, if there is one.
    pub fn finish(self) -> Result<(), ServiceError> {
        if self.found.is_empty() {
            return Ok(());
        }
        let mut fields: Vec<&str> =
            self.found.iter().map(|violation| violation.field.as_str()).collect();
        fields.dedup();
        let fields = fields.join(", ");
        let mut error = ServiceError::new(
            ErrorCode::InvalidArgument,
            "INVALID_ARGUMENT",
            format!("wrong or missing: {fields}; mend these fields and send the request again"),
            format!("以下内容有误或缺失：{fields}，请修改后重新提交"),
        );
        error.violations = self.found;
        Err(error)
    }
}

/// Control characters, and the overrides and isolates with which a text can show as another.
fn hostile(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The text as one dials it; `None` where a character is no part of a number.
fn dialled(text: &str) -> Option<String> {
    let mut number = String::new();
    for c in text.trim().chars() {
        match c {
            '0'..='9' => number.push(c),
            '+' if number.is_empty() => number.push('+'),
            '＋' if number.is_empty() => number.push('+'),
            '０'..='９' => {
                number.push(char::from_digit(u32::from(c) - u32::from('０'), 10)?);
            }
            ' ' | '-' | '(' | ')' | '\u{3000}' | '－' | '（' | '）' | '—' => {}
            _ => return None,
        }
    }
    Some(number)
}

fn is_phone(number: &str) -> bool {
    let mobile =
        |n: &str| n.len() == 11 && n.starts_with('1') && !matches!(n.as_bytes()[1], b'0'..=b'2');
    // Area code of 3 or 4 digits and a number of 7 or 8; or that number alone.
    let landline =
        |n: &str| matches!((n.starts_with('0'), n.len()), (true, 10..=12) | (false, 7 | 8));
    let service = |n: &str| n.len() == 5 && matches!(n.as_bytes()[0], b'1' | b'9');
    match number.strip_prefix('+') {
        Some(abroad) => match abroad.strip_prefix("86") {
            Some(home) => mobile(home) || (9..=11).contains(&home.len()),
            None => (7..=15).contains(&abroad.len()) && !abroad.starts_with('0'),
        },
        None => mobile(number) || landline(number) || service(number),
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Division, id::CaseId};

    use super::*;

    #[test]
    fn every_wrong_field_is_answered_at_once_in_both_languages() {
        let mut v = Violations::new();
        assert_eq!(v.parse::<Division>("division", "620821").unwrap().to_string(), "620821");
        assert_eq!(v.parse::<CaseId>("case_id", ""), None);
        assert_eq!(v.parse_optional::<CaseId>("merged_into", ""), None);
        assert_eq!(v.parse::<Division>("area", "62x"), None);
        assert_eq!(v.required::<u8>("location", None), None);
        let error = v.finish().unwrap_err();
        assert_eq!((error.code, error.reason), (ErrorCode::InvalidArgument, "INVALID_ARGUMENT"));
        let fields: Vec<_> = error.violations.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["case_id", "area", "location"]);
        assert!(error.violations.iter().all(|f| !f.en.is_empty() && !f.zh.is_empty()));
        assert!(error.message_zh.contains("case_id, area, location"));
        assert!(Violations::new().finish().is_ok());
    }

    #[test]
    fn a_list_has_each_once_and_not_too_many() {
        let parsed = |texts: &[&str], max| {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            Violations::new().parse_each::<CaseId>("photos", &texts, max).map(|ids| ids.len())
        };
        let (a, b) = ("620821101203-a", "620821101203-b");
        assert_eq!(parsed(&[], 0), Some(0));
        assert_eq!(parsed(&[a, b], 2), Some(2));
        for wrong in [&[a, b][..], &[a, a], &[""], &["x"]] {
            assert_eq!(parsed(wrong, if wrong.contains(&b) { 1 } else { 5 }), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_text_is_counted_in_characters_and_hostile_ones_are_refused() {
        let ok = |text: &str, max| Violations::new().text("t", text, max);
        assert_eq!(ok("水管破裂", 4).as_deref(), Some("水管破裂"));
        assert_eq!(ok("水管破裂了", 4), None);
        assert_eq!(ok("一\r\n二\t三", 9).as_deref(), Some("一\n二\t三"));
        assert_eq!(ok("", 4).as_deref(), Some(""));
        for bad in [
            "\0",
            "a\u{7}",
            "a\r",
            "\u{1b}[2J",
            "\u{7f}",
            "\u{9b}",
            "\u{202e}cod",
            "\u{2066}x",
            "\u{2069}",
        ] {
            assert_eq!(ok(bad, 9), None, "{bad:?}");
        }
        let mut v = Violations::new();
        assert_eq!(v.required_text("t", " \n", 9), None);
        assert_eq!(v.finish().unwrap_err().violations[0].zh, "此项必填");
    }

    #[test]
    fn request_ids_have_their_form() {
        let ok = |text: &str| Violations::new().request_id(text).is_some();
        assert!(ok("0190b1d2-5a-AZ_.:"));
        assert!(ok(&"a".repeat(64)));
        for bad in ["", "a b", "编号", "a/b", &"a".repeat(65)] {
            assert!(!ok(bad), "{bad:?}");
        }
    }

    #[test]
    fn phones_are_read_as_people_write_them() {
        let of = |text: &str| Violations::new().phone("phone", text);
        assert_eq!(of(" 138-0013 8000").as_deref(), Some("13800138000"));
        assert_eq!(of("１３８００１３８０００").as_deref(), Some("13800138000"));
        assert_eq!(of("+86 138 0013 8000").as_deref(), Some("+8613800138000"));
        assert_eq!(of("（0933）3321234").as_deref(), Some("09333321234"));
        assert_eq!(of("010-12345678").as_deref(), Some("01012345678"));
        assert_eq!(of("3321234").as_deref(), Some("3321234"));
        assert_eq!(of("12345").as_deref(), Some("12345"));
        assert_eq!(of("+44 20 7946 0958").as_deref(), Some("+442079460958"));
        for bad in [
            "",
            "+",
            "123",
            "12800138000",
            "1380013800",
            "138001380001",
            "+0123456789",
            "13800138000x",
            "+86138",
            "１+38",
        ] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
