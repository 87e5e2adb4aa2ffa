//! Keys that somebody made up: whatever the bytes are, they are refused or usable, and nothing panics.

use sandtide_crypto::{
    Curve, Error, Hash, Padding, Pair, rsa_decrypt, rsa_encrypt, rsa_export, rsa_from_parts,
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

/// Uses a point of which a curve says that it is one.
fn use_point(curve: Curve, point: &[u8]) {
    assert_eq!(curve.check(point).as_deref(), Ok(point), "{curve:?}");
    for length in [0, 64, 96, 132] {
        if curve == Curve::Ed25519 {
            assert!(!Curve::ed25519_verify(point, &vec![1; length], b"data"));
        } else if curve != Curve::X25519 {
            assert_eq!(
                curve.ecdsa_verify(Hash::Sha512, point, &vec![1; length], b"data"),
                Ok(false)
            );
        }
    }
}

/// Uses both halves of a key: what one does the other has to undo.
fn use_pair(curve: Curve, secret: &[u8], point: &[u8]) {
    if curve == Curve::Ed25519 {
        let signature = Curve::ed25519_sign(secret, b"data").expect("a signature");
        assert!(Curve::ed25519_verify(point, &signature, b"data"));
        return;
    }
    let other = curve.secret(&[6; 32]);
    let ours = curve.agree(secret, &curve.point(&other).expect("a point"));
    assert!(ours.is_ok(), "{curve:?}");
    assert_eq!(ours, curve.agree(&other, point), "{curve:?}");
    if curve != Curve::X25519 {
        let signature = curve.ecdsa_sign(Hash::Sha256, secret, b"data").expect("a signature");
        assert_eq!(curve.ecdsa_verify(Hash::Sha256, point, &signature, b"data"), Ok(true));
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
            let mut taken = 0;
            spoil(&curve.export(pair).expect("an encoding"), 2000, |der| {
                let Ok(found) = curve.import(der, is_private) else { return };
                if !is_private {
                    assert!(found.secret.is_empty());
                    assert_eq!(found.point.len(), public.point.len(), "{curve:?}");
                    taken += 1;
                    use_point(curve, &found.point);
                    return;
                }
                // Whether the secret is one shows when its point is asked for.
                let Ok(point) = curve.point(&found.secret) else { return };
                assert_eq!(found.secret.len(), private.secret.len(), "{curve:?}");
                assert_eq!(point.len(), public.point.len(), "{curve:?}");
                taken += 1;
                use_point(curve, &point);
                use_pair(curve, &found.secret, &point);
            });
            // Of points of the NIST curves nearly none survives.
            assert!(taken > 0 || !is_private, "{curve:?}: nothing was left to try");
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

/// Uses a key that was taken: its size is in range, and what one half does the other undoes.
fn use_taken(der: &[u8], is_private: bool) {
    let parts = rsa_parts(der, is_private).expect("its numbers");
    let bits = parts[0].len() * 8 - parts[0][0].leading_zeros() as usize;
    assert!((1024..=4096).contains(&bits), "{bits}");
    assert!(parts[0][parts[0].len() - 1] & 1 == 1, "an even modulus");
    assert_eq!(parts.len(), if is_private { 8 } else { 2 });
    let public = if is_private { rsa_public(der).expect("a public key") } else { der.to_vec() };
    let seed = [1; 32];
    let encrypted = rsa_encrypt(Hash::Sha1, &public, b"", b"data", &seed).expect("encrypted");
    let made_up = rsa_verify(Padding::Pkcs1, Hash::Sha256, &public, &[1; 128], b"data");
    assert_eq!(made_up, Ok(false));
    if !is_private {
        return;
    }
    assert_eq!(rsa_decrypt(Hash::Sha1, der, b"", &encrypted, &seed).as_deref(), Ok(&b"data"[..]));
    for padding in [Padding::Pkcs1, Padding::Pss(0), Padding::Pss(20)] {
        let signature = rsa_sign(padding, Hash::Sha256, der, b"data", &seed).expect("signed");
        let verified = rsa_verify(padding, Hash::Sha256, &public, &signature, b"data");
        assert_eq!(verified, Ok(true));
    }
}

/// Uses in all ways what may be no key: nothing panics.
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
        let mut taken = 0;
        spoil(&wrapped, 300, |wrapped| {
            if let Ok(der) = rsa_import(wrapped, is_private) {
                taken += 1;
                use_taken(&der, is_private);
            }
        });
        assert!(taken > 0, "nothing was left to try");
        spoil(der, 100, |der| use_rsa(der, is_private));
    }
}

#[test]
fn keys_of_rsa_are_of_1024_to_4096_bits_whichever_half() {
    // PKCS#8 of what Node made with 512 bits: the numbers are right but for their size.
    const SMALL: &str = "\
         30820154020100300d06092a864886f70d01010105000482013e3082013a020100024100cb29a500d94b\
         779f7e2f9b39cac8bb10f25f3096675b7d99f37f2c4bde3bb83c20c4f192aac276159151af618b69f9b8\
         49b86578a9acce70ab904f1a020c439702030100010240416cc2cf582abe76255bcd603a16946f6bae0d\
         e691985c0564edd26508473117d10ee4239fca2df41812313d99253f71e4369ee2789540d18c6e63f3fe\
         9d1ea1022100e4f3240fb00256602b6e3fb36344166a8dc147a1942f8bc1b822099050590d87022100e3\
         2a8acdb01e37d1c1da71bb978cd9d101e335d80f8fa8143b5f9d383f631d7102210095a8ba71e6c42062\
         4d018c725ef92b0e0c0bc41f4316b16cb848c7a7a65e10110220628c5f20f24979afbea85474ac3f4773\
         1b9d850b515ce1eebcff32c66701499102205a7c173aed24f122eca6ab1dad4007687e1ec21571f2fdb7\
         f8ac3bc976e8507c";
    let pkcs8: Vec<u8> = (0..SMALL.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&SMALL[at..at + 2], 16).expect("hex"))
        .collect();
    let small = rsa_parts(&pkcs8[26..], true).expect("its numbers");
    let small: Vec<&[u8]> = small.iter().map(|part| &part[..]).collect();
    for count in [2, 8] {
        let refused = rsa_from_parts(&small[..count]);
        assert!(matches!(refused, Err(Error::Data(_))), "{count} {refused:?}");
    }
    let refused = rsa_import(&pkcs8, true);
    assert!(matches!(refused, Err(Error::Data(_))), "{refused:?}");
    let key = rsa_key();
    assert_eq!(rsa_import(&rsa_export(&key, true).expect("an encoding"), true), Ok(key));
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
                use_taken(&der, false);
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
