/* An attack without a jail: its outcome on the standard output. */
#include "attack.h"

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int outcome = attack(argv[1], argv[2]);
    printf("%d\n", outcome);
    return outcome == 0 ? 0 : 1;
}
