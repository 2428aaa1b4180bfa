//! Grid through its gRPC interface, on a real nats-server and on both databases.

#[cfg(test)]
mod divisions;
#[cfg(test)]
mod drawing;
#[cfg(test)]
mod grids;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod names;
#[cfg(test)]
mod places;
#[cfg(test)]
mod rosters;
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
    divisions::a_county_is_imported_once as a_county_is_imported_once_on_sqlite, a_county_is_imported_once_on_postgres;
    divisions::an_import_that_broke_off_goes_on as an_import_that_broke_off_goes_on_on_sqlite, an_import_that_broke_off_goes_on_on_postgres;
    divisions::a_dirty_table_writes_nothing as a_dirty_table_writes_nothing_on_sqlite, a_dirty_table_writes_nothing_on_postgres;
    divisions::a_large_table_is_kept_in_parts as a_large_table_is_kept_in_parts_on_sqlite, a_large_table_is_kept_in_parts_on_postgres;
    divisions::pages_are_stable_within_a_scope as pages_are_stable_within_a_scope_on_sqlite, pages_are_stable_within_a_scope_on_postgres;
    grids::grids_are_imported_once as grids_are_imported_once_on_sqlite, grids_are_imported_once_on_postgres;
    grids::a_grid_is_created_and_served as a_grid_is_created_and_served_on_sqlite, a_grid_is_created_and_served_on_postgres;
    grids::a_scope_sees_its_grids as a_scope_sees_its_grids_on_sqlite, a_scope_sees_its_grids_on_postgres;
    names::places_are_called_by_their_names as places_are_called_by_their_names_on_sqlite, places_are_called_by_their_names_on_postgres;
    grids::a_list_draws_its_grids as a_list_draws_its_grids_on_sqlite, a_list_draws_its_grids_on_postgres;
    places::a_place_finds_its_grid as a_place_finds_its_grid_on_sqlite, a_place_finds_its_grid_on_postgres;
    places::a_new_grid_is_found_at_once as a_new_grid_is_found_at_once_on_sqlite, a_new_grid_is_found_at_once_on_postgres;
    rosters::a_roster_is_put_and_read as a_roster_is_put_and_read_on_sqlite, a_roster_is_put_and_read_on_postgres;
    rosters::a_leave_is_entered_and_ended as a_leave_is_entered_and_ended_on_sqlite, a_leave_is_entered_and_ended_on_postgres;
    hostile::every_command_names_its_wrong_fields as every_command_names_its_wrong_fields_on_sqlite, every_command_names_its_wrong_fields_on_postgres;
    hostile::a_request_id_is_one_request as a_request_id_is_one_request_on_sqlite, a_request_id_is_one_request_on_postgres;
    hostile::names_stay_in_the_vault as names_stay_in_the_vault_on_sqlite, names_stay_in_the_vault_on_postgres;
}
