/* Compiles functions from a body and the names of parameters, in any realm, with objects whose
   properties the body sees as variables. */

/* The one function that is made by the code of a function or script, if its source has that length. */
static JSFunctionBytecode *only_function(const JSFunctionBytecode *b, size_t source_len)
{
    JSFunctionBytecode *only = NULL;
    int i;

    for (i = 0; i < b->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(b->cpool[i]) != JS_TAG_FUNCTION_BYTECODE)
            continue;
        if (only)
            return NULL;
        only = JS_VALUE_GET_PTR(b->cpool[i]);
    }
    return only && (size_t)only->source_len == source_len ? only : NULL;
}

/* A function without a body shows itself as one of the host's, as in Node. */
static void show_as_native(JSContext *ctx, JSValueConst function)
{
    JSFunctionBytecode *b;
    char *text = js_strdup(ctx, "function () { [native code] }");

    if (!text)
        return;
    b = JS_VALUE_GET_OBJ(function)->u.func.function_bytecode;
    js_free(ctx, b->source);
    b->source = text;
    b->source_len = strlen(text);
}

/* A body that ends its function is wrong where it does so. Takes the place of the exception that is
   pending: what is said of the body alone, which may return. */
static void throw_of_body(Sandtide *s, JSContext *where, const char *body, size_t len, const char *file,
                          int line_offset, int column_offset, JSValueConst origin)
{
    JSValue before = JS_GetException(where), code;

    s->may_return = s->probing = true;
    code = compile(s, where, body, len, file, line_offset, column_offset, origin, JS_EVAL_TYPE_GLOBAL);
    s->may_return = s->probing = false;
    if (JS_IsException(code)) {
        JS_FreeValue(where, before);
    } else {
        JS_FreeValue(where, code);
        JS_Throw(where, before);
    }
}

/* compileFunction(code, filename, lineOffset, columnOffset, cachedData, produceCachedData, context,
   contextExtensions, params, hostOption)

   The function is the value of a script that is made of the parameters and the body. Context
   extensions become `with` statements around it. The body begins on a line of its own, the second,
   which is counted as the first. */
static JSValue contextify_compile_function(JSContext *ctx, JSValueConst this_val, int argc,
                                           JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    Realm *realm;
    JSContext *where = NULL;
    JSValueConst origin = argv[9];
    JSValue code = JS_UNDEFINED, probe, factory, function = JS_EXCEPTION, result = JS_EXCEPTION;
    JSValue rejected = JS_UNDEFINED, *extensions = NULL;
    const char *body = NULL, *file = NULL;
    size_t body_len;
    uint32_t params, extensions_count = 0, extensions_read = 0, i;
    int line_offset, column_offset;
    size_t prefix, inner;
    JSFunctionBytecode *outer;
    DynBuf text, check;
    Run run;

    (void)this_val;
    (void)argc;
    js_dbuf_init(ctx, &text);
    js_dbuf_init(ctx, &check);
    body = JS_ToCStringLen(ctx, &body_len, argv[0]);
    file = JS_ToCString(ctx, argv[1]);
    if (!body || !file || JS_ToInt32(ctx, &line_offset, argv[2]) ||
        JS_ToInt32(ctx, &column_offset, argv[3]) || js_get_length32(ctx, &extensions_count, argv[7]) ||
        js_get_length32(ctx, &params, argv[8]))
        goto out;
    dbuf_putstr(&text, "(function (");
    for (i = 0; i < extensions_count; i++)
        dbuf_printf(&text, "%s__sandtide_extension_%u", i ? ", " : "", i);
    dbuf_putstr(&text, ") { ");
    for (i = 0; i < extensions_count; i++)
        dbuf_printf(&text, "with (__sandtide_extension_%u) ", i);
    dbuf_putstr(&text, "return ");
    inner = text.size;
    dbuf_putstr(&text, "function (");
    dbuf_putstr(&check, "(function (");
    for (i = 0; i < params; i++) {
        JSValue param = JS_GetPropertyUint32(ctx, argv[8], i);
        const char *name = JS_ToCString(ctx, param);
        JS_FreeValue(ctx, param);
        if (!name)
            goto out;
        if (i) {
            dbuf_putstr(&text, ", ");
            dbuf_putstr(&check, ", ");
        }
        dbuf_putstr(&text, name);
        dbuf_putstr(&check, name);
        JS_FreeCString(ctx, name);
    }
    dbuf_putstr(&text, ") {\n");
    dbuf_putstr(&check, ") {})");
    prefix = text.size;
    dbuf_put(&text, (const uint8_t *)body, body_len);
    dbuf_putstr(&text, "\n}; })");
    dbuf_putc(&text, 0);
    dbuf_putc(&check, 0);
    if (dbuf_error(&text) || dbuf_error(&check)) {
        JS_ThrowOutOfMemory(ctx);
        goto out;
    }
    extensions = js_mallocz(ctx, sizeof(*extensions) * ((size_t)extensions_count + 1));
    if (!extensions)
        goto out;
    for (; extensions_read < extensions_count; extensions_read++) {
        extensions[extensions_read] = JS_GetPropertyUint32(ctx, argv[7], extensions_read);
        if (JS_IsException(extensions[extensions_read]))
            goto out;
    }
    /* no code of the caller runs from here on */
    if (is_disposed(ctx, argv[6])) {
        throw_disposed(s);
        goto out;
    }
    realm = realm_of_value(ctx, argv[6]);
    where = JS_DupContext(context_of_argument(ctx, argv[6]));
    /* a parameter list, and a body, that are only right together are wrong */
    s->probing = true;
    probe = compile(s, where, (char *)check.buf, check.size - 1, file, line_offset, 0, origin,
                    JS_EVAL_TYPE_GLOBAL);
    s->probing = false;
    if (JS_IsException(probe))
        goto thrown;
    JS_FreeValue(where, probe);
    if (!JS_IsUndefined(argv[4])) {
        code = unsealed_code(where, SEALED_SCRIPT, argv[4], (char *)text.buf, text.size - 1, origin);
        rejected = JS_NewBool(ctx, JS_IsUndefined(code));
    }
    if (JS_IsUndefined(code)) {
        s->body_start = prefix;
        s->body_end = prefix + body_len;
        code = compile_shown(s, where, (char *)text.buf, text.size - 1, file, line_offset,
                             column_offset, origin, JS_EVAL_TYPE_GLOBAL,
                             (char *)text.buf + prefix, body_len, line_offset + 1);
        s->body_end = 0;
        if (JS_IsException(code)) {
            if (s->error_after_body)
                throw_of_body(s, where, body, body_len, file, line_offset, column_offset, origin);
            goto thrown;
        }
        /* refuses a body that ends the function and begins another */
        outer = only_function(JS_VALUE_GET_PTR(code), text.size - 1 - strlen("()"));
        if (!outer || !only_function(outer, text.size - 1 - inner - strlen("; })"))) {
            JS_FreeValue(where, code);
            JS_ThrowSyntaxError(where, "Unexpected token '}'");
            throw_of_body(s, where, body, body_len, file, line_offset, column_offset, origin);
            goto thrown;
        }
    }
    result = JS_NewObject(ctx);
    if (JS_ToBool(ctx, argv[5]) > 0) {
        JSValue data = sealed_code(where, code, (char *)text.buf, text.size - 1);
        if (JS_IsException(data)) {
            JS_FreeValue(ctx, result);
            result = JS_EXCEPTION;
            goto out;
        }
        JS_DefinePropertyValueStr(ctx, result, "cachedData", data, JS_PROP_C_W_E);
        JS_DefinePropertyValueStr(ctx, result, "cachedDataProduced", JS_TRUE, JS_PROP_C_W_E);
    }
    if (!JS_IsUndefined(rejected))
        JS_DefinePropertyValueStr(ctx, result, "cachedDataRejected", rejected, JS_PROP_C_W_E);
    run_begin(s, &run, realm, -1, false);
    factory = JS_EvalFunction(where, code);
    code = JS_UNDEFINED;
    if (!JS_IsException(factory)) {
        function = JS_Call(where, factory, JS_UNDEFINED, extensions_count, vc(extensions));
        JS_FreeValue(where, factory);
    }
    function = run_end(s, &run, function);
    if (JS_IsException(function))
        goto fail;
    if (body_len == 0 && js_class_has_bytecode(JS_VALUE_GET_OBJ(function)->class_id))
        show_as_native(ctx, function);
    JS_DefinePropertyValueStr(ctx, result, "function", function, JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, result, "sourceMapURL",
                              magic_comment(ctx, body, body_len, "sourceMappingURL"), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, result, "sourceURL",
                              magic_comment(ctx, body, body_len, "sourceURL"), JS_PROP_C_W_E);
    goto out;
thrown:
    if (where != ctx)
        JS_Throw(ctx, JS_GetException(where));
    code = JS_UNDEFINED;
    goto out;
fail:
    JS_FreeValue(ctx, result);
    result = JS_EXCEPTION;
out:
    JS_FreeValue(ctx, code);
    for (i = 0; i < extensions_read; i++)
        JS_FreeValue(ctx, extensions[i]);
    js_free(ctx, extensions);
    if (where)
        JS_FreeContext(where);
    JS_FreeCString(ctx, body);
    JS_FreeCString(ctx, file);
    dbuf_free(&text);
    dbuf_free(&check);
    return result;
}
