use encoding_rs::GB18030;

use super::{Broken, Encoding, Table, is_garbled, table};

#[test]
fn one_list_is_one_in_every_encoding() {
    let text = "栋,姓名\n7,沈玉\n";
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark.to_vec(), bytes].concat();
    let coded = [
        (Encoding::Utf8, text.as_bytes().to_vec()),
        (Encoding::Utf8, marked(b"\xef\xbb\xbf", text.as_bytes().to_vec())),
        (Encoding::Gb18030, GB18030.encode(text).0.into_owned()),
        (Encoding::Utf16Le, marked(b"\xff\xfe", wide(u16::to_le_bytes))),
        (Encoding::Utf16Be, marked(b"\xfe\xff", wide(u16::to_be_bytes))),
        (Encoding::Utf16Le, wide(u16::to_le_bytes)),
    ];

    for (encoding, bytes) in coded {
        let read = table(&bytes, heads).unwrap();
        assert_eq!(read.encoding, encoding);
        assert_eq!(lines(&read), [(1, vec!["栋", "姓名"]), (2, vec!["7", "沈玉"])]);
    }
}

#[test]
fn the_sign_between_cells_is_the_one_that_makes_headings() {
    for (text, delimiter) in [
        ("栋;姓名\n7;\"沈玉, 沈兰\"\n", ';'),
        ("栋\t姓名\n7\t沈玉,沈兰\n", '\t'),
        ("栋|姓名\n7|沈玉\n", '|'),
        ("登记表,,\n栋,姓名,a;b;c;d\n7,沈玉,e\n", ','),
        ("sep=;\n栋;姓名\n7;沈玉\n", ';'),
    ] {
        assert_eq!(read(text).delimiter, delimiter, "{text}");
    }
    assert_eq!(read("sep=;\n栋;姓名\n").records[0].line, 2);
}

#[test]
fn lines_are_counted_as_people_see_them() {
    let read = read("\r\n栋,姓名\r\n\r\n7,\"沈\r\n玉\"\r\n , \r\n8,\"a \"\"b\"\"\"\r9,c");

    assert_eq!(
        lines(&read),
        [(2, vec!["栋", "姓名"]), (4, vec!["7", "沈\n玉"]), (7, vec!["8", "a \"b\""]), (8, vec!["9", "c"])]
    );
}

#[test]
fn from_a_quote_that_nobody_closes_nothing_is_read() {
    for text in ["栋,姓名\n1,沈\n7,\"沈玉\n8,兰\n", "栋,姓名\n1,沈\n7,\"沈玉\n8,\"兰\",\"\n"] {
        let read = read(text);
        assert_eq!(lines(&read).len(), 2, "{text}");
        assert_eq!(read.broken, Some(Broken::UnterminatedQuote { line: 3 }), "{text}");
    }
    assert_eq!(read("栋,姓名\n7,5\" pipe\n").broken, None);
}

#[test]
fn what_is_no_text_is_refused() {
    let broken = |bytes: &[u8]| table(bytes, heads).unwrap_err();

    assert_eq!(broken(b""), Broken::Empty);
    assert_eq!(broken("\u{feff} \n\n".as_bytes()), Broken::Empty);
    assert_eq!(broken(b"PK\x03\x04 a workbook"), Broken::NotText);
    assert_eq!(broken(b"a,b\n\x00\x00\x01"), Broken::NotText);
    assert_eq!(broken(b"<html><table>"), Broken::NotText);
    // A line of another encoding among those of UTF-8.
    let mixed = ["栋,姓名\n7,沈玉\n8,".as_bytes(), &GB18030.encode("兰芳").0, b"\n"].concat();
    assert_eq!(broken(&mixed), Broken::Encoding { line: 3 });
    assert_eq!(broken(b"a,b\nc,\xff\xff\n"), Broken::Encoding { line: 2 });
}

#[test]
fn a_text_that_was_saved_in_the_wrong_encoding_is_seen() {
    let (bytes, ..) = GB18030.encode("沈玉兰");
    let latin: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let read_as_gb = GB18030.decode("沈玉兰家".as_bytes()).0.into_owned();

    assert!(is_garbled(&latin) && is_garbled(&read_as_gb));
    assert!(is_garbled("锟斤拷锟") && is_garbled("???") && is_garbled("沈\u{fffd}"));
    for fine in ["沈玉兰", "Müller", "café ½", "什么?", "12号", "联通", "é"] {
        assert!(!is_garbled(fine), "{fine}");
    }
}

fn heads(cell: &str) -> bool {
    ["栋", "姓名", "name", "room"].contains(&cell.trim())
}

fn read(text: &str) -> Table {
    table(text.as_bytes(), heads).unwrap()
}

fn lines(table: &Table) -> Vec<(usize, Vec<&str>)> {
    table.records.iter().map(|record| (record.line, record.cells.iter().map(String::as_str).collect())).collect()
}
