OPENQASM 2.0;
include "nothere.inc";
