/* A run of code under a limit: wall time, SIGINT, a context's memory. Runs nest. */

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

/* What the error that tells of a full heap may take beyond the limit, in bytes. */
#define ERROR_ROOM (64 << 10)

/* An allocation failed, and an error is about to be thrown for it, or was. If a context's limit is the
   cause, the error ends the run whatever it catches, and so does the next interrupt. */
static void sandtide_out_of_memory(JSContext *ctx, bool thrown)
{
    Sandtide *s = ctx->rt->sandtide;
    Run *run;

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
        /* a short script with a short limit should not outlive it by much */
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
    if (run->break_on_sigint)
        sigaction(SIGINT, &run->sigint_before, NULL);
    rt->malloc_state.malloc_limit = run->limit_before;
    if (JS_IsException(result) && (run->timed_out || run->interrupted || run->out_of_memory)) {
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
            result = throw_coded(run->ctx, "ERR_CONTEXT_MEMORY_LIMIT", message);
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

/* The realm that a job belongs to: of a promise's reaction, that of the handler. */
static JSContext *job_context(JSJobEntry *e)
{
    JSObject *handler;

    if (e->job_func != promise_reaction_job || e->argc < 5 || !JS_IsObject(e->argv[2]))
        return e->ctx;
    handler = JS_VALUE_GET_OBJ(e->argv[2]);
    if (js_class_has_bytecode(handler->class_id))
        return handler->u.func.function_bytecode->realm;
    return handler->class_id == JS_CLASS_C_FUNCTION ? handler->u.cfunc.realm : e->ctx;
}

static bool job_is_of_other_queue(JSContext *job, JSContext *queue)
{
    Realm *realm;

    if (queue)
        return job != queue;
    realm = realm_of_context(job);
    return realm && realm->own_jobs;
}

/* Runs the first job of a queue: of a context with a queue of its own, or of all others (NULL).
   1: one was run, 0: there is none, -1: it threw. */
static int run_job(JSRuntime *rt, JSContext *queue)
{
    struct list_head *el;

    list_for_each(el, &rt->job_list) {
        JSJobEntry *e = list_entry(el, JSJobEntry, link);
        JSContext *ctx = e->ctx;
        JSValue result;
        int i;

        if (job_is_of_other_queue(job_context(e), queue))
            continue;
        list_del(&e->link);
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
        ran = run_job(realm->owner->rt, realm->ctx);
        if (ran == 0)
            break;
        if (ran < 0) {
            JS_FreeValue(realm->ctx, result);
            result = JS_EXCEPTION;
        }
    }
    return result;
}
