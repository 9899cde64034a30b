#pragma once

#include "base/attr.h"
#include "base/status.h"

enum { ERROR_MESSAGE_MAX = 512 };

/* Why a call failed, in words for the person who must act on it. Lives on the
 * caller's stack, owns nothing, needs no cleanup. Only meaningful after a call
 * returned something other than STATUS_OK. */
struct error {
	enum status status;
	char message[ERROR_MESSAGE_MAX]; /* one line, no trailing full stop */
};

/* Record a failure where it is first seen; returns `status`, so a failing
 * function ends in `return fail(err, ...)`. `err` is never NULL. */
enum status fail(struct error *err, enum status status, const char *format, ...) PRINTF_LIKE(3, 4);

/* Prepend what this level knows and the one below could not, for example the
 * table name around a type error. Returns err's status unchanged. */
enum status fail_within(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Compilers cannot see across files that it does not return STATUS_OK; so its
 * value is the status it was given, and outputs that TRY guards count as set.
 * `status` is evaluated twice. */
#define fail(err, status, ...) ((void)fail(err, status, __VA_ARGS__), (status))
#ifdef __clang_analyzer__
#define fail_within(err, ...) ((void)fail_within(err, __VA_ARGS__), STATUS_UNKNOWN)
#endif

/* Leave the function with the callee's status; err was already filled. */
#define TRY(call)                          \
	do {                               \
		enum status try_ = (call); \
		if (try_ != STATUS_OK)     \
			return try_;       \
	} while (0)
