//! What a row held in columns of scopes before it went on to somebody else, and at which sequence it
//! did: so whoever lost it can be told, also who was away, and where it went on twice meanwhile.
//! Written as `<values>@<sequence>`, the last first, with a space between.

/// How many are kept: enough for whoever was away for a while.
const KEPT: usize = 8;

/// Adds what a row held until this sequence. The values have neither spaces nor `@`: codes and ids.
pub(super) fn keep(lost: &mut String, held: &str, sequence: i64) {
    let mut kept = format!("{held}@{sequence}");
    for older in lost.split_whitespace().take(KEPT - 1) {
        kept.push(' ');
        kept.push_str(older);
    }
    *lost = kept;
}

/// What the row held and lost after a sequence, the last first.
pub(super) fn after(lost: &str, sequence: u64) -> impl Iterator<Item = &str> {
    lost.split_whitespace().filter_map(move |written| {
        let (held, at) = written.split_once('@')?;
        at.parse().is_ok_and(|at: u64| at > sequence).then_some(held)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_later_is_told_and_only_so_much_is_kept() {
        let mut lost = String::new();
        for sequence in 1..=20 {
            keep(&mut lost, &format!("o{sequence},"), sequence);
        }
        assert_eq!(after(&lost, 18).collect::<Vec<_>>(), ["o20,", "o19,"]);
        assert_eq!(after(&lost, 0).count(), KEPT);
        assert_eq!(after("", 0).count(), 0);
    }
}
