OPENQASM 3.0;
include "stdgates.inc";
qubit q;
inv @ s q;
inv @ rx(0.3) q;
inv @ U(0.1, 0.2, 0.3) q;
inv @ sx q;
inv @ inv @ t q;
inv @ u2(0.1, 0.4) q;
