OPENQASM 3.0;
include "std
gates.inc";
