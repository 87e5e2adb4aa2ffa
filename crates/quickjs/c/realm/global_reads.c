/* How a contextified realm's global finds a property: in the sandbox and its prototypes, which may be
   proxies and other contexts' globals, and then in what the context has for itself. global.c says what
   a global is, and writes. Must not know how properties are defined. */

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
        JSValue global = realm->global ? js_dup(object_value(realm->global)) : JS_UNDEFINED;
        held = js_dup(object_value(holder));
        *value = JS_GetPropertyInternal(ctx, held, name, global, false);
        JS_FreeValue(ctx, held);
        JS_FreeValue(ctx, global);
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
