#pragma once

#include "base/error.h"

/* Calls are made through a table of their addresses. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* libcurl is loaded when the first request or URL needs it, and stays: with what it
 * brings along (Kerberos, LDAP, SSH, a second TLS library) it was 6 of 21 MiB of an idle
 * daemon's memory. Its names are those of libcurl(3), without "curl_". */
#define LIBCURL_CALLS(CALL)       \
	CALL(easy_cleanup)        \
	CALL(easy_getinfo)        \
	CALL(easy_init)           \
	CALL(easy_setopt)         \
	CALL(easy_strerror)       \
	CALL(free)                \
	CALL(global_init)         \
	CALL(multi_add_handle)    \
	CALL(multi_cleanup)       \
	CALL(multi_info_read)     \
	CALL(multi_init)          \
	CALL(multi_perform)       \
	CALL(multi_poll)          \
	CALL(multi_remove_handle) \
	CALL(multi_strerror)      \
	CALL(slist_append)        \
	CALL(slist_free_all)      \
	CALL(url)                 \
	CALL(url_cleanup)         \
	CALL(url_get)             \
	CALL(url_set)

struct libcurl {
#define CALL(name) __typeof__(curl_##name) *name;
	LIBCURL_CALLS(CALL)
#undef CALL
};

/* The same for the whole process. Any thread. FAILED_PRECONDITION when it is not there. */
enum status libcurl_load(const struct libcurl **libcurl_out, struct error *err) MUST_USE;
