//! Keys that somebody made up: whatever the bytes are, they are refused or usable, and nothing panics.

use sandtide_crypto::{
    Curve, Hash, Padding, Pair, rsa_decrypt, rsa_encrypt, rsa_export, rsa_from_parts,
    rsa_from_primes, rsa_import, rsa_parts, rsa_prime, rsa_public, rsa_sign, rsa_verify,
};

const CURVES: [Curve; 5] = [Curve::P256, Curve::P384, Curve::P521, Curve::Ed25519, Curve::X25519];

/// A key of RSA with 1024 bits.
fn rsa_key() -> Vec<u8> {
    let mut seed = 0_u8;
    let mut prime = || loop {
        seed += 1;
        if let Some(found) = rsa_prime(512, &[1, 0, 1], &[seed; 32]).expect("a possible size") {
            return found;
        }
    };
    rsa_from_primes(&prime(), &prime(), &[1, 0, 1]).expect("a key")
}

/// Bytes that follow from a number, for choices.
fn step(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    (*state >> 33) as usize
}

/// Calls `each` with variants of these bytes: some changed, added or taken away.
fn spoil(bytes: &[u8], rounds: usize, mut each: impl FnMut(&[u8])) {
    let mut state = bytes.len() as u64;
    for _ in 0..rounds {
        let mut spoilt = bytes.to_vec();
        for _ in 0..=step(&mut state) % 3 {
            let at = step(&mut state) % spoilt.len();
            match step(&mut state) % 4 {
                0 => spoilt[at] ^= 1 << (step(&mut state) % 8),
                1 => spoilt[at] = [0, 1, 0x7f, 0x80, 0xff][step(&mut state) % 5],
                2 => spoilt.insert(at, spoilt[at]),
                _ => drop(spoilt.remove(at)),
            }
        }
        each(&spoilt);
    }
}

#[test]
fn spoilt_encodings_of_keys_on_curves_are_refused_or_usable() {
    for curve in CURVES {
        let secret = curve.secret(&[5; 32]);
        let point = curve.point(&secret).expect("a point");
        let public = Pair { secret: Vec::new(), point };
        let private = Pair { secret, ..public.clone() };
        for (pair, is_private) in [(&private, true), (&public, false)] {
            spoil(&curve.export(pair).expect("an encoding"), 2000, |der| {
                let Ok(found) = curve.import(der, is_private) else { return };
                let Ok(point) = curve.point(&found.secret).or_else(|_| curve.check(&found.point))
                else {
                    return;
                };
                let _ = curve.agree(&private.secret, &point);
                let _ = curve.ecdsa_verify(Hash::Sha512, &point, &[1; 64], b"data");
                assert!(!Curve::ed25519_verify(&point, &[1; 64], b"data"));
            });
        }
        for length in [0, 1, 31, 33, 64, 65, 1000] {
            let bytes = vec![3; length];
            for other in CURVES {
                let _ = other.point(&bytes);
                let _ = other.check(&bytes);
                let _ = other.join(&bytes, &bytes);
                let _ = other.agree(&bytes, &bytes);
                let _ = other.ecdsa_sign(Hash::Sha1, &bytes, &bytes);
                let _ = other.ecdsa_verify(Hash::Sha1, &bytes, &bytes, &bytes);
                let _ = other.import(&bytes, true);
                let _ = other.export(&Pair { secret: bytes.clone(), point: bytes.clone() });
            }
            let _ = Curve::ed25519_sign(&bytes, &bytes);
            assert!(!Curve::ed25519_verify(&bytes, &bytes, &bytes));
        }
    }
}

/// Uses a key in all ways.
fn use_rsa(der: &[u8], is_private: bool) {
    let _ = rsa_parts(der, is_private);
    for padding in [Padding::Pkcs1, Padding::Pss(0), Padding::Pss(1000)] {
        let _ = rsa_sign(padding, Hash::Sha512, der, b"data", &[1; 32]);
        let _ = rsa_verify(padding, Hash::Sha512, der, &[1; 128], b"data");
    }
    let _ = rsa_encrypt(Hash::Sha1, der, b"", b"data", &[1; 32]);
    let _ = rsa_decrypt(Hash::Sha1, der, b"", &[1; 128], &[1; 32]);
}

#[test]
fn spoilt_encodings_of_keys_of_rsa_are_refused_or_usable() {
    let key = rsa_key();
    let public = rsa_public(&key).expect("a public key");
    for (der, is_private) in [(&key, true), (&public, false)] {
        let wrapped = rsa_export(der, is_private).expect("an encoding");
        spoil(&wrapped, 300, |wrapped| {
            if let Ok(der) = rsa_import(wrapped, is_private) {
                use_rsa(&der, is_private);
            }
        });
        spoil(der, 100, |der| use_rsa(der, is_private));
    }
}

#[test]
fn numbers_that_are_no_key_of_rsa_are_refused() {
    let parts = rsa_parts(&rsa_key(), true).expect("its numbers");
    let strange: [&[u8]; 9] =
        [&[], &[0], &[1], &[2], &[3], &[0x80; 64], &[0xff; 64], &[0xff; 128], &[1; 600]];
    for at in 0..5 {
        for number in strange.iter().copied().chain(parts.iter().map(|part| &part[..])) {
            let mut changed: Vec<&[u8]> = parts.iter().map(|part| &part[..]).collect();
            if changed[at] == number {
                continue;
            }
            changed[at] = number;
            assert!(rsa_from_parts(&changed).is_err(), "{at} {number:?}");
            if let Ok(der) = rsa_from_parts(&changed[..2]) {
                use_rsa(&der, false);
            }
            // Both primes, and what belongs to them.
            (changed[3], changed[4]) = (number, number);
            assert!(rsa_from_parts(&changed).is_err(), "{at} {number:?}");
        }
    }
    for number in strange {
        assert_eq!(rsa_from_primes(number, number, &[3]), None);
        assert!(rsa_from_parts(&[number]).is_err());
        assert!(rsa_from_parts(&[]).is_err());
    }
    let two = rsa_from_primes(&[0xff; 64], &[0xfe; 64], &[3]);
    assert_eq!(two, None, "even, and of one factor");
}
