//! What call sites tell: places, never a function or a receiver, in the main realm and in contexts.

mod support;

use support::World;

#[test]
fn call_sites_hand_out_no_function_and_no_receiver() {
    let world = World::new();
    let look = "
        const seen = [];
        Error.prepareStackTrace = (error, sites) => {
          for (const site of sites) seen.push(typeof site.getFunction(), typeof site.getThis());
          return '';
        };
        [1].map(function () { new Error().stack; });
        (async () => { await 1; })();
        [...new Set(seen)].join() + (seen.length > 4)";
    for code in
        [format!("(() => {{ return eval({look:?}) }})()"), format!("vm.new({look:?}, {{}})")]
    {
        assert_eq!(world.eval::<String>(&code), "undefinedtrue");
    }
}
