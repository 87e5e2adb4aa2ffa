//! The encodings of keys on curves: SubjectPublicKeyInfo (RFC 5280), PKCS#8 (RFC 5958), and what lies in
//! it (RFC 5915, RFC 8410).

use crate::{Curve, Error, Pair};
use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::der::{AnyRef, Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use sec1::EcPrivateKey;

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const BAD: Error = Error::Data("The data is no encoding of such a key");
const OTHER: Error = Error::Data("The data is the encoding of another algorithm's key");
const UNWRITTEN: Error = Error::Operation("The key cannot be encoded");

impl Curve {
    /// What names the curve.
    fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::P256 => "1.2.840.10045.3.1.7",
            Self::P384 => "1.3.132.0.34",
            Self::P521 => "1.3.132.0.35",
            Self::X25519 => "1.3.101.110",
            Self::Ed25519 => "1.3.101.112",
        })
    }

    fn is_nist(self) -> bool {
        matches!(self, Self::P256 | Self::P384 | Self::P521)
    }
}

fn check(curve: Curve, algorithm: &AlgorithmIdentifierRef<'_>) -> Result<(), Error> {
    let right = if curve.is_nist() {
        algorithm.oid == EC && algorithm.parameters_oid() == Ok(curve.oid())
    } else {
        algorithm.oid == curve.oid() && algorithm.parameters.is_none()
    };
    if right { Ok(()) } else { Err(OTHER) }
}

/// Calls `f` with what names the curve's algorithm.
fn with_algorithm<T>(curve: Curve, f: impl FnOnce(AlgorithmIdentifierRef<'_>) -> T) -> T {
    let oid = curve.oid();
    if curve.is_nist() {
        f(AlgorithmIdentifierRef { oid: EC, parameters: Some(AnyRef::from(&oid)) })
    } else {
        f(AlgorithmIdentifierRef { oid, parameters: None })
    }
}

pub(crate) fn public_on_curve(curve: Curve, der: &[u8]) -> Result<Vec<u8>, Error> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| BAD)?;
    check(curve, &info.algorithm)?;
    Ok(info.subject_public_key.as_bytes().ok_or(BAD)?.to_vec())
}

pub(crate) fn private_on_curve(curve: Curve, der: &[u8]) -> Result<Pair, Error> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| BAD)?;
    check(curve, &info.algorithm)?;
    let inner = info.private_key.as_bytes();
    if !curve.is_nist() {
        let secret = <&OctetStringRef>::from_der(inner).map_err(|_| BAD)?;
        return Ok(Pair { secret: secret.as_bytes().to_vec(), point: Vec::new() });
    }
    let key = EcPrivateKey::from_der(inner).map_err(|_| BAD)?;
    let named = key.parameters.and_then(|parameters| parameters.named_curve());
    if named.is_some_and(|named| named != curve.oid()) {
        return Err(OTHER);
    }
    Ok(Pair {
        secret: key.private_key.to_vec(),
        point: key.public_key.map(<[u8]>::to_vec).unwrap_or_default(),
    })
}

pub(crate) fn write_public(curve: Curve, point: &[u8]) -> Result<Vec<u8>, Error> {
    let subject_public_key = BitStringRef::from_bytes(point).map_err(|_| UNWRITTEN)?;
    with_algorithm(curve, |algorithm| {
        SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der().map_err(|_| UNWRITTEN)
    })
}

pub(crate) fn write_private(curve: Curve, pair: &Pair) -> Result<Vec<u8>, Error> {
    let inner = if curve.is_nist() {
        EcPrivateKey { private_key: &pair.secret, parameters: None, public_key: Some(&pair.point) }
            .to_der()
    } else {
        OctetStringRef::new(&pair.secret).and_then(|secret| secret.to_der())
    };
    let inner = inner.map_err(|_| UNWRITTEN)?;
    let inner = OctetStringRef::new(&inner).map_err(|_| UNWRITTEN)?;
    with_algorithm(curve, |algorithm| {
        PrivateKeyInfoRef::new(algorithm, inner).to_der().map_err(|_| UNWRITTEN)
    })
}
