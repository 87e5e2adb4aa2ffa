/* How modules that the host made are linked: what they request, which handles that means, and the
   functions and bindings that linking makes. Must not know how a module is evaluated. */

/* The index of the first request with the same specifier and attributes: requests are told once. */
static int first_request(JSContext *ctx, JSModuleDef *m, int index)
{
    JSReqModuleEntry *entries = m->req_module_entries;
    int i;

    for (i = 0; i < index; i++) {
        if (entries[i].module_name == entries[index].module_name &&
            entries[i].source_phase == entries[index].source_phase &&
            js_module_attributes_equal(ctx, entries[i].attributes, entries[index].attributes) > 0)
            return i;
    }
    return index;
}

static JSValue module_requests(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);
    JSValue list, entry, attributes;
    uint32_t n = 0;
    int i;

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    list = JS_NewArray(ctx);
    for (i = 0; i < h->module->req_module_entries_count; i++) {
        JSReqModuleEntry *request = &h->module->req_module_entries[i];
        JSPropertyEnum *names;
        uint32_t names_count, j;
        if (first_request(ctx, h->module, i) != i)
            continue;
        entry = JS_NewObject(ctx);
        attributes = JS_NewObjectProto(ctx, JS_NULL);
        if (JS_IsObject(request->attributes) &&
            JS_GetOwnPropertyNames(ctx, &names, &names_count, request->attributes,
                                   JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) == 0) {
            for (j = 0; j < names_count; j++)
                JS_DefinePropertyValue(ctx, attributes, names[j].atom,
                                       JS_GetProperty(ctx, request->attributes, names[j].atom),
                                       JS_PROP_C_W_E);
            JS_FreePropertyEnum(ctx, names, names_count);
        }
        JS_DefinePropertyValueStr(ctx, entry, "specifier",
                                  JS_AtomToString(ctx, request->module_name), JS_PROP_C_W_E);
        JS_DefinePropertyValueStr(ctx, entry, "attributes", attributes, JS_PROP_C_W_E);
        JS_DefinePropertyValueStr(ctx, entry, "phase", JS_NewString(ctx, request->source_phase ? "source" : "evaluation"),
                                  JS_PROP_C_W_E);
        JS_DefinePropertyValueUint32(ctx, list, n++, entry, JS_PROP_C_W_E);
    }
    return list;
}

/* link(handle, handles) */
static JSValue module_link(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);
    JSModuleDef *m;
    JSValue *linked, *before;
    uint32_t n = 0, count = 0, count_before;
    int i;

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    m = h->module;
    for (i = 0; i < m->req_module_entries_count; i++)
        count += first_request(ctx, m, i) == i;
    linked = calloc(count + 1, sizeof(*linked));
    if (!linked)
        return JS_ThrowOutOfMemory(ctx);
    for (; n < count; n++) {
        linked[n] = JS_GetPropertyUint32(ctx, argv[1], n);
        if (!module_of(ctx, linked[n])) {
            free_linked(ctx->rt, linked, n + 1);
            return JS_EXCEPTION;
        }
    }
    /* reading the list may have run code that linked it */
    if (m->status != JS_MODULE_STATUS_UNLINKED) {
        free_linked(ctx->rt, linked, count);
        return throw_coded(ctx, "ERR_VM_MODULE_ALREADY_LINKED", "Module has already been linked");
    }
    for (i = 0, n = 0; i < m->req_module_entries_count; i++) {
        JSReqModuleEntry *request = &m->req_module_entries[i];
        int first = first_request(ctx, m, i);
        js_set_module(ctx->rt, &request->module,
                      first != i ? m->req_module_entries[first].module
                                 : module_of(ctx, linked[n++])->module);
    }
    before = h->linked;
    count_before = h->linked_count;
    h->linked = linked;
    h->linked_count = count;
    free_linked(ctx->rt, before, count_before);
    return JS_UNDEFINED;
}

/* A module is asked for its source, and is one of JavaScript. */
static void sandtide_throw_no_source(JSContext *ctx, JSModuleDef *m)
{
    char buf[ATOM_GET_STR_BUF_SIZE];
    JSValue error;

    JS_ThrowSyntaxError(ctx, "Source phase import object is not defined for module '%s'",
                        m ? JS_AtomGetStr(ctx, buf, sizeof(buf), m->module_name) : "");
    if (!ctx->rt->sandtide)
        return;
    error = JS_GetException(ctx);
    if (JS_IsObject(error))
        JS_DefinePropertyValueStr(ctx, error, "code", JS_NewString(ctx, "ERR_SOURCE_PHASE_NOT_DEFINED"),
                                  JS_PROP_C_W_E);
    JS_Throw(ctx, error);
}

/* Serializes the module's code before it is linked: later it cannot be. */
static bool module_serialize(ModuleHandle *h)
{
    JSValue value;

    if (h->bytes || JS_IsUndefined(h->source))
        return h->bytes != NULL;
    value = js_dup(JS_MKPTR(JS_TAG_MODULE, h->module));
    h->bytes = write_code(h->ctx, &h->bytes_len, value);
    JS_FreeValue(h->ctx, value);
    return h->bytes != NULL;
}

/* Makes each module's function in the module's own context. The engine would make the functions
   of all that a module imports in the context of the first. */
static int create_functions(JSContext *ctx, ModuleHandle *h)
{
    JSModuleWalk walk;
    int i, j, done = -1;

    js_module_walk_begin(ctx, &walk);
    if (js_module_walk_meet(ctx, &walk, h->module) < 0)
        goto out;
    for (i = 0; i < walk.count; i++) {
        JSModuleDef *m = walk.modules[i];
        ModuleHandle *of = handle_of_module(m);
        bool serialized = m->func_created || !of || JS_IsUndefined(of->source) || module_serialize(of);
        int created = serialized ? js_create_own_module_function(of ? of->ctx : ctx, m) : -1;
        if (created < 0)
            goto out;
        for (j = 0; j < m->req_module_entries_count; j++) {
            if (!m->req_module_entries[j].module) {
                JS_ThrowInternalError(ctx, "a request of the module is not linked");
                goto out;
            }
            if (js_module_walk_meet(ctx, &walk, m->req_module_entries[j].module) < 0)
                goto out;
        }
    }
    done = 0;
out:
    js_module_walk_end(ctx, &walk);
    return done;
}

/* The module `m` asks in vain, by its request `request`, for the export `name` of `other`. The error is thrown
   in `m`, in a line that nobody knows. Its message is as long as the names are. */
static void sandtide_throw_no_export(JSContext *ctx, int result, JSModuleDef *m, int request,
                                     JSModuleDef *other, JSAtom name)
{
    const char *asked, *text;
    ThrownPlace *place;
    JSValue error;
    JSAtom file;
    DynBuf out;

    if (!ctx->rt->sandtide || result == JS_RESOLVE_RES_EXCEPTION) {
        js_resolve_export_throw_error(ctx, result, other, name);
        return;
    }
    asked = JS_AtomToCString(ctx, m->req_module_entries[request].module_name);
    text = JS_AtomToCString(ctx, name);
    js_dbuf_init(ctx, &out);
    dbuf_putstr(&out, result == JS_RESOLVE_RES_CIRCULAR ? "Detected cycle while resolving name '"
                                                        : "The requested module '");
    if (asked && text) {
        dbuf_putstr(&out, result == JS_RESOLVE_RES_CIRCULAR ? text : asked);
        dbuf_putstr(&out, result == JS_RESOLVE_RES_CIRCULAR    ? "' in '"
                          : result == JS_RESOLVE_RES_AMBIGUOUS ? "' contains conflicting star exports for name '"
                                                               : "' does not provide an export named '");
        dbuf_putstr(&out, result == JS_RESOLVE_RES_CIRCULAR ? asked : text);
        dbuf_putc(&out, '\'');
        dbuf_putc(&out, '\0');
    }
    JS_FreeCString(ctx, text);
    if (!asked || !text || dbuf_error(&out)) {
        dbuf_free(&out);
        JS_FreeCString(ctx, asked);
        if (!JS_HasException(ctx))
            JS_ThrowOutOfMemory(ctx);
        return;
    }
    JS_FreeCString(ctx, asked);
    /* held: what makes the error's stack may be code that lets the module go */
    file = JS_DupAtom(ctx, m->module_name);
    error = JS_MakeError2(ctx, JS_SYNTAX_ERROR, true, (const char *)out.buf);
    dbuf_free(&out);
    if (JS_IsException(error)) {
        JS_FreeAtom(ctx, file);
        return;
    }
    JS_Throw(ctx, error);
    /* now: the place of what lay here before was forgotten when the error got its stack */
    place = new_thrown(ctx->rt->sandtide, error);
    place->file = file;
    place->is_of_text = true;
}

static JSValue module_instantiate(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    if (h->module->status != JS_MODULE_STATUS_UNLINKED)
        return JS_UNDEFINED;
    if (create_functions(ctx, h) < 0)
        return JS_EXCEPTION;
    if (js_link_module(h->ctx, h->module) < 0)
        return JS_EXCEPTION;
    return JS_UNDEFINED;
}
