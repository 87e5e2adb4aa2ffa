//! The algorithms of Web Cryptography as plain functions over bytes: digests, HMAC, AES, derivation of
//! keys, RSA, and curves; and the encodings of their keys.
//!
//! Nothing here keeps state, nor asks a system for randomness: what is random follows from a seed that
//! the caller gives, so that a run with a known seed repeats exactly. What takes long is handed over in
//! pieces (rounds of PBKDF2, candidates for primes), because no function here can be interrupted.
//!
//! Must not know engines, JavaScript, or what a run is.

#![forbid(unsafe_code)]

mod aes;
mod curve;
mod der;
mod hash;
mod rsa;
mod weierstrass;

pub use aes::{cbc_decrypt, cbc_encrypt, ctr, gcm_decrypt, gcm_encrypt, kw_unwrap, kw_wrap};
pub use curve::{Curve, Pair};
pub use hash::{Hash, hkdf, pbkdf2_first, pbkdf2_more};
pub use rsa::{
    Padding, RsaParts, rsa_decrypt, rsa_encrypt, rsa_exponent_is_usable, rsa_export,
    rsa_from_parts, rsa_from_primes, rsa_import, rsa_parts, rsa_prime, rsa_public, rsa_sign,
    rsa_verify,
};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;

/// Bytes that all randomness of one call follows from.
pub type Seed = [u8; 32];

/// What went wrong, by the names that Web Cryptography has for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was given is no key of the algorithm, or not in the encoding that was named.
    #[error("{0}")]
    Data(&'static str),
    /// The algorithm cannot be carried out on what was given.
    #[error("{0}")]
    Operation(&'static str),
}

impl Error {
    /// The name of the `DOMException` that it is to scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Data(_) => "DataError",
            Self::Operation(_) => "OperationError",
        }
    }
}

fn generator(seed: &Seed) -> ChaCha20Rng {
    ChaCha20Rng::from_seed(*seed)
}
