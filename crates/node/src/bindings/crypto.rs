//! `internalBinding('crypto')`: hashes, message authentication, keys from passwords and random bytes.
//!
//! A running hash is a few closures over Rust state, so that the garbage collector ends it.

use std::cell::RefCell;
use std::rc::Rc;

use hmac::digest::DynDigest;
use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac;
use rquickjs::{
    ArrayBuffer, Ctx, Exception, Function, IntoJs, Object, Result, Value, function::Opt,
};
use sandtide_bytes as bytes;

use crate::blocking;

/// Something that takes bytes and gives a digest, once.
trait Digester {
    fn update(&mut self, data: &[u8]);
    fn finish(self: Box<Self>) -> Vec<u8>;
    fn duplicate(&self) -> Box<dyn Digester>;
}

struct Hash(Box<dyn DynDigest>);

impl Digester for Hash {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().into_vec()
    }

    fn duplicate(&self) -> Box<dyn Digester> {
        Box::new(Self(self.0.box_clone()))
    }
}

#[derive(Clone)]
struct Authenticator<M>(M);

impl<M: Mac + Clone + 'static> Digester for Authenticator<M> {
    fn update(&mut self, data: &[u8]) {
        Mac::update(&mut self.0, data);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().into_bytes().to_vec()
    }

    fn duplicate(&self) -> Box<dyn Digester> {
        Box::new(self.clone())
    }
}

/// The names of the hashes, as `getHashes` gives them.
const HASHES: [&str; 7] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256"];

fn hash(name: &str) -> Option<Box<dyn Digester>> {
    let digest: Box<dyn DynDigest> = match name {
        "md5" => Box::new(md5::Md5::default()),
        "sha1" => Box::new(sha1::Sha1::default()),
        "sha224" => Box::new(sha2::Sha224::default()),
        "sha256" => Box::new(sha2::Sha256::default()),
        "sha384" => Box::new(sha2::Sha384::default()),
        "sha512" => Box::new(sha2::Sha512::default()),
        "sha512-256" => Box::new(sha2::Sha512_256::default()),
        _ => return None,
    };
    Some(Box::new(Hash(digest)))
}

fn authenticator(name: &str, key: &[u8]) -> Option<Box<dyn Digester>> {
    fn keyed<M: Mac + KeyInit + Clone + 'static>(key: &[u8]) -> Option<Box<dyn Digester>> {
        let mac = <M as KeyInit>::new_from_slice(key).ok()?;
        Some(Box::new(Authenticator(mac)))
    }
    match name {
        "md5" => keyed::<Hmac<md5::Md5>>(key),
        "sha1" => keyed::<Hmac<sha1::Sha1>>(key),
        "sha224" => keyed::<Hmac<sha2::Sha224>>(key),
        "sha256" => keyed::<Hmac<sha2::Sha256>>(key),
        "sha384" => keyed::<Hmac<sha2::Sha384>>(key),
        "sha512" => keyed::<Hmac<sha2::Sha512>>(key),
        "sha512-256" => keyed::<Hmac<sha2::Sha512_256>>(key),
        _ => None,
    }
}

/// `{ update(bytes), digest(), copy() }` over one running digest.
fn handle<'js>(ctx: &Ctx<'js>, digester: Box<dyn Digester>) -> Result<Object<'js>> {
    let state = Rc::new(RefCell::new(Some(digester)));
    let handle = Object::new(ctx.clone())?;
    let shared = Rc::clone(&state);
    handle.set(
        "update",
        Function::new(ctx.clone(), move |ctx: Ctx<'_>, data: Value<'_>| -> Result<()> {
            // The digest is state of the closure's own; what reads the bytes may hold no borrow of it.
            let Some(mut digester) = shared.borrow_mut().take() else {
                return Err(Exception::throw_message(&ctx, "Digest already called"));
            };
            let updated = bytes::with_bytes(&data, move |data| {
                digester.update(data);
                digester
            });
            let Some(digester) = updated else {
                return Err(Exception::throw_type(&ctx, "The bytes are detached"));
            };
            *shared.borrow_mut() = Some(digester);
            Ok(())
        })?,
    )?;
    let shared = Rc::clone(&state);
    handle.set("digest", Function::new(ctx.clone(), move |ctx: Ctx<'_>| digest(&ctx, &shared))?)?;
    handle.set("copy", Function::new(ctx.clone(), move |ctx: Ctx<'_>| copy(&ctx, &state))?)?;
    Ok(handle)
}

type State = RefCell<Option<Box<dyn Digester>>>;

fn digest<'js>(ctx: &Ctx<'js>, state: &State) -> Result<RawBuffer> {
    match state.borrow_mut().take() {
        Some(digester) => Ok(RawBuffer(digester.finish())),
        None => Err(Exception::throw_message(ctx, "Digest already called")),
    }
}

fn copy(ctx: &Ctx<'_>, state: &State) -> Result<RawHandle> {
    match state.borrow().as_ref() {
        Some(digester) => Ok(RawHandle(digester.duplicate())),
        None => Err(Exception::throw_message(ctx, "Digest already called")),
    }
}

/// Bytes that become an `ArrayBuffer` when they reach JavaScript.
struct RawBuffer(Vec<u8>);

impl<'js> IntoJs<'js> for RawBuffer {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        Ok(bytes::array_buffer(ctx, self.0)?.into_value())
    }
}

/// A digest that becomes a handle when it reaches JavaScript.
struct RawHandle(Box<dyn Digester>);

impl<'js> IntoJs<'js> for RawHandle {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        Ok(handle(ctx, self.0)?.into_value())
    }
}

/// A running hash, or `undefined` if there is none of this name.
fn create_hash<'js>(ctx: Ctx<'js>, name: String) -> Result<Value<'js>> {
    match hash(&name) {
        Some(digester) => Ok(handle(&ctx, digester)?.into_value()),
        None => Ok(Value::new_undefined(ctx)),
    }
}

fn create_hmac<'js>(ctx: Ctx<'js>, name: String, key: Value<'js>) -> Result<Value<'js>> {
    let key = bytes::to_vec(&key).unwrap_or_default();
    match authenticator(&name, &key) {
        Some(digester) => Ok(handle(&ctx, digester)?.into_value()),
        None => Ok(Value::new_undefined(ctx)),
    }
}

/// Fills the last with a key from a password, a salt and a number of rounds.
type Derivation = fn(&[u8], &[u8], u32, &mut [u8]);

fn derivation(name: &str) -> Option<Derivation> {
    Some(match name {
        "md5" => pbkdf2_hmac::<md5::Md5>,
        "sha1" => pbkdf2_hmac::<sha1::Sha1>,
        "sha224" => pbkdf2_hmac::<sha2::Sha224>,
        "sha256" => pbkdf2_hmac::<sha2::Sha256>,
        "sha384" => pbkdf2_hmac::<sha2::Sha384>,
        "sha512" => pbkdf2_hmac::<sha2::Sha512>,
        "sha512-256" => pbkdf2_hmac::<sha2::Sha512_256>,
        _ => return None,
    })
}

/// Gives the key, or calls `callback` with it later; `null` if there is no hash of this name, or if memory
/// for the key is missing.
fn pbkdf2<'js>(
    ctx: Ctx<'js>,
    name: String,
    password: Value<'js>,
    salt: Value<'js>,
    iterations: u32,
    length: usize,
    callback: Opt<Function<'js>>,
) -> Result<Value<'js>> {
    let mut key = Vec::new();
    let (Some(derive), Ok(())) = (derivation(&name), key.try_reserve_exact(length)) else {
        return Ok(Value::new_null(ctx));
    };
    let password = bytes::to_vec(&password).unwrap_or_default();
    let salt = bytes::to_vec(&salt).unwrap_or_default();
    let job = move || {
        key.resize(length, 0);
        derive(&password, &salt, iterations, &mut key);
        key
    };
    match callback.0 {
        None => RawBuffer(job()).into_js(&ctx),
        Some(callback) => {
            blocking::run(&ctx, callback, job, |ctx, key| RawBuffer(key).into_js(ctx));
            Ok(Value::new_undefined(ctx))
        }
    }
}

fn random_bytes<'js>(ctx: Ctx<'js>, size: usize) -> Result<ArrayBuffer<'js>> {
    let mut random = vec![0; size];
    getrandom::fill(&mut random)
        .map_err(|error| Exception::throw_message(&ctx, &error.to_string()))?;
    bytes::array_buffer(&ctx, random)
}

/// Whether two byte arrays of one length are equal, in a time that does not tell where they differ.
fn timing_safe_equal(ctx: Ctx<'_>, first: Value<'_>, second: Value<'_>) -> Result<bool> {
    bytes::with_two(&first, &second, |first, second| {
        first
            .iter()
            .zip(second)
            .fold(0, |difference, (a, b)| std::hint::black_box(difference | (a ^ b)))
            == 0
    })
    .ok_or_else(|| Exception::throw_type(&ctx, "The bytes are detached"))
}

fn hashes() -> Vec<&'static str> {
    HASHES.to_vec()
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    macro_rules! export {
        ($($name:literal: $function:expr),* $(,)?) => {
            $(binding.set($name, Function::new(ctx.clone(), $function)?.with_name($name)?)?;)*
        };
    }
    export! {
        "createHash": create_hash,
        "createHmac": create_hmac,
        "pbkdf2": pbkdf2,
        "randomBytes": random_bytes,
        "timingSafeEqual": timing_safe_equal,
        "hashes": hashes,
    }
    Ok(binding)
}
