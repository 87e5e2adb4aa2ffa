//! `FileReader`, and the URLs that name blobs.

mod common;

use common::*;

#[test]
fn a_reader_sends_its_events_in_order_and_promises_settle_between_them() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const seen = [];
        const read = (blob) => new Promise((resolve) => {
            const reader = new FileReader();
            for (const type of ['loadstart', 'progress', 'load', 'error', 'abort', 'loadend']) {
                reader.addEventListener(type, (event) => {
                    seen.push(type + reader.readyState + event.loaded + '/' + event.total + event.isTrusted);
                    Promise.resolve().then(() => seen.push('job'));
                    if (type === 'loadend') setTimeout(resolve);
                });
            }
            reader.readAsText(blob);
            seen.push(reader.readyState + String(reader.result));
        });
        await read(new Blob(['abc']));
        await read(new Blob());
        return seen.join(' ');
    })()";
    let expected = "1null loadstart10/3true job progress13/3true job load23/3true job loadend23/3true job \
                    1null loadstart10/0true job load20/0true job loadend20/0true job";
    assert_eq!(bench.eval(source), expected.into());
}

#[test]
fn a_reader_ends_though_the_guest_clears_all_timers_and_puts_itself_below_its_events() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const events = [];
        let called = 0;
        Object.setPrototypeOf(ProgressEvent, function () { called++; return {}; });
        const reader = await new Promise((resolve) => {
            const reader = new FileReader();
            reader.onload = (event) => events.push(event instanceof ProgressEvent, event.isTrusted, event.loaded);
            reader.onloadend = () => resolve(reader);
            reader.readAsText(new Blob(['abc']));
            for (let id = 0; id < 200; id++) clearTimeout(id);
        });
        return [reader.result, ...events, called].join();
    })()";
    assert_eq!(bench.eval(source), "abc,true,true,3,0".into());
}

#[test]
fn each_form_of_reading_answers_its_own_kind_of_value() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const read = (how, blob, ...rest) => new Promise((resolve) => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result);
            reader['readAs' + how](blob, ...rest);
        });
        const bytes = new Uint8Array(100_001).map((_, i) => i);
        const buffer = await read('ArrayBuffer', new Blob([bytes]));
        const url = await read('DataURL', new Blob([bytes], { type: 'a/b' }));
        const binary = await read('BinaryString', new Blob([bytes]));
        const utf16 = new Uint8Array([0xfe, 0xff, 0, 104, 0, 105]);
        const latin = new Uint8Array([0xe9]);
        return [
            buffer instanceof ArrayBuffer && new Uint8Array(buffer).every((byte, i) => byte === bytes[i]),
            url === 'data:a/b;base64,' + bytes.toBase64(),
            binary.length === 100_001 && [...binary].every((letter, i) => letter.charCodeAt(0) === bytes[i]),
            await read('DataURL', new Blob(['x'])),
            await read('Text', new Blob([utf16])),
            await read('Text', new Blob([latin]), 'latin1'),
            await read('Text', new Blob([latin], { type: 'text/plain;charset=\"latin1\"' })),
            await read('Text', new Blob([latin], { type: 'text/plain;charset=latin1' }), 'no such'),
            await read('Text', new Blob(['\u{feff}é'])),
        ].join();
    })()";
    let expected = "true,true,true,data:application/octet-stream;base64,eA==,hi,é,é,é,é";
    assert_eq!(bench.eval(source), expected.into());
}

#[test]
fn a_reader_that_is_aborted_sends_nothing_of_what_it_read() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const seen = [];
        const reader = new FileReader();
        reader.onload = () => seen.push('load ' + reader.result);
        reader.onabort = () => seen.push('abort' + reader.readyState + reader.result);
        reader.onloadend = () => seen.push('loadend');
        reader.abort();
        reader.readAsText(new Blob(['first']));
        try { reader.readAsText(new Blob()) } catch (error) { seen.push(error.name) }
        reader.abort();
        reader.readAsText(new Blob(['second']));
        await new Promise((resolve) => setTimeout(resolve, 20));
        reader.onload = null;
        reader.readAsText(new Blob(['third']));
        await new Promise((resolve) => setTimeout(resolve, 20));
        return [seen, reader.onload, typeof reader.onabort, FileReader.LOADING, reader.DONE].join();
    })()";
    let expected = "InvalidStateError,abort2null,loadend,load second,loadend,loadend,,function,1,2";
    assert_eq!(bench.eval(source), expected.into());
    assert_eq!(bench.exception("new FileReader().readAsText('text')").name, "TypeError");
    assert_eq!(bench.exception("FileReader.prototype.readyState").name, "TypeError");
}

#[test]
fn a_run_waits_for_its_readers() {
    let mut bench = Bench::base();
    let source = "const reader = new FileReader();
        reader.onload = () => console.log(reader.result);
        reader.readAsText(new Blob(['read']))";
    assert_eq!(bench.logs(source), ["read"]);
}

#[test]
fn progress_events_hold_finite_numbers() {
    let mut bench = Bench::base();
    let source = "const event = new ProgressEvent('p', { lengthComputable: 1, loaded: 1.5, total: '7' });
        [event.type, event.lengthComputable, event.loaded, event.total, new ProgressEvent('q').total,
            event instanceof Event].join()";
    assert_eq!(bench.eval(source), "p,true,1.5,7,0,true".into());
    for wrong in [
        "new ProgressEvent()",
        "new ProgressEvent('a', { loaded: NaN })",
        "new ProgressEvent('a', 1)",
    ] {
        assert_eq!(bench.exception(wrong).name, "TypeError", "{wrong}");
    }
}

#[test]
fn a_url_names_a_blob_until_it_is_revoked_and_a_request_keeps_it() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const url = URL.createObjectURL(new Blob(['text'], { type: 'a/b' }));
        const other = URL.createObjectURL(new File(['file'], 'name'));
        const seen = [/^blob:null\\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(url), url !== other];
        const response = await fetch(url + '#part');
        seen.push(response.status, response.headers.get('content-type'), response.headers.get('content-length'));
        seen.push(await response.text(), await (await fetch(other)).text());
        const refused = (...args) => fetch(...args).then(() => 'got', (error) => error.name);
        seen.push(await refused(url + '?'), await refused(url, { method: 'POST' }));
        const request = new Request(url);
        const copy = request.clone();
        URL.revokeObjectURL(url + '#part');
        seen.push((await fetch(url)).status);
        URL.revokeObjectURL(url);
        seen.push(await refused(url), await (await fetch(request)).text(), await (await fetch(copy)).text());
        return seen.join();
    })()";
    let expected = "true,true,200,a/b,4,text,file,TypeError,TypeError,200,TypeError,text,text";
    assert_eq!(bench.eval(source), expected.into());
    assert_eq!(bench.exception("URL.createObjectURL({})").name, "TypeError");
    // Nothing of it is there in the next run.
    let source = "globalThis.kept = URL.createObjectURL(new Blob(['x']))";
    let Some(url) = bench.eval(source).as_str().map(str::to_owned) else { panic!("no URL") };
    let gone = format!("fetch({url:?}).then(() => 'got', (error) => error.message)");
    assert_eq!(bench.eval(&gone), "fetch: the URL names no blob".into());
}
