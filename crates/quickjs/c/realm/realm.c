/* Realms: what the runtime knows of each, their numbers, and the entries that the Rust side calls.
   A realm has a JSContext; a contextified one also has a sandbox, whose properties its global shows
   (global.c). How realms are made is in template.c, how they go in release.c.

   The rule for all C in this folder: whoever calls out to JavaScript (getters, traps, conversions,
   callbacks) holds what it uses afterwards, and checks again what it had checked. An allocation may
   collect, and so free what nobody holds. Dropping a value may free objects, realms and entries of
   lists that go with it, but runs no JavaScript. */

/* So many realms go, in whatever way, before the counts of what all share are topped up again. */
#define REALMS_BEFORE_TOP_UP (1 << 16)

typedef struct Realm {
    struct Sandtide *owner;
    uint32_t number;       /* with SANDTIDE_CONTEXTIFIED where it is */
    JSContext *ctx;        /* counted once for the sandbox, or for the handle of a vanilla context */
    Block *block;          /* what the realm was born in; NULL: by ordinary allocation */
    JSObject *global;      /* not counted */
    JSObject *inner;       /* the built-ins of a contextified realm, held by the global */
    JSObject *declared;    /* names that its scripts declared or assigned; NULL until there are any */
    JSObject *sandbox;     /* see `owns_sandbox` */
    /* A sandbox is normally held by its users alone, so that the realm can go with the last of them.
       When the realm outlives them, it holds the sandbox, counted. */
    bool owns_sandbox;
    bool vanilla;          /* made without a sandbox */
    bool disposed;
    bool strings_allowed;  /* code from strings: eval, Function */
    bool wasm_allowed;
    bool lent;             /* owns its sandbox during a collection only */
    bool holds_handle;     /* the count of `ctx` is the global's: no sandbox has it */
    uint32_t running;      /* scripts that run in it now */
    bool due;              /* to be looked at as soon as that is safe */
    struct Realm *next_due;
    bool suspect;          /* in the list of realms that may be garbage */
    uint32_t looks;        /* at a suspect that was still in use */
    uint32_t next_look;    /* turn of the next one */
    size_t memory_limit;   /* bytes, 0: none */
    size_t memory_used;    /* by runs so far */
    JSValue host_option;   /* the host's, for dynamic imports; a symbol or undefined */
    JSValue name;          /* a string or undefined */
    struct ScriptInstance *instances; /* of scripts that were compiled elsewhere: see scripts.c */
    bool own_jobs;         /* its promise jobs run at the end of its scripts, not with the host's */
    uint32_t jobs;         /* of its own that wait */
} Realm;

/* The origin of code is the host option that its script was compiled with: an object, a symbol
   or undefined. Code of the host itself has this one. */
#define NO_ORIGIN JS_MKVAL(JS_TAG_INT, 0)

typedef void SandtideCollected(void *opaque, size_t before, size_t after, size_t room, double ms,
                               int reason);

static uint64_t walk_room_size(JSRuntime *rt);

/* What the host gives realms beside the language: see lazy_globals.c. */
typedef struct SandtideLazyGlobal {
    const char *owner; /* the constructor in whose prototype it is; NULL: a global */
    const char *name;
    const char *key;   /* what the host's object has it by */
} SandtideLazyGlobal;

typedef struct SandtideHost {
    const SandtideLazyGlobal *lazy;
    uint32_t lazy_count;
    /* Makes the object that has the values of all of them, in a realm. */
    JSValue (*make_lazy)(JSContext *ctx);
    /* Calls a native function of the host's by its number. */
    JSValue (*call)(JSContext *ctx, int argc, JSValueConst *argv, int number);
} SandtideHost;

/* Where an exception was thrown. */
typedef struct ThrownPlace {
    JSValueConst value; /* not counted: compared, never looked into */
    JSFunctionBytecode *code;  /* what threw it; NULL: the line was looked up, before the code went. Not counted */
    JSFunctionBytecode *whole; /* of code from strings, as long as `code` is kept: whose text has the line */
    uint32_t at;        /* the instruction in `code` */
    JSAtom file;        /* once it is looked up, as all that follows: counted */
    char *text;         /* the line, where it is of no file; or NULL: owned */
    size_t text_len;
    int line, column;
    int width;          /* how many characters are marked; -1: none, nor is their line shown */
    bool is_used;
    bool is_of_text;    /* a text did not parse */
} ThrownPlace;

typedef struct Sandtide {
    JSRuntime *rt;
    JSClassID global_class;
    JSClassID script_class;
    JSClassID module_class;
    Realm **realms;        /* by number; [0] is no realm of ours */
    uint32_t realms_size;
    uint32_t realms_free;  /* lowest number that may be free */
    uint32_t realms_live;
    struct Template *templates[2]; /* contextified, vanilla */
    bool no_templates;     /* none can be built */
    void **shared;         /* what all realms refer to without counting: strings and shapes */
    uint32_t shared_count, shared_size;
    Block *free_blocks;
    uint32_t free_blocks_count;
    bool releasing;        /* between the verdict that a realm is garbage and its end */
    struct list_head zombies;
    uint32_t turn;         /* of the host's event loop */
    uint32_t suspects;
    Realm *due;            /* the first of those to be looked at */
    uint64_t created, copied, released, collected, gone;
    int column_offset;     /* of the code that is about to be compiled */
    size_t column_line;    /* offset of the line that it applies to */
    int reason;            /* of the next collection: one of SANDTIDE_REASON_* */
    size_t collection_start_size;
    struct timespec collection_start;
    SandtideCollected *on_collection;
    void *on_collection_opaque;
    void (*on_full)(JSRuntime *rt);
    JSValue import_callback;
    JSValue meta_callback;
    JSValue promise_callback;         /* the host's, which learns of promises; see promise_events.c */
    JSContext *main;       /* counted */
    JSValue anchor;        /* keeps the shape of objects without a prototype */
    struct Run *runs;      /* the innermost run: see runs.c */
    uint64_t deadline;     /* of all runs that are on, the first: CLOCK_MONOTONIC, ns; 0: none has one */
    bool ends_on_sigint;   /* so does one of these runs */
    bool linking_by_hand;  /* what a module imports is not looked for */
    JSValueConst compiling; /* origin of the code that is being compiled; NO_ORIGIN: the caller's */
    int error_line, error_column;     /* of the last syntax error */
    size_t body_start, body_end;      /* of the function whose text is compiled within ours; 0: none is */
    bool probing;                     /* what is compiled is only looked at */
    bool error_after_body;            /* the last syntax error was met in what is ours */
    bool may_return;                  /* a text is compiled that is a function's body */
    int error_width;                  /* how many characters are marked; -1: none */
    bool error_in_module;
    ThrownPlace thrown[8];            /* where the last exceptions were thrown: see thrown.c */
    uint32_t thrown_next;             /* how many were noted */
    JSAtom from_string;               /* the name of code from strings: it stays */
    JSAtom stack_limit, anonymous;    /* "stackTraceLimit", "anonymous": they stay */
    ThrownPlace made;                 /* where the last error was made whose stack the program formatted */
    struct ScriptCache *script_cache; /* NULL: nothing was kept yet */
    bool orphans;          /* there are instances of scripts that have gone */
    SandtideHost host;
    JSObject **kept;       /* until the end of the job: what weak references were made of, or answered; counted */
    uint32_t kept_count, kept_size;
    JSContext *lazy_realm; /* whose lazy globals are settled now: see lazy_globals.c */
    JSValue lazy_made;
} Sandtide;

enum { SANDTIDE_REASON_ALLOCATION, SANDTIDE_REASON_REQUESTED };

static inline struct list_head *sandtide_zombies(JSRuntime *rt)
{
    return rt->sandtide && rt->sandtide->releasing ? &rt->sandtide->zombies
                                                   : &rt->gc_zero_ref_count_list;
}

static inline bool sandtide_dies_outside(JSRuntime *rt, const void *gc_object)
{
    return rt->sandtide && rt->sandtide->releasing && !JS_GC_MARK(gc_object);
}

static inline bool sandtide_is_contextified(JSContext *ctx)
{
    return (ctx->sandtide_realm & SANDTIDE_CONTEXTIFIED) != 0;
}

static inline bool sandtide_is_global(JSContext *ctx, JSClassID class_id)
{
    return ctx->rt->sandtide && class_id == ctx->rt->sandtide->global_class;
}

static inline JSContext *sandtide_main(JSContext *ctx)
{
    return ctx->rt->sandtide ? ctx->rt->sandtide->main : ctx;
}

static inline Realm *realm_of_tag(Sandtide *s, uint32_t tag)
{
    return s->realms[SANDTIDE_NUMBER(tag)];
}

static inline Realm *realm_of_context(JSContext *ctx)
{
    return ctx->sandtide_realm ? realm_of_tag(ctx->rt->sandtide, ctx->sandtide_realm) : NULL;
}

/* The realm that an object stands for, as sandbox or as the global of a vanilla context. */
static Realm *realm_of_value(JSContext *ctx, JSValueConst value)
{
    JSObject *p;
    Realm *realm;

    if (!JS_IsObject(value))
        return NULL;
    p = JS_VALUE_GET_OBJ(value);
    if (!(p->sandtide_realm & (SANDTIDE_SANDBOX | SANDTIDE_GLOBAL)))
        return NULL;
    realm = realm_of_tag(ctx->rt->sandtide, p->sandtide_realm);
    if (p->sandtide_realm & SANDTIDE_GLOBAL)
        return realm && realm->vanilla && realm->global == p ? realm : NULL;
    return realm;
}

static Realm *realm_alloc(Sandtide *s, bool contextified)
{
    uint32_t number, size;
    Realm *realm, **realms;

    for (number = s->realms_free; number < s->realms_size; number++) {
        if (!s->realms[number])
            break;
    }
    if (number == s->realms_size) {
        size = s->realms_size * 2;
        realms = realloc(s->realms, size * sizeof(*realms));
        if (!realms)
            return NULL;
        memset(realms + s->realms_size, 0, s->realms_size * sizeof(*realms));
        s->realms = realms;
        s->realms_size = size;
    }
    realm = calloc(1, sizeof(*realm));
    if (!realm)
        return NULL;
    s->realms[number] = realm;
    s->realms_free = number + 1;
    s->realms_live++;
    realm->owner = s;
    realm->number = number | (contextified ? SANDTIDE_CONTEXTIFIED : 0);
    realm->strings_allowed = true;
    realm->wasm_allowed = true;
    realm->host_option = JS_UNDEFINED;
    realm->name = JS_UNDEFINED;
    return realm;
}

static void realm_free_instances(Realm *realm);
static struct ScriptInstance *realm_take_code(Realm *realm);
static void give_code_back(Sandtide *s, struct ScriptInstance *taken);
static void realm_mark_instances(Realm *realm, JS_MarkFunc *mark_func);
static void realm_free_jobs(Realm *realm);
static void realm_mark_jobs(Realm *realm, JS_MarkFunc *mark_func);
static void free_orphans(Sandtide *s);
static void top_up_shared(Sandtide *s);

/* What a realm holds apart from its heap. */
static void realm_free_values(Realm *realm)
{
    JSRuntime *rt = realm->owner->rt;
    JSValue host_option = realm->host_option, name = realm->name;
    JSObject *declared = realm->declared;

    realm->declared = NULL;
    if (declared)
        JS_FreeValueRT(rt, JS_MKPTR(JS_TAG_OBJECT, declared));
    realm->host_option = realm->name = JS_UNDEFINED;
    JS_FreeValueRT(rt, host_option);
    JS_FreeValueRT(rt, name);
    realm_free_instances(realm);
    realm_free_jobs(realm);
}

static void realm_forget(Realm *realm)
{
    Sandtide *s = realm->owner;
    uint32_t number = SANDTIDE_NUMBER(realm->number);

    realm_free_values(realm);
    if (realm->suspect)
        s->suspects--;
    if (realm->due) {
        Realm **link = &s->due;
        while (*link != realm)
            link = &(*link)->next_due;
        *link = realm->next_due;
    }
    s->realms[number] = NULL;
    s->realms_live--;
    if (++s->gone % REALMS_BEFORE_TOP_UP == 0)
        top_up_shared(s);
    if (number < s->realms_free)
        s->realms_free = number;
    free(realm);
}
