//! `Temporal`'s native: what `sandtide-temporal` does, by name.

#![cfg(feature = "intl")]

use crate::{Answer, Arg, Fault, Native};
use sandtide_temporal::{Argument, Error};

fn argument(arg: &Arg) -> Argument<'_> {
    match arg {
        Arg::Number(number) => Argument::Number(*number),
        Arg::Text(text) => Argument::Text(text),
        Arg::List(items) => Argument::List(items.iter().map(argument).collect()),
        _ => Argument::Nothing,
    }
}

/// `run(operation, …)`
fn run(args: &[Arg]) -> Result<Answer, Fault> {
    let Some((Arg::Text(operation), rest)) = args.split_first() else {
        return Err(Fault::Type("an operation of Temporal lacks its name".to_owned()));
    };
    let given: Vec<Argument<'_>> = rest.iter().map(argument).collect();
    match sandtide_temporal::call(operation, &given) {
        Ok(sandtide_temporal::Answer::Bool(flag)) => Ok(Answer::Bool(flag)),
        Ok(sandtide_temporal::Answer::Number(number)) => Ok(Answer::Number(number)),
        Ok(sandtide_temporal::Answer::Text(text)) => Ok(Answer::Text(text)),
        Ok(_) => Ok(Answer::Nothing),
        Err(Error::Type(message)) => Err(Fault::Type(message)),
        Err(error) => Err(Fault::Range(error.to_string())),
    }
}

pub(crate) const NATIVES: &[(&str, Native)] = &[("run", run)];
