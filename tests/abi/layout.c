/* The layout of one header of the ABI, in the order of layout.h: each place, then each size. The
 * build compiles it for both, and the test compares what they print. */
#include SANKOFA_HEADER

#include <stdio.h>

#include "layout.h"

int main(void)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        printf("place %s %zu\n", places[i].name, places[i].value);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        printf("size %s %zu\n", sizes[i].name, sizes[i].value);
    return 0;
}
