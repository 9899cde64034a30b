#include "http/http.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "tests/unit.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server of one answer: it takes connections until it is closed, reads what comes,
 * says its line and hangs up; or says nothing at all. */
struct server {
	int listener;
	char url[64];
	const char *says; /* NULL: nothing */
	size_t more; /* bytes of body behind it */
	char got[4096];
	pthread_t thread;
};

static void say(struct server *server, int client)
{
	static const char block[1024] = {'x'};
	ssize_t done = send(client, server->says, strlen(server->says), MSG_NOSIGNAL);
	for (size_t left = server->more; left && done > 0; left -= sizeof block)
		done = send(client, block, sizeof block, MSG_NOSIGNAL);
}

static void *serve(void *state)
{
	struct server *server = state;
	int held = -1;
	for (;;) {
		int client = accept(server->listener, NULL, NULL);
		if (client < 0)
			break;
		ssize_t length = recv(client, server->got, sizeof server->got - 1, 0);
		server->got[length > 0 ? length : 0] = 0;
		if (server->says) {
			say(server, client);
			(void)shutdown(client, SHUT_WR);
			/* Until it has read all, or keeps the connection. */
			struct timeval patience = {.tv_usec = 200000};
			(void)setsockopt(
				client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
			char rest[256];
			while (recv(client, rest, sizeof rest, 0) > 0)
				;
			(void)close(client);
		} else {
			if (held >= 0)
				(void)close(held);
			held = client;
		}
	}
	if (held >= 0)
		(void)close(held);
	return NULL;
}

static void server_open(struct server *server, const char *says, size_t more)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	memset(server, 0, sizeof *server);
	server->says = says;
	server->more = more;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(server->listener, 8), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
	(void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u/p",
		(unsigned)ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_close(struct server *server)
{
	(void)shutdown(server->listener, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->listener);
}

struct waiting {
	struct http_answer answer;
	unsigned count;
};

static void ended(void *owner, void *state, const struct http_answer *answer)
{
	struct waiting *waiting = state;
	(void)owner;
	waiting->answer = *answer;
	waiting->count++;
}

static struct http *client(void)
{
	static const struct http_options options = {.agent = "test/1"};
	struct http *http = NULL;
	struct error err;
	assert_ok(http_new(&options, &http, &err), &err);
	return http;
}

static void start(struct http *http, const char *url, int timeout_ms, struct waiting *waiting)
{
	static const char *const headers[] = {"X-One: 1", NULL};
	struct error err;
	struct http_post post = {url, headers, TEXT("body"), timeout_ms, waiting};
	waiting->count = 0;
	assert_ok(http_post_start(http, &post, &err), &err);
}

static void wait_for(struct http *http, const struct waiting *waiting)
{
	for (int i = 0; i < 600 && !waiting->count; i++)
		http_step(http, 100, ended, NULL);
	assert_int_equal(waiting->count, 1);
}

static const struct {
	const char *label;
	const char *says;
	size_t more;
	int code;
	int64_t retry_after_s;
	const char *text; /* it begins so */
} rows[] = {
	{"done", "HTTP/1.1 204 No Content\r\n\r\n", 0, 204, 0, ""},
	{"a refusal and its reason", "HTTP/1.1 400 Bad\r\nContent-Length: 5\r\n\r\nw\x1b\ny!", 0,
		400, 0, "w  y!"},
	{"not now", "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 0, 503, 7,
		""},
	{"a redirect is an answer like any other",
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		0, 302, 0, ""},
	{"more than is read", "HTTP/1.1 200 OK\r\n\r\n", 4 * LIMIT_ANSWER_BYTES, 200, 0, "x"},
	{"an answer cut short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", 0, 0, 0, ""},
	{"no HTTP at all", "SSH-2.0-OpenSSH\r\n", 0, 0, 0, ""},
};

static void an_answer_is_its_code_and_no_answer_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct server server;
		struct waiting waiting;
		OWNED(http) http = client();
		print_message("%s\n", rows[i].label);
		server_open(&server, rows[i].says, rows[i].more);
		start(http, server.url, 20000, &waiting);
		wait_for(http, &waiting);
		assert_int_equal(waiting.answer.code, rows[i].code);
		assert_int_equal(waiting.answer.retry_after_s, rows[i].retry_after_s);
		assert_true(text_starts(text_of(waiting.answer.text), text_of(rows[i].text)));
		assert_true(rows[i].code || waiting.answer.text[0]);
		server_close(&server);
		assert_non_null(strstr(server.got, "POST /p HTTP/1.1\r\n"));
		assert_non_null(strstr(server.got, "User-Agent: test/1\r\n"));
		assert_non_null(strstr(server.got, "X-One: 1\r\n"));
		assert_null(strstr(server.got, "Expect"));
	}
}

static void one_that_is_silent_holds_up_nobody_and_ends_at_its_time(void **state)
{
	(void)state;
	struct server silent;
	struct server quick;
	struct waiting waiting[2];
	OWNED(http) http = client();
	server_open(&silent, NULL, 0);
	server_open(&quick, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0);
	start(http, silent.url, 2000, &waiting[0]);
	start(http, quick.url, 20000, &waiting[1]);
	wait_for(http, &waiting[1]);
	assert_int_equal(waiting[0].count, 0);
	assert_int_equal(waiting[1].answer.code, 200);
	wait_for(http, &waiting[0]);
	assert_int_equal(waiting[0].answer.code, 0);
	assert_non_null(strstr(waiting[0].answer.text, "timed out"));
	server_close(&silent);
	server_close(&quick);
}

static void what_is_under_way_can_be_dropped(void **state)
{
	(void)state;
	struct server silent;
	struct waiting waiting;
	OWNED(http) http = client();
	server_open(&silent, NULL, 0);
	start(http, silent.url, 60000, &waiting);
	http_step(http, 10, ended, NULL);
	http_free(TAKE(http));
	assert_int_equal(waiting.count, 0);
	server_close(&silent);
}

static void *wake(void *state)
{
	(void)usleep(50000);
	http_wake(state);
	return NULL;
}

static void a_step_that_waits_is_woken_from_another_thread(void **state)
{
	(void)state;
	OWNED(http) http = client();
	pthread_t thread;
	uint64_t began = clock_monotonic_ns();
	assert_int_equal(pthread_create(&thread, NULL, wake, http), 0);
	http_step(http, 60000, ended, NULL);
	assert_true(clock_monotonic_ns() - began < UINT64_C(30000000000));
	(void)pthread_join(thread, NULL);
}

static void only_urls_of_the_web_without_people_in_them_are_asked_for(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool good;
	} urls[] = {
		{"http://127.0.0.1:8080/hook?a=b", true},
		{"https://hooks.example", true},
		{"HTTPS://[::1]/x", true},
		{"", false},
		{"/hook", false},
		{"hooks.example/x", false},
		{"http://", false},
		{"ftp://a/", false},
		{"file:///etc/passwd", false},
		{"gopher://a/_x", false},
		{"http://me@a/", false},
		{"http://me:word@a/", false},
		{"http://a/#b", false},
		{"http://a/ b", false},
		{"http://a/\r\nX: y", false},
		{"http://a:99999/", false},
		{"http://\xc3\xa9/", false},
	};
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct error err;
		bool good = http_url_check(urls[i].url, &err) == STATUS_OK;
		if (good != urls[i].good)
			fail_msg("'%s' is %s", urls[i].url, good ? "taken" : err.message);
	}
	char *longer = malloc(LIMIT_URL_BYTES + 100);
	struct error err;
	memset(longer, 'x', LIMIT_URL_BYTES + 99);
	longer[LIMIT_URL_BYTES + 99] = 0;
	memcpy(longer, "http://a/", 9);
	assert_int_equal(http_url_check(longer, &err), STATUS_INVALID_ARGUMENT);
	free(longer);
}

static void a_ca_that_cannot_be_read_is_told(void **state)
{
	(void)state;
	static const struct http_options options = {.agent = "t", .ca_file = "/nowhere/ca.pem"};
	struct http *http = NULL;
	struct error err;
	assert_int_equal(http_new(&options, &http, &err), STATUS_FAILED_PRECONDITION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_its_code_and_no_answer_its_reason),
		cmocka_unit_test(one_that_is_silent_holds_up_nobody_and_ends_at_its_time),
		cmocka_unit_test(what_is_under_way_can_be_dropped),
		cmocka_unit_test(a_step_that_waits_is_woken_from_another_thread),
		cmocka_unit_test(only_urls_of_the_web_without_people_in_them_are_asked_for),
		cmocka_unit_test(a_ca_that_cannot_be_read_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
