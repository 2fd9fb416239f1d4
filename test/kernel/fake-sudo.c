/* A sudo for tests: owned by root and set to run as it, so that what it starts really is root. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int i = 1;

	if (i < argc && !strcmp(argv[i], "-n")) {
		if (getenv("SUDO_ASKS")) {
			fputs("sudo: a password is required\n", stderr);
			return 1;
		}
		i++;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	if (i == 1 || strcmp(argv[1], "-n")) {
		char password[32] = "";

		if (getenv("SUDO_ASKS") && isatty(0)) {
			fputs("[sudo] password for a person: ", stderr);
			if (!fgets(password, sizeof(password), stdin) || strcmp(password, "right\n")) {
				fputs("sudo: 1 incorrect password attempt\n", stderr);
				return 1;
			}
		}
	}
	if (i >= argc || setgid(0) || setuid(0))
		return 1;
	execvp(argv[i], argv + i);
	return 1;
}
