/* import() in code that the host compiled by hand: the host is asked, with what the code was compiled
   with. All other import() is the engine's. */

/* import() in a script: args are resolve, reject, host option, specifier, attributes, file, and whether the
   module's source is asked for. */
static JSValue import_job(JSContext *ctx, int argc, JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    JSValue promise, result, attributes, error, callback = js_dup(s->import_callback);
    JSValueConst args[5];

    (void)argc;
    attributes = JS_IsUndefined(argv[4]) ? JS_NewObjectProto(s->main, JS_NULL) : js_dup(argv[4]);
    args[0] = argv[2];
    args[1] = argv[3];
    args[2] = attributes;
    args[3] = argv[5];
    args[4] = argv[6];
    promise = JS_Call(s->main, callback, JS_UNDEFINED, countof(args), args);
    JS_FreeValue(ctx, callback);
    JS_FreeValue(ctx, attributes);
    if (JS_IsException(promise)) {
        error = JS_GetException(s->main);
        result = JS_Call(ctx, argv[1], JS_UNDEFINED, 1, vc(&error));
        JS_FreeValue(ctx, error);
    } else {
        result = JS_Call(ctx, argv[0], JS_UNDEFINED, 1, vc(&promise));
        JS_FreeValue(ctx, promise);
    }
    JS_FreeValue(ctx, result);
    return JS_UNDEFINED;
}

/* Takes over an import() from the engine; `args`: resolve, reject, file, specifier, attributes, whether the
   source is asked for. */
static bool sandtide_import(JSContext *ctx, JSValueConst *args)
{
    Sandtide *s = ctx->rt->sandtide;
    JSValueConst origin, job[7];
    Realm *realm;

    if (!s || JS_IsUndefined(s->import_callback))
        return false;
    origin = origin_of_caller(ctx);
    realm = realm_of_context(ctx);
    if (!is_origin(origin) && !realm)
        return false;
    job[0] = args[0];
    job[1] = args[1];
    job[2] = is_origin(origin) ? origin : realm->host_option;
    job[3] = args[3];
    job[4] = args[4];
    job[5] = args[2];
    job[6] = args[5];
    JS_EnqueueJob(ctx, import_job, countof(job), job);
    return true;
}
