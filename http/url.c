#include "base/limits.h"
#include "http/http.h"
#include "http/libcurl.h"

static bool has(const struct libcurl *curl, CURLU *url, CURLUPart part)
{
	char *value = NULL;
	bool found = curl->url_get(url, part, &value, 0) == CURLUE_OK && value && *value;
	curl->free(value);
	return found;
}

static bool is_of_scheme(const struct libcurl *curl, CURLU *url)
{
	char *scheme = NULL;
	(void)curl->url_get(url, CURLUPART_SCHEME, &scheme, 0);
	bool ours = scheme && (text_equal(text_of(scheme), TEXT("http")) ||
				      text_equal(text_of(scheme), TEXT("https")));
	curl->free(scheme);
	return ours;
}

static enum status parts_check(
	const struct libcurl *curl, CURLU *url, const char *text, struct error *err)
{
	/* The text may hold what nobody else should read: it is not repeated. */
	if (curl->url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK || !is_of_scheme(curl, url) ||
		!has(curl, url, CURLUPART_HOST))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the url is not one: give http://HOST/PATH or https://HOST/PATH");
	if (has(curl, url, CURLUPART_USER) || has(curl, url, CURLUPART_PASSWORD))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the url has a user or password in it: leave it out, and give a secret "
			"that signs instead");
	if (has(curl, url, CURLUPART_FRAGMENT))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the url has a '#': leave out what begins with it");
	return STATUS_OK;
}

enum status http_url_check(const char *url, struct error *err)
{
	struct text text = text_of(url);
	if (text.length > LIMIT_URL_BYTES)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the url has %zu bytes, at most %d are allowed", text.length,
			LIMIT_URL_BYTES);
	for (size_t i = 0; i < text.length; i++) {
		if ((unsigned char)url[i] <= 0x20 || (unsigned char)url[i] >= 0x7f)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"byte %zu of the url is none that may stand in one: write it as "
				"%%XX",
				i);
	}
	const struct libcurl *curl;
	TRY(libcurl_load(&curl, err));
	CURLU *parts = curl->url();
	if (!parts)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "no memory for a url");
	enum status status = parts_check(curl, parts, url, err);
	curl->url_cleanup(parts);
	return status;
}
