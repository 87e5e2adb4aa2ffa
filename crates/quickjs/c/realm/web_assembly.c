/* The namespace `WebAssembly`, made when it is first read, in the main realm and in contexts. The engine
   compiles no such code: programs that look for the namespace find all of it, and whoever compiles gets a
   CompileError that says so. Calls no code of the program, because that could change the object whose
   property is being made. */

static const char web_assembly_source[] =
    "(function (Error, TypeError, isBufferSource, isAllowed) {\n"
    "  'use strict';\n"
    "  class CompileError extends Error { constructor(message, options = undefined) { super(message, options); } }\n"
    "  class LinkError extends Error { constructor(message, options = undefined) { super(message, options); } }\n"
    "  class RuntimeError extends Error { constructor(message, options = undefined) { super(message, options); } }\n"
    "  class SuspendError extends Error { constructor(message, options = undefined) { super(message, options); } }\n"
    "  const none = (what) => new CompileError(`WebAssembly.${what}(): this runtime has no WebAssembly`);\n"
    "  const requireLeave = (what) => {\n"
    "    if (!isAllowed) {\n"
    "      throw new CompileError(`WebAssembly.${what}(): Wasm code generation disallowed by embedder`);\n"
    "    }\n"
    "  };\n"
    "  const requireBytes = (what, bytes) => {\n"
    "    if (!isBufferSource(bytes)) {\n"
    "      throw new TypeError(`WebAssembly.${what}(): Argument 0 must be a buffer source`);\n"
    "    }\n"
    "  };\n"
    "  const refused = async (what, bytes) => {\n"
    "    requireLeave(what);\n"
    "    requireBytes(what, bytes);\n"
    "    throw none(what);\n"
    "  };\n"
    "  const refusedStream = async (what, source) => {\n"
    "    requireLeave(what);\n"
    "    await source;\n"
    "    throw none(what);\n"
    "  };\n"
    "  const requireModule = (what) => {\n"
    "    throw new TypeError(`WebAssembly.${what}(): Argument 0 must be a WebAssembly.Module`);\n"
    "  };\n"
    "  const receiver = (what, kind) => {\n"
    "    throw new TypeError(`WebAssembly.${what}: Receiver is not a WebAssembly.${kind}`);\n"
    "  };\n"
    "  class Module {\n"
    "    constructor(bytes) {\n"
    "      requireLeave('Module');\n"
    "      requireBytes('Module', bytes);\n"
    "      throw none('Module');\n"
    "    }\n"
    "    static imports(module) { requireModule('Module.imports'); }\n"
    "    static exports(module) { requireModule('Module.exports'); }\n"
    "    static customSections(module, name) { requireModule('Module.customSections'); }\n"
    "  }\n"
    "  class Instance {\n"
    "    constructor(module) { requireModule('Instance'); }\n"
    "    get exports() { receiver('Instance.exports', 'Instance'); }\n"
    "  }\n"
    "  class Table {\n"
    "    constructor(descriptor) { throw none('Table'); }\n"
    "    get length() { receiver('Table.length', 'Table'); }\n"
    "    grow(delta) { receiver('Table.grow()', 'Table'); }\n"
    "    set(index) { receiver('Table.set()', 'Table'); }\n"
    "    get(index) { receiver('Table.get()', 'Table'); }\n"
    "  }\n"
    "  class Memory {\n"
    "    constructor(descriptor) { throw none('Memory'); }\n"
    "    grow(delta) { receiver('Memory.grow()', 'Memory'); }\n"
    "    get buffer() { receiver('Memory.buffer', 'Memory'); }\n"
    "  }\n"
    "  class Global {\n"
    "    constructor(descriptor) { throw none('Global'); }\n"
    "    valueOf() { receiver('Global.valueOf()', 'Global'); }\n"
    "    get value() { receiver('get WebAssembly.Global.value', 'Global'); }\n"
    "    set value(value) { receiver('set WebAssembly.Global.value', 'Global'); }\n"
    "  }\n"
    "  class Tag { constructor(type) { throw none('Tag'); } }\n"
    "  class Exception {\n"
    "    constructor(tag, payload) { throw none('Exception'); }\n"
    "    getArg(tag, index) { receiver('Exception.getArg()', 'Exception'); }\n"
    "    is(tag) { receiver('Exception.is()', 'Exception'); }\n"
    "  }\n"
    "  class Suspending { constructor(callable) { throw none('Suspending'); } }\n"
    "  return {\n"
    "    compile(bytes) { return refused('compile', bytes); },\n"
    "    validate(bytes) { requireBytes('validate', bytes); return false; },\n"
    "    instantiate(bytes) { return refused('instantiate', bytes); },\n"
    "    compileStreaming(source) { return refusedStream('compileStreaming', source); },\n"
    "    instantiateStreaming(source) { return refusedStream('instantiateStreaming', source); },\n"
    "    promising(callable) { throw none('promising'); },\n"
    "    Module, Instance, Table, Memory, Global, Tag, Exception, CompileError, LinkError, RuntimeError,\n"
    "    SuspendError, Suspending,\n"
    "  };\n"
    "})";

/* In the order in which Node has them. */
static const struct {
    const char *name;
    bool is_function, is_error;
} web_assembly_members[] = {
    { "compile", true, false },          { "validate", true, false },
    { "instantiate", true, false },      { "Module", false, false },
    { "Instance", false, false },        { "Table", false, false },
    { "Memory", false, false },          { "Global", false, false },
    { "Tag", false, false },             { "Exception", false, false },
    { "CompileError", false, true },     { "LinkError", false, true },
    { "RuntimeError", false, true },     { "compileStreaming", true, false },
    { "instantiateStreaming", true, false }, { "Suspending", false, false },
    { "promising", true, false },        { "SuspendError", false, true },
};

static JSValue web_assembly_is_buffer_source(JSContext *ctx, JSValueConst this_val, int argc,
                                             JSValueConst *argv)
{
    JSClassID class_id = JS_IsObject(argv[0]) ? JS_VALUE_GET_OBJ(argv[0])->class_id : 0;

    (void)ctx;
    (void)this_val;
    (void)argc;
    return js_bool(class_id == JS_CLASS_ARRAY_BUFFER || class_id == JS_CLASS_SHARED_ARRAY_BUFFER ||
                   class_id == JS_CLASS_DATAVIEW || is_typed_array(class_id));
}

static int define_tag(JSContext *ctx, JSValueConst object, const char *prefix, const char *name)
{
    char text[64];

    snprintf(text, sizeof(text), "%s%s", prefix, name);
    return JS_DefinePropertyValue(ctx, object, JS_ATOM_Symbol_toStringTag, JS_NewString(ctx, text),
                                  JS_PROP_CONFIGURABLE);
}

/* Gives a class what its text does not say: an error's name and message, the tag of any other. */
static int finish_class(JSContext *ctx, JSValueConst class, const char *name, bool is_error)
{
    JSValue proto = JS_GetProperty(ctx, class, JS_ATOM_prototype);
    int done;

    if (JS_IsException(proto))
        return -1;
    if (is_error) {
        done = JS_DefinePropertyValue(ctx, proto, JS_ATOM_name, JS_NewString(ctx, name),
                                      JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
        if (done >= 0)
            done = JS_DefinePropertyValue(ctx, proto, JS_ATOM_message, js_empty_string(ctx->rt),
                                          JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    } else {
        done = define_tag(ctx, proto, "WebAssembly.", name);
    }
    JS_FreeValue(ctx, proto);
    return done;
}

static JSValue sandtide_web_assembly(JSContext *ctx)
{
    JSValueConst origin = ctx->rt->sandtide->compiling;
    JSValue make, members = JS_EXCEPTION, namespace, args[4], value, proto, tag = JS_UNDEFINED;
    const Realm *realm = realm_of_context(ctx);
    bool made = true;
    size_t i;

    ctx->rt->sandtide->compiling = NO_ORIGIN;
    make = JS_EvalInternal(ctx, ctx->global_obj, web_assembly_source, sizeof(web_assembly_source) - 1,
                           "node:internal/webassembly", 1, JS_EVAL_TYPE_GLOBAL, -1);
    ctx->rt->sandtide->compiling = origin;
    if (JS_IsException(make))
        return make;
    args[0] = js_dup(ctx->error_ctor);
    /* not the constructor that programs see: to read it might run their code */
    args[1] = JS_NewCFunctionMagic(ctx, js_error_constructor, "TypeError", 1,
                                   JS_CFUNC_constructor_or_func_magic, JS_TYPE_ERROR);
    args[2] = JS_NewCFunction(ctx, web_assembly_is_buffer_source, "", 1);
    args[3] = js_bool(!realm || realm->wasm_allowed);
    for (i = 0; i < countof(args); i++)
        made = made && !JS_IsException(args[i]);
    if (made)
        members = JS_Call(ctx, make, JS_UNDEFINED, countof(args), vc(args));
    for (i = 0; i < countof(args); i++)
        JS_FreeValue(ctx, args[i]);
    JS_FreeValue(ctx, make);
    namespace = JS_IsException(members) ? JS_EXCEPTION : JS_NewObject(ctx);
    for (i = 0; i < countof(web_assembly_members) && !JS_IsException(namespace); i++) {
        const char *name = web_assembly_members[i].name;
        int flags = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;
        value = JS_GetPropertyStr(ctx, members, name);
        if (JS_IsException(value))
            goto fail;
        if (web_assembly_members[i].is_function)
            flags |= JS_PROP_ENUMERABLE;
        else if (finish_class(ctx, value, name, web_assembly_members[i].is_error) < 0)
            goto fail;
        if (strcmp(name, "Tag") == 0) {
            proto = JS_GetProperty(ctx, value, JS_ATOM_prototype);
            if (JS_IsException(proto))
                goto fail;
            tag = JS_NewObjectProto(ctx, proto);
            JS_FreeValue(ctx, proto);
            if (JS_IsException(tag))
                goto fail;
        }
        if (JS_DefinePropertyValueStr(ctx, namespace, name, js_dup(value), flags) < 0 ||
            (strcmp(name, "Tag") == 0 &&
             JS_DefinePropertyValueStr(ctx, namespace, "JSTag", js_dup(tag), JS_PROP_CONFIGURABLE) < 0))
            goto fail;
        JS_FreeValue(ctx, value);
        continue;
fail:
        JS_FreeValue(ctx, value);
        JS_FreeValue(ctx, namespace);
        namespace = JS_EXCEPTION;
    }
    if (!JS_IsException(namespace) && define_tag(ctx, namespace, "", "WebAssembly") < 0) {
        JS_FreeValue(ctx, namespace);
        namespace = JS_EXCEPTION;
    }
    JS_FreeValue(ctx, tag);
    JS_FreeValue(ctx, members);
    return namespace;
}

/* Stands for the namespace until it is read. */
static const JSCFunctionListEntry web_assembly = { .name = "WebAssembly", .def_type = JS_DEF_OBJECT };

static bool sandtide_is_web_assembly(const void *opaque)
{
    return opaque == &web_assembly;
}

static int define_web_assembly(JSContext *ctx)
{
    JSAtom name = JS_NewAtom(ctx, web_assembly.name);
    int done = JS_DefineAutoInitProperty(ctx, ctx->global_obj, name, JS_AUTOINIT_ID_PROP,
                                         (void *)&web_assembly, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);

    JS_FreeAtom(ctx, name);
    return done;
}
