#include "http/libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

/* The soname of libcurl 7 and 8. */
static const char file[] = "libcurl.so.4";

static struct libcurl loaded;
static enum status outcome;
static struct error reason;

static const struct {
	const char *name;
	size_t offset;
} calls[] = {
#define CALL(name) {"curl_" #name, offsetof(struct libcurl, name)},
	LIBCURL_CALLS(CALL)
#undef CALL
};

static enum status load(struct error *err)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"webhooks need libcurl, which cannot be loaded: install it (Debian: "
			"libcurl4): %s",
			dlerror());
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		void *address = dlsym(library, calls[i].name);
		if (!address)
			return fail(err, STATUS_FAILED_PRECONDITION,
				"%s has no %s: install libcurl 7.85 or newer", file, calls[i].name);
		*(void **)((char *)&loaded + calls[i].offset) = address;
	}
	if (loaded.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return fail(err, STATUS_INTERNAL, "libcurl cannot be started");
	return STATUS_OK;
}

static void load_once(void)
{
	outcome = load(&reason);
}

enum status libcurl_load(const struct libcurl **libcurl_out, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, load_once);
	*libcurl_out = &loaded;
	if (outcome != STATUS_OK)
		*err = reason;
	return outcome;
}
