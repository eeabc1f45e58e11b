//! Words of lists in a chat: what a line is, and what is asked in it beside goods.

/// A line that shows how to write one, and is none.
const EXAMPLES: [&str; 12] =
    ["例如", "例:", "例子", "例 ", "示例", "样例", "比如", "格式", "模板", "模版", "example", "format"];
/// A line that sums up what stands above.
const TOTALS: [&str; 14] = [
    "合计", "共计", "总计", "总共", "小计", "一共", "统计", "汇总", "截止", "截至", "以上", "total", "sum:", "deadline",
];
/// A line that speaks to all.
const TALK: [&str; 24] = [
    "#接龙",
    "接龙",
    "团购",
    "开团",
    "群接龙",
    "大家",
    "各位",
    "注意",
    "说明",
    "公告",
    "通知",
    "温馨提示",
    "提示",
    "请大家",
    "请各位",
    "谢谢",
    "感谢",
    "辛苦",
    "收到",
    "好的",
    "thank",
    "please fill",
    "@所有人",
    "@all",
];
/// Somebody may die of being a line on a shopping list.
const EMERGENCY: [&str; 44] = [
    "救命",
    "急救",
    "救护车",
    "打120",
    "叫120",
    "拨120",
    "120!",
    "胸痛",
    "胸口痛",
    "胸口疼",
    "胸疼",
    "喘不上气",
    "喘不过气",
    "透不过气",
    "呼吸困难",
    "昏迷",
    "昏倒",
    "晕倒",
    "晕过去",
    "不省人事",
    "大出血",
    "抽搐",
    "中风",
    "摔倒",
    "摔伤",
    "跌倒",
    "起不来",
    "羊水",
    "要生了",
    "临产",
    "破水",
    "没有呼吸",
    "没反应",
    "服毒",
    "割腕",
    "着火",
    "煤气",
    "心梗",
    "chest pain",
    "ambulance",
    "unconscious",
    "can't breathe",
    "collapsed",
    "bleeding",
];
const CANCELLED: [&str; 15] = [
    "取消",
    "不要了",
    "不用了",
    "不需要了",
    "不买了",
    "不接了",
    "不订了",
    "作废",
    "撤销",
    "撤回",
    "退出",
    "删掉",
    "删除",
    "cancel",
    "no longer",
];
const CHANGED: [&str; 15] = [
    "改成",
    "改为",
    "改到",
    "更正",
    "更改",
    "改一下",
    "换成",
    "修改",
    "写错",
    "打错",
    "填错",
    "应该是",
    "应为",
    "correction",
    "instead of",
];
/// The same, where a line's own goods begin so.
const ADDED: [&str; 7] = ["再加", "追加", "加单", "补充", "补单", "多加", "再来"];
const REFERS: [&str; 19] = [
    "同上",
    "同楼上",
    "同款",
    "同前",
    "同样",
    "照旧",
    "照上",
    "老样子",
    "上次",
    "上回",
    "上面那",
    "前面那",
    "跟上",
    "ditto",
    "same as",
    "same again",
    "as above",
    "as usual",
    "as last",
];
/// Words in a part without an amount that make it no goods.
const BESIDE: [&str; 39] = [
    "门口",
    "敲门",
    "按铃",
    "门铃",
    "放在",
    "放到",
    "放门",
    "放楼",
    "医保卡",
    "病历",
    "处方单",
    "打电话",
    "联系",
    "在家",
    "不在",
    "睡觉",
    "老人",
    "孩子",
    "独居",
    "轮椅",
    "付款",
    "转账",
    "红包",
    "谢谢",
    "辛苦",
    "加微信",
    "今天",
    "明天",
    "后天",
    "上午",
    "下午",
    "晚上",
    "中午",
    "之前",
    "以前",
    "加急",
    "急用",
    "着急",
    "尽快",
];
/// Words for whether it is paid, behind which a sum may stand.
const PAID: [&str; 14] = [
    "已付",
    "未付",
    "没付",
    "已转",
    "未转",
    "已支付",
    "未支付",
    "已收",
    "未收",
    "付了",
    "货到付",
    "现金",
    "paid",
    "unpaid",
];
/// Marks over a line that may mean that it is called off.
const CROSSES: [char; 6] = ['❌', '❎', '✗', '✘', '🚫', '⛔'];
/// Words between a person and a door.
const AT: [&str; 16] = [
    "我家住在",
    "我们家在",
    "我们家",
    "我家在",
    "我家",
    "家住",
    "我住在",
    "我住",
    "住在",
    "我在",
    "我是",
    "这里是",
    "送到",
    "送至",
    "地址是",
    "住",
];
/// Words for whose line it is, in front of a colon.
pub(super) const WHO: [&str; 10] =
    ["联系人", "收件人", "收货人", "接龙人", "姓名", "名字", "称呼", "住户", "contact", "name"];
/// Words for what is to be kept beside it.
pub(super) const NOTE: [&str; 6] = ["备注", "留言", "附言", "说明", "remarks", "note"];
/// Words in front of a colon that say what follows, which it says itself.
pub(super) const FIELDS: [&str; 30] = [
    "楼栋门牌",
    "收货地址",
    "地址",
    "住址",
    "房号",
    "门牌号",
    "门牌",
    "楼号",
    "药品名称",
    "药品",
    "药名",
    "物品",
    "商品",
    "品名",
    "物资",
    "所需",
    "需要",
    "需求",
    "采购",
    "购买",
    "数量",
    "份数",
    "address",
    "flat",
    "items",
    "item",
    "need",
    "goods",
    "qty",
    "quantity",
];
/// Words in front of a telephone number.
pub(super) const PHONE: [&str; 12] =
    ["联系电话", "联系方式", "手机号码", "手机号", "电话号码", "手机", "电话", "电联", "tel", "phone", "mobile", "电"];

fn starts(text: &str, words: &[&str]) -> bool {
    let small = text.to_lowercase();
    words.iter().any(|word| small.starts_with(word))
}

fn holds(text: &str, words: &[&str]) -> bool {
    let small = text.to_lowercase();
    words.iter().any(|word| small.contains(word))
}

/// Whether a line shows how to write one.
pub(super) fn is_example(text: &str) -> bool {
    starts(text.trim_start_matches(['(', '*']), &EXAMPLES)
}

/// Whether a line sums up, or speaks to all.
pub(super) fn is_talk(text: &str) -> bool {
    let counted = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let text = text.trim_start_matches(['(', '*', '-', ' ']);
    starts(text, &TOTALS)
        || starts(text, &TALK)
        || ["共", "已接龙", "已有"].iter().any(|word| text.strip_prefix(word).is_some_and(counted))
}

/// Whether a line sums up.
pub(super) fn is_total(text: &str) -> bool {
    let text = text.trim_start_matches(['(', '*', '-', ' ']);
    let counted = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
    starts(text, &TOTALS) || text.strip_prefix('共').is_some_and(counted)
}

/// Whether a part that says no amount says something beside goods.
pub(super) fn is_beside(text: &str) -> bool {
    holds(text, &BESIDE) || holds(text, &PAID)
}

/// Whether a word says that it is paid, or not yet.
pub(super) fn is_paid(word: &str) -> bool {
    starts(word, &PAID)
}

/// Whether a line is crossed out.
pub(super) fn is_crossed(raw: &str) -> bool {
    raw.contains(CROSSES)
}

/// What stands in front of a door without words that lead to it.
pub(super) fn without_way(front: &str) -> &str {
    let bare = front.trim_end_matches([' ', ':']);
    AT.iter().find_map(|word| bare.strip_suffix(word)).unwrap_or(front)
}

/// Whether a character is a picture, which says nothing of goods.
pub(super) fn is_picture(c: char) -> bool {
    matches!(u32::from(c), 0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b00..=0x2bff | 0x2300..=0x23ff | 0xe0020..=0xe007f)
}

pub(super) fn is_emergency(text: &str) -> bool {
    holds(text, &EMERGENCY)
}

pub(super) fn is_cancelled(text: &str) -> bool {
    holds(text, &CANCELLED)
}

/// Whether it changes what was said before. `rest` is what stands behind door and person.
pub(super) fn is_changed(text: &str, rest: &str) -> bool {
    holds(text, &CHANGED) || starts(rest, &ADDED)
}

/// Whether it says what another line says, or what there was another time.
pub(super) fn refers(rest: &str) -> bool {
    let bare = rest.trim_matches([' ', ',', '。', '!', '.']);
    let alike = ["和", "跟", "与", "同"].iter().filter_map(|word| bare.find(word)).min();
    let as_another = alike.is_some_and(|at| bare[at..].contains("一样"));
    holds(bare, &REFERS) || as_another || matches!(bare, "同" | "一样" | "me too" | "也要" | "我也要")
}
