OPENQASM 2.0;
include "qelib1.inc";
gate g(
 a ,
 b )
 x ,
 y
{
 u1 ( a
 + b ) x ;
 cx x ,
 y ;
}
qreg q[2];
g(1,
2) q[0],
q[1];
