#pragma once

/* cmocka with the headers it needs, in the order it needs them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#undef fail /* base/error.h may have come first */
#include <cmocka.h>

/* It jumps out of the test; without being told, gcc -O3 warns of what a failed call left unset. */
__attribute__((noreturn)) void _fail(const char *file, int line);

/* `fail` is our error constructor, so tests fail by this alone. */
#undef fail
#undef fail_msg
#define fail_msg(...)                               \
	do {                                        \
		print_error("ERROR: " __VA_ARGS__); \
		print_error("\n");                  \
		_fail(__FILE__, __LINE__);          \
	} while (0)

#include "base/error.h"
#include "base/text.h"

/* A call that must succeed; its message is shown when it does not. */
#define assert_ok(call, err)                                                  \
	do {                                                                  \
		enum status ok_ = (call);                                     \
		if (ok_ != STATUS_OK)                                         \
			fail_msg("%s: %s", status_name(ok_), (err)->message); \
	} while (0)

#define assert_text_equal(got, expected)                                          \
	do {                                                                      \
		struct text got_ = (got);                                         \
		if (!text_equal(got_, text_of(expected)))                         \
			fail_msg("'%.*s' is not '%s'", TEXT_ARG(got_), expected); \
	} while (0)

/* Where the lake of real data is, or NULL: such tests skip and say so. */
static inline const char *lake_folder(void)
{
	extern int access(const char *, int);
	static const char *const places[] = {"../shared/lake", "../../shared/lake"};
	extern char *getenv(const char *);
	const char *told = getenv("TENON_LAKE");
	if (told)
		return told;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (access(places[i], 4) == 0)
			return places[i];
	}
	return NULL;
}
