/* The step http/request, against a service on this machine's loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* A service that answers one connection with what a test gave, and keeps what it was asked. */
struct service {
    int fd;
    char hosts[300];
    pthread_t thread;
    const char *answer;
    size_t filler; /* bytes of x behind the answer */
    char asked[8000];
};

static void *serve(void *self)
{
    struct service *service = self;
    size_t size = 0;
    int peer = accept(service->fd, NULL, NULL);

    while (size < sizeof(service->asked) - 1) {
        ssize_t some = recv(peer, service->asked + size, sizeof(service->asked) - 1 - size, 0);
        if (some <= 0)
            break;
        size += (size_t)some;
        service->asked[size] = '\0';
        const char *body = strstr(service->asked, "\r\n\r\n");
        const char *length = strstr(service->asked, "Content-Length: ");
        if (body && (!length || strlen(body + 4) >= (size_t)atoi(length + 16)))
            break;
    }
    if (service->answer) {
        char block[4096];
        memset(block, 'x', sizeof(block));
        send(peer, service->answer, strlen(service->answer), MSG_NOSIGNAL);
        for (size_t sent = 0; sent < service->filler; sent += sizeof(block))
            if (send(peer, block, sizeof(block), MSG_NOSIGNAL) < 0)
                break;
    }
    close(peer);
    return NULL;
}

static void service_open(struct service *service, const char *answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    memset(service, 0, sizeof(*service));
    service->answer = answer;
    service->fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(service->fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(service->fd, 1), 0);
    getsockname(service->fd, (struct sockaddr *)&address, &size);
    snprintf(service->hosts, sizeof(service->hosts),
             "registry  = http://127.0.0.1:%d/api/\nregistry: Authorization: Bearer t0ken\r\n"
             "reg = http://127.0.0.1:1/\nfar = http://example.org/\nfile = file:///etc/passwd\n"
             "near = http://127.0.0.1.example.org/",
             ntohs(address.sin_port));
    assert_int_equal(pthread_create(&service->thread, NULL, serve, service), 0);
}

static void service_close(struct service *service)
{
    shutdown(service->fd, SHUT_RDWR);
    pthread_join(service->thread, NULL);
    close(service->fd);
}

static void begin(struct sankofa_call *call, const struct service *service)
{
    host_begin(call, host_step_type(sankofa_plugin(), "request"), "2026-01-05");
    host_secret(call, "hosts", service->hosts);
    host_text(call, "host", "registry");
    host_text(call, "path", "/children?code=SN-2026-00042-G");
}

static void expect_failed(struct sankofa_call *call, int retry, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_FAILED);
    assert_string_equal(call->failure, reason);
    assert_int_equal(call->retry, retry);
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_service_is_asked_by_name_and_its_answer_given(void **state)
{
    struct sankofa_call call;
    struct service service;

    (void)state;
    service_open(&service, "HTTP/1.1 200 OK\r\nLocation:  /children/7 \r\nConnection: close\r\n\r\n"
                           "{\"nom\": \"é\"}");
    begin(&call, &service);
    call.key = "case:7:ask";
    if (host_run(&call) != SANKOFA_DONE)
        fail_msg("failed: %s", call.failure);
    service_close(&service);
    assert_int_equal(host_output_integer(&call, "status"), 200);
    assert_string_equal(host_output(&call, "body"), "{\"nom\": \"é\"}");
    assert_string_equal(host_output(&call, "location"), "/children/7");
    assert_int_equal(
        strncmp(service.asked, "GET /api/children?code=SN-2026-00042-G HTTP/1.1\r\n", 49), 0);
    assert_non_null(strstr(service.asked, "\r\nAuthorization: Bearer t0ken\r\n"));
    assert_non_null(strstr(service.asked, "\r\nIdempotency-Key: case:7:ask\r\n"));
    host_end(&call);
}

static void fields_are_the_body_as_json(void **state)
{
    static const char *const fields[] = {"town=Gab\xc3\xba", "quote=\"=\""}, *const bad[] = {"x"};
    struct sankofa_call call;
    struct service service;

    (void)state;
    service_open(&service, "HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n");
    begin(&call, &service);
    host_text(&call, "method", "POST");
    host_texts(&call, "fields", bad, 1);
    expect_failed(&call, 0, "Field 1 is not name=value.");
    host_texts(&call, "fields", fields, 2);
    if (host_run(&call) != SANKOFA_DONE)
        fail_msg("failed: %s", call.failure);
    service_close(&service);
    assert_int_equal(strncmp(service.asked, "POST /api/", 10), 0);
    assert_non_null(strstr(service.asked, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(
        strstr(service.asked, "\r\n\r\n{\"town\":\"Gab\xc3\xba\",\"quote\":\"\\\"=\\\"\"}"));
    assert_int_equal(host_output_integer(&call, "status"), 201);
    assert_string_equal(host_output(&call, "body"), "");
    host_end(&call);
}

static void what_may_be_better_later_may_be_tried_again(void **state)
{
    static const struct {
        int status, retry;
    } rows[] = {{302, 0}, {400, 0}, {404, 0}, {408, 1}, {425, 1}, {429, 1}, {500, 1}, {503, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        struct service service;
        char answer[200], reason[100];
        snprintf(
            answer, sizeof(answer),
            "HTTP/1.1 %d No\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 6\r\n\r\nsecret",
            rows[i].status);
        snprintf(reason, sizeof(reason), "The service answered with status %d.", rows[i].status);
        service_open(&service, answer);
        begin(&call, &service);
        expect_failed(&call, rows[i].retry, reason);
        service_close(&service);
        host_end(&call);
    }
}

static void a_service_that_is_away_or_breaks_off_may_be_tried_again(void **state)
{
    struct sankofa_call call;
    struct service service;

    (void)state;
    service_open(&service, NULL);
    begin(&call, &service);
    expect_failed(&call, 1,
                  "The service cannot be asked: Server returned nothing (no headers, no "
                  "data).");
    host_text(&call, "host", "reg");
    expect_failed(&call, 1, "The service cannot be asked: Couldn't connect to server.");
    service_close(&service);
    host_end(&call);
}

static void an_answer_is_bounded_and_text(void **state)
{
    struct sankofa_call call;
    struct service service;

    (void)state;
    service_open(&service, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    service.filler = 300 << 10;
    begin(&call, &service);
    expect_failed(&call, 0, "The answer is larger than 262144 bytes.");
    service_close(&service);
    host_end(&call);
    service_open(&service, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\xff\xfe");
    begin(&call, &service);
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "body"), "");
    service_close(&service);
    host_end(&call);
}

static void only_declared_hosts_and_clean_paths_are_asked(void **state)
{
    static const char *const paths[] = {"children", "",     "/a b",      "/a\r\nX: y",
                                        "/../x",    "/a#b", "/\xc3\xa9", "@example.org/"};
    struct sankofa_call call;
    struct service service;

    (void)state;
    service_open(&service, NULL);
    begin(&call, &service);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        host_text(&call, "path", paths[i]);
        expect_failed(&call, 0,
                      "The path does not begin with a slash, or has signs that must be "
                      "written %XX.");
    }
    host_text(&call, "path", "/");
    host_text(&call, "host", "registr");
    expect_failed(&call, 0, "The plugin was given no line in `hosts` for \"registr\".");
    host_text(&call, "host", "http://127.0.0.1/");
    expect_failed(&call, 0, "The host's name is not one of small letters and digits.");
    host_text(&call, "host", "far");
    expect_failed(&call, 0, "The address of \"far\" is neither https nor of this machine.");
    host_text(&call, "host", "near");
    expect_failed(&call, 0, "The address of \"near\" is neither https nor of this machine.");
    host_text(&call, "host", "file");
    expect_failed(&call, 0, "The address of \"file\" is neither https nor of this machine.");
    host_secret(&call, "hosts", "");
    host_text(&call, "host", "registry");
    expect_failed(&call, 0, "The plugin was given no line in `hosts` for \"registry\".");
    service_close(&service);
    host_end(&call);
}

static void when_nobody_waits_the_request_ends(void **state)
{
    struct sankofa_call call;
    struct service service;

    (void)state;
    service_open(&service, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    begin(&call, &service);
    call.is_cancelled = 1;
    expect_failed(&call, 1,
                  "The service cannot be asked: Operation was aborted by an application callback.");
    service_close(&service);
    host_end(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        cmocka_unit_test(a_service_is_asked_by_name_and_its_answer_given),
        cmocka_unit_test(fields_are_the_body_as_json),
        cmocka_unit_test(what_may_be_better_later_may_be_tried_again),
        cmocka_unit_test(a_service_that_is_away_or_breaks_off_may_be_tried_again),
        cmocka_unit_test(an_answer_is_bounded_and_text),
        cmocka_unit_test(only_declared_hosts_and_clean_paths_are_asked),
        cmocka_unit_test(when_nobody_waits_the_request_ends),
    };

    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
