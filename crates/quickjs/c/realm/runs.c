/* A run of code under a limit: wall time, SIGINT, a context's memory. Runs nest. A run holds its
   context and its sandbox, whatever the code does to them. */

#include <signal.h>

typedef struct Run {
    struct Run *outer;
    Realm *realm;         /* NULL: the main realm */
    JSContext *ctx;
    uint64_t deadline;    /* CLOCK_MONOTONIC, ns; 0: none */
    int64_t timeout;      /* ms */
    bool break_on_sigint;
    bool timed_out, interrupted, out_of_memory;
    size_t limit_before;  /* the heap's, in bytes */
    size_t size_before;
    struct sigaction sigint_before;
    JSValue held;         /* what keeps the realm */
} Run;

static volatile sig_atomic_t sigint_seen;

static void on_sigint(int signal)
{
    (void)signal;
    sigint_seen = 1;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* The first deadline of the runs that are on, and whether a signal ends one of them. */
static void note_limits(Sandtide *s)
{
    Run *run;

    s->deadline = 0;
    s->ends_on_sigint = false;
    for (run = s->runs; run; run = run->outer) {
        if (run->deadline && (!s->deadline || run->deadline < s->deadline))
            s->deadline = run->deadline;
        s->ends_on_sigint |= run->break_on_sigint;
    }
    s->rt->sandtide_limited = s->deadline || s->ends_on_sigint;
}

/* After a step that may have taken long: has the next poll of `ctx` ask where a limit may be passed. The clock
   is one that costs little, and is some milliseconds late. */
static no_inline void sandtide_look_at_limits(JSContext *ctx)
{
    Sandtide *s = ctx->rt->sandtide;
    struct timespec now;

    if (s->ends_on_sigint && sigint_seen) {
        ctx->interrupt_counter = 1;
    } else if (s->deadline && clock_gettime(CLOCK_MONOTONIC_COARSE, &now) == 0 &&
               now.tv_sec * 1000000000ull + now.tv_nsec >= s->deadline) {
        ctx->interrupt_counter = 1;
    }
}

/* Asked by the interpreter and the regular expression engine every few thousand steps. */
static int interrupt(JSRuntime *rt, void *opaque)
{
    Sandtide *s = opaque;
    Run *run;
    uint64_t now = 0;

    (void)rt;
    for (run = s->runs; run; run = run->outer) {
        if (run->out_of_memory)
            return 1;
        if (run->deadline) {
            if (!now)
                now = now_ns();
            if (now >= run->deadline) {
                run->timed_out = true;
                return 1;
            }
        }
        if (run->break_on_sigint && sigint_seen) {
            run->interrupted = true;
            return 1;
        }
    }
    return 0;
}

static bool is_over(const Run *run)
{
    return run->timed_out || run->interrupted || run->out_of_memory;
}

/* Whether a limit was hit by the run that is going on, or by one that it is nested in. */
static bool sandtide_run_is_over(JSRuntime *rt)
{
    Run *run;

    for (run = rt->sandtide ? rt->sandtide->runs : NULL; run; run = run->outer) {
        if (is_over(run))
            return true;
    }
    return false;
}

/* The error that ends a run was thrown. The engine catches it in places where scripts cannot, so the
   next step asks again. */
static void sandtide_interrupted(JSContext *ctx)
{
    Run *run;

    if (!sandtide_run_is_over(ctx->rt))
        return;
    ctx->interrupt_counter = 1;
    for (run = ctx->rt->sandtide->runs; run; run = run->outer)
        run->ctx->interrupt_counter = 1;
}

static void script_cache_free(Sandtide *s);
static size_t script_cache_size(const Sandtide *s);

/* What the error that tells of a full heap may take beyond the limit, in bytes. */
#define ERROR_ROOM (64 << 10)

/* An allocation failed, and an error is or was thrown for it. If a context's limit is the cause,
   the error ends the run whatever the run catches, and so does the next interrupt. */
static void sandtide_out_of_memory(JSContext *ctx, bool thrown)
{
    Sandtide *s = ctx->rt->sandtide;
    Run *run;

    if (s && !thrown && ctx->rt->gc_phase == JS_GC_PHASE_NONE)
        script_cache_free(s);
    for (run = s ? s->runs : NULL; run; run = run->outer) {
        if (!run->realm || !run->realm->memory_limit ||
            ctx->rt->malloc_state.malloc_limit == run->limit_before)
            continue;
        if (!run->out_of_memory)
            ctx->rt->malloc_state.malloc_limit += ERROR_ROOM;
        run->out_of_memory = true;
        run->ctx->interrupt_counter = ctx->interrupt_counter = 1;
        if (thrown && JS_IsObject(ctx->rt->current_exception))
            js_set_uncatchable_error(ctx, ctx->rt->current_exception, true);
        return;
    }
    /* the heap's own limit */
    if (s && s->on_full && !thrown)
        s->on_full(ctx->rt);
}

/* The heap would pass its limit before it has grown by half, which is when the next collection
   is due. So that comes when half of what is left is taken, until too little is left. A
   context's limit is on what its runs allocate, garbage included. Compiled texts that are kept go when they take more than
   what is left. */
static void sandtide_collect_before_limit(JSRuntime *rt)
{
    size_t limit = rt->malloc_state.malloc_limit, size = rt->malloc_state.malloc_size, left;
    Run *run;

    if (!rt->sandtide)
        return;
    left = size < limit ? limit - size : 0;
    if (unlikely(left < script_cache_size(rt->sandtide))) {
        script_cache_free(rt->sandtide);
        size = rt->malloc_state.malloc_size;
    }
    for (run = rt->sandtide->runs; run; run = run->outer)
        limit = run->limit_before;
    if (!limit || rt->malloc_gc_threshold <= limit)
        return;
    left = size < limit ? limit - size : 0;
    if (left > limit / 64)
        rt->malloc_gc_threshold = size + left / 2;
}

/* The compiler runs without a context's limit; its memory is counted, so that what comes next fails. */
static size_t sandtide_lift_limit(JSRuntime *rt)
{
    size_t limit = rt->malloc_state.malloc_limit;
    Run *run;

    for (run = rt->sandtide ? rt->sandtide->runs : NULL; run; run = run->outer)
        rt->malloc_state.malloc_limit = run->limit_before;
    return limit;
}

static void sandtide_restore_limit(JSRuntime *rt, size_t limit)
{
    rt->malloc_state.malloc_limit = limit;
}

static void run_begin(Sandtide *s, Run *run, Realm *realm, int64_t timeout, bool break_on_sigint)
{
    JSRuntime *rt = s->rt;

    memset(run, 0, sizeof(*run));
    run->outer = s->runs;
    run->realm = realm;
    run->ctx = JS_DupContext(realm ? realm->ctx : s->main);
    run->timeout = timeout;
    run->held = realm && realm->sandbox ? js_dup(object_value(realm->sandbox)) : JS_UNDEFINED;
    if (timeout >= 0) {
        run->deadline = now_ns() + (uint64_t)timeout * 1000000;
        /* a short limit should not be passed by much */
        run->ctx->interrupt_counter = min_int(run->ctx->interrupt_counter, 1000);
    }
    run->break_on_sigint = break_on_sigint;
    if (break_on_sigint) {
        struct sigaction action = { .sa_handler = on_sigint };
        sigemptyset(&action.sa_mask);
        sigint_seen = 0;
        sigaction(SIGINT, &action, &run->sigint_before);
    }
    run->limit_before = rt->malloc_state.malloc_limit;
    run->size_before = rt->malloc_state.malloc_size;
    if (realm) {
        realm->running++;
        if (realm->memory_limit) {
            size_t left = realm->memory_limit > realm->memory_used
                              ? realm->memory_limit - realm->memory_used : 0;
            size_t limit = rt->malloc_state.malloc_size + left + 1;
            if (!run->limit_before || limit < run->limit_before)
                rt->malloc_state.malloc_limit = limit;
        }
    }
    s->runs = run;
    note_limits(s);
}

static JSValue throw_coded(JSContext *ctx, const char *code, const char *message)
{
    JSValue error = JS_MakeError2(ctx, JS_PLAIN_ERROR, true, message);

    if (JS_IsException(error))
        return error;
    JS_DefinePropertyValueStr(ctx, error, "code", JS_NewString(ctx, code), JS_PROP_C_W_E);
    return JS_Throw(ctx, error);
}

/* Ends a run. `result` is what it gave; if a limit ended it, that becomes the limit's error. */
static JSValue run_end(Sandtide *s, Run *run, JSValue result)
{
    JSRuntime *rt = s->rt;
    Realm *realm = run->realm;
    char message[96];

    s->runs = run->outer;
    note_limits(s);
    /* a built-in does not ask: it may have taken all of the time, and more */
    if (run->deadline && now_ns() >= run->deadline)
        run->timed_out = true;
    if (run->break_on_sigint)
        sigaction(SIGINT, &run->sigint_before, NULL);
    rt->malloc_state.malloc_limit = run->limit_before;
    if (is_over(run)) {
        /* whatever it gave: the error may have been caught by the engine on its way */
        JS_FreeValue(run->ctx, result);
        JS_FreeValue(run->ctx, JS_GetException(run->ctx));
        if (run->timed_out) {
            snprintf(message, sizeof(message), "Script execution timed out after %lldms",
                     (long long)run->timeout);
            result = throw_coded(run->ctx, "ERR_SCRIPT_EXECUTION_TIMEOUT", message);
        } else if (run->interrupted) {
            result = throw_coded(run->ctx, "ERR_SCRIPT_EXECUTION_INTERRUPTED",
                                 "Script execution was interrupted by `SIGINT`");
        } else {
            snprintf(message, sizeof(message), "The context's memory limit of %zu bytes is reached",
                     realm->memory_limit);
            /* the error is of the main realm: whoever keeps it should not keep the full context */
            result = throw_coded(s->main, "ERR_CONTEXT_MEMORY_LIMIT", message);
        }
    }
    if (realm) {
        realm->running--;
        if (realm->memory_limit) {
            if (rt->malloc_state.malloc_size >= run->size_before)
                realm->memory_used += rt->malloc_state.malloc_size - run->size_before;
            else if (realm->memory_used > run->size_before - rt->malloc_state.malloc_size)
                realm->memory_used -= run->size_before - rt->malloc_state.malloc_size;
            else
                realm->memory_used = 0;
        }
    }
    JS_FreeContext(run->ctx);
    JS_FreeValueRT(rt, run->held);
    return result;
}

/* The context of a function: of its code, or the one that made it. */
static JSContext *context_of_function(JSContext *ctx, JSValueConst function)
{
    JSObject *p;
    Realm *realm;

    if (!JS_IsObject(function))
        return ctx;
    p = JS_VALUE_GET_OBJ(function);
    if (js_class_has_bytecode(p->class_id))
        return p->u.func.function_bytecode->realm;
    switch (p->class_id) {
    case JS_CLASS_C_FUNCTION:
        return p->u.cfunc.realm;
    case JS_CLASS_ASYNC_FUNCTION_RESOLVE:
    case JS_CLASS_ASYNC_FUNCTION_REJECT:
        /* made by whoever called the function that waits */
        if (p->u.async_function_data && p->u.async_function_data->is_active)
            return context_of_function(ctx, p->u.async_function_data->func_state.frame.cur_func);
        return ctx;
    case JS_CLASS_PROXY:
        /* does not lead to the realm that made it, whose number may be another's now */
        return ctx;
    }
    if ((p->sandtide_realm & SANDTIDE_SANDBOX) ||
        SANDTIDE_NUMBER(p->sandtide_realm) == SANDTIDE_NUMBER(ctx->sandtide_realm))
        return ctx;
    realm = realm_of_tag(ctx->rt->sandtide, p->sandtide_realm);
    return realm ? realm->ctx : ctx->rt->sandtide->main;
}

/* A job runs in the context that it is for: a promise's reaction in the handler's, a call of
   `then` in that of the `then` function. Answers the number of that context's realm if it has a
   queue of its own; 0: the job goes into the host's queue. */
static uint32_t sandtide_queue_of_job(JSContext *ctx, JSJobEntry *e)
{
    Realm *realm;

    if (!ctx->rt->sandtide)
        return 0;
    if ((e->job_func == promise_reaction_job && e->argc >= 5) ||
        (e->job_func == js_promise_resolve_thenable_job && e->argc >= 3)) {
        e->ctx = JS_DupContext(context_of_function(ctx, e->argv[2]));
        JS_FreeContext(ctx);
    }
    realm = realm_of_context(e->ctx);
    if (!realm || !realm->own_jobs)
        return 0;
    realm->jobs++;
    return SANDTIDE_NUMBER(realm->number);
}

static bool is_own_job(const Realm *realm, const JSJobEntry *e)
{
    return e->sandtide_queue == SANDTIDE_NUMBER(realm->number);
}

/* A realm's own jobs wait for its next script. What they hold is held by the realm. */
static void realm_mark_jobs(Realm *realm, JS_MarkFunc *mark_func)
{
    JSRuntime *rt = realm->owner->rt;
    struct list_head *el;
    int i;

    if (!realm->jobs)
        return;
    list_for_each(el, &rt->job_list) {
        JSJobEntry *e = list_entry(el, JSJobEntry, link);
        if (!is_own_job(realm, e))
            continue;
        mark_func(rt, &e->ctx->header);
        for (i = 0; i < e->argc; i++)
            JS_MarkValue(rt, e->argv[i], mark_func);
    }
}

static void realm_free_jobs(Realm *realm)
{
    JSRuntime *rt = realm->owner->rt;
    struct list_head *el, *el1, own;
    int i;

    if (!realm->jobs)
        return;
    realm->jobs = 0;
    init_list_head(&own);
    list_for_each_safe(el, el1, &rt->job_list) {
        if (!is_own_job(realm, list_entry(el, JSJobEntry, link)))
            continue;
        list_del(el);
        list_add_tail(el, &own);
    }
    /* freeing a job may free a realm that has jobs of its own */
    while (!list_empty(&own)) {
        JSJobEntry *e = list_entry(own.next, JSJobEntry, link);
        list_del(&e->link);
        for (i = 0; i < e->argc; i++)
            JS_FreeValueRT(rt, e->argv[i]);
        JS_FreeContext(e->ctx);
        js_free_rt(rt, e);
    }
}

/* The engine's own JS_ExecutePendingJob tells its caller the job's context, which the caller
   does not count. So the context is held until the next job where nothing else holds it. Takes
   `ctx`. */
static void sandtide_keep_job_context(JSRuntime *rt, JSContext *ctx)
{
    JSContext *before = rt->sandtide_job_context;

    if (ctx && JS_REF_COUNT(ctx) > 1) {
        JS_FreeContext(ctx);
        ctx = NULL;
    }
    rt->sandtide_job_context = ctx;
    if (before)
        JS_FreeContext(before);
}

/* Runs the first job of a queue: of a realm with a queue of its own, or the host's (NULL).
   1: one was run, 0: there is none, -1: it threw. */
static int run_job(JSRuntime *rt, Realm *queue)
{
    struct list_head *el;

    list_for_each(el, &rt->job_list) {
        JSJobEntry *e = list_entry(el, JSJobEntry, link);
        JSContext *ctx = e->ctx;
        JSValue result;
        int i;

        if (e->sandtide_queue != (queue ? SANDTIDE_NUMBER(queue->number) : 0))
            continue;
        list_del(&e->link);
        if (queue)
            queue->jobs--;
        result = e->job_func(ctx, e->argc, vc(e->argv));
        for (i = 0; i < e->argc; i++)
            JS_FreeValue(ctx, e->argv[i]);
        js_free(ctx, e);
        i = JS_IsException(result) ? -1 : 1;
        JS_FreeValue(ctx, result);
        JS_FreeContext(ctx);
        return i;
    }
    return 0;
}

/* Runs a context's own jobs until none is left. */
static JSValue run_own_jobs(Realm *realm, JSValue result)
{
    int ran;

    while (!JS_IsException(result)) {
        ran = run_job(realm->owner->rt, realm);
        if (ran == 0)
            break;
        if (ran < 0) {
            JS_FreeValue(realm->ctx, result);
            result = JS_EXCEPTION;
        }
    }
    return result;
}
