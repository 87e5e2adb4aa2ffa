/* The global object of a contextified realm. It has no properties of its own: each operation looks
   at the sandbox first and then at `inner`, the object with the built-ins. Writes go to the sandbox.

   Lookups of the sandbox go up its prototypes, and accessors run with the sandbox as receiver, so
   both see just what the host's code sees; the sandbox itself, read through the global, is the
   global. Top-level let, const and class never come here: they live in the context's own scope. */

static JSValueConst object_value(JSObject *p)
{
    return JS_MKPTR(JS_TAG_OBJECT, p);
}

/* The sandbox read through the global is the global itself. */
static JSValue seen_from_inside(Realm *realm, JSValue value)
{
    if (JS_IsObject(value) && JS_VALUE_GET_OBJ(value) == realm->sandbox) {
        JSValue global = js_dup(object_value(realm->global));
        JS_FreeValue(realm->ctx, value);
        return global;
    }
    return value;
}

/* Reads a property of `from` or its prototypes. 1: found, 0: there is none, -1: exception. */
static int lookup(JSContext *ctx, JSObject *from, JSAtom name, JSValue *value)
{
    JSObject *p = from;
    JSValueConst receiver = object_value(from);
    int found;

    while (p) {
        JSProperty *pr;
        JSShapeProperty *prs = find_own_property(&pr, p, name);
        if (prs) {
            if (likely((prs->flags & JS_PROP_TMASK) == 0))
                *value = js_dup(pr->u.value);
            else
                *value = JS_GetPropertyInternal(ctx, receiver, name, receiver, false);
            return JS_IsException(*value) ? -1 : 1;
        }
        if (unlikely(p->is_exotic)) {
            found = JS_HasProperty(ctx, receiver, name);
            if (found <= 0)
                return found;
            *value = JS_GetPropertyInternal(ctx, receiver, name, receiver, false);
            return JS_IsException(*value) ? -1 : 1;
        }
        p = p->shape->proto;
    }
    return 0;
}

static int global_lookup(JSContext *ctx, Realm *realm, JSAtom name, JSValue *value)
{
    int found = 0;

    if (realm->sandbox) {
        JSValue held = js_dup(object_value(realm->sandbox));
        found = lookup(ctx, realm->sandbox, name, value);
        if (found > 0)
            *value = seen_from_inside(realm, *value);
        JS_FreeValue(ctx, held);
    }
    if (found == 0 && realm->inner)
        found = lookup(ctx, realm->inner, name, value);
    return found;
}

/* The flags of a property of `from` or its prototypes, as `lookup`. */
static int lookup_flags(JSContext *ctx, JSObject *from, JSAtom name, int *flags, bool *own)
{
    JSObject *p = from;
    JSPropertyDescriptor desc;
    int found;

    *own = true;
    while (p) {
        if (unlikely(p->class_id == JS_CLASS_PROXY)) {
            found = JS_HasProperty(ctx, object_value(p), name);
            *flags = JS_PROP_C_W_E;
            return found;
        }
        found = JS_GetOwnPropertyInternal(ctx, &desc, p, name);
        if (found < 0)
            return -1;
        if (found) {
            *flags = desc.flags;
            js_free_desc(ctx, &desc);
            return 1;
        }
        *own = false;
        p = p->shape->proto;
    }
    return 0;
}

static int throw_read_only(JSContext *ctx, JSAtom name)
{
    char buf[ATOM_GET_STR_BUF_SIZE];

    JS_ThrowTypeError(ctx, "Cannot assign to read only property '%s' of object '#<Object>'",
                      JS_AtomGetStr(ctx, buf, sizeof(buf), name));
    return -1;
}

/* Writes through the global. `contextual`: an assignment to a name, not to a property of the global.
   `strict`: failures throw. Does not take `value`. */
static int global_write(JSContext *ctx, Realm *realm, JSAtom name, JSValueConst value,
                        bool contextual, bool strict)
{
    JSObject *sandbox = realm->sandbox;
    JSProperty *pr;
    JSShapeProperty *prs;
    JSValue held;
    bool on_sandbox, on_inner, own, inner_own, read_only;
    int flags = 0, inner_flags = 0, found, done;

    if (!sandbox) {
        if (!realm->inner)
            return 1;
        return JS_SetPropertyInternal(ctx, object_value(realm->inner), name, js_dup(value),
                                      strict ? JS_PROP_THROW : 0);
    }
    prs = find_own_property(&pr, sandbox, name);
    if (prs && (prs->flags & (JS_PROP_TMASK | JS_PROP_WRITABLE | JS_PROP_LENGTH)) == JS_PROP_WRITABLE) {
        JSProperty *inner_pr;
        JSShapeProperty *inner_prs = find_own_property(&inner_pr, realm->inner, name);
        if (!inner_prs || (inner_prs->flags & JS_PROP_WRITABLE)) {
            set_value(ctx, &pr->u.value, js_dup(value));
            return 1;
        }
    }
    found = lookup_flags(ctx, realm->inner, name, &inner_flags, &inner_own);
    if (found < 0)
        return -1;
    on_inner = found > 0;
    held = js_dup(object_value(sandbox));
    found = lookup_flags(ctx, sandbox, name, &flags, &own);
    if (found < 0) {
        JS_FreeValue(ctx, held);
        return -1;
    }
    on_sandbox = found > 0;
    read_only = (on_inner && !(inner_flags & (JS_PROP_WRITABLE | JS_PROP_GETSET))) ||
                (on_sandbox && !(flags & (JS_PROP_WRITABLE | JS_PROP_GETSET)));
    if (read_only) {
        JS_FreeValue(ctx, held);
        return strict ? throw_read_only(ctx, name) : 1;
    }
    if (!on_inner && !on_sandbox && strict && contextual) {
        JS_FreeValue(ctx, held);
        JS_ThrowReferenceErrorNotDefined(ctx, name);
        return -1;
    }
    done = JS_SetPropertyInternal(ctx, held, name, js_dup(value), 0);
    JS_FreeValue(ctx, held);
    if (done < 0)
        return -1;
    if (!done && realm->inner && !(on_sandbox && (flags & JS_PROP_GETSET))) {
        /* a sandbox that cannot be extended: the context keeps the value for itself */
        done = JS_SetPropertyInternal(ctx, object_value(realm->inner), name, js_dup(value),
                                      strict ? JS_PROP_THROW : 0);
    }
    return done < 0 ? -1 : 1;
}

static Realm *realm_of_global(JSValueConst global)
{
    return JS_VALUE_GET_OBJ(global)->u.opaque;
}

static int global_get_own_property(JSContext *ctx, JSPropertyDescriptor *desc, JSValueConst obj,
                                   JSAtom name)
{
    Realm *realm = realm_of_global(obj);
    int found = 0;

    if (!realm)
        return 0;
    if (realm->sandbox) {
        JSValue held = js_dup(object_value(realm->sandbox));
        found = JS_GetOwnPropertyInternal(ctx, desc, realm->sandbox, name);
        if (found > 0 && desc)
            desc->value = seen_from_inside(realm, desc->value);
        JS_FreeValue(ctx, held);
    }
    if (found == 0 && realm->inner)
        found = JS_GetOwnPropertyInternal(ctx, desc, realm->inner, name);
    return found;
}

static int global_get_own_property_names(JSContext *ctx, JSPropertyEnum **ptab, uint32_t *plen,
                                         JSValueConst obj)
{
    Realm *realm = realm_of_global(obj);
    JSObject *layers[2];
    JSPropertyEnum *tab = NULL, *part;
    uint32_t count = 0, part_count, i;
    int layer;

    *ptab = NULL;
    *plen = 0;
    if (!realm)
        return 0;
    layers[0] = realm->sandbox;
    layers[1] = realm->inner;
    for (layer = 0; layer < 2; layer++) {
        JSPropertyEnum *grown;
        if (!layers[layer])
            continue;
        if (JS_GetOwnPropertyNames(ctx, &part, &part_count, object_value(layers[layer]),
                                   JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK))
            goto fail;
        if (part_count == 0) {
            JS_FreePropertyEnum(ctx, part, part_count);
            continue;
        }
        grown = js_realloc(ctx, tab, (count + part_count) * sizeof(*tab));
        if (!grown) {
            JS_FreePropertyEnum(ctx, part, part_count);
            goto fail;
        }
        tab = grown;
        for (i = 0; i < part_count; i++) {
            JSPropertyDescriptor desc;
            bool seen = false;
            if (layer == 1 && layers[0]) {
                int found = JS_GetOwnPropertyInternal(ctx, &desc, layers[0], part[i].atom);
                if (found > 0) {
                    js_free_desc(ctx, &desc);
                    seen = true;
                } else if (found < 0) {
                    JS_FreeValue(ctx, JS_GetException(ctx));
                }
            }
            if (seen)
                continue;
            tab[count] = part[i];
            tab[count].atom = JS_DupAtom(ctx, part[i].atom);
            count++;
        }
        JS_FreePropertyEnum(ctx, part, part_count);
    }
    *ptab = tab;
    *plen = count;
    return 0;
fail:
    JS_FreePropertyEnum(ctx, tab, count);
    return -1;
}

static int global_delete_property(JSContext *ctx, JSValueConst obj, JSAtom name)
{
    Realm *realm = realm_of_global(obj);

    if (!realm)
        return true;
    if (realm->sandbox) {
        int done = JS_DeleteProperty(ctx, object_value(realm->sandbox), name, 0);
        if (done <= 0)
            return done;
    }
    return realm->inner ? JS_DeleteProperty(ctx, object_value(realm->inner), name, 0) : true;
}

static int global_define_own_property(JSContext *ctx, JSValueConst obj, JSAtom name,
                                      JSValueConst value, JSValueConst getter, JSValueConst setter,
                                      int flags)
{
    Realm *realm = realm_of_global(obj);
    JSPropertyDescriptor desc;
    JSObject *target;
    int found;

    if (!realm || !realm->inner)
        return JS_ThrowTypeErrorOrFalse(ctx, flags, "the context is gone");
    target = realm->sandbox ? realm->sandbox : realm->inner;
    found = JS_GetOwnPropertyInternal(ctx, &desc, realm->inner, name);
    if (found < 0)
        return -1;
    if (found) {
        bool fixed = !(desc.flags & (JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE | JS_PROP_GETSET));
        js_free_desc(ctx, &desc);
        if (fixed)
            target = realm->inner;
    }
    return JS_DefineProperty(ctx, object_value(target), name, value, getter, setter, flags);
}

static int global_has_property(JSContext *ctx, JSValueConst obj, JSAtom name)
{
    Realm *realm = realm_of_global(obj);
    int found = 0;

    if (!realm)
        return 0;
    if (realm->sandbox)
        found = JS_HasProperty(ctx, object_value(realm->sandbox), name);
    if (found == 0 && realm->inner)
        found = JS_HasProperty(ctx, object_value(realm->inner), name);
    return found;
}

static JSValue global_get_property(JSContext *ctx, JSValueConst obj, JSAtom name,
                                   JSValueConst receiver)
{
    Realm *realm = realm_of_global(obj);
    JSValue value;
    int found;

    (void)receiver;
    if (!realm)
        return JS_UNDEFINED;
    found = global_lookup(ctx, realm, name, &value);
    if (found < 0)
        return JS_EXCEPTION;
    return found ? value : JS_UNDEFINED;
}

static int global_set_property(JSContext *ctx, JSValueConst obj, JSAtom name, JSValueConst value,
                               JSValueConst receiver, int flags)
{
    Realm *realm = realm_of_global(obj);
    bool strict = (flags & JS_PROP_THROW) ||
                  ((flags & JS_PROP_THROW_STRICT) && is_strict_mode(ctx));

    if (!realm)
        return true;
    if (!JS_IsObject(receiver) || JS_VALUE_GET_OBJ(receiver) != JS_VALUE_GET_OBJ(obj)) {
        /* an object that inherits from the global: its own property, unless the global's refuses */
        JSPropertyDescriptor desc;
        int found = global_get_own_property(ctx, &desc, obj, name);
        if (found < 0)
            return -1;
        if (found) {
            int desc_flags = desc.flags;
            if ((desc_flags & JS_PROP_GETSET) && !JS_IsUndefined(desc.setter)) {
                JSValue ret = JS_Call(ctx, desc.setter, receiver, 1, &value);
                js_free_desc(ctx, &desc);
                if (JS_IsException(ret))
                    return -1;
                JS_FreeValue(ctx, ret);
                return true;
            }
            js_free_desc(ctx, &desc);
            if (!(desc_flags & JS_PROP_WRITABLE))
                return strict ? throw_read_only(ctx, name) : false;
        }
        if (!JS_IsObject(receiver))
            return false;
        return JS_DefinePropertyValue(ctx, receiver, name, js_dup(value),
                                      JS_PROP_C_W_E | (strict ? JS_PROP_THROW : 0));
    }
    return global_write(ctx, realm, name, value, false, strict);
}

static void global_finalizer(JSRuntime *rt, JSValueConst obj)
{
    Realm *realm = realm_of_global(obj);
    JSObject *inner, *sandbox;

    if (!realm)
        return;
    inner = realm->inner;
    sandbox = realm->sandbox;
    realm->inner = NULL;
    realm->global = NULL;
    if (rt->sandtide->releasing) {
        /* the rest is the releaser's */
        JS_FreeValueRT(rt, object_value(inner));
        return;
    }
    if (realm->block)
        realm->block->dropped = true;
    if (sandbox) {
        JSContext *ctx = realm->ctx;
        realm->sandbox = NULL;
        sandbox->sandtide_realm = 0;
        rt->sandtide->collected++;
        if (realm->owns_sandbox)
            JS_FreeValueRT(rt, object_value(sandbox));
        JS_FreeContext(ctx);
    }
    JS_FreeValueRT(rt, object_value(inner));
    realm_forget(realm);
}

static void global_mark(JSRuntime *rt, JSValueConst obj, JS_MarkFunc *mark_func)
{
    Realm *realm = realm_of_global(obj);

    if (!realm)
        return;
    if (realm->inner)
        mark_func(rt, &realm->inner->header);
    if (realm->sandbox && realm->owns_sandbox)
        mark_func(rt, &realm->sandbox->header);
}

static const JSClassExoticMethods global_exotic = {
    .get_own_property = global_get_own_property,
    .get_own_property_names = global_get_own_property_names,
    .delete_property = global_delete_property,
    .define_own_property = global_define_own_property,
    .has_property = global_has_property,
    .get_property = global_get_property,
    .set_property = global_set_property,
};

static const JSClassDef global_class = {
    "Object",
    .finalizer = global_finalizer,
    .gc_mark = global_mark,
    .exotic = (JSClassExoticMethods *)&global_exotic,
};

static JSValue sandtide_get_global(JSContext *ctx, JSAtom name, bool throw_ref_error)
{
    Realm *realm = realm_of_context(ctx);
    JSValue value;
    int found = realm ? global_lookup(ctx, realm, name, &value) : 0;

    if (found < 0)
        return JS_EXCEPTION;
    if (found)
        return value;
    return throw_ref_error ? JS_ThrowReferenceErrorNotDefined(ctx, name) : JS_UNDEFINED;
}

static int sandtide_set_global(JSContext *ctx, JSAtom name, JSValue value)
{
    Realm *realm = realm_of_context(ctx);
    int done = realm ? global_write(ctx, realm, name, value, true, is_strict_mode(ctx)) : 1;

    JS_FreeValue(ctx, value);
    return done < 0 ? -1 : 0;
}

static int sandtide_check_define_global(JSContext *ctx, JSAtom name, int flags)
{
    JSValueConst global = ctx->global_obj;
    JSPropertyDescriptor desc;
    int found;

    if (flags & DEFINE_GLOBAL_LEX_VAR) {
        found = global_get_own_property(ctx, &desc, global, name);
        if (found < 0)
            return -1;
        if (found) {
            bool fixed = !(desc.flags & JS_PROP_CONFIGURABLE);
            js_free_desc(ctx, &desc);
            if (fixed)
                goto redeclaration;
        }
    }
    if (find_own_property1(JS_VALUE_GET_OBJ(ctx->global_var_obj), name)) {
    redeclaration:
        JS_ThrowSyntaxErrorVarRedeclaration(ctx, name);
        return -1;
    }
    return 0;
}

static int sandtide_define_global_var(JSContext *ctx, JSAtom name, int flags)
{
    JSPropertyDescriptor desc;
    int found = global_get_own_property(ctx, &desc, ctx->global_obj, name);

    (void)flags;
    if (found < 0)
        return -1;
    if (found) {
        js_free_desc(ctx, &desc);
        return 0;
    }
    return JS_DefineProperty(ctx, ctx->global_obj, name, JS_UNDEFINED, JS_UNDEFINED, JS_UNDEFINED,
                             JS_PROP_HAS_VALUE | JS_PROP_C_W_E | JS_PROP_HAS_CONFIGURABLE |
                                 JS_PROP_HAS_WRITABLE | JS_PROP_HAS_ENUMERABLE) < 0 ? -1 : 0;
}

static int sandtide_define_global_function(JSContext *ctx, JSAtom name, JSValueConst func, int flags)
{
    Realm *realm = realm_of_context(ctx);
    JSPropertyDescriptor desc;
    int found, define = JS_PROP_HAS_VALUE | JS_PROP_THROW;

    (void)flags;
    if (!realm)
        return 0;
    found = global_get_own_property(ctx, &desc, ctx->global_obj, name);
    if (found < 0)
        return -1;
    if (found) {
        int was = desc.flags;
        js_free_desc(ctx, &desc);
        if (!(was & JS_PROP_CONFIGURABLE))
            return global_write(ctx, realm, name, func, false, true) < 0 ? -1 : 0;
    }
    define |= JS_PROP_C_W_E | JS_PROP_HAS_CONFIGURABLE | JS_PROP_HAS_WRITABLE |
              JS_PROP_HAS_ENUMERABLE;
    return JS_DefineProperty(ctx, ctx->global_obj, name, func, JS_UNDEFINED, JS_UNDEFINED,
                             define) < 0 ? -1 : 0;
}
