//! AES in its modes: CBC and CTR (NIST SP 800-38A), GCM (SP 800-38D), key wrapping (RFC 3394).
//!
//! GCM is put together here, from the block cipher, CTR and GHASH: the crate that has it whole fixes the
//! lengths of nonces when it is compiled, and scripts may give any.

use crate::Error;
use aes::cipher::{
    BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit, KeyIvInit,
    StreamCipher, block_padding::Pkcs7,
};
use aes::{Aes128, Aes192, Aes256, Block};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;

/// Bytes of a block.
const BLOCK: usize = 16;
/// Bytes that are wrapped at most, which takes twelve times as long as encrypting them.
const MAX_WRAPPED: usize = 1 << 20;
const BAD_KEY: Error = Error::Operation("A key of AES has 128, 192 or 256 bits");
const BAD_DATA: Error = Error::Operation("The data cannot be decrypted with this key");

/// Does the same with each size's cipher as `$A`.
macro_rules! with_cipher {
    ($key:expr, $A:ident => $body:expr) => {
        match $key.len() {
            16 => {
                type $A = Aes128;
                $body
            }
            24 => {
                type $A = Aes192;
                $body
            }
            32 => {
                type $A = Aes256;
                $body
            }
            _ => Err(BAD_KEY),
        }
    };
}

/// CBC with the padding of PKCS#7.
///
/// # Errors
/// [`Error::Operation`] where `key` or `iv` has not the right length.
pub fn cbc_encrypt(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
    with_cipher!(key, A => {
        let mode = cbc::Encryptor::<A>::new_from_slices(key, iv).map_err(|_| BAD_KEY)?;
        Ok(mode.encrypt_padded_vec::<Pkcs7>(data))
    })
}

/// The inverse of [`cbc_encrypt`].
///
/// # Errors
/// [`Error::Operation`] too where the padding is not as it should be.
pub fn cbc_decrypt(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
    with_cipher!(key, A => {
        let mode = cbc::Decryptor::<A>::new_from_slices(key, iv).map_err(|_| BAD_KEY)?;
        mode.decrypt_padded_vec::<Pkcs7>(data).map_err(|_| BAD_DATA)
    })
}

/// CTR, both ways: the last `bits` bits of `counter` count the blocks, and begin again at zero after
/// their largest.
///
/// # Errors
/// [`Error::Operation`] where `key` or `counter` has not the right length, `bits` is not from 1 to 128,
/// or the same counter would be used twice.
pub fn ctr(key: &[u8], counter: &[u8], bits: u32, data: &[u8]) -> Result<Vec<u8>, Error> {
    let first: [u8; BLOCK] =
        counter.try_into().map_err(|_| Error::Operation("The counter has not 16 bytes"))?;
    if !(1..=128).contains(&bits) {
        return Err(Error::Operation("The length is not between 1 and 128"));
    }
    let first = u128::from_be_bytes(first);
    let mask = if bits == 128 { u128::MAX } else { (1 << bits) - 1 };
    let blocks = data.len().div_ceil(BLOCK) as u128;
    if blocks > 0 && blocks - 1 > mask {
        return Err(Error::Operation("The data has more blocks than the counter can count"));
    }
    // Blocks until the counter begins again, less one, so that 2^128 has its place.
    let ahead = mask - (first & mask);
    let split = usize::try_from(ahead.saturating_add(1).saturating_mul(BLOCK as u128))
        .map_or(data.len(), |bytes| bytes.min(data.len()));
    let mut out = data.to_vec();
    let (before, behind) = out.split_at_mut(split);
    with_cipher!(key, A => {
        for (counter, part) in [(first, before), (first & !mask, behind)] {
            ::ctr::Ctr128BE::<A>::new_from_slices(key, &counter.to_be_bytes())
                .map_err(|_| BAD_KEY)?
                .apply_keystream(part);
        }
        Ok(())
    })?;
    Ok(out)
}

/// The cipher's stream and the tag's parts that do not come from the encrypted data.
struct Gcm {
    hash: GHash,
    mask: [u8; BLOCK],
}

impl Gcm {
    /// Begins with the nonce: `crypt` gets the counter of the data's first block.
    fn new<A: BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16>>(
        cipher: &A,
        nonce: &[u8],
        additional: &[u8],
    ) -> (Self, Block) {
        let mut key = Block::default();
        cipher.encrypt_block(&mut key);
        let hash = GHash::new(&key);
        let mut start = Block::default();
        if nonce.len() == 12 {
            start[..12].copy_from_slice(nonce);
            start[15] = 1;
        } else {
            let mut hash = hash.clone();
            hash.update_padded(nonce);
            hash.update(&[lengths(0, nonce.len())]);
            start = hash.finalize();
        }
        let mut mask = start;
        cipher.encrypt_block(&mut mask);
        let mut hash = hash;
        hash.update_padded(additional);
        (Self { hash, mask: mask.into() }, start)
    }

    fn tag(mut self, additional: usize, encrypted: &[u8]) -> [u8; BLOCK] {
        self.hash.update_padded(encrypted);
        self.hash.update(&[lengths(additional, encrypted.len())]);
        let mut tag: [u8; BLOCK] = self.hash.finalize().into();
        for (byte, mask) in tag.iter_mut().zip(self.mask) {
            *byte ^= mask;
        }
        tag
    }
}

/// The block of lengths in bits that GHASH ends with.
fn lengths(additional: usize, encrypted: usize) -> Block {
    let mut block = Block::default();
    block[..8].copy_from_slice(&(additional as u64 * 8).to_be_bytes());
    block[8..].copy_from_slice(&(encrypted as u64 * 8).to_be_bytes());
    block
}

/// Applies GCM's stream, which counts in the last 32 bits, from behind `start` on.
fn gcm_stream<A: BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16>>(
    cipher: A,
    start: &Block,
    data: &mut [u8],
) {
    let mut first = *start;
    let count = u32::from_be_bytes([start[12], start[13], start[14], start[15]]);
    first[12..].copy_from_slice(&count.wrapping_add(1).to_be_bytes());
    let core = ::ctr::CtrCore::<A, ::ctr::flavors::Ctr32BE>::inner_iv_init(cipher, &first);
    aes::cipher::StreamCipherCoreWrapper::from_core(core).apply_keystream(data);
}

fn is_tag(bytes: usize) -> Result<(), Error> {
    if matches!(bytes, 4 | 8 | 12..=16) {
        Ok(())
    } else {
        Err(Error::Operation("There is no tag of this length"))
    }
}

/// GCM: the encrypted data, and behind it a tag of `tag` bytes.
///
/// # Errors
/// [`Error::Operation`] where `key` or `tag` has not a right length, or `nonce` is empty.
pub fn gcm_encrypt(
    key: &[u8],
    nonce: &[u8],
    additional: &[u8],
    tag: usize,
    data: &[u8],
) -> Result<Vec<u8>, Error> {
    is_tag(tag)?;
    if nonce.is_empty() {
        return Err(Error::Operation("The iv is empty"));
    }
    let mut out = data.to_vec();
    with_cipher!(key, A => {
        let cipher = A::new_from_slice(key).map_err(|_| BAD_KEY)?;
        let (gcm, start) = Gcm::new(&cipher, nonce, additional);
        gcm_stream(cipher, &start, &mut out);
        let whole = gcm.tag(additional.len(), &out);
        out.extend_from_slice(&whole[..tag]);
        Ok(())
    })?;
    Ok(out)
}

/// The inverse of [`gcm_encrypt`].
///
/// # Errors
/// [`Error::Operation`] too where the tag is not that of the data.
pub fn gcm_decrypt(
    key: &[u8],
    nonce: &[u8],
    additional: &[u8],
    tag: usize,
    data: &[u8],
) -> Result<Vec<u8>, Error> {
    is_tag(tag)?;
    if nonce.is_empty() {
        return Err(Error::Operation("The iv is empty"));
    }
    let Some(length) = data.len().checked_sub(tag) else { return Err(BAD_DATA) };
    let (encrypted, given) = data.split_at(length);
    with_cipher!(key, A => {
        let cipher = A::new_from_slice(key).map_err(|_| BAD_KEY)?;
        let (gcm, start) = Gcm::new(&cipher, nonce, additional);
        let whole = gcm.tag(additional.len(), encrypted);
        // All bytes are compared, wherever the first difference is.
        let differs = whole.iter().zip(given).fold(0, |all, (ours, theirs)| all | (ours ^ theirs));
        if differs != 0 {
            return Err(BAD_DATA);
        }
        let mut out = encrypted.to_vec();
        gcm_stream(cipher, &start, &mut out);
        Ok(out)
    })
}

/// Wraps a key whose length is a multiple of 8 bytes, 16 at least and a MiB at most.
///
/// # Errors
/// [`Error::Operation`] for other lengths.
pub fn kw_wrap(key: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
    if data.len() > MAX_WRAPPED {
        return Err(Error::Operation("What is wrapped has a MiB at most"));
    }
    if data.len() < 16 || !data.len().is_multiple_of(8) {
        return Err(Error::Operation("What is wrapped has 8 bytes twice or more often"));
    }
    let mut out = vec![0; data.len() + 8];
    with_cipher!(key, A => {
        let kek = aes_kw::AesKw::<A>::new_from_slice(key).map_err(|_| BAD_KEY)?;
        kek.wrap_key(data, &mut out).map(|_| ()).map_err(|_| BAD_DATA)
    })?;
    Ok(out)
}

/// The inverse of [`kw_wrap`].
///
/// # Errors
/// [`Error::Operation`] too where the data was not wrapped with this key.
pub fn kw_unwrap(key: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
    if data.len() < 24 || data.len() > MAX_WRAPPED + 8 || !data.len().is_multiple_of(8) {
        return Err(BAD_DATA);
    }
    let mut out = vec![0; data.len() - 8];
    with_cipher!(key, A => {
        let kek = aes_kw::AesKw::<A>::new_from_slice(key).map_err(|_| BAD_KEY)?;
        kek.unwrap_key(data, &mut out).map(|_| ()).map_err(|_| BAD_DATA)
    })?;
    Ok(out)
}
