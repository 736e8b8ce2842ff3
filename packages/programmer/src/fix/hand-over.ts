/** The C that hands the core over to another program: `stack` and `entry` are variables where it stands. It knows no chip. */

/** No C may stand between these statements and the program: the stack changes under it. CONTROL 0: main stack, privileged. */
export const HAND_OVER_C = `__asm volatile(
    "msr msp, %0\\n"
    "msr control, %2\\n"
    "isb\\n"
    "cpsie i\\n"
    "bx %1\\n"
    :
    : "r"(stack), "r"(entry), "r"(0)
    : "memory");
for (;;) {}`;
