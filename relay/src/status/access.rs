//! Who may see the status page: whoever sits at the machine, or gives the word.

use std::net::SocketAddr;

use anyhow::bail;
use blake3::Hash;
use hyper::header::{self, HeaderMap};

/// Characters of a word, at least: 12 of 64 kinds are not guessed over a network.
const SHORTEST: usize = 12;
const COOKIE: &str = "linli-relay";
/// Seconds for which a browser remembers: 30 days.
const REMEMBER: u32 = 30 * 24 * 3600;

/// What is shown to whoever gives no word, or a wrong one.
pub(super) const ASK: &str = "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>Linli</title>\
<p>此页需要口令：在网址末尾加上 <code>/?token=口令</code>。\
<p lang=\"en\">This page wants its word: add <code>/?token=WORD</code> to the address.";

/// Decides who may see the page.
#[derive(Debug)]
pub(super) struct Access(Option<Word>);

/// The word, as it can be compared without telling by the time it takes how much of it was right.
#[derive(Debug)]
struct Word {
    word: Hash,
    /// What a browser is given for it: whoever reads that elsewhere does not learn the word.
    cookie: Hash,
}

/// What the access says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Whoever asks may see the page.
    Welcome,
    /// The word was right: here is a cookie.
    Cookie(String),
    /// No word was given.
    NoWord,
    /// Another word was given.
    WrongWord,
    /// A page of somebody else's has sent the browser here, under a name of its own.
    Foreign,
}

impl Access {
    /// # Errors
    /// Why there can be no page at this address, or with this word.
    pub(super) fn new(at: SocketAddr, word: Option<&str>) -> anyhow::Result<Self> {
        let Some(word) = word else {
            if at.ip().is_loopback() {
                return Ok(Self(None));
            }
            bail!(
                "the status page on {at} could be seen from other machines: set --status-token, or leave it on 127.0.0.1"
            );
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if word.len() < SHORTEST || !word.bytes().all(plain) {
            bail!(
                "the status token needs {SHORTEST} letters and digits or more, such as {}",
                hex::encode(rand::random::<[u8; 12]>())
            );
        }
        let cookie = blake3::derive_key("linli 2026 status page cookie v1", word.as_bytes());
        Ok(Self(Some(Word { word: blake3::hash(word.as_bytes()), cookie: cookie.into() })))
    }

    /// Judges a request by its headers and its query.
    pub(super) fn judge(&self, headers: &HeaderMap, query: Option<&str>) -> Pass {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(Word { word, cookie }) = &self.0 else {
            // Without a word, only the name tells a person's own browser from a page that had its name point here.
            let own = text(header::HOST).is_some_and(is_loopback);
            return if own { Pass::Welcome } else { Pass::Foreign };
        };
        let is_word = |given: &str| blake3::hash(given.as_bytes()) == *word;
        if let Some(given) = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token="))) {
            let cookie = || format!("{COOKIE}={cookie}; Path=/; Max-Age={REMEMBER}; HttpOnly; SameSite=Strict");
            return if is_word(given) { Pass::Cookie(cookie()) } else { Pass::WrongWord };
        }
        if let Some(given) = text(header::AUTHORIZATION).and_then(|given| given.strip_prefix("Bearer ")) {
            return if is_word(given.trim()) { Pass::Welcome } else { Pass::WrongWord };
        }
        let cookies = text(header::COOKIE).into_iter().flat_map(|cookies| cookies.split(';'));
        let mut ours = cookies.filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
        match ours.next() {
            None => Pass::NoWord,
            Some(given) if Hash::from_hex(given).is_ok_and(|given| given == *cookie) => Pass::Welcome,
            Some(_other) => Pass::NoWord,
        }
    }
}

/// Whether a `Host` names this machine as it names itself.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const HOME: &str = "127.0.0.1:4480";
    const OUT: &str = "0.0.0.0:4480";
    const WORD: &str = "plum-blossom-7";

    fn headers(all: &[(header::HeaderName, &str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_page_that_others_could_see_wants_a_word_that_is_not_guessed() {
        let (home, out) = (HOME.parse().unwrap(), OUT.parse().unwrap());

        assert!(Access::new(home, None).is_ok());
        assert!(Access::new(out, None).unwrap_err().to_string().contains("--status-token"));
        assert!(Access::new(out, Some(WORD)).is_ok());
        for bad in ["", "plum", "twelve words with spaces", "梅花梅花梅花梅花"] {
            assert!(Access::new(home, Some(bad)).unwrap_err().to_string().contains("12"), "{bad}");
        }
    }

    #[test]
    fn a_foreign_name_for_this_machine_is_turned_away() {
        let access = Access::new(HOME.parse().unwrap(), None).unwrap();

        for own in ["localhost:4480", "127.0.0.1:4480", "[::1]:4480", "LOCALHOST", "[::1]"] {
            assert_eq!(access.judge(&headers(&[(header::HOST, own)]), None), Pass::Welcome, "{own}");
        }
        for foreign in ["evil.example:4480", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""] {
            assert_eq!(access.judge(&headers(&[(header::HOST, foreign)]), None), Pass::Foreign, "{foreign}");
        }
        assert_eq!(access.judge(&HeaderMap::new(), None), Pass::Foreign);
    }

    #[test]
    fn the_word_lets_in_by_header_and_once_in_the_address_for_a_cookie() {
        let access = Access::new(OUT.parse().unwrap(), Some(WORD)).unwrap();
        let bearer = format!("Bearer {WORD}");

        assert_eq!(access.judge(&HeaderMap::new(), None), Pass::NoWord);
        assert_eq!(access.judge(&headers(&[(header::AUTHORIZATION, &bearer)]), None), Pass::Welcome);
        assert_eq!(access.judge(&headers(&[(header::AUTHORIZATION, "Bearer plum")]), None), Pass::WrongWord);
        assert_eq!(access.judge(&HeaderMap::new(), Some("token=plum")), Pass::WrongWord);
        let Pass::Cookie(set) = access.judge(&HeaderMap::new(), Some(&format!("token={WORD}"))) else { panic!() };
        let (cookie, _) = set.split_once(';').unwrap();
        assert!(!cookie.contains(WORD) && set.contains("HttpOnly"));
        let both = format!("other=1; {cookie}");
        assert_eq!(access.judge(&headers(&[(header::COOKIE, &both)]), None), Pass::Welcome);
        let forged = "linli-relay=00";
        assert_eq!(access.judge(&headers(&[(header::COOKIE, forged)]), None), Pass::NoWord);
    }
}
