/* What the nodes of the heap are called: without a getter, a trap or any other JavaScript. */

static const char *const group_names[SANDTIDE_GROUPS] = {
    "", "(GC roots)", "(Atoms)", "(Contexts)", "(Exception)", "(Handles of the host)", "(Jobs)",
    "(Stack)", "(Tables of the engine)", "(Room in pools)",
};

static void walk_name_static(SandtideName *name, const char *text)
{
    *name = (SandtideName){ .naming = SANDTIDE_NAME_STATIC, .text = text };
}

static void walk_name_atom(SandtideName *name, JSAtom atom)
{
    if (atom == JS_ATOM_NULL)
        walk_name_static(name, "");
    else if (__JS_AtomIsTaggedInt(atom))
        *name = (SandtideName){ .naming = SANDTIDE_NAME_NUMBER, .number = __JS_AtomToUInt32(atom) };
    else
        *name = (SandtideName){ .naming = SANDTIDE_NAME_ATOM, .number = atom };
}

/* A data property's value; false where there is none, or it is not a plain one. */
static bool walk_own_value(JSObject *p, JSAtom atom, JSValueConst *value)
{
    JSProperty *pr;
    JSShapeProperty *prs = p->shape ? find_own_property(&pr, p, atom) : NULL;

    if (!prs || (prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL)
        return false;
    *value = pr->u.value;
    return true;
}

static bool walk_has_bytecode(JSObject *p)
{
    return js_class_has_bytecode(p->class_id) && p->u.func.function_bytecode;
}

/* A function's name: what a class's static `name` says first, then that of its code. */
static bool walk_function_name(JSObject *p, SandtideName *name)
{
    JSValueConst value;

    if (walk_has_bytecode(p) && p->u.func.function_bytecode->func_name != JS_ATOM_empty_string &&
        p->u.func.function_bytecode->func_name != JS_ATOM_NULL) {
        walk_name_atom(name, p->u.func.function_bytecode->func_name);
        return true;
    }
    if (!walk_own_value(p, JS_ATOM_name, &value) || JS_VALUE_GET_TAG(value) != JS_TAG_STRING ||
        JS_VALUE_GET_STRING(value)->len == 0)
        return false;
    *name = (SandtideName){ .naming = SANDTIDE_NAME_STRING, .text = JS_VALUE_GET_PTR(value) };
    return true;
}

/* The name of the constructor of objects with this prototype. */
static bool walk_constructor_name(JSObject *proto, SandtideName *name)
{
    int steps;

    for (steps = 0; proto && steps < 100; steps++, proto = proto->shape->proto) {
        JSValueConst value;
        if (!proto->shape)
            return false;
        if (walk_own_value(proto, JS_ATOM_constructor, &value) && JS_IsObject(value) &&
            walk_function_name(JS_VALUE_GET_OBJ(value), name))
            return true;
    }
    return false;
}

static void walk_object_name(JSRuntime *rt, JSObject *p, SandtideNode *node)
{
    const JSClass *class = &rt->class_array[p->class_id];
    JSValueConst constructor;

    if (walk_has_bytecode(p) || class->call) {
        node->type = SANDTIDE_NODE_CLOSURE;
        if (!walk_function_name(p, &node->name))
            walk_name_static(&node->name, "");
        return;
    }
    if (p->class_id == JS_CLASS_REGEXP && p->u.regexp.pattern) {
        node->type = SANDTIDE_NODE_REGEXP;
        node->name = (SandtideName){ .naming = SANDTIDE_NAME_STRING, .text = p->u.regexp.pattern };
        return;
    }
    node->type = SANDTIDE_NODE_OBJECT;
    if (rt->sandtide && p->class_id == rt->sandtide->global_class) {
        walk_name_static(&node->name, "Object / vm");
        return;
    }
    /* a prototype is not one of the objects that it is the prototype of */
    if (p->is_prototype && walk_own_value(p, JS_ATOM_constructor, &constructor)) {
        if (p->shape && p->shape->proto && walk_constructor_name(p->shape->proto, &node->name))
            return;
        walk_name_static(&node->name, "Object");
        return;
    }
    if (p->shape && walk_constructor_name(p->shape->proto, &node->name))
        return;
    if (class->class_name != JS_ATOM_NULL)
        walk_name_atom(&node->name, class->class_name);
    else
        walk_name_static(&node->name, "Object");
}

static void walk_code_place(JSFunctionBytecode *b, SandtideNode *node)
{
    node->file = b->filename;
    node->line = b->line_num;
    node->column = b->col_num;
}

static void walk_counted_node(JSRuntime *rt, JSGCObjectHeader *gp, SandtideNode *node)
{
    node->size = walk_counted_size(rt, gp);
    switch (JS_GC_TYPE(gp)) {
    case JS_GC_OBJ_TYPE_JS_OBJECT: {
        JSObject *p = (JSObject *)gp;
        walk_object_name(rt, p, node);
        if (walk_has_bytecode(p))
            walk_code_place(p->u.func.function_bytecode, node);
        return;
    }
    case JS_GC_OBJ_TYPE_FUNCTION_BYTECODE:
        node->type = SANDTIDE_NODE_CODE;
        walk_name_atom(&node->name, ((JSFunctionBytecode *)gp)->func_name);
        return;
    case JS_GC_OBJ_TYPE_SHAPE:
        node->type = SANDTIDE_NODE_SHAPE;
        walk_name_static(&node->name, "system / Map");
        return;
    case JS_GC_OBJ_TYPE_VAR_REF:
        node->type = SANDTIDE_NODE_OBJECT;
        walk_name_static(&node->name, "system / Context");
        return;
    case JS_GC_OBJ_TYPE_ASYNC_FUNCTION:
        node->type = SANDTIDE_NODE_OBJECT;
        walk_name_static(&node->name, "system / AsyncFunction");
        return;
    case JS_GC_OBJ_TYPE_JS_CONTEXT: {
        JSContext *ctx = (JSContext *)gp;
        Realm *realm = rt->sandtide ? realm_of_context(ctx) : NULL;
        node->type = SANDTIDE_NODE_OBJECT;
        walk_name_static(&node->name, "system / NativeContext");
        /* one whose sandbox the program dropped, or that it disposed of, lives on for what it left
           behind */
        node->detached = realm && (realm->disposed || realm->owns_sandbox) ? 2 : 1;
        return;
    }
    default:
        walk_name_static(&node->name, "system");
    }
}

static void walk_group_node(JSRuntime *rt, uint32_t group, SandtideNode *node)
{
    struct list_head *el;

    node->type = SANDTIDE_NODE_SYNTHETIC;
    walk_name_static(&node->name, group_names[group]);
    switch (group) {
    case SANDTIDE_GROUP_TABLES:
        node->type = SANDTIDE_NODE_NATIVE;
        node->size = walk_tables_size(rt);
        break;
    case SANDTIDE_GROUP_ROOM:
        node->type = SANDTIDE_NODE_NATIVE;
        node->size = walk_room_size(rt);
        break;
    case SANDTIDE_GROUP_JOBS:
        list_for_each(el, &rt->job_list)
            node->size += walk_block(rt, list_entry(el, JSJobEntry, link));
        break;
    }
}

void sandtide_walk_node(JSRuntime *rt, const void *address, uint32_t what, SandtideNode *node)
{
    sandtide_walk_look(rt, address, what, node);
    if (what != SANDTIDE_WHAT_GROUP && !node->known)
        js_rc(address)->sandtide_known = 1;
}

void sandtide_walk_look(JSRuntime *rt, const void *address, uint32_t what, SandtideNode *node)
{
    const JSMallocBlockHeader *b;

    memset(node, 0, sizeof(*node));
    if (what == SANDTIDE_WHAT_GROUP) {
        walk_group_node(rt, (uintptr_t)address / 16, node);
        return;
    }
    b = js_rc(address);
    node->sampled = b->sandtide_sampled;
    /* a block of a realm's region is compared with what it was when the realm was new, and goes with it */
    node->known = b->sandtide_known || (b->block_size_idx == SANDTIDE_REGION_BLOCK &&
                                        b->u.block_idx == JS_ARENA_FREE_NIL);
    switch (what) {
    case SANDTIDE_WHAT_COUNTED:
        walk_counted_node(rt, (JSGCObjectHeader *)(uintptr_t)address, node);
        return;
    case SANDTIDE_WHAT_STRING: {
        JSString *p = (JSString *)(uintptr_t)address;
        node->type = p->atom_type == JS_ATOM_TYPE_SYMBOL || p->atom_type == JS_ATOM_TYPE_GLOBAL_SYMBOL
                         ? SANDTIDE_NODE_SYMBOL
                     : p->kind == JS_STRING_KIND_SLICE ? SANDTIDE_NODE_SLICED : SANDTIDE_NODE_STRING;
        node->size = walk_string_size(rt, p);
        node->name.naming = SANDTIDE_NAME_OWN;
        return;
    }
    case SANDTIDE_WHAT_ROPE:
        node->type = SANDTIDE_NODE_CONCATENATED;
        node->size = walk_block(rt, address);
        node->name.naming = SANDTIDE_NAME_OWN;
        return;
    case SANDTIDE_WHAT_BIGINT:
        node->type = SANDTIDE_NODE_BIGINT;
        node->size = walk_block(rt, address);
        walk_name_static(&node->name, "bigint");
        return;
    case SANDTIDE_WHAT_MODULE:
        node->type = SANDTIDE_NODE_OBJECT;
        node->size = walk_module_size(rt, (JSModuleDef *)(uintptr_t)address);
        walk_name_static(&node->name, "system / SourceTextModule");
        return;
    default:
        node->type = SANDTIDE_NODE_OBJECT;
        node->size = walk_block(rt, address);
        walk_name_static(&node->name, "system / Context");
    }
}

static uint32_t walk_copy(JSString *p, uint16_t *out, uint32_t room)
{
    uint32_t i, count;

    /* the bytes of a regular expression's code are no text */
    if (p->kind == JS_STRING_KIND_INDIRECT)
        return 0;
    count = p->len < room ? p->len : room;
    for (i = 0; i < count; i++)
        out[i] = p->is_wide_char ? str16(p)[i] : str8(p)[i];
    return count;
}

/* Ropes are at most JS_STRING_ROPE_MAX_DEPTH deep, or a little more before they are balanced. */
static uint32_t walk_copy_rope(JSValueConst value, uint16_t *out, uint32_t room, int depth)
{
    uint32_t done;

    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING)
        return walk_copy(JS_VALUE_GET_STRING(value), out, room);
    if (JS_VALUE_GET_TAG(value) != JS_TAG_STRING_ROPE || depth > 4 * JS_STRING_ROPE_MAX_DEPTH)
        return 0;
    done = walk_copy_rope(JS_VALUE_GET_STRING_ROPE(value)->left, out, room, depth + 1);
    if (done < room)
        done += walk_copy_rope(JS_VALUE_GET_STRING_ROPE(value)->right, out + done, room - done,
                               depth + 1);
    return done;
}

uint32_t sandtide_walk_text(JSRuntime *rt, const void *address, uint32_t what, uint16_t *out,
                            uint32_t room, uint32_t *length)
{
    (void)rt;
    if (what == SANDTIDE_WHAT_ROPE) {
        JSStringRope *rope = (JSStringRope *)(uintptr_t)address;
        *length = rope->len;
        return walk_copy_rope(JS_MKPTR(JS_TAG_STRING_ROPE, rope), out, room, 0);
    }
    *length = ((JSString *)(uintptr_t)address)->len;
    return walk_copy((JSString *)(uintptr_t)address, out, room);
}

uint32_t sandtide_walk_atoms(JSRuntime *rt)
{
    return rt->atom_size;
}

uint32_t sandtide_walk_atom(JSRuntime *rt, uint32_t atom, uint16_t *out, uint32_t room,
                            uint32_t *length)
{
    *length = 0;
    if (atom >= (uint32_t)rt->atom_size || atom_is_free(rt->atom_array[atom]))
        return 0;
    return sandtide_walk_text(rt, rt->atom_array[atom], SANDTIDE_WHAT_STRING, out, room, length);
}

uint64_t sandtide_walk_used(JSRuntime *rt)
{
    return rt->malloc_state.malloc_size;
}
