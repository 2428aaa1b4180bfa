//! Phone numbers in one form: E.164 (ITU-T), so that one number is found however it was written.

/// A number as `+` and its country code with all that follows, for a text with the digits of a mainland
/// mobile, a landline with its area code, or `+` and an international number; separators are passed over.
/// None for a number that says nothing without a place: a service number, a landline without area code.
pub fn e164(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '+' if digits.is_empty() => digits.push('+'),
            _ => {
                if let Some(digit) = crate::mask::arabic(c) {
                    digits.push(char::from(b'0' + digit));
                } else if !crate::mask::separates(c) {
                    return None;
                }
            }
        }
    }
    let national = match digits.strip_prefix('+') {
        Some(abroad) if !abroad.starts_with("86") => {
            let good = (7..=15).contains(&abroad.len()) && !abroad.starts_with('0');
            return good.then_some(digits);
        }
        Some(home) => &home[2..],
        None => digits.strip_prefix("0086").unwrap_or(&digits),
    };
    let mobile = national.len() == 11 && crate::mask::begins_mobile(national.as_bytes());
    let landline = match national.strip_prefix('0') {
        Some(rest) => (9..=11).contains(&rest.len()).then_some(rest),
        // With the country's code the area's comes without its 0.
        None => (digits.starts_with('+') && (9..=11).contains(&national.len())).then_some(national),
    };
    if mobile {
        return Some(format!("+86{national}"));
    }
    landline.map(|number| format!("+86{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_form() {
        for written in [
            "13800138000",
            "138 0013 8000",
            "+86 138-0013-8000",
            "0086138 00138000",
            "１３８00138000",
        ] {
            assert_eq!(e164(written).unwrap(), "+8613800138000", "{written}");
        }
        assert_eq!(e164("0933-3321234").unwrap(), "+869333321234");
        assert_eq!(e164("+86 933 3321234").unwrap(), "+869333321234");
        assert_eq!(e164("+1 202 555 0123").unwrap(), "+12025550123");
    }

    #[test]
    fn what_needs_a_place_or_is_no_number_has_none() {
        for written in ["", "+", "12345", "3321234", "no phone", "1380013800", "+0123456789", "13x"]
        {
            assert_eq!(e164(written), None, "{written}");
        }
    }
}
