/* The two signals that take a thread out of the engine: the watchdog's, for loops that do not ask
 * whether they may go on, and the one for a touched zone below a run's stack, for recursion that does
 * not look at the stack.
 *
 * Both handlers run on the thread's alternate stack and do the same: where the thread can be taken
 * away from, they have it go on in `leave_from_here` instead. The kernel then puts the thread's mask
 * back as for any handler that returns, and the jump starts from the run's own stack.
 *
 * This file must not know why a run has to end.
 */
#define _GNU_SOURCE
#include "engine.h"
#include "entry.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

__thread struct st_guard *sandtide_current_guard;
static __thread volatile uint32_t zones_opened __attribute__((tls_model("initial-exec")));

/* The engine's own code: its objects are linked into a section of this name (see the engine's build).
 * So neither a handler nor a C library in the same program is taken for the engine. */
extern const char __start_sandtide_engine[] __attribute__((visibility("hidden")));
extern const char __stop_sandtide_engine[] __attribute__((visibility("hidden")));

/* The C library's functions on plain memory that the engine has loops of, where they begin for this
 * processor. */
static uintptr_t memory_functions[6];
#ifdef __GLIBC__
/* The functions and their neighbours, all of the same kind, lie within so many bytes. */
#define MEMORY_FUNCTION_BYTES 4096
#else
#define MEMORY_FUNCTION_BYTES 64
#endif

/* How far the stack pointer may be from the zone when the kernel found no room for a signal's
 * frame: more than any such frame takes. */
#define SIGNAL_FRAME_BYTES (64 << 10)
/* Bytes at the end of the stack in which the jump is made. */
#define JUMP_BYTES 2048

static int in_engine(uintptr_t address) {
    return address >= (uintptr_t)__start_sandtide_engine &&
           address < (uintptr_t)__stop_sandtide_engine;
}

#if defined(__x86_64__)
#define PC(uc) (uc)->uc_mcontext.gregs[REG_RIP]
#define SP(uc) (uc)->uc_mcontext.gregs[REG_RSP]
#elif defined(__aarch64__)
#define PC(uc) (uc)->uc_mcontext.pc
#define SP(uc) (uc)->uc_mcontext.sp
#else
#error "the handlers know the registers of x86-64 and aarch64 only"
#endif

/* Where the function that was interrupted returns to, if it is one that makes no frame. */
static uintptr_t caller_of_frameless(const ucontext_t *uc) {
#if defined(__x86_64__)
    return *(const uintptr_t *)SP(uc);
#else
    return (uintptr_t)uc->uc_mcontext.regs[30];
#endif
}

/* Whether the thread was stopped where it can be taken away from: in the engine's own code, or in
 * a libc function on plain memory that this code called. Those hold no lock, keep no state and
 * make no frame, so that their caller's address is found where the call left it. The engine's
 * filling, copying and searching loops spend all their time in them.
 *
 * A signal handler of somebody else, which may have interrupted the engine's code, is neither: it is
 * never left, whatever its mask and stack. */
static int may_leave(const ucontext_t *uc) {
    uintptr_t pc = (uintptr_t)PC(uc);
    if (in_engine(pc))
        return 1;
    for (size_t i = 0; i < sizeof memory_functions / sizeof *memory_functions; i++) {
        if (pc - memory_functions[i] < MEMORY_FUNCTION_BYTES)
            return in_engine(caller_of_frameless(uc));
    }
    return 0;
}

/* A thread that a handler took out of the engine goes on here. */
static _Noreturn void leave_from_here(struct st_guard *g) {
    jump_to_entry(g);
}

/* Makes the thread go on in `leave_from_here` when the handler returns. All frames below the
 * entry are given up, so the jump's own frame can be anywhere below the interrupted one, or at
 * the very end of the stack where no room is left below. */
static void leave(ucontext_t *uc, struct st_guard *g, uint32_t reason) {
    uintptr_t sp = (uintptr_t)SP(uc), end = g->stack_low + JUMP_BYTES;
    /* The x86-64 convention lets a function use 128 bytes below its stack pointer. */
    sp = sp - 128 < end ? end : sp - 128;
    sp &= ~(uintptr_t)15;
    g->abandoned = reason;
#if defined(__x86_64__)
    const greg_t direction_flag = 1 << 10;
    SP(uc) = (greg_t)(sp - 8); /* as after a call */
    PC(uc) = (greg_t)(uintptr_t)leave_from_here;
    uc->uc_mcontext.gregs[REG_RDI] = (greg_t)(uintptr_t)g;
    uc->uc_mcontext.gregs[REG_EFL] &= ~direction_flag;
#else
    SP(uc) = sp;
    PC(uc) = (uintptr_t)leave_from_here;
    uc->uc_mcontext.regs[0] = (uintptr_t)g;
#endif
}

/* The run whose engine code this thread executes right now, or NULL. */
static struct st_guard *in_c_code(const ucontext_t *uc, uintptr_t from) {
    struct st_guard *g = sandtide_current_guard;
    uintptr_t sp = (uintptr_t)SP(uc);
    if (!g || !g->top || g->in_rust || sp < from || sp >= g->stack_high)
        return NULL;
    return g;
}

/* The handlers before ours, newest last. A slot is written before it is counted. */
enum { KEPT_HANDLERS = 8 };
struct st_handler {
    void (*ours)(int, siginfo_t *, void *);
    atomic_uint count;
    struct sigaction before[KEPT_HANDLERS];
};
static void on_watchdog(int signal, siginfo_t *info, void *context);
static void on_fault(int signal, siginfo_t *info, void *context);
static struct st_handler handlers[] = {{.ours = on_watchdog}, {.ours = on_fault}};
enum { WATCHDOG, FAULT };

/* Set while the handler before ours runs. If ours is called again meanwhile, that handler calls
 * ours in turn. Ours then calls the first handler that was there before any of ours, which ends
 * the chain. */
static __thread volatile sig_atomic_t chaining[2];

/* Set once this process may change no handler and no mask any more. */
static atomic_bool sealed;

void sandtide_seal_handlers(void) {
    atomic_store(&sealed, true);
}

/* Does what would have happened without our handler. */
static void chain(int which, int signal, siginfo_t *info, void *context) {
    if (atomic_load_explicit(&sealed, memory_order_relaxed)) {
        /* A call to put the default back would be one that the filter ends the process for, as if
         * the script had made it. A fault within this handler, which blocks all signals, has the
         * kernel end the process as by the first one. */
        if (which == FAULT)
            *(volatile int *volatile){NULL} = 0;
        return;
    }
    struct st_handler *handler = &handlers[which];
    unsigned count = atomic_load_explicit(&handler->count, memory_order_acquire);
    if (!count)
        return;
    const struct sigaction *before =
        &handler->before[chaining[which] ? 0 : (count - 1) % KEPT_HANDLERS];
    int from_kernel = info->si_code > 0;
    if (!(before->sa_flags & SA_SIGINFO) &&
        (before->sa_handler == SIG_DFL || before->sa_handler == SIG_IGN)) {
        /* The default for the watchdog's signal is to do nothing. A fault that is ignored would
         * come again for ever, so the kernel ends the process for it. */
        if (which == WATCHDOG || (before->sa_handler == SIG_IGN && !from_kernel))
            return;
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(signal, &action, NULL);
        /* A fault comes again as the handler returns; what somebody sent does not. */
        if (!from_kernel)
            raise(signal);
        return;
    }
    /* The mask that the handler would have had: ours blocks every signal. */
    sigset_t mask = ((ucontext_t *)context)->uc_sigmask, old;
    for (int other = 1; other < NSIG; other++) {
        if (sigismember(&before->sa_mask, other) == 1)
            sigaddset(&mask, other);
    }
    if (!(before->sa_flags & SA_NODEFER))
        sigaddset(&mask, signal);
    pthread_sigmask(SIG_SETMASK, &mask, &old);
    int was_chaining = chaining[which];
    chaining[which] = 1;
    if (before->sa_flags & SA_SIGINFO)
        before->sa_sigaction(signal, info, context);
    else
        before->sa_handler(signal);
    chaining[which] = was_chaining;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Of Rust: looks at the deadlines where this process has ticks in the place of a watchdog thread. */
void sandtide_tick(bool outside);

/* Marks the watchdog's own signals. */
static const char from_watchdog;

/* Jumps only from where `may_leave` says: any other libc function may hold a lock or be half way
 * through its own state. The watchdog sends the signal again until the run is over. */
static void on_watchdog(int signal, siginfo_t *info, void *context) {
    int error = errno;
    ucontext_t *uc = context;
    sandtide_tick(info->si_code == SI_USER);
    struct st_guard *g = in_c_code(uc, 0);
    uint32_t reason = g ? killed(g) : 0;
    if (reason && (uintptr_t)SP(uc) >= g->stack_low && may_leave(uc))
        leave(uc, g, reason);
    if (info->si_code != SI_QUEUE || info->si_value.sival_ptr != (void *)&from_watchdog)
        chain(WATCHDOG, signal, info, context);
    errno = error;
}

/* A fault is ours where the engine's code, or what it called of the C library, touched the zone below
 * the stack of its run. A C library function may hold a lock: for it a part of the zone is opened, in
 * which it comes to its end; the run is left as soon as the engine allocates or frees something,
 * which is before guest code can use the room. */
static int overflowed(siginfo_t *info, ucontext_t *uc) {
    struct st_guard *g = sandtide_current_guard;
    if (!g || !in_c_code(uc, g->stack_zone))
        return 0;
    uintptr_t touched = (uintptr_t)info->si_addr;
    if (info->si_code == SI_KERNEL) {
        /* The kernel found no room for the frame of another signal's handler. */
        if ((uintptr_t)SP(uc) >= g->stack_low + SIGNAL_FRAME_BYTES)
            return 0;
        touched = g->stack_low - 1;
    }
    if (touched < g->stack_zone || touched >= g->stack_low)
        return 0;
    if (may_leave(uc)) {
        leave(uc, g, ABANDONED_STACK);
        return 1;
    }
    if (touched < g->stack_soft ||
        mprotect((void *)g->stack_soft, g->stack_low - g->stack_soft, PROT_READ | PROT_WRITE))
        return 0;
    g->zone_opened = 1;
    g->stack_floor = UINTPTR_MAX;
    zones_opened++;
    return 1;
}

/* How many zones were opened on this thread so far: the stack may be that of a run of another instance
 * than the one whose engine touched it. */
uint32_t sandtide_zones_opened(void) {
    return zones_opened;
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    int error = errno;
    if (info->si_code <= 0 || !overflowed(info, context))
        chain(FAULT, signal, info, context);
    errno = error;
}

static struct st_handler *handler_of(int signal) {
    return &handlers[signal == SIGSEGV ? FAULT : WATCHDOG];
}

/* Whether the process's handler of `signal` is ours. */
bool sandtide_has_handler(int signal) {
    struct sigaction now;
    return sigaction(signal, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) &&
           now.sa_sigaction == handler_of(signal)->ours;
}

/* Installs our handler above whatever is there. The caller lets one thread in at a time. Returns
 * 0, or -1 with errno set. */
int sandtide_install_handler(int signal) {
    struct st_handler *handler = handler_of(signal);
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK}, before;
    if (sandtide_has_handler(signal))
        return 0;
    unsigned count = atomic_load_explicit(&handler->count, memory_order_relaxed);
    /* Reads the time zone's file now, so that no run does it later, with the C library's locks
     * held, or in a process that may open no more files. */
    if (!count)
        tzset();
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    void *(*volatile move)(void *, const void *, size_t) = memmove;
    void *(*volatile set)(void *, int, size_t) = memset;
    void *(*volatile find)(const void *, int, size_t) = memchr;
    int (*volatile compare)(const void *, const void *, size_t) = memcmp;
    size_t (*volatile length)(const char *) = strlen;
    memory_functions[0] = (uintptr_t)copy;
    memory_functions[1] = (uintptr_t)move;
    memory_functions[2] = (uintptr_t)set;
    memory_functions[3] = (uintptr_t)find;
    memory_functions[4] = (uintptr_t)compare;
    memory_functions[5] = (uintptr_t)length;
    if (sigaction(signal, NULL, &before))
        return -1;
    /* The first one is kept: a handler that was there before any of ours cannot call one of
       ours. */
    unsigned slot = count % KEPT_HANDLERS;
    if (count && !slot)
        slot = ++count % KEPT_HANDLERS;
    handler->before[slot] = before;
    atomic_store_explicit(&handler->count, count + 1, memory_order_release);
    action.sa_sigaction = handler->ours;
    /* Alternate stacks are small, and another handler that interrupted ours would run on ours
     * too, whether it asked for one or not. So all signals wait. */
    sigfillset(&action.sa_mask);
    return sigaction(signal, &action, NULL);
}

/* Sends a signal of the watchdog's to a thread of this process, marked as such. */
void sandtide_send_signal(int thread, int signal) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signal;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = (void *)&from_watchdog;
    syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, signal, &info);
}
