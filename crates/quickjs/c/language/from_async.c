/* Array.fromAsync (23.1.2.1), in JavaScript that is compiled when it is asked for first. The engine's
 * own comes as bytecode.
 */

/* A loop over `source` is the standard's iteration; `source` only makes the array once the iterator
   is there, and asks for `next` once. */
static const char from_async_source[] =
    "(function (call, isConstructor, define, toObject, lengthOf, newArray, callable, object,\n"
    "           asyncIterator, iterator) {\n"
    "  'use strict';\n"
    "  return {\n"
    "    async fromAsync(items, map = undefined, receiver = undefined) {\n"
    "      const C = this;\n"
    "      const maps = map !== undefined;\n"
    "      if (maps) callable(map);\n"
    "      let kind = asyncIterator;\n"
    "      let method = items[kind];\n"
    "      if (method === undefined || method === null) {\n"
    "        kind = iterator;\n"
    "        method = items[kind];\n"
    "      }\n"
    "      let result, index = 0;\n"
    "      if (method === undefined || method === null) {\n"
    "        const list = toObject(items);\n"
    "        const length = lengthOf(list);\n"
    "        result = isConstructor(C) ? new C(length) : newArray(length);\n"
    "        for (; index < length; index++) {\n"
    "          let value = await list[index];\n"
    "          if (maps) value = await call(receiver, map, value, index);\n"
    "          define(result, index, value);\n"
    "        }\n"
    "      } else {\n"
    "        callable(method);\n"
    "        const source = {\n"
    "          __proto__: null,\n"
    "          [kind]() {\n"
    "            const inner = object(call(items, method));\n"
    "            const next = inner.next;\n"
    "            result = isConstructor(C) ? new C() : [];\n"
    "            return {\n"
    "              __proto__: null,\n"
    "              next() { return call(inner, next); },\n"
    "              get return() {\n"
    "                const close = inner.return;\n"
    "                return close === undefined || close === null ? close : () => call(inner, close);\n"
    "              },\n"
    "            };\n"
    "          },\n"
    "        };\n"
    "        for await (let value of source) {\n"
    "          if (maps) value = await call(receiver, map, value, index);\n"
    "          define(result, index++, value);\n"
    "        }\n"
    "      }\n"
    "      result.length = index;\n"
    "      return result;\n"
    "    },\n"
    "  }.fromAsync;\n"
    "})";

enum { IS_CONSTRUCTOR, DEFINE, TO_OBJECT, LENGTH_OF, NEW_ARRAY, CALLABLE, OBJECT };

/* What the text above cannot say without names that scripts may have changed. */
static JSValue from_async_part(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                               int magic)
{
    JSValue array;
    int64_t number;

    switch (magic) {
    case IS_CONSTRUCTOR:
        return js_bool(JS_IsConstructor(ctx, argv[0]));
    case DEFINE:
        if (JS_ToInt64(ctx, &number, argv[1]) ||
            JS_DefinePropertyValueInt64(ctx, argv[0], number, js_dup(argv[2]),
                                        JS_PROP_C_W_E | JS_PROP_THROW) < 0)
            return JS_EXCEPTION;
        return JS_UNDEFINED;
    case TO_OBJECT:
        return JS_ToObject(ctx, argv[0]);
    case LENGTH_OF:
        return js_get_length64(ctx, &number, argv[0]) ? JS_EXCEPTION : js_int64(number);
    case NEW_ARRAY:
        array = JS_NewArray(ctx);
        if (JS_IsException(array))
            return JS_EXCEPTION;
        if (JS_SetProperty(ctx, array, JS_ATOM_length, js_dup(argv[0])) < 0) {
            JS_FreeValue(ctx, array);
            return JS_EXCEPTION;
        }
        return array;
    case CALLABLE:
        return JS_IsFunction(ctx, argv[0]) ? JS_UNDEFINED
                                           : JS_ThrowTypeError(ctx, "not a function");
    default:
        return JS_IsObject(argv[0]) ? js_dup(argv[0]) : JS_ThrowTypeError(ctx, "not an object");
    }
}

static JSValue sandtide_from_async(JSContext *ctx)
{
    const int flags = JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY;
    JSValue args[3 + OBJECT + 1], code, result;
    size_t len;
    uint8_t *bytes = NULL;
    int i;

    code = __JS_EvalInternal(ctx, ctx->global_obj, from_async_source, sizeof from_async_source - 1,
                             "<built-in>", 1, flags, -1);
    if (JS_IsException(code))
        return JS_EXCEPTION;
    /* without its text, which toString would show, and its lines */
    bytes = JS_WriteObject(ctx, &len, code,
                           JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE |
                               JS_WRITE_OBJ_STRIP_DEBUG);
    JS_FreeValue(ctx, code);
    if (!bytes)
        return JS_EXCEPTION;
    args[0] = JS_NewCFunction(ctx, js_call_function, "call", 2);
    for (i = 0; i <= OBJECT; i++)
        args[1 + i] = JS_NewCFunctionMagic(ctx, (JSCFunctionMagic *)from_async_part, "", 3,
                                           JS_CFUNC_generic_magic, i);
    args[1 + i] = JS_AtomToValue(ctx, JS_ATOM_Symbol_asyncIterator);
    args[2 + i] = JS_AtomToValue(ctx, JS_ATOM_Symbol_iterator);
    result = js_bytecode_eval(ctx, bytes, len, countof(args), args);
    js_free(ctx, bytes);
    return result;
}
