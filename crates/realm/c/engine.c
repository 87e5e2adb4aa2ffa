/* The engine and what needs its internals, as one translation unit. */

#include <ctype.h>

#include "hooks.h"
#include "quickjs_patched.c"

#include "region.c"
#include "realm.c"
#include "template.c"
#include "stack.c"
#include "callee.c"
#include "release.c"
#include "global.c"
#include "runs.c"
#include "scripts.c"
#include "functions.c"
#include "imports.c"
#include "modules.c"
#include "contexts.c"
#include "inspect.c"
#include "exports.c"
