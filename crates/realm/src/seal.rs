//! Seals cached code. Bytecode is native code to the engine, so it is taken back only if this build
//! made it on this machine, for this user, from this very source.
//!
//! Sealed bytes are [`MAGIC`], an HMAC-SHA-256 over the build, the source's SHA-256 and the code, and
//! the code. The key is 32 random bytes in the user's cache folder; where it cannot be kept, the
//! process has one of its own, and sealed code is good within the process.

use std::{
    env, fs,
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    ptr, slice,
    sync::{Once, OnceLock},
};

use hmac::{Hmac, KeyInit, Mac};
use rquickjs::qjs;
use sha2::{Digest, Sha256};

use crate::{callback::guarded, ffi};

const MAGIC: &[u8; 8] = b"sandtid1";
const TAG: usize = 32;
const KEY: usize = 32;

pub(crate) fn install() {
    static ONCE: Once = Once::new();
    // SAFETY: both are functions of the type that the C side calls, and live for ever. They are set
    // once, before any runtime is prepared that reads them.
    ONCE.call_once(|| unsafe { ffi::sandtide_set_seal(seal_raw, unseal_raw) });
}

fn mac(source: &[u8], code: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key()).expect("HMAC takes keys of any length");
    // Code of another build of the engine, or for another target, is not this one's.
    mac.update(sandtide_quickjs::identity().as_bytes());
    mac.update(sandtide_quickjs::TARGET.as_bytes());
    mac.update(&Sha256::digest(source));
    mac.update(code);
    mac
}

fn seal(code: &[u8], source: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(MAGIC.len() + TAG + code.len());
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(&mac(source, code).finalize().into_bytes());
    sealed.extend_from_slice(code);
    sealed
}

fn unseal<'a>(sealed: &'a [u8], source: &[u8]) -> Option<&'a [u8]> {
    let rest = sealed.strip_prefix(MAGIC)?;
    let (tag, code) = rest.split_at_checked(TAG)?;
    mac(source, code).verify_slice(tag).ok()?;
    Some(code)
}

fn key() -> &'static [u8; KEY] {
    static CELL: OnceLock<[u8; KEY]> = OnceLock::new();
    CELL.get_or_init(|| kept_key().unwrap_or_else(random_key))
}

fn random_key() -> [u8; KEY] {
    let mut key = [0; KEY];
    // Without randomness there is no key that could be kept from others: end rather than guess.
    let read = fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut key));
    if let Err(error) = read {
        eprintln!("sandtide: /dev/urandom cannot be read: {error}");
        std::process::abort();
    }
    key
}

fn kept_key() -> Option<[u8; KEY]> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
    let folder = cache.join("sandtide");
    let path = folder.join("cached-data.key");
    if let Some(key) = read_key(&path) {
        return Some(key);
    }
    fs::create_dir_all(&folder).ok()?;
    // Written beside and linked into place: of two processes that start together one's key wins.
    let own = folder.join(format!("cached-data.key.{}", std::process::id()));
    let key = random_key();
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&own).ok()?;
    let written = file.write_all(&key).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&own, &path));
    let _ = fs::remove_file(&own);
    match linked {
        Ok(()) => Some(key),
        Err(_) => read_key(&path),
    }
}

fn read_key(path: &std::path::Path) -> Option<[u8; KEY]> {
    fs::read(path).ok()?.try_into().ok()
}

/// # Safety
///
/// `bytes` and `source` must be readable for their lengths; `out_len` must be writable.
unsafe fn transform(
    runtime: *mut qjs::JSRuntime,
    bytes: (*const u8, usize),
    source: (*const u8, usize),
    out_len: *mut usize,
    with: impl FnOnce(&[u8], &[u8]) -> Option<Vec<u8>>,
) -> *mut u8 {
    // SAFETY: the caller vouches for both ranges.
    let (bytes, source) = unsafe {
        (slice::from_raw_parts(bytes.0, bytes.1), slice::from_raw_parts(source.0, source.1))
    };
    let Some(result) = with(bytes, source) else { return ptr::null_mut() };
    // SAFETY: `runtime` is live; what is allocated has room for `result`, and at least one byte.
    unsafe {
        let size = result.len().max(1) as qjs::size_t;
        let out = qjs::js_malloc_rt(runtime, size).cast::<u8>();
        if !out.is_null() {
            ptr::copy_nonoverlapping(result.as_ptr(), out, result.len());
            *out_len = result.len();
        }
        out
    }
}

unsafe extern "C" fn seal_raw(
    runtime: *mut qjs::JSRuntime,
    bytes: *const u8,
    len: usize,
    source: *const u8,
    source_len: usize,
    out_len: *mut usize,
) -> *mut u8 {
    // SAFETY: the C side (`sealed_code`) passes ranges that it holds, and a local for the length.
    guarded(|| unsafe {
        transform(runtime, (bytes, len), (source, source_len), out_len, |code, source| {
            Some(seal(code, source))
        })
    })
}

unsafe extern "C" fn unseal_raw(
    runtime: *mut qjs::JSRuntime,
    bytes: *const u8,
    len: usize,
    source: *const u8,
    source_len: usize,
    out_len: *mut usize,
) -> *mut u8 {
    // SAFETY: the C side (`unsealed_code`) passes ranges that it holds, and a local for the length.
    guarded(|| unsafe {
        transform(runtime, (bytes, len), (source, source_len), out_len, |sealed, source| {
            unseal(sealed, source).map(<[u8]>::to_vec)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{MAGIC, TAG, seal, unseal};

    #[test]
    fn sealed_code_opens_for_its_source_only() {
        let sealed = seal(b"code", b"source");
        assert_eq!(unseal(&sealed, b"source"), Some(&b"code"[..]));
        assert_eq!(unseal(&sealed, b"sourcf"), None);
    }

    #[test]
    fn a_changed_byte_anywhere_is_refused() {
        let sealed = seal(b"code", b"source");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(unseal(&changed, b"source"), None, "byte {at}");
        }
    }

    #[test]
    fn short_input_is_refused() {
        let sealed = seal(b"", b"");
        assert_eq!(sealed.len(), MAGIC.len() + TAG);
        for len in 0..sealed.len() {
            assert_eq!(unseal(&sealed[..len], b""), None);
        }
    }
}
