//! Licence plates: a province, a letter, and five signs, six for new-energy vehicles (GA 36-2018).

use super::separates;

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// Masks the plates in a text; the province and its letter stay.
pub(super) fn mask(chars: &mut [char]) {
    let mut at = 0;
    while at < chars.len() {
        match signs_of(chars, at) {
            Some((from, until)) => {
                for c in &mut chars[from..until] {
                    *c = '*';
                }
                at = until;
            }
            None => at += 1,
        }
    }
}

/// Where the signs of a plate are that begins here.
fn signs_of(chars: &[char], at: usize) -> Option<(usize, usize)> {
    let province = PROVINCES.contains(*chars.get(at)?);
    if !province || !is_letter(*chars.get(at + 1)?) {
        return None;
    }
    let gap = chars.get(at + 2).is_some_and(|c| separates(*c) || *c == '•');
    let from = at + 2 + usize::from(gap);
    let many = chars[from.min(chars.len())..].iter().take_while(|c| is_sign(**c)).count();
    let signs = &chars[from..from + many];
    let five = (5..=6).contains(&many) && signs.iter().any(|c| super::arabic(*c).is_some());
    // 挂, 学, 警, 港 and 澳 are the last sign of some.
    let last = many == 4 && chars.get(from + 4).is_some_and(|c| "挂学警港澳".contains(*c));
    (five || last).then_some((from, from + many))
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

fn is_sign(c: char) -> bool {
    is_letter(c) || super::arabic(c).is_some()
}
