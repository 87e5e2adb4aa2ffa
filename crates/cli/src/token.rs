//! `sandtide token`: makes, lists and revokes tokens in what a server keeps, whether it is running or not.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{ArgGroup, Args, Subcommand};
use sandtide_server::check_tenant;
use sandtide_store::{Role, Secret, Store, StoreError, TokenRecord};

use crate::{
    data,
    exit::Exit,
    terminal::{Line, answer, complain},
};

/// As the audit trail names whoever uses this.
pub(crate) const ACTOR: &str = "command line";

#[derive(Args)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    place: data::PlaceArgs,
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Makes a token and prints it: nobody can tell it later. From the first one on that is made like this,
    /// requests need tokens on loopback too
    Create(CreateArgs),
    /// Lists tokens, without their secrets
    List,
    /// Makes a token worthless. A server that is running refuses it within a second
    Revoke {
        /// The token's identity, as `list` shows it
        // Those of earlier versions may begin with a `-`.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

#[derive(Args)]
#[command(group = ArgGroup::new("role").required(true))]
struct CreateArgs {
    /// What it allows: everything that this tenant may
    #[arg(long, value_name = "NAME", group = "role", value_parser = tenant)]
    tenant: Option<String>,
    /// What it allows: everything, in the name of any tenant
    #[arg(long, group = "role")]
    admin: bool,
    /// What it allows: reading /metrics, and nothing else
    #[arg(long, group = "role")]
    metrics: bool,
    /// What it is for, shown by `list`
    #[arg(long, value_name = "TEXT", default_value = "")]
    label: String,
    /// How long it is good, like 90days [default: until it is revoked]
    #[arg(long, value_name = "TIME")]
    expires: Option<humantime::Duration>,
}

/// A tenant's name that was given.
pub(crate) fn tenant(text: &str) -> Result<String, String> {
    check_tenant(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

pub(crate) fn token(args: &TokenArgs) -> Exit {
    data::with_store(&args.place, None, |store| match &args.command {
        TokenCommand::Create(create) => create.carry_out(store),
        TokenCommand::List => Ok(list(store)),
        TokenCommand::Revoke { id } => revoke(store, id),
    })
}

impl CreateArgs {
    fn carry_out(&self, store: &dyn Store) -> Result<Exit, StoreError> {
        let role = match &self.tenant {
            Some(name) => Role::Tenant(name.clone()),
            None if self.admin => Role::Admin,
            None => Role::Metrics,
        };
        let expires_ms = self.expires.map(|time| now_ms().saturating_add(milliseconds(*time)));
        let secret = Secret::generate()?;
        let record = secret.record(role, &self.label, expires_ms)?;
        let first = !store.tokens().borrow().were_made();
        store.add_token(record, ACTOR.to_owned()).wait()?;
        complain(&format!("token {} is made; it is shown this once:", secret.id()));
        let said = printed(&[Line::Raw(secret.text())]);
        if first {
            complain("from now on all requests need tokens");
        }
        Ok(said)
    }
}

fn list(store: &dyn Store) -> Exit {
    let now = now_ms();
    let tokens = store.tokens().borrow().clone();
    let all: Vec<_> = tokens.list().into_iter().map(|token| Line::Text(line(token, now))).collect();
    printed(&all)
}

/// One token in a line: identity, what it allows, state, when it was made, what it is for.
fn line(token: &TokenRecord, now: i64) -> String {
    let allows = match token.role.tenant() {
        Some(tenant) => format!("tenant {tenant}"),
        None => token.role.name().to_owned(),
    };
    let state = match (token.revoked_ms, token.expires_ms) {
        (Some(at), _) => format!("revoked {}", time(at)),
        (None, Some(at)) if at <= now => format!("expired {}", time(at)),
        (None, Some(at)) => format!("good until {}", time(at)),
        (None, None) => "good".to_owned(),
    };
    let made = time(token.made_ms);
    let text = format!("{}  {allows}  {state}  made {made}  {}", token.id, token.label);
    text.trim_end().to_owned()
}

fn revoke(store: &dyn Store, id: &str) -> Result<Exit, StoreError> {
    if store.revoke_token(id.to_owned(), ACTOR.to_owned()).wait()? {
        complain(&format!("token {id} is revoked"));
        return Ok(Exit::Ok);
    }
    complain(&format!(
        "there is no token {id} that could be revoked; `sandtide token list` has all"
    ));
    Ok(Exit::Usage)
}

/// Prints an answer.
pub(crate) fn printed(lines: &[Line<'_>]) -> Exit {
    match answer(lines) {
        Ok(()) => Exit::Ok,
        Err(error) => {
            complain(&format!("cannot write the answer: {error}"));
            Exit::Internal
        }
    }
}

pub(crate) fn time(ms: i64) -> String {
    let since = Duration::from_millis(ms.unsigned_abs());
    UNIX_EPOCH
        .checked_add(since)
        .map_or_else(|| "?".to_owned(), |at| humantime::format_rfc3339_seconds(at).to_string())
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn now_ms() -> i64 {
    milliseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}
