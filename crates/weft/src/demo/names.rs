//! Names and numbers for people who do not exist: drawn by lot from common characters.

use crate::simulate::random::Chance;

const SURNAMES: [&str; 48] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛",
];

const GIVEN: [&str; 56] = [
    "晓", "明", "丽", "军", "芳", "伟", "霞", "强", "敏", "涛", "燕", "超", "玲", "刚", "娟", "平",
    "红", "斌", "梅", "辉", "琴", "勇", "兰", "峰", "英", "鹏", "秀", "龙", "慧", "林", "静", "海",
    "雪", "飞", "云", "宁", "春", "阳", "月", "波", "佳", "浩", "瑞", "航", "欣", "宇", "婷", "博",
    "萍", "东", "洁", "凯", "莉", "亮", "倩", "志",
];

/// A surname with one given character, or mostly two.
pub(super) fn person(chance: &mut Chance) -> String {
    let mut name = String::from(*chance.pick::<&str>(&SURNAMES));
    name.push_str(chance.pick::<&str>(&GIVEN));
    if chance.percent(75) {
        name.push_str(chance.pick::<&str>(&GIVEN));
    }
    name
}

/// A number that can be dialled by its form, of a range that shows that it is invented.
pub(super) fn phone(chance: &mut Chance) -> String {
    format!("199-0000-{:04}", chance.below(10_000))
}
