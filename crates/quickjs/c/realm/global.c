/* The global object of a contextified realm. It has no properties of its own; each operation looks at
   the sandbox first and then at what the context has for itself: the built-ins (`inner`) and what its
   scripts declared or assigned (`declared`). Assignments go to the sandbox and are kept in the
   context as well, as in Node: a name that a script assigned outlives its removal by the host.

   Reads of the sandbox go up its prototypes, and accessors run with the sandbox as receiver.
   Only the sandbox's own properties tell whether a name exists. The sandbox itself, read through
   the global, is the global. Top-level let, const and class never come here: they live in the
   context's own scope.

   What it costs: a read is one lookup for each object on the sandbox's chain until the name is found,
   and two more for a built-in; an assignment is a lookup in the sandbox and one in `declared`. */

static int throw_read_only(JSContext *ctx, JSAtom name)
{
    char buf[ATOM_GET_STR_BUF_SIZE];

    JS_ThrowTypeError(ctx, "Cannot assign to read only property '%s' of object '[object Object]'",
                      JS_AtomGetStr(ctx, buf, sizeof(buf), name));
    return -1;
}

static JSObject *declared_names(Realm *realm)
{
    JSValue object;

    if (!realm->declared) {
        object = JS_NewObjectProto(realm->ctx, JS_NULL);
        if (JS_IsException(object))
            return NULL;
        realm->declared = JS_VALUE_GET_OBJ(object);
    }
    return realm->declared;
}

/* Writes to an accessor that `holder`, `declared` or `inner`, has. It runs with the global as receiver: no
   script gets to see where a context keeps its names. 1: written, 0: it has no setter, -1: exception. */
static int call_own_setter(JSContext *ctx, Realm *realm, JSObject *holder, JSAtom name, JSValueConst value,
                           bool strict)
{
    char buf[ATOM_GET_STR_BUF_SIZE];
    JSValue setter, global, ret;
    JSProperty *pr;

    find_own_property(&pr, holder, name);
    if (!pr->u.getset.setter) {
        if (!strict)
            return 0;
        JS_ThrowTypeError(ctx, "Cannot set property %s of [object Object] which has only a getter",
                          JS_AtomGetStr(ctx, buf, sizeof(buf), name));
        return -1;
    }
    setter = js_dup(object_value(pr->u.getset.setter));
    global = realm->global ? js_dup(object_value(realm->global)) : JS_UNDEFINED;
    ret = JS_Call(ctx, setter, global, 1, &value);
    JS_FreeValue(ctx, global);
    JS_FreeValue(ctx, setter);
    if (JS_IsException(ret))
        return -1;
    JS_FreeValue(ctx, ret);
    return 1;
}

/* Keeps a value in the context itself. 0: the name is one that cannot be written. */
static int store_own(JSContext *ctx, Realm *realm, JSAtom name, JSValueConst value, int flags,
                     bool strict)
{
    int was, done;
    JSObject *holder = own_holder(realm, name, &was);
    JSValue held;

    if (holder && (was & JS_PROP_TMASK) == 0 && !(was & JS_PROP_WRITABLE))
        return strict ? throw_read_only(ctx, name) : 0;
    if (holder && (was & JS_PROP_TMASK) == JS_PROP_GETSET)
        return call_own_setter(ctx, realm, holder, name, value, strict);
    if (!holder) {
        holder = declared_names(realm);
        if (!holder)
            return -1;
        return JS_DefinePropertyValue(ctx, object_value(holder), name, js_dup(value), flags) < 0 ? -1 : 1;
    }
    held = js_dup(object_value(holder));
    done = JS_SetPropertyInternal(ctx, held, name, js_dup(value), 0);
    JS_FreeValue(ctx, held);
    return done < 0 ? -1 : 1;
}

/* The object from which the global inherits a name that the context has not for itself, with its flags; NULL:
   none. What a proxy or another context's global would answer is not known without asking it. */
static JSObject *inherited_from(JSContext *ctx, Realm *realm, JSAtom name, int *flags)
{
    JSObject *p = realm->global ? realm->global->shape->proto : NULL;
    JSShapeProperty *prs;

    for (; p && p->class_id != JS_CLASS_PROXY && !is_contextified_global(ctx, p); p = p->shape->proto) {
        prs = find_own_property1(p, name);
        if (prs) {
            *flags = prs->flags;
            return p;
        }
    }
    return NULL;
}

static bool is_read_only(int flags)
{
    return (flags & JS_PROP_TMASK) == 0 && !(flags & JS_PROP_WRITABLE);
}

/* What is left of a write once the sandbox has it: the context keeps the value too, or the setter takes it that
   the global inherits (that of `__proto__`, above all). */
static int keep_written(JSContext *ctx, Realm *realm, JSAtom name, JSValueConst value, bool strict)
{
    int flags;
    JSObject *from = own_holder(realm, name, &flags) ? NULL : inherited_from(ctx, realm, name, &flags);

    if (from && (flags & JS_PROP_TMASK) == JS_PROP_GETSET)
        return call_own_setter(ctx, realm, from, name, value, strict);
    return store_own(ctx, realm, name, value, JS_PROP_C_W_E, strict);
}

/* Writes through the global. `contextual`: an assignment to a name, not to a property of the global.
   `strict`: failures throw. 1: written, 0: refused, -1: exception. Does not take `value`. */
static int global_write(JSContext *ctx, Realm *realm, JSAtom name, JSValueConst value,
                        bool contextual, bool strict)
{
    JSObject *sandbox = realm->sandbox;
    JSProperty *pr;
    JSShapeProperty *prs;
    JSObject *holder;
    JSValue held;
    bool own = false, settable = true, on_sandbox;
    int flags = 0, own_flags = 0, found, done;

    if (!realm->inner)
        return 1;
    /* `holder`: where the name is known beside the sandbox */
    holder = own_holder(realm, name, &own_flags);
    if (!holder)
        holder = inherited_from(ctx, realm, name, &own_flags);
    if (holder && is_read_only(own_flags))
        return strict ? throw_read_only(ctx, name) : 0;
    if (!sandbox)
        return keep_written(ctx, realm, name, value, strict);
    prs = find_own_property(&pr, sandbox, name);
    if (prs && (prs->flags & (JS_PROP_TMASK | JS_PROP_WRITABLE | JS_PROP_LENGTH)) == JS_PROP_WRITABLE) {
        set_value(ctx, &pr->u.value, js_dup(value));
        return keep_written(ctx, realm, name, value, strict);
    }
    held = js_dup(object_value(sandbox));
    found = sandbox_flags(ctx, sandbox, name, &flags, &own, &settable);
    if (found < 0)
        goto fail;
    on_sandbox = found > 0;
    if (on_sandbox && !(flags & (JS_PROP_WRITABLE | JS_PROP_GETSET))) {
        JS_FreeValue(ctx, held);
        if (own && !holder) {
            /* in Node the write ends in a definition, which is refused */
            if (strict)
                JS_ThrowTypeErrorAtom(ctx, "Cannot redefine property: %s", name);
            return strict ? -1 : false;
        }
        if (!own && !holder && strict && contextual) {
            JS_ThrowReferenceErrorNotDefined(ctx, name);
            return -1;
        }
        return keep_written(ctx, realm, name, value, strict);
    }
    if (!holder && (!on_sandbox || (!own && !settable)) && strict && contextual) {
        JS_FreeValue(ctx, held);
        JS_ThrowReferenceErrorNotDefined(ctx, name);
        return -1;
    }
    if (!holder && !on_sandbox && JS_AtomGetKind(ctx, name) != JS_ATOM_KIND_STRING) {
        JS_FreeValue(ctx, held);
        return keep_written(ctx, realm, name, value, strict);
    }
    done = JS_SetPropertyInternal(ctx, held, name, js_dup(value), 0);
    if (done < 0)
        goto fail;
    if (on_sandbox && own && (flags & JS_PROP_GETSET)) {
        JS_FreeValue(ctx, held);
        return 1;
    }
    /* a trap that refuses to set may still let define */
    if (!done && sandbox->class_id == JS_CLASS_PROXY &&
        JS_DefinePropertyValue(ctx, held, name, js_dup(value), JS_PROP_C_W_E) < 0)
        goto fail;
    JS_FreeValue(ctx, held);
    return keep_written(ctx, realm, name, value, strict);
fail:
    JS_FreeValue(ctx, held);
    return -1;
}

static Realm *realm_of_global(JSValueConst global)
{
    return JS_VALUE_GET_OBJ(global)->u.opaque;
}

/* A global's sandbox may be another context's global, and so on. */
static bool is_too_deep(JSContext *ctx)
{
    if (likely(!js_check_stack_overflow(ctx->rt, 0)))
        return false;
    JS_ThrowStackOverflow(ctx);
    return true;
}

static int global_get_own_property(JSContext *ctx, JSPropertyDescriptor *desc, JSValueConst obj,
                                   JSAtom name)
{
    Realm *realm = realm_of_global(obj);
    JSObject *holder;
    int found = 0, flags;

    if (!realm)
        return 0;
    if (is_too_deep(ctx))
        return -1;
    if (realm->sandbox) {
        JSValue held = js_dup(object_value(realm->sandbox));
        found = JS_GetOwnPropertyInternal(ctx, desc, realm->sandbox, name);
        if (found > 0 && desc)
            desc->value = seen_from_inside(realm, desc->value);
        JS_FreeValue(ctx, held);
        if (found)
            return found;
    }
    holder = own_holder(realm, name, &flags);
    return holder ? JS_GetOwnPropertyInternal(ctx, desc, holder, name) : 0;
}

/* Puts names that are array indices before all others, ascending: those of the first `declared` names, and
   then those that only the sandbox has, as Node lists them. */
static void indices_first(JSContext *ctx, JSPropertyEnum *tab, uint32_t count, uint32_t declared)
{
    uint32_t i, j, n = 0, first = 0, index, other;

    for (i = 0; i < count; i++) {
        JSPropertyEnum entry = tab[i];
        if (i == declared)
            first = n;
        if (!JS_AtomIsArrayIndex(ctx, &index, entry.atom))
            continue;
        for (j = n; j > first && JS_AtomIsArrayIndex(ctx, &other, tab[j - 1].atom) && other > index; j--)
            ;
        memmove(&tab[j + 1], &tab[j], (i - j) * sizeof(*tab));
        tab[j] = entry;
        n++;
    }
}

static int global_get_own_property_names(JSContext *ctx, JSPropertyEnum **ptab, uint32_t *plen,
                                         JSValueConst obj)
{
    Realm *realm = realm_of_global(obj);
    JSObject *layers[3];
    JSPropertyEnum *tab = NULL, *part;
    JSValue held[3];
    uint32_t count = 0, declared = 0, part_count, i;
    int layer, flags;

    *ptab = NULL;
    *plen = 0;
    if (!realm)
        return 0;
    if (is_too_deep(ctx))
        return -1;
    layers[0] = realm->declared;
    layers[1] = realm->sandbox;
    layers[2] = realm->inner;
    for (layer = 0; layer < 3; layer++)
        held[layer] = layers[layer] ? js_dup(object_value(layers[layer])) : JS_UNDEFINED;
    for (layer = 0; layer < 3; layer++) {
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
            bool seen = layer > 0 && own_holder(realm, part[i].atom, &flags) == layers[0] && layers[0];
            if (layer == 2 && layers[1] && !seen) {
                int found = JS_GetOwnPropertyInternal(ctx, NULL, layers[1], part[i].atom);
                if (found < 0)
                    JS_FreeValue(ctx, JS_GetException(ctx));
                seen = found > 0;
            }
            if (seen)
                continue;
            tab[count] = part[i];
            tab[count].atom = JS_DupAtom(ctx, part[i].atom);
            count++;
        }
        JS_FreePropertyEnum(ctx, part, part_count);
        if (layer == 0)
            declared = count;
    }
    for (layer = 0; layer < 3; layer++)
        JS_FreeValue(ctx, held[layer]);
    indices_first(ctx, tab, count, declared);
    *ptab = tab;
    *plen = count;
    return 0;
fail:
    for (layer = 0; layer < 3; layer++)
        JS_FreeValue(ctx, held[layer]);
    JS_FreePropertyEnum(ctx, tab, count);
    return -1;
}

static int global_delete_property(JSContext *ctx, JSValueConst obj, JSAtom name)
{
    Realm *realm = realm_of_global(obj);
    JSObject *holder;
    int flags;

    if (!realm)
        return true;
    if (is_too_deep(ctx))
        return -1;
    if (realm->sandbox) {
        JSValue held = js_dup(object_value(realm->sandbox));
        int done = JS_DeleteProperty(ctx, held, name, 0);
        JS_FreeValue(ctx, held);
        if (done <= 0)
            return done;
    }
    holder = own_holder(realm, name, &flags);
    return holder ? JS_DeleteProperty(ctx, object_value(holder), name,
                                      is_strict_mode(ctx) ? JS_PROP_THROW : 0)
                  : true;
}

/* Defines on the sandbox, and keeps the same in the context. A property that the sandbox has and
   does not let be redefined is refused. Where the sandbox takes nothing new, only the context
   has the property. */
static int global_define_own_property(JSContext *ctx, JSValueConst obj, JSAtom name,
                                      JSValueConst value, JSValueConst getter, JSValueConst setter,
                                      int flags)
{
    Realm *realm = realm_of_global(obj);
    JSObject *holder;
    JSValue held;
    int was, done, had;

    if (!realm || !realm->inner)
        return JS_ThrowTypeErrorOrFalse(ctx, flags, "the context is gone");
    if (is_too_deep(ctx))
        return -1;
    holder = own_holder(realm, name, &was);
    if (!realm->sandbox ||
        (holder && (was & JS_PROP_TMASK) == 0 && !(was & (JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE))))
        return JS_DefineProperty(ctx, object_value(holder ? holder : realm->inner), name, value,
                                 getter, setter, flags);
    held = js_dup(object_value(realm->sandbox));
    had = JS_GetOwnPropertyInternal(ctx, NULL, realm->sandbox, name);
    done = had < 0 ? -1
                   : JS_DefineProperty(ctx, held, name, value, getter, setter,
                                       had ? flags : flags & ~(JS_PROP_THROW | JS_PROP_THROW_STRICT));
    JS_FreeValue(ctx, held);
    if (done < 0)
        return done;
    /* again: a trap may have declared the name, or disposed of the context */
    holder = own_holder(realm, name, &was);
    if (had) {
        /* what the context keeps of it follows, so that it can be written if the sandbox's can */
        if (done > 0 && holder && holder == realm->declared &&
            JS_DefineProperty(ctx, object_value(holder), name, value, getter, setter,
                              flags & ~(JS_PROP_THROW | JS_PROP_THROW_STRICT)) < 0)
            return -1;
        return done;
    }
    if (!holder)
        holder = declared_names(realm);
    if (!holder)
        return -1;
    return JS_DefineProperty(ctx, object_value(holder), name, value, getter, setter, flags);
}

static int global_has_property(JSContext *ctx, JSValueConst obj, JSAtom name)
{
    Realm *realm = realm_of_global(obj);
    JSValue held;
    int found, flags;

    if (!realm || !realm->global)
        return 0;
    if (is_too_deep(ctx))
        return -1;
    if (realm->sandbox && realm->sandbox->class_id != JS_CLASS_PROXY) {
        held = js_dup(object_value(realm->sandbox));
        if (is_contextified_global(ctx, realm->sandbox))
            found = real_holder(realm->sandbox, name) != NULL;
        else
            found = JS_GetOwnPropertyInternal(ctx, NULL, realm->sandbox, name);
        JS_FreeValue(ctx, held);
        if (found)
            return found;
    }
    if (own_holder(realm, name, &flags))
        return 1;
    if (!realm->global || !realm->global->shape->proto)
        return 0;
    held = js_dup(object_value(realm->global->shape->proto));
    found = JS_HasProperty(ctx, held, name);
    JS_FreeValue(ctx, held);
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
    if (is_too_deep(ctx))
        return JS_EXCEPTION;
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
    if (is_too_deep(ctx))
        return -1;
    if (!JS_IsObject(receiver) || JS_VALUE_GET_OBJ(receiver) != JS_VALUE_GET_OBJ(obj)) {
        /* an object that inherits from the global: its own property, unless the global's refuses; as in Node,
           no setter of a context runs for it */
        JSPropertyDescriptor desc;
        int found = global_get_own_property(ctx, &desc, obj, name);
        if (found < 0)
            return -1;
        if (found) {
            int desc_flags = desc.flags;
            js_free_desc(ctx, &desc);
            if (!(desc_flags & (JS_PROP_WRITABLE | JS_PROP_GETSET)))
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
        /* release.c frees the rest */
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
    } else if (realm->holds_handle) {
        rt->sandtide->collected++;
        JS_FreeContext(realm->ctx);
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
    if (realm->holds_handle)
        mark_func(rt, &realm->ctx->header);
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

/* Before any of a script runs: are its declarations compatible with what is there? */
static int sandtide_check_define_global(JSContext *ctx, JSAtom name, int flags)
{
    Realm *realm = realm_of_context(ctx);
    JSPropertyDescriptor desc;
    const int visible = JS_PROP_WRITABLE | JS_PROP_ENUMERABLE;
    int was, found;

    if (find_own_property1(JS_VALUE_GET_OBJ(ctx->global_var_obj), name))
        goto redeclaration;
    if (!realm)
        return 0;
    if ((flags & DEFINE_GLOBAL_FUNC_VAR) && own_holder(realm, name, &was) && !(was & JS_PROP_CONFIGURABLE) &&
        ((was & JS_PROP_TMASK) == JS_PROP_GETSET || (was & visible) != visible))
        return sandtide_refuse_function(ctx, name);
    if (flags & DEFINE_GLOBAL_LEX_VAR) {
        if (own_holder(realm, name, &was) && !(was & JS_PROP_CONFIGURABLE))
            goto redeclaration;
    } else if ((flags & DEFINE_GLOBAL_FUNC_VAR) && realm->sandbox &&
               realm->sandbox->class_id != JS_CLASS_PROXY) {
        found = JS_GetOwnPropertyInternal(ctx, &desc, realm->sandbox, name);
        if (found < 0)
            return -1;
        if (found) {
            was = desc.flags;
            js_free_desc(ctx, &desc);
            if (!(was & (JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE | JS_PROP_GETSET)))
                goto redeclaration;
        }
    }
    return 0;
redeclaration:
    JS_ThrowSyntaxErrorVarRedeclaration(ctx, name);
    return -1;
}

/* A var is the context's own until it is assigned: the sandbox has it from then on. */
static int sandtide_define_global_var(JSContext *ctx, JSAtom name, int flags)
{
    Realm *realm = realm_of_context(ctx);
    int was;

    if (!realm || own_holder(realm, name, &was))
        return 0;
    return store_own(ctx, realm, name, JS_UNDEFINED,
                     JS_PROP_WRITABLE | JS_PROP_ENUMERABLE | (flags & JS_PROP_CONFIGURABLE), false) < 0
               ? -1 : 0;
}

static int sandtide_define_global_function(JSContext *ctx, JSAtom name, JSValueConst func, int flags)
{
    Realm *realm = realm_of_context(ctx);
    JSObject *holder;
    JSValue held;
    bool own, settable;
    int found, was = 0, done;

    if (!realm)
        return 0;
    if (realm->sandbox) {
        held = js_dup(object_value(realm->sandbox));
        found = sandbox_flags(ctx, realm->sandbox, name, &was, &own, &settable);
        if (found < 0)
            done = -1;
        else if (found)
            done = JS_SetPropertyInternal(ctx, held, name, js_dup(func), 0);
        else
            done = JS_DefinePropertyValue(ctx, held, name, js_dup(func), JS_PROP_C_W_E);
        JS_FreeValue(ctx, held);
        if (done < 0)
            return -1;
        if (found && (was & JS_PROP_GETSET))
            return 0;
    }
    holder = own_holder(realm, name, &was);
    if (holder && !(was & JS_PROP_CONFIGURABLE))
        return store_own(ctx, realm, name, func, 0, false) < 0 ? -1 : 0;
    if (!holder)
        holder = declared_names(realm);
    if (!holder)
        return -1;
    return JS_DefinePropertyValue(ctx, object_value(holder), name, js_dup(func),
                                  JS_PROP_WRITABLE | JS_PROP_ENUMERABLE |
                                      (flags & JS_PROP_CONFIGURABLE)) < 0 ? -1 : 0;
}
