//! Days that a county official would recognise, played through gRPC from the first word to the archive,
//! on both databases. What patrols, alarms, visits and points add to a day joins when those exist; each
//! scenario names what of its day is not played yet.

mod s01;
mod s02;
mod s03;
mod s04;
mod s06;
mod s08;
mod s15;
mod stage;

use testkit::Db;

use stage::Stage;

/// A test for each database.
macro_rules! on_both_databases {
    ($($module:ident::$play:ident as $sqlite:ident, $postgres:ident;)+) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $sqlite() {
                Box::pin($module::$play(Stage::set(Db::Sqlite).await)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn $postgres() {
                Box::pin($module::$play(Stage::set(Db::Postgres).await)).await;
            }
        )+
    };
}

on_both_databases! {
    s01::a_street_lamp_lies_beside_the_road as a_street_lamp_lies_beside_the_road_on_sqlite, a_street_lamp_lies_beside_the_road_on_postgres;
    s02::the_river_is_full_of_duckweed as the_river_is_full_of_duckweed_on_sqlite, the_river_is_full_of_duckweed_on_postgres;
    s03::on_market_day_the_township_whistles as on_market_day_the_township_whistles_on_sqlite, on_market_day_the_township_whistles_on_postgres;
    s04::a_charging_hazard_becomes_a_campaign as a_charging_hazard_becomes_a_campaign_on_sqlite, a_charging_hazard_becomes_a_campaign_on_postgres;
    s06::mediation_climbs_to_the_county as mediation_climbs_to_the_county_on_sqlite, mediation_climbs_to_the_county_on_postgres;
    s08::smoke_over_the_ridge as smoke_over_the_ridge_on_sqlite, smoke_over_the_ridge_on_postgres;
    s15::a_week_of_a_village as a_week_of_a_village_on_sqlite, a_week_of_a_village_on_postgres;
}
