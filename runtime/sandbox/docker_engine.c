#include "docker.h"
void docker_engine_stop(Host *host) { (void)host; }
