/* The engine and what needs its internals, as one translation unit. `quickjs.c` is the changed copy
   that the build makes. */

#include <ctype.h>

#include "hooks.h"
#include "quickjs.c"

#include "identity.c"

#include "sandbox/modules.c"
#include "sandbox/restored.c"

#include "realm/weak.c"
#include "realm/region.c"
#include "realm/realm.c"
#include "realm/template.c"
#include "realm/stack.c"
#include "realm/names.c"
#include "realm/faults.c"
#include "realm/json_errors.c"
#include "realm/release.c"
#include "realm/global.c"
#include "realm/runs.c"
#include "realm/scripts.c"
#include "realm/functions.c"
#include "realm/imports.c"
#include "realm/module_handles.c"
#include "realm/modules.c"
#include "realm/contexts.c"
#include "realm/inspect.c"
#include "realm/exports.c"
