OPENQASM 3.0;
include "stdgates.inc";
bit[2] c;
h $1;
c[0] = measure $1;
c[1] = measure $0;
reset $0;
barrier $0, $1;
