//! Camera through its gRPC interface, on a real nats-server and on both databases.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod nearby;
#[cfg(test)]
mod registers;
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
    registers::a_camera_is_registered_updated_and_retired as a_camera_is_registered_updated_and_retired_on_sqlite, a_camera_is_registered_updated_and_retired_on_postgres;
    registers::an_id_is_registered_once as an_id_is_registered_once_on_sqlite, an_id_is_registered_once_on_postgres;
    registers::a_scope_sees_its_cameras as a_scope_sees_its_cameras_on_sqlite, a_scope_sees_its_cameras_on_postgres;
    registers::a_camera_stands_where_its_position_says as a_camera_stands_where_its_position_says_on_sqlite, a_camera_stands_where_its_position_says_on_postgres;
    imports::cameras_are_imported_once as cameras_are_imported_once_on_sqlite, cameras_are_imported_once_on_postgres;
    imports::an_import_that_broke_off_goes_on as an_import_that_broke_off_goes_on_on_sqlite, an_import_that_broke_off_goes_on_on_postgres;
    imports::a_dirty_table_writes_nothing as a_dirty_table_writes_nothing_on_sqlite, a_dirty_table_writes_nothing_on_postgres;
    imports::a_workbook_is_a_table as a_workbook_is_a_table_on_sqlite, a_workbook_is_a_table_on_postgres;
    nearby::the_nearest_come_first as the_nearest_come_first_on_sqlite, the_nearest_come_first_on_postgres;
    hostile::wrong_ids_are_told_digit_by_digit as wrong_ids_are_told_digit_by_digit_on_sqlite, wrong_ids_are_told_digit_by_digit_on_postgres;
    hostile::every_command_names_its_wrong_fields as every_command_names_its_wrong_fields_on_sqlite, every_command_names_its_wrong_fields_on_postgres;
    hostile::texts_stay_in_the_vault as texts_stay_in_the_vault_on_sqlite, texts_stay_in_the_vault_on_postgres;
}

#[tokio::test(flavor = "multi_thread")]
async fn six_thousand_cameras_are_imported_and_found_in_seconds() {
    imports::a_county_of_cameras(world::World::new(Db::Sqlite).await).await;
}
