/* What is kept until a job ends, and only until then. Must not know who runs jobs. */

/* A list that grew longer than this is given back when the job ends. */
#define KEPT_AT_REST 64

/* The list is the host's: no realm pays for it after the run in which it grew. */
static void no_realm_pays(const Sandtide *s, size_t before)
{
    Run *run;

    for (run = s->runs; run; run = run->outer)
        run->size_before += s->rt->malloc_state.malloc_size - before;
}

static bool make_room_for_kept(Sandtide *s)
{
    size_t before = s->rt->malloc_state.malloc_size;
    uint32_t size = s->kept_size ? s->kept_size * 2 : KEPT_AT_REST;
    JSObject **kept;

    if (s->kept_count < s->kept_size)
        return true;
    if (s->kept_size > INT32_MAX / sizeof(*kept))
        return false;
    kept = js_realloc_rt(s->rt, s->kept, size * sizeof(*kept));
    if (!kept)
        return false;
    s->kept = kept;
    s->kept_size = size;
    no_realm_pays(s, before);
    return true;
}

/* What a weak reference was made of or answered is there until the job ends: the host says when. */
static void sandtide_keep_in_job(JSContext *ctx, JSValueConst value)
{
    Sandtide *s = ctx->rt->sandtide;
    JSObject *p;

    if (!s || !JS_IsObject(value))
        return;
    p = JS_VALUE_GET_OBJ(value);
    /* without memory it lives as long as the program holds it */
    if (p->sandtide_kept || !make_room_for_kept(s))
        return;
    p->sandtide_kept = true;
    js_dup(value);
    s->kept[s->kept_count++] = p;
}

/* A run counts what is there at its end as used. What goes later, because the job has ended, its realm has
   again. */
static void give_back(Sandtide *s, uint32_t tag, size_t before)
{
    Realm *realm = realm_of_tag(s, tag);
    size_t after = s->rt->malloc_state.malloc_size;

    /* while it runs, the end of the run sees it */
    if (!realm || realm->running || before <= after)
        return;
    if (realm->memory_used > before - after)
        realm->memory_used -= before - after;
    else
        realm->memory_used = 0;
}

/* The job has ended. What is freed may run finalizers that keep more. */
static void let_kept_go(Sandtide *s)
{
    size_t before;

    while (s->kept_count > 0) {
        JSObject *p = s->kept[--s->kept_count];
        uint32_t tag = p->sandtide_realm;
        before = s->rt->malloc_state.malloc_size;
        p->sandtide_kept = false;
        JS_FreeValueRT(s->rt, JS_MKPTR(JS_TAG_OBJECT, p));
        /* the realm may have gone with it */
        give_back(s, tag, before);
    }
    if (s->kept_size > KEPT_AT_REST) {
        before = s->rt->malloc_state.malloc_size;
        js_free_rt(s->rt, s->kept);
        s->kept = NULL;
        s->kept_size = 0;
        no_realm_pays(s, before);
    }
}
