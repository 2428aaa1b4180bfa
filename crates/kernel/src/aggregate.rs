//! The decider: a pure function from state and command to events, and a fold of events to state.
//!
//! The shape follows Chassaing's decider and Equinox's "Aggregate Module": deciding knows no clock,
//! no service and no store. Time, ids and looked-up facts arrive inside the command.

/// One kind of aggregate: a consistency boundary whose history is one exact subject of the log.
pub trait Aggregate: Send + Sync + 'static {
    /// The aggregate's token in its subject, such as `work_order`.
    const CATEGORY: &'static str;
    /// What the history folds to. `Default` is the state before the first event.
    type State: Default + Clone + Send + Sync + 'static;
    /// What may be asked of it.
    type Command: Send + 'static;
    /// What may have happened to it.
    type Event: Clone + Send + Sync + 'static;
    /// Why a command is refused: carries data, and a stable reason.
    type Rejection: Rejection;

    /// Decides. An empty list means "already so"; `Err` means "refused"; never both.
    fn decide(
        state: &Self::State,
        command: Self::Command,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Applies one event. Total: an event that was accepted once can always be applied.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;
}

/// Folds a history into a state.
pub fn fold<'a, A: Aggregate>(
    state: A::State,
    events: impl IntoIterator<Item = &'a A::Event>,
) -> A::State {
    events.into_iter().fold(state, A::evolve)
}

/// Why a command is refused, as callers and people need it.
pub trait Rejection: std::error::Error + Send + Sync + 'static {
    /// The stable reason, in UPPER_SNAKE_CASE: what programs compare.
    fn reason(&self) -> &'static str;

    /// What to do, in Chinese; `Display` says it in English.
    fn message_zh(&self) -> String;

    /// Whether it is refused because of who asks: then the caller lacks permission, and waiting or
    /// another state would not help.
    fn concerns_caller(&self) -> bool {
        false
    }
}
