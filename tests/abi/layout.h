/* Where each member of the ABI stands, and what each constant is. Included behind a header of the
 * ABI, once for the frozen one and once for the present one. */
struct layout {
    const char *name;
    size_t value;
};

#define AT(type, member)                                                                           \
    {                                                                                              \
#type "." #member, offsetof(struct type, member)                                           \
    }
#define IS(constant)                                                                               \
    {                                                                                              \
#constant, (size_t)(constant)                                                              \
    }

static const struct layout places[] = {
    AT(sankofa_text, size),
    AT(sankofa_value, kind),
    AT(sankofa_value, integer),
    AT(sankofa_value, number),
    AT(sankofa_value, text),
    AT(sankofa_value, texts),
    AT(sankofa_value, text_count),
    AT(sankofa_field, kind),
    AT(sankofa_field, name),
    AT(sankofa_field, required),
    AT(sankofa_field, initial),
    AT(sankofa_field, unit),
    AT(sankofa_field, doc),
    AT(sankofa_field, options),
    AT(sankofa_host, abi),
    AT(sankofa_host, get),
    AT(sankofa_host, answer),
    AT(sankofa_host, woken_by),
    AT(sankofa_host, put),
    AT(sankofa_host, refuse),
    AT(sankofa_host, fail),
    AT(sankofa_host, park),
    AT(sankofa_host, cancelled),
    AT(sankofa_host, now_ms),
    AT(sankofa_host, idempotency_key),
    AT(sankofa_host, log),
    AT(sankofa_host, secret),
    AT(sankofa_host, wait),
    AT(sankofa_host, attempt),
    AT(sankofa_host, park_count),
    AT(sankofa_step_type, flags),
    AT(sankofa_step_type, needs),
    AT(sankofa_step_type, timeout_ms),
    AT(sankofa_step_type, name),
    AT(sankofa_step_type, summary),
    AT(sankofa_step_type, inputs),
    AT(sankofa_step_type, outputs),
    AT(sankofa_step_type, answers),
    AT(sankofa_step_type, run),
    AT(sankofa_step_type, resume),
    AT(sankofa_step_type, drop),
    AT(sankofa_plugin, abi),
    AT(sankofa_plugin, name),
    AT(sankofa_plugin, version),
    AT(sankofa_plugin, summary),
    AT(sankofa_plugin, step_types),
    IS(SANKOFA_ABI),
    IS(SANKOFA_TEXT),
    IS(SANKOFA_INTEGER),
    IS(SANKOFA_NUMBER),
    IS(SANKOFA_BOOLEAN),
    IS(SANKOFA_DATE),
    IS(SANKOFA_TIMESTAMP),
    IS(SANKOFA_TEXTS),
    IS(SANKOFA_DONE),
    IS(SANKOFA_REFUSED),
    IS(SANKOFA_FAILED),
    IS(SANKOFA_PARKED),
    IS(SANKOFA_CHECK),
    IS(SANKOFA_IDEMPOTENT),
    IS(SANKOFA_NETWORK),
    IS(SANKOFA_FILES),
    IS(SANKOFA_PROGRAMS),
    IS(SANKOFA_ANSWER),
    IS(SANKOFA_TIME),
    IS(SANKOFA_DEBUG),
    IS(SANKOFA_INFO),
    IS(SANKOFA_WARNING),
    IS(SANKOFA_ERROR),
    IS(SANKOFA_COOKIE_BYTES_MAX),
};

/* These grow. */
static const struct layout sizes[] = {
    {"sankofa_value", sizeof(struct sankofa_value)},
    {"sankofa_field", sizeof(struct sankofa_field)},
    {"sankofa_host", sizeof(struct sankofa_host)},
    {"sankofa_step_type", sizeof(struct sankofa_step_type)},
    {"sankofa_plugin", sizeof(struct sankofa_plugin)},
};
