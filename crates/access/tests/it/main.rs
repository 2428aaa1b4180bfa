//! Access through its gRPC interface, on a real nats-server and on both databases.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod issuer;
#[cfg(test)]
mod names;
#[cfg(test)]
mod organisations;
#[cfg(test)]
mod people;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod residents;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod service_tokens;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod single_sign_on;
#[cfg(test)]
mod staff;
#[cfg(test)]
mod substitutions;
#[cfg(test)]
mod world;

use testkit::Db;

/// Runs a test on each database.
macro_rules! on_both_databases {
    ($($room:ident::$test:ident as $sqlite:ident, $postgres:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $sqlite() {
            $room::$test(world::World::new(Db::Sqlite).await).await;
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $postgres() {
            $room::$test(world::World::new(Db::Postgres).await).await;
        }
    )*};
}

on_both_databases! {
    single_sign_on::without_an_issuer_there_is_none as without_an_issuer_there_is_none_on_sqlite, without_an_issuer_there_is_none_on_postgres;
    accounts::a_person_enrols_and_signs_in as a_person_enrols_and_signs_in_on_sqlite, a_person_enrols_and_signs_in_on_postgres;
    accounts::wrong_tries_lock_and_nobody_learns_why as wrong_tries_lock_and_nobody_learns_why_on_sqlite, wrong_tries_lock_and_nobody_learns_why_on_postgres;
    accounts::an_enrolment_is_for_one_link_and_one_login as an_enrolment_is_for_one_link_and_one_login_on_sqlite, an_enrolment_is_for_one_link_and_one_login_on_postgres;
    accounts::an_account_is_closed_and_set_up_anew as an_account_is_closed_and_set_up_anew_on_sqlite, an_account_is_closed_and_set_up_anew_on_postgres;
    accounts::no_secret_is_in_the_log as no_secret_is_in_the_log_on_sqlite, no_secret_is_in_the_log_on_postgres;
    credentials::a_person_changes_what_is_their_own as a_person_changes_what_is_their_own_on_sqlite, a_person_changes_what_is_their_own_on_postgres;
    sessions::a_session_is_renewed_until_its_end as a_session_is_renewed_until_its_end_on_sqlite, a_session_is_renewed_until_its_end_on_postgres;
    sessions::sessions_are_ended_by_whom_they_concern as sessions_are_ended_by_whom_they_concern_on_sqlite, sessions_are_ended_by_whom_they_concern_on_postgres;
    sessions::a_person_goes_on_in_another_role as a_person_goes_on_in_another_role_on_sqlite, a_person_goes_on_in_another_role_on_postgres;
    substitutions::a_substitute_signs_in_for_the_term as a_substitute_signs_in_for_the_term_on_sqlite, a_substitute_signs_in_for_the_term_on_postgres;
    substitutions::who_may_not_stand_in_does_not as who_may_not_stand_in_does_not_on_sqlite, who_may_not_stand_in_does_not_on_postgres;
    people::a_persons_career as a_persons_career_on_sqlite, a_persons_career_on_postgres;
    people::who_covers_less_gives_no_more as who_covers_less_gives_no_more_on_sqlite, who_covers_less_gives_no_more_on_postgres;
    people::names_stay_in_the_vault as names_stay_in_the_vault_on_sqlite, names_stay_in_the_vault_on_postgres;
    organisations::an_organisation_opens_and_closes as an_organisation_opens_and_closes_on_sqlite, an_organisation_opens_and_closes_on_postgres;
    organisations::pages_are_stable_within_a_scope as pages_are_stable_within_a_scope_on_sqlite, pages_are_stable_within_a_scope_on_postgres;
    organisations::a_rebuilt_table_says_the_same as a_rebuilt_table_says_the_same_on_sqlite, a_rebuilt_table_says_the_same_on_postgres;
    people::nobody_gives_themselves_a_role as nobody_gives_themselves_a_role_on_sqlite, nobody_gives_themselves_a_role_on_postgres;
    audit::reads_and_refusals_are_in_the_trail as reads_and_refusals_are_in_the_trail_on_sqlite, reads_and_refusals_are_in_the_trail_on_postgres;
    audit::the_trail_is_for_its_administrator as the_trail_is_for_its_administrator_on_sqlite, the_trail_is_for_its_administrator_on_postgres;
    audit::where_no_trail_is_nobody_reads as where_no_trail_is_nobody_reads_on_sqlite, where_no_trail_is_nobody_reads_on_postgres;
    audit::a_file_shows_what_was_changed_in_it as a_file_shows_what_was_changed_in_it_on_sqlite, a_file_shows_what_was_changed_in_it_on_postgres;
    revocation::a_role_that_is_taken_takes_its_tokens as a_role_that_is_taken_takes_its_tokens_on_sqlite, a_role_that_is_taken_takes_its_tokens_on_postgres;
    revocation::no_token_outlives_its_term as no_token_outlives_its_term_on_sqlite, no_token_outlives_its_term_on_postgres;
    service_tokens::a_token_is_replaced_without_a_gap as a_token_is_replaced_without_a_gap_on_sqlite, a_token_is_replaced_without_a_gap_on_postgres;
    service_tokens::a_token_is_for_its_methods_and_division as a_token_is_for_its_methods_and_division_on_sqlite, a_token_is_for_its_methods_and_division_on_postgres;
    sign_in::a_link_signs_in_once as a_link_signs_in_once_on_sqlite, a_link_signs_in_once_on_postgres;
    sign_in::a_link_is_made_by_who_covers_it as a_link_is_made_by_who_covers_it_on_sqlite, a_link_is_made_by_who_covers_it_on_postgres;
    sign_in::wrong_links_are_refused as wrong_links_are_refused_on_sqlite, wrong_links_are_refused_on_postgres;
    sign_in::two_at_once_are_one as two_at_once_are_one_on_sqlite, two_at_once_are_one_on_postgres;
    sign_in::another_replica_takes_no_used_link as another_replica_takes_no_used_link_on_sqlite, another_replica_takes_no_used_link_on_postgres;
    residents::anybody_becomes_a_resident as anybody_becomes_a_resident_on_sqlite, anybody_becomes_a_resident_on_postgres;
    names::colleagues_know_each_others_names as colleagues_know_each_others_names_on_sqlite, colleagues_know_each_others_names_on_postgres;
    privacy::what_a_person_left_is_erased_when_their_case_is_over as what_a_person_left_is_erased_when_their_case_is_over_on_sqlite, what_a_person_left_is_erased_when_their_case_is_over_on_postgres;
    privacy::who_is_erased_is_signed_out_and_has_no_account as who_is_erased_is_signed_out_and_has_no_account_on_sqlite, who_is_erased_is_signed_out_and_has_no_account_on_postgres;
    privacy::who_was_erased_stays_so_when_a_copy_of_the_vault_is_put_back as who_was_erased_stays_so_when_a_copy_of_the_vault_is_put_back_on_sqlite, who_was_erased_stays_so_when_a_copy_of_the_vault_is_put_back_on_postgres;
    privacy::what_is_restricted_is_read_by_its_person_alone as what_is_restricted_is_read_by_its_person_alone_on_sqlite, what_is_restricted_is_read_by_its_person_alone_on_postgres;
    privacy::a_cases_texts_are_kept_for_their_time as a_cases_texts_are_kept_for_their_time_on_sqlite, a_cases_texts_are_kept_for_their_time_on_postgres;
    hostile::every_command_names_its_wrong_fields as every_command_names_its_wrong_fields_on_sqlite, every_command_names_its_wrong_fields_on_postgres;
    hostile::a_request_id_is_one_request as a_request_id_is_one_request_on_sqlite, a_request_id_is_one_request_on_postgres;
}
