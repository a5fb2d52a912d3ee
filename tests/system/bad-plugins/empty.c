/* Exports nothing of ours. */
int nothing(void);

int nothing(void)
{
    return 0;
}
