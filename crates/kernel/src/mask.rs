//! Masking: what may name a person in a text that somebody typed, for those who need not see it. Phones,
//! numbers of identity cards and of bank cards, and licence plates become `*`; everything else stays.
//!
//! It finds what people write by habit. It is no defence against somebody who hides a number on purpose.

mod plate;

/// A text with the phones, identity and bank card numbers, and plates in it masked. Never longer than the
/// text, and masking twice is masking once. A phone keeps its first three digits.
pub fn text(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    plate::mask(&mut chars);
    for run in runs(&chars) {
        mask_run(&mut chars, &run);
    }
    chars.into_iter().collect()
}

/// A phone number with four digits masked: `138****0000`. Of a short one less is left.
pub fn phone(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    let (from, until) = match chars.len() {
        0..=4 => (0, chars.len()),
        5..=8 => (2, chars.len()),
        long => (long - 8, long - 4),
    };
    let masked = |(place, c): (usize, &char)| if (from..until).contains(&place) { '*' } else { *c };
    chars.iter().enumerate().map(masked).collect()
}

/// A name with all but its first character masked: `王**`.
pub fn name(name: &str) -> String {
    name.chars().enumerate().map(|(place, c)| if place == 0 { c } else { '*' }).collect()
}

/// The value of an Arabic digit, also in full width.
pub(crate) fn arabic(c: char) -> Option<u8> {
    match c {
        '0'..='9' => u8::try_from(u32::from(c) - u32::from('0')).ok(),
        '０'..='９' => u8::try_from(u32::from(c) - u32::from('０')).ok(),
        _ => None,
    }
}

/// The value of a Chinese numeral as it is read out in a phone number.
fn chinese(c: char) -> Option<u8> {
    let value = match c {
        '〇' | '零' | '○' => 0,
        '一' | '幺' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    };
    Some(value)
}

/// What people put between the digits of a number.
pub(crate) fn separates(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}'
            | '\u{3000}'
            | '-'
            | '－'
            | '‐'
            | '‑'
            | '–'
            | '—'
            | '_'
            | '·'
            | '('
            | ')'
            | '（'
            | '）'
    )
}

/// Whether these digits are the beginning of a mainland mobile number.
pub(crate) fn begins_mobile(digits: &[u8]) -> bool {
    matches!(digits, [b'1', b'3'..=b'9', ..])
}

/// How many separators may stand between two digits of a number.
const GAP: usize = 3;

/// Digits of one script that may belong together: where they are, and their values as ASCII.
#[derive(Default)]
struct Run {
    places: Vec<usize>,
    digits: Vec<u8>,
}

impl Run {
    /// Whether a number may begin here, or have ended just before.
    fn is_edge(&self, at: usize) -> bool {
        match (at.checked_sub(1).and_then(|before| self.places.get(before)), self.places.get(at)) {
            (Some(before), Some(here)) => before + 1 < *here,
            (None, _) | (_, None) => true,
        }
    }

    /// Whether digits follow each other without a separator.
    fn is_tight(&self, from: usize, until: usize) -> bool {
        (from + 1..until).all(|at| !self.is_edge(at))
    }
}

fn runs(chars: &[char]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last: Option<(usize, bool)> = None;
    for (place, c) in chars.iter().enumerate() {
        let (digit, script) = match (arabic(*c), chinese(*c)) {
            (Some(digit), _) => (digit, true),
            (None, Some(digit)) => (digit, false),
            (None, None) => continue,
        };
        let joins = last.is_some_and(|(before, same)| {
            let between = &chars[before + 1..place];
            same == script && between.len() <= GAP && between.iter().all(|c| separates(*c))
        });
        if !joins {
            runs.push(Run::default());
        }
        if let Some(run) = runs.last_mut() {
            run.places.push(place);
            run.digits.push(b'0' + digit);
        }
        last = Some((place, script));
    }
    runs
}

fn mask_run(chars: &mut [char], run: &Run) {
    let mut at = 0;
    while at < run.digits.len() {
        let found = run.is_edge(at).then(|| number(chars, run, at)).flatten();
        let Some(Number { digits, kept }) = found else {
            at += 1;
            continue;
        };
        for place in &run.places[at + kept..at + digits] {
            chars[*place] = '*';
        }
        at += digits;
    }
}

/// A number that may name somebody: how many digits it has, and how many of them stay.
struct Number {
    digits: usize,
    kept: usize,
}

/// The number that begins at a digit of a run, if it is one of those that are masked.
fn number(chars: &[char], run: &Run, at: usize) -> Option<Number> {
    let rest = &run.digits[at..];
    let ends = |digits: usize| {
        rest.len() >= digits
            && run.is_edge(at + digits)
            && !is_masked_after(chars, run, at + digits)
    };
    let tight = |digits: usize| run.is_tight(at, at + digits);
    // The last sign of an identity card may be an X, which is no digit and says nothing by itself.
    let card_with_x = rest.len() == 17 && followed_by_x(chars, run) && is_birthday(&rest[6..14]);
    if card_with_x || (ends(18) && is_birthday(&rest[6..14])) {
        return Some(Number { digits: rest.len().min(18), kept: 0 });
    }
    for digits in (16..=19).rev() {
        let fours = |until: usize| {
            (at + 1..until).all(|place| (place - at).is_multiple_of(4) == run.is_edge(place))
        };
        if ends(digits) && (tight(digits) || fours(at + digits)) {
            return Some(Number { digits, kept: 0 });
        }
    }
    // The cards of before 2013. A grid's code has as many digits; nobody's year of birth is where a
    // township's number begins.
    if ends(15) && tight(15) && rest[6] >= b'4' && is_month_and_day(&rest[8..12]) {
        return Some(Number { digits: 15, kept: 0 });
    }
    for (prefix, digits) in [(&b"0086"[..], 15), (b"86", 13), (b"", 11)] {
        let mobile = rest.strip_prefix(prefix).is_some_and(begins_mobile);
        if mobile && ends(digits) {
            return Some(Number { digits, kept: prefix.len() + 3 });
        }
    }
    let landline = (10..=12).rev().find(|digits| rest[0] == b'0' && ends(*digits));
    landline.map(|digits| Number { digits, kept: 3 })
}

/// Whether what follows was masked before: then this is what was left of a number.
fn is_masked_after(chars: &[char], run: &Run, end: usize) -> bool {
    let Some(last) = end.checked_sub(1).and_then(|last| run.places.get(last)) else { return false };
    chars[last + 1..].iter().find(|c| !separates(**c)) == Some(&'*')
}

fn followed_by_x(chars: &[char], run: &Run) -> bool {
    let next = run.places.last().and_then(|last| chars.get(last + 1));
    next.is_some_and(|c| matches!(c, 'X' | 'x' | 'Ｘ' | 'ｘ'))
}

/// Whether eight digits are a day on which somebody may have been born.
fn is_birthday(digits: &[u8]) -> bool {
    matches!(digits, [b'1', b'8' | b'9', ..] | [b'2', b'0', ..]) && is_month_and_day(&digits[4..])
}

fn is_month_and_day(digits: &[u8]) -> bool {
    let two = |at: usize| (digits[at] - b'0') * 10 + (digits[at + 1] - b'0');
    digits.len() >= 4 && (1..=12).contains(&two(0)) && (1..=31).contains(&two(2))
}

#[cfg(test)]
mod tests;
