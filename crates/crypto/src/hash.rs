//! Digests, and what is made of them: HMAC (RFC 2104), HKDF (RFC 5869), PBKDF2 (RFC 8018).

use crate::Error;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Bytes of HKDF's `info` at most: it is hashed once for each of up to 255 blocks.
const MAX_INFO: usize = 4096;

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1, for what is old.
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// Does the same with each digest's type as `$D`.
macro_rules! with_digest {
    ($hash:expr, $D:ident => $body:expr) => {
        match $hash {
            $crate::Hash::Sha1 => {
                type $D = ::sha1::Sha1;
                $body
            }
            $crate::Hash::Sha256 => {
                type $D = ::sha2::Sha256;
                $body
            }
            $crate::Hash::Sha384 => {
                type $D = ::sha2::Sha384;
                $body
            }
            $crate::Hash::Sha512 => {
                type $D = ::sha2::Sha512;
                $body
            }
        }
    };
}
pub(crate) use with_digest;

impl Hash {
    /// The digest of `data`.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        with_digest!(self, D => D::digest(data).to_vec())
    }

    /// Bytes of a digest.
    pub fn size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The message's code under `key`.
    pub fn hmac(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        Keyed::new(self, key).code(&[message])
    }

    /// Whether `code` is the message's code; takes the same time wherever it differs.
    pub fn hmac_verify(self, key: &[u8], message: &[u8], code: &[u8]) -> bool {
        match Keyed::new(self, key) {
            Keyed::Sha1(mac) => mac.chain_update(message).verify_slice(code).is_ok(),
            Keyed::Sha256(mac) => mac.chain_update(message).verify_slice(code).is_ok(),
            Keyed::Sha384(mac) => mac.chain_update(message).verify_slice(code).is_ok(),
            Keyed::Sha512(mac) => mac.chain_update(message).verify_slice(code).is_ok(),
        }
    }
}

/// HMAC that has its key, to be used many times.
#[derive(Clone)]
enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

impl Keyed {
    fn new(hash: Hash, key: &[u8]) -> Self {
        const ANY_LENGTH: &str = "HMAC takes keys of any length";
        match hash {
            Hash::Sha1 => Self::Sha1(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha256 => Self::Sha256(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha384 => Self::Sha384(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha512 => Self::Sha512(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
        }
    }

    /// The code of the pieces, one behind the other.
    fn code(&self, pieces: &[&[u8]]) -> Vec<u8> {
        fn code<M: Mac + Clone>(mac: &M, pieces: &[&[u8]]) -> Vec<u8> {
            let mut mac = mac.clone();
            for piece in pieces {
                mac.update(piece);
            }
            mac.finalize().into_bytes().to_vec()
        }
        match self {
            Self::Sha1(mac) => code(mac, pieces),
            Self::Sha256(mac) => code(mac, pieces),
            Self::Sha384(mac) => code(mac, pieces),
            Self::Sha512(mac) => code(mac, pieces),
        }
    }
}

/// HKDF's extraction and expansion to `length` bytes.
///
/// # Errors
/// [`Error::Operation`] for more than 255 digests, or more than 4096 bytes of `info`.
pub fn hkdf(
    hash: Hash,
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    length: usize,
) -> Result<Vec<u8>, Error> {
    if length > 255 * hash.size() {
        return Err(Error::Operation("HKDF derives 255 blocks of its hash at most"));
    }
    if info.len() > MAX_INFO {
        return Err(Error::Operation("HKDF takes 4096 bytes of info at most"));
    }
    let keyed = Keyed::new(hash, &hash.hmac(salt, secret));
    let mut derived = Vec::with_capacity(length + hash.size());
    let mut block = Vec::new();
    let mut number = 0;
    while derived.len() < length {
        number += 1;
        block = keyed.code(&[&block, info, &[number]]);
        derived.extend_from_slice(&block);
    }
    derived.truncate(length);
    Ok(derived)
}

/// The state of PBKDF2's block of this number (from 1 on) after its first round: the last round's code,
/// and behind it what all rounds come to.
pub fn pbkdf2_first(hash: Hash, password: &[u8], salt: &[u8], block: u32) -> Vec<u8> {
    let code = Keyed::new(hash, password).code(&[salt, &block.to_be_bytes()]);
    [&code[..], &code].concat()
}

/// The state after `rounds` more.
///
/// # Errors
/// [`Error::Operation`] for what is no state.
pub fn pbkdf2_more(
    hash: Hash,
    password: &[u8],
    state: &[u8],
    rounds: u32,
) -> Result<Vec<u8>, Error> {
    if state.len() != 2 * hash.size() {
        return Err(Error::Operation("no state of PBKDF2"));
    }
    let keyed = Keyed::new(hash, password);
    let (code, sum) = state.split_at(hash.size());
    let (mut code, mut sum) = (code.to_vec(), sum.to_vec());
    for _ in 0..rounds {
        code = keyed.code(&[&code]);
        for (sum, byte) in sum.iter_mut().zip(&code) {
            *sum ^= byte;
        }
    }
    code.append(&mut sum);
    Ok(code)
}
