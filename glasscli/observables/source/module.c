/* Setuptools builds modules of Python, whose linkers ask for this name; nobody imports it. */

void *PyInit__cells(void);
void *PyInit__cells(void) { return 0; }
