/* device_layout.h: where the qubits of a device stand in a drawing. */
#ifndef QSTI_DEVICE_LAYOUT_H
#define QSTI_DEVICE_LAYOUT_H

#include "device/device.h"

/* out (n_qubits, 2): x, y, with y downwards, on the heap; free with qsti_free(). Those of the device where it has them;
 * else places in a square grid so that edges join neighbours, where a short search finds them, piece by piece; else
 * places whose distances are near to those in the map, or rows for large pieces. No chance: the same for the same map.
 * Cost: O(n^2) a sweep for pieces up to 256 qubits, O(n) above. */
qst_status qsti_device_layout(const qst_device *device, double **out);

#endif
