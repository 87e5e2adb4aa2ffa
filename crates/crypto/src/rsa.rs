//! RSA (RFC 8017): keys in PKCS#1's encoding, signatures, encryption, and the search for primes in
//! pieces.

use crate::hash::with_digest;
use crate::{Error, Hash, Seed, generator};
use crypto_bigint::{BoxedUint, NonZero};
use crypto_primes::hazmat::{SetBits, SmallFactorsSieve, random_odd_integer};
use crypto_primes::{Flavor, is_prime};
use pkcs8::der::asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rsa::pkcs1;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{Oaep, Pkcs1v15Sign, PrivateKey, Pss, PublicKey};
use std::num::NonZeroU32;

/// Bits of a modulus at least.
const SMALLEST: usize = 1024;
/// Bits of a modulus at most: one operation with a private key cannot be interrupted.
const LARGEST: usize = 4096;
/// Candidates that one call tests.
const TRIES: usize = 4;
const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const BAD: Error = Error::Data("The data is no encoding of a key of RSA");
const OTHER: Error = Error::Data("The data is the encoding of another algorithm's key");
const INCONSISTENT: Error = Error::Data("The numbers are no key of RSA");
const OUT_OF_RANGE: Error = Error::Data(
    "The key has not 1024 to 4096 bits, or an exponent that is even or of more than 32",
);
const UNWRITTEN: Error = Error::Operation("The key cannot be encoded");

/// How signatures are padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// RSASSA-PKCS1-v1_5
    Pkcs1,
    /// RSASSA-PSS with a salt of so many bytes.
    Pss(usize),
}

/// A key's numbers, in bytes without zeros in front: n and e, and of a private key d, p, q, d mod (p-1),
/// d mod (q-1), and the inverse of q mod p.
pub type RsaParts = Vec<Vec<u8>>;

fn number(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}

fn trimmed(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}

fn bytes_of(number: &BoxedUint) -> Vec<u8> {
    trimmed(&number.to_be_bytes())
}

/// The exponent, where it is odd, 3 at least, and has 32 bits at most.
fn exponent_of(bytes: &[u8]) -> Option<u32> {
    let bytes = trimmed(bytes);
    let mut whole = [0; 4];
    whole.get_mut(4usize.checked_sub(bytes.len())?..)?.copy_from_slice(&bytes);
    let exponent = u32::from_be_bytes(whole);
    (exponent >= 3 && exponent % 2 == 1).then_some(exponent)
}

/// Whether keys can be made with this public exponent.
pub fn rsa_exponent_is_usable(exponent: &[u8]) -> bool {
    exponent_of(exponent).is_some()
}

/// Looks for a prime of so many bits, the first two of which are set, and which goes with the exponent:
/// tests a few candidates near a random number. Nothing where none of them is one, which is usual.
///
/// # Errors
/// [`Error::Operation`] for an exponent that is not usable, or a size out of range.
pub fn rsa_prime(bits: usize, exponent: &[u8], seed: &Seed) -> Result<Option<Vec<u8>>, Error> {
    const REFUSED: Error = Error::Operation("Primes of this size cannot be made");
    let exponent = exponent_of(exponent).ok_or(REFUSED)?;
    if !(256..=LARGEST / 2).contains(&bits) {
        return Err(REFUSED);
    }
    let length = NonZeroU32::new(bits as u32).ok_or(REFUSED)?;
    let mut generator = generator(seed);
    let start = random_odd_integer::<BoxedUint, _>(&mut generator, length, SetBits::TwoMsb)
        .map_err(|_| REFUSED)?;
    let sieve = SmallFactorsSieve::new(start.get(), length, false).map_err(|_| REFUSED)?;
    for candidate in sieve.take(TRIES) {
        if goes_with(&candidate, exponent) && is_prime(Flavor::Any, &candidate) {
            return Ok(Some(bytes_of(&candidate)));
        }
    }
    Ok(None)
}

/// Whether the prime less one has no factor in common with the exponent.
fn goes_with(prime: &BoxedUint, exponent: u32) -> bool {
    let Some(modulus) = NonZero::new(BoxedUint::from(exponent)).into_option() else { return false };
    let rest = prime.rem_vartime(&modulus);
    let rest = bytes_of(&rest).iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    let (mut a, mut b) =
        (u64::from(exponent), (rest + u64::from(exponent) - 1) % u64::from(exponent));
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

/// The private key of two primes, in PKCS#1's encoding. Nothing where they are no pair for a key.
pub fn rsa_from_primes(p: &[u8], q: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    let exponent = BoxedUint::from(exponent_of(exponent)?);
    if p.len() != q.len() || p[..p.len().min(16)] == q[..q.len().min(16)] {
        return None;
    }
    let mut primes = [number(p), number(q)];
    // So that the inverse of q is one modulo the larger.
    primes.sort_by(|a, b| b.cmp(a));
    let [p, q] = primes;
    let key = PrivateKey::from_p_q(p, q, exponent).ok()?;
    write_key(&key).ok()
}

fn write_key(key: &PrivateKey) -> Result<Vec<u8>, Error> {
    let [p, q] = key.primes() else { return Err(UNWRITTEN) };
    let inverse = key.crt_coefficient().ok_or(UNWRITTEN)?;
    let parts = [
        key.n().as_ref(),
        key.e(),
        key.d(),
        p.as_ref(),
        q.as_ref(),
        key.dp().ok_or(UNWRITTEN)?,
        key.dq().ok_or(UNWRITTEN)?,
        &inverse,
    ];
    encode(&parts.map(bytes_of))
}

/// PKCS#1's encoding of a key's numbers, two or eight.
fn encode<B: AsRef<[u8]>>(parts: &[B]) -> Result<Vec<u8>, Error> {
    let mut numbers = Vec::with_capacity(parts.len());
    for part in parts {
        numbers.push(UintRef::new(part.as_ref()).map_err(|_| UNWRITTEN)?);
    }
    match numbers[..] {
        [modulus, public_exponent] => pkcs1::RsaPublicKey { modulus, public_exponent }.to_der(),
        [
            modulus,
            public_exponent,
            private_exponent,
            prime1,
            prime2,
            exponent1,
            exponent2,
            coefficient,
        ] => pkcs1::RsaPrivateKey {
            modulus,
            public_exponent,
            private_exponent,
            prime1,
            prime2,
            exponent1,
            exponent2,
            coefficient,
            other_prime_infos: None,
        }
        .to_der(),
        _ => return Err(INCONSISTENT),
    }
    .map_err(|_| UNWRITTEN)
}

/// The numbers of a key in PKCS#1's encoding.
///
/// # Errors
/// [`Error::Data`] for what is none.
pub fn rsa_parts(der: &[u8], is_private: bool) -> Result<RsaParts, Error> {
    if !is_private {
        let key = pkcs1::RsaPublicKey::from_der(der).map_err(|_| BAD)?;
        return Ok([key.modulus, key.public_exponent]
            .map(|part: UintRef<'_>| part.as_bytes().to_vec())
            .into());
    }
    let key = pkcs1::RsaPrivateKey::from_der(der).map_err(|_| BAD)?;
    if key.other_prime_infos.is_some() {
        return Err(Error::Data("Keys of more than two primes are not supported"));
    }
    let parts = [
        key.modulus,
        key.public_exponent,
        key.private_exponent,
        key.prime1,
        key.prime2,
        key.exponent1,
        key.exponent2,
        key.coefficient,
    ];
    Ok(parts.map(|part: UintRef<'_>| part.as_bytes().to_vec()).into())
}

/// PKCS#1's encoding of a key's numbers, which may have zeros in front.
///
/// # Errors
/// [`Error::Data`] where they are no key.
pub fn rsa_from_parts(parts: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let der = encode(parts)?;
    if parts.len() == 2 {
        public_key(&der)?;
        return Ok(der);
    }
    // What follows from the other numbers is computed, not believed.
    write_key(&private_key(&der)?)
}

/// The public key of a private one, both in PKCS#1's encoding.
///
/// # Errors
/// [`Error::Data`] for what is none.
pub fn rsa_public(der: &[u8]) -> Result<Vec<u8>, Error> {
    encode(&rsa_parts(der, true)?[..2])
}

/// PKCS#1's encoding of what PKCS#8 has, or SubjectPublicKeyInfo.
///
/// # Errors
/// [`Error::Data`] for what is neither.
pub fn rsa_import(der: &[u8], is_private: bool) -> Result<Vec<u8>, Error> {
    let check = |algorithm: &AlgorithmIdentifierRef<'_>| match algorithm.oid == OID {
        true => Ok(()),
        false => Err(OTHER),
    };
    let inner = if is_private {
        let info = PrivateKeyInfoRef::from_der(der).map_err(|_| BAD)?;
        check(&info.algorithm)?;
        info.private_key.as_bytes()
    } else {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| BAD)?;
        check(&info.algorithm)?;
        info.subject_public_key.as_bytes().ok_or(BAD)?
    };
    let parts = rsa_parts(inner, is_private)?;
    let parts: Vec<&[u8]> = parts.iter().map(|part| &part[..]).collect();
    rsa_from_parts(&parts)
}

/// PKCS#8 of a private key, SubjectPublicKeyInfo of a public one.
///
/// # Errors
/// [`Error::Operation`] for what cannot be encoded.
pub fn rsa_export(der: &[u8], is_private: bool) -> Result<Vec<u8>, Error> {
    let algorithm = AlgorithmIdentifierRef { oid: OID, parameters: Some(AnyRef::NULL) };
    if is_private {
        let inner = OctetStringRef::new(der).map_err(|_| UNWRITTEN)?;
        return PrivateKeyInfoRef::new(algorithm, inner).to_der().map_err(|_| UNWRITTEN);
    }
    let subject_public_key = BitStringRef::from_bytes(der).map_err(|_| UNWRITTEN)?;
    SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der().map_err(|_| UNWRITTEN)
}

fn public_key(der: &[u8]) -> Result<PublicKey, Error> {
    let parts = rsa_parts(der, false)?;
    in_range(&parts)?;
    PublicKey::new(number(&parts[0]), number(&parts[1])).map_err(|_| INCONSISTENT)
}

fn private_key(der: &[u8]) -> Result<PrivateKey, Error> {
    let parts = rsa_parts(der, true)?;
    in_range(&parts)?;
    let [n, e, d, p, q, ..] = &parts[..] else { return Err(INCONSISTENT) };
    let primes = vec![number(p), number(q)];
    PrivateKey::from_components(number(n), number(e), number(d), primes).map_err(|_| INCONSISTENT)
}

fn in_range(parts: &[Vec<u8>]) -> Result<(), Error> {
    let fits = parts.iter().all(|part| part.len() <= LARGEST / 8);
    let bits = parts.first().map_or(0, |modulus| number(modulus).bit_width_vartime() as usize);
    let exponent = parts.get(1).and_then(|exponent| exponent_of(exponent));
    let in_range = fits && (SMALLEST..=LARGEST).contains(&bits) && exponent.is_some();
    if in_range { Ok(()) } else { Err(OUT_OF_RANGE) }
}

/// Signs `data`. What is random in it follows from the seed.
///
/// # Errors
/// [`Error::Operation`] where the key is too short for it.
pub fn rsa_sign(
    padding: Padding,
    hash: Hash,
    der: &[u8],
    data: &[u8],
    seed: &Seed,
) -> Result<Vec<u8>, Error> {
    const SHORT: Error = Error::Operation("The key is too short for such a signature");
    let key = private_key(der)?;
    let digest = hash.digest(data);
    let mut generator = generator(seed);
    match padding {
        Padding::Pkcs1 => with_digest!(hash, D => {
            key.sign_with_rng(&mut generator, Pkcs1v15Sign::new::<D>(), &digest)
        }),
        Padding::Pss(salt) if salt > key.size() => return Err(SHORT),
        Padding::Pss(salt) => with_digest!(hash, D => {
            key.sign_with_rng(&mut generator, Pss::<D>::new_with_salt(salt), &digest)
        }),
    }
    .map_err(|_| SHORT)
}

/// Whether it is the signature of `data`.
///
/// # Errors
/// [`Error::Data`] for what is no key.
pub fn rsa_verify(
    padding: Padding,
    hash: Hash,
    der: &[u8],
    signature: &[u8],
    data: &[u8],
) -> Result<bool, Error> {
    let key = public_key(der)?;
    let digest = hash.digest(data);
    Ok(match padding {
        Padding::Pkcs1 => with_digest!(hash, D => {
            key.verify(Pkcs1v15Sign::new::<D>(), &digest, signature)
        })
        .is_ok(),
        Padding::Pss(salt) => {
            salt <= key.size()
                && with_digest!(hash, D => {
                    key.verify(Pss::<D>::new_with_salt(salt), &digest, signature)
                })
                .is_ok()
        }
    })
}

/// Encrypts with OAEP.
///
/// # Errors
/// [`Error::Operation`] where the data is too long for the key.
pub fn rsa_encrypt(
    hash: Hash,
    der: &[u8],
    label: &[u8],
    data: &[u8],
    seed: &Seed,
) -> Result<Vec<u8>, Error> {
    let key = public_key(der)?;
    with_digest!(hash, D => {
        key.encrypt(&mut generator(seed), Oaep::<D>::new_with_label(label), data)
    })
    .map_err(|_| Error::Operation("The data is too long for the key"))
}

/// The inverse of [`rsa_encrypt`].
///
/// # Errors
/// [`Error::Operation`] for what was not encrypted for this key and label.
pub fn rsa_decrypt(
    hash: Hash,
    der: &[u8],
    label: &[u8],
    data: &[u8],
    seed: &Seed,
) -> Result<Vec<u8>, Error> {
    let key = private_key(der)?;
    with_digest!(hash, D => {
        key.decrypt_blinded(&mut generator(seed), Oaep::<D>::new_with_label(label), data)
    })
    .map_err(|_| Error::Operation("The data cannot be decrypted with this key"))
}
