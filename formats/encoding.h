#pragma once

#include "base/text.h"

/* Text encodings by name: "utf-8", "utf-16le", "utf-16be", "latin-1". Latin-1 is
 * read as Windows-1252, as the WHATWG Encoding Standard does: the bytes 80..9f are
 * punctuation there, and nobody means the C1 controls. */

/* What `head` is written in: by its byte order mark, by where zero bytes stand, by
 * whether it is well-formed UTF-8. `whole` when nothing follows it. Static text. */
const char *encoding_detect(struct text head, bool whole);

/* Turns bytes of one encoding into UTF-8; what cannot be turned becomes U+FFFD. */
struct encoding {
	const char *name;
	/* From the front of `from` into `to`, whole characters only; advances both.
	 * `last`: nothing follows `from`, so a cut-off character is replaced. */
	void (*decode)(struct text *from, bool last, char **to, char *to_end);
};
enum { ENCODING_CHARACTER_MAX = 4 }; /* bytes of one character in UTF-8 */
const struct encoding *encoding_find(const char *name); /* or NULL; decode is NULL for utf-8 */
