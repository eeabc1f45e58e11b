//! What holds while nobody has set anything: the kinds of orders and categories that a closed compound has used.

use super::{SettingsView, Term};
use crate::limits;

/// Kinds of orders: code, Chinese, English.
const ORDER_KINDS: [(&str, &str, &str); 15] = [
    ("medicine", "药品", "Medicine"),
    ("prescription", "处方药代配", "Prescription"),
    ("grocery", "买菜", "Groceries"),
    ("meal", "送餐", "Meal"),
    ("parcel", "快递", "Parcel"),
    ("escort", "陪同就医", "Escort"),
    ("consult", "咨询", "Consultation"),
    ("errand", "跑腿", "Errand"),
    ("visit", "上门看望", "Visit"),
    ("housework", "家务", "Housework"),
    ("repair", "维修", "Repair"),
    ("disinfect", "消毒", "Disinfection"),
    ("phone_help", "手机帮助", "Phone help"),
    ("care", "照护", "Care"),
    ("other", "其他", "Other"),
];

/// Categories of reports: code, Chinese, English.
const CATEGORIES: [(&str, &str, &str); 7] = [
    ("medical", "医疗", "Medical"),
    ("food", "食品", "Food"),
    ("daily_goods", "生活物资", "Daily goods"),
    ("care", "关爱照护", "Care"),
    ("services", "上门服务", "Services"),
    ("alerts", "紧急求助", "Alerts"),
    ("other", "其他", "Other"),
];

/// Whether a kind of order is one of those, and so nothing that somebody made up.
pub(in crate::aggregate) fn is_ordinary_kind(code: &str) -> bool {
    ORDER_KINDS.iter().any(|(known, ..)| *known == code)
}

pub(super) fn view() -> SettingsView {
    SettingsView {
        settings: None,
        // China's medical emergency number.
        emergency_number: "120".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        utc_offset_minutes: 480,
        lease_urgent_minutes: limits::LEASE_URGENT_MS / limits::MINUTE_MS,
        lease_normal_minutes: limits::LEASE_NORMAL_MS / limits::MINUTE_MS,
        take_limit: None,
        erase_after_days: 14,
        order_kinds: terms(&ORDER_KINDS),
        categories: terms(&CATEGORIES),
    }
}

fn terms(table: &[(&str, &str, &str)]) -> Vec<Term> {
    let term = |(code, zh, en): &(&str, &str, &str)| Term {
        item: None,
        code: (*code).to_owned(),
        zh: (*zh).to_owned(),
        en: (*en).to_owned(),
        active: true,
    };
    table.iter().map(term).collect()
}
