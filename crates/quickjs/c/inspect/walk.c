/* Walking the heap: what is a root and of which kind, and the entries that the Rust side calls.

   What the host holds is not in any list of the engine. It is found as the collector finds it: all
   references that come from within the heap, or from a root that is known, are taken off the counts;
   what still has one is held from outside. The counts are given back at the walk's end. */

typedef void WalkValue(JSRuntime *rt, JSValueConst value, void *opaque, JSStackFrame *frame);

/* The values of frames and jobs that are known to hold what they refer to. */
static void walk_known_roots(JSRuntime *rt, WalkValue *on_stack, WalkValue *on_job, void *opaque)
{
    JSStackFrame *frame;
    struct list_head *el;
    int i;

    for (frame = rt->current_stack_frame; frame; frame = frame->prev_frame) {
        JSObject *function;
        /* a coroutine's frame is in the heap, and its values are found there */
        if (!JS_IsObject(frame->cur_func) || frame->cur_gc_obj)
            continue;
        function = JS_VALUE_GET_OBJ(frame->cur_func);
        if (!walk_has_bytecode(function) || !frame->var_buf)
            continue;
        for (i = 0; i < frame->arg_count && frame->arg_buf; i++)
            on_stack(rt, frame->arg_buf[i], opaque, frame);
        for (i = 0; i < function->u.func.function_bytecode->var_count; i++)
            on_stack(rt, frame->var_buf[i], opaque, frame);
    }
    list_for_each(el, &rt->job_list) {
        JSJobEntry *job = list_entry(el, JSJobEntry, link);
        for (i = 0; i < job->argc; i++)
            on_job(rt, job->argv[i], opaque, NULL);
    }
}

static void walk_take_child(JSRuntime *rt, JSGCObjectHeader *p)
{
    (void)rt;
    JS_REF_COUNT(p)--;
}

static void walk_give_child(JSRuntime *rt, JSGCObjectHeader *p)
{
    (void)rt;
    JS_REF_COUNT(p)++;
}

static void walk_take_root(JSRuntime *rt, JSValueConst value, void *opaque, JSStackFrame *frame)
{
    (void)opaque, (void)frame;
    JS_MarkValue(rt, value, walk_take_child);
}

static void walk_give_root(JSRuntime *rt, JSValueConst value, void *opaque, JSStackFrame *frame)
{
    (void)opaque, (void)frame;
    JS_MarkValue(rt, value, walk_give_child);
}

static void walk_count(JSRuntime *rt, JS_MarkFunc *each, WalkValue *root)
{
    struct list_head *el;

    list_for_each(el, &rt->gc_obj_list) {
        mark_children(rt, list_entry(el, JSGCObjectHeader, link), each);
    }
    walk_known_roots(rt, root, root, NULL);
}

void sandtide_walk_begin(JSRuntime *rt)
{
    walk_count(rt, walk_take_child, walk_take_root);
}

void sandtide_walk_end(JSRuntime *rt)
{
    walk_count(rt, walk_give_child, walk_give_root);
}

static const void *walk_group(uint32_t group)
{
    return (const void *)(uintptr_t)(group * 16);
}

void sandtide_walk_all(JSRuntime *rt, SandtideOnNode *on_node, void *opaque)
{
    struct list_head *el;
    uint32_t i;

    for (i = 0; i < SANDTIDE_GROUPS; i++)
        on_node(opaque, walk_group(i), SANDTIDE_WHAT_GROUP);
    list_for_each(el, &rt->gc_obj_list) {
        on_node(opaque, list_entry(el, JSGCObjectHeader, link), SANDTIDE_WHAT_COUNTED);
    }
}

static void walk_group_edges(Walk *w, uint32_t from, uint32_t to, uint32_t number)
{
    for (; from <= to; from++)
        walk_to(w, SANDTIDE_EDGE_ELEMENT, walk_number(number++), walk_group(from),
                SANDTIDE_WHAT_GROUP);
}

/* The main context's first: it is the one that the list ends with. */
static void walk_contexts(Walk *w, bool globals)
{
    struct list_head *el;
    uint32_t number = 1;

    list_for_each_prev(el, &w->rt->context_list) {
        JSContext *ctx = list_entry(el, JSContext, link);
        number++;
        if (globals)
            walk_value(w, SANDTIDE_EDGE_SHORTCUT, walk_number(number), ctx->global_obj);
        else
            walk_counted(w, SANDTIDE_EDGE_ELEMENT, walk_number(number), ctx);
    }
}

static void walk_on_stack(JSRuntime *rt, JSValueConst value, void *opaque, JSStackFrame *frame)
{
    (void)rt, (void)frame;
    Walk *w = opaque;
    walk_element(w, ++w->numbered, value);
}

static void walk_nothing(JSRuntime *rt, JSValueConst value, void *opaque, JSStackFrame *frame)
{
    (void)rt, (void)value, (void)opaque, (void)frame;
}

static void walk_atoms(Walk *w)
{
    JSRuntime *rt = w->rt;
    int i;

    for (i = 1; i < rt->atom_size; i++) {
        if (atom_is_free(rt->atom_array[i]))
            continue;
        /* those that are no built-in names live as long as somebody uses them */
        walk_to(w, i < JS_ATOM_END || sandtide_atom_is_immortal(rt, i) ? SANDTIDE_EDGE_ELEMENT
                                                                        : SANDTIDE_EDGE_WEAK,
                walk_number(i), rt->atom_array[i], SANDTIDE_WHAT_STRING);
    }
}

static void walk_handles(Walk *w)
{
    struct list_head *el;

    list_for_each(el, &w->rt->gc_obj_list) {
        JSGCObjectHeader *gp = list_entry(el, JSGCObjectHeader, link);
        if (JS_REF_COUNT(gp) > 0 && JS_GC_TYPE(gp) != JS_GC_OBJ_TYPE_JS_CONTEXT)
            walk_counted(w, SANDTIDE_EDGE_ELEMENT, walk_number(++w->numbered), gp);
    }
}

static void walk_edges_of_group(Walk *w, uint32_t group)
{
    switch (group) {
    case SANDTIDE_GROUP_ROOT:
        walk_group_edges(w, SANDTIDE_GROUP_ROOTS, SANDTIDE_GROUP_ROOTS, 1);
        walk_contexts(w, true);
        return;
    case SANDTIDE_GROUP_ROOTS:
        walk_group_edges(w, SANDTIDE_GROUP_ATOMS, SANDTIDE_GROUP_ROOM, 1);
        return;
    case SANDTIDE_GROUP_ATOMS:
        walk_atoms(w);
        return;
    case SANDTIDE_GROUP_CONTEXTS:
        walk_contexts(w, false);
        return;
    case SANDTIDE_GROUP_EXCEPTION:
        walk_internal(w, "exception", w->rt->current_exception);
        return;
    case SANDTIDE_GROUP_HANDLES:
        walk_handles(w);
        return;
    case SANDTIDE_GROUP_JOBS:
        walk_known_roots(w->rt, walk_nothing, walk_on_stack, w);
        return;
    case SANDTIDE_GROUP_STACK:
        walk_known_roots(w->rt, walk_on_stack, walk_nothing, w);
        return;
    }
}

static void walk_string_edges(Walk *w, JSString *p)
{
    if (p->kind == JS_STRING_KIND_SLICE)
        walk_to(w, SANDTIDE_EDGE_INTERNAL, walk_static("parent"), ((JSStringSlice *)&p[1])->parent,
                SANDTIDE_WHAT_STRING);
    /* the field is only there in symbols */
    if (p->atom_type == JS_ATOM_TYPE_SYMBOL)
        walk_weak_map_values(w, p->first_weak_ref);
}

void sandtide_walk_edges(JSRuntime *rt, const void *address, uint32_t what, SandtideOnEdge *on_edge,
                         void *opaque)
{
    Walk w = { .rt = rt, .on_edge = on_edge, .opaque = opaque };

    switch (what) {
    case SANDTIDE_WHAT_GROUP:
        walk_edges_of_group(&w, (uintptr_t)address / 16);
        return;
    case SANDTIDE_WHAT_COUNTED:
        walk_counted_edges(&w, (JSGCObjectHeader *)(uintptr_t)address);
        return;
    case SANDTIDE_WHAT_STRING:
        walk_string_edges(&w, (JSString *)(uintptr_t)address);
        return;
    case SANDTIDE_WHAT_ROPE:
        walk_internal(&w, "first", ((JSStringRope *)(uintptr_t)address)->left);
        walk_internal(&w, "second", ((JSStringRope *)(uintptr_t)address)->right);
        return;
    case SANDTIDE_WHAT_MODULE:
        walk_module(&w, (JSModuleDef *)(uintptr_t)address);
        return;
    case SANDTIDE_WHAT_VARIABLE:
        walk_internal(&w, "value", *((JSVarRef *)(uintptr_t)address)->pvalue);
        return;
    }
}
