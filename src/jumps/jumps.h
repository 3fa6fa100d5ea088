/* jumps.h: circuits with any noise by trajectories: at each channel one of its Kraus operators is drawn. */
#ifndef QSTI_JUMPS_JUMPS_H
#define QSTI_JUMPS_JUMPS_H

#include "noise/engine.h"

qsti_engine_create_fn qsti_jumps_create;

#endif
