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

/* A property whose getter throws counts as missing, as in Node; what ends a run does not. */
static int found_or_missing(JSContext *ctx, JSValue *value)
{
    if (!JS_IsException(*value))
        return 1;
    if (JS_IsUncatchableError(ctx->rt->current_exception))
        return -1;
    JS_FreeValue(ctx, JS_GetException(ctx));
    return 0;
}

/* `inner` or `declared`, whichever has the property, or NULL. */
static JSObject *own_holder(Realm *realm, JSAtom name, int *flags)
{
    JSShapeProperty *prs;

    if (realm->declared && (prs = find_own_property1(realm->declared, name))) {
        *flags = prs->flags;
        return realm->declared;
    }
    if (realm->inner && (prs = find_own_property1(realm->inner, name))) {
        *flags = prs->flags;
        return realm->inner;
    }
    return NULL;
}

static bool is_contextified_global(JSContext *ctx, const JSObject *p)
{
    return p->class_id == ctx->rt->sandtide->global_class;
}

/* A sandbox, or one of its prototypes, may be another context's global. Only what that other
   context has for itself is seen there, as in Node: otherwise a lookup that comes round to the
   same global would never end. */
static JSObject *real_holder(JSObject *global, JSAtom name)
{
    Realm *realm = global->u.opaque;
    int flags;

    return realm ? own_holder(realm, name, &flags) : NULL;
}

/* A proxy may be among the prototypes of its own target. */
#define PROXIES_MAX 1000

/* Reads a property that is known to be there. 1: read, 0: it counts as missing, -1: exception. */
static int read_from(JSContext *ctx, JSObject *p, JSAtom name, JSValueConst receiver, JSValue *value)
{
    JSValue held = js_dup(object_value(p));

    *value = JS_GetPropertyInternal(ctx, held, name, receiver, false);
    JS_FreeValue(ctx, held);
    return found_or_missing(ctx, value);
}

/* Goes on to the next object of a chain while code may run: that object is held instead of the
   one before. */
static JSObject *step_to(JSContext *ctx, JSValue *held, JSObject *next)
{
    JSValue before = *held;

    *held = next ? js_dup(object_value(next)) : JS_UNDEFINED;
    JS_FreeValue(ctx, before);
    return next;
}

/* Looks up from an exotic object on, where reading may run code that changes the chain. */
static int exotic_lookup(JSContext *ctx, JSObject *p, JSAtom name, JSValueConst receiver,
                         JSValue *value)
{
    JSValue held = js_dup(object_value(p));
    int proxies = 0, found = 0;

    while (p) {
        JSObject *next = NULL;

        if (p->class_id == JS_CLASS_PROXY) {
            JSProxyData *data = p->u.proxy_data;
            JSValue trap, target;
            if (data->is_revoked || !JS_IsObject(data->target))
                break;
            target = js_dup(data->target);
            trap = JS_GetProperty(ctx, data->handler, JS_ATOM_get);
            if (JS_IsUndefined(trap) || JS_IsNull(trap)) {
                if (++proxies > PROXIES_MAX) {
                    JS_FreeValue(ctx, target);
                    JS_ThrowStackOverflow(ctx);
                    found = -1;
                    break;
                }
                p = step_to(ctx, &held, JS_VALUE_GET_OBJ(target));
                JS_FreeValue(ctx, target);
                continue;
            }
            JS_FreeValue(ctx, target);
            JS_FreeValue(ctx, trap);
            if (JS_IsException(trap)) {
                *value = trap;
                found = found_or_missing(ctx, value);
            } else {
                found = read_from(ctx, p, name, receiver, value);
            }
            break;
        }
        if (p->is_exotic && is_contextified_global(ctx, p)) {
            JSObject *holder = real_holder(p, name);
            if (holder) {
                found = read_from(ctx, holder, name, receiver, value);
                break;
            }
        } else {
            JSPropertyDescriptor desc;
            found = JS_GetOwnPropertyInternal(ctx, &desc, p, name);
            if (found < 0)
                break;
            if (found) {
                js_free_desc(ctx, &desc);
                found = read_from(ctx, p, name, receiver, value);
                break;
            }
        }
        next = p->shape->proto;
        p = step_to(ctx, &held, next);
    }
    JS_FreeValue(ctx, held);
    return found;
}

/* Reads a property of the sandbox, which the caller holds, or its prototypes. 1: found, 0: there is
   none, -1: exception. */
static int sandbox_lookup(JSContext *ctx, JSObject *sandbox, JSAtom name, JSValue *value)
{
    JSObject *p;

    /* no code runs as long as all objects are ordinary */
    for (p = sandbox; p; p = p->shape->proto) {
        JSProperty *pr;
        JSShapeProperty *prs = find_own_property(&pr, p, name);
        if (prs) {
            if (likely((prs->flags & JS_PROP_TMASK) == 0)) {
                *value = js_dup(pr->u.value);
                return 1;
            }
            return read_from(ctx, p, name, object_value(sandbox), value);
        }
        if (unlikely(p->is_exotic))
            return exotic_lookup(ctx, p, name, object_value(sandbox), value);
    }
    return 0;
}

static int global_lookup(JSContext *ctx, Realm *realm, JSAtom name, JSValue *value)
{
    JSObject *holder, *proto;
    JSValue held;
    int found, flags;

    if (realm->sandbox) {
        held = js_dup(object_value(realm->sandbox));
        found = sandbox_lookup(ctx, realm->sandbox, name, value);
        if (found > 0)
            *value = seen_from_inside(realm, *value);
        JS_FreeValue(ctx, held);
        if (found)
            return found;
    }
    holder = own_holder(realm, name, &flags);
    if (holder) {
        held = js_dup(object_value(holder));
        *value = JS_GetPropertyInternal(ctx, held, name, held, false);
        JS_FreeValue(ctx, held);
        return JS_IsException(*value) ? -1 : 1;
    }
    proto = realm->global ? realm->global->shape->proto : NULL;
    if (!proto)
        return 0;
    held = js_dup(object_value(proto));
    found = JS_HasProperty(ctx, held, name);
    if (found > 0) {
        JSValueConst receiver = realm->global ? object_value(realm->global) : JS_UNDEFINED;
        *value = JS_GetPropertyInternal(ctx, held, name, receiver, false);
        found = JS_IsException(*value) ? -1 : 1;
    }
    JS_FreeValue(ctx, held);
    return found;
}

/* The flags of a property of the sandbox or its prototypes. A proxy is asked for its own only. */
static int sandbox_flags(JSContext *ctx, JSObject *sandbox, JSAtom name, int *flags, bool *own,
                         bool *settable)
{
    JSObject *p = sandbox;
    JSValue held = js_dup(object_value(sandbox));
    JSPropertyDescriptor desc;
    int found = 0;

    while (p) {
        if (unlikely(p->class_id == JS_CLASS_PROXY && p->u.proxy_data->is_revoked))
            break;
        found = JS_GetOwnPropertyInternal(ctx, &desc, p, name);
        if (found < 0)
            break;
        if (found) {
            *own = p == sandbox;
            *flags = desc.flags;
            *settable = !(desc.flags & JS_PROP_GETSET) || !JS_IsUndefined(desc.setter);
            js_free_desc(ctx, &desc);
            break;
        }
        if (p->class_id == JS_CLASS_PROXY)
            break;
        p = step_to(ctx, &held, p->shape->proto);
    }
    JS_FreeValue(ctx, held);
    return found;
}

static int throw_read_only(JSContext *ctx, JSAtom name)
{
    char buf[ATOM_GET_STR_BUF_SIZE];

    JS_ThrowTypeError(ctx, "Cannot assign to read only property '%s' of object '#<Object>'",
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

/* Keeps a value in the context itself. */
static int store_own(JSContext *ctx, Realm *realm, JSAtom name, JSValueConst value, int flags,
                     bool strict)
{
    int was, done;
    JSObject *holder = own_holder(realm, name, &was);
    JSValue held;

    if (holder && (was & JS_PROP_TMASK) == 0 && !(was & JS_PROP_WRITABLE))
        return strict ? throw_read_only(ctx, name) : 1;
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

/* Writes through the global. `contextual`: an assignment to a name, not to a property of the global.
   `strict`: failures throw. Does not take `value`. */
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
    holder = own_holder(realm, name, &own_flags);
    if (!sandbox)
        return store_own(ctx, realm, name, value, JS_PROP_C_W_E, strict);
    if (holder && (own_flags & JS_PROP_TMASK) == 0 && !(own_flags & JS_PROP_WRITABLE))
        return strict ? throw_read_only(ctx, name) : 1;
    prs = find_own_property(&pr, sandbox, name);
    if (prs && (prs->flags & (JS_PROP_TMASK | JS_PROP_WRITABLE | JS_PROP_LENGTH)) == JS_PROP_WRITABLE) {
        set_value(ctx, &pr->u.value, js_dup(value));
        return store_own(ctx, realm, name, value, JS_PROP_C_W_E, strict);
    }
    held = js_dup(object_value(sandbox));
    found = sandbox_flags(ctx, sandbox, name, &flags, &own, &settable);
    if (found < 0)
        goto fail;
    on_sandbox = found > 0;
    if (on_sandbox && !(flags & (JS_PROP_WRITABLE | JS_PROP_GETSET))) {
        JS_FreeValue(ctx, held);
        if (own && !holder)
            return strict ? throw_read_only(ctx, name) : 1;
        return store_own(ctx, realm, name, value, JS_PROP_C_W_E, strict);
    }
    if (!holder && (!on_sandbox || (!own && !settable)) && strict && contextual) {
        JS_FreeValue(ctx, held);
        JS_ThrowReferenceErrorNotDefined(ctx, name);
        return -1;
    }
    if (!holder && !on_sandbox && JS_AtomGetKind(ctx, name) != JS_ATOM_KIND_STRING) {
        JS_FreeValue(ctx, held);
        return store_own(ctx, realm, name, value, JS_PROP_C_W_E, strict);
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
    return store_own(ctx, realm, name, value, JS_PROP_C_W_E, strict);
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

/* Puts names that are array indices before all others, ascending, as objects list them. */
static void indices_first(JSContext *ctx, JSPropertyEnum *tab, uint32_t count)
{
    uint32_t i, j, n = 0, index, other;

    for (i = 0; i < count; i++) {
        JSPropertyEnum entry = tab[i];
        if (!JS_AtomIsArrayIndex(ctx, &index, entry.atom))
            continue;
        for (j = n; j > 0 && JS_AtomIsArrayIndex(ctx, &other, tab[j - 1].atom) && other > index; j--)
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
    uint32_t count = 0, part_count, i;
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
    }
    for (layer = 0; layer < 3; layer++)
        JS_FreeValue(ctx, held[layer]);
    indices_first(ctx, tab, count);
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
    if (done < 0 || had)
        return done;
    /* again: a trap may have declared the name, or disposed of the context */
    holder = own_holder(realm, name, &was);
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
    int was, found;

    if (find_own_property1(JS_VALUE_GET_OBJ(ctx->global_var_obj), name))
        goto redeclaration;
    if (!realm)
        return 0;
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
