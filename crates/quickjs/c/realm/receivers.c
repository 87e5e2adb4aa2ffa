/* What the function of a stack's frame was called on, as Node shows it: `Shop.open`, `Array.map`,
   `Object.named [as other]`. Asks shapes only: no JavaScript runs while a stack is written. */

/* A name of a property or a class, cut to this many bytes. */
#define RECEIVER_NAME_MAX 96
/* More properties than these are not looked through for the name that a function has on its receiver. */
#define RECEIVER_PROPERTIES_MAX 512
#define RECEIVER_CHAIN_MAX 64

typedef struct ReceiverName {
    char text[RECEIVER_NAME_MAX];
} ReceiverName;

static void set_text(ReceiverName *name, const char *text)
{
    snprintf(name->text, sizeof(name->text), "%s", text);
}

/* The value of an own property that holds one; undefined if there is none such. */
static JSValueConst own_plain_value(JSObject *p, JSAtom name)
{
    JSProperty *pr;
    JSShapeProperty *prs = find_own_property(&pr, p, name);

    return prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_NORMAL ? pr->u.value : JS_UNDEFINED;
}

/* The same, also of an object's prototypes. */
static JSValueConst plain_value(JSObject *p, JSAtom name)
{
    JSProperty *pr;
    JSShapeProperty *prs;
    int steps;

    for (steps = 0; p && p->class_id != JS_CLASS_PROXY && steps < RECEIVER_CHAIN_MAX; steps++) {
        prs = find_own_property(&pr, p, name);
        if (prs)
            return (prs->flags & JS_PROP_TMASK) == JS_PROP_NORMAL ? pr->u.value : JS_UNDEFINED;
        p = p->shape->proto;
    }
    return JS_UNDEFINED;
}

static bool is_function_object(const JSObject *p)
{
    return js_class_has_bytecode(p->class_id) || p->class_id == JS_CLASS_C_FUNCTION ||
           p->class_id == JS_CLASS_C_FUNCTION_DATA || p->class_id == JS_CLASS_BOUND_FUNCTION;
}

static bool copy_text(JSContext *ctx, ReceiverName *name, JSValueConst text)
{
    const char *s;

    if (JS_VALUE_GET_TAG(text) != JS_TAG_STRING || JS_VALUE_GET_STRING(text)->len == 0)
        return false;
    s = JS_ToCString(ctx, text);
    if (!s) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return false;
    }
    set_text(name, s);
    JS_FreeCString(ctx, s);
    return true;
}

static bool function_name(JSContext *ctx, ReceiverName *name, JSObject *function)
{
    return copy_text(ctx, name, own_plain_value(function, JS_ATOM_name));
}

/* An object's Symbol.toStringTag; that of a built-in may be made only when it is asked for. */
static bool copy_tag(JSContext *ctx, ReceiverName *kind, JSObject *p)
{
    JSProperty *pr;
    JSShapeProperty *prs = p->class_id == JS_CLASS_OBJECT ? find_own_property(&pr, p, JS_ATOM_Symbol_toStringTag) : NULL;

    if (prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT && js_autoinit_get_id(pr) == JS_AUTOINIT_ID_PROP) {
        const JSCFunctionListEntry *entry = pr->u.init.opaque;
        if (entry->def_type != JS_DEF_PROP_STRING)
            return false;
        set_text(kind, entry->u.str);
        return true;
    }
    return copy_text(ctx, kind, plain_value(p, JS_ATOM_Symbol_toStringTag));
}

/* The kind of an object: the name of its constructor, which is looked for from `start` on, or what says so in its
   place. */
static void object_kind(JSContext *ctx, ReceiverName *kind, JSObject *p, JSObject *start)
{
    JSValueConst constructor = plain_value(start, JS_ATOM_constructor);
    ReceiverName name;
    bool named, derived = false;

    set_text(kind, "Object");
    if (p->class_id == JS_CLASS_PROXY) {
        set_text(kind, "Proxy");
        return;
    }
    if (is_function_object(p)) {
        if (!function_name(ctx, kind, p))
            set_text(kind, "Function");
        return;
    }
    named = JS_IsObject(constructor) && is_function_object(JS_VALUE_GET_OBJ(constructor)) &&
            function_name(ctx, &name, JS_VALUE_GET_OBJ(constructor));
    if (named) {
        JSObject *parent = JS_VALUE_GET_OBJ(constructor)->shape->proto;
        derived = parent && js_class_has_bytecode(parent->class_id) && parent->is_constructor;
    }
    if (named && !derived && strcmp(name.text, "Object") != 0)
        *kind = name;
    else if (!copy_tag(ctx, kind, p) && named)
        *kind = name;
}

/* A name that is no identifier (`get x`, `#x`, `[Symbol.iterator]`, `a.b`) is shown alone. */
static bool is_identifier(const char *name)
{
    const uint8_t *p = (const uint8_t *)name;

    if (*p >= '0' && *p <= '9')
        return false;
    for (; *p; p++) {
        if (*p < 0x80 && !(*p >= '0' && *p <= '9') && !(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
            *p != '_' && *p != '$')
            return false;
    }
    return true;
}

/* False: there is nothing that it was called on, or the global. */
static bool receiver_kind(JSContext *ctx, ReceiverName *kind, JSValueConst receiver)
{
    const char *word = NULL;
    struct list_head *el;
    JSObject *p;

    switch (JS_VALUE_GET_NORM_TAG(receiver)) {
    case JS_TAG_OBJECT:
        p = JS_VALUE_GET_OBJ(receiver);
        list_for_each(el, &ctx->rt->context_list) {
            JSContext *realm = list_entry(el, JSContext, link);
            if (JS_VALUE_GET_TAG(realm->global_obj) == JS_TAG_OBJECT && JS_VALUE_GET_OBJ(realm->global_obj) == p)
                return false;
        }
        object_kind(ctx, kind, p, p);
        return true;
    case JS_TAG_INT:
    case JS_TAG_FLOAT64:
        word = "Number";
        break;
    case JS_TAG_STRING:
    case JS_TAG_STRING_ROPE:
        word = "String";
        break;
    case JS_TAG_BOOL:
        word = "Boolean";
        break;
    case JS_TAG_SYMBOL:
        word = "Symbol";
        break;
    case JS_TAG_SHORT_BIG_INT:
    case JS_TAG_BIG_INT:
        word = "BigInt";
        break;
    }
    if (word)
        set_text(kind, word);
    return word != NULL;
}

static bool is_held_by(const JSProperty *pr, const JSShapeProperty *prs, const JSObject *function)
{
    switch (prs->flags & JS_PROP_TMASK) {
    case JS_PROP_NORMAL:
        return JS_IsObject(pr->u.value) && JS_VALUE_GET_OBJ(pr->u.value) == function;
    case JS_PROP_GETSET:
        return pr->u.getset.getter == function || pr->u.getset.setter == function;
    }
    return false;
}

/* The one name that a function has on its receiver; empty if that is none, or nobody can say which. */
static void method_name(JSContext *ctx, ReceiverName *method, JSValueConst receiver, JSObject *function)
{
    JSAtom found = JS_ATOM_NULL;
    JSObject *p;
    char buf[ATOM_GET_STR_BUF_SIZE];
    uint32_t i, looked_at = 0;
    int steps = 0;

    method->text[0] = '\0';
    if (!JS_IsObject(receiver))
        return;
    for (p = JS_VALUE_GET_OBJ(receiver); p && p->class_id != JS_CLASS_PROXY && steps < RECEIVER_CHAIN_MAX;
         p = p->shape->proto, steps++) {
        JSShapeProperty *prs = get_shape_prop(p->shape);
        for (i = 0; i < p->shape->prop_count; i++) {
            if (looked_at++ > RECEIVER_PROPERTIES_MAX)
                return;
            if (prs[i].atom == JS_ATOM_NULL || !is_held_by(&p->prop[i], &prs[i], function))
                continue;
            if (found != JS_ATOM_NULL && found != prs[i].atom)
                return;
            found = prs[i].atom;
        }
    }
    if (found != JS_ATOM_NULL && JS_AtomGetKind(ctx, found) == JS_ATOM_KIND_STRING)
        set_text(method, JS_AtomGetStr(ctx, buf, sizeof(buf), found));
}

static bool is_named_so(JSContext *ctx, JSValueConst receiver, const char *name, JSObject *function)
{
    JSProperty *pr;
    JSShapeProperty *prs = NULL;
    JSObject *p = JS_IsObject(receiver) ? JS_VALUE_GET_OBJ(receiver) : NULL;
    JSAtom atom = JS_NewAtom(ctx, name);
    int steps;

    if (atom == JS_ATOM_NULL) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return false;
    }
    for (steps = 0; p && p->class_id != JS_CLASS_PROXY && steps < RECEIVER_CHAIN_MAX; steps++) {
        prs = find_own_property(&pr, p, atom);
        if (prs)
            break;
        p = p->shape->proto;
    }
    JS_FreeAtom(ctx, atom);
    return prs && is_held_by(pr, prs, function);
}

/* `name` ends with the method's, as a word of its own. */
static bool ends_with_method(const char *name, const char *method)
{
    size_t length = strlen(name), tail = strlen(method);

    if (length < tail || strcmp(name + length - tail, method) != 0)
        return false;
    return length == tail || name[length - tail - 1] == '.' || name[length - tail - 1] == ' ';
}

/* A module of the host's: its frames are shown as those of functions. */
static bool is_of_host(JSContext *ctx, const JSFunctionBytecode *code)
{
    char buf[ATOM_GET_STR_BUF_SIZE];

    return strncmp(JS_AtomGetStr(ctx, buf, sizeof(buf), code->filename), "node:", 5) == 0;
}

/* The name of the code that initializes a class or its objects, as patches/places/fields.patch gives it. */
static bool is_initializer(const char *name)
{
    return strcmp(name, "<static_initializer>") == 0 || strcmp(name, "<instance_members_initializer>") == 0;
}

/* Writes how a frame's function is called: with what it was called on, where `code` is no module of the host's.
   False: it has no name. */
static bool put_frame_name(JSContext *ctx, DynBuf *out, const JSStackFrame *frame, const JSFunctionBytecode *code,
                           JSValueConst receiver, const char *name)
{
    bool from_string = code && code->sandtide_eval_origin != JS_ATOM_NULL;
    bool named = name && name[0] && (name[0] != '<' || is_initializer(name));
    JSObject *function = JS_VALUE_GET_OBJ(frame->cur_func);
    ReceiverName kind, method;
    bool own;

    if (from_string && (!named || is_made_by_function(ctx, code))) {
        name = "eval";
        named = true;
    }
    if (frame->is_constructor) {
        if (named)
            dbuf_printf(out, "new %s", name);
        return named;
    }
    own = code && is_of_host(ctx, code);
    if (own || (named && !is_identifier(name)) || (from_string && code->func_name == JS_ATOM__eval_) ||
        !receiver_kind(ctx, &kind, receiver)) {
        if (named)
            dbuf_putstr(out, name);
        return named;
    }
    if (named) {
        if (strcmp(name, kind.text) != 0)
            dbuf_printf(out, "%s.", kind.text);
        dbuf_putstr(out, name);
        if (is_named_so(ctx, receiver, name, function))
            return true;
        method_name(ctx, &method, receiver, function);
        if (method.text[0] && !ends_with_method(name, method.text))
            dbuf_printf(out, " [as %s]", method.text);
    } else {
        method_name(ctx, &method, receiver, function);
        dbuf_printf(out, "%s.%s", kind.text, method.text[0] ? method.text : "<anonymous>");
    }
    return true;
}
