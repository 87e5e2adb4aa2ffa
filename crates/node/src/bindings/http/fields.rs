//! The header fields of a message as JavaScript sees them.

use rquickjs::{Array, Ctx, Function, Object, String as JsString, Value};

use super::parse;

pub(super) fn init<'js>(ctx: &Ctx<'js>, binding: &Object<'js>) -> rquickjs::Result<()> {
    binding.set("headers", Function::new(ctx.clone(), headers)?)?;
    binding.set("rawHeaders", Function::new(ctx.clone(), raw_headers)?)?;
    binding.set("rawTrailers", Function::new(ctx.clone(), raw_trailers)?)?;
    Ok(())
}

/// Of these fields a message has one; the first counts.
const SINGLE: [&str; 18] = [
    "age",
    "authorization",
    "content-length",
    "content-type",
    "etag",
    "expires",
    "from",
    "host",
    "if-modified-since",
    "if-unmodified-since",
    "last-modified",
    "location",
    "max-forwards",
    "proxy-authorization",
    "referer",
    "retry-after",
    "server",
    "user-agent",
];

fn flat(lines: Vec<(String, String)>) -> Vec<String> {
    lines.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

/// The bytes that a string of characters below U+0100 stands for.
fn bytes_of(text: &JsString<'_>) -> rquickjs::Result<Vec<u8>> {
    sandtide_bytes::with_wtf8(text, |bytes| match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_ascii() => {
            text.chars().map(|char| u8::try_from(char).unwrap_or(b'?')).collect()
        }
        _ => bytes.to_vec(),
    })
}

/// Names and values of the lines of a head, in turn.
fn raw_headers(head: JsString<'_>) -> rquickjs::Result<Vec<String>> {
    Ok(flat(parse::lines(&bytes_of(&head)?)))
}

fn raw_trailers(trailers: JsString<'_>) -> rquickjs::Result<Vec<String>> {
    Ok(flat(parse::trailer_lines(&bytes_of(&trailers)?)))
}

/// The fields of a head by their names in lower case; those of one name are joined as Node does.
fn headers<'js>(
    ctx: Ctx<'js>,
    head: JsString<'js>,
    join_all: bool,
) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    // Few names: looking through them is quicker than hashing.
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for (mut name, value) in parse::lines(&bytes_of(&head)?) {
        name.make_ascii_lowercase();
        match fields.iter_mut().find(|(known, _)| *known == name) {
            None => fields.push((name, vec![value])),
            Some((known, values)) => {
                if join_all || known == "set-cookie" || !SINGLE.contains(&known.as_str()) {
                    values.push(value);
                }
            }
        }
    }
    for (name, values) in fields {
        let value = match name.as_str() {
            "set-cookie" => {
                let array = Array::new(ctx.clone())?;
                for (at, value) in values.iter().enumerate() {
                    array.set(at, value.as_str())?;
                }
                array.into_value()
            }
            "cookie" => text(&ctx, &values, "; ")?,
            _ => text(&ctx, &values, ", ")?,
        };
        if name == "__proto__" {
            // Setting it would be something else.
            object.prop(
                name,
                rquickjs::object::Property::from(value).writable().enumerable().configurable(),
            )?;
        } else {
            object.set(name, value)?;
        }
    }
    Ok(object)
}

fn text<'js>(ctx: &Ctx<'js>, values: &[String], between: &str) -> rquickjs::Result<Value<'js>> {
    let text = match values {
        [one] => JsString::from_str(ctx.clone(), one)?,
        many => JsString::from_str(ctx.clone(), &many.join(between))?,
    };
    Ok(text.into_value())
}
