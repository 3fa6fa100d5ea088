OPENQASM 3.0;
include "stdgates.inc";
qubit[2] _q_0_;
x _q_0_[1];
