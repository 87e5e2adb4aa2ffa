/* Words for what built-ins refuse, where Node's name the built-in. The function that runs is found in the
   engine's own tables, whatever a program made of its name. Runs no code and takes no memory, because
   memory may have run out. */

static void print_value(JSContext *ctx, Name *name, JSValueConst value);

/* The words that were put together last on this thread: they are read before the next error. */
static _Thread_local char builtin_words[320];

/* Tables of built-ins that the host makes none of (those are in sandbox/builtins.c). */
static const struct {
    const char *name;
    const JSCFunctionListEntry *list;
    int count;
} tables_for_words[] = {
    SANDTIDE_TABLE("SharedArrayBuffer.prototype", js_shared_array_buffer_proto_funcs),
    SANDTIDE_TABLE("TypedArray", js_typed_array_base_funcs),
    SANDTIDE_TABLE("Atomics", js_atomics_funcs),
    SANDTIDE_TABLE("Iterator", js_iterator_funcs),
    SANDTIDE_TABLE("Iterator.prototype", js_iterator_proto_funcs),
    SANDTIDE_TABLE("Map", js_map_funcs),
    SANDTIDE_TABLE("Proxy", js_proxy_funcs),
    SANDTIDE_TABLE("Symbol", js_symbol_funcs),
    SANDTIDE_TABLE("Error", js_error_funcs),
    SANDTIDE_TABLE("FinalizationRegistry.prototype", js_finrec_proto_funcs),
    SANDTIDE_TABLE("DisposableStack.prototype", js_disposable_stack_proto_funcs),
    SANDTIDE_TABLE("AsyncDisposableStack.prototype", js_async_disposable_stack_proto_funcs),
    SANDTIDE_TABLE("[Generator].prototype", js_generator_proto_funcs),
    SANDTIDE_TABLE("StringIterator.prototype", js_string_iterator_proto_funcs),
    SANDTIDE_TABLE("RegExpStringIterator.prototype", js_regexp_string_iterator_proto_funcs),
};

/* What Node calls a table in its messages, where that is not its name. */
static const struct { const char *ours, *theirs; } table_names[] = {
    { "ArrayIterator.prototype", "Array Iterator.prototype" },
    { "MapIterator.prototype", "Map Iterator.prototype" },
    { "SetIterator.prototype", "Set Iterator.prototype" },
    { "StringIterator.prototype", "String Iterator.prototype" },
    { "RegExpStringIterator.prototype", "%RegExpStringIterator%.prototype" },
    { "TypedArray", "%TypedArray%" },
    { "TypedArray.prototype", "%TypedArray%.prototype" },
};

/* A built-in: the table it is in, "constructor" for constructors, and its name there. */
typedef struct Builtin {
    const char *table, *name;
    bool is_getter;
    JSClassID typed_array; /* that it constructs; 0: none */
} Builtin;

static bool is_entry_of(const JSCFunctionListEntry *e, const JSObject *function)
{
    switch (e->def_type) {
    case JS_DEF_CFUNC:
        return (void *)e->u.func.cfunc.generic == (void *)function->u.cfunc.c_function.generic &&
               e->magic == function->u.cfunc.magic;
    case JS_DEF_CGETSET:
    case JS_DEF_CGETSET_MAGIC:
        return (void *)e->u.getset.get.generic == (void *)function->u.cfunc.c_function.generic &&
               e->magic == function->u.cfunc.magic;
    }
    return false;
}

/* Whether a function still has the name that its entry gives it. */
static bool has_name_of(const JSCFunctionListEntry *e, JSObject *function)
{
    JSValueConst name = own_plain_value(function, JS_ATOM_name);
    const JSString *text;
    size_t length = strlen(e->name);

    if (JS_VALUE_GET_TAG(name) != JS_TAG_STRING)
        return false;
    text = JS_VALUE_GET_STRING(name);
    return !text->is_wide_char && text->len == length && memcmp(str8((JSString *)text), e->name, length) == 0;
}

/* Finds a function among entries. Where it stands under several names, the entry with its own name is taken. */
static void find_entry(Builtin *found, const char *table, const JSCFunctionListEntry *list, int count,
                       JSObject *function)
{
    int i;

    for (i = 0; i < count; i++) {
        if (!is_entry_of(&list[i], function) || (found->name && !has_name_of(&list[i], function)))
            continue;
        *found = (Builtin){ .table = table, .name = list[i].name,
                            .is_getter = list[i].def_type != JS_DEF_CFUNC };
        if (has_name_of(&list[i], function))
            return;
    }
}

static bool find_constructor(JSContext *ctx, Builtin *found, const JSObject *function)
{
    static const struct { void *function; int magic; const char *name; } constructors[] = {
        { js_map_constructor, 0, "Map" },
        { js_map_constructor, MAGIC_SET, "Set" },
        { js_map_constructor, MAGIC_WEAK, "WeakMap" },
        { js_map_constructor, MAGIC_SET | MAGIC_WEAK, "WeakSet" },
        { js_promise_constructor, 0, "Promise" },
        { js_proxy_constructor, 0, "Proxy" },
        { js_array_buffer_constructor, 0, "ArrayBuffer" },
        { js_shared_array_buffer_constructor, 0, "SharedArrayBuffer" },
        { js_dataview_constructor, 0, "DataView" },
        { js_iterator_constructor, 0, "Iterator" },
        { js_weakref_constructor, 0, "WeakRef" },
        { js_finrec_constructor, 0, "FinalizationRegistry" },
        { js_bigint_constructor, 0, "BigInt" },
        { js_typed_array_base_constructor, 0, "TypedArray" },
        { js_regexp_constructor, 0, "RegExp" },
    };
    void *native = (void *)function->u.cfunc.c_function.generic;
    JSClassID class_id = function->u.cfunc.magic;
    size_t i;

    found->table = "constructor";
    if (native == (void *)js_typed_array_constructor && is_typed_array(class_id)) {
        static _Thread_local char name[ATOM_GET_STR_BUF_SIZE];
        found->typed_array = class_id;
        found->name = JS_AtomGetStrRT(ctx->rt, name, sizeof(name), ctx->rt->class_array[class_id].class_name);
        return true;
    }
    for (i = 0; i < countof(constructors); i++) {
        if (native == constructors[i].function && constructors[i].magic == function->u.cfunc.magic) {
            found->name = constructors[i].name;
            return true;
        }
    }
    return false;
}

/* The built-in that runs; false: a function of a program runs, or one of none of the tables. */
static bool running_builtin(JSContext *ctx, Builtin *found)
{
    const JSStackFrame *frame = ctx->rt->current_stack_frame;
    JSObject *function;
    size_t i;

    *found = (Builtin){ .name = NULL };
    if (!frame || !JS_IsObject(frame->cur_func))
        return false;
    function = JS_VALUE_GET_OBJ(frame->cur_func);
    if (function->class_id != JS_CLASS_C_FUNCTION)
        return false;
    for (i = 0; i < countof(sandtide_tables); i++)
        find_entry(found, sandtide_tables[i].name, sandtide_tables[i].list, sandtide_tables[i].count, function);
    for (i = 0; i < countof(tables_for_words); i++)
        find_entry(found, tables_for_words[i].name, tables_for_words[i].list, tables_for_words[i].count, function);
    return found->name || find_constructor(ctx, found, function);
}

/* The name as Node writes it: `Map.prototype.get`. */
static void put_builtin(Name *name, const Builtin *b)
{
    const char *table = b->table;
    size_t i;

    if (strcmp(table, "constructor") == 0) {
        name_put(name, b->name);
        return;
    }
    for (i = 0; i < countof(table_names); i++) {
        if (strcmp(table, table_names[i].ours) == 0)
            table = table_names[i].theirs;
    }
    name_put(name, table);
    if (strcmp(b->name, "[Symbol.toPrimitive]") == 0) {
        name_put(name, " [ @@toPrimitive ]");
    } else if (b->name[0] == '[' && strcmp(table, "RegExp.prototype") == 0) {
        name_put(name, ".@@");
        name_put(name, b->name + strlen("[Symbol."));
        name->text[--name->len] = '\0';
    } else {
        name_put(name, b->name[0] == '[' ? "" : ".");
        name_put(name, b->name);
    }
}

/* Those of Array's that refuse to be called on nothing by their name. */
static bool names_array_method(const char *name)
{
    static const char *const names[] = {
        "concat", "every", "filter", "find", "findIndex", "findLast", "findLastIndex",
        "forEach", "indexOf", "map", "reduce", "reduceRight", "some",
    };
    size_t i;

    for (i = 0; i < countof(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* What is said of a built-in: `of` is the table it must be in, or its name with that of its table; "*": any.
   The last row for a message that fits is taken. In the words stand `$n` for its whole name, `$g` for that with
   "get " before a getter's, `$f` for its own name, `$t` for what it was called on, `$0` to `$2` for its arguments,
   `$y` for the type of the first, `$c` for the first that is no code point, `$e` for the size in bytes of an element
   of the typed array it constructs. */
static const struct { const char *ours, *of, *theirs; } builtin_messages[] = {
    { "null or undefined are forbidden", "String.prototype", "$n called on null or undefined" },
    { "Cannot convert undefined or null to object", "Array.prototype", "$n called on null or undefined" },
    { "cannot convert to object", "String.prototype", "$n called on null or undefined" },
    { "regexp must have the 'g' flag", "String.prototype", "$n called with a non-global RegExp argument" },
    { "regexp not supported", "String.prototype", "First argument to $n must not be a regular expression" },
    { "not an object", "Object", "$n called on non-object" },
    { "not an object", "Object.getPrototypeOf", "Cannot convert undefined or null to object" },
    { "not an object", "Reflect", "$n called on non-object" },
    { "not an object", "Iterator.prototype", "$n called on non-object" },
    { "not an object", "Promise", "$n called on non-object" },
    { "not an object", "Promise.resolve", "PromiseResolve called on non-object" },
    { "not an object", "Promise.prototype", "$n called on non-object" },
    { "not an object", "RegExp.prototype", "Method $n called on incompatible receiver $t" },
    { "not an object", "RegExp.prototype.flags", "$n getter called on non-object $t" },
    { "not an object", "Date.prototype.[Symbol.toPrimitive]", "Method $n called on incompatible receiver $t" },
    { "not an object", "Error.prototype.toString", "Method $n called on incompatible receiver $t" },
    { "not an object", "Error.captureStackTrace", "invalid_argument" },
    { "not an object", "Proxy.revocable", "Cannot create proxy with a non-object as target or handler" },
    { "not an object", "constructor.Proxy", "Cannot create proxy with a non-object as target or handler" },
    { "not a number", "Number.prototype", "$n requires that 'this' be a Number" },
    { "not a boolean", "Boolean.prototype", "$n requires that 'this' be a Boolean" },
    { "not a string", "String.prototype", "$n requires that 'this' be a String" },
    { "not a string", "RegExp.escape", "input argument must be a string" },
    { "not a symbol", "Symbol.prototype", "$n requires that 'this' be a Symbol" },
    { "not a symbol", "Symbol.keyFor", "$0 is not a symbol" },
    { "not a BigInt", "BigInt.prototype", "$n requires that 'this' be a BigInt" },
    { "must be called with new", "constructor", "Constructor $f requires 'new'" },
    { "must be called with new", "constructor.Promise", "Promise constructor cannot be invoked without 'new'" },
    { "constructor requires 'new'", "constructor", "Constructor $f requires 'new'" },
    { "Constructor requires 'new'", "constructor", "Constructor $f requires 'new'" },
    { "DisposableStack has been disposed", "DisposableStack.prototype",
      "Cannot call $n on an already-disposed DisposableStack" },
    { "DisposableStack has been disposed", "AsyncDisposableStack.prototype",
      "Cannot call $n on an already-disposed AsyncDisposableStack" },
    { "not a function", "DisposableStack.prototype.adopt", "$1 is not a function" },
    { "not a function", "DisposableStack.prototype.defer", "$0 is not a function" },
    { "not a function", "AsyncDisposableStack.prototype.adopt", "$1 is not a function" },
    { "not a function", "AsyncDisposableStack.prototype.defer", "$0 is not a function" },
    { "not an object", "DisposableStack.prototype.use", "An object is expected with `using` declarations" },
    { "property is not a function", "DisposableStack.prototype.use", "Symbol(Symbol.dispose) is not a function" },
    { "abstract class not constructable", "constructor", "Abstract class $f not directly constructable" },
    { "cannot be called", "constructor", "Abstract class $f not directly constructable" },
    { "%s object expected", "RegExp.prototype", "Method $n called on incompatible receiver $t" },
    { "%s object expected", "RegExp.prototype.global", "$n getter called on non-RegExp object" },
    { "%s object expected", "RegExp.prototype.source", "$n getter called on non-RegExp object" },
    { "%s object expected", "FinalizationRegistry.prototype", "Method $n called on incompatible receiver $t" },
    { "%s object expected", "SharedArrayBuffer.prototype", "Method $g called on incompatible receiver $t" },
    { "%s object expected", "StringIterator.prototype", "Method $n called on incompatible receiver $t" },
    { "%s object expected", "RegExpStringIterator.prototype", "Method $n called on incompatible receiver $t" },
    { "%s object expected", "constructor.DataView", "First argument to DataView constructor must be an ArrayBuffer" },
    { "not a TypedArray", "TypedArray.prototype", "this is not a typed array." },
    { "not a TypedArray", "TypedArray.prototype.at", "Method $n called on incompatible receiver $t" },
    { "not a TypedArray", "TypedArray.prototype.buffer", "Method $g called on incompatible receiver $t" },
    { "not a TypedArray", "TypedArray.prototype.join", "Method $n called on incompatible receiver $t" },
    { "not a TypedArray", "TypedArray.prototype.length",
      "Method get TypedArray.prototype.length called on incompatible receiver $t" },
    { "not a TypedArray", "TypedArray.prototype.slice", "Method $n called on incompatible receiver $t" },
    { "not a TypedArray", "TypedArray.prototype.sort", "Method $n called on incompatible receiver $t" },
    { "not a TypedArray", "TypedArray.prototype.subarray", "Method $n called on incompatible receiver $t" },
    { "not a TypedArray", "TypedArray.prototype.toReversed", "Method $n called on incompatible receiver $t" },
    { "not a TypedArray", "TypedArray.prototype.toSorted", "Method $n called on incompatible receiver $t" },
    { "not a DataView", "DataView.prototype", "Method $g called on incompatible receiver $t" },
    { "ArrayBuffer is detached or resized", "*", "Cannot perform $g on a detached ArrayBuffer" },
    { "ArrayBuffer is detached", "*", "Cannot perform $g on a detached ArrayBuffer" },
    { "ArrayBuffer is detached", "constructor", "Cannot perform Construct on a detached ArrayBuffer" },
    { "ArrayBuffer is detached", "constructor.DataView",
      "Cannot perform DataView constructor on a detached ArrayBuffer" },
    { "invalid array index", "constructor.ArrayBuffer", "Invalid array buffer length" },
    { "invalid array index", "constructor.SharedArrayBuffer", "Invalid array buffer length" },
    { "invalid array index", "ArrayBuffer.prototype.transfer", "Invalid array buffer length" },
    { "invalid array index", "ArrayBuffer.prototype.transferToFixedLength", "Invalid array buffer length" },
    { "invalid array index", "DataView.prototype", "Offset is outside the bounds of the DataView" },
    { "invalid array index", "Atomics", "Invalid atomic access index" },
    { "invalid array index", "BigInt", "Invalid value: not (convertible to) a safe integer" },
    { "invalid array length", "TypedArray.prototype.set", "offset is out of bounds" },
    { "invalid array buffer length", "ArrayBuffer.prototype.resize", "$n: Invalid length parameter" },
    { "invalid array buffer length", "SharedArrayBuffer.prototype.grow", "$n: Invalid length parameter" },
    { "array buffer is not resizable", "*", "Method $n called on incompatible receiver $t" },
    { "invalid byteOffset", "constructor.DataView", "Start offset $1 is outside the bounds of the buffer" },
    { "invalid byteLength", "constructor.DataView", "Invalid DataView length $2" },
    { "out of bound", "DataView.prototype", "Offset is outside the bounds of the DataView" },
    { "out-of-bound access", "Atomics", "Invalid atomic access index" },
    { "integer TypedArray expected", "Atomics", "$0 is not an integer typed array." },
    { "integer TypedArray expected", "Atomics.wait", "$0 is not an int32 or BigInt64 typed array." },
    { "integer TypedArray expected", "Atomics.notify", "$0 is not an int32 or BigInt64 typed array." },
    { "not a SharedArrayBuffer TypedArray", "Atomics", "$0 is not a shared typed array." },
    { "not a generator", "[Generator].prototype", "Method $n called on incompatible receiver $t" },
    { "%s is not %s", "TypedArray.prototype.map", "$0 is not a function" },
    { "%s is not %s", "Reflect.apply", "Function.prototype.apply was called on $0, which is $y and not a function" },
    { "%s is not %s", "Reflect.construct", "$0 is not a constructor" },
    { "%s is not a constructor", "TypedArray", "$t is not a constructor" },
    { "%s is not a constructor", "Promise", "$t is not a constructor" },
    { "not a TypedArray", "TypedArray", "Method $n called on incompatible receiver [object Object]" },
    { "invalid array index: %" PRId64, "Array.prototype.with", "Invalid index : $0" },
    { "Array loo long", "Array.prototype", "Invalid array length" },
    { "cannot read property '%s' of null", "Object.prototype.toLocaleString", "$n called on null or undefined" },
    { "cannot read property '%s' of undefined", "Object.prototype.toLocaleString", "$n called on null or undefined" },
    { "invalid code point", "String", "Invalid code point $c" },
    { "object is not extensible", "Object.setPrototypeOf", "$0 is not extensible" },
    { "invalid rawJSON string", "JSON", "Invalid value for JSON.rawJSON" },
    { "%s is not %s", "constructor.FinalizationRegistry", "FinalizationRegistry: cleanup must be callable" },
    { "%s is not %s", "Array.prototype.toSorted",
      "The comparison function must be either a function or undefined: $0" },
    { "%s is not %s", "TypedArray.prototype.sort",
      "The comparison function must be either a function or undefined: $0" },
    { "%s is not %s", "TypedArray.prototype.toSorted",
      "The comparison function must be either a function or undefined: $0" },
    { "%s is not %s", "Object.prototype.__defineGetter__", "$n: Expecting function" },
    { "%s is not %s", "Object.prototype.__defineSetter__", "$n: Expecting function" },
    { "%s is not %s", "Map.groupBy", "$1 is not a function" },
    { "%s is not %s", "Object.groupBy", "$1 is not a function" },
    { "%s is not %s", "Function.prototype.bind", "Bind must be called on a function" },
    { "%s is not %s", "Function.prototype.toString", "$n requires that 'this' be a Function" },
    { "%s is not %s", "Iterator.prototype.flatMap", "$n is not a function" },
    { "not a object", "*", "CreateListFromArrayLike called on non-object" },
    { "revoked proxy", "Array.isArray", "Cannot perform 'IsArray' on a proxy that has been revoked" },
    { "invalid target", "constructor.WeakRef", "WeakRef: invalid target" },
    { "invalid target", "FinalizationRegistry.prototype", "$n: invalid target" },
    { "held value cannot be the target", "*", "$n: target and holdings must not be same" },
    { "invalid unregister token", "FinalizationRegistry.prototype.register", "Invalid unregisterToken ('$2')" },
    { "invalid unregister token", "FinalizationRegistry.prototype.unregister", "Invalid unregisterToken ('$0')" },
    { ".size is undefined", "Set.prototype", "The .size property is NaN" },
    { ".size is not a legal size", "Set.prototype", "The .size property is NaN" },
    { ".has is not a function", "Set.prototype", "string \"has\" is not a function" },
    { ".keys is not a function", "Set.prototype", "string \"keys\" is not a function" },
    { "cannot read property '%s' of undefined", "Set.prototype", "Result of the keys method is not an object" },
    { "cannot read property '%s' of null", "Set.prototype", "Result of the keys method is not an object" },
    { "cannot convert to BigInt", "constructor.BigInt", "Cannot convert $0 to a BigInt" },
    { "cannot convert to bigint", "BigInt", "Cannot convert $1 to a BigInt" },
    { "cannot convert to bigint", "TypedArray.prototype.fill", "Cannot convert $0 to a BigInt" },
    { "cannot convert to bigint", "TypedArray.prototype.with", "Cannot convert $1 to a BigInt" },
    { "cannot convert to bigint", "DataView.prototype", "Cannot convert $1 to a BigInt" },
    { "cannot convert NaN or Infinity to BigInt", "constructor.BigInt",
      "The number $0 cannot be converted to a BigInt because it is not an integer" },
    { "must be positive", "Iterator.prototype", "$0 must be positive" },
    { "empty iterator", "Iterator.prototype", "Reduce of a done iterator with no initial value" },
    { "invalid hint", "Date.prototype", "Invalid hint: $0" },
};

/* Which of the arguments of a constructor of views was refused: words that depend on them. */
static const char *words_of_view(const char *format, const Builtin *b, JSValueConst *args, int count)
{
    bool is_view = strcmp(b->name, "DataView") == 0 && !b->typed_array;
    double offset = 0;

    if (!b->typed_array && !is_view)
        return NULL;
    if (count > 1 && JS_IsNumber(args[1]))
        offset = JS_VALUE_GET_TAG(args[1]) == JS_TAG_INT ? JS_VALUE_GET_INT(args[1]) : JS_VALUE_GET_FLOAT64(args[1]);
    if (strcmp(format, "invalid array index") == 0) {
        if (count < 1 || !JS_IsObject(args[0]))
            return "Invalid typed array length: $0";
        if (offset < 0 || offset > MAX_SAFE_INTEGER)
            return "Start offset $1 is outside the bounds of the buffer";
        return is_view ? "Invalid DataView length $2" : "Invalid typed array length: $2";
    }
    if (strcmp(format, "invalid length") == 0)
        return count > 2 && !JS_IsUndefined(args[2]) ? "Invalid typed array length: $2"
                                                     : "byte length of $f should be a multiple of $e";
    if (strcmp(format, "invalid offset") == 0)
        return fmod(offset, 1 << typed_array_size_log2(b->typed_array)) != 0
                   ? "start offset of $f should be a multiple of $e"
                   : "Start offset $1 is outside the bounds of the buffer";
    return NULL;
}

static bool is_constructor(JSValueConst value)
{
    return JS_IsObject(value) && JS_VALUE_GET_OBJ(value)->is_constructor;
}

/* Words that depend on the arguments of other built-ins. */
static const char *words_by_arguments(const char *format, const Builtin *b, JSValueConst *args, int count)
{
    JSValueConst first = count > 0 ? args[0] : JS_UNDEFINED, size;
    bool is_nothing = JS_IsUndefined(first) || JS_IsNull(first);

    if (strcmp(b->table, "Set.prototype") == 0 && !JS_IsObject(first) &&
        (format[0] == '.' || strncmp(format, "cannot read property", 20) == 0))
        return "$n argument must be an object";
    if (strcmp(b->table, "Set.prototype") == 0 && strcmp(format, ".size is not a legal size") == 0) {
        size = own_plain_value(JS_VALUE_GET_OBJ(first), JS_ATOM_size);
        if (JS_IsNumber(size) && !(JS_VALUE_GET_TAG(size) == JS_TAG_FLOAT64 && isnan(JS_VALUE_GET_FLOAT64(size))))
            return "'$s' is an invalid size";
    }
    if (strcmp(b->name, "setPrototypeOf") == 0 && strcmp(format, "not an object") == 0) {
        if (strcmp(b->table, "Reflect") == 0 && !JS_IsObject(first))
            return "$n called on non-object";
        return is_nothing ? "$n called on null or undefined" : "Object prototype may only be an Object or null: $1";
    }
    if (strcmp(b->table, "Object") == 0 && strcmp(format, "Cannot prevent extensions") == 0 &&
        JS_GetClassID(first) == JS_CLASS_PROXY)
        return "'preventExtensions' on proxy: trap returned falsish";
    if (strcmp(b->table, "Reflect") == 0 && strcmp(format, "%s is not a constructor") == 0)
        return is_constructor(first) ? "$2 is not a constructor" : "$0 is not a constructor";
    if (strcmp(b->table, "Object") == 0 && strcmp(b->name, "groupBy") == 0 && is_nothing &&
        strstr(format, "is not iterable"))
        return "$n called on null or undefined";
    return NULL;
}

static bool is_of(const Builtin *b, const char *of)
{
    size_t length = strlen(b->table);

    if (strcmp(of, "*") == 0 || strcmp(of, b->table) == 0)
        return true;
    return strncmp(of, b->table, length) == 0 && of[length] == '.' && strcmp(of + length + 1, b->name) == 0;
}

static void put_words(char **out, const char *text)
{
    char *end = builtin_words + sizeof(builtin_words) - 3;

    for (; *text && *out < end; text++) {
        if (*text == '%')
            *(*out)++ = '%'; /* what is made is a format */
        *(*out)++ = *text;
    }
    **out = '\0';
}

static void put_invalid_code_point(JSContext *ctx, Name *name, const JSStackFrame *frame)
{
    double value;
    int i;

    for (i = 0; i < frame->arg_count; i++) {
        JSValueConst argument = frame->arg_buf[i];
        value = JS_VALUE_GET_TAG(argument) == JS_TAG_INT ? JS_VALUE_GET_INT(argument)
                : JS_VALUE_GET_NORM_TAG(argument) == JS_TAG_FLOAT64 ? JS_VALUE_GET_FLOAT64(argument) : 0;
        if (value >= 0 && value <= 0x10ffff && value == floor(value))
            continue;
        print_value(ctx, name, argument);
        return;
    }
    name_put(name, "NaN"); /* of one that is no number */
}

/* "a number", "an object", and "a undefined", as Node has it. */
static void put_type(JSContext *ctx, Name *name, JSValueConst value)
{
    name_put(name, JS_IsObject(value) || JS_IsNull(value) ? "an " : "a ");
    name_put_atom(ctx, name, js_operator_typeof(ctx, value));
}

/* Puts in what `$` stands for; the rest stays a format. */
static const char *fill_words(JSContext *ctx, const char *words, const Builtin *b, const JSStackFrame *frame)
{
    char *out = builtin_words, *end = builtin_words + sizeof(builtin_words) - 3;
    Name name;

    for (; *words && out < end; words++) {
        if (*words != '$') {
            *out++ = *words;
            continue;
        }
        name.len = 0;
        name.text[0] = '\0';
        switch (*++words) {
        case 'g':
            name_put(&name, b->is_getter ? "get " : "");
            put_builtin(&name, b);
            break;
        case 'n':
            put_builtin(&name, b);
            break;
        case 'f':
            name_put(&name, b->name);
            break;
        case 'e':
            snprintf(name.text, sizeof(name.text), "%d", 1 << typed_array_size_log2(b->typed_array));
            break;
        case 's':
            print_value(ctx, &name, own_plain_value(JS_VALUE_GET_OBJ(frame->arg_buf[0]), JS_ATOM_size));
            break;
        case 'c':
            put_invalid_code_point(ctx, &name, frame);
            break;
        case 'y':
            put_type(ctx, &name, frame->arg_count > 0 ? frame->arg_buf[0] : JS_UNDEFINED);
            break;
        case 't':
            print_value(ctx, &name, frame->sandtide_receiver);
            break;
        default:
            print_value(ctx, &name, *words - '0' < frame->arg_count ? frame->arg_buf[*words - '0'] : JS_UNDEFINED);
        }
        put_words(&out, name.text);
    }
    *out = '\0';
    return builtin_words;
}

/* NULL: there are none of these. */
static const char *words_of_builtin(JSContext *ctx, const char *format, va_list args)
{
    const JSStackFrame *frame = ctx->rt->current_stack_frame;
    const char *word, *words = NULL, *by_arguments;
    va_list copy;
    Builtin b;
    size_t i;

    if (strcmp(format, "invalid value used as %s key") == 0) {
        va_copy(copy, args);
        word = va_arg(copy, const char *);
        va_end(copy);
        return strcmp(word, "WeakSet") == 0 ? "Invalid value used in weak set"
                                            : "Invalid value used as weak map key";
    }
    if (!running_builtin(ctx, &b))
        return NULL;
    if (strcmp(format, "%s is not %s") == 0) {
        va_copy(copy, args);
        (void)va_arg(copy, const char *);
        if (strcmp(va_arg(copy, const char *), "a constructor") == 0)
            format = "%s is not a constructor";
        va_end(copy);
    }
    for (i = 0; i < countof(builtin_messages); i++) {
        if (strcmp(format, builtin_messages[i].ours) == 0 && is_of(&b, builtin_messages[i].of))
            words = builtin_messages[i].theirs;
    }
    if (strcmp(b.table, "Array.prototype") == 0 && strncmp(format, "Cannot convert", 14) == 0 &&
        !names_array_method(b.name))
        return NULL;
    by_arguments = words_by_arguments(format, &b, (JSValueConst *)frame->arg_buf, frame->arg_count);
    if (by_arguments)
        words = by_arguments;
    if (!words)
        words = words_of_view(format, &b, (JSValueConst *)frame->arg_buf, frame->arg_count);
    return words ? fill_words(ctx, words, &b, frame) : NULL;
}
