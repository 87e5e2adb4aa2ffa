//! `internalBinding('url')`: parsing and changing URLs by the WHATWG standard, and internationalised domains.

use rquickjs::{Array, Ctx, Function, IntoJs, Object, Result, Value};
use url::{Position, Url, quirks};

/// A URL as `lib/internal/url.js` keeps it: its text, and where its parts begin and end.
/// Serialised URLs are ASCII, so that offsets into bytes are offsets into the JavaScript string.
fn describe<'js>(ctx: &Ctx<'js>, url: &Url) -> Result<Value<'js>> {
    let at = |position| url[..position].len();
    // The positions of a password are only there if there is one.
    let password = match url.password() {
        Some(_) => [at(Position::BeforePassword), at(Position::AfterPassword)],
        None => [at(Position::AfterUsername); 2],
    };
    let parts = [
        at(Position::AfterScheme),
        at(Position::BeforeUsername),
        at(Position::AfterUsername),
        password[0],
        password[1],
        at(Position::BeforeHost),
        at(Position::AfterHost),
        at(Position::BeforePort),
        at(Position::AfterPort),
        at(Position::BeforePath),
        at(Position::AfterPath),
        at(Position::AfterQuery),
    ];
    let described = Array::new(ctx.clone())?;
    described.set(0, url.as_str())?;
    for (index, part) in parts.into_iter().enumerate() {
        described.set(index + 1, part)?;
    }
    described.set(parts.len() + 1, quirks::origin(url))?;
    described.into_js(ctx)
}

fn parse_with(input: &str, base: Option<&str>) -> Option<Url> {
    let base = match base {
        Some(base) => Some(Url::parse(base).ok()?),
        None => None,
    };
    Url::options().base_url(base.as_ref()).parse(input).ok()
}

fn parse<'js>(ctx: Ctx<'js>, input: String, base: Option<String>) -> Result<Value<'js>> {
    match parse_with(&input, base.as_deref()) {
        Some(url) => describe(&ctx, &url),
        None => Ok(Value::new_undefined(ctx)),
    }
}

fn can_parse(input: String, base: Option<String>) -> bool {
    parse_with(&input, base.as_deref()).is_some()
}

/// Sets one part of a URL, which stays as it is if the value cannot be.
fn update<'js>(ctx: Ctx<'js>, href: String, part: String, value: String) -> Result<Value<'js>> {
    let Ok(mut url) = Url::parse(&href) else {
        return Ok(Value::new_undefined(ctx));
    };
    // A value that cannot be set is no error: the standard ignores it.
    let _ = match part.as_str() {
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        _ => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
    };
    describe(&ctx, &url)
}

fn domain_to_ascii(domain: String) -> String {
    quirks::domain_to_ascii(&domain)
}

fn domain_to_unicode(domain: String) -> String {
    quirks::domain_to_unicode(&domain)
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    macro_rules! export {
        ($($name:literal: $function:expr),* $(,)?) => {
            $(binding.set($name, Function::new(ctx.clone(), $function)?.with_name($name)?)?;)*
        };
    }
    export! {
        "parse": parse,
        "canParse": can_parse,
        "update": update,
        "domainToASCII": domain_to_ascii,
        "domainToUnicode": domain_to_unicode,
    }
    Ok(binding)
}
