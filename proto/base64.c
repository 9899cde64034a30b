#include "proto/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buffer *out, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i += 3) {
		size_t here = length - i < 3 ? length - i : 3;
		uint32_t three = (uint32_t)bytes[i] << 16;
		if (here > 1)
			three |= (uint32_t)bytes[i + 1] << 8;
		if (here > 2)
			three |= bytes[i + 2];
		char four[4] = {alphabet[three >> 18], alphabet[three >> 12 & 63],
			here > 1 ? alphabet[three >> 6 & 63] : '=',
			here > 2 ? alphabet[three & 63] : '='};
		buffer_add(out, four, 4);
	}
}

bool base64_read(struct text text, struct arena *arena, uint8_t **bytes_out, size_t *length_out)
{
	if (text.length % 4)
		return false;
	size_t padding = 0;
	while (padding < 2 && text.length && text.at[text.length - 1] == '=') {
		padding++;
		text.length--;
	}
	uint8_t *bytes = arena_alloc(arena, text.length / 4 * 3 + 3);
	size_t length = 0;
	uint32_t bits = 0;
	unsigned count = 0;
	for (size_t i = 0; i < text.length; i++) {
		const char *found = text.at[i] ? strchr(alphabet, text.at[i]) : NULL;
		if (!found)
			return false;
		bits = bits << 6 | (uint32_t)(found - alphabet);
		count += 6;
		if (count >= 8) {
			count -= 8;
			bytes[length++] = (uint8_t)(bits >> count);
			bits &= (1u << count) - 1;
		}
	}
	if (bits != 0 || count >= 6)
		return false;
	*bytes_out = bytes;
	*length_out = length;
	return true;
}
