/* Properties of a host's that are made when they are first looked at. To programs they are data
   properties from the start, as the engine's own of this kind. What an object holds of one until then
   is a number, so that images point to nothing for it. */

/* Numbers below this one are the engine's own built-ins. */
#define SANDTIDE_FIRST_LAZY 1024

static sandtide_lazy_maker *sandtide_make;

/* Those of Node's realms: realm/lazy_globals.c. */
static JSValue sandtide_make_realms_lazy(JSContext *ctx, uint32_t number);

void sandtide_set_lazy_maker(sandtide_lazy_maker *make)
{
    sandtide_make = make;
}

static JSValue sandtide_make_lazy(JSContext *ctx, uintptr_t number)
{
    if (number >= SANDTIDE_FIRST_LAZY && ctx->rt->sandtide)
        return sandtide_make_realms_lazy(ctx, (uint32_t)(number - SANDTIDE_FIRST_LAZY));
    if (number < SANDTIDE_FIRST_LAZY || !sandtide_make)
        return JS_ThrowInternalError(ctx, "nobody makes this property");
    return sandtide_make(ctx, (uint32_t)(number - SANDTIDE_FIRST_LAZY));
}

int sandtide_define_lazy(JSContext *ctx, JSValueConst object, JSAtom name, uint32_t number)
{
    JSShapeProperty *prs;
    JSProperty *pr;

    if (JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT)
        return -1;
    /* One that is made lazily already keeps its place among the object's properties. */
    prs = find_own_property(&pr, JS_VALUE_GET_OBJ(object), name);
    if (prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT) {
        pr->u.init.realm_and_id = (uintptr_t)js_autoinit_get_realm(pr) | JS_AUTOINIT_ID_BYTECODE;
        pr->u.init.opaque = (void *)((uintptr_t)number + SANDTIDE_FIRST_LAZY);
        return 0;
    }
    if (prs && JS_DeleteProperty(ctx, object, name, 0) <= 0)
        return -1;
    return JS_DefineAutoInitProperty(ctx, object, name, JS_AUTOINIT_ID_BYTECODE,
                                     (void *)((uintptr_t)number + SANDTIDE_FIRST_LAZY),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0
               ? -1
               : 0;
}

bool sandtide_is_hidden_and_made(JSValueConst object, JSAtom name)
{
    JSProperty *pr;
    JSShapeProperty *prs;

    if (JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT)
        return false;
    prs = find_own_property(&pr, JS_VALUE_GET_OBJ(object), name);
    return prs && !(prs->flags & JS_PROP_ENUMERABLE) &&
           (prs->flags & JS_PROP_TMASK) != JS_PROP_AUTOINIT;
}
