//! Words that say more, or less, than a number: some, at least, it depends, each day.

use crate::written::{
    Because, numeral,
    plain::{is_han, spaces},
    unit,
};

/// Words for some, a little, enough.
const SOME: [&str; 19] = [
    "少许",
    "大半",
    "小半",
    "多半",
    "少量",
    "适量",
    "若干",
    "一些",
    "一点点",
    "一点儿",
    "一点",
    "随便",
    "随意",
    "看着",
    "够用",
    "多点",
    "多些",
    "some ",
    "a few ",
];
/// Words for at least, at most and about.
const ABOUT: [&str; 21] = [
    "至少",
    "最少",
    "起码",
    "最多",
    "至多",
    "不超过",
    "不少于",
    "不低于",
    "以上",
    "以下",
    "以内",
    "大概",
    "约",
    "大约",
    "左右",
    "上下",
    "差不多",
    "at least",
    "at most",
    "about ",
    "up to ",
];
/// Words for it depends.
const DEPENDS: [&str; 18] = [
    "没有就",
    "没有的话",
    "没货",
    "如果",
    "假如",
    "要是",
    "或者",
    "或",
    "不然",
    "否则",
    "要么",
    "也行",
    "也可以",
    "都行",
    "都可以",
    " or ",
    "if ",
    "otherwise",
];
/// Words that begin how something is taken.
const TAKEN: [&str; 16] = [
    "每日",
    "必要时",
    "需要时",
    "发烧时",
    "不舒服时",
    "每天",
    "每次",
    "每晚",
    "每早",
    "每隔",
    "一天",
    "一日",
    "一次",
    "早晚",
    "日服",
    "顿服",
];
/// Words that say how something is taken by themselves.
const WHEN: [&str; 11] =
    ["饭后", "饭前", "餐后", "餐前", "睡前", "空腹", "daily", "twice a day", "once a day", "bid", "tid"];
/// Words that begin what else is to be said.
const NOTES: [&str; 38] = [
    "要",
    "不要",
    "别",
    "请",
    "谢",
    "吧",
    "就行",
    "就好",
    "就可以",
    "即可",
    "就够",
    "够了",
    "哈",
    "麻烦",
    "最好",
    "尽量",
    "尽快",
    "急",
    "放",
    "送",
    "给",
    "辛苦",
    "感谢",
    "多谢",
    "新鲜",
    "饭后",
    "饭前",
    "睡前",
    "空腹",
    "无糖",
    "低脂",
    "原味",
    "备注",
    "注",
    "thank",
    "please",
    "pls",
    "for ",
];
/// Words in front that say that it is wanted.
const WANTED: [&str; 22] = [
    "帮我买",
    "帮我带",
    "帮忙买",
    "帮忙带",
    "麻烦带",
    "麻烦买",
    "麻烦",
    "我想要",
    "我要",
    "想要",
    "需要",
    "急需",
    "代买",
    "帮买",
    "请买",
    "请带",
    "要",
    "买",
    "please ",
    "i need ",
    "need ",
    "get ",
];

/// Why a text as a whole cannot be one amount.
pub(super) fn depends(text: &str) -> bool {
    DEPENDS.iter().any(|word| text.to_lowercase().contains(word))
}

/// A word for some or about at this place, how long it is and what it makes of the amount.
pub(super) fn vague(text: &[char], at: usize) -> Option<(usize, Because)> {
    let starts = |word: &&&str| starts(&text[at..], word);
    let some = SOME.iter().find(starts).map(|word| (word, Because::NotANumber));
    let (word, because) = some.or_else(|| ABOUT.iter().find(starts).map(|word| (word, Because::Range)))?;
    Some((word.chars().count(), because))
}

/// Whether what follows says how something is taken: `每日1片`, `一天两次`, `饭后`.
pub(super) fn dosage(text: &[char], at: usize) -> bool {
    if WHEN.iter().any(|word| starts(&text[at..], word)) {
        return true;
    }
    // `每8小时一次`.
    if let (true, Some(found)) = (starts(&text[at..], "每"), numeral::number(&text[at + 1..])) {
        let unit = &text[at + 1 + found.len..];
        if starts(unit, "小时") || starts(unit, "个小时") || starts(unit, "天") {
            return true;
        }
    }
    let Some(word) = TAKEN.iter().find(|word| starts(&text[at..], word)) else { return times(text, at) };
    let mut behind = at + word.chars().count();
    while text
        .get(behind)
        .is_some_and(|c| matches!(c, ' ' | '各' | '服' | '吃' | '用' | '喝' | '打' | '口' | ':' | ','))
    {
        behind += 1;
    }
    numeral::number(&text[behind..]).is_some_and(|found| {
        let unit = behind + found.len;
        let unit = unit + spaces(&text[unit..]);
        text.get(unit) == Some(&'次') || unit::longest(&text[unit..]).is_some()
    })
}

/// `3次`, `2次/日`, but not `一次性`.
fn times(text: &[char], at: usize) -> bool {
    let Some(found) = numeral::number(&text[at..]) else { return false };
    let end = at + found.len;
    text.get(end) == Some(&'次') && text.get(end + 1) != Some(&'性')
}

/// As much as a time needs: `一个月的量`, `够吃一周`. How many characters it takes.
pub(super) fn supply(text: &[char], at: usize) -> Option<usize> {
    let mut end = at;
    for word in ["够", "吃", "用", "喝"] {
        end += if starts(&text[end..], word) { 1 } else { 0 };
    }
    let number = numeral::number(&text[end..])?;
    let enough = end > at && text[at] == '够';
    end += number.len;
    end += usize::from(text.get(end) == Some(&'个'));
    let time = ["星期", "礼拜", "月", "周", "天", "年"].into_iter().find(|word| starts(&text[end..], word))?;
    end += time.chars().count();
    let of = text.get(end) == Some(&'的');
    end += usize::from(of);
    let amount = ["用量", "药量", "份量", "量"].into_iter().find(|word| starts(&text[end..], word));
    (enough || amount.is_some()).then(|| end + amount.map_or(0, |word| word.chars().count()) - at)
}

/// Whether a text says something beside the amount: `不要辣`, `谢谢`.
pub(in crate::written) fn is_note(text: &str) -> bool {
    let text = text.trim_start_matches([' ', ',', '!', '。']).to_lowercase();
    NOTES.iter().any(|word| text.starts_with(word))
}

/// The text without words in front that say that it is wanted.
pub(super) fn wanted(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(word) = WANTED.iter().find(|word| lower_starts(rest, word)) {
        rest = rest[word.len()..].trim_start();
    }
    // `来两斤苹果`, but 来苏水.
    let fetch = ["给我来", "来", "拿", "带"].iter().find_map(|word| rest.strip_prefix(word));
    let counted = |text: &str| numeral::number(&text.trim_start().chars().take(8).collect::<Vec<_>>()).is_some();
    fetch.filter(|text| counted(text)).map_or(rest, str::trim_start)
}

fn lower_starts(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Whether a text starts with a word; letters in either case.
pub(super) fn starts(text: &[char], word: &str) -> bool {
    let mut chars = text.iter();
    word.chars().all(|c| chars.next().is_some_and(|other| other.to_ascii_lowercase() == c))
}

/// Letters where digits belong, in front of a unit: `l盒`, `1O片`. How many characters they are.
pub(super) fn look_alike(text: &[char], at: usize) -> Option<usize> {
    if at > 0 && text[at - 1].is_ascii_alphanumeric() {
        return None;
    }
    let run =
        text[at..].iter().take_while(|c| c.is_ascii_digit() || matches!(c, 'l' | 'I' | 'O' | 'o' | '|' | '.')).count();
    let letters = text[at..at + run].iter().any(|c| !c.is_ascii_digit() && *c != '.');
    let behind = at + run + spaces(&text[at + run..]);
    let unit = text.get(behind).is_some_and(|c| is_han(*c)) && unit::longest(&text[behind..]).is_some();
    // A unit of one letter may stand there: `5l 桶` is no number.
    (run > 0 && letters && unit).then_some(run)
}
