/* What a node of the heap refers to, each reference with its name. Strong edges are those that the
   collector follows, and those to what it does not know: strings, symbols, big integers, modules. */

typedef struct Walk {
    JSRuntime *rt;
    SandtideOnEdge *on_edge;
    void *opaque;
    uint32_t numbered; /* references without a name so far */
} Walk;

static void walk_to(Walk *w, uint32_t type, SandtideName name, const void *to, uint32_t what)
{
    w->on_edge(w->opaque, &(SandtideEdge){ .type = type, .to_what = what, .name = name, .to = to });
}

static SandtideName walk_static(const char *text)
{
    return (SandtideName){ .naming = SANDTIDE_NAME_STATIC, .text = text };
}

static SandtideName walk_number(uint32_t number)
{
    return (SandtideName){ .naming = SANDTIDE_NAME_NUMBER, .number = number };
}

static void walk_counted(Walk *w, uint32_t type, SandtideName name, const void *to)
{
    if (to)
        walk_to(w, type, name, to, SANDTIDE_WHAT_COUNTED);
}

static void walk_variable(Walk *w, uint32_t type, SandtideName name, JSVarRef *ref)
{
    if (ref)
        walk_to(w, type, name, ref, ref->is_detached || ref->is_coro ? SANDTIDE_WHAT_COUNTED
                                                                     : SANDTIDE_WHAT_VARIABLE);
}

static void walk_value(Walk *w, uint32_t type, SandtideName name, JSValueConst value)
{
    uint32_t what;

    switch (JS_VALUE_GET_TAG(value)) {
    case JS_TAG_OBJECT:
    case JS_TAG_FUNCTION_BYTECODE:
        what = SANDTIDE_WHAT_COUNTED;
        break;
    case JS_TAG_STRING:
    case JS_TAG_SYMBOL:
        what = SANDTIDE_WHAT_STRING;
        break;
    case JS_TAG_STRING_ROPE:
        what = SANDTIDE_WHAT_ROPE;
        break;
    case JS_TAG_BIG_INT:
        what = SANDTIDE_WHAT_BIGINT;
        break;
    case JS_TAG_MODULE:
        what = SANDTIDE_WHAT_MODULE;
        break;
    default:
        return;
    }
    if (JS_VALUE_GET_PTR(value))
        walk_to(w, type, name, JS_VALUE_GET_PTR(value), what);
}

static void walk_internal(Walk *w, const char *name, JSValueConst value)
{
    walk_value(w, SANDTIDE_EDGE_INTERNAL, walk_static(name), value);
}

static void walk_element(Walk *w, uint32_t index, JSValueConst value)
{
    walk_value(w, SANDTIDE_EDGE_ELEMENT, walk_number(index), value);
}

static void walk_hidden_value(Walk *w, JSValueConst value)
{
    walk_value(w, SANDTIDE_EDGE_HIDDEN, walk_number(++w->numbered), value);
}

static void walk_atom_name(Walk *w, JSAtom atom)
{
    JSRuntime *rt = w->rt;

    if (atom != JS_ATOM_NULL && !__JS_AtomIsTaggedInt(atom) && atom >= JS_ATOM_END)
        walk_to(w, SANDTIDE_EDGE_HIDDEN, walk_number(++w->numbered), rt->atom_array[atom],
                SANDTIDE_WHAT_STRING);
}

/* For classes whose references have no names: as the collector is shown them. It has no argument
   for its caller, and walks do not nest in a thread. */
static __thread Walk *unnamed_walk;

static void walk_unnamed_child(JSRuntime *rt, JSGCObjectHeader *child)
{
    (void)rt;
    walk_counted(unnamed_walk, SANDTIDE_EDGE_HIDDEN, walk_number(++unnamed_walk->numbered), child);
}

static void walk_unnamed(Walk *w, JSObject *p)
{
    JSClassGCMark *mark = w->rt->class_array[p->class_id].gc_mark;

    if (!mark)
        return;
    unnamed_walk = w;
    mark(w->rt, JS_MKPTR(JS_TAG_OBJECT, p), walk_unnamed_child);
    unnamed_walk = NULL;
}

static void walk_property(Walk *w, JSShapeProperty *prs, JSProperty *pr)
{
    SandtideName name;
    uint32_t type = SANDTIDE_EDGE_PROPERTY;

    walk_name_atom(&name, prs->atom);
    if (name.naming == SANDTIDE_NAME_NUMBER)
        type = SANDTIDE_EDGE_ELEMENT;
    switch (prs->flags & JS_PROP_TMASK) {
    case JS_PROP_GETSET:
        if (pr->u.getset.getter)
            walk_counted(w, type, name, pr->u.getset.getter);
        if (pr->u.getset.setter && pr->u.getset.setter != pr->u.getset.getter)
            walk_counted(w, type, name, pr->u.getset.setter);
        return;
    case JS_PROP_VARREF:
        if (pr->u.var_ref) {
            walk_value(w, type, name, *pr->u.var_ref->pvalue);
            walk_variable(w, SANDTIDE_EDGE_HIDDEN, walk_number(++w->numbered), pr->u.var_ref);
        }
        return;
    case JS_PROP_AUTOINIT:
        walk_counted(w, SANDTIDE_EDGE_HIDDEN, walk_number(++w->numbered), js_autoinit_get_realm(pr));
        return;
    default:
        walk_value(w, type, name, pr->u.value);
    }
}

/* Of a suspended function: its frame's values. A running one's are the stack's. */
static void walk_frame(Walk *w, JSAsyncFunctionState *s)
{
    JSStackFrame *sf = &s->frame;
    JSValue *sp;

    walk_internal(w, "function", sf->cur_func);
    walk_internal(w, "this", s->this_val);
    if (!sf->cur_sp || !sf->arg_buf)
        return;
    for (sp = sf->arg_buf; sp < sf->cur_sp; sp++)
        walk_hidden_value(w, *sp);
}

static void walk_map(Walk *w, JSObject *p)
{
    JSMapState *map = p->u.map_state;
    struct list_head *el;
    uint32_t index = 0;

    if (!map)
        return;
    list_for_each(el, &map->records) {
        JSMapRecord *mr = list_entry(el, JSMapRecord, link);
        if (mr->empty)
            continue;
        /* keys are held weakly, values for as long as map and key are alive: by both */
        walk_value(w, map->is_weak ? SANDTIDE_EDGE_WEAK : SANDTIDE_EDGE_INTERNAL,
                   walk_static(p->class_id == JS_CLASS_MAP || p->class_id == JS_CLASS_WEAKMAP ? "key" : "value"),
                   mr->key);
        if (p->class_id == JS_CLASS_MAP || p->class_id == JS_CLASS_WEAKMAP)
            walk_value(w, SANDTIDE_EDGE_INTERNAL, walk_static("value"), mr->value);
        index++;
    }
}

static void walk_promise(Walk *w, JSPromiseData *s)
{
    struct list_head *el;
    int i;

    if (!s)
        return;
    walk_internal(w, "result", s->promise_result);
    for (i = 0; i < 2; i++) {
        list_for_each(el, &s->promise_reactions[i]) {
            JSPromiseReactionData *rd = list_entry(el, JSPromiseReactionData, link);
            walk_internal(w, i ? "reject_reaction" : "fulfill_reaction", rd->handler);
            walk_hidden_value(w, rd->resolving_funcs[0]);
            walk_hidden_value(w, rd->resolving_funcs[1]);
        }
    }
}

static void walk_function(Walk *w, JSObject *p)
{
    JSFunctionBytecode *b = p->u.func.function_bytecode;
    int i;

    if (!b)
        return;
    walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("code"), b);
    walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("home_object"), p->u.func.home_object);
    if (!p->u.func.var_refs)
        return;
    for (i = 0; i < b->closure_var_count; i++) {
        SandtideName name;
        walk_name_atom(&name, b->closure_var[i].var_name);
        if (name.naming == SANDTIDE_NAME_NUMBER)
            name = walk_static("");
        walk_variable(w, SANDTIDE_EDGE_CONTEXT, name, p->u.func.var_refs[i]);
    }
}

static void walk_class(Walk *w, JSObject *p)
{
    uint32_t i;

    switch (p->class_id) {
    case JS_CLASS_OBJECT:
        return;
    case JS_CLASS_ARRAY:
    case JS_CLASS_ARGUMENTS:
        if (p->fast_array) {
            for (i = 0; i < p->u.array.count; i++)
                walk_element(w, i, p->u.array.u.values[i]);
        }
        return;
    case JS_CLASS_MAPPED_ARGUMENTS:
        for (i = 0; p->fast_array && p->u.array.u.var_refs && i < p->u.array.count; i++)
            walk_variable(w, SANDTIDE_EDGE_ELEMENT, walk_number(i), p->u.array.u.var_refs[i]);
        return;
    case JS_CLASS_ERROR:
    case JS_CLASS_NUMBER:
    case JS_CLASS_STRING:
    case JS_CLASS_BOOLEAN:
    case JS_CLASS_SYMBOL:
    case JS_CLASS_DATE:
    case JS_CLASS_BIG_INT:
        walk_internal(w, "value", p->u.object_data);
        return;
    case JS_CLASS_C_FUNCTION:
        walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("realm"), p->u.cfunc.realm);
        return;
    case JS_CLASS_BYTECODE_FUNCTION:
    case JS_CLASS_GENERATOR_FUNCTION:
    case JS_CLASS_ASYNC_FUNCTION:
    case JS_CLASS_ASYNC_GENERATOR_FUNCTION:
        walk_function(w, p);
        return;
    case JS_CLASS_BOUND_FUNCTION: {
        JSBoundFunction *bound = p->u.bound_function;
        int k;
        if (!bound)
            return;
        walk_internal(w, "bound_function", bound->func_obj);
        walk_internal(w, "bound_this", bound->this_val);
        for (k = 0; k < bound->argc; k++)
            walk_internal(w, "bound_argument", bound->argv[k]);
        return;
    }
    case JS_CLASS_C_FUNCTION_DATA: {
        JSCFunctionDataRecord *data = p->u.c_function_data_record;
        for (i = 0; data && i < data->data_len; i++)
            walk_hidden_value(w, data->data[i]);
        return;
    }
    case JS_CLASS_REGEXP:
        if (p->u.regexp.pattern)
            walk_to(w, SANDTIDE_EDGE_INTERNAL, walk_static("source"), p->u.regexp.pattern,
                    SANDTIDE_WHAT_STRING);
        if (p->u.regexp.bytecode)
            walk_to(w, SANDTIDE_EDGE_INTERNAL, walk_static("code"), p->u.regexp.bytecode,
                    SANDTIDE_WHAT_STRING);
        return;
    case JS_CLASS_MAP:
    case JS_CLASS_SET:
    case JS_CLASS_WEAKMAP:
    case JS_CLASS_WEAKSET:
        walk_map(w, p);
        return;
    case JS_CLASS_PROMISE:
        walk_promise(w, p->u.promise_data);
        return;
    case JS_CLASS_PROMISE_RESOLVE_FUNCTION:
    case JS_CLASS_PROMISE_REJECT_FUNCTION:
        if (p->u.promise_function_data)
            walk_internal(w, "promise", p->u.promise_function_data->promise);
        return;
    case JS_CLASS_PROXY:
        if (p->u.proxy_data) {
            walk_internal(w, "target", p->u.proxy_data->target);
            walk_internal(w, "handler", p->u.proxy_data->handler);
        }
        return;
    case JS_CLASS_GENERATOR: {
        JSGeneratorData *s = p->u.generator_data;
        if (s && s->state != JS_GENERATOR_STATE_COMPLETED)
            walk_frame(w, &s->func_state);
        return;
    }
    case JS_CLASS_ASYNC_GENERATOR: {
        JSAsyncGeneratorData *s = p->u.async_generator_data;
        struct list_head *el;
        if (!s)
            return;
        list_for_each(el, &s->queue) {
            JSAsyncGeneratorRequest *request = list_entry(el, JSAsyncGeneratorRequest, link);
            walk_internal(w, "request", request->result);
            walk_internal(w, "promise", request->promise);
            walk_hidden_value(w, request->resolving_funcs[0]);
            walk_hidden_value(w, request->resolving_funcs[1]);
        }
        if (s->state != JS_ASYNC_GENERATOR_STATE_COMPLETED &&
            s->state != JS_ASYNC_GENERATOR_STATE_AWAITING_RETURN)
            walk_frame(w, &s->func_state);
        return;
    }
    case JS_CLASS_STRING_ITERATOR:
    case JS_CLASS_ARRAY_ITERATOR:
        if (p->u.array_iterator_data)
            walk_internal(w, "iterated", p->u.array_iterator_data->obj);
        return;
    case JS_CLASS_REGEXP_STRING_ITERATOR:
        if (p->u.regexp_string_iterator_data) {
            walk_internal(w, "regexp", p->u.regexp_string_iterator_data->iterating_regexp);
            walk_internal(w, "iterated", p->u.regexp_string_iterator_data->iterated_string);
        }
        return;
    case JS_CLASS_FOR_IN_ITERATOR:
        if (p->u.for_in_iterator)
            walk_internal(w, "iterated", p->u.for_in_iterator->obj);
        return;
    case JS_CLASS_WEAK_REF: {
        JSWeakRefData *s = p->u.opaque;
        if (s && s != &js_weakref_sentinel)
            walk_value(w, SANDTIDE_EDGE_WEAK, walk_static("target"), s->target);
        return;
    }
    case JS_CLASS_FINALIZATION_REGISTRY: {
        JSFinalizationRegistryData *s = p->u.opaque;
        struct list_head *el;
        if (!s)
            return;
        walk_internal(w, "cleanup", s->cb);
        list_for_each(el, &s->entries) {
            JSFinRecEntry *entry = list_entry(el, JSFinRecEntry, link);
            walk_value(w, SANDTIDE_EDGE_WEAK, walk_static("target"), entry->target);
            walk_internal(w, "held_value", entry->held_val);
        }
        return;
    }
    case JS_CLASS_CALL_SITE: {
        JSCallSiteData *s = p->u.opaque;
        if (s) {
            walk_internal(w, "file", s->filename);
            walk_internal(w, "function", s->func);
            walk_internal(w, "function_name", s->func_name);
        }
        return;
    }
    case JS_CLASS_DOM_EXCEPTION: {
        JSDOMExceptionData *s = p->u.opaque;
        if (s) {
            walk_internal(w, "name", s->name);
            walk_internal(w, "message", s->message);
        }
        return;
    }
    default:
        if (p->class_id >= JS_CLASS_UINT8C_ARRAY && p->class_id <= JS_CLASS_DATAVIEW) {
            if (p->u.typed_array)
                walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("buffer"),
                             p->u.typed_array->buffer);
            return;
        }
        walk_unnamed(w, p);
    }
}

/* Values of weak maps that this object is a key of: held by map and key, shown from both. */
static void walk_weak_map_values(Walk *w, JSWeakRefRecord *wr)
{
    for (; wr; wr = wr->next_weak_ref) {
        if (wr->kind == JS_WEAK_REF_KIND_MAP && !wr->u.map_record->empty)
            walk_value(w, SANDTIDE_EDGE_INTERNAL, walk_static("value in a WeakMap"),
                       wr->u.map_record->value);
    }
}

static void walk_object(Walk *w, JSObject *p)
{
    JSShape *sh = p->shape;
    JSShapeProperty *prs;
    int i;

    if (sh) {
        walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("map"), sh);
        walk_counted(w, SANDTIDE_EDGE_PROPERTY, walk_static("__proto__"), sh->proto);
        prs = get_shape_prop(sh);
        for (i = 0; p->prop && i < sh->prop_count; i++, prs++) {
            if (prs->atom != JS_ATOM_NULL)
                walk_property(w, prs, &p->prop[i]);
        }
    }
    if (p->sandtide_realm & (SANDTIDE_SANDBOX | SANDTIDE_GLOBAL)) {
        Realm *realm = realm_of_tag(w->rt->sandtide, p->sandtide_realm);
        if (is_handle(realm, p) || (realm && realm->sandbox == p))
            walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("context"), realm->ctx);
    }
    walk_weak_map_values(w, p->first_weak_ref);
    walk_class(w, p);
}

static void walk_module(Walk *w, JSModuleDef *m)
{
    int i;

    walk_atom_name(w, m->module_name);
    for (i = 0; i < m->req_module_entries_count; i++) {
        JSReqModuleEntry *entry = &m->req_module_entries[i];
        if (entry->module)
            walk_to(w, SANDTIDE_EDGE_INTERNAL, walk_static("imported"), entry->module,
                    SANDTIDE_WHAT_MODULE);
        walk_hidden_value(w, entry->attributes);
    }
    for (i = 0; i < m->export_entries_count; i++) {
        JSExportEntry *entry = &m->export_entries[i];
        SandtideName name;
        if (entry->export_type != JS_EXPORT_TYPE_LOCAL)
            continue;
        walk_name_atom(&name, entry->export_name);
        walk_variable(w, SANDTIDE_EDGE_CONTEXT, name, entry->u.local.var_ref);
    }
    walk_internal(w, "namespace", m->module_ns);
    walk_internal(w, "code", m->func_obj);
    walk_internal(w, "exception", m->eval_exception);
    walk_internal(w, "import_meta", m->meta_obj);
    walk_internal(w, "promise", m->promise);
    walk_hidden_value(w, m->resolving_funcs[0]);
    walk_hidden_value(w, m->resolving_funcs[1]);
    walk_hidden_value(w, m->private_value);
    walk_hidden_value(w, m->attributes);
}

static void walk_context(Walk *w, JSContext *ctx)
{
    JSRuntime *rt = w->rt;
    Realm *realm = rt->sandtide ? realm_of_context(ctx) : NULL;
    struct list_head *el;
    int i;

    walk_internal(w, "global", ctx->global_obj);
    walk_internal(w, "declarations", ctx->global_var_obj);
    if (realm && realm->ctx == ctx) {
        walk_internal(w, "name", realm->name);
        if (realm->sandbox)
            walk_counted(w, realm->owns_sandbox ? SANDTIDE_EDGE_INTERNAL : SANDTIDE_EDGE_WEAK,
                         walk_static("sandbox"), realm->sandbox);
        walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("declared"), realm->declared);
        walk_internal(w, "host_option", realm->host_option);
        for (ScriptInstance *instance = realm->instances; instance; instance = instance->next)
            walk_internal(w, "script", instance->code);
    }
    list_for_each(el, &ctx->loaded_modules) {
        JSModuleDef *m = list_entry(el, JSModuleDef, link);
        if (!m->sandtide_handle)
            walk_to(w, SANDTIDE_EDGE_INTERNAL, walk_static("module"), m, SANDTIDE_WHAT_MODULE);
    }
    for (i = 0; ctx->class_proto && i < rt->class_count; i++)
        walk_hidden_value(w, ctx->class_proto[i]);
    for (i = 0; i < JS_NATIVE_ERROR_COUNT; i++)
        walk_hidden_value(w, ctx->native_error_proto[i]);
    const JSValue values[] = {
        ctx->throw_type_error, ctx->eval_obj, ctx->array_proto_values, ctx->error_ctor,
        ctx->error_back_trace, ctx->error_prepare_stack, ctx->error_stack_trace_limit,
        ctx->iterator_ctor, ctx->iterator_ctor_getset, ctx->iterator_proto,
        ctx->async_iterator_proto, ctx->promise_ctor, ctx->array_ctor, ctx->regexp_ctor,
        ctx->function_ctor, ctx->function_proto,
    };
    for (i = 0; i < (int)countof(values); i++)
        walk_hidden_value(w, values[i]);
    JSShape *const shapes[] = {
        ctx->array_shape, ctx->arguments_shape, ctx->mapped_arguments_shape, ctx->regexp_shape,
        ctx->regexp_result_shape,
    };
    for (i = 0; i < (int)countof(shapes); i++)
        walk_counted(w, SANDTIDE_EDGE_HIDDEN, walk_number(++w->numbered), shapes[i]);
}

static void walk_bytecode(Walk *w, JSFunctionBytecode *b)
{
    int i;

    walk_atom_name(w, b->func_name);
    walk_atom_name(w, b->filename);
    for (i = 0; i < b->cpool_count; i++)
        walk_hidden_value(w, b->cpool[i]);
    walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("realm"), b->realm);
    walk_hidden_value(w, b->sandtide_origin);
    walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("module"), b->sandtide_module);
}

static void walk_counted_edges(Walk *w, JSGCObjectHeader *gp)
{
    switch (JS_GC_TYPE(gp)) {
    case JS_GC_OBJ_TYPE_JS_OBJECT:
        walk_object(w, (JSObject *)gp);
        return;
    case JS_GC_OBJ_TYPE_FUNCTION_BYTECODE:
        walk_bytecode(w, (JSFunctionBytecode *)gp);
        return;
    case JS_GC_OBJ_TYPE_SHAPE: {
        JSShape *sh = (JSShape *)gp;
        JSShapeProperty *prs = get_shape_prop(sh);
        int i;
        walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("prototype"), sh->proto);
        for (i = 0; i < sh->prop_count; i++)
            walk_atom_name(w, prs[i].atom);
        return;
    }
    case JS_GC_OBJ_TYPE_VAR_REF: {
        JSVarRef *ref = (JSVarRef *)gp;
        walk_internal(w, "value", *ref->pvalue);
        if (!ref->is_detached)
            walk_counted(w, SANDTIDE_EDGE_INTERNAL, walk_static("frame"),
                         ref->stack_frame->cur_gc_obj);
        return;
    }
    case JS_GC_OBJ_TYPE_ASYNC_FUNCTION: {
        JSAsyncFunctionData *s = (JSAsyncFunctionData *)gp;
        if (s->is_active)
            walk_frame(w, &s->func_state);
        walk_hidden_value(w, s->resolving_funcs[0]);
        walk_hidden_value(w, s->resolving_funcs[1]);
        return;
    }
    case JS_GC_OBJ_TYPE_JS_CONTEXT:
        walk_context(w, (JSContext *)gp);
        return;
    default:
        return;
    }
}
