//! What is masked, what is left alone, and the properties of both.

use proptest::prelude::*;

use super::{name, phone, text};

#[test]
fn what_may_name_somebody_is_masked() {
    for (written, masked) in [
        ("我叫张三13800138000", "我叫张三138********"),
        ("电话：138-0013-8000。", "电话：138-****-****。"),
        ("１３８００１３８０００", "１３８********"),
        ("138 0013 8000", "138 **** ****"),
        ("+8613800138000", "+86138********"),
        ("0086 138 0013 8000", "0086 138 **** ****"),
        ("一三八零零一三八零零零", "一三八********"),
        ("幺三八〇〇一三八〇〇〇", "幺三八********"),
        ("座机0933-3321234", "座机093*-*******"),
        ("(0933) 3321234", "(093*) *******"),
        ("622701199001011234", "******************"),
        ("622701 19900101 1234", "****** ******** ****"),
        ("62270119900101123X", "*****************X"),
        ("身份证62270119900101123ｘ号", "身份证*****************ｘ号"),
        ("旧证622701900101123", "旧证***************"),
        ("卡号6228480402564890018", "卡号*******************"),
        ("6228 4804 0256 4890 018", "**** **** **** **** ***"),
        ("甘L12345违停", "甘L*****违停"),
        ("甘L·D12345", "甘L·******"),
        ("甘l 1234挂", "甘l ****挂"),
        ("3号 13800138000 2楼", "3号 138******** 2楼"),
        ("13800138000，13900139000", "138********，139********"),
        ("13800138000 13900139000", "138******** 139********"),
    ] {
        assert_eq!(text(written), masked);
        assert_eq!(text(masked), masked, "again");
    }
}

#[test]
fn what_names_nobody_is_left_alone() {
    for written in [
        "",
        "村口的路灯坏了",
        "2026-06-01 14:30 起停水",
        "一二三四五六七八九十",
        "城关镇东街3号楼2单元501",
        "事项 620821101203-01jz8q4m7x3v5t9a2b6c8d0eca",
        "网格620821101203001",
        "东经107.365123456 北纬35.335",
        "热线12345，急救120",
        "3321234",
        "新A区和宁B座",
        "花了1380元，剩13800",
        "138****0000",
    ] {
        assert_eq!(text(written), written);
    }
}

#[test]
fn a_contact_keeps_what_tells_it_from_another() {
    assert_eq!(phone("13800130000"), "138****0000");
    assert_eq!(phone("+8613800130000"), "+86138****0000");
    assert_eq!(phone("09333321234"), "093****1234");
    assert_eq!(phone("3321234"), "33*****");
    assert_eq!(phone("120"), "***");
    assert_eq!(
        (name("王小明").as_str(), name("王").as_str(), name("").as_str()),
        ("王**", "王", "")
    );
}

proptest! {
    #[test]
    fn masking_is_idempotent_and_never_lengthens(
        written in "[0-9０-９一三八零幺X甘L·（) \\-*.,a年]{0,60}"
    ) {
        let masked = text(&written);
        prop_assert_eq!(text(&masked), masked.clone());
        prop_assert!(masked.len() <= written.len());
        prop_assert_eq!(masked.chars().count(), written.chars().count());
        // What changed became a star.
        prop_assert!(written.chars().zip(masked.chars()).all(|(old, new)| old == new || new == '*'));
    }

    #[test]
    fn texts_without_digits_stay_as_they_are(written in "[^0-9０-９〇零○一幺二三四五六七八九]{0,60}") {
        prop_assert_eq!(text(&written), written);
    }

    #[test]
    fn no_mobile_among_words_stays(before in "[年月村a：，]{0,5}", number in "1[3-9][0-9]{9}", after in "[村，。b]{0,5}") {
        let masked = text(&format!("{before}{number}{after}"));
        prop_assert!(!masked.contains(&number[3..]));
    }
}
