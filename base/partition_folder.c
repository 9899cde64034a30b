#include "base/partition_folder.h"

static bool is_escaped(char byte)
{
	return (unsigned char)byte < 0x20 || byte == 0x7f || strchr("\"#%'*/:=?\\{[]^", byte);
}

struct text folder_value_encode(struct arena *arena, struct text value)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(arena, 3 * value.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < value.length; i++) {
		unsigned char byte = (unsigned char)value.at[i];
		if (!is_escaped(value.at[i])) {
			out[length++] = value.at[i];
			continue;
		}
		out[length++] = '%';
		out[length++] = digits[byte >> 4];
		out[length++] = digits[byte & 15];
	}
	return (struct text){out, length};
}

static int hex(char digit)
{
	digit = text_lower(digit);
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

struct text folder_value_decode(struct arena *arena, struct text written)
{
	char *out = arena_alloc(arena, written.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < written.length; i++) {
		bool escaped = written.at[i] == '%' && written.length - i > 2 &&
			       hex(written.at[i + 1]) >= 0 && hex(written.at[i + 2]) >= 0;
		if (!escaped) {
			out[length++] = written.at[i];
			continue;
		}
		out[length++] = (char)(hex(written.at[i + 1]) * 16 + hex(written.at[i + 2]));
		i += 2;
	}
	return (struct text){out, length};
}
