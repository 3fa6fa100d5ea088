// a comment
include "stdgates.inc";
qubit q;
h q;
