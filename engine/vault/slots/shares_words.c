/* What is wrong with shares that were typed, for who typed them: at the socket and beside the
 * daemon.
 */
#include <errno.h>

#include "vault/slots/shares.h"

static const char *hint_of(int result, const struct shares_fault *fault)
{
    switch (result) {
    case -EINVAL:
        return fault->line > 0
                   ? N_("Compare it with the paper, and try again.")
                   : N_("A share is four lines of four groups of four characters; an empty line "
                        "stands between two shares.");
    case -EEXIST:
        return N_("Take shares of three different people.");
    case -EXDEV:
        return N_("Shares that were made together belong together; use those of one day.");
    case -ENODATA:
        return N_("Ask another holder for theirs.");
    case -EPROTONOSUPPORT:
        return N_("Use the version of Sankofa that made it.");
    default:
        return N_("Compare each with its paper, and try again.");
    }
}

struct text shares_explain(int result, const struct shares_fault *fault, struct arena *arena,
                           struct text *hint_out)
{
    size_t number = fault->share + 1;

    *hint_out = text_from(hint_of(result, fault));
    switch (result) {
    case -EINVAL:
        return fault->line > 0
                   ? text_printf(arena, N_("Share %zu is mistyped in line %u."), number,
                                 fault->line)
                   : text_printf(arena, N_("Share %zu is too short or too long."), number);
    case -EEXIST:
        return text_printf(arena, N_("Share %zu is the same as one before it."), number);
    case -EXDEV:
        return text_printf(arena, N_("Share %zu belongs to another set than the first."), number);
    case -ENODATA:
        return text_printf(arena, N_("%zu shares are needed to open the store."), fault->needed);
    case -EPROTONOSUPPORT:
        return text_printf(arena, N_("Share %zu is of a newer version."), number);
    default:
        return text_printf(arena, N_("These shares do not fit together."));
    }
}
