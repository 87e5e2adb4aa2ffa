//! `internalBinding('esm')`: ES modules. The engine asks here for each `import`; `lib/internal/esm`
//! answers where a module is and what it is.

use std::cell::RefCell;

use rquickjs::{
    Ctx, Exception, Function, Module, Object, Promise, Value,
    function::This,
    loader::{ImportAttributes, Loader, Resolver},
    module::{Declarations, Declared, Exports, ModuleDef},
    promise::PromiseState,
};

use crate::hooks::{self, Hook};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("setHooks", Function::new(ctx.clone(), set_hooks)?)?;
    binding.set("evaluateSync", Function::new(ctx.clone(), evaluate_sync)?)?;
    binding.set("evaluateSource", Function::new(ctx.clone(), evaluate_source)?)?;
    binding.set("importResolved", Function::new(ctx.clone(), import_resolved)?)?;
    Ok(binding)
}

fn set_hooks<'js>(
    ctx: Ctx<'js>,
    resolve: Function<'js>,
    load: Function<'js>,
    synthetic: Function<'js>,
    meta: Function<'js>,
    syntax: Function<'js>,
) {
    hooks::set(&ctx, Hook::ModuleResolve, resolve);
    hooks::set(&ctx, Hook::ModuleLoad, load);
    hooks::set(&ctx, Hook::ModuleSynthetic, synthetic);
    hooks::set(&ctx, Hook::ModuleMeta, meta);
    hooks::set(&ctx, Hook::ModuleSyntax, syntax);
}

fn required<'js>(ctx: &Ctx<'js>, hook: Hook) -> rquickjs::Result<Function<'js>> {
    hooks::get(ctx, hook)
        .ok_or_else(|| Exception::throw_message(ctx, "modules cannot be imported yet"))
}

/// Stands before a URL that was found and checked already.
const RESOLVED: &str = "sandtide-resolved:";

/// Loads and evaluates the module at `url`; gives a promise of its namespace.
fn import_resolved<'js>(ctx: Ctx<'js>, url: String) -> rquickjs::Result<Promise<'js>> {
    Module::import(&ctx, format!("{RESOLVED}{url}"))
}

/// The engine's way to `lib/internal/esm`.
pub(crate) struct Modules;

impl Resolver for Modules {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        attributes: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        if let Some(url) = name.strip_prefix(RESOLVED) {
            return Ok(url.to_owned());
        }
        let given = match attributes {
            None => Value::new_undefined(ctx.clone()),
            Some(attributes) => {
                let object = Object::new(ctx.clone())?;
                for key in attributes.keys() {
                    let key = key?;
                    object.set(&key, attributes.get(&key)?)?;
                }
                object.into_value()
            }
        };
        required(ctx, Hook::ModuleResolve)?.call((name, base, given))
    }
}

impl Loader for Modules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        let loaded: Value<'js> = required(ctx, Hook::ModuleLoad)?.call((name,))?;
        if let Some(names) = loaded.as_array() {
            let names = names.iter::<String>().collect::<rquickjs::Result<Vec<_>>>()?;
            NAMES.set(names);
            return Module::declare_def::<Synthetic, _>(ctx.clone(), name);
        }
        declare(ctx, name, loaded.get::<String>()?)
    }
}

fn declare<'js>(
    ctx: &Ctx<'js>,
    name: &str,
    source: String,
) -> rquickjs::Result<Module<'js, Declared>> {
    let module = match Module::declare(ctx.clone(), name, source.clone()) {
        Ok(module) => module,
        Err(error) => {
            let thrown = error.is_exception().then(|| ctx.catch());
            // Throws the same error, but with the place it is at.
            required(ctx, Hook::ModuleSyntax)?.call::<_, ()>((name, source))?;
            return Err(thrown.map_or(error, |thrown| ctx.throw(thrown)));
        }
    };
    required(ctx, Hook::ModuleMeta)?.call::<_, ()>((module.meta()?, name))?;
    Ok(module)
}

thread_local! {
    /// The names of the synthetic module that is being declared: the engine asks without a context.
    static NAMES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A module whose values come from `lib/`: built-ins, CommonJS, JSON.
struct Synthetic;

impl ModuleDef for Synthetic {
    fn declare(declarations: &Declarations<'_>) -> rquickjs::Result<()> {
        for name in NAMES.take() {
            declarations.declare(name)?;
        }
        Ok(())
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> rquickjs::Result<()> {
        let name: String = exports.module().name()?;
        let values: Object<'js> = required(ctx, Hook::ModuleSynthetic)?.call((name,))?;
        for key in values.keys::<String>() {
            let key = key?;
            let value: Value<'js> = values.get(&key)?;
            exports.export(key, value)?;
        }
        Ok(())
    }
}

/// Evaluates a module and gives its namespace; `undefined` if it waits for something.
fn evaluate_sync<'js>(
    ctx: Ctx<'js>,
    source: String,
    name: String,
) -> rquickjs::Result<Option<Object<'js>>> {
    let (module, promise) = Module::declare(ctx.clone(), name, source)?.eval()?;
    // Its errors are thrown here: they are not to be reported as unhandled too.
    let ignore = Function::new(ctx.clone(), || ())?;
    promise.then()?.call::<_, ()>((This(promise.clone()), ignore.clone(), ignore))?;
    match promise.state() {
        PromiseState::Pending => Ok(None),
        PromiseState::Resolved => module.namespace().map(Some),
        PromiseState::Rejected => {
            promise.result::<Value<'js>>().unwrap_or(Err(rquickjs::Error::Unknown))?;
            Ok(None)
        }
    }
}

/// Evaluates text as the module `name`.
fn evaluate_source<'js>(
    ctx: Ctx<'js>,
    source: String,
    name: String,
) -> rquickjs::Result<Promise<'js>> {
    Ok(declare(&ctx, &name, source)?.eval()?.1)
}
