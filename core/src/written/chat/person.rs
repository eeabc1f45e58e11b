//! Who a line is of: `王阿姨`, `小陈`, `张伟`, `Mrs Li`.

use crate::written::plain::is_han;

/// Words behind a name. The longer stand before those that they end in.
const TITLES: [&str; 34] = [
    "老奶奶",
    "老爷爷",
    "老先生",
    "阿姨",
    "叔叔",
    "大爷",
    "大妈",
    "大娘",
    "大叔",
    "大伯",
    "大姐",
    "大哥",
    "奶奶",
    "爷爷",
    "外婆",
    "外公",
    "先生",
    "女士",
    "太太",
    "小姐",
    "老师",
    "师傅",
    "医生",
    "护士",
    "经理",
    "主任",
    "书记",
    "妈妈",
    "爸爸",
    "伯伯",
    "婆婆",
    "阿婆",
    "阿公",
    "同学",
];
/// The same of one character, where nothing stands behind it.
const SHORT: [char; 14] = ['叔', '姨', '伯', '婶', '嫂', '姐', '哥', '妈', '爸', '婆', '爷', '总', '工', '妹'];
/// Goods that end like a person.
const BRANDS: [&str; 6] = ["康师傅", "老干妈", "老干爹", "阿婆", "外婆菜", "太太"];
/// Surnames of which most people have one.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔\
                        谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪\
                        季辛柯庄温牛樊葛邢安齐伍庞颜倪章鲁殷俞翁骆尚欧柳路祝褚";
/// What names of goods end in, and names of people seldom.
const GOODS: &str = "菜瓜豆油糖酒醋面菇薯粉奶肉米饭水茶药片丸膏酸素胶草参根果橙子麦计巾纸皂液汤鱼虾蛋葱姜蒜盐包饼糕汁酱椒笋芹茄枣\
                     梨柚莓蕉肚翘胡仁鼠锌钙铁剂散贴罩套袋盒瓶机灯池粥霜灵净清宁康尔平定星林芬汀唑坦霉克芪芷斛术";
/// Words in front of a name in English.
const ENGLISH: [&str; 6] = ["mr", "mrs", "ms", "miss", "dr", "madam"];

/// A person at the beginning of a text, whatever follows at once: `王阿姨布洛芬2盒`. How many characters they take.
pub(super) fn in_front(text: &[char]) -> Option<usize> {
    let han = text.iter().take_while(|c| is_han(**c)).count();
    let said: String = text[..han].iter().collect();
    if BRANDS.iter().any(|brand| said.starts_with(brand)) {
        return None;
    }
    let title = |at: usize| {
        TITLES.iter().find(|title| title.chars().eq(text[at..han].iter().copied().take(title.chars().count())))
    };
    let (at, title) = (0..=3.min(han)).find_map(|at| Some((at, title(at)?)))?;
    let asked = text[..at].iter().any(|c| "的给送买要帮和跟".contains(*c));
    let surname = !asked && (at < 2 || is_surname(text[0]));
    let end = at + title.chars().count();
    // `王阿姨家`.
    let end = end
        + usize::from(
            text.get(end) == Some(&'家') && !text.get(end + 1).is_some_and(|c| matches!(c, '里' | '用' | '庭')),
        );
    surname.then_some(end)
}

/// Whether a word is surely a person, wherever it stands.
pub(super) fn is_titled(word: &str) -> bool {
    let chars: Vec<char> = word.chars().collect();
    if in_front(&chars) == Some(chars.len()) {
        return true;
    }
    let han = chars.iter().all(|c| is_han(*c));
    let brand = BRANDS.contains(&word);
    let short =
        (2..=3).contains(&chars.len()) && chars.last().is_some_and(|c| SHORT.contains(c)) && is_surname(chars[0]);
    // `小陈`, `老李`, `阿强`.
    let called = chars.len() == 2 && (matches!(chars[0], '小' | '老') && is_surname(chars[1])) && !is_goods(chars[1]);
    han && !brand && (short || called)
}

/// Whether a word may be the name of a person: goods may be called so too, so that its place must say the same.
pub(super) fn is_name(word: &str) -> bool {
    let chars: Vec<char> = word.chars().collect();
    let doubled = ["欧阳", "上官", "司马", "诸葛", "司徒", "夏侯"].iter().any(|name| word.starts_with(name));
    let named = (2..=3).contains(&chars.len()) && is_surname(chars[0]) || doubled && (3..=4).contains(&chars.len());
    chars.iter().all(|c| is_han(*c)) && named && !chars.last().is_some_and(|c| is_goods(*c))
}

fn is_surname(c: char) -> bool {
    SURNAMES.contains(c)
}

fn is_goods(c: char) -> bool {
    GOODS.contains(c)
}

/// `Mrs Li` at the beginning of a text. How many characters it takes.
pub(super) fn in_english(text: &[char]) -> Option<usize> {
    let word = |from: usize| text[from..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
    let title: String = text[..word(0)].iter().map(char::to_ascii_lowercase).collect();
    let at = word(0) + text[word(0)..].iter().take_while(|c| matches!(c, '.' | ' ')).count();
    let name = word(at);
    (ENGLISH.contains(&title.as_str()) && name > 0 && text[at].is_ascii_uppercase()).then_some(at + name)
}
