/* Sampling the stack of a thread by a signal of a timer of its own.

   The handler may come between any two instructions. It only reads frames, which are whole once they
   are linked (patches/realm/frames-in-order.patch), the function of each, which its caller holds, and
   that function's code, which it holds; and it writes into memory that was taken before, and into the
   counter that brings the thread to its next poll. Names are looked up later, by the thread itself: at
   that poll, and while the code is still there, before a heap is put back and before code is freed.

   A heap that a run was jumped out of may be half changed anywhere. Nothing is looked up in it: what
   is known then is what was noted at polls.

   Must not know what is made of samples. */

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SAMPLED_FRAMES 128
#define SAMPLE_SIGNAL SIGPROF
/* A thread that waits is left alone after so many samples of it. */
#define IDLE_SAMPLES 20

#define NATIVE_NAMES 4096u /* a power of two; more than there are built-ins */
#define NATIVE_TEXT 42     /* characters of a name, with the 0 at the end */
#define CODE_NAMES 4096u   /* a power of two */
#define CODE_PLACES 8u     /* where an address may stand: code is forgotten where these are taken */

/* A C function's name, kept as text: the function may go, and its script may rename it. */
typedef struct {
    const void *pointer; /* written last; NULL: the place is free */
    uint16_t kind;
    int16_t magic;
    char text[NATIVE_TEXT];
} NativeName;

/* Whose names these strings are lives as long as they do: code that goes is forgotten. */
typedef struct {
    const JSFunctionBytecode *code; /* written last; NULL: the place is free */
    uint64_t stay;                  /* in which it was noted; the place is free in another */
    SandtideName name, file;
} CodeName;

struct SandtideSampler {
    JSRuntime *volatile rt;
    const volatile uint32_t *volatile gone;
    void *const volatile *volatile entered;
    volatile uint32_t tag, phase;
    volatile uint32_t busy; /* somebody reads: nothing is noted */
    volatile uint32_t used; /* bytes of `room` */
    volatile uint32_t lost;
    volatile uint32_t idle;   /* samples in a row in which the thread waited */
    volatile uint32_t paused; /* the timer is off until the thread does something */
    struct itimerspec every;
    uint64_t turns; /* what the first tick's moment is drawn from */
    uint32_t room;
    void (*on_code_goes)(void *opaque);
    void *opaque;
    timer_t timer;
    uint8_t *bytes;
    uint32_t noted;          /* bytes of samples whose functions were looked up at a poll */
    uint32_t natives_tag;    /* whom the names of natives were collected for */
    uint32_t natives_count;
    uint64_t stay;           /* between two calls of sandtide_sampler_enter */
    NativeName natives[NATIVE_NAMES];
    CodeName codes[CODE_NAMES];
};

/* Its place is fixed when the program is loaded, because the handler reads it. */
static __thread SandtideSampler *volatile thread_sampler __attribute__((tls_model("initial-exec")));

static void allocations_code_goes(JSRuntime *rt, const JSFunctionBytecode *b);

#define sample_fence() __atomic_signal_fence(__ATOMIC_SEQ_CST)

static void sample_frame(const JSStackFrame *sf, SandtideFrame *frame)
{
    const JSObject *p;

    memset(frame, 0, sizeof(*frame));
    frame->kind = SANDTIDE_FRAME_OTHER;
    if (JS_VALUE_GET_TAG(sf->cur_func) != JS_TAG_OBJECT)
        return;
    p = JS_VALUE_GET_PTR(sf->cur_func);
    switch (p->class_id) {
    case JS_CLASS_BYTECODE_FUNCTION:
    case JS_CLASS_GENERATOR_FUNCTION:
    case JS_CLASS_ASYNC_FUNCTION:
    case JS_CLASS_ASYNC_GENERATOR_FUNCTION: {
        const JSFunctionBytecode *b = p->u.func.function_bytecode;
        uintptr_t offset = (uintptr_t)sf->cur_pc - (uintptr_t)b->byte_code_buf;
        frame->kind = SANDTIDE_FRAME_CODE;
        frame->pointer = b;
        if (sf->cur_pc && offset <= (uintptr_t)b->byte_code_len)
            frame->offset = offset + 1;
        return;
    }
    case JS_CLASS_C_FUNCTION:
        frame->kind = SANDTIDE_FRAME_NATIVE;
        frame->pointer = (const void *)p->u.cfunc.c_function.generic;
        frame->magic = p->u.cfunc.magic;
        return;
    case JS_CLASS_C_FUNCTION_DATA:
        if (!p->u.c_function_data_record)
            return;
        frame->kind = SANDTIDE_FRAME_DATA;
        frame->pointer = (const void *)p->u.c_function_data_record->func;
        frame->magic = p->u.c_function_data_record->magic;
        return;
    }
}

/* Has the next step of the innermost script that is running poll, so that its names are noted. An
   instant's decrement may undo it; then the next sample's does. */
static void poll_soon(const SandtideFrame *frames, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++) {
        if (frames[i].kind == SANDTIDE_FRAME_CODE) {
            JSContext *realm = ((const JSFunctionBytecode *)frames[i].pointer)->realm;
            if (realm)
                realm->interrupt_counter = 1;
            return;
        }
    }
}

static void take_sample(SandtideSampler *s)
{
    JSRuntime *rt = s->rt;
    SandtideSample *sample;
    SandtideFrame *frames;
    const JSStackFrame *sf;
    struct timespec now;
    uint32_t most;

    if (s->busy || s->room - s->used < sizeof(*sample)) {
        s->lost++;
        return;
    }
    sample = (SandtideSample *)(s->bytes + s->used);
    frames = (SandtideFrame *)(sample + 1);
    most = (s->room - s->used - sizeof(*sample)) / sizeof(*frames);
    if (most > SAMPLED_FRAMES)
        most = SAMPLED_FRAMES;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *sample = (SandtideSample){
        .time = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec,
        .tag = s->tag,
        .phase = s->phase,
    };
    if (rt && (!s->gone || !*s->gone) && (!s->entered || *s->entered)) {
        for (sf = rt->current_stack_frame; sf && sample->frames < most; sf = sf->prev_frame)
            sample_frame(sf, &frames[sample->frames++]);
        /* the first sample of a run leaves it as it is: most runs are over before the next */
        if (s->gone && s->used)
            poll_soon(frames, sample->frames);
        if (rt->sandtide_collecting)
            sample->phase = SANDTIDE_PHASE_GC;
    }
    s->used += sizeof(*sample) + sample->frames * sizeof(*frames);
    if (sample->frames || s->phase != SANDTIDE_PHASE_IDLE) {
        s->idle = 0;
    } else if (++s->idle >= IDLE_SAMPLES) {
        const struct itimerspec off = { { 0, 0 }, { 0, 0 } };
        s->paused = 1;
        timer_settime(s->timer, 0, &off, NULL);
    }
}

static void on_sample_signal(int signal)
{
    SandtideSampler *s = thread_sampler;
    int error = errno;

    (void)signal;
    if (s)
        take_sample(s);
    errno = error;
}

/* Once for the process; the handler stays, and does nothing on threads that are not sampled. */
static bool install_sample_handler(void)
{
    struct sigaction action = { .sa_handler = on_sample_signal, .sa_flags = SA_RESTART | SA_ONSTACK };
    struct sigaction before;

    if (sigaction(SAMPLE_SIGNAL, NULL, &before))
        return false;
    if (before.sa_handler == on_sample_signal)
        return true;
    if ((before.sa_flags & SA_SIGINFO) ||
        (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)) {
        errno = EBUSY;
        return false;
    }
    /* the watchdog's must not find the thread in here */
    sigfillset(&action.sa_mask);
    return sigaction(SAMPLE_SIGNAL, &action, NULL) == 0;
}

/* Has the timer tick from now on, the first time at any moment of an interval: what is shorter than one and
   begins with the timer is seen as often as it should be. */
static void start_ticks(SandtideSampler *s)
{
    struct itimerspec first = s->every;
    uint64_t ns = (uint64_t)first.it_interval.tv_sec * 1000000000 + first.it_interval.tv_nsec;

    if (ns) {
        s->turns = s->turns * 6364136223846793005u + 1442695040888963407u;
        ns = 1 + (s->turns >> 11) % ns;
        first.it_value = (struct timespec){ ns / 1000000000, ns % 1000000000 };
    }
    timer_settime(s->timer, 0, &first, NULL);
}

SandtideSampler *sandtide_sampler_start(uint64_t interval_ns, uint32_t room)
{
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SAMPLE_SIGNAL };
    struct itimerspec every = {
        .it_interval = { interval_ns / 1000000000, interval_ns % 1000000000 },
    };
    SandtideSampler *s;
    sigset_t mask;

    if (thread_sampler) {
        errno = EBUSY;
        return NULL;
    }
    if (!install_sample_handler())
        return NULL;
    s = calloc(1, sizeof(*s));
    if (!s || !(s->bytes = calloc(1, room))) {
        free(s);
        errno = ENOMEM;
        return NULL;
    }
    s->room = room;
    every.it_value = every.it_interval;
#ifdef sigev_notify_thread_id
    event.sigev_notify_thread_id = syscall(SYS_gettid);
#else
    event._sigev_un._tid = syscall(SYS_gettid);
#endif
    sigemptyset(&mask);
    sigaddset(&mask, SAMPLE_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
    thread_sampler = s;
    if (timer_create(CLOCK_MONOTONIC, &event, &s->timer)) {
        int error = errno;
        thread_sampler = NULL;
        free(s->bytes);
        free(s);
        errno = error;
        return NULL;
    }
    s->every = every;
    start_ticks(s);
    return s;
}

int sandtide_sampler_adopt(SandtideSampler *s)
{
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SAMPLE_SIGNAL };
    int timer;

#ifdef sigev_notify_thread_id
    event.sigev_notify_thread_id = syscall(SYS_gettid);
#else
    event._sigev_un._tid = syscall(SYS_gettid);
#endif
    /* the kernel's own number, which is all that glibc's is made of for a timer without a thread */
    if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer))
        return -1;
    s->timer = (timer_t)(intptr_t)timer;
    return timer;
}

void sandtide_sampler_every(SandtideSampler *s, uint64_t interval_ns)
{
    const struct itimerspec every = {
        .it_interval = { interval_ns / 1000000000, interval_ns % 1000000000 },
        .it_value = { interval_ns / 1000000000, interval_ns % 1000000000 },
    };

    s->every = every;
    s->used = s->noted = s->idle = s->paused = 0;
    start_ticks(s);
}

void sandtide_sampler_stop(SandtideSampler *s)
{
    timer_delete(s->timer);
    thread_sampler = NULL;
    sample_fence();
    free(s->bytes);
    free(s);
}

/* Whether the heap may be looked at: no run was jumped out of. */
static bool sample_is_whole(const SandtideSampler *s)
{
    return !s->gone || !*s->gone;
}

/* Where the name of a C function stands, or would; NULL: nowhere. */
static NativeName *native_place(SandtideSampler *s, const void *pointer, uint16_t kind, int16_t magic)
{
    uint32_t at = mix64((uintptr_t)pointer ^ (uint64_t)(uint16_t)magic << 48) + kind, i;

    for (i = 0; i < NATIVE_NAMES; i++, at++) {
        NativeName *native = &s->natives[at & (NATIVE_NAMES - 1)];
        if (!native->pointer ||
            (native->pointer == pointer && native->kind == kind && native->magic == magic))
            return native;
    }
    return NULL;
}

/* Notes a C function's name once. The thread may be jumped out of it at any instruction. */
static void note_native(SandtideSampler *s, const void *pointer, uint16_t kind, int16_t magic,
                        const JSString *name)
{
    NativeName *native = native_place(s, pointer, kind, magic);
    uint32_t i, length = name ? name->len : 0;

    if (!native || native->pointer || s->natives_count >= NATIVE_NAMES / 4 * 3)
        return;
    s->natives_count++;
    if (length > NATIVE_TEXT - 1)
        length = NATIVE_TEXT - 1;
    for (i = 0; i < length; i++) {
        uint32_t c = name->is_wide_char ? str16((JSString *)name)[i] : str8((JSString *)name)[i];
        native->text[i] = c >= 32 && c < 127 ? c : '?';
    }
    native->text[length] = '\0';
    native->kind = kind;
    native->magic = magic;
    sample_fence();
    native->pointer = pointer;
}

/* Notes the names of all C functions that are alive in the heap: built-ins are. */
static void note_natives(SandtideSampler *s, JSRuntime *rt)
{
    struct list_head *el;

    list_for_each(el, &rt->gc_obj_list) {
        JSGCObjectHeader *gp = list_entry(el, JSGCObjectHeader, link);
        JSObject *p = (JSObject *)gp;
        const JSString *text = NULL;
        SandtideName name;
        if (JS_GC_TYPE(gp) != JS_GC_OBJ_TYPE_JS_OBJECT)
            continue;
        if (p->class_id != JS_CLASS_C_FUNCTION &&
            (p->class_id != JS_CLASS_C_FUNCTION_DATA || !p->u.c_function_data_record))
            continue;
        if (walk_function_name(p, &name) && name.naming == SANDTIDE_NAME_STRING)
            text = name.text;
        if (p->class_id == JS_CLASS_C_FUNCTION)
            note_native(s, (const void *)p->u.cfunc.c_function.generic, SANDTIDE_FRAME_NATIVE,
                        p->u.cfunc.magic, text);
        else
            note_native(s, (const void *)p->u.c_function_data_record->func, SANDTIDE_FRAME_DATA,
                        p->u.c_function_data_record->magic, text);
    }
}

/* The name of a frame's C function. One that was not met is looked for in the whole heap, once. */
static const char *native_name(SandtideSampler *s, JSRuntime *rt, const SandtideFrame *frame)
{
    const NativeName *native = native_place(s, frame->pointer, frame->kind, frame->magic);

    if (native && !native->pointer && sample_is_whole(s) && s->natives_count < NATIVE_NAMES / 4 * 3) {
        note_natives(s, rt);
        note_native(s, frame->pointer, frame->kind, frame->magic, NULL);
        native = native_place(s, frame->pointer, frame->kind, frame->magic);
    }
    return native && native->pointer && native->text[0] ? native->text : "(native function)";
}

static CodeName *code_place(SandtideSampler *s, const JSFunctionBytecode *b)
{
    uint32_t at = mix64((uintptr_t)b), i;

    for (i = 0; i < CODE_PLACES; i++) {
        CodeName *code = &s->codes[(at + i) & (CODE_NAMES - 1)];
        if (code->code == b && code->stay == s->stay)
            return code;
    }
    return NULL;
}

/* An atom's text, found now: its place in the table of atoms may not be found later. */
static void name_now(JSRuntime *rt, JSAtom atom, SandtideName *name)
{
    walk_name_atom(name, atom);
    if (name->naming == SANDTIDE_NAME_ATOM)
        *name = (SandtideName){ .naming = SANDTIDE_NAME_STRING, .text = rt->atom_array[atom] };
}

/* Notes what a function is called. The thread may be jumped out of it at any instruction. */
static void note_code(SandtideSampler *s, JSRuntime *rt, const JSFunctionBytecode *b)
{
    uint32_t at = mix64((uintptr_t)b), i;

    if (code_place(s, b))
        return;
    for (i = 0; i < CODE_PLACES; i++) {
        CodeName *code = &s->codes[(at + i) & (CODE_NAMES - 1)];
        if (code->code && code->stay == s->stay)
            continue;
        code->code = NULL;
        sample_fence();
        code->stay = s->stay;
        name_now(rt, b->func_name, &code->name);
        name_now(rt, b->filename, &code->file);
        sample_fence();
        code->code = b;
        return;
    }
}

static void forget_code(SandtideSampler *s, const JSFunctionBytecode *b)
{
    CodeName *code = code_place(s, b);

    if (code)
        code->code = NULL;
}

/* Looks up the functions of samples that were taken since the last time, where the heap is whole. */
static void note_functions(SandtideSampler *s, JSRuntime *rt)
{
    uint32_t at = s->noted, used = s->used, i;

    while (at < used) {
        const SandtideSample *sample = (const SandtideSample *)(s->bytes + at);
        const SandtideFrame *frames = (const SandtideFrame *)(sample + 1);
        for (i = 0; i < sample->frames; i++) {
            if (frames[i].kind == SANDTIDE_FRAME_CODE)
                note_code(s, rt, frames[i].pointer);
            else if (frames[i].kind == SANDTIDE_FRAME_NATIVE || frames[i].kind == SANDTIDE_FRAME_DATA)
                (void)native_name(s, rt, &frames[i]);
        }
        at += sizeof(*sample) + sample->frames * sizeof(*frames);
        s->noted = at;
    }
}

void sandtide_sampler_enter(SandtideSampler *s, JSRuntime *rt, const volatile uint32_t *gone,
                            void *const volatile *entered, uint32_t tag)
{
    s->rt = NULL;
    sample_fence();
    s->gone = gone;
    s->entered = entered;
    s->tag = tag;
    s->stay++;
    /* one program's names are not shown to another */
    if (rt && s->natives_tag != tag + 1 && sample_is_whole(s)) {
        memset(s->natives, 0, sizeof(s->natives));
        s->natives_count = 0;
        s->natives_tag = tag + 1;
        note_natives(s, rt);
    }
    sample_fence();
    s->rt = rt;
}

uint32_t sandtide_sampler_phase(SandtideSampler *s, uint32_t phase)
{
    uint32_t before = s->phase;

    s->phase = phase;
    sample_fence();
    if (phase != SANDTIDE_PHASE_IDLE && s->paused) {
        s->idle = s->paused = 0;
        start_ticks(s);
    }
    return before;
}

void sandtide_sampler_on_code_goes(SandtideSampler *s, void (*f)(void *opaque), void *opaque)
{
    s->on_code_goes = f;
    s->opaque = opaque;
}

SandtideSampler *sandtide_sampler_of_thread(void)
{
    return thread_sampler;
}

JSRuntime *sandtide_sampler_runtime(const SandtideSampler *s)
{
    return s->rt;
}

bool sandtide_sampler_has_samples(const SandtideSampler *s)
{
    return s->used != 0;
}

uint32_t sandtide_sampler_lost(const SandtideSampler *s)
{
    return s->lost;
}

void sandtide_sampler_drain(SandtideSampler *s,
                            void (*on_sample)(void *opaque, const SandtideSample *sample,
                                              const SandtideFrame *frames),
                            void *opaque)
{
    uint32_t at = 0;

    s->busy = 1;
    sample_fence();
    while (at < s->used) {
        const SandtideSample *sample = (const SandtideSample *)(s->bytes + at);
        const SandtideFrame *frames = (const SandtideFrame *)(sample + 1);
        on_sample(opaque, sample, frames);
        at += sizeof(*sample) + sample->frames * sizeof(*frames);
    }
    s->used = s->noted = 0;
    sample_fence();
    s->busy = 0;
}

/* Whether a sample that nobody has read names this code; if so, it is made to name none. */
static bool sample_names(SandtideSampler *s, const JSFunctionBytecode *b, bool forget)
{
    uint32_t at = 0, i;
    bool found = false;

    while (at < s->used) {
        const SandtideSample *sample = (const SandtideSample *)(s->bytes + at);
        SandtideFrame *frames = (SandtideFrame *)(sample + 1);
        for (i = 0; i < sample->frames; i++) {
            if (frames[i].kind != SANDTIDE_FRAME_CODE || frames[i].pointer != b)
                continue;
            found = true;
            if (forget)
                frames[i].kind = SANDTIDE_FRAME_GONE;
        }
        at += sizeof(*sample) + sample->frames * sizeof(*frames);
    }
    return found;
}

static void sandtide_code_goes(JSRuntime *rt, JSFunctionBytecode *b)
{
    SandtideSampler *s = thread_sampler;

    thrown_code_goes(rt, b);
    if (unlikely(rt->sandtide_allocations))
        allocations_code_goes(rt, b);
    if (likely(!s))
        return;
    if (s->gone && rt == s->rt)
        forget_code(s, b);
    if (!s->used || !sample_names(s, b, !s->on_code_goes))
        return;
    if (s->on_code_goes)
        s->on_code_goes(s->opaque);
}

/* At a poll: what was sampled is taken over before there is no room, or is looked up before the heap may
   be left half changed. Only of heaps that may: the others are asked when samples are taken over. */
static void sandtide_sampled_poll(void)
{
    SandtideSampler *s = thread_sampler;

    if (likely(!s))
        return;
    if (s->on_code_goes && s->used > s->room / 2)
        s->on_code_goes(s->opaque);
    if (s->rt && s->gone && s->noted < s->used)
        note_functions(s, s->rt);
}

void sandtide_sample_function(JSRuntime *rt, const SandtideFrame *frame, SandtideFunction *function)
{
    SandtideSampler *s = thread_sampler; /* whose samples are being read */
    bool whole = sample_is_whole(s);

    memset(function, 0, sizeof(*function));
    walk_name_static(&function->name, "");
    walk_name_static(&function->file, "");
    switch (frame->kind) {
    case SANDTIDE_FRAME_CODE: {
        JSFunctionBytecode *b = (JSFunctionBytecode *)(uintptr_t)frame->pointer;
        const CodeName *code;
        int column;
        if (whole) {
            walk_name_atom(&function->name, b->func_name);
            walk_name_atom(&function->file, b->filename);
        } else if ((code = code_place(s, b)) != NULL) {
            function->name = code->name;
            function->file = code->file;
        } else {
            walk_name_static(&function->name, "(unknown)");
            return;
        }
        function->line = b->line_num;
        function->column = b->col_num;
        function->current = b->line_num;
        if (frame->offset)
            function->current = find_line_num(b->realm, b, frame->offset - 1, &column);
        return;
    }
    case SANDTIDE_FRAME_NATIVE:
    case SANDTIDE_FRAME_DATA:
        walk_name_static(&function->name, native_name(s, rt, frame));
        return;
    case SANDTIDE_FRAME_GONE:
        walk_name_static(&function->name, "(code that was freed)");
        return;
    default:
        walk_name_static(&function->name, "(host function)");
    }
}
