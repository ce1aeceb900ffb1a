/* What any program pays that links libcurl and libgit2, and, given an argument, for setting them up. */
#include <curl/curl.h>
#include <git2.h>

int main(int count, char **arguments) {
    (void)arguments;
    if (count == 1) return 0;
    return curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || git_libgit2_init() < 0;
}
