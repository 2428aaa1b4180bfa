//! Lots that follow from the seed and from what they are drawn for: so the player needs no memory, and
//! goes on after a restart as it would have gone on without.

use std::time::Duration;

use crate::{cli::Pace, simulate::random::Chance};

/// The chance that belongs to a thing, such as an order at one of its versions.
pub(super) fn of(seed: u64, thing: &str) -> Chance {
    // FNV-1a, as drafted by Fowler, Noll and Vo: enough to tell lots apart.
    let hash = thing.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Chance::new(seed ^ hash, 0)
}

/// How long somebody takes for a step.
pub(super) fn step(pace: Pace, chance: &mut Chance) -> Duration {
    scaled(pace, 5_000 + chance.below(55_000))
}

/// How long it is until the next report, at this hour of the day (0 to 23).
pub(super) fn until_next_report(pace: Pace, hour: u8, chance: &mut Chance) -> Duration {
    let usual = 6_000 + chance.below(9_000);
    scaled(
        pace,
        match hour {
            8..=11 | 15..=18 => usual,
            7 | 12..=14 | 19..=21 => usual * 3 / 2,
            _ => usual * 2,
        },
    )
}

/// How long the player rests between two looks at what awaits somebody.
pub(super) fn between_looks(pace: Pace) -> Duration {
    scaled(pace, 2_000).max(Duration::from_millis(200))
}

fn scaled(pace: Pace, millis: usize) -> Duration {
    let millis = match pace {
        Pace::Human => millis,
        Pace::Brisk => millis / 50,
    };
    Duration::from_millis(millis as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_the_same_for_the_same_thing_only() {
        let drawn = |seed, thing| (0..8).map(|_| of(seed, thing).next()).next();
        assert_eq!(drawn(7, "order 1"), drawn(7, "order 1"));
        assert_ne!(drawn(7, "order 1"), drawn(7, "order 2"));
        assert_ne!(drawn(7, "order 1"), drawn(8, "order 1"));
    }

    #[test]
    fn people_take_five_seconds_to_a_minute_and_days_are_denser_than_nights() {
        for number in 0..200 {
            let mut chance = of(7, &number.to_string());
            let took = step(Pace::Human, &mut chance);
            assert!((5..60).contains(&took.as_secs()), "{took:?}");
            let again =
                |hour| until_next_report(Pace::Human, hour, &mut of(7, &number.to_string()));
            assert!(again(9) < again(13) && again(13) < again(3));
            assert!((6..15).contains(&again(9).as_secs()));
        }
        assert!(step(Pace::Brisk, &mut of(7, "x")) < Duration::from_millis(1_200));
    }
}
