//! What holds of every aggregate, checked with random sequences of sample commands. The seed is
//! fixed, so that a failure comes again.

use kernel::{Aggregate, Rejection as _, StoredEvent, aggregate::fold};

/// How many sequences are tried.
const SEQUENCES: usize = 300;

/// The most commands of one sequence.
const LONGEST: u64 = 24;

/// A command that was accepted and is decided again, against what it led to, writes nothing: it is
/// already so, or it is refused. Leave out of the sample what is meant to be repeated.
pub fn deciding_twice_changes_nothing<A: Aggregate>(commands: &[A::Command])
where
    A::Command: Clone,
    A::Event: StoredEvent,
{
    each_sequence(commands.len(), |sequence| {
        let mut state = A::State::default();
        for &place in sequence {
            let Ok(events) = A::decide(&state, commands[place].clone()) else { continue };
            state = fold::<A>(state, &events);
            let again = A::decide(&state, commands[place].clone()).unwrap_or_default();
            assert!(
                again.is_empty(),
                "sample command {place}, decided again after {sequence:?}, writes {} again: let an \
                 accepted command find that it is already so",
                again[0].ce_type(),
            );
        }
    });
}

/// Folding a history as the log gives it back, at once or in two parts, leads to the same state as
/// applying each event when it was decided. States are the same when they answer every sample
/// command alike.
pub fn folding_equals_one_by_one<A: Aggregate>(commands: &[A::Command])
where
    A::Command: Clone,
    A::Event: StoredEvent,
{
    each_sequence(commands.len(), |sequence| {
        let (state, history) = play::<A>(commands, sequence);
        let expected = answers::<A>(&state, commands);
        let stored: Vec<A::Event> = history.iter().map(stored_and_read).collect();
        for cut in [0, stored.len() / 2] {
            let (before, after) = stored.split_at(cut);
            let folded = fold::<A>(fold::<A>(A::State::default(), before), after);
            assert_eq!(
                answers::<A>(&folded, commands),
                expected,
                "the history of {sequence:?}, folded from the log, answers otherwise: let the events \
                 carry all that the state needs"
            );
        }
    });
}

/// No accepted history panics, and no event panics on a state that it was not decided on.
pub fn accepted_histories_never_panic<A: Aggregate>(commands: &[A::Command])
where
    A::Command: Clone,
{
    let mut known: Vec<A::Event> = Vec::new();
    each_sequence(commands.len(), |sequence| {
        let (state, history) = play::<A>(commands, sequence);
        // Total: whatever was accepted once can be applied anywhere.
        let strange = fold::<A>(state, &known);
        for command in commands {
            let _whatever = A::decide(&strange, command.clone());
        }
        known.extend(history);
        known.truncate(64);
    });
}

/// The state after a sequence, and the events that were accepted.
fn play<A: Aggregate>(commands: &[A::Command], sequence: &[usize]) -> (A::State, Vec<A::Event>)
where
    A::Command: Clone,
{
    let mut state = A::State::default();
    let mut history = Vec::new();
    for &place in sequence {
        let events = A::decide(&state, commands[place].clone()).unwrap_or_default();
        state = fold::<A>(state, &events);
        history.extend(events);
    }
    (state, history)
}

/// The type and payload of each event, or the reason and its words.
type Answer = Result<Vec<(String, String)>, (&'static str, String)>;

/// What a state answers to every sample command: the events as they would be stored, or the reason.
fn answers<A: Aggregate>(state: &A::State, commands: &[A::Command]) -> Vec<Answer>
where
    A::Command: Clone,
    A::Event: StoredEvent,
{
    let written = |event: &A::Event| {
        let payload = String::from_utf8_lossy(&event.encode()).into_owned();
        (event.ce_type().to_owned(), payload)
    };
    commands
        .iter()
        .map(|command| match A::decide(state, command.clone()) {
            Ok(events) => Ok(events.iter().map(written).collect()),
            Err(rejection) => Err((rejection.reason(), rejection.to_string())),
        })
        .collect()
}

fn stored_and_read<E: StoredEvent>(event: &E) -> E {
    E::decode(event.ce_type(), &event.encode()).expect("what was encoded can be decoded")
}

/// Random sequences of places in a sample of so many commands; the first few run through it in
/// order, which is how samples tend to be written.
fn each_sequence(commands: usize, mut check: impl FnMut(&[usize])) {
    assert!(commands > 0, "give at least one sample command");
    let in_order: Vec<usize> = (0..commands).collect();
    check(&in_order);
    let mut random = SplitMix(0x5eed_0f3e_f7ae_5eed);
    for _ in 0..SEQUENCES {
        let length = 1 + random.below(LONGEST);
        let sequence: Vec<usize> = (0..length)
            .map(|_| usize::try_from(random.below(commands as u64)).unwrap_or_default())
            .collect();
        check(&sequence);
    }
}

/// Steele, Lea and Flood's SplitMix64: enough for choosing samples.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[cfg(test)]
#[path = "properties_tests.rs"]
mod tests;
