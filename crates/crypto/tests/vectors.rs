//! Published vectors, each with its source.

use sandtide_crypto::{
    Curve, Error, Hash, Padding, cbc_decrypt, cbc_encrypt, ctr, gcm_decrypt, gcm_encrypt, hkdf,
    kw_unwrap, kw_wrap, pbkdf2_first, pbkdf2_more, rsa_export, rsa_from_primes, rsa_import,
    rsa_parts, rsa_prime, rsa_public, rsa_sign, rsa_verify,
};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex"))
        .collect()
}

#[test]
fn digests_are_those_of_fips_180() {
    for (hash, digest) in [
        (Hash::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Hash::Sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Hash::Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ] {
        assert_eq!(hash.digest(b"abc"), hex(digest), "{hash:?}");
        assert_eq!(hash.size(), hex(digest).len());
    }
}

#[test]
fn codes_are_those_of_rfc_4231() {
    // Section 4.3.
    let (key, data) = (b"Jefe", b"what do ya want for nothing?");
    for (hash, code) in [
        (Hash::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            Hash::Sha384,
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
        ),
        (
            Hash::Sha512,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ] {
        assert_eq!(hash.hmac(key, data), hex(code), "{hash:?}");
        assert!(hash.hmac_verify(key, data, &hex(code)));
        assert!(!hash.hmac_verify(key, data, &hex(code)[1..]));
        assert!(!hash.hmac_verify(b"other", data, &hex(code)));
    }
    // RFC 2202, section 3.
    assert_eq!(Hash::Sha1.hmac(key, data), hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
}

#[test]
fn hkdf_is_that_of_rfc_5869() {
    // A.1 and A.3.
    let secret = [0x0b; 22];
    let (salt, info) = (hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"));
    let derived =
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(hkdf(Hash::Sha256, &secret, &salt, &info, 42), Ok(hex(derived)));
    let derived =
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
    assert_eq!(hkdf(Hash::Sha256, &secret, &[], &[], 42), Ok(hex(derived)));
    assert_eq!(hkdf(Hash::Sha256, &secret, &[], &[], 255 * 32).map(|all| all.len()), Ok(255 * 32));
    assert!(hkdf(Hash::Sha256, &secret, &[], &[], 255 * 32 + 1).is_err());
    assert!(hkdf(Hash::Sha256, &secret, &[], &[0; 4096], 42).is_ok());
    let long = hkdf(Hash::Sha256, &secret, &[], &[0; 4097], 42);
    assert!(matches!(long, Err(Error::Operation(_))), "hashed again for each block");
}

/// Rounds in pieces of these numbers.
fn pbkdf2(hash: Hash, password: &[u8], salt: &[u8], pieces: &[u32]) -> Vec<u8> {
    let mut state = pbkdf2_first(hash, password, salt, 1);
    for rounds in pieces {
        state = pbkdf2_more(hash, password, &state, *rounds).expect("a state");
    }
    state.split_off(hash.size())
}

#[test]
fn pbkdf2_is_that_of_rfc_6070_in_whatever_pieces() {
    for (pieces, derived) in [
        (&[][..], "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        (&[1], "ea6c014dc72d6f8c"),
        (&[4095], "4b007901b765489abead49d926f721d065a429c1"),
        (&[1, 0, 94, 4000], "4b007901b765489abead49d926f721d065a429c1"),
    ] {
        let ours = pbkdf2(Hash::Sha1, b"password", b"salt", pieces);
        assert_eq!(ours[..derived.len() / 2], hex(derived), "{pieces:?}");
    }
    // RFC 7914, section 11: the first block of two.
    let derived = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc";
    assert_eq!(pbkdf2(Hash::Sha256, b"passwd", b"salt", &[]), hex(derived));
    assert!(pbkdf2_more(Hash::Sha256, b"passwd", &[0; 63], 1).is_err());
}

#[test]
fn cbc_and_ctr_are_those_of_sp_800_38a() {
    let key = hex("2b7e151628aed2a6abf7158809cf4f3c");
    let plain = hex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
    // F.2.1, which has no padding: the last block is ours.
    let iv = hex("000102030405060708090a0b0c0d0e0f");
    let encrypted = cbc_encrypt(&key, &iv, &plain).expect("CBC");
    assert_eq!(
        encrypted[..64],
        hex(
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
        )
    );
    assert_eq!(encrypted.len(), 80);
    assert_eq!(cbc_decrypt(&key, &iv, &encrypted), Ok(plain.clone()));
    assert!(cbc_decrypt(&key, &iv, &encrypted[..64]).is_err());
    assert!(cbc_decrypt(&key, &iv, &encrypted[..63]).is_err());
    assert!(cbc_decrypt(&key, &iv, &[]).is_err());
    // F.5.1
    let counter = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    let streamed = "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee";
    assert_eq!(ctr(&key, &counter, 128, &plain), Ok(hex(streamed)));
    assert_eq!(ctr(&key, &counter, 64, &plain), Ok(hex(streamed)));
}

#[test]
fn a_counter_begins_again_within_its_bits_and_counts_no_block_twice() {
    let key = [7; 16];
    let block = |counter: u8, bits| {
        let mut first = [9; 16];
        first[15] = counter;
        ctr(&key, &first, bits, &[0; 16]).expect("a block")
    };
    let mut first = [9; 16];
    first[15] = 0xfe;
    let blocks = ctr(&key, &first, 2, &[0; 64]).expect("four blocks");
    assert_eq!(blocks, [block(0xfe, 8), block(0xff, 8), block(0xfc, 8), block(0xfd, 8)].concat());
    assert!(matches!(ctr(&key, &first, 2, &[0; 65]), Err(Error::Operation(_))));
    assert!(ctr(&key, &[0xff; 16], 128, &[0; 40]).is_ok());
    for bits in [0, 129, u32::MAX] {
        assert!(ctr(&key, &first, bits, &[]).is_err(), "{bits}");
    }
}

#[test]
fn gcm_is_that_of_its_authors_whatever_the_nonces_length() {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", B: test cases 4, 5 and 6.
    let key = hex("feffe9928665731c6d6a8f9467308308");
    let plain = hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    let additional = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let long = "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b";
    for (nonce, start, tag) in [
        (
            "cafebabefacedbaddecaf888",
            "42831ec2217774244b7221b7",
            "5bc94fbc3221a5db94fae95ae7121a47",
        ),
        ("cafebabefacedbad", "61353b4c2806934a777ff51f", "3612d2e79e3b0785561be14aaca2fccb"),
        (long, "8ce24998625615b603a033ac", "619cc5aefffe0bfa462af43c1699d050"),
    ] {
        let nonce = hex(nonce);
        let encrypted = gcm_encrypt(&key, &nonce, &additional, 16, &plain).expect("GCM");
        let (data, ours) = encrypted.split_at(plain.len());
        assert_eq!(data[..12], hex(start));
        assert_eq!(ours, hex(tag));
        assert_eq!(gcm_decrypt(&key, &nonce, &additional, 16, &encrypted), Ok(plain.clone()));
        assert!(gcm_decrypt(&key, &nonce, &additional[1..], 16, &encrypted).is_err());
        for index in [0, plain.len() - 1, plain.len(), encrypted.len() - 1] {
            let mut changed = encrypted.clone();
            changed[index] ^= 1;
            assert!(gcm_decrypt(&key, &nonce, &additional, 16, &changed).is_err(), "{index}");
        }
        let short = gcm_encrypt(&key, &nonce, &additional, 4, &plain).expect("GCM");
        assert_eq!(short, encrypted[..plain.len() + 4]);
    }
    for tag in [0, 5, 11, 17] {
        assert!(gcm_encrypt(&key, &[0; 12], &[], tag, &plain).is_err(), "{tag}");
    }
    assert!(gcm_decrypt(&key, &[0; 12], &[], 16, &[0; 15]).is_err());
    assert!(gcm_encrypt(&key, &[], &[], 16, &plain).is_err());
}

#[test]
fn keys_are_wrapped_as_in_rfc_3394() {
    // 4.1 and 4.6
    let key = hex("000102030405060708090a0b0c0d0e0f");
    let data = hex("00112233445566778899aabbccddeeff");
    let wrapped = hex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
    assert_eq!(kw_wrap(&key, &data), Ok(wrapped.clone()));
    assert_eq!(kw_unwrap(&key, &wrapped), Ok(data));
    let long = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    let data = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    let wrapped =
        hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
    assert_eq!(kw_wrap(&long, &data), Ok(wrapped.clone()));
    assert!(kw_unwrap(&key, &wrapped).is_err());
    assert!(kw_wrap(&key, &data[..17]).is_err());
    assert!(kw_wrap(&key, &vec![0; (1 << 20) + 8]).is_err());
    assert!(kw_wrap(&key, &data[..8]).is_err());
    assert!(kw_unwrap(&key, &wrapped[..16]).is_err());
}

#[test]
fn signatures_are_those_of_rfc_6979_and_rfc_8032() {
    for (curve, hash, secret, signature) in [
        (
            // A.2.5
            Curve::P256,
            Hash::Sha256,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ),
        (
            Curve::P256,
            Hash::Sha1,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d326d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb",
        ),
        (
            Curve::P256,
            Hash::Sha384,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef77194861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954",
        ),
        (
            Curve::P256,
            Hash::Sha512,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f002362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe",
        ),
        (
            // A.2.6
            Curve::P384,
            Hash::Sha384,
            "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
            "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
        ),
        (
            // A.2.7
            Curve::P521,
            Hash::Sha1,
            "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
            "00343b6ec45728975ea5cba6659bbb6062a5ff89eea58be3c80b619f322c87910fe092f7d45bb0f8eee01ed3f20babec079d202ae677b243ab40b5431d497c55d75d00e7b0e675a9b24413d448b8cc119d2bf7b2d2df032741c096634d6d65d0dbe3d5694625fb9e8104d3b842c1b0e2d0b98bea19341e8676aef66ae4eba3d5475d5d16",
        ),
        (
            Curve::P521,
            Hash::Sha256,
            "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
            "01511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b3526012659d16876e25c7c1e57648f23b73564d67f61c6f14d527d54972810421e7d87589e1a7004a171143a83163d6df460aaf61522695f207a58b95c0644d87e52aa1a347916e4f7a72930b1bc06dbe22ce3f58264afd23704cbb63b29b931f7de6c9d949a7ecfc",
        ),
        (
            Curve::P521,
            Hash::Sha384,
            "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
            "01ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b4b576ad712a52be9730627d16054ba40cc0b8d3ff035b12ae75168397f5d50c6745101f21a3cee066e1961025fb048bd5fe2b7924d0cd797babe0a83b66f1e35eeaf5fde143fa85dc394a7dee766523393784484bdf3e00114a1c857cde1aa203db65d61",
        ),
        (
            Curve::P521,
            Hash::Sha512,
            "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
            "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
        ),
    ] {
        let (secret, signature) = (hex(secret), hex(signature));
        assert_eq!(curve.ecdsa_sign(hash, &secret, b"sample"), Ok(signature.clone()), "{hash:?}");
        let point = curve.point(&secret).expect("a point");
        assert_eq!(curve.ecdsa_verify(hash, &point, &signature, b"sample"), Ok(true));
        assert_eq!(curve.ecdsa_verify(hash, &point, &signature, b"test"), Ok(false));
        assert_eq!(curve.ecdsa_verify(hash, &point, &signature[1..], b"sample"), Ok(false));
    }
    // RFC 8032, 7.1, TEST 2
    let secret = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let point = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let signature = hex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    assert_eq!(Curve::Ed25519.point(&secret), Ok(point.clone()));
    assert_eq!(Curve::ed25519_sign(&secret, &[0x72]), Ok(signature.clone()));
    assert!(Curve::ed25519_verify(&point, &signature, &[0x72]));
    assert!(!Curve::ed25519_verify(&point, &signature, &[0x73]));
    // Keys of small order verify nothing.
    assert!(!Curve::ed25519_verify(&[0; 32], &[0; 64], &[]));
    assert!(!Curve::ed25519_verify(&point[1..], &signature, &[0x72]));
}

#[test]
fn signatures_of_node_are_verified_whether_digests_are_shorter_than_scalars_or_longer() {
    // Node 20 signed "sample".
    for (curve, point, signatures) in [
        (
            Curve::P384,
            "047901d11d8d21defe0ffcfd4278d586cee909a7ab306bc1147088d2cb5fcd42a5c0d4c3756ff61f53525d959be614aeb569e6cf30ed37688b7a75ddff9a4de21421686f009c8ff6974262617f4a66426e733153847348348e02a30d3ae5585518",
            [
                (
                    Hash::Sha1,
                    "3edae0f0523a42a2004cc6644639905e577aec3200e8c81a1a84134de17170bec46993b0c697efb16a8c23b8c105fa090c579a6c59366ba2fa61e03d0bde3cedad23cd2a9c349dda78d9d2eccd830a04c85ff095af9369258f6569acdbbe5249",
                ),
                (
                    Hash::Sha256,
                    "de53eaf28d4e0587bc08ab2a2e269dd0ff031c10b6302d51d22148c0a310ae418e3e7e387ccf135dd2b8e308a8060b9219e65f68032cd46614cbb63a1f775c77c82c3a097e6244d6a49560e687d8753833c55208065228f316ec207481b8e803",
                ),
                (
                    Hash::Sha384,
                    "d77cad106b914d899a87803f0d0ed9f1448128e837e0c8c93c8ad05e6b190b5256e7190240306644523d19a3c6ddbecb98d65b52caac71b6e72e4f92876f2319253d8a942405e2861eee1e5d8d7cac0cdc4b9e10101595b5e555ced1e9495942",
                ),
                (
                    Hash::Sha512,
                    "6e9b4453619ac504e048528b6e099b725301d2b947388e661679629456805db4b85f2efeb6193a394352f64728f32243f6267f841578f2994a0e91fd69903ef107fc0eaf66307d40144c917b12c8385cdb80b0d64a943b02f097006c0f447357",
                ),
            ],
        ),
        (
            Curve::P521,
            "04004acf42f893d3b844005eec0943fc1122d88d168de28f5bafc49be2271d7956e11ce07a11c0c6f79e460624ae91516732e9fd49c7ba72cd220f92e4148c283d1dc5009864fc84c9407bbf092bb4866fb9c66e2ad9da5b3efdeccc887956733689ae32bf5c89be41ce7c21b7fca59a3610a4fca7161bbeeb7e8372a822464d501dc5f466",
            [
                (
                    Hash::Sha1,
                    "00e78fb30c1f59df93b2e6e7ee07c095a0d3956d3ede006d2b8f49efbc9034e06b550a46a7741493c29285a021d7afe5060f4b47c5b3eca02f7c785062b2359e6a8a01db3fecdafbb46beb7562cd5030f039467db7b8c4e44cc0d3531d88321a650d340bc154c9f3f6d27f97fdad5422b8a376ec49443e2344f0980df52c284805711868",
                ),
                (
                    Hash::Sha256,
                    "0058b06f67ec60c076f9e8789255f250f18bab32f476149ebc8a8c42478633f6782f9ac0d3d126fb121edd7fb7e74ba8902c9f6b264df0c0f80380f029be7a1b5ea9006ab9d26ecf4f4bd7d8e702107f7bf23ef14f53581450a615998809e3dd3a4d889c527ee923853bdc1c6eacd9f09f809e524bad9ff5df639e3bbae640dc142a8e9f",
                ),
                (
                    Hash::Sha384,
                    "00814dfd9dd14fb8826971258d96920674f503922569b21621a37b8aa7cd8501818bc3b644369c028cfee7dca3ccc68cec8d51a08c904a60121cf1dcfa6fce6d566b01575ca146e1c832070a050bff3ef2e5f33f1deac6c24de9aecca84444b97de02b5d7193798d5203dda25b96a17187d3d9f0dceec8b3ff363351e5e0ae8ba65e6f0c",
                ),
                (
                    Hash::Sha512,
                    "00e42bd215cb5e907c86254ddfb05dbcd5dd72c729f8f258745851829dbd917541b0442964b5933023ab28eacc2cc2d266cab8944bea400ecebcf32378f7dccb395600200f6f781835998f2986f96778c6e2e726c47b655f657150271e9536ef28a50f70d1944bf0defac40738d4cb505032851f5ac27b1628907cdaefa6e8c4684afd60",
                ),
            ],
        ),
    ] {
        let point = hex(point);
        for (hash, signature) in signatures {
            let signature = hex(signature);
            assert_eq!(
                curve.ecdsa_verify(hash, &point, &signature, b"sample"),
                Ok(true),
                "{hash:?}"
            );
            assert_eq!(curve.ecdsa_verify(hash, &point, &signature, b"simple"), Ok(false));
        }
    }
}

#[test]
fn agreements_are_those_of_rfc_7748() {
    // 6.1
    let bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let alice = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    let point = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_eq!(Curve::X25519.point(&bob), Ok(point.clone()));
    assert_eq!(Curve::X25519.agree(&bob, &alice), Ok(shared));
    let other = Curve::X25519.secret(&[3; 32]);
    let ours = Curve::X25519.point(&other).expect("a point");
    assert_eq!(Curve::X25519.agree(&other, &point), Curve::X25519.agree(&bob, &ours));
    assert!(matches!(Curve::X25519.agree(&bob, &[0; 32]), Err(Error::Operation(_))));
}

#[test]
fn keys_on_curves_survive_their_encodings_and_others_are_refused() {
    for (index, curve) in [Curve::P256, Curve::P384, Curve::P521, Curve::Ed25519, Curve::X25519]
        .into_iter()
        .enumerate()
    {
        let secret = curve.secret(&[index as u8; 32]);
        assert_eq!(secret, curve.secret(&[index as u8; 32]), "what is random is the seed's");
        assert_ne!(secret, curve.secret(&[99; 32]));
        let point = curve.point(&secret).expect("a point");
        let mut pair = sandtide_crypto::Pair { secret, point };
        let der = curve.export(&pair).expect("PKCS#8");
        let back = curve.import(&der, true).expect("a key");
        assert_eq!(back.secret, pair.secret);
        assert!(back.point.is_empty() || back.point == pair.point);
        for cut in 0..der.len() {
            assert!(curve.import(&der[..cut], true).is_err(), "{curve:?} {cut}");
        }
        pair.secret.clear();
        let der = curve.export(&pair).expect("SubjectPublicKeyInfo");
        assert_eq!(curve.import(&der, false).as_ref(), Ok(&pair));
        assert!(curve.import(&der, true).is_err());
        for other in [Curve::P256, Curve::P384, Curve::P521, Curve::Ed25519, Curve::X25519] {
            assert_eq!(other.import(&der, false).is_ok(), other == curve);
        }
        assert!(curve.check(&pair.point[1..]).is_err());
        assert!(curve.point(&pair.point).is_err() || pair.point.len() == 32);
    }
    // The order of P-256 is no scalar, a coordinate of ones no point.
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    assert!(Curve::P256.point(&order).is_err());
    assert!(Curve::P256.point(&[0; 32]).is_err());
    assert!(Curve::P256.join(&[1; 32], &[1; 32]).is_err());
    assert!(Curve::P256.check(&[0]).is_err());
}

#[test]
fn a_point_has_one_of_the_three_encodings_of_x9_62() {
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let secret = curve.secret(&[1; 32]);
        let point = curve.point(&secret).expect("a point");
        let x = &point[1..=(point.len() - 1) / 2];
        let short = |tag: u8| [&[tag], x].concat();
        let sign = 2 + (point[point.len() - 1] & 1);
        assert_eq!(curve.check(&short(sign)), Ok(point.clone()));
        assert_ne!(curve.check(&short(5 - sign)), Ok(point.clone()), "the other point of this x");
        for tag in (0..=u8::MAX).filter(|tag| !matches!(tag, 2..=4)) {
            let mut whole = point.clone();
            whole[0] = tag;
            for bad in [short(tag), whole] {
                assert!(matches!(curve.check(&bad), Err(Error::Data(_))), "{curve:?} {tag}");
                assert!(matches!(curve.agree(&secret, &bad), Err(Error::Data(_))));
                // In SubjectPublicKeyInfo and in the private key's encoding too.
                for secret in [&[][..], &secret] {
                    let pair =
                        sandtide_crypto::Pair { secret: secret.to_vec(), point: bad.clone() };
                    let der = curve.export(&pair).expect("an encoding");
                    let found = curve.import(&der, !secret.is_empty());
                    assert!(matches!(found, Err(Error::Data(_))), "{curve:?} {tag}");
                }
            }
        }
    }
}

#[test]
fn keys_of_rsa_are_found_in_pieces_and_are_the_seeds() {
    let exponent = [1, 0, 1];
    let mut calls = 0_u8;
    let mut prime = || loop {
        calls = calls.checked_add(1).expect("a prime before long");
        let seed = [calls; 32];
        let found = rsa_prime(512, &exponent, &seed).expect("a size that is possible");
        assert_eq!(found, rsa_prime(512, &exponent, &seed).expect("the same"));
        if let Some(prime) = found {
            return prime;
        }
    };
    let (p, q) = (prime(), prime());
    let key = rsa_from_primes(&p, &q, &exponent).expect("a key");
    let parts = rsa_parts(&key, true).expect("its numbers");
    assert_eq!((parts.len(), parts[0].len(), &parts[1][..]), (8, 128, &exponent[..]));
    let public = rsa_public(&key).expect("a public key");
    for padding in [Padding::Pkcs1, Padding::Pss(0), Padding::Pss(32)] {
        let signature = rsa_sign(padding, Hash::Sha256, &key, b"data", &[1; 32]).expect("signed");
        let verify = |data: &[u8], padding| {
            rsa_verify(padding, Hash::Sha256, &public, &signature, data).expect("a key")
        };
        assert!(verify(b"data", padding));
        assert!(!verify(b"date", padding));
        assert!(!verify(b"data", Padding::Pss(usize::MAX)));
        assert!(!verify(b"data", Padding::Pss(20)));
    }
    let too_long = rsa_sign(Padding::Pss(usize::MAX), Hash::Sha256, &key, b"data", &[1; 32]);
    assert!(matches!(too_long, Err(Error::Operation(_))));
    for is_private in [true, false] {
        let der = if is_private { &key } else { &public };
        let wrapped = rsa_export(der, is_private).expect("an encoding");
        assert_eq!(rsa_import(&wrapped, is_private).as_ref(), Ok(der));
        assert!(rsa_import(&wrapped, !is_private).is_err());
        for cut in [0, 1, 20, wrapped.len() - 1] {
            assert!(rsa_import(&wrapped[..cut], is_private).is_err(), "{cut}");
        }
    }
    assert!(rsa_from_primes(&p, &p, &exponent).is_none());
    for (bits, exponent) in
        [(0, &[3][..]), (1 << 20, &[3]), (512, &[2]), (512, &[]), (512, &[1; 9])]
    {
        assert!(rsa_prime(bits, exponent, &[0; 32]).is_err(), "{bits} {exponent:?}");
    }
}
