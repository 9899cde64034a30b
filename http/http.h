#pragma once

#include "base/error.h"
#include "base/owned.h"
#include "base/text.h"

#include <stdint.h>

/* POST requests, many under way at a time, all of one thread. No redirect is followed,
 * no proxy is used, of an answer at most LIMIT_ANSWER_BYTES are read, and certificates
 * are verified. */
struct http;

struct http_options {
	const char *agent; /* "tenon/0.1.0" */
	const char *ca_file; /* PEM, who is trusted; NULL: whom the system trusts */
};
/* FAILED_PRECONDITION when the CA's file cannot be read. */
enum status http_new(
	const struct http_options *options, struct http **http_out, struct error *err) MUST_USE;
/* What is under way is dropped, without a word. NULL is fine. */
void http_free(struct http *http);
OWNABLE(http);

/* INVALID_ARGUMENT unless it is http:// or https://, with a host, without a user, a
 * password or a fragment; FAILED_PRECONDITION when libcurl is not there. Any thread. */
enum status http_url_check(const char *url, struct error *err) MUST_USE;

struct http_post {
	const char *url; /* as are the headers and the body: borrowed until it has ended */
	const char *const *headers; /* "Name: value"; ends with NULL */
	struct text body;
	int timeout_ms; /* of all of it, from the name's look-up to the answer's last byte */
	void *state; /* handed back */
};

enum { HTTP_TEXT_BYTES = 256 };

struct http_answer {
	int code; /* 0: there was none, and `text` says why */
	int64_t retry_after_s; /* 0 when it was not said */
	char text[HTTP_TEXT_BYTES]; /* the beginning of what it said: printable ASCII */
};

/* FAILED_PRECONDITION when libcurl is not there. */
enum status http_post_start(
	struct http *http, const struct http_post *post, struct error *err) MUST_USE;

/* Lets what is under way go on, for at most `wait_ms` when nothing happens; `ended` is
 * called for each request that has, and may start others. */
void http_step(struct http *http, int wait_ms,
	void (*ended)(void *owner, void *state, const struct http_answer *answer), void *owner);
/* The step that waits, or the next one, ends at once. Any thread. */
void http_wake(struct http *http);
