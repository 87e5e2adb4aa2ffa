/* What the engine's changed source (patches/) calls. Included before it, so that nothing here
   may name the engine's own structures beyond declaring them. */
#ifndef SANDTIDE_HOOKS_H
#define SANDTIDE_HOOKS_H

#include "list.h"
#include "quickjs.h"
#include "cutils.h"

struct JSMallocBlockHeader;
struct JSMapRecord;
struct JSMapState;
struct StringBuffer;
struct JSFunctionBytecode;
struct JSFunctionDef;
struct JSParseState;
struct JSStackFrame;
struct JSCallSiteData;
struct JSJobEntry;
struct JSString;

/* `block_size_idx` of a block that lies in a region. */
#define SANDTIDE_REGION_BLOCK 0xfe

/* JSObject.sandtide_realm holds the number of the realm that made the object (0: a realm that was
   not made here). A sandbox and a global object hold the number of the context they stand for,
   with one of these bits. */
#define SANDTIDE_SANDBOX 0x80000000u
#define SANDTIDE_CONTEXTIFIED 0x40000000u
#define SANDTIDE_GLOBAL 0x20000000u
/* An error whose stack has the source line before it. */
#define SANDTIDE_ARROW 0x10000000u
#define SANDTIDE_NUMBER(tag) ((tag) & 0x0fffffffu)

/* Whether a weak map's value is followed from its map or from its key: see weak.c. */
enum {
    SANDTIDE_WEAK_MAPS_COUNT,
    SANDTIDE_WEAK_MAPS_KEEP,
    SANDTIDE_WEAK_MAPS_RESTORE,
    SANDTIDE_WEAK_MAPS_TRIAL_VISIT,
    SANDTIDE_WEAK_MAPS_TRIAL_COUNT,
    SANDTIDE_WEAK_MAPS_TRIAL_KEEP,
};

/* What a call site says beside its place: see realm/call_sites.c. */
enum {
    SANDTIDE_SAID_TEXT,
    SANDTIDE_SAID_ORIGIN,
    SANDTIDE_SAID_TYPE,
    SANDTIDE_SAID_METHOD,
    SANDTIDE_SAID_TOPLEVEL,
    SANDTIDE_SAID,
};

struct SandtideRegion;
struct Sandtide;

/* Of src/numbers.rs. */
size_t sandtide_shortest_digits(double value, char *digits, int *exponent);
bool sandtide_read_decimal(const char *text, size_t len, double *value);
static int sandtide_number_text(char *out, double value);

static JSValue sandtide_make_lazy(JSContext *ctx, uintptr_t number);
static int64_t sandtide_ahead_at(JSContext *ctx, int64_t time);
static int64_t sandtide_ahead_when_it_shows(JSContext *ctx, int64_t local);

static void *sandtide_region_malloc(JSRuntime *rt, size_t size);
static void *sandtide_region_realloc(JSRuntime *rt, struct JSMallocBlockHeader *b, size_t size);
static void sandtide_region_free(JSRuntime *rt, struct JSMallocBlockHeader *b);
static size_t sandtide_region_usable_size(const struct JSMallocBlockHeader *b);
static void sandtide_sample_goes(JSRuntime *rt, struct JSMallocBlockHeader *b);
static void sandtide_sample_moves(JSRuntime *rt, uintptr_t from, struct JSMallocBlockHeader *b,
                                  size_t size);

static void sandtide_mark_weak_map_values(JSRuntime *rt, JSObject *p, JS_MarkFunc *mark_func);
static void sandtide_look_at_due(JSRuntime *rt);
static void sandtide_keep_job_context(JSRuntime *rt, JSContext *ctx);
static void sandtide_collect_before_limit(JSRuntime *rt);
static size_t sandtide_lift_limit(JSRuntime *rt);
static void sandtide_restore_limit(JSRuntime *rt, size_t limit);
static void sandtide_free_sandbox(JSRuntime *rt, JSObject *p);
static void sandtide_mark_sandbox(JSRuntime *rt, JSObject *p, JS_MarkFunc *mark_func);
static void sandtide_mark_context(JSRuntime *rt, JSContext *ctx, JS_MarkFunc *mark_func);
static inline struct list_head *sandtide_zombies(JSRuntime *rt);
static inline bool sandtide_dies_outside(JSRuntime *rt, const void *gc_object);
static uint32_t sandtide_queue_of_job(JSContext *ctx, struct JSJobEntry *job);
static void sandtide_before_collection(JSRuntime *rt);
static void sandtide_after_collection(JSRuntime *rt);

static inline bool sandtide_is_contextified(JSContext *ctx);
static inline bool sandtide_is_global(JSContext *ctx, JSClassID class_id);
static bool sandtide_forbids_strings(JSContext *ctx);
static int sandtide_check_define_global(JSContext *ctx, JSAtom name, int flags);
static int sandtide_refuse_function(JSContext *ctx, JSAtom name);
static int sandtide_define_global_var(JSContext *ctx, JSAtom name, int flags);
static int sandtide_define_global_function(JSContext *ctx, JSAtom name, JSValueConst func, int flags);
static JSValue sandtide_get_global(JSContext *ctx, JSAtom name, bool throw_ref_error);
static int sandtide_set_global(JSContext *ctx, JSAtom name, JSValue value);

static void sandtide_stack_header(JSContext *ctx, DynBuf *out, JSValueConst error);
static bool sandtide_stack_frame(JSContext *ctx, DynBuf *out, struct JSStackFrame *frame,
                                 struct JSFunctionBytecode *code, const char *name);
static void sandtide_stack_end(JSContext *ctx, DynBuf *out);
static JSValueConst sandtide_stack_limit(JSContext *ctx);
static void sandtide_free_said(JSRuntime *rt, JSValue *said);
static void sandtide_say(JSContext *ctx, struct JSCallSiteData *csd, struct JSStackFrame *frame);
static void sandtide_suppressed(JSContext *ctx, JSValueConst error);
static bool sandtide_parse_error(JSContext *ctx, int line, int column);
static JSValue sandtide_origin_of_new_code(JSContext *ctx);
static void sandtide_eval_begins(JSContext *ctx, struct JSFunctionDef *fd, const char *text, size_t len);
static bool sandtide_import(JSContext *ctx, JSValueConst *args);
static int sandtide_fill_meta(JSContext *ctx, JSModuleDef *m, JSValueConst meta);
static JSModuleDef *sandtide_module_of_caller(JSContext *ctx);
static JSModuleDef *sandtide_module_of_value(JSContext **pctx, JSValueConst value);
static JSContext *sandtide_context_of_module(JSContext *ctx, JSModuleDef *m);
static void sandtide_hold_by_namespace(JSModuleDef *m, JSValueConst ns);
static void sandtide_hold_module(JSModuleDef *m);
static void sandtide_let_module_go(JSModuleDef *m);
static int sandtide_hold_importer(JSContext *ctx, JSModuleDef *m, JSModuleDef *importer);
static void sandtide_let_importers_go(JSModuleDef *m);
static bool sandtide_links_by_hand(JSContext *ctx);
static void sandtide_interrupted(JSContext *ctx);
static bool sandtide_run_is_over(JSRuntime *rt);
static no_inline void sandtide_look_at_limits(JSContext *ctx);
static void sandtide_out_of_memory(JSContext *ctx, bool thrown);
static void sandtide_stack_kept(JSContext *ctx, JSValueConst error, bool prepared);
static void sandtide_free_later(JSContext *ctx, JSValue object);
static int sandtide_init_stack(JSContext *ctx, JSObject *error, JSContext *realm);
static inline JSContext *sandtide_main(JSContext *ctx);
static bool sandtide_hides_frame(JSContext *ctx, JSObject *function);
static const char *sandtide_name_in_message(JSContext *ctx, const char *format, JSAtom atom, char *name,
                                            size_t size);
static const char *sandtide_message(JSContext *ctx, const char *format, va_list args);
static JSValue sandtide_throw_not_callable(JSContext *ctx, const char *what, const char *plain,
                                           const JSValueConst *value);
static JSValue sandtide_throw_not_iterable(JSContext *ctx, JSValueConst value, bool is_async);
static JSValue sandtide_to_object(JSContext *ctx, JSValueConst value);
static void sandtide_json_unexpected(struct JSParseState *state);
static void sandtide_async_frames(JSContext *ctx, DynBuf *out, struct JSStackFrame *frame, int room);
static JSValue sandtide_reaction_frame(JSContext *ctx, JSValueConst handler);
static int sandtide_throw_read_only(JSContext *ctx, int flags, JSValueConst object, JSAtom property);
static int sandtide_throw_no_setter(JSContext *ctx, int flags, JSValueConst object, JSAtom property);
static int sandtide_throw_property(JSContext *ctx, int flags, const char *format, JSAtom property);
static void sandtide_throw_trap(JSContext *ctx, const char *plain, const char *theirs, JSAtom name);
static int sandtide_throw_not_deleted(JSContext *ctx, int flags, JSValueConst object, JSAtom property);
static void sandtide_throw_in(JSContext *ctx, JSValueConst key, JSValueConst value);
static JSValue sandtide_throw_value(JSContext *ctx, int kind, const char *format, JSValueConst value);
static void sandtide_throw_super(JSContext *ctx, JSValueConst parent, JSValueConst class);
static void sandtide_throw_no_prototype(JSContext *ctx, JSValueConst prototype);
static void sandtide_new_error_backtrace(JSContext *ctx, JSValueConst error, JSValueConst new_target);
static void sandtide_throw_at_caller(JSContext *ctx, const char *format, JSValueConst function);
static void sandtide_put_function_name(DynBuf *out, const char *name);
static void sandtide_throw_methods_twice(JSContext *ctx, JSObject *home);
static int sandtide_throw_primitive(JSContext *ctx, int flags, JSValueConst value, JSAtom property);
static void sandtide_throw_circle(JSContext *ctx, JSValueConst stack, JSValueConst value);
static bool sandtide_throw_incompatible(JSContext *ctx, JSValueConst receiver);
static bool sandtide_is_web_assembly(const void *opaque);
static JSValue sandtide_web_assembly(JSContext *ctx);
static JSValue sandtide_json_value(struct JSParseState *state);
static const char *sandtide_json_name_expected(struct JSParseState *state);
static void sandtide_throw_no_export(JSContext *ctx, int result, JSModuleDef *m, int request,
                                     JSModuleDef *other, JSAtom name);
static void sandtide_throw_no_source(JSContext *ctx, JSModuleDef *m);
static JSValue sandtide_throw_regexp_flags(JSContext *ctx, JSValueConst flags);
static void sandtide_throw_regexp(JSContext *ctx, JSValueConst pattern, JSValueConst flags,
                                  const char *message);
static int sandtide_column(struct JSParseState *state);
static int sandtide_error_column(struct JSParseState *state);
static void sandtide_threw(JSContext *ctx, struct JSFunctionBytecode *code, const uint8_t *pc,
                           JSValueConst thrown);
static JSContext *sandtide_formats_stacks(JSContext *ctx);
static void sandtide_unwinds(JSContext *ctx, struct JSFunctionBytecode *code, const uint8_t *pc);
static void sandtide_keep_text(struct JSParseState *state, struct JSFunctionDef *fd, const char *text, size_t length);
static void sandtide_note_syntax(struct JSParseState *state, int line, int column);
static void sandtide_column_offset(JSContext *ctx, struct JSParseState *state);
/* builtins/: each method says whether it did all, with the result set, or nothing. */
static void *sandtide_array_block(JSObject *p);
static void sandtide_array_prototype_changes(JSContext *ctx, JSObject *p);
static bool sandtide_array_slide(JSObject *p, uint32_t new_len);
static bool sandtide_array_pop(JSContext *ctx, JSValueConst this_val, bool shift, JSValue *result);
static bool sandtide_array_unshift(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                   JSValue *result);
static bool sandtide_array_slice(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                 bool splice, JSValue *result);
static bool sandtide_array_concat(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                  JSValue *result);
static bool sandtide_array_fill(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                JSValue *result);
static bool sandtide_array_sort(JSContext *ctx, JSValueConst this_val, JSValueConst function,
                                JSValue *result);
static int sandtide_array_append(JSContext *ctx, JSValue *stack);
static int sandtide_array_rest(JSContext *ctx, JSValue *stack, int offset);
static inline bool sandtide_appends(JSValueConst object, uint32_t index, int flags);
static inline bool sandtide_array_keeps(JSValueConst object, int64_t index, JSValueConst value);
static inline bool sandtide_array_value(JSValueConst object, int64_t index, JSValue *value);
static inline int sandtide_array_adds(JSContext *ctx, JSValueConst object, int64_t index, JSValue value);
static int sandtide_list_add(JSContext *ctx, JSValueConst list, JSValue value);
static void sandtide_array_expects(JSContext *ctx, JSValueConst array);
static inline bool sandtide_has_no_elements(JSContext *ctx, JSValueConst object);
static bool sandtide_array_step(JSValueConst iterator, JSValueConst next, JSValue *value);
static bool sandtide_array_flat(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                JSValue *result);
/* `equal`: a JSStrictEqModeEnum */
static uint32_t sandtide_find_value(JSContext *ctx, const JSValue *values, uint32_t at, uint32_t count,
                                    JSValueConst wanted, int equal);
static int64_t sandtide_find_last_value(JSContext *ctx, const JSValue *values, int64_t at,
                                        JSValueConst wanted);
static bool sandtide_json_read(JSContext *ctx, const char *text, size_t length, JSValue *value);
static bool sandtide_json_write(JSContext *ctx, struct StringBuffer *to, JSValueConst value,
                                JSValueConst gap);
static bool sandtide_regexp_is_plain(JSContext *ctx, JSValueConst regexp);
static bool sandtide_regexp_flags(JSContext *ctx, JSValueConst regexp, int *flags);
static int sandtide_regexp_last_index(JSContext *ctx, JSValueConst regexp, int64_t *index);
static int sandtide_regexp_set_last_index(JSContext *ctx, JSValueConst regexp, int index);
static JSValue sandtide_regexp_result(JSContext *ctx, JSValue text, uint8_t **capture, int count);
static bool sandtide_regexp_test(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValue *result);
static bool sandtide_regexp_search(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValue *result);
static bool sandtide_regexp_match(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValue *result);
static bool sandtide_regexp_replace(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValueConst with,
                                    JSValue *result);
static bool sandtide_regexp_split(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValueConst limit,
                                  JSValue *result);
static bool sandtide_regexp_copy(JSContext *ctx, JSValueConst regexp, JSValue *copy);
static uint32_t map_hash_key(JSContext *ctx, JSValueConst key);
static struct JSMapRecord *map_find_record(JSContext *ctx, struct JSMapState *s, JSValueConst key);
static void map_link_record(struct JSMapState *s, struct JSMapRecord *mr);
static void map_unlink_record(struct JSMapState *s, struct JSMapRecord *mr);
static void map_hash_resize(JSContext *ctx, struct JSMapState *s);
static struct JSMapRecord *map_record_of(JSContext *ctx, struct JSMapState *s, JSValueConst key);
static void sandtide_map_expects(JSContext *ctx, struct JSMapState *s, JSValueConst source);
static bool sandtide_adds_natively(JSContext *ctx, JSValueConst adder, int magic);
static int sandtide_map_takes(JSContext *ctx, struct JSMapState *s, JSValueConst item, bool is_set);
static JSValue sandtide_group_by(JSContext *ctx, JSValueConst items, JSValueConst callback, bool is_map);

static int sandtide_find_character(struct JSString *text, int c, int from);
static int sandtide_find_text(struct JSString *text, struct JSString *wanted, int from);
static bool sandtide_change_case(JSContext *ctx, JSValue text, bool to_lower, JSValue *result);
static int sandtide_split(JSContext *ctx, JSValueConst array, struct JSString *s, struct JSString *separator,
                          uint32_t limit);
static bool sandtide_is_ascii(const uint8_t *text, size_t length);
static JSValue sandtide_append_integer(JSContext *ctx, JSValue text, int32_t value);
static bool sandtide_compare_latin1(JSValueConst a, JSValueConst b, JSValue *result);
static int sandtide_fixed_text(char *out, double value, int digits);
static bool sandtide_leading_number(JSValueConst text, bool fraction, JSValue *result);
static bool sandtide_own_list(JSContext *ctx, JSValueConst object, int flags, int kind, JSValue *list);
static int sandtide_append_map(JSContext *ctx, JSObject *all, JSValueConst object);
static bool sandtide_array_from_map(JSContext *ctx, JSValueConst constructor, JSValueConst items,
                                    JSValueConst method, JSValue *result);

static int sandtide_template(JSContext *ctx, JSValue *parts, int count);

static void sandtide_sampled_poll(void);
static void sandtide_code_goes(JSRuntime *rt, struct JSFunctionBytecode *code);
static int sandtide_at_stop(JSContext *ctx, struct JSStackFrame *sf, struct JSFunctionBytecode *b,
                            uint8_t *pc, JSValueConst this_obj);
static void sandtide_at_throw(JSContext *ctx, struct JSStackFrame *sf, struct JSFunctionBytecode *b,
                              uint8_t *pc, JSValueConst this_obj);
static int sandtide_debug_poll(JSContext *ctx);
static bool sandtide_is_inspector(JSContext *ctx, JSObject *function);
static bool sandtide_wants_place(struct JSParseState *s);
static void sandtide_script_begins(JSContext *ctx, struct JSParseState *s);
static void sandtide_script_ends(JSContext *ctx, JSValueConst code);
static uint32_t sandtide_script_of_new_code(JSContext *ctx);
static void sandtide_code_was_read(JSContext *ctx, struct JSFunctionBytecode *b);
static void sandtide_let_go(JSRuntime *rt);
static void sandtide_keep_in_job(JSContext *ctx, JSValueConst value);
static void sandtide_uninstall(JSRuntime *rt);

#endif
