/* qstill/transpile.h: circuits for a device: in the gates that it has, between the qubits that it couples, with few
 * entangling gates. The unitary stays the same, global phase included, up to the reported permutation of the qubits.
 */
#ifndef QSTILL_TRANSPILE_H
#define QSTILL_TRANSPILE_H

#include <qstill/assembly.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How much is done for a small circuit. Every level writes the basis and routes; local gates always become one. */
typedef enum qst_transpile_level {
    QST_TRANSPILE_NONE,    /* 0: gate by gate, from the trivial layout */
    QST_TRANSPILE_BLOCKS,  /* 1: neighbouring gates on a pair of qubits are resynthesised as one; a few layouts */
    QST_TRANSPILE_COMMUTE, /* 2: and those that commutation brings together; SWAP gates become names; more layouts */
    QST_TRANSPILE_SEARCH   /* 3: and many layouts and routes, the best after resynthesis */
} qst_transpile_level;

typedef struct qst_transpile_opts {
    /* Gates, separated by commas: one or more from which every unitary of one qubit can be made (u3 or u; rz, p or u1
     * with sx, rx, ry or h; rx with ry; r), and one of cx cz ecr rzz rxx ryy rzx cp cu1, of which the first is used.
     * NULL: "rz,sx,x,cx". */
    const char *basis;
    /* "full"; "line", "ring" as long as the circuit; "line:N", "ring:N", "grid:RxC", "heavy-hex:D" with an odd D
     * (numbered as Qiskit does); pairs "0-1,1-2", or "0>1" where the gate exists in that direction alone; or the path
     * of a JSON file with {"n_qubits": n, "coupling_map": [[a, b], ...]}, as device descriptions have, where a pair is
     * a direction. At most 4,096 qubits. NULL: "full". */
    const char *coupling;
    uint64_t seed;
    qst_transpile_level level;
    bool keep_layout; /* qubit k begins on the map's qubit k: only routes are tried. Not a qubit of another part */
} qst_transpile_opts;

/* Where the circuit's qubits are: qubit k of the circuit begins on initial[k] and ends on final[k]. Entries from the
 * circuit's n_qubits on are the device's idle qubits, which routing may move too: U_out P_initial = P_final (U_in x 1)
 * with P |x> = |y>, y's bit place[k] being x's bit k. */
typedef struct qst_placement {
    size_t n_qubits;           /* of the circuit */
    size_t n_device_qubits;    /* n_qubits without a coupling map */
    uint32_t *initial, *final; /* (n_device_qubits) */
    size_t trials;             /* layouts and routes that were tried */
    size_t exchanges;          /* of two qubits that the route put in */
} qst_placement;

/* Transpiles. Bits, conditions and parameters stay; measurements, resets and barriers keep their order on every qubit
 * and bit. Angles with free parameters stay rotations, moved and added up but not resynthesised. With a coupling map
 * the output has one register q of the device's qubits, else the registers of the input. A phase that is left over is a
 * gphase. The same input, options and seed give the same output. opts NULL: level 3 and the rest as above. out_layout
 * may be NULL; else free it with qst_placement_clear(). Errors: ERR_USAGE (basis, coupling), ERR_INPUT (file),
 * ERR_MISMATCH (does not fit on the map), those of qst_assembly_walk(). Cost: O(gates) for a pass, times the trials,
 * whose number falls as circuits grow; a trial adds O(exchanges * couplings of a qubit). */
QST_API qst_status qst_transpile(const qst_assembly *assembly, const qst_transpile_opts *opts, qst_assembly **out,
                                 qst_placement *out_layout);
QST_API void qst_placement_clear(const qst_assembly *assembly, qst_placement *layout);

#ifdef __cplusplus
}
#endif
#endif
