/* number_text.h: what is wrong with a text that should be a number. */
#ifndef QSTI_DATA_NUMBER_TEXT_H
#define QSTI_DATA_NUMBER_TEXT_H

#include "base/text.h"

/* nan, inf, infinity, with a sign or not, upper and lower case alike. */
bool qsti_is_not_finite(const char *text, size_t n_bytes);

/* Whether the text begins as a number does, or is one of the words above: not the name of a column. */
bool qsti_looks_numeric(const char *text, size_t n_bytes);

/* Stores `"3,5" has a decimal comma: write 3.5` and the like in the context, with the place and `what` ("column 3") in
 * front; returns ERR_INPUT. The text is one that qsti_parse_double() refuses. */
qst_status qsti_fail_number(qst_ctx *ctx, qsti_place place, const char *what, const char *text, size_t n_bytes);

#endif
