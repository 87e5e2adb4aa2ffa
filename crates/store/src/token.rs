//! Tokens: how they are made, and whether one is good. Of a token that was made only a hash is kept.

use std::collections::HashMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{NewToken, Role, StoreError, TokenRecord};

/// What every token begins with, by which a text is known as a secret.
const PREFIX: &str = "sandtide_";
const ID_BYTES: usize = 9;
const SECRET_BYTES: usize = 32;
/// Characters of an identity, in base64.
const ID_LENGTH: usize = ID_BYTES * 4 / 3;
const MAX_LABEL: usize = 200;

/// A token, whole. It is shown once, to whoever had it made, and printed nowhere else.
pub struct Secret {
    id: String,
    text: String,
}

impl Secret {
    /// A new token of 256 random bits.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`].
    pub fn generate() -> Result<Self, StoreError> {
        let mut random = [0; ID_BYTES + SECRET_BYTES];
        getrandom::fill(&mut random).map_err(|_| StoreError::Random)?;
        let (id, secret) = random.split_at_mut(ID_BYTES);
        // The first character is no `-`, which command lines would take for an option.
        id[0] &= 0x7f;
        let id = BASE64_URL_SAFE_NO_PAD.encode(id);
        let text = format!("{PREFIX}{id}{}", BASE64_URL_SAFE_NO_PAD.encode(secret));
        Ok(Self { id, text })
    }

    /// Its identity, which is no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The token as its bearer gives it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.text)
    }

    /// What is to be kept of it, for [`Store::add_token`](crate::Store::add_token).
    ///
    /// # Errors
    ///
    /// [`StoreError::Label`].
    pub fn record(
        &self,
        role: Role,
        label: &str,
        expires_ms: Option<i64>,
    ) -> Result<NewToken, StoreError> {
        if label.chars().count() > MAX_LABEL || label.chars().any(char::is_control) {
            return Err(StoreError::Label);
        }
        let (id, hash) = (self.id.clone(), self.hash());
        Ok(NewToken { id, hash, role, label: label.to_owned(), expires_ms })
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("id", &self.id).finish_non_exhaustive()
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// All tokens at one moment.
#[derive(Debug, Default)]
pub struct Tokens(HashMap<String, TokenRecord>);

impl Tokens {
    pub(crate) fn new(all: Vec<TokenRecord>) -> Self {
        Self(all.into_iter().map(|token| (token.id.clone(), token)).collect())
    }

    /// The token that a text is, where it is good at this time (milliseconds since 1970). How long this
    /// takes tells nothing of any secret: the identity finds the record, and the hashes are compared in
    /// constant time.
    pub fn find(&self, text: &str, now_ms: i64) -> Option<&TokenRecord> {
        let rest = text.strip_prefix(PREFIX)?;
        let record = self.0.get(rest.get(..ID_LENGTH)?)?;
        let same: bool = hash(text).ct_eq(&record.hash).into();
        (same && record.is_good(now_ms)).then_some(record)
    }

    /// Whether anybody has made a token, in whatever state it is now, beside the one of the first start.
    pub fn were_made(&self) -> bool {
        self.0.values().any(|token| !token.first)
    }

    /// Whether there is a good token at this time (milliseconds since 1970).
    pub fn any_good(&self, now_ms: i64) -> bool {
        self.0.values().any(|token| token.is_good(now_ms))
    }

    /// All of them, the oldest first.
    pub fn list(&self) -> Vec<&TokenRecord> {
        let mut all: Vec<_> = self.0.values().collect();
        all.sort_by(|a, b| (a.made_ms, &a.id).cmp(&(b.made_ms, &b.id)));
        all
    }
}

impl TokenRecord {
    /// Whether it is neither revoked nor expired at this time (milliseconds since 1970).
    pub fn is_good(&self, now_ms: i64) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|expires| now_ms < expires)
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, Tokens};
    use crate::{Role, TokenRecord};

    fn kept(secret: &Secret, expires_ms: Option<i64>, revoked_ms: Option<i64>) -> TokenRecord {
        TokenRecord {
            id: secret.id().to_owned(),
            hash: secret.hash(),
            role: Role::Admin,
            label: String::new(),
            first: false,
            made_ms: 0,
            expires_ms,
            revoked_ms,
        }
    }

    #[test]
    fn a_token_is_good_whole_and_in_its_time_only() {
        let (secret, other) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        let tokens = Tokens::new(vec![kept(&secret, Some(100), None), kept(&other, None, Some(5))]);
        let text = secret.text();
        assert_eq!(tokens.find(text, 99).unwrap().id, secret.id());
        assert!(tokens.find(text, 100).is_none(), "it has expired");
        assert!(tokens.find(other.text(), 99).is_none(), "it was revoked");
        let changed = |at: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        };
        for at in 0..text.len() {
            assert!(tokens.find(&changed(at), 99).is_none(), "{at}");
            assert!(tokens.find(&text[..at], 99).is_none(), "{at}");
        }
        for wrong in [format!("{text}A"), format!(" {text}"), "sandtide_ééééééé".to_owned()]
        {
            assert!(tokens.find(&wrong, 99).is_none(), "{wrong}");
        }
    }

    #[test]
    fn no_command_line_takes_an_identity_for_an_option() {
        for _ in 0..500 {
            let secret = Secret::generate().unwrap();
            assert!(secret.id().starts_with(|first: char| first.is_ascii_alphabetic()));
        }
    }

    #[test]
    fn labels_are_short_and_of_one_line() {
        let secret = Secret::generate().unwrap();
        assert!(secret.record(Role::Metrics, "Prometheus, in Kiel", None).is_ok());
        for bad in ["a\nb", &"x".repeat(201)] {
            assert_eq!(
                secret.record(Role::Admin, bad, None).unwrap_err().code(),
                "ERR_INVALID_LABEL"
            );
        }
    }

    #[test]
    fn what_is_printed_of_a_secret_is_its_identity() {
        let secret = Secret::generate().unwrap();
        let printed = format!("{secret:?}");
        assert!(printed.contains(secret.id()) && !printed.contains(secret.text()), "{printed}");
    }
}
