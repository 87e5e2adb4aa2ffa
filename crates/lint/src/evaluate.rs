//! Which calls evaluate code, with what, and which make contexts: the knowledge of `vm`, isolated-vm and vm2.

use oxc_ast::ast::*;

use crate::{
    origin::{Origin, origin},
    program::{Call, Program, as_call, inner, property},
};

/// A call that runs code.
pub(crate) struct Run<'a> {
    /// How messages name it.
    pub(crate) name: &'static str,
    /// The code, where the file tells.
    pub(crate) code: Option<&'a Expression<'a>>,
    /// The context, where it is an argument.
    pub(crate) context: Option<&'a Expression<'a>>,
    /// Which argument has the options.
    pub(crate) options_at: usize,
    pub(crate) in_this_context: bool,
}

/// The run that a call is.
pub(crate) fn run<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> Option<Run<'a>> {
    if call.is_new {
        return None;
    }
    let path = program.path(call.callee)?;
    let simple = |name, context: Option<usize>, options_at| Run {
        name,
        code: call.argument(0),
        context: context.and_then(|at| call.argument(at)),
        options_at,
        in_this_context: false,
    };
    let of_script = |name, context: Option<usize>, options_at| Run {
        name,
        code: receiver(call)
            .and_then(|it| as_call(program.value(it)))
            .and_then(|it| it.argument(0)),
        context: context.and_then(|at| call.argument(at)),
        options_at,
        in_this_context: false,
    };
    Some(match path.as_str() {
        "vm.runInNewContext" => simple("vm.runInNewContext", None, 2),
        "vm.runInContext" => simple("vm.runInContext", Some(1), 2),
        "vm.runInThisContext" => {
            Run { in_this_context: true, ..simple("vm.runInThisContext", None, 1) }
        }
        "vm.Script().runInNewContext" => of_script("script.runInNewContext", None, 1),
        "vm.Script().runInContext" => of_script("script.runInContext", Some(0), 1),
        "vm.Script().runInThisContext" => {
            Run { in_this_context: true, ..of_script("script.runInThisContext", None, 0) }
        }
        _ => {
            let rest = path.strip_prefix("isolated-vm.Isolate().")?;
            match rest {
                "compileScript().run" | "compileScriptSync().run" => {
                    of_script("script.run", Some(0), 1)
                }
                "compileScript().runSync" | "compileScriptSync().runSync" => {
                    of_script("script.runSync", Some(0), 1)
                }
                "createContext().eval" | "createContextSync().eval" => {
                    simple("context.eval", None, 1)
                }
                "createContext().evalSync" | "createContextSync().evalSync" => {
                    simple("context.evalSync", None, 1)
                }
                "createContext().evalClosure" | "createContextSync().evalClosure" => {
                    simple("context.evalClosure", None, 2)
                }
                "createContext().evalClosureSync" | "createContextSync().evalClosureSync" => {
                    simple("context.evalClosureSync", None, 2)
                }
                _ => return None,
            }
        }
    })
}

/// Where the code of a run comes from. Code that a function is given together with its file's name is the
/// program's own: loaders are called like that.
pub(crate) fn origin_of_code<'a>(
    program: &Program<'_, 'a>,
    call: Call<'a>,
    run: &Run<'a>,
) -> Option<Origin> {
    let found = origin(program, run.code?);
    let compiled = receiver(call).and_then(|it| as_call(program.value(it)));
    let named = [call.argument(run.options_at), compiled.and_then(|it| it.argument(1))];
    let of_file = named.into_iter().flatten().any(|options| match program.value(options) {
        Expression::ObjectExpression(it) => {
            program.work().take(it.properties.len() as u64)
                && property(it, "filename")
                    .is_some_and(|it| origin(program, &it.value) != Origin::Constant)
        }
        Expression::StringLiteral(_) => false,
        Expression::TemplateLiteral(_) => origin(program, options) != Origin::Constant,
        _ => false,
    });
    // So are functions that take both.
    let with_name = program.functions_around(call.id).take(2).any(|it| {
        it.params.items.iter().any(|it| match &it.pattern {
            BindingPattern::BindingIdentifier(it) => {
                matches!(it.name.as_str(), "filename" | "fileName" | "filepath" | "filePath")
            }
            _ => false,
        })
    });
    let of_file = of_file || with_name;
    Some(if of_file && found == Origin::Parameter { Origin::File } else { found })
}

/// What a call makes, where it makes a context or more than that.
pub(crate) fn makes_context<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> Option<&'static str> {
    Some(match (program.path(call.callee)?.as_str(), call.is_new) {
        ("vm.createContext", false) => "vm.createContext",
        ("vm.runInNewContext", false) => "vm.runInNewContext",
        ("vm.Script().runInNewContext", false) => "script.runInNewContext",
        ("isolated-vm.Isolate", true) => "new Isolate",
        (
            "isolated-vm.Isolate().createContext" | "isolated-vm.Isolate().createContextSync",
            false,
        ) => "isolate.createContext",
        ("vm2.VM", true) => "new VM",
        ("vm2.NodeVM", true) => "new NodeVM",
        _ => return None,
    })
}

/// The object that a method is called on.
pub(crate) fn receiver<'a>(call: Call<'a>) -> Option<&'a Expression<'a>> {
    match inner(call.callee) {
        Expression::StaticMemberExpression(it) => Some(&it.object),
        Expression::ComputedMemberExpression(it) => Some(&it.object),
        _ => None,
    }
}

/// What is known of the options of a call.
pub(crate) enum Options<'a> {
    /// There are none.
    Absent,
    /// A file's name, or something that is `undefined`.
    Name,
    /// They are written out.
    Written(&'a ObjectExpression<'a>),
    /// They come from elsewhere, or have a spread.
    Unknown,
}

pub(crate) fn options<'a>(program: &Program<'_, 'a>, call: Call<'a>, at: usize) -> Options<'a> {
    if call.has_spread() {
        return Options::Unknown;
    }
    let Some(argument) = call.argument(at) else { return Options::Absent };
    match program.value(argument) {
        Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => Options::Name,
        Expression::ObjectExpression(it) => {
            if !program.work().take(it.properties.len() as u64) {
                return Options::Unknown;
            }
            let spread = it.properties.iter().any(|it| it.is_spread());
            // A property may be set later, where they have a name.
            let named = !matches!(inner(argument), Expression::ObjectExpression(_));
            match spread || (named && property(it, "timeout").is_none()) {
                true => Options::Unknown,
                false => Options::Written(it),
            }
        }
        _ => Options::Unknown,
    }
}
