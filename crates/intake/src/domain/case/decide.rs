//! The rules: for each command, what it does in each state.

mod acceptance;
mod ending;
mod handling;
mod joining;
mod moving;
mod reporting;

use super::{Command, Decision, State};

pub(super) fn decide(state: &State, command: Command) -> Decision {
    use Command as C;
    match command {
        C::ReportCase(report) => reporting::report(state, *report),
        C::ReportSuccessor(report, joined) => reporting::successor(state, *report, joined),
        C::ReportHandled(report, handled) => reporting::handled(state, *report, handled),
        C::AcceptCase(command) => acceptance::accept(state, command),
        C::RefuseCase { at, by, reason, explanation } => {
            acceptance::refuse(state, at, by, reason, explanation)
        }
        C::RequestInformation { at, by, question, window_ms } => {
            acceptance::ask(state, at, by, &question, window_ms)
        }
        C::AddInformation { at, by, text, photos } => {
            acceptance::add_information(state, at, by, text, photos)
        }
        C::LapseCase { at } => acceptance::lapse(state, at),
        C::AnswerCase { at, by, answer } => acceptance::answer(state, at, by, answer),
        C::JoinCase(command) => joining::join(state, command),
        C::MergeCase(command) => joining::merge(state, command),
        C::UnmergeCase { at, by, reason } => joining::unmerge(state, at, by, reason),
        C::FollowPrimary { at, outcome } => joining::follow(state, at, outcome),
        C::TransferCase(command) => moving::transfer(state, command),
        C::WithdrawCase { at, by, tracking, reason } => {
            moving::withdraw(state, at, by, tracking, reason)
        }
        C::SetConfidential { at, by, confidential } => {
            moving::set_confidential(state, at, by, confidential)
        }
        C::HandleOnSite(command) => handling::handle_on_site(state, command),
        C::ConfirmSpotCheck { at, by, found_true, note } => {
            handling::confirm_spot_check(state, at, by, found_true, note)
        }
        C::ResolveCase { at, work_order, found_true } => {
            handling::resolve(state, at, work_order, found_true)
        }
        C::CountAlarm { at, count } => handling::count_alarm(state, at, count),
        C::RateCase(command) => ending::rate(state, command),
        C::CallBack(command) => ending::call_back(state, command),
        C::ReopenCase(command) => ending::reopen(state, command),
        C::ArchiveCase { at, rating_window_ms } => ending::archive(state, at, rating_window_ms),
    }
}
