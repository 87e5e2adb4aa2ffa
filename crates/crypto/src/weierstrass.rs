//! The NIST curves: the same functions for each, from the crates that have one curve each.
//!
//! A point is X9.62's uncompressed encoding, a secret a scalar of the field's length. Signatures are
//! IEEE P1363's two numbers, with nonces by RFC 6979 from the message's own hash: nothing is random.

use crate::hash::with_digest;
use crate::{Error, Hash, Seed, generator};
use chacha20::rand_core::Rng;
use ecdsa::hazmat::sign_prehashed_rfc6979;

/// What may fail with an [`Error`], from one slice of bytes and from two.
type Of1 = fn(&[u8]) -> Result<Vec<u8>, Error>;
type Of2 = fn(&[u8], &[u8]) -> Result<Vec<u8>, Error>;
/// The same with the hash of what is signed.
type Sign = fn(Hash, &[u8], &[u8]) -> Result<Vec<u8>, Error>;

/// A curve's functions.
pub(crate) struct Functions {
    /// Bytes of a coordinate and of a scalar.
    pub(crate) size: usize,
    pub(crate) secret: fn(&Seed) -> Vec<u8>,
    pub(crate) point: Of1,
    pub(crate) check: Of1,
    pub(crate) sign: Sign,
    pub(crate) verify: fn(&[u8], &[u8], &[u8]) -> bool,
    pub(crate) agree: Of2,
}

const BAD_SECRET: Error = Error::Data("The private key is no scalar of the curve");
const BAD_POINT: Error = Error::Data("The public key is no point of the curve");

macro_rules! functions {
    ($name:ident, $curve:ident, $bits:literal) => {
        pub(crate) mod $name {
            use super::*;
            use $curve::ecdsa::signature::hazmat::PrehashVerifier;
            use $curve::ecdsa::{Signature, VerifyingKey};
            use $curve::elliptic_curve::sec1::ToSec1Point;
            use $curve::{PublicKey, SecretKey};

            const SIZE: usize = ($bits as usize).div_ceil(8);

            fn parsed(secret: &[u8]) -> Result<SecretKey, Error> {
                if secret.len() != SIZE {
                    return Err(BAD_SECRET);
                }
                SecretKey::from_slice(secret).map_err(|_| BAD_SECRET)
            }

            fn encoded(key: &PublicKey) -> Vec<u8> {
                key.to_sec1_point(false).as_bytes().to_vec()
            }

            fn secret(seed: &Seed) -> Vec<u8> {
                let mut generator = generator(seed);
                loop {
                    let mut bytes = vec![0; SIZE];
                    generator.fill_bytes(&mut bytes);
                    bytes[0] &= 255 >> (SIZE * 8 - $bits);
                    if parsed(&bytes).is_ok() {
                        return bytes;
                    }
                }
            }

            fn point(secret: &[u8]) -> Result<Vec<u8>, Error> {
                Ok(encoded(&parsed(secret)?.public_key()))
            }

            fn check(point: &[u8]) -> Result<Vec<u8>, Error> {
                public(point).map(|key| encoded(&key))
            }

            /// A point in one of X9.62's encodings: what else `sec1` reads is not for keys.
            fn public(point: &[u8]) -> Result<PublicKey, Error> {
                match point.first() {
                    Some(2..=4) => PublicKey::from_sec1_bytes(point).map_err(|_| BAD_POINT),
                    _ => Err(BAD_POINT),
                }
            }

            fn sign(hash: Hash, secret: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
                let secret = parsed(secret)?.to_nonzero_scalar();
                let digest = hash.digest(data);
                let (signature, _): (Signature, _) =
                    with_digest!(hash, D => sign_prehashed_rfc6979::<_, D>(&secret, &digest, &[]));
                Ok(signature.to_bytes().to_vec())
            }

            fn verify(point: &[u8], signature: &[u8], digest: &[u8]) -> bool {
                let key = VerifyingKey::from_sec1_bytes(point);
                let signature = Signature::from_slice(signature);
                matches!((key, signature), (Ok(key), Ok(signature))
                    if key.verify_prehash(digest, &signature).is_ok())
            }

            fn agree(secret: &[u8], point: &[u8]) -> Result<Vec<u8>, Error> {
                let other = public(point)?;
                let secret = parsed(secret)?;
                let shared =
                    $curve::ecdh::diffie_hellman(secret.to_nonzero_scalar(), other.as_affine());
                Ok(shared.raw_secret_bytes().to_vec())
            }

            pub(crate) const FUNCTIONS: Functions =
                Functions { size: SIZE, secret, point, check, sign, verify, agree };
        }
    };
}

functions!(nist256, p256, 256);
functions!(nist384, p384, 384);
functions!(nist521, p521, 521);

impl Functions {
    pub(crate) fn sign_data(
        &self,
        hash: Hash,
        secret: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        (self.sign)(hash, secret, data)
    }

    pub(crate) fn verify_data(
        &self,
        hash: Hash,
        point: &[u8],
        signature: &[u8],
        data: &[u8],
    ) -> bool {
        (self.verify)(point, signature, &hash.digest(data))
    }
}
