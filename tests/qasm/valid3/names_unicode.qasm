OPENQASM 3.0;
include "stdgates.inc";
qubit[2] ψ;
input float[64] θ;
gate Ω_1(α) β { rx(α) β; }
Ω_1(θ/2) ψ[0];
ry(θ) ψ[1];
