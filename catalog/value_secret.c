#include "catalog/value_secret.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "secrets/secret_name.h"

static const char stars[] = "***";

/* How far behind "://" a user's password is looked for. */
enum { AUTHORITY_BYTES = 4096 };

static bool one_of(char byte, const char *set)
{
	return byte && strchr(set, byte);
}

static size_t until_any(struct text text, const char *set)
{
	size_t length = 0;
	while (length < text.length && !one_of(text.at[length], set))
		length++;
	return length;
}

/* "5432" of "host:5432", also of "host:5432,other". */
static bool is_port(struct text text)
{
	size_t length = 0;
	while (length < text.length && text.at[length] >= '0' && text.at[length] <= '9')
		length++;
	return length == text.length || text.at[length] == ',';
}

/* Between the first ':' and the last '@' of what follows "://". A password may hold a '/'
 * that should have been escaped; what is no port is then one. */
static bool user_secret(struct text rest, struct text *secret_out)
{
	rest = text_until(rest, AUTHORITY_BYTES);
	struct text authority = text_until(rest, until_any(rest, "/?#\\ \t\r\n\"'"));
	size_t colon = text_find(authority, ':');
	if (colon == authority.length)
		return false;
	size_t at = text_find_last(authority, '@');
	if (at == SIZE_MAX && !is_port(text_from(authority, colon + 1))) {
		authority = text_until(rest, until_any(rest, " \t\r\n\"'"));
		at = text_find_last(authority, '@');
	}
	if (at == SIZE_MAX || at <= colon + 1)
		return false;
	*secret_out = text_until(text_from(authority, colon + 1), at - colon - 1);
	return true;
}

/* "user/PASSWORD@host" behind "jdbc:oracle:KIND:". */
static bool oracle_secret(struct text value, struct text *secret_out)
{
	static const struct text prefix = {"jdbc:oracle:", sizeof "jdbc:oracle:" - 1};
	if (!text_equal_folded(text_until(value, prefix.length), prefix))
		return false;
	struct text rest = text_from(value, prefix.length);
	rest = text_from(rest, text_find(rest, ':') + 1);
	size_t at = text_find_last(text_until(rest, until_any(rest, "? \t\r\n")), '@');
	size_t slash = text_find(rest, '/');
	if (at == SIZE_MAX || slash + 1 >= at)
		return false;
	*secret_out = text_until(text_from(rest, slash + 1), at - slash - 1);
	return true;
}

static bool is_name_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || one_of(byte, "_.-");
}

/* A ',' ends a value when a name and '=' follow it. */
static bool is_comma_between(struct text rest)
{
	size_t at = 1;
	while (at < rest.length && (is_name_byte(rest.at[at]) || rest.at[at] == ' '))
		at++;
	return at > 1 && at < rest.length && rest.at[at] == '=';
}

static struct text bare_value(struct text rest)
{
	size_t length = 0;
	while (length < rest.length && !one_of(rest.at[length], "&; \t\r\n\"'") &&
		!(rest.at[length] == ',' && is_comma_between(text_from(rest, length))))
		length++;
	return text_until(rest, length);
}

/* What follows the '=' at `equals`, when the name before it is a secret's. */
static bool named_secret(struct text value, size_t equals, struct text *secret_out)
{
	size_t end = equals;
	while (end > 0 && value.at[end - 1] == ' ')
		end--;
	size_t start = end;
	while (start > 0 && is_name_byte(value.at[start - 1]))
		start--;
	if (!name_is_secret(text_until(text_from(value, start), end - start)))
		return false;
	struct text rest = text_from(value, equals + 1);
	while (rest.length && rest.at[0] == ' ')
		rest = text_from(rest, 1);
	if (rest.length && one_of(rest.at[0], "\"'{")) {
		char close = rest.at[0] == '{' ? '}' : rest.at[0];
		rest = text_from(rest, 1);
		*secret_out = text_until(rest, text_find(rest, close));
	} else {
		*secret_out = bare_value(rest);
	}
	return secret_out->length > 0;
}

static bool secret_at(struct text value, size_t at, struct text *secret_out)
{
	if (at == 0 && oracle_secret(value, secret_out))
		return true;
	if (value.at[at] == '=')
		return named_secret(value, at, secret_out);
	struct text rest = text_from(value, at);
	return text_starts(rest, TEXT("://")) && user_secret(text_from(rest, 3), secret_out);
}

bool value_secret_next(struct text value, size_t *at, struct text *secret_out)
{
	for (; *at < value.length; ++*at) {
		if (!secret_at(value, *at, secret_out))
			continue;
		*at = (size_t)(secret_out->at - value.at) + secret_out->length;
		return true;
	}
	return false;
}

struct text value_secrets_hidden(struct arena *arena, struct text value)
{
	struct text secret;
	size_t at = 0;
	if (!value_secret_next(value, &at, &secret))
		return value;
	struct buffer SCOPED_BUFFER made;
	buffer_init(&made, LIMIT_MESSAGE_BYTES);
	size_t done = 0;
	do {
		size_t start = (size_t)(secret.at - value.at);
		buffer_add_text(&made, text_until(text_from(value, done), start - done));
		buffer_add_string(&made, stars);
		done = start + secret.length;
	} while (value_secret_next(value, &at, &secret));
	buffer_add_text(&made, text_from(value, done));
	return arena_copy(arena, buffer_text(&made));
}

bool value_secrets_kept(
	struct arena *arena, struct text value, struct text stored, struct text *value_out)
{
	struct buffer SCOPED_BUFFER made;
	struct text secret;
	size_t at = 0;
	size_t stored_at = 0;
	size_t done = 0;
	buffer_init(&made, LIMIT_MESSAGE_BYTES);
	while (value_secret_next(value, &at, &secret)) {
		struct text known;
		bool is_known = value_secret_next(stored, &stored_at, &known);
		if (!text_equal(secret, text_of(stars)))
			continue;
		if (!is_known)
			return false;
		size_t start = (size_t)(secret.at - value.at);
		buffer_add_text(&made, text_until(text_from(value, done), start - done));
		buffer_add_text(&made, known);
		done = start + secret.length;
	}
	buffer_add_text(&made, text_from(value, done));
	*value_out = arena_copy(arena, buffer_text(&made));
	return true;
}
