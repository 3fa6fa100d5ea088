{"qubits": 3}
