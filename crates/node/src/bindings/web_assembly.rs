//! `internalBinding('web_assembly')`: WebAssembly by wasmi, an interpreter. `lib/internal/web_assembly.js` makes
//! the interfaces of it, and keeps all that is JavaScript's: here are numbers only, of modules, and of what is
//! in a *group*, which is a store. A group goes when its handle is collected.
//!
//! An imported function of JavaScript's is no call out of wasmi: it ends the run, which tells what is to be
//! called, and goes on when it is told the results. So nothing of a group is borrowed while JavaScript runs.
//! Memories are copied: JavaScript has a buffer of its own of each that it looks at.

use std::{cell::{RefCell, RefMut}, collections::{HashMap, HashSet}, fmt, rc::Rc};

use rquickjs::{
    Array, BigInt, Ctx, Exception, Function, IntoJs, Null, Object, Result, Value, function::Opt,
};
use wasmi::{
    Config, Engine, Error, Extern, ExternRef, ExternType, F32, F64, Func, FuncType, Global, Instance,
    Memory, MemoryType, Module, Mutability, Nullable, Ref, RefType, ResumableCall,
    ResumableCallHostTrap, Store, StoreLimits, StoreLimitsBuilder, Table, TableType, TrapCode, Val, ValType, errors::HostError,
};

/// What a run ends with where a function of JavaScript's is to be called.
#[derive(Debug)]
struct HostCall {
    import: u32,
    args: Vec<Val>,
}

impl fmt::Display for HostCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a start function cannot call an import")
    }
}

impl HostError for HostCall {}

/// Items of one kind, by number.
struct Items<T> {
    list: Vec<T>,
    /// Their numbers, by how wasmi names them: it does not compare them.
    known: HashMap<String, u32>,
}

impl<T> Default for Items<T> {
    fn default() -> Items<T> {
        Items { list: Vec::new(), known: HashMap::new() }
    }
}

impl<T: Copy + fmt::Debug> Items<T> {
    /// The number of an item, which is the same for the same one.
    fn number_of(&mut self, item: T) -> u32 {
        *self.known.entry(format!("{item:?}")).or_insert_with(|| {
            self.list.push(item);
            self.list.len() as u32 - 1
        })
    }

    fn get(&self, ctx: &Ctx<'_>, number: u32) -> Result<T> {
        let item = self.list.get(number as usize).copied();
        item.ok_or_else(|| Exception::throw_internal(ctx, "no such item"))
    }
}

/// A run that waits for a function of JavaScript's.
struct Waiting {
    run: ResumableCallHostTrap,
    results: Vec<ValType>,
    /// Where the stack was when it was called. Stacks grow downwards.
    stack: usize,
}

/// A store, and what JavaScript knows of it by number.
struct Group {
    store: Store<StoreLimits>,
    funcs: Items<Func>,
    memories: Items<Memory>,
    tables: Items<Table>,
    globals: Items<Global>,
    /// References to JavaScript's values, by the numbers that it gave these.
    values: HashMap<u32, ExternRef>,
    imports: u32,
    /// The functions of JavaScript's that are imported, by their numbers as functions.
    imported: HashMap<u32, u32>,
    /// Memories that WebAssembly may have written to since JavaScript read them.
    ahead: HashSet<u32>,
    waiting: HashMap<u32, Waiting>,
    next_waiting: u32,
}

/// Elements of a table: as many as in V8.
const MOST_ELEMENTS: usize = 10_000_000;
/// Bytes of a memory: less than 4 GiB, by one page.
const MOST_BYTES: usize = (1 << 32) - (1 << 16);

/// About where the stack is.
#[inline(never)]
fn stack_now() -> usize {
    let here = 0u8;
    std::ptr::from_ref(&here).addr()
}

type Shared = Rc<RefCell<Group>>;

/// The names and numbers of exports, in their order.
type Exports = Vec<(String, usize)>;

thread_local! {
    // What an import answers would go to the wrong place where it was called by a tail call.
    static ENGINE: Engine = Engine::new(Config::default().wasm_tail_call(false));
    /// Modules, and their exports in order.
    static MODULES: RefCell<HashMap<u32, Rc<(Module, Exports)>>> = RefCell::default();
    static GROUPS: RefCell<HashMap<u32, Shared>> = RefCell::default();
    static NEXT: RefCell<u32> = const { RefCell::new(1) };
}

fn next() -> u32 {
    NEXT.with_borrow_mut(|next| {
        *next += 1;
        *next
    })
}

/// A function that stands for the thing with this number: when it is collected, `drop` lets go of that.
fn handle<'js>(ctx: &Ctx<'js>, number: u32, drop: fn(u32)) -> Result<Function<'js>> {
    struct Held(u32, fn(u32));
    impl Drop for Held {
        fn drop(&mut self) {
            (self.1)(self.0);
        }
    }
    impl Held {
        fn number(&self) -> u32 {
            self.0
        }
    }
    let held = Held(number, drop);
    // The function has all of it, and not only the number.
    Function::new(ctx.clone(), move || held.number())
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("validate", Function::new(ctx.clone(), validate)?)?;
    binding.set("compile", Function::new(ctx.clone(), compile)?)?;
    binding.set("group", Function::new(ctx.clone(), group)?)?;
    binding.set("instantiate", Function::new(ctx.clone(), instantiate)?)?;
    binding.set("call", Function::new(ctx.clone(), call)?)?;
    binding.set("resume", Function::new(ctx.clone(), resume)?)?;
    binding.set("abandon", Function::new(ctx.clone(), abandon)?)?;
    binding.set("funcType", Function::new(ctx.clone(), func_type)?)?;
    binding.set("memory", Function::new(ctx.clone(), memory)?)?;
    binding.set("memorySize", Function::new(ctx.clone(), memory_size)?)?;
    binding.set("memoryGrow", Function::new(ctx.clone(), memory_grow)?)?;
    binding.set("memoryAhead", Function::new(ctx.clone(), memory_ahead)?)?;
    binding.set("memoryRead", Function::new(ctx.clone(), memory_read)?)?;
    binding.set("memoryWrite", Function::new(ctx.clone(), memory_write)?)?;
    binding.set("table", Function::new(ctx.clone(), table)?)?;
    binding.set("tableElement", Function::new(ctx.clone(), table_element)?)?;
    binding.set("tableSize", Function::new(ctx.clone(), table_size)?)?;
    binding.set("tableGrow", Function::new(ctx.clone(), table_grow)?)?;
    binding.set("tableGet", Function::new(ctx.clone(), table_get)?)?;
    binding.set("tableSet", Function::new(ctx.clone(), table_set)?)?;
    binding.set("global", Function::new(ctx.clone(), global)?)?;
    binding.set("globalType", Function::new(ctx.clone(), global_type)?)?;
    binding.set("globalGet", Function::new(ctx.clone(), global_get)?)?;
    binding.set("globalSet", Function::new(ctx.clone(), global_set)?)?;
    Ok(binding)
}

fn found(ctx: &Ctx<'_>, number: u32) -> Result<Shared> {
    let group = GROUPS.with_borrow(|groups| groups.get(&number).cloned());
    group.ok_or_else(|| Exception::throw_internal(ctx, "no such group"))
}

/// Errors are made while a group is open, and may be looked at by the program, which then finds it in use.
fn open<'a>(ctx: &Ctx<'_>, group: &'a Shared) -> Result<RefMut<'a, Group>> {
    group.try_borrow_mut().map_err(|_| Exception::throw_internal(ctx, "the group is in use"))
}

fn bytes_of(ctx: &Ctx<'_>, value: &Value<'_>) -> Result<Vec<u8>> {
    sandtide_bytes::to_vec(value).ok_or_else(|| Exception::throw_type(ctx, "not a buffer"))
}

fn validate<'js>(ctx: Ctx<'js>, bytes: Value<'js>) -> Result<bool> {
    let bytes = bytes_of(&ctx, &bytes)?;
    Ok(ENGINE.with(|engine| Module::validate(engine, &bytes).is_ok()))
}

fn name_of(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "i32",
        ValType::I64 => "i64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::V128 => "v128",
        ValType::FuncRef => "anyfunc",
        ValType::ExternRef => "externref",
    }
}

fn type_of(ctx: &Ctx<'_>, name: &str) -> Result<ValType> {
    Ok(match name {
        "i32" => ValType::I32,
        "i64" => ValType::I64,
        "f32" => ValType::F32,
        "f64" => ValType::F64,
        "anyfunc" | "funcref" => ValType::FuncRef,
        "externref" => ValType::ExternRef,
        _ => return Err(Exception::throw_type(ctx, "no such type")),
    })
}

/// The names of a valid module's exports in their order, which wasmi does not tell.
fn export_names(bytes: &[u8]) -> Exports {
    struct Reader<'a>(&'a [u8]);
    impl<'a> Reader<'a> {
        fn byte(&mut self) -> Option<u8> {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            Some(*first)
        }
        fn number(&mut self) -> Option<usize> {
            let mut number = 0usize;
            for shift in (0..35).step_by(7) {
                let byte = self.byte()?;
                number |= usize::from(byte & 0x7f) << shift;
                if byte < 0x80 {
                    return Some(number);
                }
            }
            None
        }
        fn take(&mut self) -> Option<&'a [u8]> {
            let len = self.number()?;
            let (taken, rest) = self.0.split_at_checked(len)?;
            self.0 = rest;
            Some(taken)
        }
    }
    /// The section with exports.
    const EXPORTS: u8 = 7;
    let mut names = Vec::new();
    let mut module = Reader(bytes.get(8..).unwrap_or_default());
    while let Some(section) = module.byte() {
        let Some(content) = module.take() else { break };
        if section != EXPORTS {
            continue;
        }
        let mut exports = Reader(content);
        for _ in 0..exports.number().unwrap_or(0) {
            let Some(name) = exports.take() else { break };
            exports.byte();
            let index = exports.number().unwrap_or_default();
            names.push((String::from_utf8_lossy(name).into_owned(), index));
        }
    }
    names
}

fn kind(ty: &ExternType) -> &'static str {
    match ty {
        ExternType::Func(_) => "function",
        ExternType::Table(_) => "table",
        ExternType::Memory(_) => "memory",
        ExternType::Global(_) => "global",
    }
}

/// `{ id, handle, imports: [[module, name, kind, types, results]], exports: [[name, kind, index]], sections: [[name, bytes]] }`,
/// or the text of what is wrong.
fn compile<'js>(ctx: Ctx<'js>, bytes: Value<'js>) -> Result<Value<'js>> {
    let bytes = bytes_of(&ctx, &bytes)?;
    let module = match ENGINE.with(|engine| Module::new(engine, &bytes)) {
        Ok(module) => module,
        Err(error) => return error.to_string().into_js(&ctx),
    };
    let described = Object::new(ctx.clone())?;
    let imports = Array::new(ctx.clone())?;
    for (at, import) in module.imports().enumerate() {
        let names = |types: &[ValType]| {
            types.iter().map(|ty| name_of(*ty)).collect::<Vec<_>>().join(",")
        };
        let (ty, results) = match import.ty() {
            ExternType::Global(ty) => (name_of(ty.content()).to_owned(), String::new()),
            ExternType::Func(ty) => (names(ty.params()), names(ty.results())),
            _ => Default::default(),
        };
        let described = [import.module(), import.name(), kind(import.ty()), &ty, &results];
        imports.set(at, described.to_vec())?;
    }
    let exports = Array::new(ctx.clone())?;
    let names = export_names(&bytes);
    for (at, (name, index)) in names.iter().enumerate() {
        let ty = module.get_export(name).as_ref().map_or("", kind);
        let described = Array::new(ctx.clone())?;
        described.set(0, name.as_str())?;
        described.set(1, ty)?;
        described.set(2, *index as u32)?;
        exports.set(at, described)?;
    }
    let sections = Array::new(ctx.clone())?;
    for (at, section) in module.custom_sections().enumerate() {
        let pair = Array::new(ctx.clone())?;
        pair.set(0, section.name())?;
        pair.set(1, sandtide_bytes::array_buffer(&ctx, section.data().to_vec())?)?;
        sections.set(at, pair)?;
    }
    let id = next();
    let kept = Rc::new((module, names));
    MODULES.with_borrow_mut(|modules| modules.insert(id, kept));
    described.set("id", id)?;
    described.set(
        "handle",
        handle(&ctx, id, |id| {
            let _gone = MODULES.with_borrow_mut(|modules| modules.remove(&id));
        })?,
    )?;
    described.set("imports", imports)?;
    described.set("exports", exports)?;
    described.set("sections", sections)?;
    described.into_js(&ctx)
}

/// A new group: its number, and what keeps it.
fn group<'js>(ctx: Ctx<'js>) -> Result<Array<'js>> {
    let id = next();
    let limits = StoreLimitsBuilder::new();
    let limits = limits.table_elements(MOST_ELEMENTS).memory_size(MOST_BYTES);
    // How many there are is limited by memory only.
    let limits = limits.instances(usize::MAX).tables(usize::MAX).memories(usize::MAX).build();
    let mut store = ENGINE.with(|engine| Store::new(engine, limits));
    store.limiter(|limits| limits);
    let group = Group {
        store,
        funcs: Items::default(),
        memories: Items::default(),
        tables: Items::default(),
        globals: Items::default(),
        values: HashMap::new(),
        imports: 0,
        imported: HashMap::new(),
        ahead: HashSet::new(),
        waiting: HashMap::new(),
        next_waiting: 0,
    };
    GROUPS.with_borrow_mut(|groups| groups.insert(id, Rc::new(RefCell::new(group))));
    let pair = Array::new(ctx.clone())?;
    pair.set(0, id)?;
    pair.set(
        1,
        handle(&ctx, id, |id| {
            let _gone = GROUPS.with_borrow_mut(|groups| groups.remove(&id));
        })?,
    )?;
    Ok(pair)
}

impl Group {
    /// WebAssembly is about to run: until JavaScript has read a memory again, its copy is the older one.
    fn runs(&mut self) {
        self.ahead.extend(0..self.memories.list.len() as u32);
    }
}

/// A value as JavaScript has it: references are the numbers of functions, and of values that it keeps.
fn to_js<'js>(ctx: &Ctx<'js>, group: &mut Group, value: &Val) -> Result<Value<'js>> {
    match value {
        Val::I32(value) => value.into_js(ctx),
        Val::I64(value) => BigInt::from_i64(ctx.clone(), *value)?.into_js(ctx),
        Val::F32(value) => f64::from(f32::from(*value)).into_js(ctx),
        Val::F64(value) => f64::from(*value).into_js(ctx),
        Val::FuncRef(Nullable::Val(func)) => group.funcs.number_of(*func).into_js(ctx),
        Val::ExternRef(Nullable::Val(value)) => {
            let kept = value.data(&group.store).downcast_ref::<u32>().copied();
            kept.unwrap_or_default().into_js(ctx)
        }
        Val::FuncRef(_) | Val::ExternRef(_) => Null.into_js(ctx),
        Val::V128(_) => Err(Exception::throw_type(ctx, "type incompatibility when transforming from/to JS")),
    }
}

fn to_wasm<'js>(ctx: &Ctx<'js>, group: &mut Group, ty: ValType, value: &Value<'js>) -> Result<Val> {
    let number = || value.as_number().unwrap_or(f64::NAN);
    Ok(match ty {
        ValType::I32 => Val::I32(number() as i64 as i32),
        ValType::I64 => {
            let given = value.clone().into_big_int();
            let given = given.ok_or_else(|| Exception::throw_type(ctx, "not a BigInt"))?;
            Val::I64(given.to_i64()?)
        }
        ValType::F32 => Val::F32(F32::from(number() as f32)),
        ValType::F64 => Val::F64(F64::from(number())),
        ValType::FuncRef if value.is_null() => Val::FuncRef(Nullable::Null),
        ValType::FuncRef => Val::FuncRef(Nullable::Val(group.funcs.get(ctx, number() as u32)?)),
        ValType::ExternRef if value.is_null() => Val::ExternRef(Nullable::Null),
        ValType::ExternRef => {
            let number = number() as u32;
            let store = &mut group.store;
            let kept = group.values.entry(number).or_insert_with(|| ExternRef::new(store, number));
            Val::ExternRef(Nullable::Val(*kept))
        }
        ValType::V128 => {
            return Err(Exception::throw_type(ctx, "type incompatibility when transforming from/to JS"));
        }
    })
}

/// `[0, results]`, `[1, import, args, run]`, `[2, message]` of what failed, where a message of null is a stack
/// that is full, or `[3, import]` where what was called is a function of JavaScript's itself.
fn outcome<'js>(
    ctx: &Ctx<'js>,
    group: &Shared,
    ended: std::result::Result<ResumableCall, Error>,
    outputs: &[Val],
    stack: usize,
) -> Result<Array<'js>> {
    let told = Array::new(ctx.clone())?;
    let group = &mut *open(ctx, group)?;
    match ended {
        Ok(ResumableCall::Finished) => {
            told.set(0, 0)?;
            told.set(1, list(ctx, group, outputs)?)?;
        }
        Ok(ResumableCall::HostTrap(run)) => {
            let Some(wanted) = run.host_error().downcast_ref::<HostCall>() else {
                return failed(ctx, told, run.host_error());
            };
            told.set(0, 1)?;
            told.set(1, wanted.import)?;
            told.set(2, list(ctx, group, &wanted.args)?)?;
            let results = outputs.iter().map(Val::ty).collect();
            group.next_waiting += 1;
            told.set(3, group.next_waiting)?;
            group.waiting.insert(group.next_waiting, Waiting { run, results, stack });
        }
        Ok(ResumableCall::OutOfFuel(_)) => {
            told.set(0, 2)?;
            told.set(1, "out of fuel")?;
        }
        Err(error) => return failed(ctx, told, &error),
    }
    Ok(told)
}

/// V8's words for what ends a run.
fn failed<'js>(ctx: &Ctx<'js>, told: Array<'js>, error: &Error) -> Result<Array<'js>> {
    let message = match error.as_trap_code() {
        Some(TrapCode::UnreachableCodeReached) => "unreachable".to_owned(),
        Some(TrapCode::MemoryOutOfBounds) => "memory access out of bounds".to_owned(),
        Some(TrapCode::TableOutOfBounds) => "table index is out of bounds".to_owned(),
        Some(TrapCode::IndirectCallToNull | TrapCode::BadSignature) => {
            "null function or function signature mismatch".to_owned()
        }
        Some(TrapCode::IntegerDivisionByZero) => "divide by zero".to_owned(),
        Some(TrapCode::IntegerOverflow) => "divide result unrepresentable".to_owned(),
        Some(TrapCode::BadConversionToInteger) => "float unrepresentable in integer range".to_owned(),
        Some(TrapCode::StackOverflow) => {
            told.set(0, 2)?;
            told.set(1, Null.into_js(ctx)?)?;
            return Ok(told);
        }
        _ => error.to_string(),
    };
    told.set(0, 2)?;
    told.set(1, message)?;
    Ok(told)
}

fn list<'js>(ctx: &Ctx<'js>, group: &mut Group, values: &[Val]) -> Result<Array<'js>> {
    let made = Array::new(ctx.clone())?;
    for (at, value) in values.iter().enumerate() {
        made.set(at, to_js(ctx, group, value)?)?;
    }
    Ok(made)
}

/// What is in an array. A program may have put accessors into it, which run now.
fn items<'js>(array: &Array<'js>) -> Result<Vec<Value<'js>>> {
    array.iter().collect()
}

fn given<'js>(
    ctx: &Ctx<'js>,
    group: &mut Group,
    types: &[ValType],
    values: &[Value<'js>],
) -> Result<Vec<Val>> {
    if values.len() < types.len() {
        return Err(Exception::throw_internal(ctx, "too few values"));
    }
    types.iter().zip(values).map(|(ty, value)| to_wasm(ctx, group, *ty, value)).collect()
}

fn call<'js>(ctx: Ctx<'js>, id: u32, func: u32, args: Array<'js>) -> Result<Array<'js>> {
    let shared = found(&ctx, id)?;
    let args = items(&args)?;
    let stack = stack_now();
    let (ended, outputs) = {
        let group = &mut *open(&ctx, &shared)?;
        // Whoever began a run further up the stack still waits for it; all others were ended on their way.
        group.waiting.retain(|_, waiting| waiting.stack > stack);
        if let Some(import) = group.imported.get(&func) {
            let told = Array::new(ctx.clone())?;
            told.set(0, 3)?;
            told.set(1, *import)?;
            return Ok(told);
        }
        let func = group.funcs.get(&ctx, func)?;
        let ty = func.ty(&group.store);
        let inputs = given(&ctx, group, ty.params(), &args)?;
        let mut outputs: Vec<Val> = ty.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
        group.runs();
        (func.call_resumable(&mut group.store, &inputs, &mut outputs), outputs)
    };
    outcome(&ctx, &shared, ended, &outputs, stack)
}

/// Goes on with a run, whose import answered these.
fn resume<'js>(ctx: Ctx<'js>, id: u32, run: u32, results: Array<'js>) -> Result<Array<'js>> {
    let shared = found(&ctx, id)?;
    let results = items(&results)?;
    let (ended, outputs, stack) = {
        let group = &mut *open(&ctx, &shared)?;
        let Some(Waiting { run, results: types, stack }) = group.waiting.remove(&run) else {
            return Err(Exception::throw_internal(&ctx, "no such run"));
        };
        let ty = run.host_func().ty(&group.store);
        let inputs = given(&ctx, group, ty.results(), &results)?;
        let mut outputs: Vec<Val> = types.iter().map(|ty| Val::default_for_ty(*ty)).collect();
        group.runs();
        (run.resume(&mut group.store, &inputs, &mut outputs), outputs, stack)
    };
    outcome(&ctx, &shared, ended, &outputs, stack)
}

fn abandon(ctx: Ctx<'_>, id: u32, run: u32) -> Result<()> {
    let _ended = open(&ctx, &found(&ctx, id)?)?.waiting.remove(&run);
    Ok(())
}

/// The types of a function's arguments and of its results.
fn func_type(ctx: Ctx<'_>, id: u32, func: u32) -> Result<Vec<Vec<&'static str>>> {
    let shared = found(&ctx, id)?;
    let group = open(&ctx, &shared)?;
    let ty = group.funcs.get(&ctx, func)?.ty(&group.store);
    let names = |types: &[ValType]| types.iter().map(|ty| name_of(*ty)).collect();
    Ok(vec![names(ty.params()), names(ty.results())])
}

/// Instantiates a module of these numbers: of functions, memories, tables and globals of the group, or -1 for a
/// function of JavaScript's. Answers `[exports, imports]`, the numbers of what is exported and the group's
/// numbers of the functions of JavaScript's, or the text of what is wrong.
fn instantiate<'js>(ctx: Ctx<'js>, id: u32, module: u32, imports: Vec<i64>) -> Result<Value<'js>> {
    let shared = found(&ctx, id)?;
    let Some(found) = MODULES.with_borrow(|modules| modules.get(&module).cloned()) else {
        return Err(Exception::throw_internal(&ctx, "no such module"));
    };
    let (module, names) = &*found;
    let group = &mut *open(&ctx, &shared)?;
    let mut externs = Vec::with_capacity(imports.len());
    let mut calls = Vec::new();
    for (import, number) in module.imports().zip(imports) {
        let at = number.unsigned_abs() as u32;
        externs.push(match import.ty() {
            ExternType::Func(ty) if number < 0 => {
                group.imports += 1;
                calls.push(group.imports);
                let func = host_func(&mut group.store, ty.clone(), group.imports);
                group.imported.insert(group.funcs.number_of(func), group.imports);
                Extern::Func(func)
            }
            ExternType::Func(_) => Extern::Func(group.funcs.get(&ctx, at)?),
            ExternType::Memory(_) => Extern::Memory(group.memories.get(&ctx, at)?),
            ExternType::Table(_) => Extern::Table(group.tables.get(&ctx, at)?),
            ExternType::Global(_) => Extern::Global(group.globals.get(&ctx, at)?),
        });
    }
    group.runs();
    let instance = match Instance::new(&mut group.store, module, &externs) {
        Ok(instance) => instance,
        Err(error) => {
            let trapped = error.as_trap_code().is_some();
            let told = failed(&ctx, Array::new(ctx.clone())?, &error)?;
            told.set(0, trapped)?;
            // What it had put into tables before is there.
            told.set(2, calls)?;
            return told.into_js(&ctx);
        }
    };
    let mut exports = Vec::new();
    for (name, _) in names {
        let number = match instance.get_export(&group.store, name) {
            Some(Extern::Func(func)) => group.funcs.number_of(func),
            Some(Extern::Memory(memory)) => group.memories.number_of(memory),
            Some(Extern::Table(table)) => group.tables.number_of(table),
            Some(Extern::Global(global)) => group.globals.number_of(global),
            None => return Err(Exception::throw_internal(&ctx, "no such export")),
        };
        exports.push(number);
    }
    vec![exports, calls].into_js(&ctx)
}

fn host_func(store: &mut Store<StoreLimits>, ty: FuncType, import: u32) -> Func {
    Func::new(store, ty, move |_, args, _| {
        Err(Error::host(HostCall { import, args: args.to_vec() }))
    })
}

fn memory(ctx: Ctx<'_>, id: u32, minimum: u32, maximum: Opt<u32>) -> Result<u32> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let made = Memory::new(&mut group.store, MemoryType::new(minimum, maximum.0));
    let made = made.map_err(|error| Exception::throw_range(&ctx, &error.to_string()))?;
    Ok(group.memories.number_of(made))
}

fn memory_size(ctx: Ctx<'_>, id: u32, memory: u32) -> Result<f64> {
    let shared = found(&ctx, id)?;
    let group = open(&ctx, &shared)?;
    Ok(group.memories.get(&ctx, memory)?.data_size(&group.store) as f64)
}

/// Pages before, or nothing where there are not as many.
fn memory_grow(ctx: Ctx<'_>, id: u32, memory: u32, pages: u32) -> Result<Option<u32>> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let memory = group.memories.get(&ctx, memory)?;
    Ok(memory.grow(&mut group.store, u64::from(pages)).ok().map(|before| before as u32))
}

/// Whether a memory is to be read before anybody looks at the copy of it.
fn memory_ahead(ctx: Ctx<'_>, id: u32, number: u32) -> Result<bool> {
    Ok(open(&ctx, &found(&ctx, id)?)?.ahead.contains(&number))
}

/// Copies a memory into a buffer of the same size.
fn memory_read<'js>(ctx: Ctx<'js>, id: u32, number: u32, buffer: Value<'js>) -> Result<()> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let memory = group.memories.get(&ctx, number)?;
    sandtide_bytes::copy_in(&buffer, 0, memory.data(&group.store));
    group.ahead.remove(&number);
    Ok(())
}

/// Copies a buffer into a memory of the same size, unless the memory is to be read first: whether it did.
fn memory_write<'js>(ctx: Ctx<'js>, id: u32, number: u32, buffer: Value<'js>) -> Result<bool> {
    let shared = found(&ctx, id)?;
    let memory = open(&ctx, &shared)?.memories.get(&ctx, number)?;
    if open(&ctx, &shared)?.ahead.contains(&number) {
        return Ok(false);
    }
    sandtide_bytes::with_bytes(&buffer, move |bytes| {
        let group = &mut *shared.borrow_mut();
        let data = memory.data_mut(&mut group.store);
        let len = bytes.len().min(data.len());
        data[..len].copy_from_slice(&bytes[..len]);
    });
    Ok(true)
}

fn reference<'js>(ctx: &Ctx<'js>, group: &mut Group, ty: RefType, value: &Value<'js>) -> Result<Ref> {
    let ty = match ty {
        RefType::Func => ValType::FuncRef,
        RefType::Extern => ValType::ExternRef,
    };
    Ok(match to_wasm(ctx, group, ty, value)? {
        Val::FuncRef(func) => Ref::Func(func),
        Val::ExternRef(value) => Ref::Extern(value),
        _ => return Err(Exception::throw_internal(ctx, "no reference")),
    })
}

fn table<'js>(
    ctx: Ctx<'js>,
    id: u32,
    element: String,
    minimum: u32,
    maximum: Option<u32>,
    value: Value<'js>,
) -> Result<u32> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let element = if element == "externref" { RefType::Extern } else { RefType::Func };
    let value = reference(&ctx, group, element, &value)?;
    let made = Table::new(&mut group.store, TableType::new(element, minimum, maximum), value);
    let made = made.map_err(|error| Exception::throw_range(&ctx, &error.to_string()))?;
    Ok(group.tables.number_of(made))
}

fn table_element(ctx: Ctx<'_>, id: u32, table: u32) -> Result<&'static str> {
    let shared = found(&ctx, id)?;
    let group = open(&ctx, &shared)?;
    Ok(match group.tables.get(&ctx, table)?.ty(&group.store).element() {
        RefType::Func => "anyfunc",
        RefType::Extern => "externref",
    })
}

fn table_size(ctx: Ctx<'_>, id: u32, table: u32) -> Result<u32> {
    let shared = found(&ctx, id)?;
    let group = open(&ctx, &shared)?;
    Ok(group.tables.get(&ctx, table)?.size(&group.store) as u32)
}

fn table_grow<'js>(
    ctx: Ctx<'js>,
    id: u32,
    table: u32,
    by: u32,
    value: Value<'js>,
) -> Result<Option<u32>> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let table = group.tables.get(&ctx, table)?;
    let element = table.ty(&group.store).element();
    let value = reference(&ctx, group, element, &value)?;
    Ok(table.grow(&mut group.store, u64::from(by), value).ok().map(|before| before as u32))
}

/// `[is a function, number or null]`; nothing where the table ends before.
fn table_get<'js>(ctx: Ctx<'js>, id: u32, table: u32, index: u32) -> Result<Value<'js>> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let table = group.tables.get(&ctx, table)?;
    let value = match table.get(&group.store, u64::from(index)) {
        Some(Ref::Func(func)) => Val::FuncRef(func),
        Some(Ref::Extern(value)) => Val::ExternRef(value),
        None => return Ok(Value::new_undefined(ctx)),
    };
    let pair = Array::new(ctx.clone())?;
    pair.set(0, matches!(value, Val::FuncRef(_)))?;
    pair.set(1, to_js(&ctx, group, &value)?)?;
    pair.into_js(&ctx)
}

/// Whether the table has such a place.
fn table_set<'js>(
    ctx: Ctx<'js>,
    id: u32,
    table: u32,
    index: u32,
    value: Value<'js>,
) -> Result<bool> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let table = group.tables.get(&ctx, table)?;
    let element = table.ty(&group.store).element();
    let value = reference(&ctx, group, element, &value)?;
    Ok(table.set(&mut group.store, u64::from(index), value).is_ok())
}

fn global<'js>(
    ctx: Ctx<'js>,
    id: u32,
    ty: String,
    mutable: bool,
    value: Value<'js>,
) -> Result<u32> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let value = to_wasm(&ctx, group, type_of(&ctx, &ty)?, &value)?;
    let mutability = if mutable { Mutability::Var } else { Mutability::Const };
    let made = Global::new(&mut group.store, value, mutability);
    Ok(group.globals.number_of(made))
}

/// The type of a global, with `mut ` before it where it changes.
fn global_type(ctx: Ctx<'_>, id: u32, global: u32) -> Result<String> {
    let shared = found(&ctx, id)?;
    let group = open(&ctx, &shared)?;
    let ty = group.globals.get(&ctx, global)?.ty(&group.store);
    let prefix = if ty.mutability().is_mut() { "mut " } else { "" };
    Ok(format!("{prefix}{}", name_of(ty.content())))
}

fn global_get<'js>(ctx: Ctx<'js>, id: u32, global: u32) -> Result<Value<'js>> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let value = group.globals.get(&ctx, global)?.get(&group.store);
    to_js(&ctx, group, &value)
}

fn global_set<'js>(ctx: Ctx<'js>, id: u32, global: u32, value: Value<'js>) -> Result<()> {
    let shared = found(&ctx, id)?;
    let group = &mut *open(&ctx, &shared)?;
    let global = group.globals.get(&ctx, global)?;
    let value = to_wasm(&ctx, group, global.ty(&group.store).content(), &value)?;
    global
        .set(&mut group.store, value)
        .map_err(|error| Exception::throw_type(&ctx, &error.to_string()))
}
