/* From the table of calls to the kernel's filter. */
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/calls.h"
#include "jail/internal.h"

/* Since Linux 5.1 a new call has the same number on every machine. */
enum { NEW_CALL_FIRST = 424, NEW_CALL_END = 512 };

static unsigned groups_of(const struct jail *jail)
{
    unsigned groups = CALLS_COMMON;
    if (jail->kind != JAIL_HOST)
        return groups;
    groups |= CALLS_HOST;
    if (jail->rights & JAIL_NETWORK)
        groups |= CALLS_NETWORK;
    if (jail->rights & JAIL_FILES && jail->write.count > 0)
        groups |= CALLS_WRITING;
    if (jail->rights & JAIL_PROGRAMS)
        groups |= CALLS_PROGRAMS;
    /* Only where the kernel keeps them from everybody else. */
    if (jail->rights & JAIL_PROGRAMS &&
        (jail->uid != 0 || jail->landlock_abi >= LANDLOCK_ABI_SIGNALS))
        groups |= CALLS_SIGNALS;
    return groups;
}

static uint32_t action_of(enum calls_verdict verdict)
{
    switch (verdict) {
    case CALLS_ALLOWED:
        return SCMP_ACT_ALLOW;
    case CALLS_UNKNOWN:
        return SCMP_ACT_ERRNO(ENOSYS);
    case CALLS_DEADLY:
        break;
    }
    return SCMP_ACT_KILL_PROCESS;
}

static int add_rule(scmp_filter_ctx filter, const struct calls_rule *rule)
{
    struct scmp_arg_cmp conditions[CALLS_ARGUMENTS_MAX + 1];
    unsigned count = 0;
    if (rule->of_itself)
        conditions[count++] = SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, (scmp_datum_t)getpid());
    for (unsigned i = 0; i < CALLS_ARGUMENTS_MAX && rule->arguments[i].mask != 0; i++) {
        const struct calls_argument *argument = &rule->arguments[i];
        conditions[count++] = SCMP_CMP(argument->index, SCMP_CMP_MASKED_EQ, argument->mask,
                                       argument->value & argument->mask);
    }
    return seccomp_rule_add_array(filter, action_of(rule->verdict), rule->call, count, conditions);
}

static bool is_in_table(int call)
{
    for (size_t i = 0; i < calls_rule_count; i++) {
        if (calls_rules[i].call == call)
            return true;
    }
    return false;
}

/* A call of the table that this jail does not have is refused, as is all that is not there. */
static int add_rules(scmp_filter_ctx filter, unsigned groups)
{
    int result = 0;
    for (size_t i = 0; i < calls_rule_count && result == 0; i++) {
        const struct calls_rule *rule = &calls_rules[i];
        if (rule->verdict != CALLS_ALLOWED || (rule->who & groups) != 0)
            result = add_rule(filter, rule);
    }
    for (int call = NEW_CALL_FIRST; call < NEW_CALL_END && result == 0; call++) {
        if (!is_in_table(call))
            result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0);
    }
    return result;
}

int filter_enter(const struct jail *jail)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return -ENOMEM;
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (result == 0)
        result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (result == 0)
        result = add_rules(filter, groups_of(jail));
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result;
}
