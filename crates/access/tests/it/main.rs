//! Access through its gRPC interface, on a real nats-server and on both databases.

#[cfg(test)]
mod hostile;
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
mod sign_in;
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
    people::a_persons_career as a_persons_career_on_sqlite, a_persons_career_on_postgres;
    people::who_covers_less_gives_no_more as who_covers_less_gives_no_more_on_sqlite, who_covers_less_gives_no_more_on_postgres;
    people::names_stay_in_the_vault as names_stay_in_the_vault_on_sqlite, names_stay_in_the_vault_on_postgres;
    organisations::an_organisation_opens_and_closes as an_organisation_opens_and_closes_on_sqlite, an_organisation_opens_and_closes_on_postgres;
    organisations::pages_are_stable_within_a_scope as pages_are_stable_within_a_scope_on_sqlite, pages_are_stable_within_a_scope_on_postgres;
    organisations::a_rebuilt_table_says_the_same as a_rebuilt_table_says_the_same_on_sqlite, a_rebuilt_table_says_the_same_on_postgres;
    sign_in::a_link_signs_in_once as a_link_signs_in_once_on_sqlite, a_link_signs_in_once_on_postgres;
    sign_in::a_link_is_made_by_who_covers_it as a_link_is_made_by_who_covers_it_on_sqlite, a_link_is_made_by_who_covers_it_on_postgres;
    sign_in::wrong_links_are_refused as wrong_links_are_refused_on_sqlite, wrong_links_are_refused_on_postgres;
    sign_in::two_at_once_are_one as two_at_once_are_one_on_sqlite, two_at_once_are_one_on_postgres;
    sign_in::another_replica_takes_no_used_link as another_replica_takes_no_used_link_on_sqlite, another_replica_takes_no_used_link_on_postgres;
    residents::anybody_becomes_a_resident as anybody_becomes_a_resident_on_sqlite, anybody_becomes_a_resident_on_postgres;
    names::colleagues_know_each_others_names as colleagues_know_each_others_names_on_sqlite, colleagues_know_each_others_names_on_postgres;
    privacy::what_a_person_left_is_erased_when_their_case_is_over as what_a_person_left_is_erased_when_their_case_is_over_on_sqlite, what_a_person_left_is_erased_when_their_case_is_over_on_postgres;
    privacy::who_was_erased_stays_so_when_a_copy_of_the_vault_is_put_back as who_was_erased_stays_so_when_a_copy_of_the_vault_is_put_back_on_sqlite, who_was_erased_stays_so_when_a_copy_of_the_vault_is_put_back_on_postgres;
    privacy::what_is_restricted_is_read_by_its_person_alone as what_is_restricted_is_read_by_its_person_alone_on_sqlite, what_is_restricted_is_read_by_its_person_alone_on_postgres;
    privacy::a_cases_texts_are_kept_for_their_time as a_cases_texts_are_kept_for_their_time_on_sqlite, a_cases_texts_are_kept_for_their_time_on_postgres;
    hostile::every_command_names_its_wrong_fields as every_command_names_its_wrong_fields_on_sqlite, every_command_names_its_wrong_fields_on_postgres;
    hostile::a_request_id_is_one_request as a_request_id_is_one_request_on_sqlite, a_request_id_is_one_request_on_postgres;
}
