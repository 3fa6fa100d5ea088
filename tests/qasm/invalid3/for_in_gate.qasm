OPENQASM 3.0;
include "stdgates.inc";
gate g a { for int i in [0:2] { h a; } }
