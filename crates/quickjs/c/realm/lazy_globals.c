/* What the host gives each realm beside the language, made when a program first looks at one of it: all of
   it at once, as properties of one object that the host answers (`Intl`, and the methods that write for a
   locale). Until then a realm has only a number for each, so that templates hold nothing of the host's.
   Must not know what any of them does. */

static JSValueConst lazy_owner(JSContext *ctx, const SandtideLazyGlobal *lazy)
{
    static const struct {
        const char *name;
        JSClassID class_id;
    } owners[] = {
        {"Number", JS_CLASS_NUMBER}, {"BigInt", JS_CLASS_BIG_INT}, {"Date", JS_CLASS_DATE},
        {"Array", JS_CLASS_ARRAY},   {"String", JS_CLASS_STRING},
    };
    const Realm *realm = realm_of_context(ctx);

    if (!lazy->owner)
        return realm && realm->inner ? JS_MKPTR(JS_TAG_OBJECT, realm->inner) : ctx->global_obj;
    if (!strcmp(lazy->owner, "TypedArray")) {
        JSObject *proto = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_UINT8_ARRAY])->shape->proto;
        return proto ? JS_MKPTR(JS_TAG_OBJECT, proto) : JS_UNDEFINED;
    }
    for (size_t i = 0; i < countof(owners); i++) {
        if (!strcmp(owners[i].name, lazy->owner))
            return ctx->class_proto[owners[i].class_id];
    }
    return JS_UNDEFINED;
}

/* For a realm that no program has seen. */
static int define_lazy_globals(JSContext *ctx)
{
    const Sandtide *s = ctx->rt->sandtide;
    uint32_t i;

    for (i = 0; i < s->host.lazy_count; i++) {
        JSAtom name = JS_NewAtom(ctx, s->host.lazy[i].name);
        int done = name == JS_ATOM_NULL
                       ? -1
                       : sandtide_define_lazy(ctx, lazy_owner(ctx, &s->host.lazy[i]), name, i);
        JS_FreeAtom(ctx, name);
        if (done < 0)
            return -1;
    }
    return 0;
}

/* The properties of the realm that are still to be made get their values now: no second object is made. */
static void settle_lazy_globals(JSContext *ctx)
{
    const Sandtide *s = ctx->rt->sandtide;
    uint32_t i;

    for (i = 0; i < s->host.lazy_count; i++) {
        JSValueConst owner = lazy_owner(ctx, &s->host.lazy[i]);
        JSAtom name = JS_NewAtom(ctx, s->host.lazy[i].name);
        JSProperty *pr;
        JSShapeProperty *prs = name != JS_ATOM_NULL && JS_VALUE_GET_TAG(owner) == JS_TAG_OBJECT
                                   ? find_own_property(&pr, JS_VALUE_GET_OBJ(owner), name)
                                   : NULL;
        if (prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT) {
            JSValue made = sandtide_own_value(ctx, owner, name);
            /* One that could not be made, for want of memory, is tried again when it is looked at. */
            if (JS_IsException(made))
                made = JS_GetException(ctx);
            JS_FreeValue(ctx, made);
        } else if (name == JS_ATOM_NULL) {
            JS_FreeValue(ctx, JS_GetException(ctx));
        }
        JS_FreeAtom(ctx, name);
    }
}

static JSValue sandtide_make_realms_lazy(JSContext *ctx, uint32_t number)
{
    Sandtide *s = ctx->rt->sandtide;
    JSContext *outer_realm = s->lazy_realm;
    JSValue outer_made = s->lazy_made, made, value;
    JSValueConst origin = s->compiling;

    if (number >= s->host.lazy_count)
        return JS_ThrowInternalError(ctx, "nobody makes this property");
    if (outer_realm == ctx)
        return JS_GetPropertyStr(ctx, outer_made, s->host.lazy[number].key);
    s->compiling = NO_ORIGIN;
    made = s->host.make_lazy(ctx);
    s->compiling = origin;
    if (JS_IsException(made))
        return made;
    s->lazy_realm = ctx;
    s->lazy_made = made;
    settle_lazy_globals(ctx);
    value = JS_GetPropertyStr(ctx, made, s->host.lazy[number].key);
    s->lazy_realm = outer_realm;
    s->lazy_made = outer_made;
    JS_FreeValue(ctx, made);
    return value;
}

/* Functions of the host's, which it makes in any realm: a number each. */

static JSValue call_host(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv, int number)
{
    return ctx->rt->sandtide->host.call(ctx, argc, argv, number);
}

JSValue sandtide_host_function(JSContext *ctx, int number)
{
    if (number < INT16_MIN || number > INT16_MAX || !ctx->rt->sandtide || !ctx->rt->sandtide->host.call)
        return JS_ThrowInternalError(ctx, "the host has no such function");
    return JS_NewCFunctionMagic(ctx, call_host, "", 0, JS_CFUNC_generic_magic, number);
}
