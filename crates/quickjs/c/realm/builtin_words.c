/* Words for what built-ins refuse, where Node's name the built-in. The function that runs is found in the
   engine's own tables, whatever a program made of its name. Runs no code and takes no memory, because
   memory may have run out. */

/* The words that were put together last on this thread: they are read before the next error. */
static _Thread_local char builtin_words[160];

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

/* The built-in that runs; NULL: none of the tables, else the name of its table. */
static const char *running_builtin(JSContext *ctx, const JSCFunctionListEntry **entry)
{
    const JSStackFrame *frame = ctx->rt->current_stack_frame;
    const JSObject *function;
    size_t i;
    int at;

    if (!frame || !JS_IsObject(frame->cur_func))
        return NULL;
    function = JS_VALUE_GET_OBJ(frame->cur_func);
    if (function->class_id != JS_CLASS_C_FUNCTION)
        return NULL;
    for (i = 0; i < countof(sandtide_tables); i++) {
        for (at = 0; at < sandtide_tables[i].count; at++) {
            if (is_entry_of(&sandtide_tables[i].list[at], function)) {
                *entry = &sandtide_tables[i].list[at];
                return sandtide_tables[i].name;
            }
        }
    }
    return NULL;
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

/* What is said of a built-in by its name: `of` is the table it must be in, `%s` its whole name. */
static const struct { const char *ours, *of, *theirs; } builtin_messages[] = {
    { "null or undefined are forbidden", "String.prototype", "%s called on null or undefined" },
    { "Cannot convert undefined or null to object", "Array.prototype", "%s called on null or undefined" },
    { "cannot convert to object", "String.prototype", "%s called on null or undefined" },
    { "regexp must have the 'g' flag", "String.prototype", "%s called with a non-global RegExp argument" },
    { "not an object", "Object", "%s called on non-object" },
    { "not an object", "Reflect", "%s called on non-object" },
    { "not a number", "Number.prototype", "%s requires that 'this' be a Number" },
    { "not a boolean", "Boolean.prototype", "%s requires that 'this' be a Boolean" },
    { "not a string", "String.prototype", "%s requires that 'this' be a String" },
    { "not a symbol", "Symbol.prototype", "%s requires that 'this' be a Symbol" },
    { "not a BigInt", "BigInt.prototype", "%s requires that 'this' be a BigInt" },
};

/* NULL: there are none of these. */
static const char *words_of_builtin(JSContext *ctx, const char *format, va_list args)
{
    const JSCFunctionListEntry *entry;
    const char *table, *word;
    char whole[96];
    va_list copy;
    size_t i;

    if (strcmp(format, "invalid value used as %s key") == 0) {
        va_copy(copy, args);
        word = va_arg(copy, const char *);
        va_end(copy);
        return strcmp(word, "WeakSet") == 0 ? "Invalid value used in weak set"
                                            : "Invalid value used as weak map key";
    }
    for (i = 0; i < countof(builtin_messages); i++) {
        if (strcmp(format, builtin_messages[i].ours) != 0)
            continue;
        table = running_builtin(ctx, &entry);
        if (!table || strcmp(table, builtin_messages[i].of) != 0)
            continue;
        if (strcmp(table, "Array.prototype") == 0 && !names_array_method(entry->name))
            continue;
        if (strcmp(entry->name, "setPrototypeOf") == 0)
            continue;
        snprintf(whole, sizeof(whole), "%s.%s", table, entry->name);
        snprintf(builtin_words, sizeof(builtin_words), builtin_messages[i].theirs, whole);
        return builtin_words;
    }
    return NULL;
}
