#include "rpc/local.h"

#include <arpa/inet.h>

/* 127.0.0.0/8, written in full. */
static bool is_loopback4(struct text host)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr address;
	if (host.length >= sizeof copy || memchr(host.at, 0, host.length))
		return false;
	memcpy(copy, host.at, host.length);
	copy[host.length] = 0;
	return inet_pton(AF_INET, copy, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

bool address_is_local(struct text address)
{
	if (text_starts(address, TEXT("unix:")))
		return true;
	size_t colon = text_find_last(address, ':');
	if (colon == SIZE_MAX)
		return false;
	struct text host = text_until(address, colon);
	return text_equal_folded(host, TEXT("localhost")) || text_equal(host, TEXT("[::1]")) ||
	       is_loopback4(host);
}
