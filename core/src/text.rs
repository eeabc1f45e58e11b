//! Text on its way to a screen: what a peer wrote, made harmless to whoever draws it.
//!
//! A text is kept and passed on byte for byte. On a screen it must not be able to do more than be read: no escape
//! sequence, no line break that looks like a line of the program's own, no mark that turns the order of reading around,
//! no letter that is there and not seen. What would is replaced by a sign of itself, so that a reader sees that it was
//! there. This module knows no terminal and no person: it gives texts and compares them.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
#[cfg(feature = "columns")]
use unicode_segmentation::UnicodeSegmentation;
#[cfg(feature = "columns")]
use unicode_width::UnicodeWidthStr;

/// Characters that a name is shown with; what is longer ends in `…`.
pub const NAME_SHOWN: usize = 48;

/// Begins a stretch that is laid out by itself, in the direction of its first letter.
const ISOLATE: char = '\u{2068}';
/// Ends such a stretch.
const END: char = '\u{2069}';

/// One line for a screen: controls, line breaks, marks of direction and letters that nobody sees are shown as signs of
/// themselves. Twice is once. Joiners and selectors that scripts and emoji are made with stay.
///
/// ```
/// assert_eq!(linli_core::text::clean("milk\u{1b}[2J\nnow"), "milk␛[2J␊now");
/// assert_eq!(linli_core::text::clean("3\u{202e}xcod.exe"), "3‹202E›xcod.exe");
/// ```
pub fn clean(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_control(c) || is_hidden(c))
}

/// The same for a text that may have several lines, such as a note in a field of its own: line feeds stay.
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    replaced(text, |c| c != '\n' && (is_control(c) || is_hidden(c)))
}

/// A name as a screen shows it: cleaned more strictly, for a name has no need of joiners and selectors, each stretch of
/// white space as one space, at most [`NAME_SHOWN`] characters.
pub fn clean_name(name: &str) -> String {
    let words: Vec<&str> =
        name.split(|c: char| c.is_whitespace() && !is_control(c)).filter(|w| !w.is_empty()).collect();
    let joined = words.join(" ");
    let shown = replaced(&joined, |c| is_control(c) || is_hidden(c) || is_unseen(c));
    match shown.char_indices().nth(NAME_SHOWN) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown.into_owned(),
    }
}

/// A cleaned text that changes the direction of nothing around it: one with letters that run from right to left is
/// laid out by itself.
pub fn isolate(text: &str) -> Cow<'_, str> {
    let cleaned = clean(text);
    if cleaned.chars().any(runs_left) { format!("{ISOLATE}{cleaned}{END}").into() } else { cleaned }
}

/// A line that was put together out of several texts, for a terminal: cleaned, and each stretch of it that runs from right
/// to left laid out by itself, so that the order of all else is the order in which it was written. A stretch ends
/// where a letter runs the other way, and at two spaces.
pub fn line(text: &str) -> String {
    let cleaned = clean(text);
    if !cleaned.chars().any(runs_left) {
        return cleaned.into_owned();
    }
    let mut out = String::with_capacity(cleaned.len() + 16);
    // A stretch, and what may or may not belong to it yet.
    let (mut stretch, mut after) = (String::new(), String::new());
    let end = |stretch: &mut String, after: &mut String, out: &mut String| {
        if !stretch.is_empty() {
            out.extend([ISOLATE].iter());
            out.push_str(stretch);
            out.push(END);
        }
        out.push_str(after);
        stretch.clear();
        after.clear();
    };
    for c in cleaned.chars() {
        if runs_left(c) {
            stretch.push_str(&after);
            after.clear();
            stretch.push(c);
            continue;
        }
        let parts = c.is_alphabetic() || (c == ' ' && after.ends_with(' '));
        if stretch.is_empty() || parts {
            end(&mut stretch, &mut after, &mut out);
            out.push(c);
        } else {
            after.push(c);
        }
    }
    end(&mut stretch, &mut after, &mut out);
    out
}

/// The same in at most so many columns of a terminal, where wide characters take two: what does not fit is left out behind
/// `…`, whole letters of it, and what cannot be seen and stands there many times is shown once.
///
/// ```
/// assert_eq!(linli_core::text::line_within("牛奶2箱，鸡蛋1箱", 8), "牛奶2箱…");
/// ```
#[cfg(feature = "columns")]
pub fn line_within(text: &str, columns: usize) -> String {
    let mut before = None;
    let again = |c: char| before.replace(c) == Some(c) && (is_control(c) || is_hidden(c));
    let once: String = text.chars().map(again).zip(text.chars()).filter(|(again, _)| !again).map(|(_, c)| c).collect();
    let cleaned = clean(&once);
    let (mut used, mut kept) = (0, 0);
    for (at, letter) in cleaned.grapheme_indices(true) {
        used += letter.width();
        if used > columns {
            let cut = if columns > 0 { "…" } else { "" };
            return line(&cleaned[..kept]) + cut;
        }
        if used < columns {
            kept = at + letter.len();
        }
    }
    line(&cleaned)
}

/// JSON as it was, with whatever a terminal would obey or hide written as an escape: it says the same to whoever parses
/// it. Only texts of JSON hold such characters, so each may be replaced where it stands.
pub fn json(document: &str) -> Cow<'_, str> {
    let escaped = |c: char| c != '\n' && (is_control(c) || is_hidden(c));
    if !document.chars().any(escaped) {
        return document.into();
    }
    let mut out = String::with_capacity(document.len() + 32);
    for c in document.chars() {
        if escaped(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// What two names have in common if a hasty reader takes one for the other: width, case, white space and letters that
/// nobody sees make no difference, nor do letters of other scripts that look like Latin ones.
pub fn likeness(name: &str) -> String {
    let seen = name.nfkc().filter(|c| !is_control(*c) && !is_hidden(*c) && !is_unseen(*c) && !c.is_whitespace());
    seen.flat_map(char::to_lowercase).map(lookalike).nfkc().collect()
}

/// Whether a name could be taken for an id, for a name with an id behind it, or for a word that means somebody: it is
/// never shown alone.
pub fn is_like_an_id(name: &str) -> bool {
    let plain: String = name.nfkc().filter(|c| !is_hidden(*c) && !is_unseen(*c)).collect();
    let plain = plain.trim();
    let numbered = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count() >= 4;
    let marked =
        plain.starts_with(['@', '#']) || plain.split(['@', '#']).skip(1).any(|rest| numbered(rest.trim_start()));
    let digits = plain.len() >= 4 && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    marked || digits || plain.is_empty() || matches!(plain.to_lowercase().as_str(), "me" | "我")
}

/// Marks behind one letter, or on it, beyond which each stands for itself: a stack of them paints over the lines around it.
const MARKS: usize = 3;

/// How many marks stand one behind the other, up to and with this character.
fn stack(marks: &mut usize, c: char) -> usize {
    *marks = if is_combining_mark(c) { marks.saturating_add(1) } else { 0 };
    *marks
}

fn replaced(text: &str, hides: impl Fn(char) -> bool) -> Cow<'_, str> {
    // A mark at the beginning would be drawn over whatever stands before the text.
    let before = MARKS * usize::from(text.starts_with(is_combining_mark));
    let mut marks = before;
    if !text.chars().any(|c| hides(c) || stack(&mut marks, c) > MARKS) {
        return text.into();
    }
    let (mut out, mut marks) = (String::with_capacity(text.len() + 16), before);
    for c in text.chars() {
        let stacked = stack(&mut marks, c) > MARKS;
        match u32::from(c) {
            _ if !stacked && !hides(c) => out.push(c),
            // Each of the first 32 has a picture of its own, and so has DEL.
            code @ 0..32 => out.extend(char::from_u32(0x2400 + code)),
            127 => out.push('\u{2421}'),
            code => out.push_str(&format!("‹{code:02X}›")),
        }
    }
    out.into()
}

/// C0, DEL, C1, and the separators that break a line.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// What turns the direction around, or is there and not seen, and has no place in a text that people type.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        // Direction.
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Joiners of words, operators, shapes of digits.
        | '\u{00ad}' | '\u{034f}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        // Letters that fill a place.
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}'
        // Notes of shorthand and music, tags.
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        // What is no character, and never will be one.
        | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// What scripts and emoji are made with, and a name is not.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}')
}

/// Letters, marks and digits of scripts that run from right to left.
fn runs_left(c: char) -> bool {
    matches!(c,
        '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// A small letter, or the Latin one that it is taken for.
pub(crate) fn lookalike(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'ε' => 'e',
        'н' | 'һ' => 'h',
        'і' | 'ι' | 'ӏ' | 'ı' | 'l' | '1' | '|' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'η' => 'n',
        'о' | 'ο' | 'σ' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ζ' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_not_stacked_over_the_lines_around() {
        let stacked = format!("a{}b", "\u{301}".repeat(50));

        for cleaned in [clean(&stacked).into_owned(), clean_lines(&stacked).into_owned(), line(&stacked)] {
            assert_eq!(cleaned.chars().filter(|c| is_combining_mark(*c)).count(), MARKS, "{cleaned}");
            assert!(cleaned.ends_with("‹301›b"), "{cleaned}");
            assert_eq!(clean(&cleaned), cleaned, "twice is once");
        }
        assert_eq!((clean("\u{301}ab").as_ref(), clean("\u{fe0f}\u{301}ab").as_ref()), ("‹301›ab", "‹FE0F›‹301›ab"));
        assert_eq!(line("milk\u{fffe}\u{fdd0}\u{1ffff}"), "milk‹FFFE›‹FDD0›‹1FFFF›");
        for plain in ["Nguyễn Thị Ánh", "ที่นี่", "3\u{fe0f}\u{20e3}", "👩‍👩‍👧"] {
            assert_eq!(clean(plain), plain);
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left_and_twice_is_once() {
        // Wherever Unicode has letters that do something and are not seen.
        let low = (0..0x3200).chain(0xf900..0x1_0100);
        for code in low.chain(0x1_bc00..0x1_bd00).chain(0x1_d100..0x1_d200).chain(0xe_0000..0xe_1000) {
            let Some(c) = char::from_u32(code) else { continue };
            let text = format!("a{c}b");
            for cleaned in [clean(&text).into_owned(), clean_name(&text), line(&text)] {
                assert!(!cleaned.contains(|c: char| is_control(c)), "U+{code:04X} is left in {cleaned:?}");
            }
            let cleaned = clean(&text).into_owned();
            assert!(!cleaned.contains(is_hidden), "U+{code:04X} is left in {cleaned:?}");
            assert_eq!(clean(&cleaned), cleaned);
            let document = serde_json::to_string(&text).expect("a text");
            let told = json(&document);
            assert!(!told.contains(|c: char| is_control(c) || is_hidden(c)), "U+{code:04X} is left in {told:?}");
            assert_eq!(serde_json::from_str::<String>(&told).expect("still JSON"), text);
        }
    }

    #[test]
    fn a_text_of_every_day_stays_as_it_is() {
        for text in ["布洛芬 2 盒", "3-2-1804", "don't ring — knock", "👨‍👩‍👧 ❤️", "می‌خواهم", "ﬁ", ""]
        {
            assert_eq!(clean(text), text);
        }
        assert_eq!(clean_lines("knock\ntwice\r"), "knock\ntwice␍");
        assert_eq!(clean_name("  Wu \u{3000} Mei "), "Wu Mei");
        assert_eq!(clean_name("W\u{200d}u"), "W‹200D›u");
        assert_eq!(clean_name(&"长".repeat(100)).chars().count(), NAME_SHOWN + 1);
    }

    #[test]
    fn what_runs_from_right_to_left_moves_nothing_around_it() {
        assert_eq!(line("#a1b2c3  3-2  שלום 12 עולם  2 bags"), "#a1b2c3  3-2  \u{2068}שלום 12 עולם\u{2069}  2 bags");
        assert_eq!(line("שלום abc עולם"), "\u{2068}שלום\u{2069} abc \u{2068}עולם\u{2069}");
        assert_eq!(line("שלום  3-2-1804  עולם"), "\u{2068}שלום\u{2069}  3-2-1804  \u{2068}עולם\u{2069}");
        assert_eq!(isolate("שלום"), "\u{2068}שלום\u{2069}");
        assert_eq!(isolate("\u{2069}שלום"), "\u{2068}‹2069›שלום\u{2069}");
        assert_eq!(isolate("milk"), "milk");
    }

    #[cfg(feature = "columns")]
    #[test]
    fn a_line_is_cut_between_letters_and_closes_what_it_opens() {
        assert_eq!(line_within("milk 2", 6), "milk 2");
        assert_eq!(line_within("milk 20", 6), "milk …");
        assert_eq!(line_within("大米20斤", 5), "大米…");
        assert_eq!(line_within("大米20斤", 4), "大…");
        assert_eq!(line_within("ab👩‍👩‍👧cd", 4), "ab…");
        assert_eq!(line_within("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(line_within("שלום עולם", 4), "\u{2068}שלו\u{2069}…");
        assert_eq!(line_within(&format!("米{}面", "\u{200b}".repeat(900)), 12), "米‹200B›面");
        assert_eq!((line_within("米", 0), line_within("", 0)), (String::new(), String::new()));
    }

    #[test]
    fn names_that_are_taken_for_each_other_have_one_likeness() {
        for other in ["wu", "Ｗu", "W u", "W\u{200b}u", "Ԝυ", "W\u{fe0f}u"] {
            assert_eq!(likeness(other), likeness("Wu"), "{other}");
        }
        assert_eq!(likeness("Аnna"), likeness("Anna"), "a Cyrillic А");
        assert_eq!(likeness("Li1y"), likeness("Lily"));
        assert_ne!(likeness("Wu"), likeness("Wang"));
        for name in ["7c660645", "@Wu", "ＭＥ", "", " \u{200b}", "#a1b2", "Wu @7c660645", "Wu＠ 7c66", "(#a1b2)"] {
            assert!(is_like_an_id(name), "{name:?}");
        }
        for name in ["Ada", "Wu", "张阿姨", "Bea 2", "Wu@3", "Anna @work"] {
            assert!(!is_like_an_id(name), "{name:?}");
        }
    }
}
