#include "formats/magic.h"

#include <magic.h>
#include <pthread.h>

/* libmagic's tests for text cost by length and find nothing more further on. */
enum { LOOKED_AT_BYTES = 4096 };

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void close_cookie(void *cookie)
{
	magic_close(cookie);
}

static void make_key(void)
{
	(void)pthread_key_create(&key, close_cookie);
}

/* The thread's handle, or NULL. Parsers of whole formats inside libmagic stay off:
 * they read hostile bytes for an answer that nobody needs. */
static magic_t cookie_of_thread(void)
{
	(void)pthread_once(&once, make_key);
	magic_t cookie = pthread_getspecific(key);
	if (cookie)
		return cookie;
	cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |
			    MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_TOKENS);
	if (!cookie)
		return NULL;
	if (magic_load(cookie, NULL) != 0) {
		magic_close(cookie);
		return NULL;
	}
	(void)pthread_setspecific(key, cookie);
	return cookie;
}

const char *magic_mime(struct text head)
{
	magic_t cookie = cookie_of_thread();
	struct text looked_at = text_until(head, LOOKED_AT_BYTES);
	const char *mime = cookie ? magic_buffer(cookie, looked_at.at, looked_at.length) : NULL;
	return mime ? mime : "application/octet-stream";
}
