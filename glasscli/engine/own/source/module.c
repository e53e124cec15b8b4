/* Setuptools builds modules of Python, whose linkers ask for this name; nobody imports it. */

void *PyInit__pairs(void);
void *PyInit__pairs(void) { return 0; }
