use super::*;

const HEAD: &str = "gb_id,name,longitude,latitude,crs,place_kind,retention_days,signage";

fn read_csv(csv: &str) -> (Vec<Stated>, Vec<(u32, String)>) {
    let mut problems = Problems::default();
    let table = Table::read(csv.as_bytes(), &mut problems).unwrap();
    let stated = read(&table, &mut problems);
    let found = problems.into_rows().into_iter();
    (stated, found.map(|problem| (problem.row, problem.column)).collect())
}

#[test]
fn a_row_becomes_what_is_stated_of_a_camera() {
    let csv = format!("{HEAD}\n62082101001320000001,村口,107.36,35.33,GCJ02,road,90,是\n");
    let (stated, problems) = read_csv(&csv);
    assert_eq!(problems, []);
    assert_eq!((stated[0].row, stated[0].gb_id.serial()), (1, 1));
    let details = &stated[0].details;
    assert_eq!(
        (details.name.as_str(), details.retention_days, details.signage),
        ("村口", 90, true)
    );
    assert_eq!(details.place_kind(), PlaceKind::Road);
    assert_eq!(details.position.unwrap().crs(), Crs::Gcj02);
}

#[test]
fn a_header_may_be_in_chinese() {
    let csv = "国标编码,名称,经度,纬度,坐标系,场所类型,保存天数\n\
        62082101001320000001,村口,107.36,35.33,wgs84,road,30\n";
    assert_eq!(read_csv(csv).0.len(), 1);
}

#[test]
fn every_wrong_cell_is_named() {
    let csv = format!(
        "{HEAD}\n\
         6.2082101E19,甲,107.36,35.33,wgs84,road,30,\n\
         62082101001320000001,甲,east,35.33,wgs84,road,30,\n\
         62082101001320000002,甲,107.36,north,mars,moon,long,maybe\n\
         62082101001320000003,甲,107.36,35.33,wgs84,road,30,no\n\
         62082101001320000003,乙,107.36,35.33,wgs84,road,30,no\n\
         6208210100132000000,丙,107.36,35.33,wgs84,road,30,no\n"
    );
    let (_, problems) = read_csv(&csv);
    let problems: Vec<_> = problems.iter().map(|(row, column)| (*row, column.as_str())).collect();
    assert_eq!(
        problems,
        [
            (1, "gb_id"),
            (2, "longitude"),
            (3, "latitude"),
            (3, "crs"),
            (3, "place_kind"),
            (3, "retention_days"),
            (3, "signage"),
            (5, "gb_id"),
            (6, "gb_id"),
        ]
    );
    let (_, problems) = read_csv("gb_id,name\n1,2\n");
    assert!(problems.iter().all(|(row, _)| *row == 0) && problems.len() == 5, "{problems:?}");
}
