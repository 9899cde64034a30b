#include "http/http.h"

#include "base/limits.h"
#include "base/memory.h"
#include "http/libcurl.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { CONNECT_MS = 10000 };

struct http {
	const struct libcurl *curl; /* NULL, as is multi, before the first request */
	CURLM *multi;
	int woken; /* an eventfd */
	struct transfer *first; /* under way */
	struct http_options options;
};

/* One request, from start to end. */
struct transfer {
	struct transfer *next;
	CURL *easy;
	struct curl_slist *headers;
	void *state;
	size_t received;
	char reason[CURL_ERROR_SIZE];
	struct http_answer answer;
	size_t text_length;
};

enum status http_new(const struct http_options *options, struct http **http_out, struct error *err)
{
	if (options->ca_file && access(options->ca_file, R_OK) != 0)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the certificates in '%s' cannot be read", options->ca_file);
	int woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (woken < 0)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "eventfd: %s", strerrordesc_np(errno));
	struct http *http = memory_new(sizeof *http);
	http->options = *options;
	http->woken = woken;
	*http_out = http;
	return STATUS_OK;
}

static enum status start_curl(struct http *http, struct error *err)
{
	if (http->multi)
		return STATUS_OK;
	TRY(libcurl_load(&http->curl, err));
	http->multi = http->curl->multi_init();
	return http->multi ? STATUS_OK : fail(err, STATUS_INTERNAL, "libcurl cannot be started");
}

static void transfer_free(struct http *http, struct transfer *transfer)
{
	struct transfer **link = &http->first;
	while (*link && *link != transfer)
		link = &(*link)->next;
	if (*link)
		*link = transfer->next;
	(void)http->curl->multi_remove_handle(http->multi, transfer->easy);
	http->curl->easy_cleanup(transfer->easy);
	http->curl->slist_free_all(transfer->headers);
	free(transfer);
}

void http_free(struct http *http)
{
	if (!http)
		return;
	while (http->first)
		transfer_free(http, http->first);
	if (http->multi)
		(void)http->curl->multi_cleanup(http->multi);
	(void)close(http->woken);
	free(http);
}

static void say(struct http_answer *answer, size_t *length, struct text text)
{
	for (size_t i = 0; i < text.length && *length + 1 < sizeof answer->text; i++) {
		char c = text.at[i];
		answer->text[(*length)++] = c >= 0x20 && c < 0x7f ? c : ' ';
	}
	answer->text[*length] = 0;
}

/* Past the limit the rest is not read: libcurl then ends with an error, and the code
 * that came before it counts. */
static size_t receive(char *bytes, size_t size, size_t count, void *state)
{
	struct transfer *transfer = state;
	size_t length = size * count;
	transfer->received += length;
	say(&transfer->answer, &transfer->text_length, (struct text){bytes, length});
	return transfer->received > LIMIT_ANSWER_BYTES ? 0 : length;
}

#define SET(option, value) (void)http->curl->easy_setopt(transfer->easy, (option), (value))

static void set_up(const struct http *http, struct transfer *transfer, const struct http_post *post)
{
	SET(CURLOPT_URL, post->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDS, post->body.at);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body.length);
	SET(CURLOPT_HTTPHEADER, transfer->headers);
	SET(CURLOPT_USERAGENT, http->options.agent);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)post->timeout_ms);
	SET(CURLOPT_WRITEFUNCTION, receive);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_ERRORBUFFER, transfer->reason);
	SET(CURLOPT_PRIVATE, transfer);
	if (http->options.ca_file)
		SET(CURLOPT_CAINFO, http->options.ca_file);
}

enum status http_post_start(struct http *http, const struct http_post *post, struct error *err)
{
	TRY(start_curl(http, err));
	struct transfer *transfer = memory_new(sizeof *transfer);
	transfer->easy = http->curl->easy_init();
	transfer->state = post->state;
	transfer->next = http->first;
	http->first = transfer;
	for (size_t i = 0; post->headers[i]; i++)
		transfer->headers = http->curl->slist_append(transfer->headers, post->headers[i]);
	/* libcurl would wait for a "100 Continue" that few servers send. */
	transfer->headers = http->curl->slist_append(transfer->headers, "Expect:");
	if (!transfer->easy || !transfer->headers) {
		transfer_free(http, transfer);
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no memory for a request");
	}
	set_up(http, transfer, post);
	CURLMcode code = http->curl->multi_add_handle(http->multi, transfer->easy);
	if (code != CURLM_OK) {
		transfer_free(http, transfer);
		return fail(err, STATUS_INTERNAL, "a request cannot be started: %s",
			http->curl->multi_strerror(code));
	}
	return STATUS_OK;
}

/* An answer counts when all of it came, or more than is read of one. */
static void conclude(const struct libcurl *curl, struct transfer *transfer, CURLcode result)
{
	struct http_answer *answer = &transfer->answer;
	bool read_enough = result == CURLE_OK ||
			   (result == CURLE_WRITE_ERROR && transfer->received > LIMIT_ANSWER_BYTES);
	if (read_enough) {
		long code = 0;
		curl_off_t after = 0;
		(void)curl->easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
		(void)curl->easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &after);
		answer->code = (int)code;
		answer->retry_after_s = after > 0 ? after : 0;
		if (code)
			return;
	}
	transfer->text_length = 0;
	say(answer, &transfer->text_length,
		text_of(transfer->reason[0] ? transfer->reason : curl->easy_strerror(result)));
}

/* How many. */
static unsigned take_ended(struct http *http,
	void (*ended)(void *owner, void *state, const struct http_answer *answer), void *owner)
{
	unsigned count = 0;
	int left;
	CURLMsg *message;
	while ((message = http->curl->multi_info_read(http->multi, &left))) {
		char *private = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode result = message->data.result;
		(void)http->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		struct transfer *transfer = (struct transfer *)(void *)private;
		conclude(http->curl, transfer, result);
		const struct http_answer answer = transfer->answer;
		void *state = transfer->state;
		transfer_free(http, transfer);
		ended(owner, state, &answer);
		count++;
	}
	return count;
}

/* Until something happens to what is under way, or a wake, or the time is over. */
static void await(struct http *http, int wait_ms)
{
	eventfd_t wakes;
	struct curl_waitfd wake = {.fd = http->woken, .events = CURL_WAIT_POLLIN};
	struct pollfd alone = {.fd = http->woken, .events = POLLIN};
	if (http->multi)
		(void)http->curl->multi_poll(http->multi, &wake, 1, wait_ms, NULL);
	else
		(void)poll(&alone, 1, wait_ms);
	(void)eventfd_read(http->woken, &wakes);
}

void http_step(struct http *http, int wait_ms,
	void (*ended)(void *owner, void *state, const struct http_answer *answer), void *owner)
{
	int running;
	if (http->multi)
		(void)http->curl->multi_perform(http->multi, &running);
	if (http->multi && take_ended(http, ended, owner))
		return;
	await(http, wait_ms);
	if (!http->multi)
		return;
	(void)http->curl->multi_perform(http->multi, &running);
	(void)take_ended(http, ended, owner);
}

void http_wake(struct http *http)
{
	(void)eventfd_write(http->woken, 1);
}
