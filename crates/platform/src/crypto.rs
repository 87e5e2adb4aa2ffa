//! The natives of `crypto.subtle`, on `sandtide-crypto`: arguments into its types and back.

use crate::{Answer, Arg, Fault, Native, bytes, number, text};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64_URL;
use sandtide_crypto::{Curve, Error, Hash, Padding, Pair, Seed};

/// Rounds of PBKDF2 in one call at most, whatever the script asks for.
const MAX_ROUNDS: f64 = 65536.0;

/// What all algorithms have in common.
pub(crate) const KEY_NATIVES: &[(&str, Native)] =
    &[("toBase64url", to_base64url), ("fromBase64url", from_base64url)];

/// Algorithms whose keys are secrets, and digests.
pub(crate) const SECRET_NATIVES: &[(&str, Native)] = &[
    ("digest", |args| Ok(Answer::Bytes(hash(args, 0)?.digest(bytes(args, 1))))),
    ("hmac", |args| Ok(Answer::Bytes(hash(args, 0)?.hmac(bytes(args, 1), bytes(args, 2))))),
    ("hmacVerify", |args| {
        let hash = hash(args, 0)?;
        Ok(Answer::Bool(hash.hmac_verify(bytes(args, 1), bytes(args, 2), bytes(args, 3))))
    }),
    ("hkdf", |args| {
        let length = number(args, 4) as usize;
        made(sandtide_crypto::hkdf(
            hash(args, 0)?,
            bytes(args, 1),
            bytes(args, 2),
            bytes(args, 3),
            length,
        ))
    }),
    ("pbkdf2First", |args| {
        let block = number(args, 3) as u32;
        let hash = hash(args, 0)?;
        Ok(Answer::Bytes(sandtide_crypto::pbkdf2_first(
            hash,
            bytes(args, 1),
            bytes(args, 2),
            block,
        )))
    }),
    ("pbkdf2More", |args| {
        let rounds = number(args, 3).clamp(0.0, MAX_ROUNDS) as u32;
        made(sandtide_crypto::pbkdf2_more(hash(args, 0)?, bytes(args, 1), bytes(args, 2), rounds))
    }),
    ("aesCbc", |args| {
        let f =
            if flag(args, 0) { sandtide_crypto::cbc_encrypt } else { sandtide_crypto::cbc_decrypt };
        made(f(bytes(args, 1), bytes(args, 2), bytes(args, 3)))
    }),
    ("aesCtr", |args| {
        let bits = number(args, 2) as u32;
        made(sandtide_crypto::ctr(bytes(args, 0), bytes(args, 1), bits, bytes(args, 3)))
    }),
    ("aesGcm", |args| {
        let f =
            if flag(args, 0) { sandtide_crypto::gcm_encrypt } else { sandtide_crypto::gcm_decrypt };
        let tag = number(args, 4) as usize;
        made(f(bytes(args, 1), bytes(args, 2), bytes(args, 3), tag, bytes(args, 5)))
    }),
    ("aesKw", |args| {
        let f = if flag(args, 0) { sandtide_crypto::kw_wrap } else { sandtide_crypto::kw_unwrap };
        made(f(bytes(args, 1), bytes(args, 2)))
    }),
];

/// Algorithms whose keys are pairs.
pub(crate) const PAIR_NATIVES: &[(&str, Native)] = &[
    ("bitLength", |args| {
        let n = bytes(args, 0);
        let zeros = n.first().map_or(0, |first| first.leading_zeros() as usize);
        Ok(Answer::Number((n.len() * 8 - zeros) as f64))
    }),
    ("rsaExponent", |args| {
        Ok(Answer::Bool(sandtide_crypto::rsa_exponent_is_usable(bytes(args, 0))))
    }),
    ("rsaPrime", |args| {
        let bits = number(args, 0) as usize;
        let found = sandtide_crypto::rsa_prime(bits, bytes(args, 1), &seed(args, 2)?);
        Ok(found.map_err(fault)?.map_or(Answer::Nothing, Answer::Bytes))
    }),
    ("rsaKey", |args| {
        let key = sandtide_crypto::rsa_from_primes(bytes(args, 0), bytes(args, 1), bytes(args, 2));
        Ok(key.map_or(Answer::Nothing, Answer::Bytes))
    }),
    ("rsaPublic", |args| made(sandtide_crypto::rsa_public(bytes(args, 0)))),
    ("rsaParts", |args| {
        let parts = sandtide_crypto::rsa_parts(bytes(args, 0), flag(args, 1)).map_err(fault)?;
        Ok(Answer::List(parts.into_iter().map(Answer::Bytes).collect()))
    }),
    ("rsaFromParts", |args| {
        let parts: Vec<&[u8]> = (0..args.len()).map(|index| bytes(args, index)).collect();
        made(sandtide_crypto::rsa_from_parts(&parts))
    }),
    ("rsaImport", |args| made(sandtide_crypto::rsa_import(bytes(args, 0), flag(args, 1)))),
    ("rsaExport", |args| made(sandtide_crypto::rsa_export(bytes(args, 0), flag(args, 1)))),
    ("rsaSign", |args| {
        let (padding, hash, seed) = (padding(args), hash(args, 1)?, seed(args, 4)?);
        made(sandtide_crypto::rsa_sign(padding, hash, bytes(args, 2), bytes(args, 3), &seed))
    }),
    ("rsaVerify", |args| {
        let (padding, hash) = (padding(args), hash(args, 1)?);
        let (der, signature, data) = (bytes(args, 2), bytes(args, 3), bytes(args, 4));
        let same = sandtide_crypto::rsa_verify(padding, hash, der, signature, data);
        Ok(Answer::Bool(same.map_err(fault)?))
    }),
    ("rsaEncrypt", |args| {
        let (der, label, data) = (bytes(args, 1), bytes(args, 2), bytes(args, 3));
        made(sandtide_crypto::rsa_encrypt(hash(args, 0)?, der, label, data, &seed(args, 4)?))
    }),
    ("rsaDecrypt", |args| {
        let (der, label, data) = (bytes(args, 1), bytes(args, 2), bytes(args, 3));
        made(sandtide_crypto::rsa_decrypt(hash(args, 0)?, der, label, data, &seed(args, 4)?))
    }),
    ("curveSecret", |args| Ok(Answer::Bytes(curve(args)?.secret(&seed(args, 1)?)))),
    ("curvePoint", curve_point),
    ("curveCheck", |args| made(curve(args)?.check(bytes(args, 1)))),
    ("curveJoin", |args| made(curve(args)?.join(bytes(args, 1), bytes(args, 2)))),
    ("curveImport", |args| {
        let pair = curve(args)?.import(bytes(args, 1), flag(args, 2)).map_err(fault)?;
        Ok(Answer::List(vec![Answer::Bytes(pair.secret), Answer::Bytes(pair.point)]))
    }),
    ("curveExport", |args| {
        let pair = Pair { point: bytes(args, 1).to_vec(), secret: bytes(args, 2).to_vec() };
        made(curve(args)?.export(&pair))
    }),
    ("ecdsaSign", |args| {
        made(curve(args)?.ecdsa_sign(hash(args, 1)?, bytes(args, 2), bytes(args, 3)))
    }),
    ("ecdsaVerify", |args| {
        let (point, signature, data) = (bytes(args, 2), bytes(args, 3), bytes(args, 4));
        let same = curve(args)?.ecdsa_verify(hash(args, 1)?, point, signature, data);
        Ok(Answer::Bool(same.map_err(fault)?))
    }),
    ("ed25519Sign", |args| made(Curve::ed25519_sign(bytes(args, 0), bytes(args, 1)))),
    ("ed25519Verify", |args| {
        Ok(Answer::Bool(Curve::ed25519_verify(bytes(args, 0), bytes(args, 1), bytes(args, 2))))
    }),
    ("agree", |args| made(curve(args)?.agree(bytes(args, 1), bytes(args, 2)))),
];

fn fault(error: Error) -> Fault {
    Fault::Dom(error.name(), error.to_string())
}

fn made(result: Result<Vec<u8>, Error>) -> Result<Answer, Fault> {
    result.map(Answer::Bytes).map_err(fault)
}

/// What only a mistake in the scripts asks for.
fn unknown(what: &str) -> Fault {
    Fault::Type(format!("no such {what}"))
}

fn hash(args: &[Arg], index: usize) -> Result<Hash, Fault> {
    Ok(match number(args, index) as u32 {
        1 => Hash::Sha1,
        256 => Hash::Sha256,
        384 => Hash::Sha384,
        512 => Hash::Sha512,
        _ => return Err(unknown("hash")),
    })
}

/// The curve that the first argument numbers.
fn curve(args: &[Arg]) -> Result<Curve, Fault> {
    Ok(match number(args, 0) as u32 {
        1 => Curve::Ed25519,
        2 => Curve::X25519,
        256 => Curve::P256,
        384 => Curve::P384,
        521 => Curve::P521,
        _ => return Err(unknown("curve")),
    })
}

/// The padding that the first argument tells: a salt's length, or less than none.
fn padding(args: &[Arg]) -> Padding {
    let salt = number(args, 0);
    if salt < 0.0 { Padding::Pkcs1 } else { Padding::Pss(salt as usize) }
}

fn seed(args: &[Arg], index: usize) -> Result<Seed, Fault> {
    bytes(args, index).try_into().map_err(|_| unknown("seed"))
}

fn flag(args: &[Arg], index: usize) -> bool {
    matches!(args.get(index), Some(Arg::Bool(true)))
}

/// `curvePoint(curve, secret, expected?)`: the secret's point, which must be the expected one.
fn curve_point(args: &[Arg]) -> Result<Answer, Fault> {
    let point = curve(args)?.point(bytes(args, 1)).map_err(fault)?;
    match args.get(2) {
        Some(Arg::Bytes(expected)) if *expected != point => Err(Fault::Dom(
            "DataError",
            "The two halves of the key do not belong together".to_owned(),
        )),
        _ => Ok(Answer::Bytes(point)),
    }
}

fn to_base64url(args: &[Arg]) -> Result<Answer, Fault> {
    Ok(Answer::Text(BASE64_URL.encode(bytes(args, 0))))
}

/// `fromBase64url(text)`: nothing for what is none.
fn from_base64url(args: &[Arg]) -> Result<Answer, Fault> {
    Ok(BASE64_URL.decode(text(args, 0)).map_or(Answer::Nothing, Answer::Bytes))
}
