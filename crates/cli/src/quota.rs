//! `sandtide quota`: sets, lists and removes what tenants may take at most, in what a server keeps, whether it is
//! running or not.

use std::time::Duration;

use bytesize::ByteSize;
use clap::{Args, Subcommand};
use sandtide_store::{Quota, Store, StoreError};

use crate::{
    args::size,
    data,
    exit::Exit,
    terminal::{Line, complain},
    token::{ACTOR, printed, tenant},
};

#[derive(Args)]
pub(crate) struct QuotaArgs {
    #[command(flatten)]
    place: data::PlaceArgs,
    #[command(subcommand)]
    command: QuotaCommand,
}

#[derive(Subcommand)]
enum QuotaCommand {
    /// Sets a tenant's quota, in the place of what it had. What is left out has no bound. A server that is
    /// running holds to it within a second
    Set(SetArgs),
    /// Lists the quotas of tenants that have one
    List,
    /// Takes a tenant's quota away
    Remove {
        /// The tenant's name
        #[arg(value_parser = tenant)]
        tenant: String,
    },
}

#[derive(Args)]
struct SetArgs {
    /// The tenant's name
    #[arg(value_parser = tenant)]
    tenant: String,
    /// Runs that may begin in a second
    #[arg(long, value_name = "N")]
    runs_per_second: Option<u32>,
    /// Runs that may be under way, those that wait for a worker included
    #[arg(long, value_name = "N")]
    concurrent_runs: Option<u32>,
    /// CPU time of runs in each minute, like 30s
    #[arg(long, value_name = "TIME")]
    cpu_per_minute: Option<humantime::Duration>,
    /// Scripts that may be deployed
    #[arg(long, value_name = "N")]
    scripts: Option<u32>,
    /// Memory for all of them, like 16MiB, as --script-bytes of `serve` counts it
    #[arg(long, value_name = "SIZE", value_parser = size)]
    script_bytes: Option<ByteSize>,
}

impl SetArgs {
    fn quota(&self) -> Quota {
        let milliseconds = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        Quota {
            runs_per_second: self.runs_per_second,
            concurrent_runs: self.concurrent_runs,
            cpu_ms_per_minute: self.cpu_per_minute.map(|time| milliseconds(*time)),
            scripts: self.scripts,
            script_bytes: self
                .script_bytes
                .map(|size| u32::try_from(size.as_u64()).unwrap_or(u32::MAX)),
        }
    }
}

pub(crate) fn quota(args: &QuotaArgs) -> Exit {
    data::with_store(&args.place, None, |store| match &args.command {
        QuotaCommand::Set(set) => {
            let quota = set.quota();
            store.set_quota(set.tenant.clone(), quota, ACTOR.to_owned()).wait()?;
            Ok(printed(&[Line::Text(line(&set.tenant, &quota))]))
        }
        QuotaCommand::List => {
            let all = store.quotas().borrow().clone();
            let lines: Vec<_> =
                all.iter().map(|(tenant, quota)| Line::Text(line(tenant, quota))).collect();
            Ok(printed(&lines))
        }
        QuotaCommand::Remove { tenant } => remove(store, tenant),
    })
}

fn remove(store: &dyn Store, tenant: &str) -> Result<Exit, StoreError> {
    if store.remove_quota(tenant.to_owned(), ACTOR.to_owned()).wait()? {
        complain(&format!("the tenant {tenant} has no quota any more"));
        return Ok(Exit::Ok);
    }
    complain(&format!("the tenant {tenant} has no quota; `sandtide quota list` has all"));
    Ok(Exit::Usage)
}

/// One quota in a line.
fn line(tenant: &str, quota: &Quota) -> String {
    let Quota { runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes } =
        quota;
    let bounds = [
        ("runs-per-second", runs_per_second.map(|n| n.to_string())),
        ("concurrent-runs", concurrent_runs.map(|n| n.to_string())),
        ("cpu-per-minute", cpu_ms_per_minute.map(time)),
        ("scripts", scripts.map(|n| n.to_string())),
        ("script-bytes", script_bytes.map(|n| ByteSize(u64::from(n)).to_string())),
    ];
    let bounds =
        bounds.into_iter().filter_map(|(name, bound)| Some(format!("  {name} {}", bound?)));
    let bounds: String = bounds.collect();
    match bounds.is_empty() {
        true => format!("{tenant}  no bounds"),
        false => format!("{tenant}{bounds}"),
    }
}

fn time(ms: u32) -> String {
    humantime::format_duration(Duration::from_millis(u64::from(ms))).to_string()
}
