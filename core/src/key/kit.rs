//! The recovery kit: 24 words on paper, from which a device's keys are derived (BIP-39 words, English or Chinese).
//!
//! The words are the only copy once a person has confirmed that they are written down: nothing here keeps them, and
//! nothing elsewhere from then on.

use std::{fmt, str::FromStr};

use bip39::{Language, Mnemonic};
use rand::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::DeviceKeys;

const CONTEXT: &str = "linli 2026 recovery kit keys v2";

/// In which language the words are written. The same kit has words in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KitLanguage {
    /// English words of a fixed list.
    English,
    /// Simplified Chinese, one character for each word.
    Chinese,
}

impl KitLanguage {
    fn list(self) -> Language {
        match self {
            KitLanguage::English => Language::English,
            KitLanguage::Chinese => Language::SimplifiedChinese,
        }
    }
}

/// The secret behind the words: 32 random bytes. Wiped when dropped, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct KitWords([u8; 32]);

impl fmt::Debug for KitWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KitWords(…)")
    }
}

/// Why words are no kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// There are not 24.
    #[error("a kit has 24 words, these are {got}")]
    Count {
        /// How many there are.
        got: usize,
    },
    /// A word is in no list.
    #[error("word {place} is not in the list")]
    Unknown {
        /// Which, from 1.
        place: usize,
    },
    /// The words do not fit together: one was changed, or two swapped.
    #[error("the words do not fit together: one is wrong or in the wrong place")]
    Checksum,
}

impl KitWords {
    /// How many words there are.
    pub const COUNT: usize = 24;

    /// Throws a new kit.
    pub fn generate(dice: &mut dyn CryptoRng) -> Self {
        let mut bytes = [0; 32];
        dice.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The words, to be written down.
    pub fn words(&self, language: KitLanguage) -> Vec<&'static str> {
        // 32 bytes are a length that BIP-39 knows, so there is no error.
        let mnemonic = Mnemonic::from_entropy_in(language.list(), &self.0);
        mnemonic.map(|mnemonic| mnemonic.words().collect()).unwrap_or_default()
    }

    /// The keys of the kit's device: 64 bytes of BLAKE3 over the secret, as a device keeps them.
    pub fn keys(&self) -> DeviceKeys {
        let mut bytes = Zeroizing::new([0; DeviceKeys::LEN]);
        blake3::Hasher::new_derive_key(CONTEXT).update(&self.0).finalize_xof().fill(bytes.as_mut_slice());
        DeviceKeys::build(&bytes)
    }
}

/// Words in either language, between them spaces or line breaks; Chinese ones may stand without.
impl FromStr for KitWords {
    type Err = WordsError;

    fn from_str(text: &str) -> Result<Self, WordsError> {
        let text = Zeroizing::new(text.to_lowercase());
        let chinese = text.chars().any(|c| !c.is_ascii() && !c.is_whitespace());
        let words: Zeroizing<Vec<String>> = Zeroizing::new(if chinese {
            text.chars().filter(|c| !c.is_whitespace()).map(String::from).collect()
        } else {
            text.split_whitespace().map(str::to_owned).collect()
        });
        if words.len() != Self::COUNT {
            return Err(WordsError::Count { got: words.len() });
        }
        let language = if chinese { Language::SimplifiedChinese } else { Language::English };
        let spaced = Zeroizing::new(words.join(" "));
        let mnemonic = Mnemonic::parse_in(language, spaced.as_str()).map_err(|error| match error {
            bip39::Error::UnknownWord(at) => WordsError::Unknown { place: at.saturating_add(1) },
            _ => WordsError::Checksum,
        })?;
        let entropy = Zeroizing::new(mnemonic.to_entropy());
        entropy.as_slice().try_into().map(Self).map_err(|_| WordsError::Checksum)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn kit() -> KitWords {
        KitWords::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1))
    }

    #[test]
    fn a_kit_comes_back_from_its_words_in_either_language() {
        for (language, between) in
            [(KitLanguage::English, " "), (KitLanguage::Chinese, ""), (KitLanguage::Chinese, "\n")]
        {
            let words = kit().words(language);
            let typed = format!(" {}\n", words.join(between).to_uppercase());
            let again: KitWords = typed.parse().expect("as they were written down");

            assert_eq!(words.len(), KitWords::COUNT);
            assert_eq!(again.keys().record(), kit().keys().record());
        }
    }

    #[test]
    fn wrong_words_are_told_from_right_ones() {
        let words = kit().words(KitLanguage::English);
        let mut swapped = words.clone();
        swapped.swap(0, 1);
        let mut unknown = words.clone();
        unknown[4] = "linli";
        let parse = |words: &[&str]| words.join(" ").parse::<KitWords>().map(drop);

        assert_eq!(parse(&words), Ok(()));
        assert_eq!(parse(&words[1..]), Err(WordsError::Count { got: 23 }));
        assert_eq!(parse(&swapped), Err(WordsError::Checksum));
        assert_eq!(parse(&unknown), Err(WordsError::Unknown { place: 5 }));
    }

    #[test]
    fn a_kit_prints_no_secret() {
        assert_eq!(format!("{:?}", kit()), "KitWords(…)");
    }
}
