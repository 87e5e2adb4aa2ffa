/* What this build of the engine offers beyond quickjs.h, to C and Rust that link it. */
#ifndef SANDTIDE_ENGINE_H
#define SANDTIDE_ENGINE_H

#include "quickjs.h"

#include <stdbool.h>
#include <stdint.h>

/* Release, hash of the changes, compiler. */
extern const char sandtide_engine_identity[];

/* Gives a context another state of Math.random, and another hash seed if `hash_seed` is not NULL. */
void sandtide_reseed(JSContext *ctx, uint64_t random, const uint32_t *hash_seed);
/* The hash seed of this context, which places the keys of maps and sets. */
uint32_t sandtide_hash_seed(const JSContext *ctx);
/* Whether any object of the runtime was placed by a hash seed: a map or a set of any kind. */
bool sandtide_holds_hashes(JSRuntime *rt);
/* Whether a module's text says that it is one: it imports, exports or awaits at the top. */
bool sandtide_says_module(const JSModuleDef *module);

#endif
