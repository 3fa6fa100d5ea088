foreach(topic gate_table gate_steps circuit_builder circuit_json circuit_readout circuit_ansatz circuit_encoding
        circuit_counts circuit_docs)
  qstill_test(test_${topic} SOURCES test_${topic}.c USES circuit LABELS unit quick)
  target_link_libraries(test_${topic} PRIVATE qstill_test_ref)
endforeach()
