//! Ends the program when JavaScript cannot even report what went wrong.

use std::io::Write as _;

use rquickjs::{Object, Value};

/// Prints `value` as well as can be done without any code of `lib/`, and exits.
pub(crate) fn before_bootstrap(value: &Value<'_>) -> ! {
    let mut text = describe(value);
    text.push('\n');
    let _ = std::io::stderr().write_all(text.as_bytes());
    std::process::exit(7)
}

/// Name, message and stack of an error.
pub(crate) fn describe(value: &Value<'_>) -> String {
    let Some(object) = value.as_object() else {
        return value.as_string().and_then(|text| text.to_string().ok()).unwrap_or_else(|| {
            value.as_number().map_or_else(|| format!("{value:?}"), |number| number.to_string())
        });
    };
    let text = |object: &Object<'_>, key: &str| object.get::<_, String>(key).unwrap_or_default();
    let (name, message, stack) =
        (text(object, "name"), text(object, "message"), text(object, "stack"));
    if stack.starts_with(&name) { stack } else { format!("{name}: {message}\n{stack}") }
}
