/* line_template_end.h: see line_template.h. */
#undef LANES
#undef N_VECTORS
#undef CHUNK
#undef VEC
#undef MASK
#undef LINE
#undef AMP
