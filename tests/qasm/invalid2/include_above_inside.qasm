OPENQASM 2.0;
include "a/../../b.inc";
