//! Any value goes into a guest and comes back as it was: as input and result, as a host function's
//! argument and result, now and through a promise, and through its JSON text. One that nests too
//! deeply is refused, and the next run is right.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_engine::{HeapImage, HostFunction, Input, Instance, MAX_DEPTH, Request, Value};
use sandtide_fuzz::{Generated, instance, module, same};
use std::cell::RefCell;

struct Setting {
    instance: Instance,
    images: [HeapImage; 3],
}

thread_local! {
    static SETTING: RefCell<Setting> = RefCell::new(setting());
}

fn setting() -> Setting {
    let mut instance = instance();
    let back = || HostFunction::new("back", |call| Ok(call.arg(0).clone()));
    let later = HostFunction::new_async("later", |args| async move {
        Ok(args.into_iter().next().unwrap_or_default())
    });
    let images = [
        module(&mut instance, "export default x => x", vec![]),
        module(&mut instance, "export default x => back(x)", vec![back()]),
        module(
            &mut instance,
            "export default async x => await later(back(x))",
            vec![back(), later],
        ),
    ];
    Setting { instance, images }
}

fn crosses(given: &Generated) {
    SETTING.with_borrow_mut(|Setting { instance, images }| {
        for image in &*images {
            let input = Some(Input::Value(given.value.clone()));
            let outcome = instance.run(image, &Request { input, ..Request::default() });
            match outcome.result {
                Ok(back) => {
                    assert!(given.depth <= MAX_DEPTH, "{} levels crossed", given.depth);
                    assert!(same(&back, &given.value), "{:?} came back as {back:?}", given.value);
                }
                Err(error) => {
                    assert!(given.depth > MAX_DEPTH, "{error}: {:?}", given.value);
                    let input = Some(Input::Value(Value::from(1)));
                    let next = instance.run(image, &Request { input, ..Request::default() });
                    assert_eq!(next.result, Ok(Value::from(1)));
                }
            }
        }
    });
}

fn keeps_its_text(given: &Generated) {
    let text = given.value.to_json();
    match Value::from_json(&text) {
        Ok(back) => assert!(same(&back, &given.value), "{text} was read as {back:?}"),
        Err(error) => assert!(given.depth > MAX_DEPTH, "{error}: {text}"),
    }
}

fuzz_target!(init: sandtide_fuzz::check_engine(), |given: Generated| {
    crosses(&given);
    keeps_its_text(&given);
});
