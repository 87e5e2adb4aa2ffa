//! Scripts of one tenant that are alike, and which of them the loss of a worker is laid to.

use libtest_mimic::Trial;
use sandtide::{Deployment, Limits, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::{DeployedImage, Supervisor};

use crate::breakout::ask;
use crate::{PATIENCE, supervisor, trial};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial(
            "of_scripts_that_differ_by_a_letter_only_the_one_that_loses_workers_is_held_back",
            letter,
        ),
        trial("of_scripts_that_come_with_their_runs_each_is_what_whoever_deployed_it_says", named),
        trial("a_script_that_was_taken_to_another_tenant_is_the_one_that_is_deployed_there", taken),
        trial("what_was_kept_is_built_while_new_ones_of_its_tenant_are_held_back", kept),
    ]
    .into_iter()
}

/// With the means to end its worker.
fn of(tenant: &str) -> Deployment {
    Deployment::new(tenant).host("end", |_| Ok(Value::from("carried out by the broker")))
}

fn letter_of(tenant: &str, letter: &str) -> Deployment {
    of(tenant).script(format!("ends ? end(7) : '{letter}'"), ScriptOptions::new())
}

async fn run(supervisor: &Supervisor, image: &DeployedImage, ends: bool) -> Result<Value, String> {
    let limits = Limits { wall: PATIENCE, ..Limits::default() };
    let outcome = supervisor.run(image, Run::new().global("ends", ends).limits(limits)).await;
    outcome.result.map_err(|error| error.code().to_owned())
}

/// Loses workers until it is held back; how many.
async fn until_held(mut lose: impl AsyncFnMut() -> String) -> u64 {
    // On a machine that is busy, the first pauses are over when the next run comes.
    for lost in 0..40 {
        match &*lose().await {
            "ERR_WORKER_LOST" => {}
            "ERR_SCRIPT_QUARANTINED" => return lost,
            other => panic!("{other}"),
        }
    }
    panic!("never held back")
}

async fn letter() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let a = supervisor.deploy(letter_of("t", "a")).await.unwrap();
    let b = supervisor.deploy(letter_of("t", "b")).await.unwrap();
    assert_ne!(a.known_as(), b.known_as());
    // One worker has built both, so that its loss says nothing of either.
    let lost = until_held(async || run(&supervisor, &a, true).await.unwrap_err()).await;
    assert!(lost >= 4, "held back after {lost}");
    assert_eq!(run(&supervisor, &b, false).await, Ok(Value::from("b")));
    assert_eq!((a.workers_lost(), b.workers_lost()), (lost - 1, 0));
    assert_eq!(b.held(), None);
}

async fn named() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    // The images are the same.
    let a = supervisor.deploy(of("t").known_as("a")).await.unwrap();
    let b = supervisor.deploy(of("t").known_as("b")).await.unwrap();
    let again = supervisor.deploy(of("t").known_as("a")).await.unwrap();
    assert_eq!(a.version(), b.version());
    let lose = async || ask(&supervisor, &a, "end(7)").await.unwrap_err().code().to_owned();
    until_held(lose).await;
    assert_eq!(ask(&supervisor, &b, "1 + 1").await, Ok(Value::from(2)));
    assert_eq!((b.workers_lost(), b.held()), (0, None));
    assert!(a.workers_lost() >= 3 && again.workers_lost() == a.workers_lost());
}

async fn taken() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let a = supervisor.deploy(letter_of("t", "a")).await.unwrap();
    let there = supervisor.deploy(letter_of("u", "a")).await.unwrap();
    let taken = a.for_tenant("u");
    assert_eq!(run(&supervisor, &taken, true).await, Err("ERR_WORKER_LOST".to_owned()));
    assert_eq!((a.workers_lost(), taken.workers_lost(), there.workers_lost()), (0, 1, 1));
}

async fn kept() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let mut number = 0;
    // Each of them loses one worker, until new ones are refused.
    let held = loop {
        assert!(number < 60, "never held back");
        match supervisor.deploy(letter_of("t", &number.to_string())).await {
            Ok(image) => _ = run(&supervisor, &image, true).await.unwrap_err(),
            Err(error) => break error.code(),
        }
        number += 1;
    };
    assert_eq!(held, "ERR_SCRIPT_QUARANTINED");
    // Built before its tenant was held back, by another supervisor.
    let kept = supervisor.deploy(letter_of("t", "kept").kept()).await.unwrap();
    assert_eq!(run(&supervisor, &kept, false).await, Ok(Value::from("kept")));
}
