/* write_names.c: names that every tool takes: letters, digits and _ of ASCII, the first one a small letter, no word of
 * the language, no gate that tools know already. */
#include <stdio.h>
#include <string.h>

#include "assembly/assembly.h"
#include "qasm/lowering.h"

static const char *const reserved[] = {
    "OPENQASM", "include",  "qreg",   "creg",       "gate",     "opaque",  "measure", "reset",  "barrier", "if",
    "pi",       "sin",      "cos",    "tan",        "exp",      "ln",      "log",     "sqrt",   "U",       "CX",
    "qubit",    "bit",      "input",  "output",     "const",    "def",     "cal",     "defcal", "ctrl",    "inv",
    "pow",      "negctrl",  "gphase", "for",        "while",    "else",    "in",      "let",    "int",     "uint",
    "float",    "angle",    "bool",   "complex",    "duration", "stretch", "box",     "delay",  "return",  "end",
    "extern",   "mod",      "tau",    "euler",      "arcsin",   "arccos",  "arctan",  "floor",  "ceiling", "popcount",
    "rotl",     "rotr",     "sizeof", "switch",     "case",     "default", "true",    "false",  "break",   "continue",
    "mutable",  "readonly", "array",  "durationof", "void",     "im",      "pragma",  "nop",    "dim",     "q",
};

/* Words, gates, and what bodies call their own: a0 a1 ... q0 q1 ... Qiskit's legacy loader takes its own swap, sx, rzz,
 * ... whatever the file defines. */
static bool is_reserved(const char *name)
{
    qst_gate gate;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            return true;
    if ((name[0] == 'a' || name[0] == 'q') && strspn(name + 1, "0123456789") == strlen(name + 1))
        return true;
    if (strcmp(name, "phase") == 0 || strcmp(name, "cphase") == 0 || strcmp(name, "cu3") == 0)
        return true;
    return qst_gate_find(name, &gate);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_taken(const qsti_lowering *l, const char *name)
{
    size_t index;
    return qsti_assembly_find(qsti_assembly_growing(l->builder), name, &index) != QSTI_NAMED_NOTHING;
}

/* Small Greek letters, which people name angles by, from U+03B1 on; the second sigma is the one at a word's end. */
static const char *const greek[] = {"alpha", "beta", "gamma",   "delta", "epsilon", "zeta",    "eta",  "theta", "iota",
                                    "kappa", "lam",  "mu",      "nu",    "xi",      "omicron", "pi_",  "rho",   "sigma",
                                    "sigma", "tau_", "upsilon", "phi",   "chi",     "psi",     "omega"};

/* The Greek letter at `at`, in UTF-8, as a word; NULL when there is none. */
static const char *greek_word(const char *at)
{
    unsigned char first = (unsigned char)at[0], second = first ? (unsigned char)at[1] : 0;
    unsigned code = (first & 0x1fU) << 6 | (second & 0x3fU);
    bool is_greek = (first == 0xce || first == 0xcf) && code >= 0x3b1 && code < 0x3b1 + sizeof greek / sizeof *greek;
    return is_greek ? greek[code - 0x3b1] : NULL;
}

/* `name` in letters, digits and _ of ASCII, whatever else is in it as _. */
static void spell_in_ascii(const char *name, char out[48])
{
    size_t n = 0;
    for (const char *at = name; *at && n < 40;) {
        const char *word = greek_word(at);
        if (word) {
            n += (size_t)snprintf(out + n, 48 - n, "%s", word);
            at += 2;
            continue;
        }
        bool fits = is_letter(*at) || (*at >= '0' && *at <= '9') || *at == '_';
        if (fits || (n > 0 && out[n - 1] != '_'))
            out[n++] = fits ? *at : '_';
        at++;
    }
    while (n > 1 && out[n - 1] == '_')
        n--;
    out[n] = '\0';
}

/* A name like `name` that every tool takes, is no word of the language, and free; the first letter is small. own: it
 * may be one that the dialect has. */
void qsti_qasm_choose_name(const qsti_lowering *l, const char *name, bool own, char out[64])
{
    char plain[48];
    spell_in_ascii(name, plain);
    snprintf(out, 64, "%s%s", is_letter(plain[0]) ? "" : "g_", plain);
    out[0] = out[0] >= 'A' && out[0] <= 'Z' ? (char)(out[0] - 'A' + 'a') : out[0];
    char base[52];
    snprintf(base, sizeof base, "%.51s", out);
    for (unsigned i = 1; (!own && is_reserved(out)) || is_taken(l, out); i++) {
        own = false;
        snprintf(out, 64, "%s_%u", base, i);
    }
}
