/* The engine, as the shim sees it: its own headers, and short names for what the shim uses most. */
#ifndef SANDTIDE_SHIM_ENGINE_H
#define SANDTIDE_SHIM_ENGINE_H

#include "sandtide_engine.h"
#include "shim.h"

#define EXCEPTION JS_EXCEPTION
#define UNDEFINED JS_UNDEFINED

#endif
