#pragma once

#include "base/text.h"

/* The double nearest to a decimal text, exactly as strtod gives it, at a fraction of
 * its cost for up to 19 digits and small exponents. `point` stands for the decimal
 * point ('.' or ','). False when `text` as a whole is no number
 * ([+-]digits[.digits][e[+-]digits], digits on either side of the point) or when its
 * magnitude passes the largest double, or when more than 19 digits have more than 511
 * bytes. */
bool number_double(struct text text, char point, double *value_out);
