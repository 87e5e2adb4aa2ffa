/* The watchdog's signal: takes a thread out of an engine loop that does not ask whether it may go on.
 *
 * This file must not know why a run has to end.
 */
#define _GNU_SOURCE
#include "engine.h"
#include "entry.h"

#include <link.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

/* The run that this thread is in. */
static __thread struct st_guard *current_guard;

static uintptr_t text_start, text_end;
static struct sigaction previous_action;

/* Makes `g` the run that this thread is in; answers the one it was in before: a host function may run
 * another instance. */
struct st_guard *sandtide_enter_run(struct st_guard *g) {
    struct st_guard *before = current_guard;
    current_guard = g;
    return before;
}

/* Where libc's functions on plain memory begin, as the loader chose them for this processor. */
static uintptr_t memory_functions[4];
/* They and their neighbours in the same section, all of them of their kind, lie within this. */
#define MEMORY_FUNCTION_BYTES 4096

static int in_engine_text(uintptr_t address) {
    return address >= text_start && address < text_end;
}

/* Whether the thread was stopped where it can be taken away from: in the engine's own code, or in
 * a libc function on plain memory that this code called. Those hold no lock, keep no state and
 * make no frame, so that their caller's address is found where the call left it. The engine's
 * filling, copying and searching loops spend all their time in them. */
static int may_leave(void *context) {
    ucontext_t *uc = context;
#if defined(__x86_64__)
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
    const uintptr_t *caller = (const uintptr_t *)uc->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.pc;
    const uintptr_t *caller = (const uintptr_t *)&uc->uc_mcontext.regs[30];
#else
    uintptr_t pc = 0;
    const uintptr_t *caller = &pc;
    (void)uc;
#endif
    if (in_engine_text(pc))
        return 1;
    for (size_t i = 0; i < sizeof memory_functions / sizeof *memory_functions; i++) {
        if (pc - memory_functions[i] < MEMORY_FUNCTION_BYTES)
            return in_engine_text(*caller);
    }
    return 0;
}

/* Jumps only from where `may_leave` says: any other libc function may hold a lock or be half way
 * through its own state. The watchdog sends the signal again until the run is over. */
static void on_signal(int signal, siginfo_t *info, void *context) {
    struct st_guard *g = current_guard;
    uint32_t reason = g ? killed(g) : 0;
    if (reason && g->top && !g->in_rust) {
        if (may_leave(context)) {
            g->abandoned = reason;
            jump_to_entry(g);
        }
        return;
    }
    if (g)
        return;
    if ((previous_action.sa_flags & SA_SIGINFO) && previous_action.sa_sigaction)
        previous_action.sa_sigaction(signal, info, context);
    else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN)
        previous_action.sa_handler(signal);
}

static int find_engine_text(struct dl_phdr_info *info, size_t size, void *address) {
    uintptr_t wanted = (uintptr_t)address;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD && (header->p_flags & PF_X) && wanted >= start &&
            wanted < start + header->p_memsz) {
            text_start = start;
            text_end = start + header->p_memsz;
            return 1;
        }
    }
    return 0;
}

/* Called once a process. Returns 0, or -1 with errno set. */
int sandtide_install_signal(int signal) {
    struct sigaction action;
    /* Where libc is part of the same text (a static binary), no jump could be told to be safe. */
    uintptr_t libc_function = (uintptr_t)&localtime_r;
    if (dl_iterate_phdr(find_engine_text, (void *)(uintptr_t)&JS_EvalFunction) != 1)
        text_start = text_end = 0;
    else if (libc_function >= text_start && libc_function < text_end)
        text_start = text_end = 0;
    /* Reads the zone's file now: no run does it later, with the C library's locks held or in a process
     * that may open no file any more. */
    tzset();
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    void *(*volatile move)(void *, const void *, size_t) = memmove;
    void *(*volatile set)(void *, int, size_t) = memset;
    void *(*volatile find)(const void *, int, size_t) = memchr;
    memory_functions[0] = (uintptr_t)copy;
    memory_functions[1] = (uintptr_t)move;
    memory_functions[2] = (uintptr_t)set;
    memory_functions[3] = (uintptr_t)find;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, &previous_action);
}
