//! Telling a URL of the tenant's that an asynchronous run ended: signed, as Standard Webhooks has it, and tried a few
//! times. Knows nothing of how runs are carried out.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sandtide_net::{NetError, Network, Post, Rules, Trace};
use sandtide_store::SecretValue;
use sha2::Sha256;
use tokio::{task::spawn_blocking, time::sleep};

use crate::{auth::now_ms, error::ApiError, flight::Flight, later::Later, names::Tenant};

/// The secret that callbacks are signed with.
pub(crate) const KEY: &str = "CALLBACK_KEY";
/// What a key begins with whose rest is base64 of it.
const WHSEC: &str = "whsec_";
/// The fewest bytes of a key; a shorter one may be guessed.
const LEAST_KEY: usize = 16;
/// How often it is tried.
const ATTEMPTS: u32 = 4;
/// How long one try may take.
const TIME: Duration = Duration::from_secs(10);

/// Whom to tell.
pub(crate) struct Callback {
    post: Post,
    rules: Rules,
    key: Arc<[u8]>,
    network: Network,
    /// How long to wait before it is tried again; each time four times as long.
    pause: Duration,
}

impl Callback {
    /// # Errors
    ///
    /// [`ApiError::InvalidRequest`] for what is no URL, and [`ApiError::CallbackNotAllowed`] where the rules do not
    /// let its host pass, or there are none.
    pub(crate) fn check(url: &str, rules: Option<&Rules>) -> Result<(Post, Rules), ApiError> {
        let refused = |error: NetError| ApiError::InvalidRequest(format!("`callback`: {error}"));
        let post = Post::new(url).map_err(refused)?;
        match rules {
            Some(rules) if post.check(rules).is_ok() => Ok((post, rules.clone())),
            _ => Err(ApiError::CallbackNotAllowed { url: url.chars().take(200).collect() }),
        }
    }

    pub(crate) fn new(
        (post, rules): (Post, Rules),
        key: &SecretValue,
        network: Network,
        pause: Duration,
    ) -> Result<Self, ApiError> {
        let key = match key.reveal().strip_prefix(WHSEC) {
            Some(encoded) => STANDARD.decode(encoded).map_err(|_| {
                ApiError::InvalidRequest(format!(
                    "the secret `{KEY}` begins with {WHSEC} and goes on with no base64"
                ))
            })?,
            None => key.reveal().as_bytes().to_vec(),
        };
        if key.len() < LEAST_KEY {
            return Err(ApiError::InvalidRequest(format!(
                "the secret `{KEY}` is too short: give 24 to 64 bytes"
            )));
        }
        Ok(Self { post, rules, key: key.into(), network, pause })
    }

    /// Tells it, and waits for that; each try is a part of the trace.
    pub(crate) async fn deliver(
        self,
        flight: &Arc<Flight>,
        later: &Arc<Later>,
        tenant: &Tenant,
        id: &Arc<str>,
        trace: Option<&Trace>,
    ) {
        let mut ending = later.ending();
        let calls = later.calls(tenant);
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::select! {
                    () = sleep(self.pause.saturating_mul(4_u32.pow(attempt - 1))) => {}
                    _ = ending.wait_for(|ending| *ending) => break,
                }
            }
            let _turns = (calls.acquire().await, later.all_calls().acquire().await);
            // Where it was forgotten meanwhile there is nothing to tell.
            let Some(size) = later.size(tenant, id) else { return };
            // A try that finds no room has failed.
            let Some(_room) = flight.take(size) else { continue };
            let Some(signed) = self.signed(later, tenant, id).await else { return };
            if matches!(self.send(id, signed, trace).await, Ok(200..=299)) {
                return later.called(tenant, id, true);
            }
        }
        later.called(tenant, id, false);
    }

    /// What is told, on a thread that may take time for it; none where nothing is known any more.
    async fn signed(&self, later: &Arc<Later>, tenant: &Tenant, id: &Arc<str>) -> Option<Signed> {
        let (later, tenant) = (Arc::clone(later), tenant.clone());
        let (id, key) = (Arc::clone(id), Arc::clone(&self.key));
        let work = move || {
            let body = later.told(&tenant, &id, false)?;
            let at = (now_ms() / 1_000).to_string();
            Some(Signed { signature: signature(&key, &id, &at, &body), at, body })
        };
        spawn_blocking(work).await.ok().flatten()
    }

    async fn send(&self, id: &str, signed: Signed, trace: Option<&Trace>) -> Result<u16, NetError> {
        let Signed { signature, at, body } = signed;
        let post = self.post.clone().header("webhook-id", id)?;
        let post = post.header("webhook-timestamp", &at)?;
        let post = post.header("webhook-signature", &signature)?;
        self.network.post(&post, &self.rules, body, TIME, trace.cloned()).await
    }
}

/// What one try sends.
struct Signed {
    signature: String,
    /// In seconds since 1970.
    at: String,
    body: Vec<u8>,
}

/// `v1,` and base64 of HMAC-SHA256 over identity, time and body with dots between.
fn signature(key: &[u8], id: &str, at: &str, body: &[u8]) -> String {
    // A key of HMAC may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;
    use crate::later::Wanted;

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        // The example of the specification's libraries.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(
            &key,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[tokio::test]
    async fn a_key_that_may_be_guessed_signs_nothing() {
        let refused = |key: &str| {
            let key = SecretValue::new(key.to_owned()).unwrap();
            let rules = Rules::new("hooks.example".parse().unwrap());
            let whom = (Post::new("https://hooks.example/a").unwrap(), rules);
            let network = Network::new(tokio::runtime::Handle::current());
            Callback::new(whom, &key, network, Duration::ZERO).err().map(|error| error.to_string())
        };
        for short in [WHSEC, "whsec_AAAA", "fifteen bytes 5"] {
            assert!(refused(short).unwrap().contains("too short: give 24 to 64 bytes"), "{short}");
        }
        for key in ["sixteen bytes 16", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(refused(key), None);
        }
    }

    #[tokio::test]
    async fn a_try_takes_its_turn_and_fails_where_there_is_no_room_for_its_bytes() {
        let later = Later::new(Duration::from_secs(3_600), 1 << 20);
        let tenant = Tenant::of(Some("a")).unwrap();
        let wanted = Wanted { script: None, version: None, key: None, has_callback: true };
        let reserved = later.reserve(&tenant, wanted).unwrap().ok().unwrap();
        later.ended(&tenant, &reserved.id, 200, format!("\"{}\"", "x".repeat(4_000)).into());
        let outside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = outside.local_addr().unwrap();
        let callback = || {
            let rules = Rules::new(address.to_string().parse().unwrap());
            let key = SecretValue::new("k".repeat(LEAST_KEY)).unwrap();
            let whom = (Post::new(&format!("http://{address}/")).unwrap(), rules);
            let network = Network::new(tokio::runtime::Handle::current());
            Callback::new(whom, &key, network, Duration::ZERO).unwrap()
        };
        let flight = Flight::new(1 << 20);
        let turns = later.all_calls().acquire_many(64).await.unwrap();
        assert_eq!(later.all_calls().available_permits(), 0);
        let mut waits = Box::pin(callback().deliver(&flight, &later, &tenant, &reserved.id, None));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waits.as_mut().poll(&mut context).is_pending());
        assert_eq!(flight.used(), 0, "it holds nothing while it waits for its turn");
        drop(turns);
        drop(waits);

        let flight = Flight::new(3_000);
        callback().deliver(&flight, &later, &tenant, &reserved.id, None).await;
        let told = later.told(&tenant, &reserved.id, true).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!((&told["callback"], flight.used()), (&"failed".into(), 0));
        outside.set_nonblocking(true).unwrap();
        assert!(outside.accept().is_err(), "nothing was sent");
    }

    #[test]
    fn a_callback_goes_where_the_script_may() {
        let rules = Rules::new("hooks.example".parse().unwrap());
        let check = |url, rules| Callback::check(url, rules).err().map(|error| error.code());
        assert_eq!(check("https://hooks.example/a", Some(&rules)), None);
        assert_eq!(check("https://other.example/", Some(&rules)), Some("ERR_NET_NOT_ALLOWED"));
        assert_eq!(check("https://hooks.example/a", None), Some("ERR_NET_NOT_ALLOWED"));
        assert_eq!(check("hooks.example", Some(&rules)), Some("ERR_INVALID_REQUEST"));
    }
}
