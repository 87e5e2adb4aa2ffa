//! Images that one worker built and others take over.

use libtest_mimic::Trial;
use sandtide::{Deployment, Error, Image, Limits, Outcome, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::{DeployedImage, Supervisor};

use crate::breakout::{ask, probes};
use crate::here::{signal, zygotes_of};
use crate::{PATIENCE, supervisor, trial, until_ended};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial("a_worker_that_is_forked_later_takes_the_image_that_was_built_before", taken_over),
        trial("without_room_for_images_each_worker_builds_its_own", without_room),
        trial("an_image_is_built_again_for_workers_of_another_zygote", another_zygote),
        trial("an_image_that_one_tenants_worker_built_is_not_carried_to_anothers", another_tenant),
        trial("an_image_is_built_again_after_a_worker_that_took_it_over_was_lost_in_a_run", lost),
        trial("what_a_set_up_made_works_in_the_worker_that_took_it_over", rich),
    ]
    .into_iter()
}

/// A set-up that takes a while, and whose own number tells who built the image.
const SLOW: &str = "
    const born = Math.random();
    let sum = 0;
    for (let i = 0; i < 3e5; i++) sum += i % 7;";

async fn deploy(supervisor: &Supervisor, setup: &str, script: &str) -> DeployedImage {
    let builder = Image::builder().setup(setup, ScriptOptions::new().file("setup.js"));
    let deployment = Deployment::new("tenant")
        .image(builder)
        .script(script, ScriptOptions::new().file("script.js"));
    supervisor.deploy(deployment).await.unwrap()
}

async fn run(supervisor: &Supervisor, image: &DeployedImage) -> Outcome {
    let limits = Limits { wall: PATIENCE, ..Limits::default() };
    supervisor.run(image, Run::new().limits(limits)).await
}

async fn end_all(supervisor: &Supervisor) {
    for pid in supervisor.waiting_processes() {
        signal(pid, libc::SIGKILL);
        until_ended(pid).await;
    }
}

async fn taken_over() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let image = deploy(&supervisor, SLOW, "born").await;
    let first = run(&supervisor, &image).await.result.unwrap();
    for _ in 0..3 {
        end_all(&supervisor).await;
        let outcome = run(&supervisor, &image).await;
        assert_eq!(outcome.result.as_ref(), Ok(&first), "the same image");
        let again = run(&supervisor, &image).await;
        assert_eq!(again.result.as_ref(), Ok(&first));
    }
    assert_eq!(supervisor.counts().lost, 3);
}

async fn without_room() {
    let supervisor = supervisor(|settings| settings.spare_workers(0).carried_image_bytes(0)).await;
    let image = deploy(&supervisor, SLOW, "born").await;
    let first = run(&supervisor, &image).await.result.unwrap();
    end_all(&supervisor).await;
    let outcome = run(&supervisor, &image).await;
    assert_ne!(outcome.result, Ok(first), "another image");
}

async fn another_zygote() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let image = deploy(&supervisor, SLOW, "born").await;
    let first = run(&supervisor, &image).await.result.unwrap();
    let [zygote] = zygotes_of(&supervisor.waiting_processes())[..] else {
        panic!("one zygote has forked the worker")
    };
    signal(zygote, libc::SIGKILL);
    end_all(&supervisor).await;
    let outcome = run(&supervisor, &image).await;
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    assert_ne!(outcome.result, Ok(first), "another image");
}

async fn another_tenant() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let image = deploy(&supervisor, SLOW, "born").await;
    let first = run(&supervisor, &image).await.result.unwrap();
    let others = image.for_tenant("other");
    let other = run(&supervisor, &others).await.result.unwrap();
    assert_ne!(other, first, "built by the other tenant's worker");
    drop(others);
    end_all(&supervisor).await;
    assert_eq!(run(&supervisor, &image).await.result, Ok(first), "its own is still there");
}

async fn lost() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let image = deploy(&supervisor, SLOW, "born").await;
    let first = run(&supervisor, &image).await.result.unwrap();
    end_all(&supervisor).await;
    assert_eq!(run(&supervisor, &image).await.result.as_ref(), Ok(&first), "taken over");
    // Of the same tenant, in the same worker.
    let hostile = probes(&supervisor, "tenant").await;
    let ended = ask(&supervisor, &hostile, "abort()").await;
    assert!(matches!(ended, Err(Error::WorkerLost { .. })), "{ended:?}");
    let next = run(&supervisor, &image).await.result;
    assert!(next.is_ok(), "{next:?}");
    assert_ne!(next, Ok(first), "another image");
}

async fn rich() {
    let setup = "
        const big = Array.from({ length: 3e4 }, (_, i) => ({ i, text: 'number ' + i }));
        const kinds = {
            map: new Map([['a', { b: 1 }], [1n, 2]]), set: new Set([1, 'x']), weak: new WeakMap(),
            expression: /a(b+)c/gu, date: new Date(0), bytes: new Uint8Array([1, 2, 3]),
            url: new URL('https://example.org/a?b=c'), generator: (function* () { yield 1; yield 2 })(),
            later: Promise.resolve(7),
            born: Math.random(), class: class A { #p = 5; get p() { return this.#p } },
        };
        kinds.weak.set(kinds.map, 'kept');
        kinds.generator.next();";
    let script = "
        export default async () => [
            big.length, big[29999].text, kinds.map.get('a').b, kinds.map.get(1n), kinds.set.has('x'),
            kinds.weak.get(kinds.map), 'abbc'.replace(kinds.expression, '$1'), kinds.date.getTime(),
            kinds.bytes.join(), kinds.url.searchParams.get('b'), kinds.generator.next().value,
            await kinds.later, new kinds.class().p,
            atob('aGk='), (() => { try { null.x } catch (e) { return e.stack.split(':').at(-2) } })(),
        ].join('|')";
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let image = deploy(&supervisor, setup, script).await;
    let first = run(&supervisor, &image).await.result.unwrap();
    let Value::String(text) = &first else { panic!("{first:?} is no text") };
    assert!(text.starts_with("30000|number 29999|1|2|true|kept|bb|0|1,2,3|c|2|7|5|hi"), "{text}");
    assert!(image.heap_bytes() > 1 << 20);
    end_all(&supervisor).await;
    for _ in 0..20 {
        let outcome = run(&supervisor, &image).await;
        assert_eq!(outcome.result.as_ref(), Ok(&first));
    }
}
