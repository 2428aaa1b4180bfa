//! How many disputes were entered and settled (化解率). Pure.

use contracts::dispatch::mediation::{DisputeLevel, MediationKind};

/// The mediations of one kind and level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Who mediated; none in the total.
    pub kind: Option<MediationKind>,
    /// How the disputes were assessed; none where they were not, and in the total.
    pub level: Option<DisputeLevel>,
    /// How many were entered.
    pub entered: u64,
    /// How many of them are settled.
    pub settled: u64,
}

impl Figure {
    /// Settled of entered, in hundredths of a per cent, the nearest; 0 where none was entered.
    pub fn settled_rate(&self) -> u32 {
        let (settled, entered) = (u128::from(self.settled), u128::from(self.entered));
        if entered == 0 {
            return 0;
        }
        u32::try_from((settled * 20_000 + entered) / (entered * 2)).unwrap_or(u32::MAX)
    }
}

/// All of them together.
pub fn total(figures: &[Figure]) -> Figure {
    let sum = |of: fn(&Figure) -> u64| figures.iter().map(of).sum();
    Figure {
        kind: None,
        level: None,
        entered: sum(|figure| figure.entered),
        settled: sum(|figure| figure.settled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(entered: u64, settled: u64) -> Figure {
        Figure { kind: None, level: None, entered, settled }
    }

    #[test]
    fn of_5100_entered_3795_settled_are_74_41_per_cent() {
        assert_eq!(figure(5_100, 3_795).settled_rate(), 7_441);
    }

    #[test]
    fn the_rate_is_the_nearest_and_between_nothing_and_all() {
        assert_eq!(figure(0, 0).settled_rate(), 0);
        for entered in 1..200_u64 {
            let rates: Vec<u32> =
                (0..=entered).map(|settled| figure(entered, settled).settled_rate()).collect();
            assert!(rates.is_sorted(), "more settled is no lower rate");
            assert_eq!((rates[0], rates[rates.len() - 1]), (0, 10_000));
            for (settled, rate) in (0..).zip(&rates) {
                // Off by at most half a hundredth of a per cent.
                let off = (u64::from(*rate) * entered).abs_diff(10_000 * settled);
                assert!(off * 2 <= entered, "{settled} of {entered}");
            }
        }
    }

    #[test]
    fn the_total_is_the_sum_of_its_parts() {
        let parts = [figure(3, 1), figure(5, 5), figure(0, 0)];
        assert_eq!(total(&parts), figure(8, 6));
    }
}
