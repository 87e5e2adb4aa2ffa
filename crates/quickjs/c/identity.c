/* Which engine this is. It lies in the object that holds the engine, so that a program that shows it
   runs the engine that it names. */

#include "sandtide_engine.h"

#define SANDTIDE_TEXT2(x) #x
#define SANDTIDE_TEXT(x) SANDTIDE_TEXT2(x)

#if defined(__clang__)
#define SANDTIDE_COMPILER __VERSION__
#elif defined(__GNUC__)
#define SANDTIDE_COMPILER "gcc " __VERSION__
#else
#error "the engine is compiled by gcc or clang"
#endif

const char sandtide_engine_identity[] =
    "QuickJS-NG " SANDTIDE_TEXT(QJS_VERSION_MAJOR) "." SANDTIDE_TEXT(QJS_VERSION_MINOR)
    "." SANDTIDE_TEXT(QJS_VERSION_PATCH) QJS_VERSION_SUFFIX
    ", changes " SANDTIDE_CHANGES ", " SANDTIDE_COMPILER;

/* Whether these addresses, which the linker found for a caller, are those of this engine. */
bool sandtide_engine_has(const void *new_runtime, const void *eval, const void *run_regexp,
                         const void *normalize, const void *print_number)
{
    return new_runtime == (const void *)JS_NewRuntime2 && eval == (const void *)JS_Eval2 &&
           run_regexp == (const void *)lre_exec && normalize == (const void *)unicode_normalize &&
           print_number == (const void *)js_dtoa;
}
