/* The engine's functions that the shim calls: QuickJS-NG 0.16, quickjs.h. Written out here because
 * the crate that compiles the engine does not hand its headers on. */
#ifndef SANDTIDE_ENGINE_H
#define SANDTIDE_ENGINE_H

#include "shim.h"

#define TAG_UNDEFINED 3
#define TAG_EXCEPTION 6
#define TAG_FLOAT64 8
#define MKVAL(t) ((JSValue){.u = {.int32 = 0}, .tag = (t)})
#define EXCEPTION MKVAL(TAG_EXCEPTION)
#define UNDEFINED MKVAL(TAG_UNDEFINED)

typedef struct JSMallocFunctions {
    void *(*js_calloc)(void *opaque, size_t count, size_t size);
    void *(*js_malloc)(void *opaque, size_t size);
    void (*js_free)(void *opaque, void *ptr);
    void *(*js_realloc)(void *opaque, void *ptr, size_t size);
    size_t (*js_malloc_usable_size)(const void *ptr);
} JSMallocFunctions;
typedef struct JSEvalOptions {
    int version;
    int eval_flags;
    const char *filename;
    int line_num;
} JSEvalOptions;
typedef struct JSPropertyEnum {
    bool is_enumerable;
    JSAtom atom;
} JSPropertyEnum;
typedef JSValue JSCFunction(JSContext *, JSValue, int, JSValue *);

JSRuntime *JS_NewRuntime2(const JSMallocFunctions *, void *);
void JS_SetRuntimeOpaque(JSRuntime *, void *);
void *JS_GetRuntimeOpaque(JSRuntime *);
JSRuntime *JS_GetRuntime(JSContext *);
void JS_SetInterruptHandler(JSRuntime *, int (*)(JSRuntime *, void *), void *);
void JS_SetModuleLoaderFunc(JSRuntime *, char *(*)(JSContext *, const char *, const char *, void *),
                            JSModuleDef *(*)(JSContext *, const char *, void *), void *);
void JS_SetHostPromiseRejectionTracker(JSRuntime *,
                                       void (*)(JSContext *, JSValue, JSValue, bool, void *),
                                       void *);
JSContext *JS_NewContextRaw(JSRuntime *);
int JS_AddIntrinsicBaseObjects(JSContext *);
int JS_AddIntrinsicDate(JSContext *);
int JS_AddIntrinsicEval(JSContext *);
int JS_AddIntrinsicRegExp(JSContext *);
int JS_AddIntrinsicJSON(JSContext *);
int JS_AddIntrinsicProxy(JSContext *);
int JS_AddIntrinsicMapSet(JSContext *);
int JS_AddIntrinsicTypedArrays(JSContext *);
int JS_AddIntrinsicPromise(JSContext *);
int JS_AddIntrinsicWeakRef(JSContext *);
int JS_AddIntrinsicAToB(JSContext *);
JSValue JS_Eval2(JSContext *, const char *, size_t, JSEvalOptions *);
JSValue JS_EvalFunction(JSContext *, JSValue);
JSValue JS_DupValue(JSContext *, JSValue);
void JS_FreeValue(JSContext *, JSValue);
JSValue JS_Call(JSContext *, JSValue, JSValue, int, JSValue *);
JSValue JS_CallConstructor2(JSContext *, JSValue, JSValue, int, JSValue *);
JSValue JS_GetGlobalObject(JSContext *);
JSAtom JS_NewAtomLen(JSContext *, const char *, size_t);
void JS_FreeAtom(JSContext *, JSAtom);
JSValue JS_AtomToString(JSContext *, JSAtom);
JSValue JS_GetProperty(JSContext *, JSValue, JSAtom);
JSValue JS_GetPropertyInt64(JSContext *, JSValue, int64_t);
int JS_SetProperty(JSContext *, JSValue, JSAtom, JSValue);
int JS_DefinePropertyValue(JSContext *, JSValue, JSAtom, JSValue, int);
int JS_DefinePropertyGetSet(JSContext *, JSValue, JSAtom, JSValue, JSValue, int);
int JS_DefinePropertyValueUint32(JSContext *, JSValue, uint32_t, JSValue, int);
int JS_DeleteProperty(JSContext *, JSValue, JSAtom, int);
int JS_GetOwnPropertyNames(JSContext *, JSPropertyEnum **, uint32_t *, JSValue, int);
void JS_FreePropertyEnum(JSContext *, JSPropertyEnum *, uint32_t);
int JS_GetLength(JSContext *, JSValue, int64_t *);
JSValue JS_NewObject(JSContext *);
JSValue JS_NewArray(JSContext *);
JSValue JS_NewStringLen(JSContext *, const char *, size_t);
JSValue JS_NewDate(JSContext *, double);
JSValue JS_NewArrayBufferCopy(JSContext *, const uint8_t *, size_t);
uint8_t *JS_GetArrayBuffer(JSContext *, size_t *, JSValue);
JSValue JS_GetTypedArrayBuffer(JSContext *, JSValue, size_t *, size_t *, size_t *);
JSValue JS_NewUint8ArrayCopy(JSContext *, const uint8_t *, size_t);
JSValue JS_ToString(JSContext *, JSValue);
int JS_ToFloat64(JSContext *, double *, JSValue);
const char *JS_ToCStringLen2(JSContext *, size_t *, JSValue, bool);
void JS_FreeCString(JSContext *, const char *);
JSValue JS_GetException(JSContext *);
JSValue JS_Throw(JSContext *, JSValue);
JSValue JS_NewError(JSContext *);
JSValue JS_NewPromiseCapability(JSContext *, JSValue *);
int JS_ExecutePendingJob(JSRuntime *, JSContext **);
void JS_RunGC(JSRuntime *);
JSValue JS_GetModuleNamespace(JSContext *, JSModuleDef *);
JSValue JS_NewCFunction2(JSContext *, JSCFunction *, const char *, int, int, int);
int JS_SetConstructor(JSContext *, JSValue, JSValue);
char *js_strdup(JSContext *, const char *);
void js_free(JSContext *, void *);
uint8_t *JS_WriteObject(JSContext *, size_t *, JSValue, int);
JSValue JS_ReadObject(JSContext *, const uint8_t *, size_t, int);

#define CFUNC_GENERIC 0
#define CFUNC_GENERIC_MAGIC 1
#define CFUNC_CONSTRUCTOR_OR_FUNC 4
#define CFUNC_GETTER 8
#define PROP_CONFIGURABLE 1
#define PROP_WRITABLE 2
#define PROP_ENUMERABLE 4
#define PROP_THROW (1 << 14)

#endif
