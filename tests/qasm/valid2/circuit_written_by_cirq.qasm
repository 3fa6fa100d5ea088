// Generated from Cirq v1.7.0

OPENQASM 2.0;
include "qelib1.inc";


// Qubits: [q_0, q_1]
qreg q[2];
creg m_result[2];


h q[0];
rx(pi*0.0318309886) q[1];

// Gate: CZ**0.5
u3(pi*0.5,pi*1.0,pi*0.25) q[0];
cx q[0],q[1];

// Gate: cirq.MeasurementGate(2, cirq.MeasurementKey(name='result'), ())
measure q[0] -> m_result[0];
measure q[1] -> m_result[1];
