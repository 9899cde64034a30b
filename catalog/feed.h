#pragma once

#include "catalog/txn.h"
#include "tenon/store/v1/records.pb-c.h"

/* Append to the change feed: numbers the change and dates it. */
enum status feed_append(struct catalog_txn *txn, Tenon__Store__V1__ChangeRecord *change,
	struct error *err) MUST_USE;
