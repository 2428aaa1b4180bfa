//! Passwords that are tried first. Only what has the length that is asked for matters, so it is the
//! well-known short ones with figures behind them, and long runs of keys.

/// What the commonest passwords are made of, in lower case.
const STEMS: [&str; 44] = [
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "admin",
    "administrator",
    "adminadmin",
    "root",
    "rootroot",
    "welcome",
    "letmein",
    "iloveyou",
    "woaini",
    "woaiwojia",
    "changeme",
    "default",
    "qwerty",
    "qwertyuiop",
    "qwertyuiopasdf",
    "asdfghjkl",
    "asdfghjkl;'",
    "zxcvbnm",
    "qazwsx",
    "qazwsxedc",
    "qazwsxedcrfv",
    "1qaz2wsx",
    "1qaz2wsx3edc",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "abc",
    "abcd",
    "abcdefg",
    "abcdefgh",
    "abcdefghijkl",
    "aa",
    "a",
    "test",
    "user",
    "guest",
    "system",
    "weft",
    "weftweft",
    "zhongguo",
    "beijing",
];

/// Whether a password is a known one with figures and signs behind it, or made of very few keys.
pub(super) fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit() || "!@#$%.*_-".contains(c));
    let mut keys: Vec<char> = lower.chars().collect();
    let runs =
        keys.windows(2).filter(|pair| (pair[0] as u32).abs_diff(pair[1] as u32) <= 1).count();
    let length = keys.len();
    keys.sort_unstable();
    keys.dedup();
    stem.is_empty() || STEMS.contains(&stem) || keys.len() <= 4 || runs + 3 >= length
}

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn what_is_tried_first_is_known() {
        for common in [
            "202611220000",
            "admin@123456",
            "woaini1314520",
            "abcabcabcabc",
            "abcdefghijklm",
            "1qaz2wsx3edc!",
        ] {
            assert!(is_common(common), "{common}");
        }
        for other in
            ["correct horse battery", "wp7-rain-over-the-loess", "泾河水长流不息二十六年春"]
        {
            assert!(!is_common(other), "{other}");
        }
    }
}
