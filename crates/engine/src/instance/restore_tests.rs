//! After every run, however it ended, the arena's bytes are those of the image, and zero past it.

use super::{Instance, InstanceConfig};
use crate::arena::restore::RestoreStrategy;
use crate::image::{EntryPoint, HeapImage, Plan};
use crate::run::request::{Request, Source};
use std::time::Duration;

const RUNS: [&str; 8] = [
    "1 + 1",
    "globalThis.kept = new Array(1000).fill({}); Array.prototype.x = 1",
    "const a = []; for (;;) a.push(new Uint8Array(1 << 16).fill(7))",
    "const a = []; for (;;) a.push('x' + a.length)",
    "for (;;) Object.prototype['k' + Math.random()] = [1, 2, 3]",
    "(function f() { f() })()",
    "'a'.repeat(4e6).lastIndexOf('a'.repeat(2e6) + 'b')",
    "for (let i = 0; i < 100; i++) new ArrayBuffer(3 << 20); throw new Error(globalThis.kept)",
];

fn assert_pristine(instance: &Instance, image: &HeapImage, after: &str) {
    let flat = image.inner.snapshot.flat();
    let all = instance.arena.bytes(instance.arena.region.len());
    // The high water mark, the allocator's second word, is the restore's own to set.
    assert_eq!(all[..8], flat[..8]);
    if all[16..flat.len()] != flat[16..] {
        let at = (16..flat.len()).find(|&at| all[at] != flat[at]);
        panic!("byte {at:?} of the image is another after {after}");
    }
    let zero = [0; 4096];
    let dirty = all[flat.len()..].chunks(zero.len()).position(|part| *part != zero[..part.len()]);
    assert_eq!(dirty, None, "a byte past the image is left after {after}");
    instance.arena.heap.check().unwrap();
}

fn image_of(instance: &mut Instance, setup: &str) -> HeapImage {
    let setup = vec![Source::new("setup.js", setup)];
    instance.build(&Plan { setup, entry: EntryPoint::AdHoc, ..Plan::default() }).unwrap()
}

#[test]
fn every_byte_is_put_back_after_every_end_of_a_run_and_every_change_of_image() {
    for restore in [RestoreStrategy::Copy, RestoreStrategy::WrittenPages] {
        let mut instance =
            Instance::new(InstanceConfig { heap: 16 << 20, restore, ..Default::default() })
                .unwrap();
        let small = image_of(&mut instance, "var a = 1");
        let large = image_of(&mut instance, "var b = new Array(20000).fill().map((_, i) => [i])");
        for image in [&small, &large, &small, &large] {
            for source in RUNS {
                let run = Some(Source::new("run.js", source));
                let mut request = Request { source: run, ..Request::default() };
                request.limits.wall = Duration::from_millis(30);
                instance.run(image, &request);
                assert_pristine(&instance, image, source);
            }
        }
    }
}

#[test]
fn a_run_takes_small_blocks_where_an_image_has_most_of_them_free() {
    let restore = RestoreStrategy::WrittenPages;
    let mut instance =
        Instance::new(InstanceConfig { heap: 16 << 20, restore, ..Default::default() }).unwrap();
    // Room for many objects in few slabs, and for one in each of 80: these came free last.
    let image = image_of(
        &mut instance,
        "var kept = []
         for (let i = 0; i < 4000; i++) kept.push({ i })
         for (let i = 0; i < 200; i++) kept[i] = null
         for (let i = 201; i < 4000; i += 45) kept[i] = null",
    );
    let mut restored = |source: &str| {
        let run = Some(Source::new("run.js", source));
        let request = Request { source: run, ..Request::default() };
        // Pages are learnt in the first runs.
        (0..8).map(|_| instance.run(&image, &request).usage.bytes_restored).last().unwrap()
    };
    let none = restored("for (let i = 0; i < 1; i++) ({ i })");
    let many = restored("(() => { const a = []; for (let i = 0; i < 60; i++) a.push({ i }) })()");
    // Without order each object is on a page of its own.
    assert!(many < none + 30 * 4096, "{many} bytes put back, {none} for next to nothing");
}
