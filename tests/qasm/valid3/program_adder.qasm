OPENQASM 3.0;
include "stdgates.inc";
gate majority a, b, c {
  cx c, b;
  cx c, a;
  ccx a, b, c;
}
gate unmaj a, b, c {
  ccx a, b, c;
  cx c, a;
  cx a, b;
}
qubit[1] cin;
qubit[1] a;
qubit[1] b;
bit[2] ans;
x a;
majority cin[0], b[0], a[0];
unmaj cin[0], b[0], a[0];
ans[0] = measure b[0];
