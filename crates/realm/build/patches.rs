//! What is changed in the engine's source, and why. Hooks are declared in `c/hooks.h`.

/// One replacement. `find` must occur exactly once.
struct Patch {
    why: &'static str,
    find: &'static str,
    replace: &'static str,
}

/// The source with every patch applied.
///
/// Panics, which fails the build with the patch's reason, when a patch does not match exactly once.
pub(crate) fn apply(source: &str) -> String {
    let mut text = source.to_owned();
    for patch in PATCHES {
        let count = text.matches(patch.find).count();
        assert!(
            count == 1,
            "the engine's source is not the one these patches were written for: \
             `{}` matches {count} times, not once",
            patch.why
        );
        text = text.replacen(patch.find, patch.replace, 1);
    }
    text
}

const PATCHES: &[Patch] = &[
    Patch {
        why: "no dumps, which are looked for at every instruction: a tenth of the interpreter's time. \
              The assertions stay",
        find: "#define ENABLE_DUMPS\n",
        replace: "#undef ENABLE_DUMPS\n",
    },
    Patch {
        why: "a runtime knows its realms, and whether it allocates from a region",
        find: "    JSRuntimeFinalizerState *finalizers;\n};",
        replace: "    JSRuntimeFinalizerState *finalizers;\n    struct SandtideRegion *sandtide_region;\n    struct Sandtide *sandtide;\n    int32_t sandtide_immortal_atoms;\n    bool sandtide_due; /* a realm is to be looked at */\n};",
    },
    Patch {
        why: "a context knows which realm it is",
        find: "                             const char *filename, int line, int flags, int scope_idx);\n    void *user_opaque;\n};",
        replace: "                             const char *filename, int line, int flags, int scope_idx);\n    void *user_opaque;\n    uint32_t sandtide_realm;\n};",
    },
    Patch {
        why: "an object knows which realm made it, in what was padding",
        find: "    uint16_t class_id; /* see JS_CLASS_x */\n    /* byte offsets: 16/24 */",
        replace: "    uint16_t class_id; /* see JS_CLASS_x */\n    uint32_t sandtide_realm;\n    /* byte offsets: 16/24 */",
    },
    Patch {
        why: "objects are marked with their realm when they are made",
        find: "    p->class_id = class_id;\n    p->extensible = true;\n    p->free_mark = 0;",
        replace: "    p->class_id = class_id;\n    p->sandtide_realm = ctx->sandtide_realm;\n    p->extensible = true;\n    p->free_mark = 0;",
    },
    Patch {
        why: "what is allocated while a template is built lies in its region",
        find: "    if (unlikely(size == 0))\n        return arena_zero_block(rt)->user_data;\n    total_size =",
        replace: "    if (unlikely(size == 0))\n        return arena_zero_block(rt)->user_data;\n    if (unlikely(rt->sandtide_region))\n        return sandtide_region_malloc(rt, size);\n    total_size =",
    },
    Patch {
        why: "the same for large zeroed blocks",
        find: "    return arena_calloc_large(rt, n);\n",
        replace: "    if (unlikely(rt->sandtide_region)) {\n        void *region_ptr = sandtide_region_malloc(rt, n);\n        return region_ptr ? memset(region_ptr, 0, n) : NULL;\n    }\n    return arena_calloc_large(rt, n);\n",
    },
    Patch {
        why: "a block of a region is counted, not given back, when it is freed",
        find: "        if (b == arena_zero_block(rt)) {\n            /* nothing to do */\n        } else {",
        replace: "        if (b == arena_zero_block(rt)) {\n            /* nothing to do */\n        } else if (b->block_size_idx == SANDTIDE_REGION_BLOCK) {\n            sandtide_region_free(rt, b);\n        } else {",
    },
    Patch {
        why: "a block of a region knows its size",
        find: "        if (b == arena_zero_block(rt)) {\n            return 0;\n        } else {",
        replace: "        if (b == arena_zero_block(rt)) {\n            return 0;\n        } else if (b->block_size_idx == SANDTIDE_REGION_BLOCK) {\n            return sandtide_region_usable_size(b);\n        } else {",
    },
    Patch {
        why: "a block of a region that grows moves out of it",
        find: "        if (b == arena_zero_block(rt)) {\n            return js_arena_malloc(rt, size);\n        } else {",
        replace: "        if (b == arena_zero_block(rt)) {\n            return js_arena_malloc(rt, size);\n        } else if (b->block_size_idx == SANDTIDE_REGION_BLOCK) {\n            return sandtide_region_realloc(rt, b, size);\n        } else {",
    },
    Patch {
        why: "the names of built-ins live as long as the runtime, so that realms need not count them",
        find: "static inline bool __JS_AtomIsConst(JSAtom v)\n{\n    return (int32_t)v < JS_ATOM_END;\n}",
        replace: "static inline bool __JS_AtomIsConst(JSAtom v)\n{\n    return (int32_t)v < JS_ATOM_END;\n}\n\nstatic inline bool sandtide_atom_is_immortal(const JSRuntime *rt, JSAtom v)\n{\n    return (int32_t)v < rt->sandtide_immortal_atoms;\n}",
    },
    Patch {
        why: "the same: which they are (at first the engine's own)",
        find: "    rt->atom_hash_size = 0;\n    rt->atom_hash = NULL;",
        replace: "    rt->sandtide_immortal_atoms = JS_ATOM_END;\n    rt->atom_hash_size = 0;\n    rt->atom_hash = NULL;",
    },
    Patch {
        why: "the same: taken (runtime)",
        find: "JSAtom JS_DupAtomRT(JSRuntime *rt, JSAtom v)\n{\n    JSAtomStruct *p;\n\n    if (!__JS_AtomIsConst(v)) {",
        replace: "JSAtom JS_DupAtomRT(JSRuntime *rt, JSAtom v)\n{\n    JSAtomStruct *p;\n\n    if (!sandtide_atom_is_immortal(rt, v)) {",
    },
    Patch {
        why: "the same: taken (context)",
        find: "    JSRuntime *rt;\n    JSAtomStruct *p;\n\n    if (!__JS_AtomIsConst(v)) {",
        replace: "    JSRuntime *rt;\n    JSAtomStruct *p;\n\n    if (!sandtide_atom_is_immortal(ctx->rt, v)) {",
    },
    Patch {
        why: "the same: made of a string that is an atom",
        find: "            if (__JS_AtomIsConst(i))\n",
        replace: "            if (sandtide_atom_is_immortal(rt, i))\n",
    },
    Patch {
        why: "the same: made of an equal string",
        find: "                js_string_memcmp(p, str, len) == 0) {\n                if (!__JS_AtomIsConst(i))",
        replace: "                js_string_memcmp(p, str, len) == 0) {\n                if (!sandtide_atom_is_immortal(rt, i))",
    },
    Patch {
        why: "the same: found",
        find: "            memcmp(str8(p), str, len) == 0) {\n            if (!__JS_AtomIsConst(i))",
        replace: "            memcmp(str8(p), str, len) == 0) {\n            if (!sandtide_atom_is_immortal(rt, i))",
    },
    Patch {
        why: "the same: let go (context)",
        find: "    if (!__JS_AtomIsConst(v))\n        __JS_FreeAtom(ctx->rt, v);",
        replace: "    if (!sandtide_atom_is_immortal(ctx->rt, v))\n        __JS_FreeAtom(ctx->rt, v);",
    },
    Patch {
        why: "the same: let go (runtime)",
        find: "    if (!__JS_AtomIsConst(v))\n        __JS_FreeAtom(rt, v);",
        replace: "    if (!sandtide_atom_is_immortal(rt, v))\n        __JS_FreeAtom(rt, v);",
    },
    Patch {
        why: "when a sandbox's last reference goes, its realm is looked at",
        find: "static void free_object(JSRuntime *rt, JSObject *p)\n{\n    int i;\n    JSClassFinalizer *finalizer;",
        replace: "static void free_object_now(JSRuntime *rt, JSObject *p);\n\nstatic void free_object(JSRuntime *rt, JSObject *p)\n{\n    if (unlikely(p->sandtide_realm & (SANDTIDE_SANDBOX | SANDTIDE_GLOBAL)))\n        sandtide_free_sandbox(rt, p);\n    else\n        free_object_now(rt, p);\n}\n\nstatic void free_object_now(JSRuntime *rt, JSObject *p)\n{\n    int i;\n    JSClassFinalizer *finalizer;",
    },
    Patch {
        why: "realms are looked at where the engine lets all of its heap be looked at",
        find: "    bool force_gc;\n#ifdef FORCE_GC_AT_MALLOC",
        replace: "    bool force_gc;\n    if (unlikely(rt->sandtide_due))\n        sandtide_look_at_due(rt);\n#ifdef FORCE_GC_AT_MALLOC",
    },
    Patch {
        why: "objects freed with a realm keep their memory until its end (objects)",
        find: "    if (rt->gc_phase == JS_GC_PHASE_REMOVE_CYCLES && JS_REF_COUNT(p) != 0) {\n        list_add_tail(&p->header.link, &rt->gc_zero_ref_count_list);",
        replace: "    if (rt->gc_phase == JS_GC_PHASE_REMOVE_CYCLES && JS_REF_COUNT(p) != 0) {\n        list_add_tail(&p->header.link, sandtide_zombies(rt));",
    },
    Patch {
        why: "objects freed with a realm keep their memory until its end (bytecode)",
        find: "    if (rt->gc_phase == JS_GC_PHASE_REMOVE_CYCLES && JS_REF_COUNT(b) != 0) {\n        list_add_tail(&b->header.link, &rt->gc_zero_ref_count_list);",
        replace: "    if (rt->gc_phase == JS_GC_PHASE_REMOVE_CYCLES && JS_REF_COUNT(b) != 0) {\n        list_add_tail(&b->header.link, sandtide_zombies(rt));",
    },
    Patch {
        why: "while a realm is freed, what it held alone but is not its own is freed as well",
        find: "            if (rt->gc_phase != JS_GC_PHASE_REMOVE_CYCLES) {\n                list_del(&p->link);",
        replace: "            if (rt->gc_phase != JS_GC_PHASE_REMOVE_CYCLES || sandtide_dies_outside(rt, p)) {\n                list_del(&p->link);",
    },
    Patch {
        why: "a sandbox holds its realm",
        find: "            sh = p->shape;\n            mark_func(rt, &sh->header);\n            /* mark all the fields */",
        replace: "            sh = p->shape;\n            mark_func(rt, &sh->header);\n            if (unlikely(p->sandtide_realm & (SANDTIDE_SANDBOX | SANDTIDE_GLOBAL)))\n                sandtide_mark_sandbox(rt, p, mark_func);\n            /* mark all the fields */",
    },
    Patch {
        why: "a context holds what its realm holds",
        find: "    if (ctx->regexp_result_shape)\n        mark_func(rt, &ctx->regexp_result_shape->header);\n}",
        replace: "    if (ctx->regexp_result_shape)\n        mark_func(rt, &ctx->regexp_result_shape->header);\n    if (ctx->sandtide_realm)\n        sandtide_mark_context(rt, ctx, mark_func);\n}",
    },
    Patch {
        why: "collections are observed, and see what realms hold without counting",
        find: "void JS_RunGC(JSRuntime *rt)\n{",
        replace: "static void collect_garbage(JSRuntime *rt);\n\nvoid JS_RunGC(JSRuntime *rt)\n{\n    sandtide_before_collection(rt);\n    collect_garbage(rt);\n    sandtide_after_collection(rt);\n}\n\nstatic void collect_garbage(JSRuntime *rt)\n{",
    },
    Patch {
        why: "declarations reach a contextified global (checks)",
        find: "    JSObject *p;\n    JSShapeProperty *prs;\n\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    prs = find_own_property1(p, prop);\n    /* XXX: should handle JS_PROP_AUTOINIT */",
        replace: "    JSObject *p;\n    JSShapeProperty *prs;\n\n    if (unlikely(sandtide_is_contextified(ctx)))\n        return sandtide_check_define_global(ctx, prop, flags);\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    prs = find_own_property1(p, prop);\n    /* XXX: should handle JS_PROP_AUTOINIT */",
    },
    Patch {
        why: "declarations reach a contextified global (var)",
        find: "        val = JS_UNINITIALIZED;\n    } else {\n        p = JS_VALUE_GET_OBJ(ctx->global_obj);",
        replace: "        val = JS_UNINITIALIZED;\n    } else {\n        if (unlikely(sandtide_is_contextified(ctx)))\n            return sandtide_define_global_var(ctx, prop, def_flags);\n        p = JS_VALUE_GET_OBJ(ctx->global_obj);",
    },
    Patch {
        why: "declarations reach a contextified global (function)",
        find: "    JSShapeProperty *prs;\n    int flags;\n\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    prs = find_own_property1(p, prop);\n    flags = JS_PROP_HAS_VALUE | JS_PROP_THROW;",
        replace: "    JSShapeProperty *prs;\n    int flags;\n\n    if (unlikely(sandtide_is_contextified(ctx)))\n        return sandtide_define_global_function(ctx, prop, func, def_flags);\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    prs = find_own_property1(p, prop);\n    flags = JS_PROP_HAS_VALUE | JS_PROP_THROW;",
    },
    Patch {
        why: "a global's value is read from the sandbox, and a missing one is told apart from undefined",
        find: "    /* fast path */\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    prs = find_own_property(&pr, p, prop);\n    if (prs) {\n        if (likely((prs->flags & JS_PROP_TMASK) == 0))",
        replace: "    if (unlikely(sandtide_is_contextified(ctx)))\n        return sandtide_get_global(ctx, prop, throw_ref_error);\n    /* fast path */\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    prs = find_own_property(&pr, p, prop);\n    if (prs) {\n        if (likely((prs->flags & JS_PROP_TMASK) == 0))",
    },
    Patch {
        why: "an assignment to a global goes to the sandbox",
        find: "        set_value(ctx, &pr->u.value, val);\n        return 0;\n    }\n\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    prs = find_own_property(&pr, p, prop);",
        replace: "        set_value(ctx, &pr->u.value, val);\n        return 0;\n    }\n\n    if (unlikely(sandtide_is_contextified(ctx)))\n        return sandtide_set_global(ctx, prop, val);\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    prs = find_own_property(&pr, p, prop);",
    },
    Patch {
        why: "deleting a global goes to the sandbox",
        find: "        return false; /* lexical variables cannot be deleted */\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    return delete_property(ctx, p, prop);",
        replace: "        return false; /* lexical variables cannot be deleted */\n    if (unlikely(sandtide_is_contextified(ctx)))\n        return JS_DeleteProperty(ctx, ctx->global_obj, prop, 0);\n    p = JS_VALUE_GET_OBJ(ctx->global_obj);\n    return delete_property(ctx, p, prop);",
    },
    Patch {
        why: "a context may forbid code from strings",
        find: "    if (!JS_IsString(val))\n        return js_dup(val);\n    str = JS_ToCStringLen(ctx, &len, val);",
        replace: "    if (unlikely(sandtide_forbids_strings(ctx)))\n        return JS_EXCEPTION;\n    if (!JS_IsString(val))\n        return js_dup(val);\n    str = JS_ToCStringLen(ctx, &len, val);",
    },
    Patch {
        why: "a contextified global cannot be frozen: its properties are the sandbox's",
        find: "    p->extensible = false;\n    return true;\n}",
        replace: "    if (unlikely(sandtide_is_global(ctx, p->class_id))) {\n        JS_ThrowTypeError(ctx, \"Cannot freeze\");\n        return -1;\n    }\n    p->extensible = false;\n    return true;\n}",
    },
    Patch {
        why: "what a sandbox refuses to delete is not an error, as in Node",
        find: "    res = delete_property(ctx, p, prop);\n    JS_FreeValue(ctx, obj1);\n    if (res != false)\n        return res;",
        replace: "    res = delete_property(ctx, p, prop);\n    if (res == false && sandtide_is_global(ctx, p->class_id)) {\n        JS_FreeValue(ctx, obj1);\n        return res;\n    }\n    JS_FreeValue(ctx, obj1);\n    if (res != false)\n        return res;",
    },
    Patch {
        why: "too long a string is a RangeError, as in Node",
        find: "        JS_ThrowInternalError(ctx, \"string too long\");",
        replace: "        JS_ThrowRangeError(ctx, \"string too long\");",
    },
    Patch {
        why: "a job keeps its realm, which may have no other holder",
        find: "    e->ctx = ctx;\n    e->job_func = job_func;",
        replace: "    e->ctx = JS_DupContext(ctx);\n    e->job_func = job_func;",
    },
    Patch {
        why: "a job knows whose queue it is in (field)",
        find: "    JSJobFunc *job_func;\n    int argc;",
        replace: "    JSJobFunc *job_func;\n    uint32_t sandtide_queue;\n    int argc;",
    },
    Patch {
        why: "a job knows whose queue it is in",
        find: "    list_add_tail(&e->link, &rt->job_list);\n    return 0;",
        replace: "    list_add_tail(&e->link, &rt->job_list);\n    e->sandtide_queue = sandtide_queue_of_job(ctx, e);\n    return 0;",
    },
    Patch {
        why: "a job that has run lets go of its realm",
        find: "    JS_FreeValue(ctx, res);\n    js_free(ctx, e);\n    *pctx = ctx;\n    return ret;",
        replace: "    JS_FreeValue(ctx, res);\n    js_free(ctx, e);\n    *pctx = ctx;\n    JS_FreeContext(ctx);\n    return ret;",
    },
    Patch {
        why: "jobs that never ran let go of their realms",
        find: "            JS_FreeValueRT(rt, e->argv[i]);\n        js_free_rt(rt, e);\n    }\n    init_list_head(&rt->job_list);",
        replace: "            JS_FreeValueRT(rt, e->argv[i]);\n        JS_FreeContext(e->ctx);\n        js_free_rt(rt, e);\n    }\n    init_list_head(&rt->job_list);",
    },
    Patch {
        why: "code that was written without memory for all of it is not taken for whole",
        find: "    /* XXX: should check for OOM in above phase */\n",
        replace: "    if (dbuf_error(&s->dbuf) || dbuf_error(&dbuf1)) {\n        JS_ThrowOutOfMemory(s->ctx);\n        goto fail;\n    }\n",
    },
    Patch {
        why: "what is no function but stands in Error.prepareStackTrace is let go of",
        find: "        has_prepare = JS_IsFunction(ctx, prepare);\n",
        replace: "        has_prepare = JS_IsFunction(ctx, prepare);\n        if (!has_prepare)\n            JS_FreeValue(ctx, prepare);\n",
    },
    Patch {
        why: "without memory for another prototype, it is let go of",
        find: "    if (js_shape_prepare_update(ctx, p, NULL))\n        return -1;\n    sh = p->shape;\n    if (sh->proto)",
        replace: "    if (js_shape_prepare_update(ctx, p, NULL)) {\n        if (proto)\n            JS_FreeValue(ctx, JS_MKPTR(JS_TAG_OBJECT, proto));\n        return -1;\n    }\n    sh = p->shape;\n    if (sh->proto)",
    },
    Patch {
        why: "template objects of cached code are frozen, their length as well",
        find: "        JS_PreventExtensions(ctx, obj);\n    }\n    return obj;",
        replace: "        if (JS_DefineProperty(ctx, obj, JS_ATOM_length, JS_UNDEFINED, JS_UNDEFINED, JS_UNDEFINED,\n                              JS_PROP_HAS_WRITABLE) < 0)\n            goto fail;\n        JS_PreventExtensions(ctx, obj);\n    }\n    return obj;",
    },
    Patch {
        why: "a memory limit does not end the compiler, which would not stand it: it ends what follows",
        find: "    err = js_parse_program(s);\n    if (err) {\n    fail:",
        replace: "    size_t sandtide_limit = sandtide_lift_limit(ctx->rt);\n    err = js_parse_program(s);\n    if (err) {\n        sandtide_restore_limit(ctx->rt, sandtide_limit);\n    fail:",
    },
    Patch {
        why: "the same (ended)",
        find: "    fun_obj = js_create_function(ctx, fd);\n    if (JS_IsException(fun_obj))\n        goto fail1;\n    /* Could add",
        replace: "    fun_obj = js_create_function(ctx, fd);\n    sandtide_restore_limit(ctx->rt, sandtide_limit);\n    if (JS_IsException(fun_obj))\n        goto fail1;\n    /* Could add",
    },
    Patch {
        why: "a bound function for which there was no memory is freed",
        find: "    JSBoundFunction *bf = p->u.bound_function;\n    int i;\n\n    JS_FreeValueRT(rt, bf->func_obj);",
        replace: "    JSBoundFunction *bf = p->u.bound_function;\n    int i;\n\n    if (!bf)\n        return;\n    JS_FreeValueRT(rt, bf->func_obj);",
    },
    Patch {
        why: "without memory for a built-in in bytecode, its arguments go as well",
        find: "    if (JS_IsException(obj))\n        return JS_EXCEPTION;\n    fun = JS_EvalFunction(ctx, obj);\n    if (JS_IsException(fun))\n        return JS_EXCEPTION;\n    assert(JS_IsFunction(ctx, fun));\n    result = JS_Call(ctx, fun, JS_UNDEFINED, argc, vc(argv));\n",
        replace: "    fun = JS_IsException(obj) ? JS_EXCEPTION : JS_EvalFunction(ctx, obj);\n    result = fun;\n    for (i = 0; i < argc; i++) {\n        if (JS_IsException(argv[i]))\n            result = JS_EXCEPTION;\n    }\n    if (!JS_IsException(result))\n        result = JS_Call(ctx, fun, JS_UNDEFINED, argc, vc(argv));\n",
    },
    Patch {
        why: "the same: an exception has no prototype",
        find: "    JS_FreeValue(ctx, fun);\n    if (JS_SetPrototypeInternal(ctx, result, ctx->function_proto,",
        replace: "    JS_FreeValue(ctx, fun);\n    if (JS_IsException(result))\n        return result;\n    if (JS_SetPrototypeInternal(ctx, result, ctx->function_proto,",
    },
    Patch {
        why: "a finalization registry keeps its realm, which may have no other holder (made)",
        find: "    frd->ctx = ctx;\n",
        replace: "    frd->ctx = JS_DupContext(ctx);\n",
    },
    Patch {
        why: "the same (marked)",
        find: "        JS_MarkValue(rt, frd->cb, mark_func);\n        struct list_head *el;",
        replace: "        JS_MarkValue(rt, frd->cb, mark_func);\n        mark_func(rt, &frd->ctx->header);\n        struct list_head *el;",
    },
    Patch {
        why: "the same (freed)",
        find: "        JS_FreeValueRT(rt, frd->cb);\n        js_free_rt(rt, frd);",
        replace: "        JS_FreeValueRT(rt, frd->cb);\n        JS_FreeContext(frd->ctx);\n        js_free_rt(rt, frd);",
    },
    Patch {
        why: "nothing is called in a realm that goes together with what it was to be told of",
        find: "            bool enqueue = !rt->in_free;\n",
        replace: "            bool enqueue = !rt->in_free && !JS_GC_MARK(fre->ctx);\n",
    },
    Patch {
        why: "a stack begins with the error's name and message, as programs expect",
        find: "        js_dbuf_init(ctx, &dbuf);\n        if (stack_trace_limit == 0)\n            goto done;\n        if (filename) {",
        replace: "        js_dbuf_init(ctx, &dbuf);\n        sandtide_stack_header(ctx, &dbuf, error_val);\n        if (stack_trace_limit == 0)\n            goto done;\n        if (filename) {",
    },
    Patch {
        why: "a syntax error's place is told apart from the frames below it",
        find: "        if (filename) {\n            i++;\n            dbuf_printf(&dbuf, \"    at %s\", filename);",
        replace: "        if (filename && !sandtide_parse_error(ctx, line_num, col_num)) {\n            i++;\n            dbuf_printf(&dbuf, \"    at %s\", filename);",
    },
    Patch {
        why: "code knows the script it came from (field)",
        find: "    uint8_t *pc2line_buf;\n    char *source;\n} JSFunctionBytecode;",
        replace: "    uint8_t *pc2line_buf;\n    char *source;\n    JSValue sandtide_origin; /* what its script was compiled with, for import() */\n    struct JSModuleDef *sandtide_module; /* made by hand: lives as long as `realm` */\n} JSFunctionBytecode;",
    },
    Patch {
        why: "code knows the script it came from (made)",
        find: "    b->filename = fd->filename;\n",
        replace: "    b->filename = fd->filename;\n    b->sandtide_origin = sandtide_origin_of_new_code(ctx);\n",
    },
    Patch {
        why: "code knows the script it came from (freed)",
        find: "    JS_FreeAtomRT(rt, b->func_name);\n    JS_FreeAtomRT(rt, b->filename);\n",
        replace: "    JS_FreeAtomRT(rt, b->func_name);\n    JS_FreeAtomRT(rt, b->filename);\n    JS_FreeValueRT(rt, b->sandtide_origin);\n",
    },
    Patch {
        why: "code knows the script it came from (marked)",
        find: "            if (b->realm)\n                mark_func(rt, &b->realm->header);",
        replace: "            if (b->realm)\n                mark_func(rt, &b->realm->header);\n            JS_MarkValue(rt, b->sandtide_origin, mark_func);",
    },
    Patch {
        why: "import() in a script asks the script's host",
        find: "    JS_EnqueueJob(ctx, js_dynamic_import_job, 5, vc(args));",
        replace: "    if (!sandtide_import(ctx, vc(args)))\n        JS_EnqueueJob(ctx, js_dynamic_import_job, 5, vc(args));",
    },
    Patch {
        why: "import.meta of a module made by hand is filled by the host",
        find: "        m->meta_obj = obj;\n    }\n    return js_dup(obj);",
        replace: "        m->meta_obj = obj;\n        if (sandtide_fill_meta(ctx, m, obj) < 0)\n            return JS_EXCEPTION;\n        obj = m->meta_obj;\n    }\n    return js_dup(obj);",
    },
    Patch {
        why: "modules made by hand may share a name",
        find: "    m = js_find_loaded_module_by_name(ctx, filename);\n    JS_FreeAtom(ctx, filename);",
        replace: "    m = sandtide_module_of_caller(ctx);\n    if (!m)\n        m = js_find_loaded_module_by_name(ctx, filename);\n    JS_FreeAtom(ctx, filename);",
    },
    Patch {
        why: "modules made by hand are linked by hand",
        find: "    JSModuleDef *m1;\n\n    if (m->resolved)\n        return 0;",
        replace: "    JSModuleDef *m1;\n\n    if (m->resolved || sandtide_links_by_hand(ctx))\n        return 0;",
    },
    Patch {
        why: "a context over its memory limit is ended, whatever it catches",
        find: "        JS_ThrowInternalError(ctx, \"out of memory\");\n        rt->in_out_of_memory = false;",
        replace: "        sandtide_out_of_memory(ctx, false);\n        JS_ThrowInternalError(ctx, \"out of memory\");\n        sandtide_out_of_memory(ctx, true);\n        rt->in_out_of_memory = false;",
    },
    Patch {
        why: "cached modules are linked by hand as well",
        find: "            *pm = js_host_resolve_imported_module_atom(s->ctx, m->module_name,",
        replace: "            if (sandtide_links_by_hand(ctx))\n                continue;\n            *pm = js_host_resolve_imported_module_atom(s->ctx, m->module_name,",
    },
    Patch {
        why: "call sites are the main realm's, which has the methods that Node's have",
        find: "    JSValue obj = js_create_from_ctor(ctx, JS_UNDEFINED, JS_CLASS_CALL_SITE);",
        replace: "    JSValue obj = js_create_from_ctor(sandtide_main(ctx), JS_UNDEFINED,\n                                      JS_CLASS_CALL_SITE);",
    },
    Patch {
        why: "messages are worded as programs for Node expect",
        find: "    JSValue obj;\n\n    obj = JS_MakeError(ctx, error_num, add_backtrace, fmt, ap);",
        replace: "    JSValue obj;\n\n    fmt = sandtide_message(ctx, fmt, ap);\n    obj = JS_MakeError(ctx, error_num, add_backtrace, fmt, ap);",
    },
    Patch {
        why: "what is no constructor is told by its name",
        find: "    return JS_ThrowTypeError(ctx, \"not a constructor\");\n}\n\nstatic JSValue JS_ThrowTypeErrorNotAFunction",
        replace: "    return sandtide_throw_not_callable(ctx, \"a constructor\", \"not a constructor\");\n}\n\nstatic JSValue JS_ThrowTypeErrorNotAFunction",
    },
    Patch {
        why: "the same for functions",
        find: "static JSValue JS_ThrowTypeErrorNotAFunction(JSContext *ctx)\n{\n    return JS_ThrowTypeError(ctx, \"not a function\");",
        replace: "static JSValue JS_ThrowTypeErrorNotAFunction(JSContext *ctx)\n{\n    return sandtide_throw_not_callable(ctx, \"a function\", \"not a function\");",
    },
    Patch {
        why: "where the columns of a script's first line are counted from (field)",
        find: "    const uint8_t *line_start; /* first character of the current line */",
        replace: "    const uint8_t *line_start; /* first character of the current line */\n    const uint8_t *sandtide_line; /* the line that begins at a column of its host's */\n    int sandtide_columns;",
    },
    Patch {
        why: "tokens' columns are those of their first character",
        find: "    s->token.col_num = max_int(1, s->mark - s->eol);\n    s->buf_ptr = p;",
        replace: "    s->token.col_num = sandtide_column(s, max_int(1, s->mark - s->eol));\n    s->buf_ptr = p;",
    },
    Patch {
        why: "the same for identifiers",
        find: "            int identifier_col_num =\n                (int)(s->token.ptr - s->line_start) + 1;",
        replace: "            int identifier_col_num = s->token.col_num;",
    },
    Patch {
        why: "a call's place is its callee's last name, or `new`",
        find: "    bool accept_lparen = (parse_flags & PF_POSTFIX_CALL) != 0;\n\n    call_type = FUNC_CALL_NORMAL;",
        replace: "    bool accept_lparen = (parse_flags & PF_POSTFIX_CALL) != 0;\n    int place_line = s->token.line_num, place_column = s->token.col_num;\n\n    call_type = FUNC_CALL_NORMAL;",
    },
    Patch {
        why: "the same: the name of a property",
        find: "        parse_property:\n            if (s->token.val == TOK_PRIVATE_NAME) {",
        replace: "        parse_property:\n            place_line = s->token.line_num;\n            place_column = s->token.col_num;\n            emit_source_loc_at(s, place_line, place_column);\n            if (s->token.val == TOK_PRIVATE_NAME) {",
    },
    Patch {
        why: "the same: a callee without a name has its parenthesis",
        find: "            /* function call */\n        parse_func_call:\n",
        replace: "            /* function call */\n        parse_func_call:\n            if (call_type == FUNC_CALL_NORMAL && !sandtide_names_callee(get_prev_opcode(fd))) {\n                place_line = s->token.line_num;\n                place_column = s->token.col_num;\n            }\n",
    },
    Patch {
        why: "the same: the call",
        find: "            emit_func_call:\n                switch(opcode) {",
        replace: "            emit_func_call:\n                emit_source_loc_at(s, place_line, place_column);\n                switch(opcode) {",
    },
    Patch {
        why: "the same: a call with spread arguments",
        find: "                /* apply function call */\n                switch(opcode) {",
        replace: "                /* apply function call */\n                emit_source_loc_at(s, place_line, place_column);\n                switch(opcode) {",
    },
    Patch {
        why: "a throw's place is its statement (parsed)",
        find: "    case TOK_THROW:\n        if (next_token(s))\n            goto fail;",
        replace: "    case TOK_THROW: {\n        int throw_line = s->token.line_num, throw_column = s->token.col_num;\n        if (next_token(s))\n            goto fail;",
    },
    Patch {
        why: "a throw's place is its statement (emitted)",
        find: "        emit_op(s, OP_throw);\n        if (js_parse_expect_semi(s))\n            goto fail;\n        break;",
        replace: "        emit_source_loc_at(s, throw_line, throw_column);\n        emit_op(s, OP_throw);\n        if (js_parse_expect_semi(s))\n            goto fail;\n        break;\n        }",
    },
    Patch {
        why: "a throw's place is its statement (thrown)",
        find: "        CASE(OP_throw):\n            JS_Throw(ctx, *--sp);",
        replace: "        CASE(OP_throw):\n            sandtide_threw(ctx, b, pc, sp[-1]);\n            JS_Throw(ctx, *--sp);",
    },
    Patch {
        why: "a syntax error's column counts from the same place as its token's",
        find: "        err_col_num = (int)(s->token.ptr - s->token.line_start) + 1;\n    build_backtrace",
        replace: "        err_col_num = sandtide_error_column(s);\n    build_backtrace",
    },
    Patch {
        why: "native functions print on one line, as programs expect",
        find: "        suff = \"() {\\n    [native code]\\n}\";",
        replace: "        suff = ctx->rt->sandtide ? \"() { [native code] }\" : \"() {\\n    [native code]\\n}\";",
    },
    Patch {
        why: "frames of functions that Node does not have are not shown",
        find: "        p = JS_VALUE_GET_OBJ(sf->cur_func);\n        b = NULL;\n        backtrace_barrier = false;\n",
        replace: "        p = JS_VALUE_GET_OBJ(sf->cur_func);\n        if (sandtide_hides_frame(ctx, p))\n            continue;\n        b = NULL;\n        backtrace_barrier = false;\n",
    },
    Patch {
        why: "a frame without a name shows its place alone",
        find: "            if (!func_name_str || func_name_str[0] == '\\0')\n                str1 = \"<anonymous>\";\n            else\n                str1 = func_name_str;\n            dbuf_printf(&dbuf, \"    at %s\", str1);\n            JS_FreeCString(ctx, func_name_str);",
        replace: "            if (sandtide_stack_frame(ctx, &dbuf, sf, b, func_name_str)) {\n                JS_FreeCString(ctx, func_name_str);\n                goto next_frame;\n            }\n            if (!func_name_str || func_name_str[0] == '\\0')\n                str1 = \"<anonymous>\";\n            else\n                str1 = func_name_str;\n            dbuf_printf(&dbuf, \"    at %s\", str1);\n            JS_FreeCString(ctx, func_name_str);",
    },
    Patch {
        why: "the same",
        find: "                dbuf_printf(&dbuf, \" (native)\");\n            }\n            dbuf_putc(&dbuf, '\\n');\n        }\n        i++;",
        replace: "                dbuf_printf(&dbuf, \" (native)\");\n            }\n            dbuf_putc(&dbuf, '\\n');\n        }\n    next_frame:\n        i++;",
    },
    Patch {
        why: "a stack has no newline at its end, as programs expect",
        find: "        if (dbuf_error(&dbuf))\n            stack = JS_NULL;\n        else\n            stack = JS_NewStringLen(ctx, (char *)dbuf.buf, dbuf.size);\n        dbuf_free(&dbuf);\n    }\n\n    if (JS_IsUndefined(ctx->error_back_trace))",
        replace: "        sandtide_stack_end(ctx, &dbuf);\n        if (dbuf_error(&dbuf))\n            stack = JS_NULL;\n        else\n            stack = JS_NewStringLen(ctx, (char *)dbuf.buf, dbuf.size);\n        dbuf_free(&dbuf);\n    }\n\n    if (JS_IsUndefined(ctx->error_back_trace))",
    },
    Patch {
        why: "a runtime that goes lets go of what its realms hold",
        find: "    rt->in_free = true;\n",
        replace: "    sandtide_let_go(rt);\n    rt->in_free = true;\n",
    },
    Patch {
        why: "a runtime that has gone has no realms",
        find: "    js_arena_free_all(rt);\n\n    {",
        replace: "    sandtide_uninstall(rt);\n    js_arena_free_all(rt);\n\n    {",
    },
    Patch {
        why: "an error's stack is its own property, made when it is first read (kept)",
        find: "        JS_FreeValue(ctx, p->u.object_data);\n        p->u.object_data = stack;\n    } else if (can_add_backtrace(error_obj)) {",
        replace: "        JS_FreeValue(ctx, p->u.object_data);\n        p->u.object_data = stack;\n        sandtide_stack_kept(ctx, error_obj, has_prepare);\n    } else if (can_add_backtrace(error_obj)) {",
    },
    Patch {
        why: "an error's stack is its own property (captureStackTrace)",
        find: "    if (has_filter_func) {\n        /* Error.captureStackTrace",
        replace: "    if (has_filter_func && !(rt->sandtide && can_store_error_stack(error_obj))) {\n        /* Error.captureStackTrace",
    },
    Patch {
        why: "an error's stack is its own property (read)",
        find: "    JSAutoInitFunc *func;\n\n    if (js_shape_prepare_update(ctx, p, &prs))",
        replace: "    JSAutoInitFunc *func;\n\n    if (unlikely(prop == JS_ATOM_stack) && p->class_id == JS_CLASS_ERROR &&\n        js_autoinit_get_id(pr) == JS_AUTOINIT_ID_PROP)\n        return sandtide_init_stack(ctx, p, js_autoinit_get_realm(pr));\n    if (js_shape_prepare_update(ctx, p, &prs))",
    },
    Patch {
        why: "the first line of a script can begin at a column of its host's",
        find: "    s->line_start = s->buf_ptr;\n    s->mark = s->buf_ptr + min_int(1, input_len);\n    s->eol = s->buf_ptr;",
        replace: "    s->line_start = s->buf_ptr;\n    s->mark = s->buf_ptr + min_int(1, input_len);\n    s->eol = s->buf_ptr;\n    sandtide_column_offset(ctx, s);",
    },
];
