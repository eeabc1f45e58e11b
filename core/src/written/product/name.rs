//! The name of a medicine taken apart: salt, substance, numbers, release, for whom, form.

use std::sync::OnceLock;

use super::{Agreement, Record, bare, form};
use crate::written::{numeral::digit, plain::is_han};

/// Old names and trade names, and what they stand for.
const NAMES: &str = include_str!("names.tsv");
/// Acids and metals that a substance is bound to, which one name may leave out.
const SALTS: [&str; 21] = [
    "重酒石酸",
    "苯磺酸",
    "甲磺酸",
    "琥珀酸",
    "酒石酸",
    "马来酸",
    "富马酸",
    "枸橼酸",
    "氢溴酸",
    "葡萄糖酸",
    "盐酸",
    "硫酸",
    "磷酸",
    "醋酸",
    "硝酸",
    "乳酸",
    "碳酸",
    "丙酸",
    "糠酸",
    "门冬氨酸",
    "对甲苯磺酸",
];
/// How a form gives what it has.
const RELEASES: [&str; 12] =
    ["缓释", "控释", "肠溶", "分散", "咀嚼", "泡腾", "口崩", "速释", "薄膜衣", "双释", "长效", "预混"];
/// The same behind the substance.
const METALS: [&str; 5] = ["钠", "钾", "钙", "镁", "锌"];
/// By which way it is taken, which a form says too.
const ROUTES: [&str; 4] = ["吸入", "外用", "口服", "注射"];
/// For whom it is, and words that make it something else.
const PEOPLE: [&str; 10] = ["婴幼儿", "婴儿", "幼儿", "小儿", "儿童", "成人", "孕妇", "老人", "复方", "注射用"];
/// Characters of the traditional script that names of medicines have.
const PLAIN: [(char, char); 34] = [
    ('緩', '缓'),
    ('釋', '释'),
    ('膠', '胶'),
    ('囊', '囊'),
    ('劑', '剂'),
    ('鹽', '盐'),
    ('維', '维'),
    ('對', '对'),
    ('頭', '头'),
    ('黴', '霉'),
    ('顆', '颗'),
    ('腸', '肠'),
    ('藥', '药'),
    ('膚', '肤'),
    ('軟', '软'),
    ('氫', '氢'),
    ('鈉', '钠'),
    ('鉀', '钾'),
    ('鈣', '钙'),
    ('鎂', '镁'),
    ('島', '岛'),
    ('雙', '双'),
    ('黃', '黄'),
    ('連', '连'),
    ('氨', '氨'),
    ('噴', '喷'),
    ('霧', '雾'),
    ('滴', '滴'),
    ('嗎', '吗'),
    ('蘭', '兰'),
    ('靈', '灵'),
    ('開', '开'),
    ('複', '复'),
    ('糞', '粪'),
];

/// A name taken apart, with what other fields of its record say of the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    whole: String,
    core: String,
    salt: Vec<&'static str>,
    release: Vec<&'static str>,
    people: Vec<&'static str>,
    /// Numbers and letters, in the order of writing: `30`, `b12`, `xl`.
    marks: Vec<String>,
    /// The form that the name ends in.
    ending: Option<&'static str>,
    /// The form, out of its field or out of the name.
    pub(super) form: Option<String>,
    /// The strength, out of its field or out of the name.
    pub(super) strength: Option<String>,
    /// The pack, likewise.
    pub(super) pack: Option<String>,
}

impl Name {
    /// The name of a record.
    pub(super) fn of(record: &Record) -> Self {
        let whole = called(&record.name);
        let mut name = Self { whole: whole.clone(), ..Self::default() };
        let (front, strength, pack) = sized(&whole);
        let said = bare(record.strength.as_deref()).map(|said| said.replace('×', "*"));
        // `0.3g*24粒` in the field of the strength says the pack too.
        let (said, packed) = match said.as_deref().and_then(|said| said.split_once('*')) {
            Some((strength, pack)) => (Some(strength.to_owned()), Some(pack.to_owned())),
            None => (said, None),
        };
        name.strength = said.or(strength);
        name.pack = bare(record.pack.as_deref()).or(packed).or(pack);
        // 维C and 维生素C are one vitamin.
        let mut rest = front.replace("维生素", "维").replace(['(', ')', '-', '·', '.', ':', '/'], "");
        for (words, into) in [(&PEOPLE[..], &mut name.people), (&RELEASES[..], &mut name.release)] {
            for word in words {
                if rest.contains(word) {
                    rest = rest.replacen(word, "", 1);
                    into.push(word);
                }
            }
        }
        rest = rest.trim_end_matches('型').to_owned();
        (rest, name.marks) = marks(&rest);
        if let Some(salt) = SALTS.iter().find(|salt| rest.len() > salt.len() && rest.starts_with(**salt)) {
            rest = rest[salt.len()..].to_owned();
            name.salt.push(salt);
        }
        if let Some((form, front)) = form::at_end(&rest) {
            name.ending = Some(form);
            rest = front.to_owned();
        }
        if let Some(front) = ROUTES.iter().find_map(|route| rest.strip_suffix(route)).filter(|front| !front.is_empty())
        {
            rest = front.to_owned();
        }
        if let Some(metal) = METALS.iter().find(|metal| rest.ends_with(**metal) && rest.chars().count() > 3) {
            rest.truncate(rest.len() - metal.len());
            name.salt.push(metal);
        }
        name.core = rest;
        name.form = name.formed(bare(record.form.as_deref()));
        name
    }

    /// The form: what the field says, made finer by how the name says that it gives what it has.
    fn formed(&self, field: Option<String>) -> Option<String> {
        let said = field.or_else(|| self.ending.map(str::to_owned))?;
        let said = form::known(&said).map_or(said.clone(), str::to_owned);
        let finer = self.release.first().map(|release| format!("{release}{said}"));
        Some(finer.filter(|finer| form::known(finer).is_some()).unwrap_or(said))
    }

    /// How two names stand.
    pub(super) fn against(&self, other: &Self, aliases: &[(String, String)]) -> Agreement {
        if self.whole == other.whole {
            return Agreement::Agrees;
        }
        let said = |(one, two): &(String, String)| {
            let (one, two) = (called(one), called(two));
            (self.whole == one && other.whole == two) || (self.whole == two && other.whole == one)
        };
        if aliases.iter().any(said) {
            return Agreement::Agrees;
        }
        if self.substance() != other.substance() {
            return Agreement::Differs;
        }
        if self.core != other.core {
            // An old name and the substance: the catalogue does not say so.
            return Agreement::Open;
        }
        let salts = !self.salt.is_empty() && !other.salt.is_empty() && self.salt != other.salt;
        if self.marks != other.marks || self.people != other.people || salts {
            return Agreement::Differs;
        }
        let endings = self.ending.zip(other.ending);
        let released = self.release != other.release;
        match endings {
            Some((one, two)) if released || !form::close(one, two) => Agreement::Differs,
            None if released && !self.release.is_empty() && !other.release.is_empty() => Agreement::Differs,
            _ => Agreement::Open,
        }
    }

    /// The name, and what it is of: names that share neither are of two products.
    #[cfg(feature = "lists")]
    pub(super) fn keys(&self) -> Vec<String> {
        vec![self.whole.clone(), self.substance().to_owned()]
    }

    /// What the name is of, through old names and trade names.
    fn substance(&self) -> &str {
        let known = |name: &str| names().iter().find(|(old, _)| *old == name).map(|(_, substance)| *substance);
        known(&self.whole).or_else(|| known(&self.core)).unwrap_or(&self.core)
    }
}

fn names() -> &'static [(&'static str, &'static str)] {
    static READ: OnceLock<Vec<(&'static str, &'static str)>> = OnceLock::new();
    READ.get_or_init(|| {
        NAMES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect()
    })
}

/// A name as it is compared with others.
pub(super) fn called(name: &str) -> String {
    numbered(&bare(Some(name)).unwrap_or_default())
}

/// In the plain script, with digits for numerals in front of a stage or a size: `3段` for `三段`.
fn numbered(name: &str) -> String {
    let plain = |c: char| PLAIN.iter().find(|(one, _)| *one == c).map_or(c, |(_, other)| *other);
    let chars: Vec<char> = name.chars().map(plain).collect();
    let mut out = String::with_capacity(name.len());
    for (at, c) in chars.iter().enumerate() {
        let staged = matches!(chars.get(at + 1), Some('段' | '号' | '型'));
        match digit(*c).filter(|_| staged) {
            Some(value) => out.push_str(&value.to_string()),
            None => out.push(*c),
        }
    }
    out
}

/// A strength and a pack at the end of a name: `布洛芬缓释胶囊0.3g*24粒`.
fn sized(whole: &str) -> (String, Option<String>, Option<String>) {
    let chars: Vec<char> = whole.chars().collect();
    let measured = |at: usize| {
        let digits = chars[at..].iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
        let rest: String = chars[at + digits..].iter().collect();
        let starts = ["mg", "ml", "μg", "ug", "mcg", "g*", "g(", "%", "毫克", "毫升", "微克", "克", "iu", "单位"]
            .iter()
            .any(|word| rest.starts_with(word));
        digits > 0 && (starts || rest == "g")
    };
    let begins = |at: usize| {
        chars[at].is_ascii_digit() && at > 0 && !chars[at - 1].is_ascii_alphanumeric() && chars[at - 1] != '.'
    };
    let Some(at) = (0..chars.len()).find(|at| begins(*at) && measured(*at)) else {
        return (whole.to_owned(), None, None);
    };
    let front: String = chars[..at].iter().collect::<String>().trim_end_matches(['(', ' ']).to_owned();
    let tail: String = chars[at..].iter().collect::<String>().replace('×', "*");
    let tail = tail.trim_matches(['(', ')']);
    match tail.split_once('*') {
        Some((strength, pack)) => (front, Some(strength.to_owned()), Some(pack.to_owned())),
        None => (front, Some(tail.to_owned()), None),
    }
}

/// Numbers and letters out of a name, each with the unit of Han behind it, and the rest.
fn marks(text: &str) -> (String, Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut core, mut found, mut at) = (String::new(), Vec::new(), 0);
    // A name in letters alone has no marks.
    if !chars.iter().any(|c| is_han(*c)) {
        return (text.to_owned(), found);
    }
    while at < chars.len() {
        let len = chars[at..].iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '%')).count();
        if len > 0 {
            found.push(chars[at..at + len].iter().collect());
            at += len;
            // `M码`, `5号`: the word says nothing more.
            at += usize::from(matches!(chars.get(at), Some('码' | '号' | '型' | '段')));
        } else {
            core.push(chars[at]);
            at += 1;
        }
    }
    (core, found)
}
