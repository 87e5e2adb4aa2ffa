/* What src/bindings.rs is made from, by the command `bindings` in this package. */
#include "quickjs.h"

/* the atoms of the engine's own names, as quickjs.c numbers them */
enum {
    __JS_ATOM_NULL = JS_ATOM_NULL,
#define DEF(name, str) JS_ATOM_##name,
#include "quickjs-atom.h"
#undef DEF
    JS_ATOM_END,
};
