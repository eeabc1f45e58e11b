//! Forms of medicines by their meaning: 片剂 and tablet are one, 缓释片 and 控释片 are two.

use super::Agreement;

/// Words for each form; the first stands for it. The longer stand before those that they end in.
const FORMS: &[&[&str]] = &[
    &["缓释片", "缓释片剂", "sustained-releasetablet", "extended-releasetablet"],
    &["控释片", "控释片剂", "controlled-releasetablet"],
    &["肠溶片", "肠溶片剂", "enteric-coatedtablet"],
    &["分散片", "分散片剂", "dispersibletablet"],
    &["咀嚼片", "咀嚼片剂", "chewabletablet"],
    &["泡腾片", "泡腾片剂", "effervescenttablet"],
    &["口崩片", "口腔崩解片"],
    &["含片", "含片剂", "lozenge", "lozenges"],
    &["缓释胶囊", "缓释胶囊剂"],
    &["肠溶胶囊", "肠溶胶囊剂"],
    &["软胶囊", "软胶囊剂", "softgel", "softgels"],
    &["缓释颗粒"],
    &["胶囊", "胶囊剂", "硬胶囊", "capsule", "capsules", "cap", "caps"],
    &["混悬滴剂", "滴剂", "drops", "oraldrops"],
    &["混悬液", "混悬剂", "口服混悬液", "suspension", "oralsuspension"],
    &["干混悬剂"],
    &["滴眼液", "滴眼剂", "眼药水", "eyedrops"],
    &["滴鼻液", "滴鼻剂"],
    &["滴耳液", "滴耳剂"],
    &["口服液", "口服液体剂"],
    &["口服溶液", "口服溶液剂", "oralsolution"],
    &["注射液", "注射剂", "针剂", "injection"],
    &["眼膏", "眼用软膏", "眼膏剂"],
    &["软膏", "软膏剂", "ointment"],
    &["乳膏", "乳膏剂", "霜剂", "cream"],
    &["凝胶", "凝胶剂", "gel"],
    &["糖浆", "糖浆剂", "syrup"],
    &["颗粒", "颗粒剂", "冲剂", "granules", "granule"],
    &["栓", "栓剂", "suppository", "suppositories"],
    &["气雾剂", "aerosol"],
    &["吸入剂", "粉吸入剂", "inhaler"],
    &["喷雾", "喷雾剂", "spray"],
    &["贴膏", "贴膏剂", "橡胶膏"],
    &["贴", "贴剂", "patch", "patches"],
    &["滴丸", "滴丸剂"],
    &["丸", "丸剂", "pill", "pills"],
    &["散", "散剂", "粉", "粉剂", "powder"],
    &["酊", "酊剂", "tincture"],
    &["洗剂", "洗液", "lotion"],
    &["搽剂", "擦剂"],
    &["溶液", "溶液剂", "外用溶液", "solution"],
    &["片", "片剂", "普通片", "薄膜衣片", "糖衣片", "tablet", "tablets", "tab", "tabs"],
];

/// The form that a word stands for.
pub(super) fn known(word: &str) -> Option<&'static str> {
    FORMS.iter().find(|words| words.contains(&word)).map(|words| words[0])
}

/// The form that a name ends in, as it stands there, and what stands before it.
pub(super) fn at_end(name: &str) -> Option<(&'static str, &str)> {
    let words = FORMS.iter().flat_map(|words| words.iter().map(|word| (words[0], *word)));
    let ends = words.filter_map(|(form, word)| Some((form, word, name.strip_suffix(word)?)));
    ends.filter(|(_, _, front)| !front.is_empty())
        .max_by_key(|(_, word, _)| word.len())
        .map(|(form, _, front)| (form, front))
}

/// Whether two forms are one, or so near that people take one word for the other.
pub(super) fn close(one: &str, other: &str) -> bool {
    const CLOSE: [&str; 2] = ["口服液", "口服溶液"];
    one == other || (CLOSE.contains(&one) && CLOSE.contains(&other))
}

/// How two forms stand.
pub(super) fn forms(one: Option<&str>, other: Option<&str>) -> Agreement {
    let (one, other) = match (one, other) {
        (None, None) => return Agreement::Agrees,
        (Some(one), Some(other)) => (one, other),
        _ => return Agreement::Open,
    };
    match (known(one), known(other)) {
        _ if one == other => Agreement::Agrees,
        (Some(one), Some(other)) if one == other => Agreement::Agrees,
        // A capsule may be one of slow release: the names say the rest.
        (Some(one), Some(other)) if one.ends_with(other) || other.ends_with(one) || close(one, other) => {
            Agreement::Open
        }
        (Some(_), Some(_)) => Agreement::Differs,
        _ => Agreement::Open,
    }
}
