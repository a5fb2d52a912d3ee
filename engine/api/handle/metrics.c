/* Numbers for Prometheus, of what the status tells and of the requests that were answered. No name,
 * no code, no field of a case. */
#include "api/internal.h"
#include "base/arena.h"

static const struct {
    const char *name, *type, *member, *help;
} numbers[] = {
    {"sankofa_cases", "gauge", "cases", "Cases in the store."},
    {"sankofa_cases_open", "gauge", "open", "Cases that are not closed."},
    {"sankofa_cases_overdue", "gauge", "overdue", "Open cases past a deadline."},
    {"sankofa_cases_quarantined", "gauge", "quarantined", "Cases put aside: records are damaged."},
    {"sankofa_cases_in_memory", "gauge", "in_memory", "Cases that are held whole in memory."},
    {"sankofa_workflows", "gauge", "workflows", "Definitions, old versions included."},
    {"sankofa_calls", "gauge", "calls", "Calls of plugins under way."},
    {"sankofa_journal_seq", "counter", "seq", "The last entry that is durable."},
    {"sankofa_horizon_seq", "gauge", "horizon", "Up to here snapshots are complete."},
    {"sankofa_batches_total", "counter", "batches", "Batches written since the start."},
    {"sankofa_disk_full", "gauge", "disk_full", "1 while there is no room for writes."},
};

static void append_number(struct text_buffer *text, const char *name, const char *type,
                          const char *help, const struct value *value)
{
    long long number = value->kind == VALUE_BOOL ? value->boolean : (long long)value->integer;

    text_append_printf(text, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name,
                       number);
}

static void append_requests(struct text_buffer *text, const struct api *api)
{
    text_append(text, TEXT("# HELP sankofa_requests_total Requests answered, by class of status.\n"
                           "# TYPE sankofa_requests_total counter\n"));
    for (size_t i = 0; i < API_STATUS_CLASSES; i++)
        text_append_printf(text, "sankofa_requests_total{status=\"%zuxx\"} %llu\n", i + 1,
                           (unsigned long long)api->answered[i]);
}

void handle_metrics(struct request *request)
{
    const struct api_options *options = &request->api->options;
    struct value status = options->status(options->self, request->arena);
    struct text_buffer text;
    struct value feeds = value_int(0);

    text_buffer_init(&text, request->arena);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const struct value *value = value_at(&status, numbers[i].member);
        if (value)
            append_number(&text, numbers[i].name, numbers[i].type, numbers[i].help, value);
    }
    feeds.integer = (int64_t)feed_count(request->api);
    append_number(&text, "sankofa_feeds", "gauge", "Readers of the event feed.", &feeds);
    append_requests(&text, request->api);
    request_answer_text(request, "text/plain; version=0.0.4", text_buffer_text(&text));
}
