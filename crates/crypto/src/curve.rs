//! Keys on curves: the NIST ones, Ed25519 (RFC 8032) and X25519 (RFC 7748), with their encodings.
//!
//! Of Ed25519 and X25519 a secret is what the standards begin with, 32 bytes of any value.

use crate::weierstrass::{Functions, nist256, nist384, nist521};
use crate::{Error, Hash, Seed, der};
use curve25519_dalek::MontgomeryPoint;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// A curve, with what its keys are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// P-256
    P256,
    /// P-384
    P384,
    /// P-521
    P521,
    /// Edwards's, for signatures
    Ed25519,
    /// Montgomery's, for agreements
    X25519,
}

/// A key: its secret where it is private, and its point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Empty where the key is public.
    pub secret: Vec<u8>,
    /// Empty where an encoding left it out.
    pub point: Vec<u8>,
}

const WRONG_LENGTH: Error = Error::Data("The key has not 32 bytes");
const NOT_THIS: Error = Error::Operation("The curve has no such operation");

impl Curve {
    fn functions(self) -> Option<&'static Functions> {
        match self {
            Self::P256 => Some(&nist256::FUNCTIONS),
            Self::P384 => Some(&nist384::FUNCTIONS),
            Self::P521 => Some(&nist521::FUNCTIONS),
            Self::Ed25519 | Self::X25519 => None,
        }
    }

    /// A new secret.
    pub fn secret(self, seed: &Seed) -> Vec<u8> {
        match self.functions() {
            Some(functions) => (functions.secret)(seed),
            None => seed.to_vec(),
        }
    }

    /// The point that belongs to a secret.
    ///
    /// # Errors
    /// [`Error::Data`] for what is no secret.
    pub fn point(self, secret: &[u8]) -> Result<Vec<u8>, Error> {
        if let Some(functions) = self.functions() {
            return (functions.point)(secret);
        }
        let secret = secret.try_into().map_err(|_| WRONG_LENGTH)?;
        Ok(match self {
            Self::X25519 => MontgomeryPoint::mul_base_clamped(secret).to_bytes().to_vec(),
            _ => SigningKey::from_bytes(&secret).verifying_key().to_bytes().to_vec(),
        })
    }

    /// A point in its usual encoding, from any. Whether 32 bytes are a point of Ed25519 shows when they
    /// are used.
    ///
    /// # Errors
    /// [`Error::Data`] for what is no point.
    pub fn check(self, point: &[u8]) -> Result<Vec<u8>, Error> {
        match self.functions() {
            Some(functions) => (functions.check)(point),
            None if point.len() == 32 => Ok(point.to_vec()),
            None => Err(WRONG_LENGTH),
        }
    }

    /// The point with these coordinates, each of the field's whole length.
    ///
    /// # Errors
    /// [`Error::Data`] where there is none.
    pub fn join(self, x: &[u8], y: &[u8]) -> Result<Vec<u8>, Error> {
        let size = self.functions().map(|functions| functions.size);
        if size != Some(x.len()) || size != Some(y.len()) {
            return Err(Error::Data("The coordinates have not the length of the curve's"));
        }
        self.check(&[&[4], x, y].concat())
    }

    /// Signs with ECDSA.
    ///
    /// # Errors
    /// [`Error::Operation`] for the curves that are not for it.
    pub fn ecdsa_sign(self, hash: Hash, secret: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
        self.functions().ok_or(NOT_THIS)?.sign_data(hash, secret, data)
    }

    /// Whether it is the signature of `data`.
    ///
    /// # Errors
    /// [`Error::Operation`] for the curves that are not for it.
    pub fn ecdsa_verify(
        self,
        hash: Hash,
        point: &[u8],
        signature: &[u8],
        data: &[u8],
    ) -> Result<bool, Error> {
        Ok(self.functions().ok_or(NOT_THIS)?.verify_data(hash, point, signature, data))
    }

    /// Signs with Ed25519.
    ///
    /// # Errors
    /// [`Error::Data`] for what is no secret.
    pub fn ed25519_sign(secret: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
        let secret = secret.try_into().map_err(|_| WRONG_LENGTH)?;
        Ok(SigningKey::from_bytes(&secret).sign(data).to_bytes().to_vec())
    }

    /// Whether it is the signature of `data`, made with a key of full order.
    pub fn ed25519_verify(point: &[u8], signature: &[u8], data: &[u8]) -> bool {
        let Ok(point) = <[u8; 32]>::try_from(point) else { return false };
        let key = VerifyingKey::from_bytes(&point);
        let signature = Signature::from_slice(signature);
        matches!((key, signature), (Ok(key), Ok(signature))
            if key.verify_strict(data, &signature).is_ok())
    }

    /// The secret that two keys agree on.
    ///
    /// # Errors
    /// [`Error::Data`] for what are no keys, [`Error::Operation`] where everybody would agree on the same.
    pub fn agree(self, secret: &[u8], point: &[u8]) -> Result<Vec<u8>, Error> {
        if let Some(functions) = self.functions() {
            return (functions.agree)(secret, point);
        }
        if self == Self::Ed25519 {
            return Err(NOT_THIS);
        }
        let secret = secret.try_into().map_err(|_| WRONG_LENGTH)?;
        let point = MontgomeryPoint(point.try_into().map_err(|_| WRONG_LENGTH)?);
        let shared = point.mul_clamped(secret).to_bytes();
        if shared.iter().all(|byte| *byte == 0) {
            return Err(Error::Operation("The public key is a point of small order"));
        }
        Ok(shared.to_vec())
    }

    /// Reads PKCS#8, where the point may be left out, or SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// [`Error::Data`] for what is neither, or of another curve.
    pub fn import(self, der: &[u8], is_private: bool) -> Result<Pair, Error> {
        let mut pair = if is_private {
            der::private_on_curve(self, der)?
        } else {
            Pair { secret: Vec::new(), point: der::public_on_curve(self, der)? }
        };
        if !pair.point.is_empty() {
            pair.point = self.check(&pair.point)?;
        }
        Ok(pair)
    }

    /// Writes PKCS#8, or SubjectPublicKeyInfo where there is no secret.
    ///
    /// # Errors
    /// [`Error::Operation`] for what cannot be encoded.
    pub fn export(self, pair: &Pair) -> Result<Vec<u8>, Error> {
        if pair.secret.is_empty() {
            return der::write_public(self, &pair.point);
        }
        der::write_private(self, pair)
    }
}
