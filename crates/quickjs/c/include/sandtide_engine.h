/* What this build of the engine offers beyond quickjs.h, to C and Rust that link it. */
#ifndef SANDTIDE_ENGINE_H
#define SANDTIDE_ENGINE_H

#include "quickjs.h"

#include <stdbool.h>
#include <stdint.h>

/* Release, hash of the changes, compiler. */
extern const char sandtide_engine_identity[];

/* Gives a context another state of Math.random, and its runtime another hash seed if `hash_seed` is not
   NULL: nothing that was placed by the seed before may be there. */
void sandtide_reseed(JSContext *ctx, uint64_t random, const uint32_t *hash_seed);
/* Orders free small blocks so that what is allocated from now on fills few pages. */
void sandtide_sort_blocks(JSRuntime *rt);
/* The hash seed of this context, which places the keys of maps and sets. */
uint32_t sandtide_hash_seed(const JSContext *ctx);
/* Whether any object of the runtime was placed by a hash seed: a map or a set of any kind. */
bool sandtide_holds_hashes(JSRuntime *rt);
/* Whether a module's text says that it is one: it imports, exports or awaits at the top. */
bool sandtide_says_module(const JSModuleDef *module);

/* Makes the value of a property that was defined with this number, in the realm that defined it. May run
   code of the host's, and of a program as far as an error that is thrown there does. */
typedef JSValue sandtide_lazy_maker(JSContext *ctx, uint32_t number);
/* Who makes such values, for all contexts of the process but Node's (realm/lazy_globals.c). */
void sandtide_set_lazy_maker(sandtide_lazy_maker *make);
/* Defines a data property (writable, configurable, not enumerable) that is made when it is first looked
   at, in the place of one that may be there. -1 with an exception. */
int sandtide_define_lazy(JSContext *ctx, JSValueConst object, JSAtom name, uint32_t number);
/* Whether an object has an own property of that name that is not enumerable and need not be made. */
bool sandtide_is_hidden_and_made(JSValueConst object, JSAtom name);
/* How many ms the clock of a context's dates is ahead of UTC at a time in ms since 1970; less than a day.
   May look at no value of the program's. */
typedef int64_t sandtide_zone_clock(JSContext *ctx, int64_t time);
/* Who knows the clocks of all contexts of the process but Node's. Without one they show UTC. */
void sandtide_set_zone_clock(sandtide_zone_clock *clock);
/* A fresh function object of the language's built-in `name` of `table` ("Array.prototype"), or of the
   getter of that name; with `uncurry`, one that takes its `this` as its first argument. */
JSValue sandtide_builtin(JSContext *ctx, const char *table, const char *name, bool uncurry);
/* A prototype that has no name of its own in the language ("Iterator"); undefined for others. */
JSValue sandtide_prototype(JSContext *ctx, const char *name);
/* A function for scripts of the host's that answers these: `sandtide_builtin` for two texts,
   `sandtide_prototype` for one. */
JSValue sandtide_new_builtin(JSContext *ctx, bool uncurry);
/* An object without a prototype that has the constructors and well-known symbols of the language by their
   names, and `global`: for a realm in which programs ran already. A constructor that a program took from
   its prototype is undefined. */
JSValue sandtide_first(JSContext *ctx);
/* Reads JSON of `length` bytes of UTF-8, behind which a zero stands, with at most `levels` arrays and objects
   within each other. `false`, without an exception, where the text is not well formed, nests deeper, has a
   number that is not finite or an escape of half of a pair; otherwise `*value` is what it says, or an
   exception for want of memory. Runs no script. */
bool sandtide_read_json(JSContext *ctx, const char *text, size_t length, int levels, JSValue *value);
/* Whether a value is an object of no kind of its own: no array, function, proxy or other exotic one. */
bool sandtide_is_plain(JSValueConst value);
/* The bytes of a string in one piece of at most `most` characters, all ASCII; NULL for all else. They stay
   where they are as long as the string is held. */
const char *sandtide_short_ascii(JSValueConst value, size_t most, size_t *length);
typedef struct {
    const char *name; /* ASCII */
    size_t length;
    JSValue value;
} SandtideEntry;
/* Lists the enumerable properties of a plain object in the language's order, symbols left out, and answers how
   many there are. -1 where it has more than `most`, deleted ones included, where a name is an index, longer
   than `longest` or not ASCII, and where a value is got by a call or is anything but undefined, null, a
   boolean, a number or a string in one piece. Names and values are the object's own: they last as long as it
   is held, and its properties are neither written nor deleted. Runs no script. */
int sandtide_list_entries(JSContext *ctx, JSValueConst object, SandtideEntry *entries, int most,
                          size_t longest);

#endif
